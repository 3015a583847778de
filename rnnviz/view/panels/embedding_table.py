"""The table of tokens as a heat map, and beside every row its entry of the one-hot vector: 1 in one row, else 0."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnnviz.view import math_text
from rnnviz.view.heat import draw_heat, heat_image
from rnnviz.view.look import signed
from rnnviz.view.notation.tips import told
from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.stage.labels import display

if TYPE_CHECKING:
    from PySide6.QtCore import QRect
    from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPaintEvent

    from rnnviz.service.messages import LookedUp
    from rnnviz.view.look import Look

HEAD, ROW, NAMES, ONE = 22.0, 15.0, 62.0, 16.0
ALL_NAMED = 600
"""A longer table has rows too low for their names; the chosen one is still named."""
LOW_TABLE = 900.0
TIP = (
    "Each row is what a token gives to the network: the vector that its one-hot input looks up.\n"
    "Click a row, or use the arrow keys, to choose its token. x_t · table = row k of the table"
)


class TokenTable(QWidget):
    """Rows of the vocabulary in its order; a click chooses a token."""

    chosen = Signal(int)

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self.look = look
        self.found: LookedUp | None = None
        self._image: QImage | None = None
        self._turn = Turn(self, self.update, weight=PANEL)
        self.setAccessibleName("Table of tokens")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(TIP)
        look.changed.connect(self.on_look)

    @property
    def count(self) -> int:
        """Tokens of the vocabulary."""
        return len(self.found.tokens) if self.found is not None else 0

    @Slot()
    def on_look(self) -> None:
        """Other colours and sizes."""
        self._image = None
        self.updateGeometry()
        self._turn.ask()

    def show_found(self, found: LookedUp | None) -> None:
        """Another answer."""
        longer = found is not None and len(found.tokens) != self.count
        same = self.found is not None and found is not None and self.found.table is found.table
        self.found = found
        if not same:
            self._image = None
        if longer:
            self.updateGeometry()
        if found is not None:
            chosen = display(found.tokens[found.token]) if found.token >= 0 else "none"
            self.setAccessibleDescription(f"{self.count} tokens, {len(found.row)} numbers each, chosen: {chosen}")
        self._turn.ask()

    # ---- where everything is -----------------------------------------------------------------

    def _row_px(self) -> float:
        return self.look.px(ROW if self.count <= ALL_NAMED else max(1.0, LOW_TABLE / self.count))

    def sizeHint(self) -> QSize:
        """All rows."""
        return QSize(self.look.ipx(220), round(self.look.px(HEAD + 4) + self._row_px() * max(1, self.count)))

    def heat_rect(self) -> QRectF:
        """The heat map, on whole pixels."""
        px, left = self.look.px, round(self.look.px(NAMES + ONE + 6))
        return QRectF(left, round(px(HEAD)), max(1.0, self.width() - left - 2.0), round(self._row_px() * self.count))

    def row_rect(self, token: int) -> QRectF:
        """One row of the heat map."""
        rect, high = self.heat_rect(), self._row_px()
        return QRectF(rect.left(), rect.top() + token * high, rect.width(), high)

    def token_at(self, y: float) -> int:
        """The token at this height, −1 for none."""
        token = int((y - self.heat_rect().top()) // self._row_px())
        return token if 0 <= token < self.count else -1

    # ---- choosing ----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the token under the pointer."""
        token = self.token_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and token >= 0:
            self.chosen.emit(token)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows walk through the vocabulary."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if step and self.found is not None:
            self.chosen.emit(min(self.count - 1, max(0, self.found.token + step)))
        else:
            super().keyPressEvent(event)

    def tip_at(self, place: QPointF) -> str:
        """Token and number under the pointer."""
        found, token, rect = self.found, self.token_at(place.y()), self.heat_rect()
        if found is None or token < 0:
            return told(TIP, math_text.notation())
        name = f"“{display(found.tokens[token])}”, row {token + 1} of {self.count}"
        rows, columns = found.table.shape
        column = int((place.x() - rect.left()) / rect.width() * columns)
        if not 0 <= column < columns or rows != self.count:
            return name
        return f"{name}\n{column_words(found, column)}: {signed(float(found.table[token, column]), 3)}"

    def event(self, event: QEvent) -> bool:
        """The tip says what is under the pointer."""
        if event.type() == QEvent.Type.ToolTip:
            QToolTip.showText(event.globalPos(), self.tip_at(QPointF(event.pos())), self)  # type: ignore[attr-defined]
            return True
        return super().event(event)

    # ---- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Head, one-hot vector, heat map, names, the chosen row."""
        with self._turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.found is None:
                return
            self._paint_head(painter, self.found)
            if self._image is None:
                table = np.asarray(self.look.lut("signed"))
                self._image = heat_image(self.found.table, table, -self.found.limit, self.found.limit)
            draw_heat(painter, self.heat_rect(), self._image)
            painter.setPen(QPen(self.look.theme.line2, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.heat_rect().adjusted(-0.5, -0.5, 0.5, 0.5))
            self._paint_parts(painter, self.found)
            self._paint_rows(painter, self.found, event.rect())

    def _paint_head(self, painter: QPainter, found: LookedUp) -> None:
        look, px, rect = self.look, self.look.px, self.heat_rect()
        font, baseline = look.font("maths_small"), look.px(14)
        one = px(NAMES) + px(ONE) / 2
        math_text.paint_centred(painter, one, baseline, "x_t", font, look.theme.ink)
        if not found.parts:
            math_text.paint(painter, rect.left(), baseline, table_symbol(found), font, look.theme.ink)
            return
        wide = rect.width() / len(found.parts)
        for index, part in enumerate(found.parts):
            math_text.paint(painter, rect.left() + wide * index, baseline, f"W_{{x{part}}}", font, look.theme.ink)

    def _paint_parts(self, painter: QPainter, found: LookedUp) -> None:
        """Where one gate ends and the next begins."""
        rect = self.heat_rect()
        painter.setPen(QPen(self.look.theme.ink, 1))
        for index in range(1, len(found.parts)):
            x = round(rect.left() + rect.width() * index / len(found.parts)) + 0.5
            painter.drawLine(QPointF(x, rect.top()), QPointF(x, rect.bottom()))

    def _paint_rows(self, painter: QPainter, found: LookedUp, seen: QRect) -> None:
        """Names and one-hot entries of the rows that are ``seen``."""
        px, theme = self.look.px, self.look.theme
        high = self._row_px()
        named = high >= px(12)
        box = min(high - px(2), px(11))
        first = max(0, int((seen.top() - self.heat_rect().top()) / high))
        rows = range(first, min(self.count, int((seen.bottom() - self.heat_rect().top()) / high) + 1))
        for token in rows if named else [token for token in (found.token,) if token >= 0]:
            rect, on = self.row_rect(token), token == found.token
            self._paint_name(painter, found.tokens[token], rect, strong=on)
            side = max(px(6), box)
            square = QRectF(px(NAMES) + (px(ONE) - side) / 2, rect.center().y() - side / 2, side, side)
            painter.setPen(QPen(theme.ink if on else theme.line2, 1))
            painter.setBrush(theme.ink if on else Qt.BrushStyle.NoBrush)
            painter.drawRect(square)
        if found.token >= 0:
            painter.setPen(QPen(theme.ink, px(2)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            rect = self.row_rect(found.token)
            painter.drawRect(rect.adjusted(-px(1), -px(1), px(1), px(1)))

    def _paint_name(self, painter: QPainter, token: str, rect: QRectF, *, strong: bool) -> None:
        look, px = self.look, self.look.px
        painter.setFont(look.font("number"))
        painter.setPen(look.theme.ink if strong else look.theme.ink2)
        room = QRectF(0, rect.center().y() - px(9), px(NAMES - 4), px(18))
        words = painter.fontMetrics().elidedText(display(token), Qt.TextElideMode.ElideRight, round(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)


def table_symbol(found: LookedUp) -> str:
    """The table in the markup of formulas."""
    return "E" if found.embedded else "W_{xh}^T"


def column_words(found: LookedUp, column: int) -> str:
    """Which number of a row this is, as people count."""
    blocks = found.table.shape[1] != len(found.row)
    if found.embedded:
        return f"dimension {column + 1}" if not blocks else "mean of a block of dimensions"
    if blocks:
        return "mean of a block of units"
    each = len(found.row) // max(1, len(found.parts))
    part = f"{found.parts[column // each]}, " if found.parts else ""
    return f"{part}unit {column % each + 1}"
