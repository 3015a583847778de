"""The pictures of the Forecast tab: the series with its forecast, and the error against the steps ahead."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPen

from rnnviz.view.look import significant
from rnnviz.view.marks import draw_dots, draw_line, draw_rule, draw_tick
from rnnviz.view.panels.remedies_plot import RIGHT, SmallPlot
from rnnviz.view.stage.values import limits, tick_text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import ArrayLike, NDArray
    from PySide6.QtGui import QPainter

    from rnnviz.service.messages import Forecasted, ForecastMeasured
    from rnnviz.view.look import Look

    Floats = NDArray[np.float64]

LEGEND_LINE, SAMPLE = 15.0, 15.0
LEAST_HISTORY = 40
DOTS_UP_TO = 60
BEYOND = 0.5
"""A forecast that runs away is drawn so many ranges of the series beyond it, and then cut."""
CUT = 0.02
"""What lies beyond the scale is drawn so many of its heights outside, where the plot is cut."""
TOLD = (1, 10, 50, 100, 200, 500)
"""Steps ahead that are told to a screen reader."""


@dataclass(frozen=True)
class Axes:
    """Steps from ``first`` to ``last`` along ``rect``, numbers from ``low`` to ``high`` up it."""

    rect: QRectF
    first: int
    last: int
    low: float
    high: float

    def x(self, steps: ArrayLike) -> Floats:
        """Where steps lie."""
        share = (np.asarray(steps, np.float64) - self.first) / max(1, self.last - self.first)
        return np.asarray(self.rect.left() + share * self.rect.width())

    def y(self, values: ArrayLike) -> Floats:
        """Where numbers lie, those beyond the scale just outside it."""
        with np.errstate(over="ignore"):
            share = (np.asarray(values, np.float64) - self.low) / (self.high - self.low)
        return np.asarray(self.rect.bottom() - np.clip(share, -CUT, 1 + CUT) * self.rect.height())


class CurvePlot(SmallPlot):
    """A legend between title and plot, a scale with round numbers."""

    legend_px = 18.0

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look)
        self.reason = ""

    def plot_rect(self) -> QRectF:
        """Below the legend."""
        return super().plot_rect().adjusted(0, self.look.px(self.legend_px), 0, 0)

    def paint_scale(self, painter: QPainter, axes: Axes, ticks: Iterable[float]) -> None:
        """Hairlines with their numbers, and the first and the last step."""
        look, rect = self.look, axes.rect
        for value in ticks:
            y = float(axes.y(value))
            draw_rule(painter, rect.left(), rect.right(), y, QPen(look.theme.line, 1))
            draw_tick(painter, look, rect.left() - look.px(5), y, tick_text(value))
        self.paint_foot(painter, rect.adjusted(0, 0, look.px(RIGHT), 0), str(axes.first), str(axes.last))

    def paint_legend(self, painter: QPainter, rect: QRectF, entries: Sequence[tuple[str, QPen]]) -> None:
        """A stretch of each line and its name, in as many lines as they need."""
        px = self.look.px
        painter.setFont(self.look.font("tick"))
        x, y = rect.left(), rect.top() - px(self.legend_px - 8)
        for words, pen in entries:
            wide = px(SAMPLE + 4) + painter.fontMetrics().horizontalAdvance(words)
            if x + wide > rect.right() + px(RIGHT):
                x, y = rect.left(), y + px(LEGEND_LINE)
            painter.setPen(pen)
            painter.drawLine(QLineF(x, y, x + px(SAMPLE), y))
            painter.setPen(self.look.theme.ink2)
            painter.drawText(QPointF(x + px(SAMPLE + 4), y + px(4)), words)
            x += wide + px(10)


class ForecastPlot(CurvePlot):
    """What was read, what was predicted of it one step before, the forecast, and what really follows."""

    title = "series and forecast"
    below = "step"
    height_px = 224.0
    legend_px = 34.0

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look)
        self.found: Forecasted | None = None

    def show_found(self, found: Forecasted | None, reason: str) -> None:
        """Another answer, or why there is none."""
        self.found, self.reason = found, reason
        self.value = f"{len(found.forecast)} steps ahead" if found is not None else ""
        self.soon()

    def words(self) -> str:
        """The forecast in numbers."""
        if self.found is None:
            return self.reason
        first = ", ".join(significant(float(value)) for value in self.found.forecast[:3])
        return f"{len(self.found.history)} numbers read; forecast begins {first}."

    def paint_plot(self, painter: QPainter, rect: QRectF) -> None:
        """Scale, ground of the forecast, four curves."""
        found = self.found
        if found is None:
            self.paint_reason(painter, rect, self.reason)
            return
        axes, ticks = _axes(found, rect)
        edge = float(axes.x(len(found.history)))
        self.paint_scale(painter, axes, ticks)
        painter.fillRect(
            QRectF(edge, rect.top(), rect.right() - edge, rect.height()), self.look.theme.faded("wy", 0.08)
        )
        self._paint_within(painter, axes, found)
        outside = self.look.px(3)
        painter.save()
        painter.setClipRect(rect.adjusted(-outside, -outside, outside, outside))
        self._paint_curves(painter, axes, found)
        painter.restore()
        self.paint_legend(painter, rect, self._names(found))

    def _names(self, found: Forecasted) -> list[tuple[str, QPen]]:
        read, before, ahead, truth = self._pens()
        names = [("read", read), ("predicted one step ahead", before), ("forecast from its own outputs", ahead)]
        return [*names, ("truth", truth)] if len(found.truth) else names

    def _pens(self) -> tuple[QPen, QPen, QPen, QPen]:
        """Of what was read, predicted of it, forecast, and of the truth."""
        theme, px = self.look.theme, self.look.px
        truth = QPen(theme.ink, px(1.3))
        truth.setDashPattern([1.5, 2.2])
        return QPen(theme.wx, px(1.5)), QPen(theme.wy, px(1.2)), QPen(theme.wy, px(2.2)), truth

    def _paint_curves(self, painter: QPainter, axes: Axes, found: Forecasted) -> None:
        """The read numbers with their predictions, and from the last of them on the forecast and the truth."""
        read, before, ahead, truth = self._pens()
        length, kept = len(found.history), len(found.history) - axes.first + 1
        past, future = axes.x(np.arange(axes.first, length + 1)), axes.x(np.arange(length, axes.last + 1))
        draw_line(painter, past, axes.y(found.history[-kept:]), read)
        if len(found.truth):
            draw_line(painter, future, axes.y(np.concatenate((found.history[-1:], found.truth))), truth)
        draw_line(painter, past, axes.y(found.predicted[-kept:]), before)
        draw_line(painter, future, axes.y(np.concatenate((found.history[-1:], found.forecast))), ahead)
        if len(found.forecast) <= DOTS_UP_TO:
            px, colour = self.look.px, self.look.theme.wy
            draw_dots(painter, future[1:], axes.y(found.forecast), px(2.0), QPen(colour, px(1.2)), colour)

    def _paint_within(self, painter: QPainter, axes: Axes, found: Forecasted) -> None:
        """The stretch over which the forecast stays near the truth."""
        if not found.within:
            return
        px, y = self.look.px, axes.rect.top() + self.look.px(2)
        edge, end = axes.x([len(found.history), len(found.history) + found.within]).tolist()
        painter.setPen(QPen(self.look.theme.ink, px(1.6)))
        painter.drawLine(QLineF(edge, y, end, y))
        for x in (edge, end):
            painter.drawLine(QLineF(x, y - px(3), x, y + px(3)))


def _axes(found: Forecasted, rect: QRectF) -> tuple[Axes, tuple[float, ...]]:
    """Axes with room for as much history as forecast, and the round numbers on their scale."""
    length, ahead = len(found.history), len(found.forecast)
    kept = min(length, max(LEAST_HISTORY, ahead))
    data = np.concatenate((found.history[-kept:], found.truth))
    low, high, _ = limits(data)
    room = BEYOND * (high - low)
    inside = np.clip(np.nan_to_num(found.forecast, nan=low), low - room, high + room)
    low, high, ticks = limits(np.concatenate((data, inside)))
    return Axes(rect, length - kept + 1, length + ahead, low, high), ticks


class ErrorPlot(CurvePlot):
    """Root mean square error against the steps ahead: of the network, of repeating the last number, of the mean."""

    title = "error of the forecast"
    below = "steps ahead"
    height_px = 170.0

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look)
        self.found: ForecastMeasured | None = None

    def show_found(self, found: ForecastMeasured | None, reason: str) -> None:
        """Another answer, or why there is none."""
        self.found, self.reason = found, reason
        many = "s" if found is not None and found.trials > 1 else ""
        self.value = f"over {found.trials} held-out sequence{many}" if found is not None else ""
        self.soon()

    def words(self) -> str:
        """The curve in numbers."""
        if self.found is None:
            return self.reason
        error = self.found.error
        places = [step for step in TOLD if step <= len(error)]
        told = (f"{step} step{'s' if step > 1 else ''} ahead: {significant(float(error[step - 1]))}" for step in places)
        return f"Error {'; '.join(told)}"

    def paint_plot(self, painter: QPainter, rect: QRectF) -> None:
        """Scale, three curves, the tolerance."""
        found, theme, px = self.found, self.look.theme, self.look.px
        if found is None:
            self.paint_reason(painter, rect, self.reason)
            return
        highest = max(found.spread, float(found.repeated.clip(0, 4 * found.spread).max()), found.limit)
        axes = Axes(rect, 1, len(found.error), 0.0, 1.15 * highest)
        self.paint_scale(painter, axes, [tick for tick in limits(np.array([0.0, axes.high]))[2] if tick <= axes.high])
        thick, thin, dashed = QPen(theme.wy, px(2.2)), QPen(theme.ink, px(1.2)), self.dashed(theme.ink2)
        xs, mean = axes.x(np.arange(1, len(found.error) + 1)), float(axes.y(found.spread))
        painter.setPen(dashed)
        painter.drawLine(QLineF(rect.left(), mean, rect.right(), mean))
        draw_line(painter, xs, axes.y(found.repeated), thin)
        draw_line(painter, xs, axes.y(np.where(np.isnan(found.error), np.inf, found.error)), thick)
        self._paint_within(painter, axes, found)
        self.paint_legend(painter, rect, (("network", thick), ("last value", thin), ("mean", dashed)))

    def _paint_within(self, painter: QPainter, axes: Axes, found: ForecastMeasured) -> None:
        """The tolerance, up to the step over which the error stays within it, and down to that step."""
        if found.within:
            x, y = float(axes.x(found.within)), float(axes.y(found.limit))
            painter.setPen(QPen(self.look.theme.ink, self.look.px(1.2)))
            painter.drawLine(QLineF(x, y, x, axes.rect.bottom()))
            painter.drawLine(QLineF(axes.rect.left(), y, x, y))
