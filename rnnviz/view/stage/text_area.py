"""Long text in a field of several lines over the chip row, for texts whose chips are ticks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextOption
from PySide6.QtWidgets import QPlainTextEdit

from rnnviz.engine.tokens import MAX_TOKENS
from rnnviz.view.stage.text_cut import character_count, fitting

if TYPE_CHECKING:
    from PySide6.QtCore import QMimeData, QRect
    from PySide6.QtGui import QFocusEvent
    from PySide6.QtWidgets import QWidget

    from rnnviz.view.look import Look

_PARAGRAPH, _LINE = "\u2029", "\u2028"
_STAYS = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason, Qt.FocusReason.MenuBarFocusReason)


class TextArea(QPlainTextEdit):
    """Shows the text of the session while it is open; ``edited`` carries what the user makes of it."""

    edited = Signal(str)
    closed = Signal()
    cut_short = Signal(str)

    def __init__(self, *, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look, self._showing = look, False
        self.setObjectName("textArea")
        self.setAccessibleName("Text")
        self.setAccessibleDescription("The whole sequence the network reads. Escape or Ctrl+Return closes it.")
        self.setPlaceholderText("type here")
        self.setTabChangesFocus(True)
        self.setWordWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.textChanged.connect(self._changed)
        self.hide()

    @property
    def text(self) -> str:
        """The text with line feeds; unlike Qt's toPlainText it leaves no-break spaces alone."""
        return self.document().toRawText().replace(_PARAGRAPH, "\n").replace(_LINE, "\n")

    def open_at(self, text: str, offset: int, rect: QRect) -> None:
        """Show ``text`` inside ``rect`` with the caret at ``offset`` (as Qt counts) and take the keys."""
        self.restyle()
        self.show_text(text)
        self.setGeometry(rect)
        cursor = self.textCursor()
        cursor.setPosition(min(offset, max(0, self.document().characterCount() - 1)))
        self.setTextCursor(cursor)
        self.show()
        self.raise_()
        self.setFocus()
        self.ensureCursorVisible()

    def show_text(self, text: str) -> None:
        """Take ``text`` without telling it back; the caret stays where it can."""
        if _lines(text) == self.text:
            return
        place = self.textCursor().position()
        self._showing = True
        self.setPlainText(text)
        self._showing = False
        cursor = self.textCursor()
        cursor.setPosition(min(place, max(0, self.document().characterCount() - 1)))
        self.setTextCursor(cursor)

    def restyle(self) -> None:
        """Type and colours of the look in force."""
        theme, width = self._look.theme, max(1, self._look.ipx(1.6))
        self.setFont(self._look.font("number"))
        self.setStyleSheet(
            f"QPlainTextEdit {{ background: {theme.panel.name()}; color: {theme.ink.name()};"
            f" border: {width}px solid {theme.ink.name()}; border-radius: {self._look.ipx(7)}px;"
            f" padding: {self._look.ipx(4)}px; selection-background-color: {theme.ink.name()};"
            f" selection-color: {theme.panel.name()}; }}"
        )

    @Slot()
    def _changed(self) -> None:
        if not self._showing:
            self.edited.emit(self.text)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Paste or drop: plain text only, no more of it than fits, so that a huge one never freezes the window."""
        cursor = self.textCursor()
        others = character_count(self.text) - character_count(cursor.selection().toPlainText())
        kept, notes = fitting(source.text(), MAX_TOKENS - others)
        if kept:
            cursor.insertText(kept)
            self.setTextCursor(cursor)
        if notes:
            self.cut_short.emit(" ".join(notes))

    def event(self, event: QEvent) -> bool:
        """Escape and Ctrl+Return are this field's while it is open, not the window's."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and _leaves(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape and Ctrl+Return close; the rest is typing."""
        if _leaves(event):
            self.close_field()
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A click elsewhere closes, another window or a menu does not."""
        super().focusOutEvent(event)
        if event.reason() not in _STAYS:
            self.close_field()

    def close_field(self) -> None:
        """Hide; the chips (or ticks) show the text again."""
        if self.isVisible():
            self.moveCursor(QTextCursor.MoveOperation.Start)
            self.hide()
            self.closed.emit()


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").replace(_PARAGRAPH, "\n").replace(_LINE, "\n")


def _leaves(event: QKeyEvent) -> bool:
    entered = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
    with_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
    return event.key() == Qt.Key.Key_Escape or (entered and with_control)
