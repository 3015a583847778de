"""One frame's worth of state: everything the painters need, gathered once before they start."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.view.layer_names import depth
from rnnviz.view.stage.layout import Mode
from rnnviz.view.stage.wiring import Wiring

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QColor

    from rnnviz.service.messages import BackwardPlayed, Unrolled
    from rnnviz.view.look import Look
    from rnnviz.view.stage.images import LayerImages, TraceImages
    from rnnviz.view.stage.labels import Labels
    from rnnviz.view.stage.layout import RowBand, StageLayout
    from rnnviz.view.stage.values import Values
    from rnnviz.view.theme import Theme
    from rnnviz.view.time_axis import TimeAxis

FAINTEST = 4.0  # decades below the start at which a gradient arrow is thinnest


@dataclass(frozen=True)
class Hit:
    """What lies under the pointer.

    ``kind``: "", "weight", "square", "cell", "loss", "output", "chip", "caret", "zoom", "layer", "column", "sample",
    "drawn" (a token nobody has typed), "feedback" (the arrow into ``step``), "boundary" (before the decoder).
    """

    kind: str = ""
    step: int = 0
    unit: int = -1
    part: int = -1
    name: str = ""


@dataclass(frozen=True)
class Gradient:
    """The gradient flow that is drawn: log2 norm per step of C_k, and how far the sweep has come."""

    loss_step: int
    log2: NDArray[np.float64]
    through_cell: bool = False
    rightward: bool = False
    part: str = "h"
    #: a lower layer under both directions: the loss arrives at every step by way of the chains above
    both_sides: bool = False

    @property
    def source(self) -> int:
        """The step at which the sweep of this layer begins."""
        return (1 if self.rightward else len(self.log2)) if self.both_sides else self.loss_step

    def reached(self, step: int, time_step: int) -> bool:
        """Whether a sweep that stands at ``time_step`` has come to ``step``; a reverse layer sweeps to the right."""
        if step != self.loss_step and 1 <= step <= len(self.log2) and np.isneginf(self.log2[step - 1]):
            return False  # nothing arrives there, behind a cut for example
        if self.rightward:
            return self.source <= step <= self.front(time_step)
        return time_step <= step <= self.source

    def front(self, time_step: int) -> int:
        """The step that a sweep at ``time_step`` is just arriving at; at step 1 both directions are at their end."""
        if not self.rightward:
            return time_step
        return len(self.log2) if time_step <= 1 else 2 * self.loss_step - time_step

    def crossed(self, left: int, time_step: int) -> bool:
        """Whether the sweep has crossed the gap between step ``left`` and the next."""
        if self.rightward:
            return left >= self.source and self.reached(left + 1, time_step)
        return left < self.source and self.reached(left, time_step)

    def strengths(self, steps: range) -> NDArray[np.float64]:
        """``strength`` of every step of ``steps``."""
        start = self.log2[self.loss_step - 1]
        with np.errstate(invalid="ignore", over="ignore"):
            decades = (self.log2[steps.start - 1 : steps.stop - 1] - start) * np.log10(2.0)
            return np.asarray(np.nan_to_num(np.clip(1.0 + decades / FAINTEST, 0.0, 1.0)), np.float64)

    def share(self, step: int) -> float:
        """Norm at ``step`` over the norm at the loss step; 0 where nothing arrives."""
        start, here = self.log2[self.loss_step - 1], self.log2[step - 1]
        return float(np.exp2(here - start)) if np.isfinite(here) and np.isfinite(start) else 0.0

    def strength(self, step: int) -> float:
        """0 (four decades below the start, or nothing) to 1 (the start, or above)."""
        share = self.share(step)
        return float(np.clip(1.0 + np.log10(share) / FAINTEST, 0.0, 1.0)) if share > 0 else 0.0


@dataclass(frozen=True)
class Frame:
    """What is drawn now. ``valid``: leading steps whose numbers belong to the typed text."""

    look: Look
    labels: Labels
    axis: TimeAxis
    layout: StageLayout
    tokens: tuple[str, ...] = ()
    trace: Unrolled | None = None
    images: TraceImages | None = None
    valid: int = 0
    time_step: int = 0
    backward: bool = False
    gradient: Gradient | None = None
    flows: dict[str, Gradient] = field(default_factory=dict)
    movie: BackwardPlayed | None = None
    loss_step: int = 0
    unit: int = -1
    chosen: str = ""
    hover: Hit = field(default_factory=Hit)
    focused: bool = False
    caret: int = 0
    selection: tuple[int, int] = (0, 0)
    single_output: bool = False
    wiring: Wiring = field(default_factory=Wiring)
    feeds_back: bool = False
    values: Values | None = None
    samples: tuple[str, ...] = ()
    sub_steps: tuple[str, ...] = ()
    sub_step: str = ""
    fill: float = 1.0
    sweep: float = 1.0
    feed: float = 1.0
    unfold: float = 1.0
    stale: bool = False
    layer_label: str = ""

    @property
    def theme(self) -> Theme:
        """The colours in force."""
        return self.look.theme

    @property
    def length(self) -> int:
        """Number of tokens shown."""
        return len(self.tokens)

    @property
    def simple(self) -> bool:
        """True in the first-meeting arrangement."""
        return self.layout.mode is Mode.SIMPLE

    @property
    def ground(self) -> QColor:
        """The paper of the stage."""
        return self.theme.bg if self.layout.mode is Mode.FULL else self.theme.panel

    @property
    def right(self) -> float:
        """Where the picture of the steps is cut off: at the axis' end, unless all of them fit."""
        longer = self.axis.left_of(self.length + 1) > self.axis.width + 1
        return self.axis.width if longer else self.layout.width

    def computed(self, step: int) -> bool:
        """Whether the numbers of ``step`` are shown at full strength."""
        return step <= self.valid and (self.backward or step <= self.time_step)

    def answers(self, step: int) -> bool:
        """Whether ``step`` has a y at all in this pattern."""
        return self.wiring.answers(step, self.length) if not self.single_output else step == self.length

    def arriving(self, step: int) -> bool:
        """Whether the token of ``step`` is still on its way from the output before it."""
        return self.feed < 1.0 and step == self.time_step and not self.backward and self.wiring.fed(step)

    @property
    def has_output(self) -> bool:
        """Whether the present step has its y."""
        return self.done("output")

    @property
    def has_loss(self) -> bool:
        """Whether the present step has its loss."""
        return self.done("loss")

    def done(self, part: str) -> bool:
        """Whether the present step has come as far as ``part`` ("f", "c", "h", "output" ...), this one included."""
        if not self.sub_step or part not in self.sub_steps or self.backward:
            return True
        return self.sub_steps.index(part) <= self.sub_steps.index(self.sub_step)

    def known(self, step: int) -> bool:
        """Whether there are numbers for ``step`` at all (a ghost has them, an untouched column has not)."""
        return step <= self.valid and self.images is not None

    def reached(self, step: int) -> bool:
        """Whether the backward sweep has arrived at ``step``."""
        return self.backward and self.gradient is not None and self.gradient.reached(step, self.time_step)

    def flow(self, name: str) -> Gradient | None:
        """The gradient flow through layer ``name``; None in the forward pass."""
        return self.flows.get(name) if self.backward else None

    @property
    def chosen_flow(self) -> Gradient | None:
        """The gradient flow that words and numbers are about: that of the selected layer."""
        return self.flow(self.chosen_row.name)

    def reached_in(self, name: str, step: int) -> bool:
        """Whether the sweep has arrived at the copy ``step`` of layer ``name``."""
        flow = self.flow(name)
        return flow is not None and flow.reached(step, self.time_step)

    def crossed(self, name: str, left: int) -> bool:
        """Whether the sweep of layer ``name`` has crossed the gap behind step ``left``."""
        flow = self.flow(name)
        return flow is not None and flow.crossed(left, self.time_step)

    @cached_property
    def _origin(self) -> tuple[float, float]:
        return self.axis.left_of(0), self.axis.pitch

    def x(self, step: float) -> float:
        """Centre of column ``step``; while the cell unfolds, on its way out of the folded cell."""
        # Columns stand on whole pixels, so that a kept picture of one fits everywhere.
        origin, pitch = self._origin
        target = round(origin + step * pitch) + pitch / 2
        if self.unfold >= 1.0:
            return target
        share = self.step_share(step)
        return self.layout.folded_x + (target - self.layout.folded_x) * share

    def step_share(self, step: float) -> float:
        """How far copy ``step`` has unfolded: 60 ms later for each copy, 900 ms for all (visual.md, section 5)."""
        first = max(self.axis.first, self.axis.visible().start)
        order = max(0.0, step - first)
        stagger = min(60 / 900, 0.6 / max(1, len(self.axis.visible())))
        start = order * stagger
        span = max(0.15, 1.0 - stagger * len(self.axis.visible()))
        share = min(1.0, max(0.0, (self.unfold - start) / span))
        return 4 * share**3 if share < 0.5 else 1 - (2 - 2 * share) ** 3 / 2

    @property
    def is_below(self) -> bool:
        """Whether the topmost row on show hands its states to a layer that is not on show."""
        if self.trace is None or not self.trace.layers:
            return False
        return depth(self.layout.top_row.name) < depth(self.trace.layers[-1].name)

    @property
    def chosen_row(self) -> RowBand:
        """The row of the selected layer; the top one where that is not on show."""
        return next((row for row in self.layout.rows if row.name == self.chosen), self.layout.top_row)

    def layer(self, name: str) -> LayerImages | None:
        """The images of layer ``name``."""
        return self.images.layers.get(name) if self.images else None

    def weight_opacity(self, name: str) -> float:
        """A hovered weight lights up: the other two step back."""
        return 1.0 if self.hover.kind != "weight" or self.hover.name == name else 0.25
