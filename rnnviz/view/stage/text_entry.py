"""Between chips and field: tokens, caret and selection counted in tokens, typing told to the session."""

from __future__ import annotations

from bisect import bisect_left
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Signal, Slot
from shiboken6 import isValid

from rnnviz.engine.tasks.reading import has_gaps, split_text
from rnnviz.view.stage import chips, wiring
from rnnviz.view.stage.layout import Mode
from rnnviz.view.stage.text_area import TextArea
from rnnviz.view.stage.text_field import TextField, token_offsets, units16
from rnnviz.view.time_axis import Level

if TYPE_CHECKING:
    from rnnviz.session.session import Session
    from rnnviz.view.look import Look
    from rnnviz.view.stage.frame import Hit
    from rnnviz.view.stage.model import StageModel
    from rnnviz.view.stage.stage_view import StageView


LONG_TEXT = 200  # tokens; a longer text opens in the field of several lines
AREA_HEIGHT = 112.0  # design px


class TextEntry(QObject):
    """The text of the session as tokens with a caret; typed chips show at once, their numbers when they come."""

    changed = Signal()

    def __init__(self, *, session: Session, stage: StageView, model: StageModel, look: Look) -> None:
        super().__init__(stage)
        self._session, self._stage, self._model = session, stage, model
        self._offsets: list[int] = [0]
        self._anchor = -1
        self._split: tuple[str, str, tuple[str, ...]] = ("", "", ())
        self.field = TextField(stage)
        self.field.textChanged.connect(self._typed)
        self.field.cursorPositionChanged.connect(self._moved)
        self.field.selectionChanged.connect(self._moved)
        self.field.focus_changed.connect(self._moved)
        self.field.left.connect(self.leave)
        self.notice = ""
        self.field.cut_short.connect(self._noted)
        self.area = TextArea(look=look, parent=stage)
        self.area.edited.connect(self._edited)
        self.area.closed.connect(self._closed)
        self.area.cut_short.connect(self._noted)

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
        text, trace, task = self._session.text, self._session.trace, self._session.run.task.name
        traced = trace is not None and trace.text == text
        needed = has_gaps(task) or not traced or self._model.pattern == wiring.TRANSLATOR
        pieces = self._pieces(task, text) if needed else ()
        if traced and trace is not None:
            self._model.show_trace(trace, pieces)
        else:
            self._model.foresee(pieces)
        tokens, written = self._model.tokens, self._model.wiring.written
        # A number is shown otherwise than typed: what stands in the text tells where the tokens are.
        self._offsets = token_offsets(text, pieces[:written] if len(pieces) >= written else tokens[:written])
        self.field.show_text(text)
        if self.area.isVisible():
            self.area.show_text(text)

    def _pieces(self, task: str, text: str) -> tuple[str, ...]:
        """The tokens as they stand in the text; split again only when it changes, for this runs in every frame."""
        if self._split[:2] != (task, text):
            self._split = task, text, split_text(task, text)
        return self._split[2]

    def press(self, hit: Hit, *, extend: bool) -> None:
        """A click in the text: caret there, keys to the text."""
        if self._needs_area():
            self._open_area(hit.unit)
            return
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
        """Keys to the text, caret before token ``token`` (0-based); a long text opens in several lines."""
        if self._needs_area():
            self._open_area(token)
            return
        self.field.setFocus()
        self.field.setCursorPosition(self._offset(token))

    def select_all(self) -> None:
        """Select the whole text."""
        if self.area.isVisible():
            self.area.selectAll()
            return
        self.field.setFocus()
        self.field.selectAll()

    @Slot()
    def leave(self) -> None:
        """Give the keys back to the window."""
        self.area.close_field()
        if self.field.hasFocus():
            self.field.deselect()
            self._stage.setFocus()

    def place_area(self) -> None:
        """Keep the open field over the chip row of the present layout."""
        if self._model.mode is Mode.PRESENTER:
            self.area.close_field()
        elif self.area.isVisible():
            self.area.restyle()
            self.area.setGeometry(self._area_rect())

    def _needs_area(self) -> bool:
        axis = self._stage.frame().axis
        long = self._model.wiring.written > LONG_TEXT or (bool(self._model.tokens) and axis.level is Level.RIBBON)
        return long and self._model.mode is not Mode.PRESENTER

    def _area_rect(self) -> QRect:
        frame = self._stage.frame()
        layout, edge = frame.layout, frame.layout.px(4)
        height = min(layout.px(AREA_HEIGHT), layout.height - 2 * edge)
        top = min(layout.chip_top - edge, layout.height - height - edge)
        left = frame.axis.gutter
        right = min(frame.axis.width - 2 * edge, left + layout.px(1100))
        return QRect(round(left), round(top), round(right - left), round(height))

    def _open_area(self, token: int) -> None:
        self.area.open_at(self._session.text, self._offset(token), self._area_rect())

    @Slot(str)
    def _edited(self, text: str) -> None:
        self._typed(text)
        if self._session.text != text:  # cut by the session: the field shows what is kept
            self.area.show_text(self._session.text)

    @Slot()
    def _closed(self) -> None:
        if isValid(self._stage):
            self._stage.setFocus()
            self.changed.emit()

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
