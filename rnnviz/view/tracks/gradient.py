"""Gradient norm: how much of one loss C_k arrives at every step, on a log axis, with the memory horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.session.breakpoints import Breakpoint
from rnnviz.view import math_text
from rnnviz.view.marks import draw_dots
from rnnviz.view.scales import norm_text, percent_text
from rnnviz.view.tracks.base import TrackEntry
from rnnviz.view.tracks.flow import CLOSE, FlowTrack
from rnnviz.view.tracks.gradient_presenter import paint_presenter, paint_words
from rnnviz.view.tracks.header import HeaderLine

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rnnviz.service.messages import LayerFlow
    from rnnviz.view.scales import LogScale

BRACKET = 17.0  # room below the plot for the horizon, design px
DOTS_FROM = 7.0  # own-loss dots need this pitch, px


class GradientTrack(FlowTrack):
    """‖∂C_k/∂h_t‖ per step: thick with arrowheads; the sum over all losses thin; own direct part as dots."""

    facts = (*FlowTrack.facts, "direction_changed")
    collapsed_height = 30

    def __init__(self, **needs: object) -> None:
        super().__init__(**needs)
        self._kept: tuple[LayerFlow, str, tuple[NDArray, ...]] | None = None

    def header_lines(self) -> tuple[HeaderLine, ...]:
        """Log scale, the drawn norm, the switch, what line and dots mean."""
        lines = [HeaderLine("log scale")]
        if self.flow() is not None:
            lines.append(HeaderLine(self.symbol(), "maths", "grad"))
        if self.choices():
            lines.append(HeaderLine("", "switch"))
        return (*lines, HeaderLine("line: sum over all losses"), HeaderLine("own loss only", "dot"))

    # ---- drawing ------------------------------------------------------------------------------

    def paint_body(self, painter: QPainter, rect: QRectF) -> None:
        """Grid, sum, dots; then the swept part thick and the rest of the last full pass as a dashed ghost."""
        flow = self.flow()
        if flow is None:
            return
        if self.look.presenter:
            paint_presenter(self, painter, rect, flow)
            return
        bracket = 0.0 if self.collapsed or rect.height() < self.look.px(60) else self.look.px(BRACKET)
        part = self.plot_rect(rect.adjusted(0, 0, 0, -bracket))
        total, summed, direct = self._numbers(flow)
        scale = self.scale(part, total, summed, direct)
        key = (self.same(flow), self.part, self.loss_step, scale, self.collapsed)
        if not self.collapsed:
            left = self.tick_room(rect).left()
            area = QRectF(left, round(rect.top()) - 4, self.width() - left, round(rect.height()) + 8)
            self.draw_still(painter, area, "grid", lambda p: self.draw_grid(p, part, scale), scale, part.getRect())
        self.draw_layer(painter, rect, "ground", lambda p, _: self._draw_ground(p, part, scale, summed, direct), *key)
        pen = QPen(self.look.theme.grad, self.look.px(2.4), c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin)
        if self.axis.pitch < CLOSE:
            pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
        self._clip(painter, rect, self._swept(), lambda p: self.draw_layer(
            p, rect, "line", lambda q, _: self._draw_total(q, part, scale, total, pen), *key))  # fmt: skip
        for side in self._ghosts(rect):
            self._clip(painter, rect, side, lambda p: self.draw_layer(
                p, rect, "ghost", lambda q, _: self._draw_ghost(q, part, scale, total), *key))  # fmt: skip
        if bracket:
            y, words = part.bottom() + bracket * 0.62, self.horizon_words(flow)
            steps = (self.loss_step, self.horizon_steps(flow))
            self.draw_layer(painter, rect, "horizon", lambda p, _: self._draw_horizon(p, flow, words, y),
                            words, steps, self.axis.width, y)  # fmt: skip

    def paint_over(self, painter: QPainter, rect: QRectF) -> None:
        """In the lecture hall the horizon's words stand over the cursor."""
        flow = self.flow()
        if flow is not None and self.look.presenter:
            paint_words(self, painter, rect, flow)

    def _numbers(self, flow: LayerFlow) -> tuple[NDArray, NDArray, NDArray]:
        """Norm, sum and own part in decades, kept until the flow or the part changes."""
        if self._kept is None or self._kept[0] is not flow or self._kept[1] != self.part:
            arrays = (self.total(flow), self.summed(flow), flow.log2_direct)
            self._kept = (flow, self.part, tuple(self.log10(array) for array in arrays))
        return self._kept[2]

    def _swept(self) -> tuple[float, float]:
        """The x range where the line is drawn in full, to the middle of the cursor's column."""
        step = self.session.time_step
        if not self.backward:
            return self.axis.gutter, self.axis.left_of(step + 1)
        if not self.leftward:
            return self.axis.gutter, self.axis.x_of(self.reached) + self.look.px(5.2)
        return self.axis.x_of(step) - self.look.px(5.2) if step else self.axis.gutter, self.axis.width

    def _ghosts(self, rect: QRectF) -> tuple[tuple[float, float], ...]:
        low, high = self._swept()
        return (rect.left(), low), (high, rect.right())

    @staticmethod
    def _clip(painter: QPainter, rect: QRectF, span: tuple[float, float], draw: object) -> None:
        left, right = max(rect.left(), span[0]), min(rect.right(), span[1])
        if right > left:
            painter.save()
            painter.setClipRect(QRectF(left, 0, right - left, rect.bottom() + 8), Qt.ClipOperation.IntersectClip)
            draw(painter)
            painter.restore()

    def _draw_ground(self, painter: QPainter, part: QRectF, scale: LogScale, summed: NDArray, direct: NDArray) -> None:
        painter.setClipRect(part.adjusted(0, -4, 0, 4))
        self.draw_curve(painter, part, scale, summed, QPen(self.look.theme.ink, 1.0))
        known = np.where(np.isneginf(summed), 0.0, summed)
        self.mark_missing(painter, part, scale, known, self.look.theme.ink)
        if self.axis.pitch >= DOTS_FROM:
            rows = self.steps_shown()
            ys = np.where(np.isfinite(direct[rows]), scale.y(direct[rows]), np.nan)
            radius = min(self.look.px(2.4), self.axis.pitch * 0.22)
            draw_dots(painter, self.xs(rows), ys, radius, QPen(self.look.theme.ink, 1.1), self.ground)

    def _draw_total(self, painter: QPainter, part: QRectF, scale: LogScale, total: NDArray, pen: QPen) -> None:
        painter.setClipRect(part.adjusted(0, -6, 0, 6))
        self.draw_curve(painter, part, scale, total, pen, heads=self.look.px(5.2))
        self.mark_missing(painter, part, scale, self._news(total), self.look.theme.grad)

    def _news(self, total: NDArray) -> NDArray:
        """``total`` with 0 at the steps behind the source, where an empty place needs no mark."""
        return np.where(self.beyond(len(total)) & ~np.isfinite(total), 0.0, total)

    def _draw_ghost(self, painter: QPainter, part: QRectF, scale: LogScale, total: NDArray) -> None:
        painter.setClipRect(part.adjusted(0, -6, 0, 6))
        pen = QPen(self.look.theme.faded("grad", 0.6), 1.0)
        if self.axis.pitch >= CLOSE:
            pen.setDashPattern([3, 2.5])
        self.draw_curve(painter, part, scale, total, pen)

    def horizon_steps(self, flow: LayerFlow) -> int:
        """The memory horizon of the part in force, as the engine counted it."""
        return flow.horizons.get(self.part, flow.horizons.get("joint", 0))

    def horizon_words(self, flow: LayerFlow) -> str:
        """The horizon with its threshold, always together."""
        count = self.horizon_steps(flow)
        back = "back" if self.leftward else "ahead"
        reach = count == (self.loss_step - 1 if self.leftward else self.session.length - self.loss_step)
        whole = ", the whole way" if reach and count else ""
        left = f"at least {percent_text(self.session.threshold)} left"
        return f"memory horizon: {count} step{'s' * (count != 1)} {back}{whole}, {left}"

    def _draw_horizon(self, painter: QPainter, flow: LayerFlow, words: str, y: float) -> None:
        axis, look = self.axis, self.look
        ends = (self.loss_step, self.loss_step - self.horizon_steps(flow) * (1 if self.leftward else -1))
        left, right = axis.left_of(min(ends)), axis.left_of(max(ends) + 1)
        painter.setPen(QPen(look.theme.grad, 1.3))
        painter.setFont(look.font("small"))
        metrics = painter.fontMetrics()
        width, half = metrics.horizontalAdvance(words), look.px(4)
        shown_left, shown_right = max(left, axis.gutter), min(right, axis.width)
        for x in (left, right):
            if axis.gutter <= x <= axis.width:
                painter.drawLine(QLineF(x, y - half, x, y + half))
        inside = shown_right - shown_left > width + look.px(24)
        start = (shown_left + shown_right - width) / 2 if inside else shown_left - width - look.px(8)
        if not inside and start < axis.gutter:
            start = min(shown_right + look.px(8), axis.width - width - look.px(4))
        gap = (start - look.px(6), start + width + look.px(6))
        pieces = ((shown_left, gap[0]), (gap[1], shown_right)) if inside else ((shown_left, shown_right),)
        for begin, end in pieces:
            if end > begin:
                painter.drawLine(QLineF(begin, y, end, y))
        painter.drawText(QPointF(start, y + metrics.ascent() / 2 - 1.5), words)

    def breakpoint_condition(self) -> Breakpoint | None:
        """Stop where the gradient has fallen below the threshold of the horizon, as a share of its start."""
        flow = self.flow()
        if flow is None or not self.loss_step:
            return None
        start = float(np.exp2(min(float(flow.log2_total[self.loss_step - 1]), 1000.0)))
        return Breakpoint("gradient", "<", float(f"{start * self.session.threshold:.2g}")) if start > 0 else None

    # ---- words --------------------------------------------------------------------------------

    def readout(self, step: int, y: float) -> str:
        """Norm, share of its start, sum and own part at ``step``."""
        del y
        flow = self.flow()
        if flow is None:
            return ""
        total, row = self.total(flow), step - 1
        lines = [f"{math_text.plain(self.symbol(str(step)))}{self.whose} = {norm_text(float(total[row]))}"]
        share = float(total[row]) - float(total[self.loss_step - 1])
        if self.loss_step and np.isfinite(share) and abs(share) < 1000:
            lines.append(f"{percent_text(2.0**share)} of its start at t = {self.loss_step}")
        lines.append(f"sum over all losses: {norm_text(float(self.summed(flow)[row]))}")
        lines.append(f"own loss only: {norm_text(float(flow.log2_direct[row]))}")
        return "\n".join(lines)

    def mean_text(self, rows: slice, y: float) -> str:
        """The geometric mean of the norm: the axis is logarithmic."""
        del y
        flow = self.flow()
        if flow is None:
            return ""
        norms = self.total(flow)[rows]
        known = norms[np.isfinite(norms)]
        return f"{norm_text(float(known.mean()))} (geometric)" if known.size else ""

    def table(self) -> tuple[list[str], list[list[str]]]:
        """One row a time step."""
        flow = self.flow()
        titles = ["t", "token", math_text.plain(self.symbol()), "sum over all losses", "own loss only"]
        if flow is None:
            return titles, []
        columns = (self.total(flow).tolist(), self.summed(flow).tolist(), flow.log2_direct.tolist())
        rows = zip(*columns, strict=True)
        return titles, [[str(t), self.token(t), *map(norm_text, row)] for t, row in enumerate(rows, start=1)]

    def description(self) -> str:
        """What is drawn, and the horizon."""
        flow = self.flow()
        norm = math_text.plain(self.symbol())
        words = f"; {self.horizon_words(flow)}" if flow is not None else ""
        what = f"Gradient norm {norm}{self.whose}, per time step on a log scale"
        return f"{what}, with the sum over all losses and own parts{words}."


ENTRY = TrackEntry(
    key="gradient", title="Gradient norm", shortcut="Alt+3", icon="gradient", factory=GradientTrack,
    default_height=112, minimum_height=52, opens_with="backward",
)  # fmt: skip
