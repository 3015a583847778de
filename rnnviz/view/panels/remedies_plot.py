"""The small plots of the Remedies tab: gradient norm while training with its limit, and the curve before and now."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.view.look import significant
from rnnviz.view.marks import draw_columns, draw_heads, draw_line, draw_rule, draw_tick, thick
from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.scales import LOG10_OF_2, GrowingLimits, LogScale, decade_text, percent_text

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray
    from PySide6.QtGui import QColor, QPaintEvent

    from rnnviz.session.values import TrainingRecord
    from rnnviz.view.look import Look

    Floats = NDArray[np.float64]

LEFT, TOP, BOTTOM, RIGHT = 40.0, 22.0, 20.0, 8.0
HEADS = 40.0  # px between two arrowheads
FEW = 150
"""A line through more points than these is drawn column by column."""


class SmallPlot(QWidget):
    """Title, value, a plot on paper, numbers along its axes. Painted in its turn."""

    title = ""
    below = ""
    height_px = 128.0

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self.look, self.value = look, ""
        self._turn = Turn(self, self.update, weight=PANEL)
        self.setAccessibleName(self.title)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """The design height."""
        return QSize(self.look.ipx(220), self.look.ipx(self.height_px))

    def soon(self) -> None:
        """Draw what is new, and say it to those who do not see it."""
        self.setAccessibleDescription(self.words())
        self._turn.ask()

    def words(self) -> str:
        """The plot in one sentence."""
        return self.value

    def plot_rect(self) -> QRectF:
        """Between the axes."""
        px = self.look.px
        return QRectF(px(LEFT), px(TOP), self.width() - px(LEFT + RIGHT), self.height() - px(TOP + BOTTOM))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Head, then the plot or the reason why there is none."""
        del event
        with self._turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_head(painter)
            self.paint_plot(painter, self.plot_rect())

    def paint_plot(self, painter: QPainter, rect: QRectF) -> None:
        """Axes and curves."""
        raise NotImplementedError

    def _paint_head(self, painter: QPainter) -> None:
        look = self.look
        painter.setFont(look.font("small"))
        painter.setPen(look.theme.ink2)
        baseline = look.px(12)
        painter.drawText(QPointF(0, baseline), self.title)
        painter.setPen(look.theme.ink)
        wide = painter.fontMetrics().horizontalAdvance(self.value)
        painter.drawText(QPointF(self.width() - wide - look.px(RIGHT), baseline), self.value)

    def paint_reason(self, painter: QPainter, rect: QRectF, reason: str) -> None:
        """Why there is no curve."""
        painter.setFont(self.look.font("small"))
        painter.setPen(self.look.theme.ink2)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap, reason)

    def paint_decades(self, painter: QPainter, rect: QRectF, scale: LogScale) -> None:
        """Hairlines and numbers of a log axis."""
        for decade in scale.ticks(self.look.px(17)):
            y = float(scale.y(decade))
            draw_rule(painter, rect.left(), rect.right(), y, QPen(self.look.theme.line, 1))
            draw_tick(painter, self.look, rect.left() - self.look.px(6), y, decade_text(decade))

    def paint_foot(self, painter: QPainter, rect: QRectF, left: str, right: str) -> None:
        """What stands at both ends of the lower axis, and between them its name."""
        look = self.look
        painter.setFont(look.font("tick"))
        painter.setPen(look.theme.ink2)
        line = QRectF(rect.left(), rect.bottom() + look.px(3), rect.width(), look.px(BOTTOM - 3))
        for flag, words in (
            (Qt.AlignmentFlag.AlignLeft, left),
            (Qt.AlignmentFlag.AlignHCenter, self.below),
            (Qt.AlignmentFlag.AlignRight, right),
        ):
            painter.drawText(line, flag | Qt.AlignmentFlag.AlignTop, words)

    def dashed(self, colour: QColor, width: float = 1.2) -> QPen:
        """The pen of a limit."""
        pen = QPen(colour, self.look.px(width))
        pen.setDashPattern([4, 3])
        return pen


class ClipPlot(SmallPlot):
    """Length of the gradient at every training step: thin as it came, thick as it was used, the limit dashed."""

    title = "gradient norm"
    below = "training step"

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look)
        self._limits = GrowingLimits(-1.0, 0.0)
        self.steps: Floats = np.empty(0)
        self.before: Floats = np.empty(0)
        self.after: Floats = np.empty(0)
        self.limit, self._run = 0.0, 0

    def show_record(self, record: TrainingRecord, limit: float) -> None:
        """The run so far and the limit now in force (0: none)."""
        self._run += len(record.steps) < len(self.steps)
        self.steps, self.before, self.limit = record.steps, record.gradient_norms, limit
        with np.errstate(invalid="ignore"):
            cut = (record.clips > 0) & (self.before > record.clips)
        self.after = np.where(cut, record.clips, self.before)
        known = int(np.isfinite(record.clips).sum())
        self.value = f"{int(cut.sum())} of {known} steps clipped" if known else ""
        self.soon()

    def words(self) -> str:
        """Newest norm, before and after, and how many were clipped."""
        if not len(self.steps):
            return "No training step yet."
        limit = f"limit {self.limit:g}" if self.limit else "no limit"
        newest = f"{significant(float(self.before[-1]))} before, {significant(float(self.after[-1]))} after clipping"
        return f"Gradient norm {newest}; {limit}; {self.value or 'number of clipped steps not known'}."

    def paint_plot(self, painter: QPainter, rect: QRectF) -> None:
        """Log axis, both curves, the limit with its number."""
        if not len(self.steps):
            self.paint_reason(painter, rect, "Train, and the length of every gradient is drawn here.")
            return
        with np.errstate(divide="ignore", invalid="ignore"):
            before, after = np.log10(self.before), np.log10(self.after)
        line = np.array([math.log10(self.limit)]) if self.limit else np.empty(0)
        low, high = self._limits.fit(self._run, (before, line), span=8)
        scale = LogScale(low, max(high, low + 1), rect.top(), rect.bottom())
        self.paint_decades(painter, rect, scale)
        painter.save()
        painter.setClipRect(rect.adjusted(-2, -2, 2, 2))
        grad, px = self.look.theme.grad, self.look.px
        crowded = len(self.steps) > FEW  # then thin lines run together, and a paler colour tells them apart
        for values, width, colour in ((before, 1.0, self.look.theme.faded("grad", 0.45)), (after, 2.2, grad)):
            ys = np.where(np.isfinite(values), scale.y(values), np.nan)
            if crowded:
                self._paint_many(painter, rect, ys, (px(width), colour))
            else:
                draw_line(painter, self._xs(self.steps, rect), ys, QPen(grad, px(width)))
        painter.restore()
        if self.limit:
            self._paint_limit(painter, rect, float(scale.y(line)[0]))
        self.paint_foot(painter, rect, "0", f"{int(self.steps[-1])}")

    def _paint_many(self, painter: QPainter, rect: QRectF, ys: Floats, pen: tuple[float, QColor]) -> None:
        """Column by column from the smallest to the largest value: as cheap with a million steps as with hundreds."""
        ratio = painter.device().devicePixelRatioF()
        count = max(1, round(rect.width() * ratio))
        edges = np.searchsorted(self.steps, np.linspace(0.0, float(self.steps[-1]), count + 1))
        edges = np.minimum(edges, len(ys) - 1)
        low, high = np.fmin.reduceat(ys, edges[:-1]), np.fmax.reduceat(ys, edges[:-1])
        top, bottom = thick(low, high, pen[0])
        draw_columns(painter, rect, top, bottom, pen[1], ratio)

    def _xs(self, steps: Floats, rect: QRectF) -> Floats:
        return np.asarray(rect.left() + steps / max(1.0, float(self.steps[-1])) * rect.width(), np.float64)

    def _paint_limit(self, painter: QPainter, rect: QRectF, y: float) -> None:
        painter.setPen(self.dashed(self.look.theme.ink))
        painter.drawLine(QLineF(rect.left(), y, rect.right(), y))
        painter.setFont(self.look.font("tick"))
        words, px = f"limit {self.limit:g}", self.look.px
        metrics = painter.fontMetrics()
        wide, high = metrics.horizontalAdvance(words) + px(6), metrics.height()
        above = y - high > rect.top()
        box = QRectF(rect.right() - wide, y - high - 1 if above else y + 2, wide, high)
        painter.fillRect(box, self.look.theme.panel)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, words)


BELOW = {False: "← steps back from the loss", True: "steps ahead of the loss →"}
"""Of a layer from left to right, and of one from the end, whose gradient flows to later steps."""


@dataclass(frozen=True, eq=False)
class ShareCurve:
    """The gradient of one loss as shares of its start: log2 per time step (−inf: nothing arrives), and its horizon.

    ``of`` says of what state: the layer and the part.
    """

    log2: Floats
    loss_step: int
    horizon: int
    training_step: int
    reverse: bool = False
    of: tuple[str, ...] = ()

    @property
    def reached(self) -> tuple[Floats, Floats]:
        """Steps from the loss, back or in a layer from the end ahead, and the share there in decades."""
        row = self.log2[self.loss_step - 1 :] if self.reverse else self.log2[self.loss_step - 1 :: -1]
        finite = np.flatnonzero(np.isfinite(row))
        start = row[finite[0]] if finite.size else 0.0
        return np.arange(len(row), dtype=np.float64), np.asarray((row - start) * LOG10_OF_2, np.float64)

    @property
    def words(self) -> str:
        """Its horizon and when it was so."""
        return f"horizon {self.horizon} at training step {self.training_step}"


class SharePlot(SmallPlot):
    """The gradient curve before the last switch (thin, ink) and now (gradient colour), as shares of their start."""

    title = "share of the gradient left"
    below = BELOW[False]
    height_px = 132.0

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look)
        self._limits = GrowingLimits(-3.0, 0.0)
        self.before: ShareCurve | None = None
        self.now: ShareCurve | None = None
        self.threshold = 0.01
        self._key: Hashable = None

    def show_curves(self, before: ShareCurve | None, now: ShareCurve | None, threshold: float) -> None:
        """Draw both; the scale only grows while they are of the same loss."""
        self.before, self.now, self.threshold = before, now, threshold
        self._key = (now.loss_step, len(now.log2)) if now is not None else None
        self.below = BELOW[now is not None and now.reverse]
        self.value = "" if now is None else f"horizon {now.horizon}"
        if now is not None and before is not None:
            self.value = f"horizon {before.horizon} → {now.horizon}"
        self.soon()

    def words(self) -> str:
        """Both horizons."""
        parts = [f"{name}: {curve.words}" for name, curve in (("before", self.before), ("now", self.now)) if curve]
        return "; ".join(parts) or "No loss in this text."

    def paint_plot(self, painter: QPainter, rect: QRectF) -> None:
        """Log axis, threshold, both curves, both horizons as ticks below."""
        now = self.now
        if now is None:
            self.paint_reason(painter, rect, "This text has no loss, so there is no gradient.")
            return
        curves = [(curve, curve.reached) for curve in (self.before, now) if curve is not None]
        low, high = self._limits.fit(self._key, [values for _, (_, values) in curves])
        scale = LogScale(low, max(high, low + 1), rect.top(), rect.bottom())
        self.paint_decades(painter, rect, scale)
        y = float(scale.y(math.log10(self.threshold)))
        painter.setPen(self.dashed(self.look.theme.ink, 1.0))
        painter.drawLine(QLineF(rect.left(), y, rect.right(), y))
        painter.setFont(self.look.font("tick"))
        painter.drawText(QPointF(rect.left() + self.look.px(3), y - self.look.px(3)), percent_text(self.threshold))
        for curve, (back, values) in curves:
            self._paint_curve(painter, rect, scale, self._xs(back, rect), values, is_now=curve is now)
        self._paint_horizon(painter, rect)
        ends = ("0", str(self.furthest)) if now.reverse else (str(self.furthest), "0")
        self.paint_foot(painter, rect, *ends)

    @property
    def furthest(self) -> int:
        """The steps that the present curve goes back."""
        return len(self.now.reached[0]) - 1 if self.now is not None else 0

    def _xs(self, back: Floats, rect: QRectF) -> Floats:
        along = back / max(1, self.furthest) * rect.width()
        rightward = self.now is not None and self.now.reverse
        return np.asarray(rect.left() + along if rightward else rect.right() - along, np.float64)

    def _paint_curve(
        self, painter: QPainter, rect: QRectF, scale: LogScale, xs: Floats, values: Floats, *, is_now: bool
    ) -> None:
        theme, px = self.look.theme, self.look.px
        ys = np.where(np.isfinite(values), scale.y(values), np.nan)
        painter.save()
        painter.setClipRect(rect.adjusted(-px(6), -3, px(6), 3))
        draw_line(painter, xs, ys, QPen(theme.grad, px(2.4)) if is_now else QPen(theme.ink, px(1.2)))
        if is_now and len(xs) > 1:
            stride = max(1, math.ceil(px(HEADS) / max(1e-9, abs(float(xs[0] - xs[1])))))
            leftward = float(xs[1]) < float(xs[0])
            draw_heads(painter, xs[1::stride], ys[1::stride], px(4.2), theme.grad, left=leftward)
        painter.restore()

    def _paint_horizon(self, painter: QPainter, rect: QRectF) -> None:
        """A short stroke at the lower axis where each horizon lies: ink before, gradient now."""
        theme, px = self.look.theme, self.look.px
        for curve, colour, width in ((self.before, theme.ink, 1.2), (self.now, theme.grad, 2.4)):
            if curve is not None and self.furthest:
                x = float(self._xs(np.array([min(curve.horizon, self.furthest)]), rect)[0])
                painter.setPen(QPen(colour, px(width)))
                painter.drawLine(QLineF(x, rect.bottom() - px(9), x, rect.bottom()))
