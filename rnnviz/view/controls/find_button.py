"""The Find field of the top bar: looks like a field, opens the command finder."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from rnnviz.view import icons
from rnnviz.view.controls.buttons import CommandButton

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from rnnviz.view.controls.commands import Command
    from rnnviz.view.look import Look

KEY = "Ctrl K"


class FindButton(CommandButton):
    """Magnifier, the word Find, and the key on a small cap."""

    def __init__(self, *, look: Look, action: Command, parent: QWidget | None = None) -> None:
        super().__init__(look=look, action=action, icon="find", parent=parent)

    def _key_width(self) -> float:
        return QFontMetricsF(self.look.font("tick")).horizontalAdvance(KEY) + self.look.px(12)

    def sizeHint(self) -> QSize:
        """Room for the key cap."""
        text = QFontMetricsF(self.look.font("button")).horizontalAdvance(self.text())
        return QSize(round(text + self._key_width() + self.look.px(16 + 8 + 10 + 22)), self.look.ipx(32))

    def _paint_content(self, painter: QPainter, rect: QRectF, ink: QColor) -> None:
        look, theme = self.look, self.look.theme
        size, x = look.px(16), rect.left() + look.px(11)
        icons.paint(painter, "find", QRectF(x, rect.center().y() - size / 2, size, size), theme.ink2)
        painter.setFont(look.font("button"))
        painter.setPen(theme.ink2)
        x += size + look.px(8)
        painter.drawText(QRectF(x, rect.top(), rect.width(), rect.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
        width, height = self._key_width(), look.px(18)
        cap = QRectF(rect.right() - look.px(8) - width, rect.center().y() - height / 2, width, height)
        painter.setPen(QPen(theme.line2, 1))
        painter.setBrush(theme.raised)
        painter.drawRoundedRect(cap, look.px(4), look.px(4))
        painter.setPen(theme.ink)
        painter.setFont(look.font("tick"))
        painter.drawText(cap, Qt.AlignmentFlag.AlignCenter, KEY)
        del ink
