"""The row that is looked up, as an equation with a heat strip, and the tokens whose rows point the same way."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.view import math_text
from rnnviz.view.heat import draw_heat, heat_image
from rnnviz.view.look import number, signed
from rnnviz.view.marks import draw_legend
from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.stage.labels import display

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from rnnviz.service.messages import LookedUp
    from rnnviz.view.look import Look

STRIP, EQUATION, LEGEND, PART = 18.0, 32.0, 76.0, 22.0
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
            "No multiplication is done: it is read from the table. x_t W = W[k]"
        )

    def height_px(self) -> float:
        """Equation and colour bar, a strip for each gate."""
        return EQUATION + (STRIP + 3) * len(self.parts) + 2

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
        top = round(px(EQUATION + (STRIP + 3) * part))
        return QRectF(left, top, max(1, self.width() - left - 2), round(px(STRIP)))

    def paint_found(self, painter: QPainter, found: LookedUp) -> None:
        """Equation, cells, limits of the colours."""
        look, px, theme = self.look, self.look.px, self.look.theme
        math_text.paint(painter, 0, px(18), equation(found), look.font("maths"), theme.ink)
        table = np.asarray(look.lut("signed"))
        for index, (name, values) in enumerate(zip(self.parts, np.split(found.row, len(self.parts)), strict=True)):
            rect = self.strip_rect(index)
            if name:
                math_text.paint(painter, 0, rect.center().y() + px(5), name, look.font("maths_small"), theme.ink)
            draw_heat(painter, rect, heat_image(values[None, :], table, -found.limit, found.limit))
            painter.setPen(QPen(theme.ink, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
        legend = QRectF(self.width() - px(LEGEND) - 2, px(3), px(LEGEND), px(20))
        draw_legend(painter, look, legend, "signed", number(-found.limit), number(found.limit))


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


def equation(found: LookedUp) -> str:
    """What the product is: one row of the table."""
    row = f"row {found.token + 1} of {'E' if found.embedded else 'W_{xh}^T'}"
    if found.token < 0:
        row = "0"
    return f"e_t = x_t E = {row}" if found.embedded else f"W_{{xh}} x_t = {row}"
