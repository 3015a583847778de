"""Factors: the mean stretch ‖∂h_t/∂h_{t−1}‖_F / √n of every step, and their running product back from the loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QPainter, QPen

from rnnviz.view import math_text
from rnnviz.view.marks import draw_columns, draw_rule
from rnnviz.view.scales import column_extremes, norm_text, rows_of_pixels
from rnnviz.view.tracks.base import TrackEntry
from rnnviz.view.tracks.flow import DENSE, FlowTrack
from rnnviz.view.tracks.header import HeaderLine

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtCore import QRectF

    from rnnviz.service.messages import LayerFlow
    from rnnviz.view.scales import LogScale

BAR_SHARE = 0.5


class FactorsTrack(FlowTrack):
    """Bars from 1 up or down: what one step multiplies by on average; the line: all of them multiplied."""

    collapsed_height = 30

    def choices(self) -> tuple[tuple[str, str], ...]:
        """The factor is that of the whole state; there is nothing to switch."""
        return ()

    def factor_symbol(self, step: int = 0) -> str:
        """Markup of one factor at ``step`` (0: t); for a cell with c it is the Jacobian of the joint state."""
        flow, side = self.flow(), -1 if self.leftward else 1
        step, before = (str(step), str(step + side)) if step else ("t", f"t{side:+d}")
        state = "(h, c)" if flow is not None and flow.log2_cell is not None else "h"
        return f"‖∂{state}_{{{step}}} / ∂{state}_{{{before}}}‖ / √n"

    def header_lines(self) -> tuple[HeaderLine, ...]:
        """The factor, the line, the scale."""
        return (
            HeaderLine(self.factor_symbol(), "maths"),
            HeaderLine("mean stretch ‖J_t‖_F / √n", "maths"),
            HeaderLine(f"line: product from {self.loss_step} {'back' if self.leftward else 'ahead'}"),
            HeaderLine("bars: one step, log scale"),
        )

    def paint_body(self, painter: QPainter, rect: QRectF) -> None:
        """Grid with the line of 1, bars, product."""
        flow = self.flow()
        if flow is None:
            return
        part = self.plot_rect(rect)
        factors, product = self.log10(flow.log2_gain), self.log10(flow.log2_product)
        scale = self.scale(part, factors, product)
        key = (self.same(flow), scale, self.collapsed)
        if not self.collapsed:
            self.draw_layer(painter, rect, "grid", lambda p, _: self.draw_grid(p, part, scale), *key)
        self.draw_ghosted(
            painter,
            rect,
            "data",
            lambda p, _: self._draw(p, part, scale, factors, product),
            *key,
            swept=True,
            ghost=0.4,
        )

    def _draw(self, painter: QPainter, part: QRectF, scale: LogScale, factors: NDArray, product: NDArray) -> None:
        look, ratio, theme = self.look, painter.device().devicePixelRatioF(), self.look.theme
        one = float(scale.y(0.0))
        rows = rows_of_pixels(self.axis, part, ratio, self.session.length)
        finite = np.where(np.isfinite(factors), factors, np.nan)
        low, high = column_extremes(finite, rows)
        if self.axis.pitch >= DENSE:
            x = part.left() + (np.arange(len(rows)) + 0.5) / ratio
            within = ((x - self.axis.gutter + self.axis.scroll) / self.axis.pitch) % 1.0
            low[np.abs(within - 0.5) > BAR_SHARE / 2] = np.nan
            high = np.where(np.isnan(low), np.nan, high)
        top, bottom = np.fmin(one, scale.y(high)), np.fmax(one, scale.y(low))
        top, bottom = np.where(np.isnan(high), np.nan, top), np.where(np.isnan(low), np.nan, bottom + 1)
        draw_columns(painter, part, top, bottom, theme.faded("grad", 0.42), ratio)
        draw_rule(painter, part.left(), part.right(), one, QPen(theme.ink, 1))
        pen = QPen(theme.grad, look.px(2.2))
        painter.setClipRect(part.adjusted(0, -6, 0, 6))
        self.draw_curve(painter, part, scale, product, pen, heads=look.px(4.6))
        beyond = np.isneginf(product) | self.beyond(len(product))
        self.mark_missing(painter, part, scale, np.where(beyond, 0.0, product), theme.grad)

    def product_text(self, flow: LayerFlow, step: int) -> str:
        """The running product at ``step`` in words."""
        product = norm_text(float(flow.log2_product[step - 1]))
        return f"product of the mean stretches from t = {self.loss_step} back to here: {product}"

    def readout(self, step: int, y: float) -> str:
        """The factor and the product at ``step``."""
        del y
        flow = self.flow()
        if flow is None:
            return ""
        symbol = math_text.plain(self.factor_symbol(step))
        return f"{symbol} = {norm_text(float(flow.log2_gain[step - 1]))}\n{self.product_text(flow, step)}"

    def table(self) -> tuple[list[str], list[list[str]]]:
        """One row a time step."""
        flow, titles = self.flow(), ["t", "token", "mean stretch", "running product"]
        if flow is None:
            return titles, []
        pairs = zip(flow.log2_gain.tolist(), flow.log2_product.tolist(), strict=True)
        return titles, [[str(t), self.token(t), norm_text(f), norm_text(p)] for t, (f, p) in enumerate(pairs, start=1)]

    def description(self) -> str:
        """What bars and line are."""
        return (
            f"Mean stretch of each step{self.whose}, {math_text.plain(self.factor_symbol())} (root mean square "
            f"singular value, n the size of the state), as bars from 1 on a log scale, "
            f"and the running product back from step {self.loss_step} as a line."
        )


ENTRY = TrackEntry(
    key="factors", title="Factors", shortcut="Alt+6", icon="factors", factory=FactorsTrack,
    default_height=100, minimum_height=48, opens_with="",
)  # fmt: skip
