"""What the gradient tracks share: the flow of the selected layer, its part, its words, its log plot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPen

from rnnviz.view.facts import gradient_symbol, layer_flow, shown_part
from rnnviz.view.heat import draw_hatch
from rnnviz.view.layer_names import is_reverse
from rnnviz.view.marks import draw_columns, draw_course, draw_heads, draw_line, draw_rule, draw_tick, finite_runs, thick
from rnnviz.view.scales import (
    GrowingLimits,
    LogScale,
    column_extremes,
    decade_text,
    decades,
    rows_of_pixels,
)
from rnnviz.view.tracks.base import Track
from rnnviz.view.tracks.heatmap import body_part
from rnnviz.view.tracks.paced import AFTER_MAPS

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QColor

    from rnnviz.service.messages import LayerFlow

DENSE = 3.0  # below this pitch (px) curves are drawn per pixel column, from smallest to largest value
CLOSE = 10.0  # below this pitch a wide line is drawn column by column too (stroking hundreds of joins is slow)
HEAD_ROOM = 12.0  # px between arrowheads


class FlowTrack(Track):
    """Base of the tracks that draw ``session.gradients`` on a log axis."""

    topics = ("gradients",)
    facts = ("gradients_changed", "loss_step_changed")
    after_trace = AFTER_MAPS

    def __init__(self, **needs: object) -> None:
        super().__init__(**needs)
        self._limits = GrowingLimits(-2.0, 1.0)

    # ---- values -------------------------------------------------------------------------------

    def flow(self) -> LayerFlow | None:
        """The gradient norms of the selected layer, None while there are none."""
        flow = layer_flow(self.session)
        # A reply for another text may still be on its way: never mix lengths.
        return flow if flow is not None and len(flow.log2_total) == self.session.length else None

    @property
    def loss_step(self) -> int:
        """The step k whose loss C_k is differentiated."""
        return self.session.gradients.loss_step if self.session.gradients else 0

    @property
    def part(self) -> str:
        """The shown part, "joint", "h" or "c"; without a cell state all are h."""
        return shown_part(self.session, self.flow())

    def total(self, flow: LayerFlow) -> NDArray[np.floating]:
        """log2 norms of dC_k/d(state) for the part in force."""
        losses = self.trace.loss if self.trace is not None else np.zeros(0)
        if 1 <= self.loss_step <= len(losses) and not np.isfinite(losses[self.loss_step - 1]):
            return np.full(len(flow.log2_total), np.nan)  # a loss that overflowed has no gradient: a gap, not a zero
        cell = flow.log2_cell if flow.log2_cell is not None else flow.log2_hidden
        return {"h": flow.log2_hidden, "c": cell}.get(self.part, flow.log2_total)

    def summed(self, flow: LayerFlow) -> NDArray[np.floating]:
        """The same for the sum of all losses."""
        cell = flow.log2_summed_cell if flow.log2_summed_cell is not None else flow.log2_summed_hidden
        return {"h": flow.log2_summed_hidden, "c": cell}.get(self.part, flow.log2_summed)

    def symbol(self, step: str = "t", loss: str = "") -> str:
        """Markup of the drawn norm, ``‖∂C_{13} / ∂h_t‖``."""
        return gradient_symbol(self.part, step, loss or self.loss_step)

    @property
    def leftward(self) -> bool:
        """True where the gradient flows to earlier steps; a right-to-left layer sends it to later ones."""
        flow = self.flow()
        return flow is None or not is_reverse(flow.name)

    def beyond(self, length: int) -> NDArray[np.bool_]:
        """Which of ``length`` rows lie behind the source, where no gradient of this loss can arrive."""
        steps = np.arange(1, length + 1)
        return steps > self.loss_step if self.leftward else steps < self.loss_step

    def empty_reason(self) -> str:
        """Never empty without a reason in words."""
        missing = super().empty_reason()
        if missing or self.flow() is not None:
            return missing
        gradients = self.session.gradients
        if gradients is not None and gradients.loss_step == 0:
            return "This text has no loss, so no gradient flows. Give it a target."
        return "Waiting for the engine to differentiate the loss."

    def choices(self) -> tuple[tuple[str, str], ...]:
        """H | c | joint for cells with a cell state."""
        flow = self.flow()
        if flow is None or flow.log2_cell is None:
            return ()
        return (("joint", "h, c"), ("h", "h"), ("c", "c"))

    def choice(self) -> str:
        """The part in force."""
        return self.part

    def switched(self, value: str) -> None:
        """Show another part, here and in every gradient view."""
        self.session.set_part(value)

    # ---- drawing ------------------------------------------------------------------------------

    def scale(self, rect: QRectF, *series: NDArray[np.floating]) -> LogScale:
        """Decades that hold every series; they grow with the data and never shrink for one model and text."""
        low, high = self._limits.fit((self.data_key(), self.session.layer), series)
        return LogScale(low, high, rect.top() + self.look.px(5), rect.bottom() - self.look.px(3))

    def plot_rect(self, rect: QRectF) -> QRectF:
        """The columns 1..length within ``rect``."""
        return body_part(self.axis, rect)

    def draw_grid(self, painter: QPainter, part: QRectF, scale: LogScale) -> None:
        """A hairline and a label for every decade there is room for."""
        look, right = self.look, max(self.axis.gutter, part.left()) - self.look.px(6)
        for decade in scale.ticks(look.px(15)):
            y = float(scale.y(decade))
            draw_rule(painter, part.left(), part.right(), y, QPen(look.theme.line, 1))
            draw_tick(painter, look, right, y, decade_text(decade))

    def steps_shown(self) -> NDArray[np.intp]:
        """0-based rows of the columns on screen and one beyond on both sides, so that lines leave the picture."""
        shown = self.visible_steps()
        return np.arange(max(0, shown.start - 2), min(self.session.length, shown.stop))

    def xs(self, rows: NDArray[np.intp]) -> NDArray[np.float64]:
        """X of the centre of the columns ``rows``."""
        axis = self.axis
        return axis.gutter + (rows + 1 - axis.first + 0.5) * axis.pitch - axis.scroll

    def draw_curve(
        self, painter: QPainter, part: QRectF, scale: LogScale, values: NDArray, pen: QPen, *, heads: float = 0.0
    ) -> None:
        """A curve of log10 ``values`` (T,): gaps where nothing arrives (−inf) or the number overflowed."""
        if self.axis.pitch < DENSE:
            ratio = painter.device().devicePixelRatioF()
            inside = np.where((values >= scale.low) & (values <= scale.high), values, np.nan)
            low, high = column_extremes(inside, rows_of_pixels(self.axis, part, ratio, self.session.length))
            top, bottom = thick(scale.y(high), scale.y(low), max(1.0, pen.widthF()))
            draw_columns(painter, part, top, bottom, pen.color(), ratio)
            return
        rows = self.steps_shown()
        if not rows.size:
            return
        shown = values[rows]
        inside = (shown >= scale.low - 1e-9) & (shown <= scale.high + 1e-9)
        xs, ys = self.xs(rows), np.where(inside, scale.y(shown), np.nan)
        if self.axis.pitch < CLOSE and np.isfinite(ys).all():
            draw_course(painter, part, xs, ys, pen)
        else:
            draw_line(painter, xs, ys, pen)
        if heads:
            stride = max(1, int(np.ceil(self.look.px(HEAD_ROOM) / self.axis.pitch)))
            chosen = (rows % stride == (self.loss_step - 1) % stride) if stride > 1 else np.ones(len(rows), bool)
            draw_heads(painter, xs[chosen], ys[chosen], heads, pen.color(), left=self.leftward)

    def mark_missing(
        self, painter: QPainter, part: QRectF, scale: LogScale, values: NDArray[np.float64], colour: QColor
    ) -> None:
        """Say what a gap is: dots on the floor below the scale or at nothing, on top above it; a hatch for overflow."""
        near = self.visible_steps()
        seen = values[max(0, near.start - 1) : near.stop]
        if ((seen >= scale.low) & (seen <= scale.high)).all():
            return
        ratio = painter.device().devicePixelRatioF()
        rows = rows_of_pixels(self.axis, part, ratio, self.session.length)
        shown = np.where(rows >= 0, values[np.maximum(rows, 0)], 0.0)
        dotted = np.arange(len(rows)) // 2 % 2 == 0
        with np.errstate(invalid="ignore"):
            marks = ((shown < scale.low, scale.bottom), (shown > scale.high, scale.top))
        for beyond, y in marks:
            where = np.where(beyond & dotted, 0.0, np.nan)
            if (beyond & dotted).any():
                draw_columns(painter, part, where + y - 1, where + y + 1, colour, ratio)
        overflow = np.isnan(shown) | np.isposinf(shown)
        for run in finite_runs(np.where(overflow, 0.0, np.nan)):
            left, right = part.left() + run.start / ratio, part.left() + run.stop / ratio
            draw_hatch(painter, QRectF(left, part.top(), right - left, part.height()), colour)

    def log10(self, log2: NDArray[np.floating]) -> NDArray[np.float64]:
        """log2 norms as decades."""
        return decades(log2)
