"""Weight contribution: how much every copy of the cell adds to the gradient of the one shared W_hh."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtGui import QPainter, QPen

from rnnviz.view import math_text
from rnnviz.view.look import significant
from rnnviz.view.marks import draw_columns, draw_overflow, draw_rule, draw_tick
from rnnviz.view.scales import GrowingLevel, column_extremes, norm_text, rows_of_pixels
from rnnviz.view.tracks.base import TrackEntry
from rnnviz.view.tracks.flow import DENSE, FlowTrack
from rnnviz.view.tracks.header import HeaderLine

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtCore import QRectF

BAR_SHARE = 0.64


class WeightTrack(FlowTrack):
    """Bars ‖dW_t‖ of the summed loss, linear from 0: the copies add up to the one update."""

    collapsed_height = 26

    def __init__(self, **needs: object) -> None:
        super().__init__(**needs)
        self._level = GrowingLevel(0.0)

    def choices(self) -> tuple[tuple[str, str], ...]:
        """Nothing to switch: the weight is one."""
        return ()

    def norms(self) -> NDArray[np.float64]:
        """The norms (T,) as plain numbers, inf where they overflow."""
        flow = self.flow()
        if flow is None:
            return np.zeros(0)
        with np.errstate(over="ignore"):
            return np.exp2(np.asarray(flow.log2_weight, dtype=np.float64))

    def top(self) -> float:
        """The end of the scale: 1, 2, 5, 10 ... above the largest bar seen, never shrinking."""
        norms = self.norms()
        finite = norms[np.isfinite(norms)]
        return self._level.fit((self.data_key(), self.session.layer), float(finite.max()) if finite.size else 1.0)

    def header_lines(self) -> tuple[HeaderLine, ...]:
        """The norm and what it belongs to."""
        return (
            HeaderLine("‖∂C / ∂W_{hh}‖_t", "maths", "wh"),
            HeaderLine("share of each copy, linear"),
            HeaderLine("of the sum of all losses"),
        )

    def paint_body(self, painter: QPainter, rect: QRectF) -> None:
        """Bars, the zero line, the top of the scale."""
        norms, top, look = self.norms(), self.top(), self.look
        part = self.plot_rect(rect)
        self.draw_ghosted(
            painter, rect, "bars", lambda p, _: self._draw(p, part, norms, top), self.same(self.flow()), top,
            swept=True, ghost=0.4,
        )  # fmt: skip
        right = max(rect.left(), part.left()) - look.px(6)
        draw_rule(painter, part.left(), part.right(), part.bottom() - 1, QPen(look.theme.line2, 1))
        if not self.collapsed:
            draw_rule(painter, part.left(), part.right(), part.top() + look.px(5), QPen(look.theme.line, 1))
            draw_tick(painter, look, right, part.top() + look.px(5), significant(top, 1))
            draw_tick(painter, look, right, part.bottom() - look.px(3), "0")

    def _draw(self, painter: QPainter, part: QRectF, norms: NDArray, top: float) -> None:
        ratio = painter.device().devicePixelRatioF()
        rows = rows_of_pixels(self.axis, part, ratio, self.session.length)
        _, high = column_extremes(np.where(np.isposinf(norms), top, norms), rows)
        if self.axis.pitch >= DENSE:
            x = part.left() + (np.arange(len(rows)) + 0.5) / ratio
            within = ((x - self.axis.gutter + self.axis.scroll) / self.axis.pitch) % 1.0
            high[np.abs(within - 0.5) > BAR_SHARE / 2] = np.nan
        room = part.height() - 1 - self.look.px(5)
        y = part.bottom() - 1 - np.clip(high / top, 0, 1) * room
        draw_columns(painter, part, y, np.full(len(y), part.bottom() - 1), self.look.theme.faded("grad", 0.75), ratio)
        shown = [] if self.axis.pitch < DENSE else [s for s in self.visible_steps() if np.isposinf(norms[s - 1])]
        xs = np.array([self.axis.x_of(step) for step in shown])
        draw_overflow(painter, xs, part.top() + self.look.px(10), 4, self.look.theme.panel, up=True)

    def readout(self, step: int, y: float) -> str:
        """The norm of one copy's contribution."""
        del y
        flow = self.flow()
        return (
            f"copy t = {step} adds a gradient of norm {norm_text(float(flow.log2_weight[step - 1]))} "
            f"to {math_text.plain('W_{hh}')}"
            if flow
            else ""
        )

    def table(self) -> tuple[list[str], list[list[str]]]:
        """One row a time step."""
        flow = self.flow()
        norms = flow.log2_weight.tolist() if flow is not None else []
        return ["t", "token", math_text.plain("norm of ∂C/∂W_hh")], [
            [str(t), self.token(t), norm_text(x)] for t, x in enumerate(norms, start=1)
        ]

    def description(self) -> str:
        """What the bars are."""
        return (
            f"Norm of every copy's contribution to {math_text.plain('the gradient of W_hh')}{self.whose}, sum of all "
            f"losses; bars from 0 to {significant(self.top(), 1)}, linear."
        )


ENTRY = TrackEntry(
    key="weight", title="Weight gradient", shortcut="Alt+7", icon="weight", factory=WeightTrack,
    default_height=64, minimum_height=36, opens_with="",
)  # fmt: skip
