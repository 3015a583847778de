"""The text so far as a row of tokens: what was typed, and underlined what the network has drawn."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.stage.labels import display

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

    from rnnviz.view.look import Look

LINE, MOST_LINES = 24.0, 9
KEPT = 600
"""Only so many tokens are laid out: more than the lines can show."""
MARGIN = 2.5


class TokenFlow(QWidget):
    """Tokens in lines, the newest last; when there are too many, the first ones go. A click chooses a drawn token."""

    chosen = Signal(int)

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self.look = look
        self.typed: tuple[str, ...] = ()
        self.drawn: tuple[str, ...] = ()
        self.apart = False
        self.selected = -1
        self._places: list[tuple[QRectF, int]] = []
        self._turn = Turn(self, self.update, weight=PANEL)
        self.setAccessibleName("Text so far")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            "The typed text, and underlined what the network has drawn: each drawn token is its next input.\n"
            "Click one, or use the arrow keys, to see what it was drawn from. x_{t+1} ~ softmax(z_t / T)"
        )
        look.changed.connect(self.on_look)

    @Slot()
    def on_look(self) -> None:
        """Other sizes."""
        self._lay_out()
        self._turn.ask()

    def show_tokens(self, typed: Sequence[str], drawn: Sequence[str], selected: int, *, apart: bool) -> None:
        """``apart``: the tokens are words; ``selected``: which of ``drawn`` is explained (−1: none)."""
        shown = tuple(typed), tuple(drawn), selected, apart
        if shown == (self.typed, self.drawn, self.selected, self.apart):
            return
        self.typed, self.drawn, self.selected, self.apart = shown
        between = " " if apart else ""
        self.setAccessibleDescription(f"Typed: {between.join(typed)}. Drawn: {between.join(drawn) or 'nothing yet'}")
        self._lay_out()
        self._turn.ask()

    # ---- where everything is -------------------------------------------------------------------

    def _lay_out(self) -> None:
        """A place for each of the last tokens; the index is that in all tokens, typed first."""
        px, metrics = self.look.px, QFontMetricsF(self.look.font("live"))
        tokens = (*self.typed, *self.drawn)
        first = max(0, len(tokens) - KEPT)
        gap, room = px(6 if self.apart else 0), max(px(60), float(self.width()))
        x, line, found = 0.0, 0, []
        for index, token in enumerate(tokens[first:], first):
            wide = metrics.horizontalAdvance(display(token)) + 2 * px(MARGIN)
            if x + wide > room and x > 0:
                x, line = 0.0, line + 1
            found.append((QRectF(x, line * px(LINE), wide, px(LINE)), index))
            x += wide + gap
        gone = max(0, line + 1 - MOST_LINES)
        self._places = [(rect.translated(0, -gone * px(LINE)), index) for rect, index in found if
                        rect.top() > (gone - 0.5) * px(LINE)]  # fmt: skip
        height = round(px(LINE) * min(line + 1, MOST_LINES) + px(2))
        if height != self.height() or height != self.minimumHeight():
            self.setFixedHeight(height)

    def place(self, drawn: int) -> QRectF:
        """Where the drawn token of this index is; empty where it is not shown."""
        return next((rect for rect, index in self._places if index == len(self.typed) + drawn), QRectF())

    def sizeHint(self) -> QSize:
        """As many lines as there are."""
        return QSize(self.look.ipx(220), self.minimumHeight())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width: other lines."""
        super().resizeEvent(event)
        self._lay_out()

    # ---- choosing ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the drawn token under the pointer."""
        at = event.position()
        index = next((index for rect, index in self._places if rect.contains(at)), -1) - len(self.typed)
        if event.button() == Qt.MouseButton.LeftButton and index >= 0:
            self.chosen.emit(index)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows walk through the drawn tokens."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        if step and self.drawn:
            self.chosen.emit(min(len(self.drawn) - 1, max(0, self.selected + step)))
        else:
            super().keyPressEvent(event)

    # ---- painting ------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tokens in ink, underlined those that were drawn."""
        del event
        look, px, theme = self.look, self.look.px, self.look.theme
        tokens = (*self.typed, *self.drawn)
        with self._turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(look.font("live"))
            for rect, index in self._places:
                number = index - len(self.typed)
                if number == self.selected >= 0:
                    painter.setPen(QPen(theme.ink, px(1.4)))
                    painter.setBrush(theme.raised)
                    painter.drawRoundedRect(rect.adjusted(px(0.7), px(1), -px(0.7), -px(1)), px(4), px(4))
                painter.setPen(theme.ink)
                painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, display(tokens[index]))
                if number >= 0:
                    line = QRectF(rect.left() + px(1), round(rect.bottom() - px(5)), rect.width() - px(2), round(px(2)))
                    painter.fillRect(line, theme.ink)
            if self.hasFocus():
                painter.setPen(QPen(theme.ink, px(1.2)))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.6, 0.6, -0.6, -0.6), px(4), px(4))
