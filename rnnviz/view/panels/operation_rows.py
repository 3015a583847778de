"""The rows of the inspector: equation, live numbers in its pattern, value, bar. Pure drawing, nothing computed."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from rnnviz.view import math_text
from rnnviz.view.layer_names import ahead, primed
from rnnviz.view.look import MINUS, number

if TYPE_CHECKING:
    from rnnviz.service.messages import OperationValue
    from rnnviz.view.look import Look

ROW = 48.0
PADDING = 18.0
BAR = 34.0
COLUMN = 54.0  # from one column of numbers to the next, when two steps are compared
HAIR = "\u200a"  # the column is narrow: hair spaces between the factors


@dataclass(frozen=True)
class Row:
    """One line of arithmetic; "gate" (0 to 1) and "loss" draw a bar from the left, "signed" from the middle."""

    key: str
    title: str
    equation: str
    numbers: str
    value: float
    kind: str = "gate"
    limit: float = 1.0
    pinned: float | None = None
    decoder: bool = False
    reverse: bool = False

    @property
    def spoken(self) -> str:
        """The equation as plain text, in the notation in use."""
        return self.spelled(math_text.plain(self.equation))

    def spelled(self, text: str) -> str:
        """``text``, in the notation in use, as it is for this chain: the decoder's matrices, the step after t."""
        text = primed(text) if self.decoder else text
        return ahead(text) if self.reverse else text


def filled(pattern: str, terms: list[float]) -> str:
    """``pattern`` with the numbers of ``terms`` in it: ``σ({0} + {1})`` -> ``σ(0.41 − 0.16)``."""
    text = pattern.format(*(number(value) for value in terms))
    return re.sub(rf"\+ {MINUS}", f"{MINUS} ", text)


def tight(row: Row) -> str:
    """Its equation for a narrow column: no room around plus, a hair between factors, spaces around the equals sign."""
    equation = row.spelled(math_text.notation().translate(row.equation))
    return equation.replace(" + ", "+").replace(" = ", "\u2007=\u2007").replace(" ", HAIR).replace("\u2007", "\u2005")


def without_form(markup: str) -> str:
    """``s_t = R(s_{t-1}, x_t) = tanh(...)`` without the form in the middle, which has no numbers of its own."""
    sides = markup.split("\u2005=\u2005")
    return "\u2005=\u2005".join((sides[0], sides[-1])) if len(sides) > 2 else markup


def row_of(operation: OperationValue, unit: int) -> Row:
    """The row of ``operation`` for one unit, with the trace's own values."""
    terms = [float(term.values[unit]) for term in operation.terms]
    equation = operation.equation if "=" in operation.equation else f"{operation.symbol} = {operation.equation}"
    kind = "gate" if operation.kind == "gate" else "signed"
    limit = 2.0 if operation.kind in {"cell", "preactivation"} else 1.0
    return Row(operation.key, operation.title, equation, filled(operation.pattern, terms),
               float(operation.values[unit]), kind, limit)  # fmt: skip


def paint_row(painter: QPainter, look: Look, row: Row, rect: QRectF, *, current: bool, last: bool) -> None:
    """Draw ``row`` in ``rect``; ``current`` is the sub-step on show."""
    theme, px = look.theme, look.px
    if current:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(theme.raised)
        painter.drawRoundedRect(rect.adjusted(px(9), px(1), -px(9), -px(1)), px(6), px(6))
    elif not last:
        painter.setPen(QPen(theme.line, 1))
        y = math.floor(rect.bottom()) - 0.5
        painter.drawLine(QLineF(rect.left() + px(PADDING), y, rect.right() - px(PADDING), y))
    left, right = rect.left() + px(PADDING), rect.right() - px(PADDING)
    # Numbers too long to stand beside the value get the whole second line; the value moves up to the equation.
    long = QFontMetricsF(look.font("number")).horizontalAdvance(row.numbers) > right - left - px(BAR + 62)
    middle = rect.top() + px(17) if long else rect.center().y()
    if row.pinned is not None:
        start = _paint_value(painter, look, row.pinned, right, middle)
        start = _paint_value(painter, look, row.value, right - px(COLUMN), middle)
        limit = min(start, right - px(COLUMN + 40)) - px(8)
        _paint_equation(painter, look, row, left, limit, rect, right if long else limit)
        return
    start = _paint_value(painter, look, row.value, right - px(BAR + 12), middle)
    _paint_equation(painter, look, row, left, start - px(8), rect, right if long else start - px(8))
    paint_bar(painter, look, row, QRectF(right - px(BAR), middle - px(5), px(BAR), px(10)))


def _paint_value(painter: QPainter, look: Look, value: float, right: float, middle: float) -> float:
    """Draw ``value`` so that it ends at ``right``; where it starts."""
    font = look.font("live")
    metrics, text = QFontMetricsF(font), number(value)
    start = right - metrics.horizontalAdvance(text)
    painter.setFont(font)
    painter.setPen(look.theme.ink)
    painter.drawText(QPointF(start, middle + metrics.capHeight() / 2), text)
    return start


def _fitting(look: Look, markup: str, room: float) -> QFont:
    """The maths font, smaller where ``markup`` needs it, down to 11 px."""
    font = look.font("maths")
    wide = math_text.width(markup, font)
    if wide > room:
        font = QFont(font)
        font.setPointSizeF(font.pointSizeF() * max(11 / 16, room / wide))
    return font


def _paint_equation(
    painter: QPainter, look: Look, row: Row, left: float, limit: float, rect: QRectF, end: float
) -> None:
    """The equation up to ``limit`` and its numbers up to ``end``."""
    theme, px = look.theme, look.px
    markup = tight(row)
    if math_text.width(markup, look.font("maths")) > limit - left:
        markup = without_form(markup)
    font = _fitting(look, markup, limit - left)
    math_text.paint_kept(painter, left, rect.top() + px(21), markup, font, theme.ink)
    font = look.font("number")
    painter.setFont(font)
    painter.setPen(theme.ink2)
    text = QFontMetricsF(font).elidedText(row.numbers, Qt.TextElideMode.ElideRight, end - left)
    painter.drawText(QPointF(left, rect.top() + px(39)), text)


def paint_bar(painter: QPainter, look: Look, row: Row, rect: QRectF) -> None:
    """0 to 1 from the left in ink grey, or the sign to its side of a zero line in its colour."""
    theme = look.theme
    if not math.isfinite(row.value):
        painter.fillRect(rect, theme.err)
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    if row.kind != "signed":
        painter.fillRect(rect, theme.raised)
        width = round(rect.width() * min(1.0, max(0.0, row.value / row.limit)))
        painter.fillRect(QRectF(rect.left(), rect.top(), width, rect.height()), theme.prob)
    else:
        _paint_sign(painter, look, row, rect)
    painter.restore()


def _paint_sign(painter: QPainter, look: Look, row: Row, rect: QRectF) -> None:
    theme, zero = look.theme, round(rect.center().x())
    half = rect.width() / 2
    length = round(half * min(1.0, abs(row.value) / row.limit))
    box = QRectF(zero - length if row.value < 0 else zero, rect.top() - 2, length, rect.height() + 4)
    painter.fillRect(box, theme.neg if row.value < 0 else theme.pos)
    painter.fillRect(QRectF(zero, rect.top() - 4, 1, rect.height() + 8), theme.ink2)
