"""The key sheet (?): every key on one page, made from the action table."""

from __future__ import annotations

from itertools import combinations_with_replacement, pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QWidget

from rnnviz.view.actions import MENUS
from rnnviz.view.controls.commands import key_text

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from rnnviz.view.controls.commands import CommandTable
    from rnnviz.view.look import Look

LINE, MARGIN, COLUMNS = 20, 24, 3
Line = tuple[str, str]
PRESENTER = (
    ("Next, previous stop", "Page Down, Page Up"),
    ("Blank the screen", "B, ."),
    ("Step by step", "←, →"),
    ("End", "Esc"),
)
MOUSE = (
    ("Zoom about the pointer", "Ctrl wheel"),
    ("Look inside a cell", "double-click"),
    ("Pin, go to, gradient of this loss", "right click"),
)


def columns_of(groups: list[tuple[str, list[Line]]]) -> list[list[Line]]:
    """Whole groups in three columns, the tallest as short as can be; a heading (a line without keys) has room above."""
    cuts = combinations_with_replacement(range(len(groups) + 1), COLUMNS - 1)
    shapes = ([_column(groups[start:end]) for start, end in pairwise((0, *cut, len(groups)))] for cut in cuts)
    return min(shapes, key=lambda columns: max(map(len, columns)))


def _column(groups: list[tuple[str, list[Line]]]) -> list[Line]:
    column: list[Line] = []
    for title, lines in groups:
        column += [*([("", "")] if column else []), (title, ""), *lines]
    return column


class KeySheet(QWidget):
    """A popup over the window in three columns; any key or click closes it."""

    def __init__(self, *, commands: CommandTable, look: Look, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._look = look
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAccessibleName("Keys")
        self.columns = columns_of(self._groups(commands))
        px = look.ipx
        rows = max(len(column) for column in self.columns)
        height = min(parent.height() - px(40), px(LINE) * rows + px(2 * MARGIN + 34))
        self.resize(min(parent.width() - px(40), px(1080)), height)
        top = parent.mapToGlobal(parent.rect().center())
        self.move(top.x() - self.width() // 2, top.y() - self.height() // 2)

    @staticmethod
    def _groups(commands: CommandTable) -> list[tuple[str, list[Line]]]:
        """The actions that have keys, by menu; then what only the remote control and the mouse do."""
        groups: list[tuple[str, list[Line]]] = []
        for menu in MENUS:
            keyed = [c for c in commands.commands.values() if c.spec.menu == menu and c.spec.shortcuts]
            lines = [(c.text(), ", ".join(key_text(name) for name in c.spec.shortcuts.split())) for c in keyed]
            if lines:
                groups.append((menu, lines))
        return [*groups, ("Presenter", list(PRESENTER)), ("Mouse", list(MOUSE))]

    def paintEvent(self, event: QPaintEvent) -> None:
        """Title and three columns."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            look, theme, px = self._look, self._look.theme, self._look.px
            painter.setPen(QPen(theme.line2, 1))
            painter.setBrush(theme.panel)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(10), px(10))
            painter.setFont(look.font("title"))
            painter.setPen(theme.ink)
            painter.drawText(QPointF(px(MARGIN), px(MARGIN + 16)), "Keys")
            rows = max(len(column) for column in self.columns)
            step = min(px(LINE), (self.height() - px(2 * MARGIN + 30)) / max(1, rows))
            width = (self.width() - px(2 * MARGIN)) / COLUMNS
            for number, column in enumerate(self.columns):
                for index, line in enumerate(column):
                    place = QPointF(px(MARGIN) + number * width, px(MARGIN + 44) + index * step)
                    self._paint_line(painter, line, place, width - px(24))

    def _paint_line(self, painter: QPainter, line: Line, place: QPointF, width: float) -> None:
        look, theme = self._look, self._look.theme
        words, keys = line
        if not keys:
            painter.setFont(look.font("strong"))
            painter.setPen(theme.ink)
            painter.drawText(place, words)
            return
        font = look.font("label")
        painter.setFont(font)
        painter.setPen(theme.ink2)
        room = QFontMetricsF(font).horizontalAdvance(keys)
        text = QFontMetricsF(font).elidedText(words, Qt.TextElideMode.ElideRight, width - room - look.px(10))
        painter.drawText(place, text)
        painter.setPen(theme.ink)
        painter.drawText(place + QPointF(width - room, 0), keys)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Any key closes the sheet."""
        del event
        self.close()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """So does a click."""
        del event
        self.close()
