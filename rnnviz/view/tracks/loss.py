"""Loss: one bar C_t a time step, the blind guess as a dashed line with its label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from rnnviz.session.breakpoints import Breakpoint
from rnnviz.view.look import number
from rnnviz.view.loss_words import baseline_title, in_numbers, loss_unit
from rnnviz.view.marks import draw_columns, draw_overflow, draw_rule, draw_tick
from rnnviz.view.scales import GrowingLimits, column_extremes, rows_of_pixels
from rnnviz.view.tracks.base import Track, TrackEntry
from rnnviz.view.tracks.header import HeaderLine
from rnnviz.view.tracks.heatmap import body_part

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray

HEADROOM = 1.25  # the scale starts at this multiple of the blind guess, so that its line has air above
BAR_SHARE = 0.64  # width of a bar within its column
GROWTH = 4  # the scale grows in quarters of a doubling: untrained losses just above it must not halve all bars
SMALL = 0.25
"""Losses below this share of the scale ..."""
PATIENCE = 20
"""... in so many traces one after the other, a second of training, bring it down to them."""
PLAIN = 0.55  # bars beside the cursor's are paler


class LossTrack(Track):
    """Bars C_t; a click puts the cursor there, a double click picks that loss for the gradient."""

    facts = ("training_changed", "loss_step_changed", "gradients_changed")
    collapsed_height = 26
    by_layer = False  # a loss is of the whole network

    def __init__(self, **needs: object) -> None:
        super().__init__(**needs)
        self._limits = GrowingLimits(0.0, 0.0)
        self._small, self._lowered = 0, 0
        self._measured: tuple[NDArray | None, Hashable, float] = (None, (), 1.0)

    def losses(self) -> NDArray[np.floating]:
        """C_t (T,), NaN where the task has no loss."""
        return self.trace.loss if self.trace else np.zeros(0)

    def baseline(self) -> float:
        """The loss of a blind guess; NaN when unknown."""
        task = self.session.task
        return task.baseline if task else float("nan")

    def baseline_word(self) -> str:
        """The short name of the blind guess, such as ``ln 19``."""
        task = self.session.task
        return task.baseline_label.split("=")[0].strip() if task else ""

    def top(self) -> float:
        """The upper end of the scale: 1.25 blind guesses or more, raised at once where the losses ask for it.

        Lowered (to no less than that) only when they have been far below it for a while: a network that reads numbers
        may begin at twenty blind guesses, and what it learns would be a line of nothing.
        """
        base = self.baseline()
        start = HEADROOM * base if np.isfinite(base) and base > 0 else 1.0
        losses, key = self.losses(), (self.data_key(), start)
        if losses is not self._measured[0] or key != self._measured[1]:
            with np.errstate(divide="ignore", invalid="ignore"):
                raised = GROWTH * np.log2(losses.astype(np.float64) / start)
            _, high = self._limits.fit((key, self._lowered), [raised], around=4 * GROWTH, span=8 * GROWTH)
            self._measured = (losses, key, start * 2.0 ** (max(0, high) / GROWTH))
            self._note_small(losses, start)
        return self._measured[2]

    def _note_small(self, losses: NDArray, start: float) -> None:
        top = self._measured[2]
        largest = float(np.nanmax(losses)) if np.isfinite(losses).any() else np.inf
        self._small = self._small + 1 if top > start and largest < SMALL * top else 0
        if self._small >= PATIENCE:
            self._small = 0
            self._lowered += 1

    def empty_reason(self) -> str:
        """Say when the typed text has no loss at all."""
        if not np.isfinite(self.losses()).any():
            return super().empty_reason() or "This text has no target, so there is no loss."
        return super().empty_reason()

    def title_symbol(self) -> str:
        """The symbol of one loss."""
        return "C_t"

    def header_lines(self) -> tuple[HeaderLine, ...]:
        """The unit and the meaning of the dashed line."""
        if in_numbers(self.session):
            return (HeaderLine("squared; dashed: baseline"),)
        return (HeaderLine("nats; dashed: blind guess"),)

    def paint_body(self, painter: QPainter, rect: QRectF) -> None:
        """Bars, the cursor's bar darker, the dashed blind guess over them."""
        losses, top = self.losses(), self.top()

        def draw(inner: QPainter, area: QRectF) -> None:
            self._draw_bars(inner, area, losses, top)

        self.draw_ghosted(painter, rect, "bars", draw, self.same(losses), top, self.session.time_step, ghost=0.4)
        part, base = body_part(self.axis, rect), self.baseline()
        draw_rule(painter, part.left(), part.right(), part.bottom() - 1, QPen(self.look.theme.line2, 1))
        if np.isfinite(base):
            pen = QPen(self.look.theme.ink, 1.2)
            pen.setDashPattern([3, 2.5])
            draw_rule(painter, part.left(), part.right(), self._y(base, part, top), pen)
        self.draw_still(painter, self.tick_room(rect), "ticks", lambda p: self._draw_ticks(p, rect, part, top),
                        top, base, self.baseline_word(), part.top(), part.bottom())  # fmt: skip

    def _name_of_guess(self, base: float, room: float) -> str:
        """Its short name where there is room for it (the gutter of the simple view is narrow), else its number."""
        word = self.baseline_word()
        fits = QFontMetricsF(self.look.font("tick")).horizontalAdvance(word) <= room
        return word if word and fits else number(base)

    def _draw_ticks(self, painter: QPainter, rect: QRectF, part: QRectF, top: float) -> None:
        look, base = self.look, self.baseline()
        right = max(rect.left(), part.left()) - look.px(6)
        draw_tick(painter, look, right, part.bottom() - 1, "0")
        if not np.isfinite(base):
            return
        y = self._y(base, part, top)
        if part.bottom() - y > look.px(11):  # else it would stand on the 0
            draw_tick(painter, look, right, y, self._name_of_guess(base, right - self.tick_room(rect).left()))

    @staticmethod
    def _y(value: float, part: QRectF, top: float) -> float:
        return part.bottom() - 1 - min(1.0, value / top) * (part.height() - 2)

    def _draw_bars(self, painter: QPainter, rect: QRectF, losses: NDArray, top: float) -> None:
        part, ratio = body_part(self.axis, rect), painter.device().devicePixelRatioF()
        if part.width() < 1:
            return
        rows = rows_of_pixels(self.axis, part, ratio, self.session.length)
        values = losses.astype(np.float64)
        _, high = column_extremes(np.where(np.isposinf(values), top, values), rows)
        high[self._gaps(part, rows, ratio)] = np.nan
        y = part.bottom() - 1 - np.clip(high / top, 0, 1) * (part.height() - 2)
        theme = self.look.theme
        colours = np.where(
            rows == self.session.time_step - 1,
            np.uint32(theme.prob.rgba()),
            np.uint32(theme.faded("prob", PLAIN).rgba()),
        )
        draw_columns(painter, part, y, np.full(len(y), part.bottom() - 1), colours, ratio)
        visible = [step for step in self.visible_steps() if losses[step - 1] > top] if self.axis.pitch > 4 else []
        xs = np.array([self.axis.x_of(step) for step in visible])
        draw_overflow(painter, xs, part.top() + 5, 4, theme.panel, up=True)

    def _gaps(self, part: QRectF, rows: NDArray[np.intp], ratio: float) -> NDArray[np.bool_]:
        """Pixel columns between the bars, when there is room for a gap."""
        pitch = self.axis.pitch
        if pitch < 5:
            return np.zeros(len(rows), dtype=bool)
        x = part.left() + (np.arange(len(rows)) + 0.5) / ratio
        within = ((x - self.axis.gutter + self.axis.scroll) / pitch) % 1.0
        return np.abs(within - 0.5) > BAR_SHARE / 2

    def breakpoint_condition(self) -> Breakpoint | None:
        """Stop where a step is worse than a blind guess."""
        base = self.baseline()
        return Breakpoint("loss", ">", float(f"{base:.3g}")) if np.isfinite(base) and base > 0 else None

    def mouseDoubleClickEvent(self, event: object) -> None:
        """Pick this step's loss as the source of the gradient."""
        step = self.axis.step_at(event.position().x())
        if step and event.button() == Qt.MouseButton.LeftButton and np.isfinite(self.losses()[step - 1]):
            self.session.choose_loss(step)

    def readout(self, step: int, y: float) -> str:
        """The loss and the probability that was given to the target."""
        del y
        loss = float(self.losses()[step - 1]) if step <= len(self.losses()) else float("nan")
        if np.isnan(loss):
            return f"t = {step} has no target and no loss."
        if in_numbers(self.session):
            return f"C at t = {step}: squared error {number(loss, 4)}"
        target = self.trace.target_labels[step - 1] if step <= len(self.trace.target_labels) else ""
        probability = float(self.trace.target_probabilities[step - 1])
        given = f"; target “{target}” was given {100 * probability:.0f}\u2005%" if np.isfinite(probability) else ""
        return f"C at t = {step}: {number(loss, 3)}{given}"

    def mean_text(self, rows: slice, y: float) -> str:
        """The mean loss of the steps that have one."""
        del y
        losses = self.losses()[rows]
        known = losses[~np.isnan(losses)]
        return number(float(known.mean()), 3) if known.size else ""

    def table(self) -> tuple[list[str], list[list[str]]]:
        """One row a time step."""
        losses = self.losses().tolist()
        return ["t", "token", "loss"], [[str(t), self.token(t), number(x, 4)] for t, x in enumerate(losses, start=1)]

    def description(self) -> str:
        """Bars, scale and baseline in words."""
        base = f"dashed line: {baseline_title(self.session)} {self.baseline_word()} = {number(self.baseline())}"
        return f"Loss per time step as bars from 0 to {number(self.top())} {loss_unit(self.session)}, linear; {base}."


ENTRY = TrackEntry(
    key="loss", title="Loss", shortcut="Alt+4", icon="bars", factory=LossTrack,
    default_height=46, minimum_height=36, opens_with="train",
)  # fmt: skip
