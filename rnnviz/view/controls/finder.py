"""The command finder (Ctrl K): type a few letters, press Enter."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QLineEdit, QListWidget, QListWidgetItem, QStyle, QStyledItemDelegate, QVBoxLayout, QWidget

from rnnviz.view import icons
from rnnviz.view.controls.commands import key_text

if TYPE_CHECKING:
    from PySide6.QtCore import QModelIndex, QPersistentModelIndex
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QStyleOptionViewItem

    from rnnviz.view.controls.commands import Command, CommandTable
    from rnnviz.view.look import Look

WIDTH, ROW, ROWS = 520, 34, 10
KEY = Qt.ItemDataRole.UserRole


def score(query: str, text: str) -> int:
    """How well ``query`` fits ``text``: 0 not at all; words that start with it beat letters in order."""
    query, text = query.lower().strip(), text.lower()
    if not query:
        return 1
    words = text.replace(":", " ").split()
    if text.startswith(query):
        return 100
    if any(word.startswith(query) for word in words):
        return 80
    if all(any(word.startswith(part) for word in words) for part in query.split()):
        return 70
    if query in text:
        return 50
    letters = iter(text)
    return 10 if all(letter in letters for letter in query.replace(" ", "")) else 0


class _Delegate(QStyledItemDelegate):
    """Icon, name, menu, keys on one line."""

    def __init__(self, *, commands: CommandTable, look: Look, parent: QObject) -> None:
        super().__init__(parent)
        self._commands, self._look = commands, look

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Every row is as high."""
        del option, index
        return QSize(self._look.ipx(WIDTH - 20), self._look.ipx(ROW))

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draw one command."""
        look, theme, px = self._look, self._look.theme, self._look.px
        command: Command = self._commands[index.data(KEY)]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRectF(option.rect).adjusted(px(4), 1, -px(4), -1)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.raised)
            painter.drawRoundedRect(rect, px(6), px(6))
        colour = theme.ink if command.isEnabled() else theme.ink3
        if command.spec.icon:
            icons.paint(
                painter, command.spec.icon, QRectF(rect.left() + px(10), rect.top(), px(16), rect.height()), colour
            )
        painter.setFont(look.font("button"))
        painter.setPen(colour)
        flags = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect.adjusted(px(38), 0, 0, 0), flags, command.text())
        used = QFontMetricsF(painter.font()).horizontalAdvance(command.text())
        painter.setFont(look.font("small"))
        painter.setPen(theme.ink2)
        painter.drawText(rect.adjusted(px(50) + used, 0, 0, 0), flags, command.spec.menu)
        keys = ", ".join(key_text(name) for name in command.spec.shortcuts.split()[:2])
        painter.drawText(rect.adjusted(0, 0, -px(12), 0), flags | Qt.AlignmentFlag.AlignRight, keys)
        painter.restore()


class Finder(QWidget):
    """A popup over the window; Esc or a click beside it closes it."""

    def __init__(self, *, commands: CommandTable, look: Look, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._commands, self._look = commands, look
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_TranslucentBackground)
        self.setAccessibleName("Find a command")
        self._build()
        self.fill("")
        self._place(parent)

    def _build(self) -> None:
        px = self._look.ipx
        self.field = QLineEdit()
        self.field.setPlaceholderText("Find a command")
        self.field.setAccessibleName("Find a command")
        self.field.setFont(self._look.font("caption"))
        self.field.setFixedHeight(px(36))
        self.list = QListWidget()
        self.list.setItemDelegate(_Delegate(commands=self._commands, look=self._look, parent=self))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.field.textChanged.connect(self.fill)
        self.field.returnPressed.connect(self.run_chosen)
        self.list.itemClicked.connect(self.run_chosen)
        self.field.installEventFilter(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(px(10), px(10), px(10), px(10))
        column.setSpacing(px(8))
        column.addWidget(self.field)
        column.addWidget(self.list)
        self.setFocusProxy(self.field)

    def _place(self, window: QWidget) -> None:
        px = self._look.ipx
        self.resize(px(WIDTH), px(36 + 28 + ROW * ROWS))
        top = window.mapToGlobal(window.rect().topLeft())
        self.move(top.x() + (window.width() - self.width()) // 2, top.y() + px(72))

    @Slot(str)
    def fill(self, query: str) -> None:
        """List what fits ``query``, the best first."""
        found = [(score(query, command.text()) or score(query, command.spec.menu) // 2, place, key)
                 for place, (key, command) in enumerate(self._commands.commands.items())]  # fmt: skip
        self.list.clear()
        for points, _, key in sorted(found, key=_best_first):
            if points:
                item = QListWidgetItem(self._commands[key].text())
                item.setData(KEY, key)
                self.list.addItem(item)
        self.list.setCurrentRow(0)

    @Slot()
    def run_chosen(self) -> None:
        """Close, then do it."""
        item = self.list.currentItem()
        key = item.data(KEY) if item is not None else ""
        self.close()
        if key:
            self._commands[key].trigger()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and Down move through the list while the field keeps the focus."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}.get(
                event.key()
            )
            if step:
                self.list.setCurrentRow(min(self.list.count() - 1, max(0, self.list.currentRow() + step)))
                return True
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paper with a border."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, px = self._look.theme, self._look.px
            painter.setPen(QPen(theme.line2, 1))
            painter.setBrush(theme.panel)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(10), px(10))


def _best_first(entry: tuple[int, int, str]) -> tuple[int, int]:
    return -entry[0], entry[1]
