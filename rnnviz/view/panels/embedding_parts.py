"""The row that is looked up, as an equation with a heat strip, and the tokens whose rows point the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.view import math_text
from rnnviz.view.heat import draw_heat, heat_image, heat_indices
from rnnviz.view.look import number, signed
from rnnviz.view.marks import draw_legend
from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.stage.labels import display

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QResizeEvent

    from rnnviz.service.messages import LookedUp
    from rnnviz.view.look import Look

    Values = NDArray[np.floating]

STRIP, EQUATION, LEGEND, PART = 18.0, 32.0, 76.0, 22.0
VECTOR, NUMBERS = 20.0, 15.0
CELL = 34.0
"""The least width of a cell with its number in it; in narrower strips the numbers stand below."""
ROW, HEAD, LABEL, NUMBER = 20.0, 20.0, 84.0, 52.0


class Painted(QWidget):
    """A painted part of the page that shows one answer."""

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self.look = look
        self.found: LookedUp | None = None
        self._turn = Turn(self, self.update, weight=PANEL)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.updateGeometry)

    def show_found(self, found: LookedUp | None) -> None:
        """Another answer."""
        self.found = found
        self.setAccessibleDescription(self.words())
        self.updateGeometry()
        self._turn.ask()

    def words(self) -> str:
        """The picture in words."""
        return ""

    def height_px(self) -> float:
        """In design pixels."""
        return 20.0

    def sizeHint(self) -> QSize:
        """The design height."""
        return QSize(self.look.ipx(220), self.look.ipx(self.height_px()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing without an answer."""
        del event
        with self._turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.found is not None:
                self.paint_found(painter, self.found)

    def paint_found(self, painter: QPainter, found: LookedUp) -> None:
        """The answer."""
        raise NotImplementedError


class LookUpStrip(Painted):
    """``x_t W = W[k]`` and the row itself, gate by gate."""

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look)
        self.setAccessibleName("The row that is looked up")
        self.setToolTip(
            "The input is 1 for its own token and 0 for all others, so the product with the matrix copies one row.\n"
            "No multiplication is done: it is read from the table. x_t · table = row k of the table"
        )

    def height_px(self) -> float:
        """Equation and colour bar, the one-hot vector, a strip for each gate with its numbers."""
        return EQUATION + VECTOR + self._pitch * len(self.parts) + 2

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The numbers stand in the cells where there is room."""
        super().resizeEvent(event)
        self.updateGeometry()

    @property
    def _in_cells(self) -> bool:
        """Whether each number fits into its cell."""
        each = len(self.found.row) // len(self.parts) if self.found is not None else 1
        return self.strip_rect(0).width() / max(1, each) >= self.look.px(CELL)

    @property
    def _pitch(self) -> float:
        return STRIP + 3 + (0.0 if self._in_cells else NUMBERS)

    @property
    def parts(self) -> tuple[str, ...]:
        """The gates; one without a name where there are none."""
        return tuple(self.found.parts) if self.found is not None and self.found.parts else ("",)

    def words(self) -> str:
        """The equation and the first numbers."""
        if self.found is None:
            return ""
        numbers = ", ".join(signed(float(value)) for value in self.found.row[:8])
        return f"{math_text.plain(equation(self.found))}: {numbers}"

    def strip_rect(self, part: int) -> QRectF:
        """The cells of one gate, on whole pixels."""
        px = self.look.px
        left = round(px(PART)) if self.parts != ("",) else 1
        top = round(px(EQUATION + VECTOR + (self._pitch * part if part else 0)))
        return QRectF(left, top, max(1, self.width() - left - 2), round(px(STRIP)))

    def paint_found(self, painter: QPainter, found: LookedUp) -> None:
        """Equation, vector, cells, numbers, limits of the colours."""
        look, px, theme = self.look, self.look.px, self.look.theme
        math_text.paint(painter, 0, px(18), equation(found), look.font("maths"), theme.ink)
        math_text.paint(painter, 0, px(EQUATION + 9), one_hot(found), look.font("maths_small"), theme.ink2)
        table = np.asarray(look.lut("signed"))
        for index, (name, values) in enumerate(zip(self.parts, np.split(found.row, len(self.parts)), strict=True)):
            rect = self.strip_rect(index)
            if name:
                math_text.paint(painter, 0, rect.center().y() + px(5), name, look.font("maths_small"), theme.ink)
            draw_heat(painter, rect, heat_image(values[None, :], table, -found.limit, found.limit))
            painter.setPen(QPen(theme.ink, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
            if self._in_cells:
                self._paint_in_cells(painter, rect, values, found.limit)
            else:
                self._paint_below(painter, rect, values)
        legend = QRectF(self.width() - px(LEGEND) - 2, px(3), px(LEGEND), px(20))
        draw_legend(painter, look, legend, "signed", number(-found.limit), number(found.limit))

    def _paint_in_cells(self, painter: QPainter, rect: QRectF, values: Values, limit: float) -> None:
        """Each number on its colour."""
        look, wide = self.look, rect.width() / len(values)
        colours = np.asarray(look.lut("signed"))[heat_indices(values, -limit, limit)]
        painter.setFont(look.font("tick"))
        for place, (value, colour) in enumerate(zip(values.tolist(), colours.tolist(), strict=True)):
            painter.setPen(look.readable_on(QColor.fromRgb(colour)))
            cell = QRectF(rect.left() + wide * place, rect.top(), wide, rect.height())
            painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, signed(value))

    def _paint_below(self, painter: QPainter, rect: QRectF, values: Values) -> None:
        """As many numbers as there is room for, the last one always."""
        look = self.look
        painter.setFont(look.font("tick"))
        painter.setPen(look.theme.ink2)
        metrics = painter.fontMetrics()
        words = [signed(value) for value in values.tolist()]
        room = QRectF(rect.left(), rect.bottom() + look.px(1), rect.width(), look.px(NUMBERS))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, fitting(words, metrics.horizontalAdvance, room.width()))


def fitting(words: list[str], width: Callable[[str], float], room: float) -> str:
    """All words, or the first ones that fit and the last."""
    whole = "  ".join(words)
    kept = len(words)
    while kept > 1 and width(whole) > room:
        kept -= 1
        whole = "  ".join([*words[: kept - 1], "…", words[-1]])
    return whole


class NearestTokens(Painted):
    """Cosines as bars from the middle; a click goes on to that token."""

    chosen = Signal(int)

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look)
        self.setAccessibleName("Nearest tokens")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setToolTip(
            "The tokens whose rows point most nearly the same way: the network treats them alike. Click one to go on.\n"
            "Before training this is chance. cos(a, b) = a · b / (‖a‖ ‖b‖)"
        )

    def height_px(self) -> float:
        """Head and rows."""
        return HEAD + ROW * max(1, len(self.found.nearest) if self.found is not None else 0)

    def words(self) -> str:
        """All of them."""
        if self.found is None:
            return ""
        pairs = zip(self.found.nearest.tolist(), self.found.cosines.tolist(), strict=True)
        return ", ".join(f"{display(self.found.tokens[token])} {signed(cosine)}" for token, cosine in pairs)

    def row_rect(self, row: int) -> QRectF:
        """One row."""
        px = self.look.px
        return QRectF(0, px(HEAD + ROW * row), self.width(), px(ROW))

    def _choose(self, row: int) -> None:
        if self.found is not None and 0 <= row < len(self.found.nearest):
            self.chosen.emit(int(self.found.nearest[row]))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go on to this token."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(int((event.position().y() - self.look.px(HEAD)) // self.look.px(ROW)))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on to the nearest one."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._choose(0)
        else:
            super().keyPressEvent(event)

    def paint_found(self, painter: QPainter, found: LookedUp) -> None:
        """Head and rows."""
        look, px, theme = self.look, self.look.px, self.look.theme
        painter.setFont(look.font("small"))
        painter.setPen(theme.ink2)
        painter.drawText(QPointF(0, px(13)), f"nearest to “{display(found.tokens[found.token])}”, by cosine")
        for row, (token, cosine) in enumerate(zip(found.nearest.tolist(), found.cosines.tolist(), strict=True)):
            self._paint_row(painter, self.row_rect(row), display(found.tokens[token]), cosine)
        if self.hasFocus():
            painter.setPen(QPen(theme.ink, px(1.2)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.6, 0.6, -0.6, -0.6), px(4), px(4))

    def _paint_row(self, painter: QPainter, rect: QRectF, name: str, cosine: float) -> None:
        look, px, theme = self.look, self.look.px, self.look.theme
        left, right = rect.left() + px(LABEL), rect.right() - px(NUMBER)
        middle, reach = (left + right) / 2, max(1.0, (right - left) / 2)
        well = QRectF(left, rect.top() + px(4), right - left, rect.height() - px(8))
        painter.fillRect(well, theme.raised)
        end = middle + reach * cosine
        bar = QRectF(min(middle, end), well.top(), abs(end - middle), well.height())
        painter.fillRect(bar, theme.pos if cosine > 0 else theme.neg)
        painter.setPen(QPen(theme.ink, 1))
        painter.drawLine(QPointF(middle, well.top() - px(2)), QPointF(middle, well.bottom() + px(2)))
        painter.setFont(look.font("live"))
        room = QRectF(rect.left() + px(6), rect.top(), px(LABEL - 12), rect.height())
        words = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, round(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)
        painter.setFont(look.font("number"))
        painter.drawText(rect, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, signed(cosine))


def one_hot(found: LookedUp) -> str:
    """The input, as a vector: 1 at the place of its token."""
    place, last = found.token + 1, len(found.tokens)
    before = "0, …, 0, " if place > 3 else "0, " * (place - 1)
    after = ", 0, …, 0" if last - place > 2 else ", 0" * (last - place)
    return f"x_t = ({before}1{after}), the 1 at place {place} of {last}"


def equation(found: LookedUp) -> str:
    """What the product is: one row of the table."""
    row = f"row {found.token + 1} of {'E' if found.embedded else 'W_{xh}^T'}"
    if found.token < 0:
        row = "0"
    return f"e_t = x_t E = {row}" if found.embedded else f"W_{{xh}} x_t = {row}"
