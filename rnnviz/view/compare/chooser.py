"""The head of a column that can be used: which cell with which settings, how many units, take it away."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QAction, QActionGroup, QFontMetricsF
from PySide6.QtWidgets import QMenu, QWidget

from rnnviz.engine.spec import ACTIVATIONS, ModelSpec, TrainingSpec
from rnnviz.view.compare.scene import setting_words
from rnnviz.view.controls.buttons import Button
from rnnviz.view.controls.stepper import Stepper
from rnnviz.view.shell import CELL_TITLES, UNITS

if TYPE_CHECKING:
    from rnnviz.service.messages import RivalSpec
    from rnnviz.view.look import Look


@dataclass(frozen=True)
class Setting:
    """One submenu: a field of ModelSpec or TrainingSpec and the values it offers; ``cells``: where it has a meaning."""

    title: str
    name: str
    values: tuple[Any, ...]
    cells: tuple[str, ...] = ("elman", "lstm", "gru")


SETTINGS = (
    Setting("Units", "hidden", (2, 4, 8, 16, 32, 64, 128, 256)),
    Setting("Layers", "layers", (1, 2, 3)),
    Setting("Directions", "bidirectional", (False, True)),
    Setting("Activation", "activation", ACTIVATIONS, ("elman",)),
    Setting("First weights", "initialiser", ("default", "xavier", "orthogonal", "identity", "scaled")),
    Setting("Forget bias", "forget_bias", (None, 0.0, 1.0, 2.0), ("lstm",)),
    Setting("Clipping", "clip", (0.0, 0.1, 1.0, 5.0)),
    Setting("Learning rate", "learning_rate", (0.001, 0.003, 0.01, 0.03, 0.1)),
    Setting("Optimiser", "optimiser", ("adam", "sgd")),
    Setting("Truncated BPTT", "truncate_length", (0, 2, 5, 10, 20)),
)


def next_size(units: int, direction: int) -> int:
    """The next number of units up or down; the same where there is none."""
    sizes = [size for size in UNITS if (size > units if direction > 0 else size < units)]
    return units if not sizes else min(sizes) if direction > 0 else max(sizes)


class Chooser(QObject):
    """Button with a menu, stepper and cross of one column; says what the user picked, changes nothing itself.

    ``training_too``: rivals choose their own training settings, the model on show has those of the whole window.
    """

    chosen = Signal(str, object)
    resized = Signal(int)
    removed = Signal()

    def __init__(self, *, look: Look, parent: QWidget, training_too: bool) -> None:
        super().__init__(parent)
        self._look, self._training_too = look, training_too
        self._spec: RivalSpec | None = None
        self._title, self._found = "", False
        self.name = Button(look=look, kind="quiet", height=30, parent=parent)
        self.name.trailing_inline, self.name.font_role = "down", "title"
        self.menu = QMenu(self.name)
        self.menu.aboutToShow.connect(self.fill)
        self.name.clicked.connect(self.on_name)
        fewer, more = QAction("Fewer units", self), QAction("More units", self)
        for action, direction in ((fewer, -1), (more, 1)):
            action.setData(direction)
            action.triggered.connect(self.on_step)
        self.units = Stepper(look=look, fewer=fewer, more=more, width=124, height=26, parent=parent)  # type: ignore[arg-type]
        self.actions = (fewer, more)
        self.cross = Button(look=look, icon="close", kind="quiet", height=26, width=26, parent=parent)
        self.cross.setAccessibleName("Take this model away")
        self.cross.setToolTip("Take this model away.\nAnother one can take its place.")
        self.cross.clicked.connect(self.removed)
        self.cross.setVisible(training_too)

    # ---- values ----------------------------------------------------------------------------

    def show_spec(self, spec: RivalSpec, title: str, units: int, *, equal: bool) -> None:
        """Show what the model is; with equal parameters its size is found, not chosen."""
        self._spec = spec
        self._title = title
        self.name.setAccessibleName(f"Model: {title}")
        self.name.setToolTip(f"{title}: which cell this is, and its settings.\nAnother one begins again from the seed.")
        self.units.show_text(f"{units} unit{'s' if units != 1 else ''}")
        self._found = found = equal and self._training_too
        tips = ("Make the hidden state smaller.\nThe model begins again.",
                "Make the hidden state larger.\nThe model begins again.")  # fmt: skip
        for action, tip in zip(self.actions, tips, strict=True):
            action.setEnabled(not found)
            action.setToolTip("With equal parameters the size is found, not chosen.\n" + tip if found else tip)

    def place(self, left: float, room: float) -> None:
        """Name, size and cross from ``left`` on, at most ``room`` px together; the name is cut, then the size goes."""
        px = self._look.ipx
        cross = px(30) if self._training_too else 0
        metrics = QFontMetricsF(self._look.font("title"))
        whole = metrics.horizontalAdvance(self._title) + px(50)
        stepper = room - cross - px(136) >= min(whole, px(96))
        width = min(whole, room - cross - (px(136) if stepper else 0))
        self.name.setText(metrics.elidedText(self._title, Qt.TextElideMode.ElideRight, width - px(50)))
        x = round(left) - px(11)
        self.name.setGeometry(x, 0, round(width), px(30))
        x += round(width) + px(4)
        self.units.setVisible(stepper)
        self.units.setGeometry(x, px(2), px(124), px(26))
        self.cross.setGeometry(x + (px(128) if stepper else 0), px(2), px(26), px(26))

    # ---- acts ------------------------------------------------------------------------------

    @Slot()
    def on_name(self) -> None:
        """Open the menu under the name."""
        self.menu.popup(self.name.mapToGlobal(QPoint(0, self.name.height() + 2)))

    @Slot()
    def on_step(self) -> None:
        """The next size."""
        self.resized.emit(self.sender().data())

    @Slot()
    def fill(self) -> None:
        """The cells, then a submenu for every setting that means something for this one."""
        self.menu.clear()
        if self._spec is None:
            return
        cell = self._spec.model.cell
        self._add_values(self.menu, "cell", tuple(CELL_TITLES), cell, CELL_TITLES)
        self.menu.addSeparator()
        for setting in SETTINGS:
            owner = next((part for part in (ModelSpec, TrainingSpec) if setting.name in part.__struct_fields__), None)
            own = owner is ModelSpec or self._training_too
            if owner is None or cell not in setting.cells or not own or (self._found and setting.name == "hidden"):
                continue
            now = getattr(self._spec.model if owner is ModelSpec else self._spec.training, setting.name)
            values = setting.values if now in setting.values else (*setting.values, now)
            self._add_values(self.menu.addMenu(setting.title), setting.name, values, now, {})

    def _add_values(self, menu: QMenu, name: str, values: tuple[Any, ...], now: object, words: dict[str, str]) -> None:
        group = QActionGroup(menu)
        for value in values:
            action = QAction(words.get(value) or setting_words(name, value), menu)
            action.setCheckable(True)
            action.setChecked(value == now)
            action.triggered.connect(partial(self.chosen.emit, name, value))
            group.addAction(action)
            menu.addAction(action)
