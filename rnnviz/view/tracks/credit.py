"""Credit map: row = whose loss, column = the step it reaches, every row as a share of its own start."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter, QPen

from rnnviz.view import math_text
from rnnviz.view.heat import heat_indices, heat_pixels
from rnnviz.view.layer_names import from_both_sides, is_reverse
from rnnviz.view.marks import blit_pixels, draw_legend
from rnnviz.view.scales import LOG10_OF_2, decades, norm_text, percent_text, rows_of_pixels
from rnnviz.view.tracks.base import Track, TrackEntry
from rnnviz.view.tracks.header import HeaderLine
from rnnviz.view.tracks.heatmap import body_part
from rnnviz.view.tracks.paced import AFTER_MAPS

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rnnviz.service.messages import CreditMapped

LOW, HIGH = -2.0, 0.0  # decades: 0.01 to 1 of the start


class CreditTrack(Track):
    """The triangle of credit shares; a click picks that row's loss and asks for the chain to that column.

    In a lower layer of a network with both directions there is no triangle: the chains above carry every loss to
    both sides.
    """

    topics = ("credit",)
    facts = ("credit_changed", "loss_step_changed", "gradients_changed")
    after_trace = AFTER_MAPS
    collapsed_height = 28

    # ---- values -------------------------------------------------------------------------------

    def credit(self) -> CreditMapped | None:
        """The newest map of the shown text."""
        credit = self.session.credit
        fits = credit is not None and credit.length == self.session.length and len(credit.rows)
        return credit if fits else None

    def shares(self, credit: CreditMapped) -> NDArray[np.float64]:
        """log10 of every row as a share of its own start (R, T)."""
        own = credit.log2[np.arange(len(credit.rows)), credit.rows - 1]
        with np.errstate(invalid="ignore"):
            return decades(credit.log2 - own[:, None])

    @property
    def leftward(self) -> bool:
        """False for a right-to-left layer, whose losses reach later steps."""
        credit = self.session.credit
        return credit is None or not is_reverse(credit.layer)

    def shown_layer(self) -> str:
        """The layer of the map, which comes a little after the selection."""
        credit = self.credit()
        return credit.layer if credit is not None else super().shown_layer()

    @property
    def both_sides(self) -> bool:
        """Whether a loss reaches the steps before and after it."""
        return from_both_sides(self.shown_layer(), self.layer_names())

    def reaches(self, tau: int, step: int) -> bool:
        """Whether the loss of ``tau`` can depend on the state of ``step`` in this layer at all."""
        return self.both_sides or (step <= tau if self.leftward else step >= tau)

    def nearest(self, credit: CreditMapped, step: int) -> int:
        """The index of the row that stands for the loss of ``step`` (coarse maps have fewer rows)."""
        place = int(np.searchsorted(credit.rows, step))
        return min(place, len(credit.rows) - 1)

    def empty_reason(self) -> str:
        """Never empty without words."""
        missing = super().empty_reason()
        if missing:
            return missing
        if self.session.trace is not None and not np.isfinite(self.session.trace.loss).any():
            return "This text has no loss, so there is no credit to map."
        return "" if self.credit() is not None else "Waiting for the engine to map the credit."

    # ---- drawing ------------------------------------------------------------------------------

    def header_lines(self) -> tuple[HeaderLine, ...]:
        """Rows, columns, legend, and how much of the map is there."""
        credit = self.credit()
        lines = [HeaderLine("row: whose loss"), HeaderLine("column: step it reaches"), HeaderLine("", "legend")]
        if self.both_sides:
            lines.append(HeaderLine("both sides: by way of layer above"))
        if credit is not None and (not credit.complete or len(credit.rows) < credit.length):
            so_far = "" if credit.complete else " so far"
            lines.append(HeaderLine(f"{len(credit.rows)} of {credit.length} rows{so_far}"))
        return tuple(lines)

    def paint_legend(self, painter: QPainter, rect: QRectF) -> None:
        """0.01 to 1 of its start, logarithmic."""
        draw_legend(painter, self.look, rect, "gradient", "0.01", "1", "of start, log")

    def paint_body(self, painter: QPainter, rect: QRectF) -> None:
        """The map, the row of the chosen loss outlined, its symbol at the left."""
        credit = self.credit()
        if credit is None:
            return
        if self.backward:
            key = (self.same(credit), self.both_sides)
            self.draw_ghosted(painter, rect, "map", self._draw_map, *key, swept=True, ghost=0.45)
        else:
            self.draw_layer(painter, rect, "map", self._draw_map, self.same(credit), self.both_sides)
        self._outline(painter, rect)

    def _draw_map(self, painter: QPainter, rect: QRectF) -> None:
        credit = self.credit()
        part, ratio = body_part(self.axis, rect), painter.device().devicePixelRatioF()
        if credit is None or part.width() < 1:
            return
        columns = rows_of_pixels(self.axis, part, ratio, credit.length)
        height = max(1, round(part.height() * ratio))
        steps = np.arange(height) * credit.length // height + 1
        index = np.minimum(np.searchsorted(credit.rows, steps), len(credit.rows) - 1)
        pixels = self._pixels(credit, index, columns)
        if not self.both_sides:
            self._keep_triangle(pixels, credit.rows[index], columns)
        blit_pixels(painter, part, pixels, ratio)

    def _pixels(self, credit: CreditMapped, index: NDArray[np.intp], columns: NDArray[np.intp]) -> NDArray[np.uint32]:
        """Device pixels of the rows ``index`` at the time rows ``columns``, the future included."""
        used, back = np.unique(index, return_inverse=True)
        shown, across = np.unique(np.maximum(columns, 0), return_inverse=True)
        own = credit.log2[used, credit.rows[used] - 1]
        with np.errstate(invalid="ignore"):
            shares = credit.log2[np.ix_(used, shown)] - own[:, None]
        # A step without a target has no row: −inf minus −inf is no fault, only nothing.
        shares[np.isneginf(own)] = -np.inf
        return heat_pixels(
            heat_indices(shares, LOW / LOG10_OF_2, HIGH), np.asarray(self.look.lut("gradient")), across, back,
            hatch=self.look.theme.ink2, background=self.look.theme.panel,
        )  # fmt: skip

    def _keep_triangle(self, pixels: NDArray[np.uint32], tau: NDArray[np.intp], columns: NDArray[np.intp]) -> None:
        """Empty what no loss can reach, and give the triangle an edge."""
        steps = np.where(columns >= 0, columns, columns.max(initial=0)) + 1
        line, width, leftward = self.look.theme.line2.rgba(), len(columns), self.leftward
        if leftward:
            starts, stops = np.zeros(len(tau), np.intp), np.searchsorted(steps, tau, side="right")
        else:
            starts, stops = np.searchsorted(steps, tau, side="left"), np.full(len(tau), width)
        before = (0, 0)
        for y, (start, stop) in enumerate(zip(starts.tolist(), stops.tolist(), strict=True)):
            row = pixels[y]
            row[:start], row[stop:] = 0, 0
            if stop <= start:
                continue
            row[start], row[stop - 1] = line, line
            fresh = slice(before[1], stop) if leftward else slice(start, start + 1 if y else width)
            row[fresh] = line
            if not leftward and start > before[0]:
                pixels[y - 1][before[0] : start] = line
            before = (start, stop)

    def _outline(self, painter: QPainter, rect: QRectF) -> None:
        chosen, length = self.session.effective_loss_step, self.session.length
        if not 1 <= chosen <= length:
            return
        part, look = body_part(self.axis, rect), self.look
        height = part.height() / length
        top = part.top() + (chosen - 1) * height
        reached = [step for step in (1, chosen, length) if self.reaches(chosen, step)]
        ends = (self.axis.left_of(reached[0]), self.axis.left_of(reached[-1] + 1))
        left, right = max(part.left(), round(ends[0])), min(part.right(), round(ends[1]))
        band = QRectF(left, round(top), max(0, right - left), max(4.0, round(height)))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for pen in (QPen(look.theme.panel, 3.2), QPen(look.theme.ink, 1.5)):
            painter.setPen(pen)
            painter.drawRect(band)
        font, words = look.font("maths_small"), f"C_{{{chosen}}}"
        x = max(rect.left(), part.left()) - look.px(6) - math_text.width(words, font)
        math_text.paint(painter, x, min(band.center().y() + look.px(4), rect.bottom()), words, font, look.theme.grad)

    # ---- acts and words -----------------------------------------------------------------------

    def loss_at(self, y: float) -> int:
        """The loss step whose row is drawn at ``y``; 0 when there is no map."""
        credit, part = self.credit(), self.body_rect()
        if credit is None:
            return 0
        step = int((y - part.top()) / max(1.0, part.height()) * credit.length) + 1
        return int(credit.rows[self.nearest(credit, min(credit.length, max(1, step)))])

    def clicked(self, step: int, y: float) -> None:
        """Pick the loss of that row, if it has one, and show the factors on its way to the step of that column."""
        loss_step, credit = self.loss_at(y), self.credit()
        if credit is None or not loss_step or not np.isfinite(self.session.trace.loss[loss_step - 1]):
            return
        # Choosing a loss moves the cursor in backward mode, and the chain follows the cursor: the chain comes last.
        self.session.choose_loss(loss_step)
        # The chain is the path inside this layer, which runs one way only.
        if (step < loss_step) if self.leftward else (step > loss_step):
            self.session.lab.show("chain", layer=credit.layer, loss_step=loss_step, time_step=step)

    def path_at(self, step: int, y: float) -> tuple[int, int] | None:
        """From the loss of that row to the step of that column."""
        loss_step = self.loss_at(y)
        reaches = loss_step and step and self.reaches(loss_step, step)
        return (min(step, loss_step), max(step, loss_step)) if reaches else None

    def readout(self, step: int, y: float) -> str:
        """Loss, reached step, norm and share."""
        credit, tau = self.credit(), self.loss_at(y)
        if credit is None:
            return ""
        row = credit.log2[self.nearest(credit, tau)]
        if not self.reaches(tau, step):
            return f"The loss at t = {tau} cannot depend on step {step}{self.whose}."
        share = float(row[step - 1]) - float(row[tau - 1])
        words = f", {percent_text(2.0**share)} of its start" if np.isfinite(share) and abs(share) < 1000 else ""
        return f"loss of t = {tau} at step {step}{self.whose}: norm {norm_text(float(row[step - 1]))}{words}"

    def table(self) -> tuple[list[str], list[list[str]]]:
        """One row a loss: its share at every step in %."""
        credit = self.credit()
        if credit is None:
            return [], []
        titles = ["loss of t", *(f"step {step}" for step in range(1, credit.length + 1))]
        rows = []
        for tau, line in zip(credit.rows.tolist(), self.shares(credit).tolist(), strict=True):
            rows.append([str(tau), *(percent_text(10.0**x) if np.isfinite(x) else "" for x in line)])
        return titles, rows

    def description(self) -> str:
        """What rows, columns and colours are."""
        return (
            f"Credit map{self.whose}: one row for each loss, one column for each step it reaches, as a share of the "
            "row's own start, colour logarithmic from 0.01 to 1; "
            f"the loss of step {self.session.effective_loss_step} is outlined."
        )


ENTRY = TrackEntry(
    key="credit", title="Credit map", shortcut="Alt+5", icon="credit", factory=CreditTrack,
    default_height=98, minimum_height=44, opens_with="",
)  # fmt: skip
