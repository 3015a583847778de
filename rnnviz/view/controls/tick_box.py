"""A check box painted from the tokens: Fusion's own has a white box with a pale tick in the dark themes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QCheckBox

from rnnviz.view import icons

if TYPE_CHECKING:
    from PySide6.QtCore import QPoint
    from PySide6.QtGui import QPaintEvent

    from rnnviz.view.look import Look

BOX, GAP, HEIGHT = 16, 8, 26


class TickBox(QCheckBox):
    """A box and its words; the focus is an outline around both."""

    def __init__(self, text: str, *, look: Look) -> None:
        super().__init__(text)
        self._look = look

    def sizeHint(self) -> QSize:
        """Box, gap, words."""
        words = QFontMetricsF(self._look.font("label")).horizontalAdvance(self.text())
        return QSize(round(words) + self._look.ipx(BOX + GAP + 12), self._look.ipx(HEIGHT))

    def hitButton(self, position: QPoint) -> bool:
        """A click anywhere on it counts."""
        return self.rect().contains(position)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box, its tick, the words."""
        del event
        look, theme = self._look, self._look.theme
        size = look.px(BOX)
        box = QRectF(look.px(5), (self.height() - size) / 2, size, size)
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.ink if self.isChecked() else theme.line2, 1))
            painter.setBrush(theme.ink if self.isChecked() else theme.panel)
            painter.drawRoundedRect(box, look.px(3), look.px(3))
            if self.isChecked():
                icons.paint(painter, "check", box.adjusted(1, 1, -1, -1), theme.panel)
            painter.setFont(look.font("label"))
            painter.setPen(theme.ink)
            words = QRectF(self.rect()).adjusted(box.right() + look.px(GAP), 0, 0, 0)
            painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.ink, 2))
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), look.px(5), look.px(5))
