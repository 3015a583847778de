"""The pictures of the Forecast tab: the series with its forecast, and the error against the steps ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPen

from rnnviz.view.look import significant
from rnnviz.view.marks import draw_dots, draw_line, draw_rule, draw_tick
from rnnviz.view.panels.remedies_plot import RIGHT, SmallPlot
from rnnviz.view.stage.values import limits, tick_text

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPainter

    from rnnviz.service.messages import Forecasted, ForecastMeasured
    from rnnviz.view.look import Look

    Floats = NDArray[np.float64]

LEGEND = 34.0
LEAST_HISTORY = 40
DOTS_UP_TO = 60
BEYOND = 0.5
"""A forecast that runs away is drawn so many ranges of the series beyond it, and then cut."""


class ForecastPlot(SmallPlot):
    """What was read, what was predicted of it one step before, the forecast, and what really follows."""

    title = "series and forecast"
    below = "step"
    height_px = 224.0

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look)
        self.found: Forecasted | None = None
        self.reason, self.within = "", -1

    def show_found(self, found: Forecasted | None, reason: str, within: int) -> None:
        """Another answer, or why there is none; ``within``: steps near the truth, −1 where that is not known."""
        self.found, self.reason, self.within = found, reason, within
        self.value = f"{len(found.forecast)} steps ahead" if found is not None else ""
        self.soon()

    def words(self) -> str:
        """The forecast in numbers."""
        if self.found is None:
            return self.reason
        first = ", ".join(significant(float(value)) for value in self.found.forecast[:3])
        return f"{len(self.found.history)} numbers read; forecast begins {first}."

    def plot_rect(self) -> QRectF:
        """Below the legend."""
        return super().plot_rect().adjusted(0, self.look.px(LEGEND), 0, 0)

    def paint_plot(self, painter: QPainter, rect: QRectF) -> None:
        """Scale, ground of the forecast, four curves."""
        found, theme, px = self.found, self.look.theme, self.look.px
        if found is None:
            self.paint_reason(painter, rect, self.reason)
            return
        length, ahead = len(found.history), len(found.forecast)
        kept = min(length, max(LEAST_HISTORY, ahead))
        first = length - kept + 1
        low, high = self._limits(painter, rect, found, kept)

        def at(steps: Floats) -> Floats:
            share = (steps - first) / max(1, length + ahead - first)
            return np.asarray(rect.left() + share * rect.width(), np.float64)

        def y(values: Floats) -> Floats:
            share = np.clip((np.asarray(values, np.float64) - low) / (high - low), -0.02, 1.02)
            return np.asarray(rect.bottom() - share * rect.height(), np.float64)

        edge = float(at(np.array(float(length))))
        painter.fillRect(QRectF(edge, rect.top(), rect.right() - edge, rect.height()), theme.faded("wy", 0.08))
        self._paint_within(painter, rect, edge, at)
        painter.save()
        painter.setClipRect(rect.adjusted(-px(3), -px(3), px(3), px(3)))
        past, future = (
            np.arange(*ends, dtype=np.float64) for ends in ((first, length + 1), (length + 1, length + ahead + 1))
        )
        draw_line(painter, at(past), y(found.history[-kept:]), QPen(theme.wx, px(1.5)))
        if len(found.truth):
            joined = np.concatenate((found.history[-1:], found.truth))
            draw_line(painter, at(np.concatenate((past[-1:], future))), y(joined), self._truth_pen())
        draw_line(painter, at(past), y(found.predicted[-kept:]), QPen(theme.wy, px(1.2)))
        ahead_too = np.concatenate((found.history[-1:], found.forecast))
        draw_line(painter, at(np.concatenate((past[-1:], future))), y(ahead_too), QPen(theme.wy, px(2.2)))
        if ahead <= DOTS_UP_TO:
            draw_dots(painter, at(future), y(found.forecast), px(2.0), QPen(theme.wy, px(1.2)), theme.wy)
        painter.restore()
        self._paint_legend(painter, rect, truth=len(found.truth) > 0)
        self.paint_foot(painter, rect.adjusted(0, 0, px(RIGHT), 0), str(first), str(length + ahead))

    def _limits(self, painter: QPainter, rect: QRectF, found: Forecasted, kept: int) -> tuple[float, float]:
        data = np.concatenate((found.history[-kept:], found.truth))
        low, high, _ = limits(data)
        room = BEYOND * (high - low)
        inside = np.clip(np.nan_to_num(found.forecast, nan=low), low - room, high + room)
        low, high, ticks = limits(np.concatenate((data, inside)))
        for value in ticks:
            y = rect.bottom() - (value - low) / (high - low) * rect.height()
            draw_rule(painter, rect.left(), rect.right(), y, QPen(self.look.theme.line, 1))
            draw_tick(painter, self.look, rect.left() - self.look.px(5), y, tick_text(value))
        return low, high

    def _paint_within(self, painter: QPainter, rect: QRectF, edge: float, at: object) -> None:
        """The stretch over which the forecast stays near the truth."""
        if self.within < 1 or self.found is None or not callable(at):
            return
        px, theme = self.look.px, self.look.theme
        end = float(at(np.array(float(len(self.found.history) + self.within))))
        y = rect.top() + px(2)
        painter.setPen(QPen(theme.ink, px(1.6)))
        painter.drawLine(QLineF(edge, y, end, y))
        for x in (edge, end):
            painter.drawLine(QLineF(x, y - px(3), x, y + px(3)))

    def _truth_pen(self) -> QPen:
        pen = QPen(self.look.theme.ink, self.look.px(1.3))
        pen.setDashPattern([1.5, 2.2])
        return pen

    def _paint_legend(self, painter: QPainter, rect: QRectF, *, truth: bool) -> None:
        """Two lines of names."""
        theme, px = self.look.theme, self.look.px
        entries = [
            ("read", QPen(theme.wx, px(1.5))), ("predicted one step ahead", QPen(theme.wy, px(1.2))),
            ("forecast from its own outputs", QPen(theme.wy, px(2.2))),
        ]  # fmt: skip
        if truth:
            entries.append(("truth", self._truth_pen()))
        painter.setFont(self.look.font("tick"))
        x, y = rect.left(), rect.top() - px(LEGEND - 8)
        for words, pen in entries:
            wide = painter.fontMetrics().horizontalAdvance(words)
            if x + px(20) + wide > rect.right() + px(RIGHT):
                x, y = rect.left(), y + px(15)
            painter.setPen(pen)
            painter.drawLine(QLineF(x, y, x + px(15), y))
            painter.setPen(theme.ink2)
            painter.drawText(QPointF(x + px(19), y + px(4)), words)
            x += px(19) + wide + px(10)


class ErrorPlot(SmallPlot):
    """Root mean square error against the steps ahead: of the network, of repeating the last number, of the mean."""

    title = "error of the forecast"
    below = "steps ahead"
    height_px = 170.0

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look)
        self.found: ForecastMeasured | None = None
        self.reason, self.tolerance, self.within = "", 0.0, -1

    def show_found(self, found: ForecastMeasured | None, reason: str, tolerance: float, within: int) -> None:
        """Another answer, or why there is none; ``within``: the steps up to which the error is below ``tolerance``."""
        self.found, self.reason, self.tolerance, self.within = found, reason, tolerance, within
        self.value = f"over {len(found.errors)} held-out sequences" if found is not None else ""
        self.soon()

    def words(self) -> str:
        """The curve in numbers."""
        if self.found is None:
            return self.reason
        curve = root_mean_square(self.found.errors)
        places = [k for k in (1, 10, 50, 100, 200, 500) if k <= len(curve)]
        return "; ".join(f"{k} steps ahead: error {significant(float(curve[k - 1]))}" for k in places)

    def plot_rect(self) -> QRectF:
        """Below the legend."""
        return super().plot_rect().adjusted(0, self.look.px(18), 0, 0)

    def paint_plot(self, painter: QPainter, rect: QRectF) -> None:
        """Scale, three curves, the tolerance."""
        found, theme, px = self.found, self.look.theme, self.look.px
        if found is None:
            self.paint_reason(painter, rect, self.reason)
            return
        curve, naive = root_mean_square(found.errors), root_mean_square(found.repeated)
        top = 1.15 * float(max(found.spread, np.nanmax(np.clip(naive, 0, 4 * found.spread)), self.tolerance))
        steps = np.arange(1, len(curve) + 1)
        xs = rect.left() + (steps - 1) / max(1, len(curve) - 1) * rect.width()

        def y(values: Floats) -> Floats:
            return np.asarray(rect.bottom() - np.clip(values / top, 0, 1.03) * rect.height(), np.float64)

        for value in limits(np.array([0.0, top]))[2]:
            if value <= top:
                height = float(y(np.array(value)))
                draw_rule(painter, rect.left(), rect.right(), height, QPen(theme.line, 1))
                draw_tick(painter, self.look, rect.left() - px(5), height, tick_text(value))
        dashed, thin = self.dashed(theme.ink2), QPen(theme.ink, px(1.2))
        self._rule(painter, rect, float(y(np.array(found.spread))), dashed)
        draw_line(painter, xs, y(naive), thin)
        draw_line(painter, xs, y(np.nan_to_num(curve, nan=np.inf, posinf=1e9)), QPen(theme.wy, px(2.2)))
        if self.within >= 1:
            self._paint_within(
                painter, rect, float(xs[min(self.within, len(xs)) - 1]), float(y(np.array(self.tolerance)))
            )
        self._paint_names(painter, rect, (("network", QPen(theme.wy, px(2.2))), ("last value", thin), ("mean", dashed)))
        self.paint_foot(painter, rect.adjusted(0, 0, px(RIGHT), 0), "1", str(len(curve)))

    @staticmethod
    def _rule(painter: QPainter, rect: QRectF, y: float, pen: QPen) -> None:
        painter.setPen(pen)
        painter.drawLine(QLineF(rect.left(), y, rect.right(), y))

    def _paint_within(self, painter: QPainter, rect: QRectF, x: float, y: float) -> None:
        painter.setPen(QPen(self.look.theme.ink, self.look.px(1.2)))
        painter.drawLine(QLineF(x, y, x, rect.bottom()))
        painter.drawLine(QLineF(rect.left(), y, x, y))

    def _paint_names(self, painter: QPainter, rect: QRectF, entries: tuple[tuple[str, QPen], ...]) -> None:
        px = self.look.px
        painter.setFont(self.look.font("tick"))
        x, y = rect.left(), rect.top() - px(10)
        for words, pen in entries:
            painter.setPen(pen)
            painter.drawLine(QLineF(x, y, x + px(15), y))
            painter.setPen(self.look.theme.ink2)
            painter.drawText(QPointF(x + px(19), y + px(4)), words)
            x += px(19) + painter.fontMetrics().horizontalAdvance(words) + px(12)


def root_mean_square(errors: Floats) -> Floats:
    """``√(1/N Σ e²)`` over the sequences ``(N, F)``, at each step ahead."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(np.square(errors.astype(np.float64)).mean(axis=0)))


def steps_within(errors: Floats, tolerance: float) -> int:
    """How many leading ``errors`` are at most ``tolerance``; one that is no number is not."""
    good = np.abs(errors) <= tolerance
    return int(len(good) if good.all() else np.argmin(good))
