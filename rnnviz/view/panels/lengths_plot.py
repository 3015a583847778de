"""The share of right sequences against their length, up to four times the longest of the training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from rnnviz.view.marks import draw_line
from rnnviz.view.panels.probe_plot import AccuracyPlot
from rnnviz.view.scales import percent_text

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from rnnviz.service.messages import LengthsMeasured
    from rnnviz.view.look import Look
    from rnnviz.view.panels.probe_plot import Floats

BEYOND = 18.0
BINS = 4
"""Points of the curve for every N steps: neighbouring lengths are taken together."""


class LengthsPlot(AccuracyPlot):
    """One curve; what lies beyond the training is shaded, with N at its edge."""

    title = "right sequences against their length"
    height_px = 206.0

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look)
        self.found: LengthsMeasured | None = None
        self.reason = ""

    def plot_rect(self) -> QRectF:
        """Below the legend there is a line for what lies beyond the training."""
        return super().plot_rect().adjusted(0, self.look.px(BEYOND), 0, 0)

    def show_found(self, found: LengthsMeasured | None, reason: str) -> None:
        """Another answer, or why there is none."""
        self.found, self.reason = found, reason
        self.value = f"N = {found.trained_to}" if found is not None else ""
        self.soon()

    def words(self) -> str:
        """The curve in numbers."""
        if self.found is None:
            return self.reason
        lengths, shares = binned(self.found, self.found.accuracy)
        pairs = zip(lengths.tolist(), shares.tolist(), strict=True)
        return "; ".join(f"length {length:.0f}: {percent_text(share)}" for length, share in pairs)

    def paint_plot(self, painter: QPainter, rect: QRectF) -> None:
        """Shade, mark, curve."""
        found, look, px = self.found, self.look, self.look.px
        if found is None:
            self.paint_reason(painter, rect, self.reason)
            return
        last = max(4 * found.trained_to, int(found.lengths[-1]))
        edge = float(self._x(found.trained_to, rect, last))
        painter.fillRect(QRectF(edge, rect.top(), rect.right() - edge, rect.height()), look.theme.raised)
        self.paint_shares(painter, rect)
        pen, guess = self.dashed(look.theme.ink), self.dashed(look.theme.ink2)
        painter.setPen(pen)
        painter.drawLine(QLineF(edge, rect.top() - px(4), edge, rect.bottom()))
        names = [("this network", QPen(look.theme.prob, px(2.2))), ("blind guess", guess)]
        self.paint_legend(painter, rect.adjusted(0, -px(BEYOND), 0, 0), tuple(names))
        painter.setPen(look.theme.ink2)
        painter.drawText(QPointF(edge + px(4), rect.top() - px(8)), "longer than in training →")
        lengths, chance = binned(found, found.chance)
        draw_line(painter, self._x(lengths, rect, last), self.y(chance, rect), guess)
        lengths, shares = binned(found, found.accuracy)
        self.paint_now(painter, self._x(lengths, rect, last), self.y(shares, rect))
        self._paint_lengths(painter, found, rect, last)

    def _paint_lengths(self, painter: QPainter, found: LengthsMeasured, rect: QRectF, last: int) -> None:
        """1, N, 2 N, 3 N and 4 N below the plot."""
        look, px = self.look, self.look.px
        painter.setFont(look.font("tick"))
        painter.setPen(look.theme.ink2)
        for length in (1, *range(found.trained_to, last + 1, found.trained_to)):
            x = float(self._x(length, rect, last))
            room = QRectF(x - px(30), rect.bottom() + px(3), px(60), px(16))
            painter.drawText(room, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, str(length))

    @staticmethod
    def _x(lengths: Floats | float, rect: QRectF, last: int) -> Floats:
        share = (np.asarray(lengths, np.float64) - 1) / max(1, last - 1)
        return np.asarray(rect.left() + share * rect.width(), np.float64)


def binned(found: LengthsMeasured, shares: Floats) -> tuple[Floats, Floats]:
    """Mean length and mean of ``shares`` of neighbouring lengths; no point has lengths on both sides of N."""
    place = np.ceil(found.lengths * BINS / found.trained_to).astype(np.int64)
    _, back = np.unique(place, return_inverse=True)
    counts = np.bincount(back, weights=found.counts)
    lengths = np.bincount(back, weights=found.lengths * found.counts) / counts
    return lengths, np.bincount(back, weights=shares * found.counts) / counts


def share_between(found: LengthsMeasured, low: int, high: int) -> float:
    """The share of right sequences of ``low`` to ``high`` steps; NaN where none was drawn."""
    inside = (found.lengths >= low) & (found.lengths <= high)
    total = float(found.counts[inside].sum())
    return float((found.accuracy[inside] * found.counts[inside]).sum()) / total if total else float("nan")
