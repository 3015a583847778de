"""A slider beside a field for a number: it moves the field, and follows it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSpinBox

from rnnviz.view.controls.pulled_slider import PulledSlider

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QDoubleSpinBox

    from rnnviz.view.look import Look

HEIGHT, WIDTH, NARROWEST = 22.0, 150.0, 60.0
LINE, KNOB, RING, MARK = 3.0, 6.0, 9.0, 6.0
MARGIN = RING + 1.0
"""Room for the knob and its ring at both ends."""


class FieldSlider(PulledSlider):
    """A line, in ink up to the knob, and a tick at ``mark``.

    It goes from the least number of the field to ``most`` (or the field's own end; the field may go further, and the
    knob then stands at its end), a ``step`` with every arrow key, ``page`` steps with Page Up and Down. The mouse stops
    at whole steps too.
    """

    def __init__(
        self, *, look: Look, box: QSpinBox | QDoubleSpinBox, step: float, page: int = 5, most: float | None = None,
        mark: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__()
        self._look, self._box = look, box
        self._per_unit: int = 10 ** (0 if isinstance(box, QSpinBox) else box.decimals())
        self._mark = None if mark is None else self._position(mark)
        self.setRange(self._position(box.minimum()), self._position(box.maximum() if most is None else most))
        self.setSingleStep(self._position(step))
        self.setPageStep(page * self._position(step))
        self.setAccessibleName(box.accessibleName())
        self.valueChanged.connect(self.on_moved)
        box.valueChanged.connect(self.on_box)
        look.changed.connect(self.on_look)
        self.on_box()

    def _position(self, number: float) -> int:
        return round(number * self._per_unit)

    @Slot()
    def on_moved(self) -> None:
        """The field shows it; what depends on the field follows from there."""
        if isinstance(self._box, QSpinBox):
            self._box.setValue(self.value())
        else:
            self._box.setValue(self.value() / self._per_unit)
        self._say()

    @Slot()
    def on_box(self) -> None:
        """The slider shows the field, without moving it."""
        blocked = self.blockSignals(True)
        self.setValue(self._position(self._box.value()))
        self.blockSignals(blocked)
        self._say()

    @Slot()
    def on_look(self) -> None:
        """Other sizes and colours."""
        self.updateGeometry()
        self.update()

    def _say(self) -> None:
        """The number itself: the slider's own value counts hundredths where the field has two decimals."""
        low, high = (place / self._per_unit for place in (self.minimum(), self.maximum()))
        self.setAccessibleDescription(f"{self._box.text()}, from {low:g} to {high:g}")
        self.update()

    # ---- geometry ------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """One line of the panel."""
        return QSize(self._look.ipx(WIDTH), self._look.ipx(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """It may be narrow."""
        return QSize(self._look.ipx(NARROWEST), self._look.ipx(HEIGHT))

    def x_of(self, value: int) -> float:
        """Where a value of the slider lies on the line."""
        margin = self._look.px(MARGIN)
        share = (value - self.minimum()) / max(1, self.maximum() - self.minimum())
        return margin + share * (self.width() - 2 * margin)

    # ---- mouse ---------------------------------------------------------------------------------

    def pull(self, x: float) -> None:
        """The nearest whole step, or the end."""
        margin, step = self._look.px(MARGIN), self.singleStep()
        share = (x - margin) / max(1.0, self.width() - 2 * margin)
        place = self.minimum() + share * (self.maximum() - self.minimum())
        self.setValue(self.maximum() if share >= 1 else step * round(place / step))

    # ---- painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Line, ink, mark, knob, ring."""
        del event
        theme, px = self._look.theme, self._look.px
        ink = theme.ink if self.isEnabled() else theme.ink3
        knob = QPointF(self.x_of(self.value()), self.height() / 2)
        top, thick = round(knob.y() - px(LINE) / 2), round(px(LINE))
        with QPainter(self) as painter:
            left, right = self.x_of(self.minimum()), self.x_of(self.maximum())
            painter.fillRect(QRectF(left, top, right - left, thick), theme.line2)
            painter.fillRect(QRectF(left, top, knob.x() - left, thick), ink)
            if self._mark is not None:
                x, wide = self.x_of(self._mark), max(1, round(px(LINE) / 2))
                painter.fillRect(QRectF(round(x - wide / 2), knob.y() - px(MARK), wide, 2 * px(MARK)), theme.line2)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.panel, px(2)))
            painter.setBrush(ink)
            painter.drawEllipse(knob, px(KNOB + 1), px(KNOB + 1))
            if self.hasFocus():
                painter.setPen(QPen(ink, px(2)))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(knob, px(RING), px(RING))
