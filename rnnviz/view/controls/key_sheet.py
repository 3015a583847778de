"""The key sheet (?): every key on one page, made from the action table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from rnnviz.view.actions import MENUS
from rnnviz.view.controls.commands import key_text

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from rnnviz.view.controls.commands import Command, CommandTable
    from rnnviz.view.look import Look

LINE, MARGIN, COLUMNS = 20, 24, 3


class KeySheet(QWidget):
    """A popup over the window in three columns; any key or click closes it."""

    def __init__(self, *, commands: CommandTable, look: Look, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._look = look
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAccessibleName("Keys")
        self.lines = self._lines(commands)
        px = look.ipx
        height = min(parent.height() - px(40), px(LINE) * -(-len(self.lines) // COLUMNS) + px(2 * MARGIN + 34))
        self.resize(min(parent.width() - px(40), px(1080)), height)
        top = parent.mapToGlobal(parent.rect().center())
        self.move(top.x() - self.width() // 2, top.y() - self.height() // 2)

    @staticmethod
    def _lines(commands: CommandTable) -> list[Command | str]:
        """Menu titles and the actions that have keys, as one list."""
        lines: list[Command | str] = []
        for menu in MENUS:
            keyed = [c for c in commands.commands.values() if c.spec.menu == menu and c.spec.shortcuts]
            if keyed:
                lines += [menu, *keyed]
        return lines

    def paintEvent(self, event: QPaintEvent) -> None:
        """Title and three columns."""
        del event
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, theme, px = self._look, self._look.theme, self._look.px
        painter.setPen(QPen(theme.line2, 1))
        painter.setBrush(theme.panel)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(10), px(10))
        painter.setFont(look.font("title"))
        painter.setPen(theme.ink)
        painter.drawText(QPointF(px(MARGIN), px(MARGIN + 16)), "Keys")
        rows = -(-len(self.lines) // COLUMNS)
        step = min(px(LINE), (self.height() - px(2 * MARGIN + 30)) / max(1, rows))
        width = (self.width() - px(2 * MARGIN)) / COLUMNS
        for index, line in enumerate(self.lines):
            x = px(MARGIN) + (index // rows) * width
            self._paint_line(painter, line, x, px(MARGIN + 44) + (index % rows) * step, width - px(24))

    def _paint_line(self, painter: QPainter, line: Command | str, x: float, y: float, width: float) -> None:
        look, theme = self._look, self._look.theme
        if isinstance(line, str):
            painter.setFont(look.font("strong"))
            painter.setPen(theme.ink)
            painter.drawText(QPointF(x, y), line)
            return
        font = look.font("label")
        painter.setFont(font)
        painter.setPen(theme.ink2)
        keys = ", ".join(key_text(name) for name in line.spec.shortcuts.split())
        room = QFontMetricsF(font).horizontalAdvance(keys)
        text = QFontMetricsF(font).elidedText(line.text(), Qt.TextElideMode.ElideRight, width - room - look.px(10))
        painter.drawText(QPointF(x, y), text)
        painter.setPen(theme.ink)
        painter.drawText(QPointF(x + width - room, y), keys)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Any key closes the sheet."""
        del event
        self.close()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """So does a click."""
        del event
        self.close()
