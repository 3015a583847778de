"""How tokens are drawn, as the Generate tab asks for it: temperature, top-k, how many, seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from rnnviz.engine.feeding import MAX_COUNT
from rnnviz.service.messages import Generate
from rnnviz.view.controls.field_slider import FieldSlider
from rnnviz.view.panels import form

if TYPE_CHECKING:
    from PySide6.QtWidgets import QDoubleSpinBox, QSpinBox

    from rnnviz.view.look import Look

HOTTEST = 10.0
"""Far above it all tokens are equally probable."""
SLIDER_END, SLIDER_STEP = 2.0, 0.05
"""The slider has room for what differs: 1, the probabilities as they were learned, stands in its middle."""
MOST_SEED = 999_999


class DrawingFields(QWidget):
    """Four fields under their names, and below them the slider of the temperature.

    ``changed``: another temperature, top-k or seed, so other tokens; another number of tokens is ``count_changed``.
    """

    changed = Signal()
    count_changed = Signal()

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self.temperature = form.real(
            0.0, HOTTEST, 2, "Divides the scores before the softmax: below 1 surer, above 1 wilder.\n"
            "0 always takes the most probable token. p = softmax(z / T)"
        )  # fmt: skip
        self.top_k = form.whole(0, MAX_COUNT, "Draw only among so many of the most probable tokens.\n0 allows all.")
        self.count = form.whole(1, MAX_COUNT, "How many tokens Generate adds.\nThey appear at the speed of playing.")
        self.seed = form.whole(0, MOST_SEED, "The same seed draws the same tokens.\nAnother one draws others.")
        self._place(look)
        for box in (self.temperature, self.top_k, self.seed):
            box.valueChanged.connect(self.changed)
        usual = Generate()
        self.temperature.setValue(usual.temperature)
        self.top_k.setValue(usual.top_k)
        self.count.setValue(usual.count)
        self.seed.setValue(usual.seed)
        self.count.valueChanged.connect(self.count_changed)

    def _place(self, look: Look) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(3)
        fields: tuple[tuple[str, QDoubleSpinBox | QSpinBox], ...] = (
            ("Temperature", self.temperature), ("Top-k", self.top_k), ("Tokens", self.count), ("Seed", self.seed),
        )  # fmt: skip
        for index, (name, box) in enumerate(fields):
            box.setAccessibleName(name)
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)  # four share the width
            words = form.label(name, quiet=True)
            words.setWordWrap(False)
            words.setBuddy(box)
            grid.addWidget(words, 0, index)
            grid.addWidget(box, 1, index)
            grid.setColumnStretch(index, 1)
        self.slider = FieldSlider(look=look, box=self.temperature, step=SLIDER_STEP, most=SLIDER_END, mark=1.0)
        self.slider.setToolTip(
            "At the left the most probable token, in the middle the probabilities as they were learned.\n"
            "At the right all tokens come closer to one another. p = softmax(z / T)"
        )
        grid.setRowMinimumHeight(2, 7)
        grid.addWidget(self.slider, 3, 0, 1, len(fields))

    def drawing(self) -> dict[str, float]:
        """How tokens are drawn, but for their number."""
        return {"temperature": self.temperature.value(), "top_k": self.top_k.value(), "seed": self.seed.value()}
