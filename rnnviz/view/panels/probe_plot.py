"""Shares of right answers as a small plot; how well the token k steps back is read out of the hidden state."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPen

from rnnviz.view.marks import draw_dots, draw_line, draw_rule, draw_tick
from rnnviz.view.panels.remedies_plot import RIGHT, SmallPlot
from rnnviz.view.scales import percent_text

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPainter

    from rnnviz.service.messages import MemoryProbed
    from rnnviz.view.look import Look

    Floats = NDArray[np.float64]

LEGEND = 18.0
GOOD_MARGIN = 0.1
"""A token counts as remembered where it is read out in so much more of the cases than by a blind guess."""


class AccuracyPlot(SmallPlot):
    """An axis from 0 to 100 %, a legend between title and plot."""

    legend: tuple[tuple[str, QPen], ...] = ()

    def plot_rect(self) -> QRectF:
        """Below the legend."""
        return super().plot_rect().adjusted(0, self.look.px(LEGEND), 0, 0)

    def y(self, shares: Floats | float, rect: QRectF) -> Floats:
        """Y of a share from 0 to 1."""
        return np.asarray(rect.bottom() - np.asarray(shares, np.float64) * rect.height(), np.float64)

    def paint_shares(self, painter: QPainter, rect: QRectF) -> None:
        """Hairlines and percents."""
        for share in (0.0, 0.5, 1.0):
            y = float(self.y(share, rect))
            draw_rule(painter, rect.left(), rect.right(), y, QPen(self.look.theme.line, 1))
            draw_tick(painter, self.look, rect.left() - self.look.px(5), y, percent_text(share))

    def paint_legend(self, painter: QPainter, rect: QRectF, entries: tuple[tuple[str, QPen], ...]) -> None:
        """A stretch of each line, and its name."""
        look, px = self.look, self.look.px
        painter.setFont(look.font("tick"))
        x, y = rect.left(), rect.top() - px(12)
        for words, pen in entries:
            painter.setPen(pen)
            painter.drawLine(QLineF(x, y, x + px(16), y))
            painter.setPen(look.theme.ink2)
            painter.drawText(QPointF(x + px(20), y + px(4)), words)
            x += px(20) + painter.fontMetrics().horizontalAdvance(words) + px(10)

    def paint_now(self, painter: QPainter, xs: Floats, ys: Floats) -> None:
        """The curve of the network on show: a share, so in the colour of probabilities."""
        theme, px = self.look.theme, self.look.px
        draw_line(painter, xs, ys, QPen(theme.prob, px(2.2)))
        if len(xs) <= 40:
            draw_dots(painter, xs, ys, px(2.4), QPen(theme.prob, px(1.4)), theme.panel)


class MemoryPlot(AccuracyPlot):
    """Accuracy against k: the network on show thick, before its training thin in ink, a blind guess dashed."""

    title = "token read out of the state"
    below = "← k steps back"
    height_px = 190.0

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look)
        self.found: MemoryProbed | None = None
        self.reason = ""

    def show_found(self, found: MemoryProbed | None, reason: str) -> None:
        """Another answer, or why there is none."""
        self.found, self.reason = found, reason
        self.value = f"guess {percent_text(found.chance)}" if found is not None else ""
        self.soon()

    def words(self) -> str:
        """The curve in numbers."""
        if self.found is None:
            return self.reason
        pairs = zip(self.found.distances.tolist(), self.found.accuracy.tolist(), strict=True)
        return "; ".join(f"{k} back: {percent_text(share)}" for k, share in pairs if np.isfinite(share))

    @property
    def furthest(self) -> int:
        """The largest k that was measured."""
        if self.found is None:
            return 0
        known = np.flatnonzero(np.isfinite(self.found.accuracy))
        return int(self.found.distances[known[-1]]) if known.size else 0

    def paint_plot(self, painter: QPainter, rect: QRectF) -> None:
        """Both curves and the guess."""
        found, theme, px = self.found, self.look.theme, self.look.px
        if found is None:
            self.paint_reason(painter, rect, self.reason)
            return
        thin, dashed = QPen(theme.ink, px(1.2)), self.dashed(theme.ink2)
        trained = not np.array_equal(found.accuracy, found.untrained, equal_nan=True)
        names = [("now", QPen(theme.prob, px(2.2))), ("before training", thin), ("blind guess", dashed)]
        self.paint_shares(painter, rect)
        self.paint_legend(painter, rect, tuple(names if trained else [names[0], names[2]]))
        y = float(self.y(found.chance, rect))
        painter.setPen(dashed)
        painter.drawLine(QLineF(rect.left(), y, rect.right(), y))
        last = self.furthest
        xs = rect.right() - found.distances / max(1, last) * rect.width()
        shown = found.distances <= last
        if trained:
            draw_line(painter, xs[shown], self.y(found.untrained[shown], rect), thin)
        self.paint_now(painter, xs[shown], self.y(found.accuracy[shown], rect))
        self.paint_foot(painter, rect.adjusted(0, 0, px(RIGHT), 0), str(last), "0")


def reach(found: MemoryProbed, shares: Floats) -> int:
    """The largest k up to which every token is read out clearly more often than by a guess; −1: not even k = 0."""
    good = shares >= found.chance + GOOD_MARGIN
    return int(found.distances[-1]) if good.all() else int(np.argmin(good)) - 1
