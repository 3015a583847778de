"""The name of the program, top left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Slot
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

from rnnviz.view import icons

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from rnnviz.view.look import Look


class Brand(QWidget):
    """Mark and name."""

    def __init__(self, *, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = look
        self.setAccessibleName("rnnviz")
        look.changed.connect(self.on_look_changed)

    @Slot()
    def on_look_changed(self) -> None:
        """New fonts or colours."""
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Mark, gap, name."""
        name = QFontMetricsF(self._look.font("brand")).horizontalAdvance("rnnviz")
        return QSize(round(self._look.px(32) + name + 1), self._look.ipx(32))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Mark and name in ink."""
        del event
        with QPainter(self) as painter:
            look = self._look
            icons.paint(painter, "brand", QRectF(0, look.px(4), look.px(24), look.px(24)), look.theme.ink)
            font = look.font("brand")
            painter.setFont(font)
            painter.setPen(look.theme.ink)
            metrics = QFontMetricsF(font)
            baseline = look.px(16) + metrics.capHeight() / 2
            painter.drawText(QPointF(look.px(32), baseline), "rnnviz")
