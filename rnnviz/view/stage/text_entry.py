"""Between chips and field: tokens, caret and selection counted in tokens, typing told to the session."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot
from shiboken6 import isValid

from rnnviz.engine.tokens import bits, characters
from rnnviz.view.stage import chips
from rnnviz.view.stage.text_field import TextField, token_offsets, units16

if TYPE_CHECKING:
    from rnnviz.session.session import Session
    from rnnviz.view.stage.frame import Hit
    from rnnviz.view.stage.model import StageModel
    from rnnviz.view.stage.stage_view import StageView


class TextEntry(QObject):
    """The text of the session as tokens with a caret; typed chips show at once, their numbers when they come."""

    changed = Signal()

    def __init__(self, *, session: Session, stage: StageView, model: StageModel) -> None:
        super().__init__(stage)
        self._session, self._stage, self._model = session, stage, model
        self._offsets: list[int] = [0]
        self._anchor = -1
        self.field = TextField(stage)
        self.field.textChanged.connect(self._typed)
        self.field.cursorPositionChanged.connect(self._moved)
        self.field.selectionChanged.connect(self._moved)
        self.field.focus_changed.connect(self._moved)
        self.field.left.connect(self.leave)
        self.notice = ""
        self.field.cut_short.connect(self._noted)

    @property
    def focused(self) -> bool:
        """Whether keys go to the text."""
        return self.field.hasFocus()

    @property
    def caret(self) -> int:
        """The number of tokens before the caret."""
        return self._token_at(self.field.cursorPosition())

    @property
    def selection(self) -> tuple[int, int]:
        """The selected tokens as (first, last + 1), counted from 0; equal when nothing is selected."""
        if not self.field.hasSelectedText():
            return (0, 0)
        return self._token_at(self.field.selectionStart()), self._token_at(self.field.selectionEnd())

    @property
    def selecting(self) -> bool:
        """Whether a drag over the text is under way."""
        return self._anchor >= 0

    def take(self) -> None:
        """Newest text and tokens from the session."""
        text, trace = self._session.text, self._session.trace
        if trace is not None and trace.text == text:
            tokens = tuple(trace.tokens)
        else:
            split = bits if self._session.run.task.name == "parity" else characters
            tokens = split(text).tokens
        self._model.tokens = tokens
        self._offsets = token_offsets(text, tokens)
        self.field.show_text(text)

    def press(self, hit: Hit, *, extend: bool) -> None:
        """A click in the text: caret there, keys to the text."""
        place = self._offset(hit.unit)
        self._anchor = self.field.cursorPosition() if extend else place
        self.focus_at(hit.unit)
        if extend:
            self.field.setSelection(self._anchor, place - self._anchor)

    def drag_to(self, hit: Hit) -> None:
        """Select from the press to here."""
        if hit.unit >= 0 and self._anchor >= 0:
            self.field.setSelection(self._anchor, self._offset(hit.unit) - self._anchor)

    def release(self) -> None:
        """The drag is over."""
        self._anchor = -1

    def focus_at(self, token: int) -> None:
        """Keys to the text, caret before token ``token`` (0-based)."""
        self.field.setFocus()
        self.field.setCursorPosition(self._offset(token))

    def select_all(self) -> None:
        """Select the whole text."""
        self.field.setFocus()
        self.field.selectAll()

    @Slot()
    def leave(self) -> None:
        """Give the keys back to the window."""
        if self.field.hasFocus():
            self.field.deselect()
            self._stage.setFocus()

    def _token_at(self, offset: int) -> int:
        return min(len(self._offsets) - 1, bisect_left(self._offsets, offset))

    def _offset(self, token: int) -> int:
        if token >= len(self._offsets) - 1:
            return units16(self.field.text())
        return self._offsets[max(0, token)]

    @Slot(str)
    def _typed(self, text: str) -> None:
        self.notice = ""
        self._session.set_text(text)

    @Slot(str)
    def _noted(self, note: str) -> None:
        self.notice = note
        self.changed.emit()

    @Slot()
    def _moved(self) -> None:
        if isValid(self._stage) and self._stage.isVisible():  # focus also moves while a window is torn down
            self._place_field()
            self.changed.emit()

    def _place_field(self) -> None:
        """The field stands at the caret, so that input methods open their lists there."""
        frame = self._stage.frame()
        layout = frame.layout
        x = round(chips.caret_x(frame))
        self.field.setGeometry(x, round(layout.chip_top), 2, max(4, round(layout.chip_bottom - layout.chip_top)))
        if self.focused:
            frame.axis.ensure_visible(min(frame.length, max(1, self.caret)))
