"""The invisible line edit behind the chip row: the library does input methods, clipboard, undo and selection."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QLineEdit

from rnnviz.engine.tokens import MAX_TOKENS
from rnnviz.view.stage.text_cut import fitting
from rnnviz.view.stage.wiring import START

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QFocusEvent, QPaintEvent
    from PySide6.QtWidgets import QWidget

_OWN_CONTROL_KEYS = frozenset(
    (Qt.Key.Key_A, Qt.Key.Key_C, Qt.Key.Key_V, Qt.Key.Key_X, Qt.Key.Key_Z, Qt.Key.Key_Y, Qt.Key.Key_Left,
     Qt.Key.Key_Right, Qt.Key.Key_Backspace, Qt.Key.Key_Delete, Qt.Key.Key_Home, Qt.Key.Key_End)
)  # fmt: skip


def units16(text: str) -> int:
    """Length of ``text`` as Qt counts it (UTF-16 code units)."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def token_offsets(text: str, tokens: Sequence[str]) -> list[int]:
    """Where every token starts in ``text`` as Qt counts, and the end of the last: len(tokens) + 1 numbers."""
    if text.isascii() and "".join(tokens) == text:  # one unit a character: no search, for this runs in every frame
        return list(accumulate(map(len, tokens), initial=0))
    offsets, place, count = [], 0, 0
    for token in tokens:
        if token == START:  # no letter of the text stands for it
            offsets.append(count)
            continue
        found = text.find(token, place)
        start = found if 0 <= found <= place + 64 else place
        count += units16(text[place:start])
        offsets.append(count)
        place = min(len(text), start + len(token))
        count += units16(text[start:place])
    offsets.append(count)
    return offsets


class TextField(QLineEdit):
    """Takes the keys while the chips show the text. It draws nothing itself."""

    left = Signal()
    focus_changed = Signal()
    cut_short = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrame(False)
        self.setAccessibleName("Text")
        self.setAccessibleDescription("The sequence the network reads. Type to change it, Escape to leave.")
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.NoContextMenu)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setMaxLength(MAX_TOKENS * 16)
        # Not in the Tab chain: a window that opens must leave Space to the transport. Return on the stage enters.
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The stage draws chips and caret; nothing blinks here."""
        del event

    def event(self, event: QEvent) -> bool:
        """Leave the window's Ctrl shortcuts alone, but for editing."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            control = event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier)
            if control and event.key() not in _OWN_CONTROL_KEYS:
                event.ignore()
                return False
            if event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Return, Qt.Key.Key_Enter):
                event.accept()
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape and Return leave; Shift+Return is a line break; a paste is cut to what can be shown."""
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste_text(QGuiApplication.clipboard().text())
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.insert("\n")
            else:
                self.left.emit()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)

    def paste_text(self, text: str) -> None:
        """Insert ``text``, at most as much as 5,000 characters hold; says so when something was left out."""
        kept, notes = fitting(text)
        self.insert(kept)
        if notes:
            self.cut_short.emit(" ".join(notes))

    @Slot(str)
    def show_text(self, text: str) -> None:
        """Take ``text`` from the session without telling it back; the caret stays where it can."""
        if text == self.text():
            return
        place = min(self.cursorPosition(), units16(text))
        blocked = self.blockSignals(True)
        self.setText(text)
        self.setCursorPosition(place if self.hasFocus() else units16(text))
        self.blockSignals(blocked)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring appears."""
        super().focusInEvent(event)
        self.focus_changed.emit()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The ring goes."""
        super().focusOutEvent(event)
        self.focus_changed.emit()
