"""What the Backward panel draws: the parts at one step, the contributions of all copies, losses before and after."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QLineF, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnnviz.view import icons, math_text
from rnnviz.view.notation.tips import told
from rnnviz.view.scales import norm_text, percent_text
from rnnviz.view.stage.movie_bar import CHANGE

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QColor, QMouseEvent, QPaintEvent

    from rnnviz.view.look import Look

ROW = 22.0
NUMBER, BAR = 76.0, 42.0
FAINTEST = 4.0
MOST_BARS = 120


class Picture(QWidget):
    """A painted part of the panel, as high as it needs."""

    def __init__(self, *, look: Look, name: str) -> None:
        super().__init__()
        self.look = look
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.updateGeometry)

    def height_needed(self) -> float:
        """Design px."""
        return ROW

    def sizeHint(self) -> QSize:
        """The width is the panel's."""
        return QSize(self.look.ipx(200), self.look.ipx(self.height_needed()))

    def paintEvent(self, event: QPaintEvent) -> None:
        """One painter for all of it."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint(painter)

    def paint(self, painter: QPainter) -> None:
        """Draw."""

    def write(
        self, painter: QPainter, place: QPointF, text: str, role: str, colour: QColor, align: float = 0.0
    ) -> None:  # fmt: skip
        """Text with its baseline at ``place``; ``align`` 1 ends there."""
        font = self.look.font(role)
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(QPointF(place.x() - align * QFontMetricsF(font).horizontalAdvance(text), place.y()), text)


class EdgesPicture(Picture):
    """The direct part, the part through time and their sum at the cursor's step; bars on a log scale of 4 decades."""

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look, name="Gradient at this step")
        self.rows: list[tuple[str, str, float]] = []
        self._top = 0.0
        self.setToolTip(
            "What comes down from the step's own output, and what comes back from the step after it.\n"
            "They are vectors: their lengths need not add up.\n∂C/∂h_t = e_t + ∂C/∂h_{t+1} · ∂h_{t+1}/∂h_t"
        )

    def show_rows(self, rows: list[tuple[str, str, float]], top: float) -> None:
        """(formula, words, log2 norm) each; ``top`` is the log2 norm of a full bar."""
        if (rows, top) == (self.rows, self._top):
            return
        resized = len(rows) != len(self.rows)
        self.rows, self._top = rows, top
        spoken = "; ".join(f"{words}: {norm_text(log2)}" for _, words, log2 in rows)
        self.setAccessibleDescription(spoken)
        if resized:
            self.updateGeometry()
        self.update()

    def height_needed(self) -> float:
        """A line each."""
        return ROW * max(1, len(self.rows)) + 2

    def paint(self, painter: QPainter) -> None:
        """Formula, words, bar, number."""
        look, theme, px = self.look, self.look.theme, self.look.px
        for index, (formula, words, log2) in enumerate(self.rows):
            baseline = px(ROW * index + 16)
            last = index == len(self.rows) - 1
            if last:
                y = round(px(ROW * index)) + 0.5
                painter.setPen(QPen(theme.line, 1))
                painter.drawLine(QLineF(0, y, self.width(), y))
            end = math_text.paint(painter, 0, baseline, formula, look.font("maths_small"), theme.ink)
            self.write(painter, QPointF(max(end + px(8), px(58)), baseline), words, "small", theme.ink2)
            self._bar(painter, baseline, log2)
            colour = theme.grad if math.isfinite(log2) else theme.ink2
            self.write(painter, QPointF(self.width(), baseline), norm_text(log2), "number", colour, 1.0)

    def _bar(self, painter: QPainter, baseline: float, log2: float) -> None:
        px, right = self.look.px, self.width() - self.look.px(NUMBER)
        well = QRectF(right - px(BAR), baseline - px(9), px(BAR), px(9))
        painter.fillRect(well, self.look.theme.raised)
        if math.isfinite(log2) and math.isfinite(self._top):
            share = min(1.0, max(0.0, 1 + (log2 - self._top) * math.log10(2.0) / FAINTEST))
            painter.fillRect(QRectF(well.right() - share * well.width(), well.top(), share * well.width(), px(9)),
                             self.look.theme.grad)  # fmt: skip


class SumPicture(Picture):
    """One bar for the shared weight: a piece for each copy, filling from the right as the sweep goes left.

    Below it, on the same scale, the length of the vector sum so far.
    """

    step_chosen = Signal(int)

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look, name="Contributions of the copies")
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._steps: NDArray[np.intp] = np.empty(0, np.intp)
        self._shares: NDArray[np.float64] = np.empty(0)
        self._ends: NDArray[np.float64] = np.empty(0)
        self._sum_share, self._total, self._sum = 0.0, -math.inf, -math.inf
        self._symbol = "W_{hh}"

    def show_pieces(
        self, steps: NDArray[np.intp], shares: NDArray[np.float64], *, total: float, vector: float, symbol: str
    ) -> None:
        """``shares`` of the whole bar that the copies ``steps`` have; log2 of the whole bar and of the vector sum."""
        self._steps, self._shares, self._ends = steps, shares, np.cumsum(shares)
        self._total, self._sum, self._symbol = total, vector, symbol
        finite = math.isfinite(vector) and math.isfinite(total)
        self._sum_share = min(1.0, 2.0 ** (vector - total)) if finite else 0.0
        self.setAccessibleDescription(
            f"{len(steps)} copies, lengths together {norm_text(self.lengths)}, vector sum {norm_text(vector)}"
        )
        self.update()

    @property
    def lengths(self) -> float:
        """The log2 of the sum of the lengths so far."""
        share = float(self._ends[-1]) if len(self._ends) else 0.0
        return self._total + math.log2(share) if share > 0 else -math.inf

    def height_needed(self) -> float:
        """Two bars with a line of words above each."""
        return 88.0

    def paint(self, painter: QPainter) -> None:
        """The pieces, and the sum."""
        px, theme = self.look.px, self.look.theme
        self._head(painter, px(14), f"∑ ‖{CHANGE}{self._symbol}‖", "their lengths, one after the other", self.lengths)
        self._pieces(painter, self._well(20))
        self._head(painter, px(58), f"‖∑ {CHANGE}{self._symbol}‖", "the vector sum so far", self._sum)
        well = self._well(64)
        painter.fillRect(well, theme.raised)
        width = self._sum_share * well.width()
        painter.fillRect(QRectF(well.right() - width, well.top(), width, well.height()), theme.grad)

    def _well(self, top: float) -> QRectF:
        return QRectF(0, round(self.look.px(top)), self.width(), round(self.look.px(16)))

    def _head(self, painter: QPainter, baseline: float, formula: str, words: str, log2: float) -> None:
        look, theme = self.look, self.look.theme
        end = math_text.paint(painter, 0, baseline, formula, look.font("maths_small"), theme.ink)
        self.write(painter, QPointF(end + look.px(8), baseline), words, "small", theme.ink2)
        self.write(painter, QPointF(self.width(), baseline), norm_text(log2), "number", theme.grad, 1.0)

    def _pieces(self, painter: QPainter, well: QRectF) -> None:
        theme = self.look.theme
        painter.fillRect(well, theme.raised)
        if not len(self._ends):
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        edges = well.right() - np.concatenate(([0.0], self._ends)) * well.width()
        painter.fillRect(QRectF(edges[-1], well.top(), well.right() - edges[-1], well.height()), theme.grad)
        wide = edges[:-1] - edges[1:] >= 4
        painter.setPen(QPen(theme.panel, 1))
        lines = [QLineF(round(x), well.top(), round(x), well.bottom()) for x in edges[1:][wide].tolist()]
        painter.drawLines(lines)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        newest = QRectF(edges[-1], well.top(), max(2.0, edges[-2] - edges[-1]), well.height())
        painter.setPen(QPen(theme.ink, self.look.px(1.6)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(newest.adjusted(0.5, 0.5, -0.5, -0.5))

    def step_at(self, place: QPointF) -> int:
        """The copy whose piece lies at ``place``; 0 where there is none."""
        well = self._well(20)
        if not well.contains(place) or not len(self._ends):
            return 0
        share = (well.right() - place.x()) / well.width()
        index = int(np.searchsorted(self._ends, share))
        return int(self._steps[index]) if index < len(self._steps) else 0

    def event(self, event: QEvent) -> bool:
        """A tooltip for the piece under the pointer, else for the whole."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            step = self.step_at(QPointF(event.pos()))
            QToolTip.showText(event.globalPos(), self._words(step), self)
            return True
        return super().event(event)

    def _words(self, step: int) -> str:
        symbol = math_text.plain_name(self._symbol)
        if step:
            index = int(np.flatnonzero(self._steps == step)[0])
            share = float(self._shares[index])
            log2 = self._total + math.log2(share) if share > 0 else -math.inf
            return (
                f"Copy {step} gives ‖d{symbol}‖ = {norm_text(log2)}, {percent_text(share)} of all lengths.\n"
                "Click to go there."
            )
        return (
            "Each piece is the length of one copy's contribution; below is the length of their vector sum.\n"
            "The sum is shorter than the lengths together, because the contributions point in different directions.\n"
            f"‖d{symbol}‖ of a copy = " + told("‖∂C/∂a_t‖ · ‖what the weight is multiplied with‖", math_text.notation())
        )

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click on a piece goes to its step."""
        if step := self.step_at(event.position()):
            self.step_chosen.emit(step)


class LossesPicture(Picture):
    """Every step's loss before the update (hollow) and after it (filled)."""

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look, name="Losses before and after the update")
        self._before: NDArray[np.float64] = np.empty(0)
        self._after: NDArray[np.float64] = np.empty(0)
        self.setToolTip(
            "Hollow: the loss of each step before the update.\n"
            "Filled: the loss after it.\nC_t = −ln p, of numbers (y_t − ŷ_t)^2"
        )

    def show_losses(self, before: NDArray[np.floating], after: NDArray[np.floating]) -> None:
        """Two arrays (T,), NaN where a step has no loss."""
        self._before, self._after = (_binned(np.asarray(array, np.float64)) for array in (before, after))
        fell = int(np.sum(self._after < self._before))
        self.setAccessibleDescription(f"The loss fell at {fell} of {int(np.sum(~np.isnan(self._before)))} places")
        self.update()

    def height_needed(self) -> float:
        """A small chart."""
        return 60.0

    def paint(self, painter: QPainter) -> None:
        """Filled bars, and outlines over them."""
        theme, px, count = self.look.theme, self.look.px, len(self._before)
        level = float(np.nanmax(np.concatenate((self._before, self._after, [0.0])), initial=0.0))
        base = self.height() - px(2)
        painter.setPen(QPen(theme.line2, 1))
        painter.drawLine(QLineF(0, round(base) + 0.5, self.width(), round(base) + 0.5))
        if not count or not level > 0:
            return
        pitch, room = self.width() / count, base - px(4)
        gap = min(px(3), pitch * 0.2)
        for index, (old, new) in enumerate(zip(self._before.tolist(), self._after.tolist(), strict=True)):
            if math.isnan(old) or math.isnan(new):
                continue
            left, width = index * pitch + gap / 2, pitch - gap
            painter.fillRect(QRectF(left, base - new / level * room, width, new / level * room), theme.prob)
            painter.setPen(QPen(theme.ink, px(1.2)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(left, base - old / level * room, width, old / level * room))


def _binned(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """At most :data:`MOST_BARS` bars: a long text shows the mean of neighbours."""
    if len(losses) <= MOST_BARS:
        return losses
    bins = np.arange(len(losses)) * MOST_BARS // len(losses)
    known = ~np.isnan(losses)
    sums = np.bincount(bins[known], losses[known], MOST_BARS)
    counts = np.bincount(bins[known], minlength=MOST_BARS)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


class VerdictPicture(Picture):
    """One line with an icon: equal, or not, and by how much."""

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look, name="Comparison")
        self._icon, self._lines, self._colour = "", [""], "ink"

    def show_lines(self, icon: str, lines: list[str], *, wrong: bool = False) -> None:
        """``icon`` before the first line ('' for none)."""
        token = "err" if wrong else "ink"
        if (icon, lines, token) != (self._icon, self._lines, self._colour):
            resized = len(lines) != len(self._lines)
            self._icon, self._lines, self._colour = icon, lines, token
            self.setAccessibleDescription(" ".join(lines))
            if resized:
                self.updateGeometry()
            self.update()

    def height_needed(self) -> float:
        """A line each."""
        return 19.0 * len(self._lines) + 3

    def paint(self, painter: QPainter) -> None:
        """Icon and words."""
        px, theme = self.look.px, self.look.theme
        left = px(20) if self._icon else 0.0
        if self._icon:
            icons.paint(painter, self._icon, QRectF(0, px(2), px(15), px(15)), getattr(theme, self._colour))
        for index, line in enumerate(self._lines):
            token = getattr(theme, self._colour) if index == 0 else theme.ink2
            room = self.width() - left
            text = QFontMetricsF(self.look.font("label")).elidedText(line, Qt.TextElideMode.ElideRight, room)
            self.write(painter, QPointF(left, px(14 + 19 * index)), text, "label", token)
