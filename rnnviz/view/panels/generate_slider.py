"""A slider under the field of the temperature: greedy at the left, as learned in the middle, wild at the right."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSlider, QStyle, QStyleOptionSlider

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QDoubleSpinBox

    from rnnviz.view.look import Look

STEPS_OF_ONE = 100
HOTTEST = 2.0
"""The field takes higher ones, where the slider stands at its end."""
HEIGHT = 22.0
LINE, KNOB = 3.0, 7.0


class TemperatureSlider(QSlider):
    """Moves the field, and follows it."""

    def __init__(self, *, look: Look, box: QDoubleSpinBox) -> None:
        super().__init__(Qt.Orientation.Horizontal)
        self._look, self._box = look, box
        self.setRange(0, round(HOTTEST * STEPS_OF_ONE))
        self.setSingleStep(STEPS_OF_ONE // 20)
        self.setPageStep(STEPS_OF_ONE // 4)
        self.setAccessibleName("Temperature, 0 to 2")
        self.setToolTip(
            "At the left the most probable token, in the middle the probabilities as they were learned.\n"
            "At the right all tokens come closer to one another. p = softmax(z / T)"
        )
        self.valueChanged.connect(self.on_moved)
        box.valueChanged.connect(self.on_box)
        look.changed.connect(self.updateGeometry)
        self.on_box()

    @Slot()
    def on_moved(self) -> None:
        """The field shows it; what depends on the field follows from there."""
        self._box.setValue(self.value() / STEPS_OF_ONE)

    @Slot()
    def on_box(self) -> None:
        """The slider shows the field, without moving it."""
        blocked = self.blockSignals(True)
        self.setValue(min(self.maximum(), round(self._box.value() * STEPS_OF_ONE)))
        self.blockSignals(blocked)

    def sizeHint(self) -> QSize:
        """One line of the panel."""
        return QSize(self._look.ipx(160), self._look.ipx(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        """It may be narrow."""
        return QSize(self._look.ipx(60), self._look.ipx(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A line, in ink up to the knob, and a mark at T = 1."""
        del event
        look, theme, px = self._look, self._look.theme, self._look.px
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        part = QStyle.SubControl.SC_SliderHandle
        handle = self.style().subControlRect(QStyle.ComplexControl.CC_Slider, option, part, self)
        middle, x, half = self.height() / 2, QRectF(handle).center().x(), px(LINE) / 2
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(QRectF(0, middle - half, self.width(), 2 * half), theme.line2)
            painter.fillRect(QRectF(0, middle - half, x, 2 * half), theme.ink)
            painter.fillRect(QRectF(self.width() / 2 - half / 2, middle - px(6), half, px(12)), theme.line2)
            painter.setPen(QPen(theme.panel, px(2)))
            painter.setBrush(theme.ink)
            painter.drawEllipse(QPointF(x, middle), px(KNOB), px(KNOB))
            if self.hasFocus():
                painter.setPen(QPen(look.theme.ink, px(1.4)))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(QPointF(x, middle), px(KNOB + 2.2), px(KNOB + 2.2))
