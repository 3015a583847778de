"""The film of backpropagation on the stage: what passes each edge for the loss C that the Backward panel has chosen.

While that panel is on screen the arrows are those of C (all losses summed, their mean, or one); without it they are
those of the one loss C_k, as in the rest of the window.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.view.layer_names import depth, from_both_sides, is_reverse
from rnnviz.view.math_text import plain
from rnnviz.view.scales import norm_text
from rnnviz.view.stage.frame import Gradient

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rnnviz.service.messages import BackwardPlayed, LayerEdges
    from rnnviz.session.session import Session
    from rnnviz.view.stage.frame import Frame

FAINTEST = 4.0


@dataclass(frozen=True)
class MovieFlow(Gradient):
    """The flow of C through one layer; ``log2`` is what arrives through time, ``top`` the largest total of all."""

    direct: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    total: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    first: int = 1
    top: float = 0.0

    def reached(self, step: int, time_step: int) -> bool:
        """Whether a sweep that stands at ``time_step`` has come to ``step``."""
        if self.rightward:
            return self.source <= step <= self.front(time_step)
        return time_step <= step <= self.source

    @property
    def source(self) -> int:
        """The step at which the sweep of this layer begins: at its first or last loss, or at the end of the text."""
        if self.both_sides:
            return 1 if self.rightward else len(self.log2)
        return self.first if self.rightward else self.loss_step

    def front(self, time_step: int) -> int:
        """A reverse layer is swept from its first loss to the right, to its end when the cursor is at step 1."""
        if not self.rightward:
            return time_step
        return len(self.log2) if time_step <= 1 else self.first + self.loss_step - time_step

    def strengths(self, steps: range) -> NDArray[np.float64]:
        """``strength`` of every step of ``steps``."""
        return self._strengths(self.log2[steps.start - 1 : steps.stop - 1])

    @cached_property
    def direct_strengths(self) -> NDArray[np.float64]:
        """``strength`` (T,) of what comes down into each step."""
        return self._strengths(self.direct)

    def share(self, step: int) -> float:
        """What arrives at ``step`` through time over the largest total."""
        log2 = self.log2[step - 1]
        return float(np.exp2(log2 - self.top)) if np.isfinite(log2) and np.isfinite(self.top) else 0.0

    def _strengths(self, log2: NDArray[np.float64]) -> NDArray[np.float64]:
        with np.errstate(invalid="ignore", over="ignore"):
            decades = (log2 - self.top) * np.log10(2.0)
            return np.asarray(np.nan_to_num(np.clip(1.0 + decades / FAINTEST, 0.0, 1.0)), np.float64)


def played(session: Session, length: int) -> BackwardPlayed | None:
    """The film on show: None unless the Backward panel is on screen and its numbers are of this text."""
    found: BackwardPlayed | None = session.lab.value("movie") if session.lab.wanted("movie") else None
    return found if found is not None and len(found.edges[0].log2_total) == length else None


def movie_flows(film: BackwardPlayed, layers: Sequence[str], part: str, loss_steps: range) -> dict[str, MovieFlow]:
    """The flow of every layer shown. ``loss_steps``: from the first step that has a loss of C to the last."""
    names = [edges.name for edges in film.edges]
    top = max(float(edges.log2_total.max()) for edges in film.edges)
    return {edges.name: _flow(edges, names, part, loss_steps, top) for edges in film.edges if edges.name in layers}


def _flow(edges: LayerEdges, names: Sequence[str], part: str, loss_steps: range, top: float) -> MovieFlow:
    rows = {"h": edges.log2_through_hidden, "c": edges.log2_through_cell}
    chosen = rows.get(part)
    if edges.log2_through_cell is None:
        chosen, part = edges.log2_through, "h"
    return MovieFlow(
        loss_step=loss_steps.stop - 1,
        log2=edges.log2_through if chosen is None else chosen,
        through_cell=part == "c",
        rightward=is_reverse(edges.name),
        part=part,
        both_sides=from_both_sides(edges.name, names),
        direct=edges.log2_direct,
        total=edges.log2_total,
        first=loss_steps.start,
        top=top,
    )


def loss_steps(film: BackwardPlayed, losses: NDArray[np.floating]) -> range:
    """From the first step whose loss is part of C to the last; ``losses`` (T,) are NaN where there is none."""
    if film.loss_step:
        return range(film.loss_step, film.loss_step + 1)
    return loss_range(losses)


def loss_range(losses: NDArray[np.floating]) -> range:
    """From the first step that has a loss to the last."""
    known = np.flatnonzero(~np.isnan(losses)) + 1
    return range(int(known[0]), int(known[-1]) + 1) if len(known) else range(1, len(losses) + 1)


def loss_symbol(losses: str, loss_step: int) -> str:
    """What C is, as markup: ∑C, mean C, or C_{13}."""
    return {"sum": "∑C", "mean": "mean C"}.get(losses, f"C_{{{loss_step}}}")


def edge_words(frame: Frame, name: str, step: int) -> str:
    """The edges of one copy as lines of a tooltip; '' where the sweep has not come to it."""
    flow = frame.flow(name)
    if frame.movie is None or not isinstance(flow, MovieFlow) or not flow.reached(step, frame.time_step):
        return ""
    symbol = loss_symbol(frame.movie.losses, frame.movie.loss_step)
    later = step - 1 if flow.rightward else step + 1
    below = depth(name) < max(depth(each.name) for each in frame.movie.edges)
    above = "the layer above" if below else plain(f"y_{{{step}}}")
    norm = plain(f"‖∂{symbol} / ∂h_{{{step}}}‖")
    return (
        f"\ndirect, from {above}: {norm_text(float(flow.direct[step - 1]))}"
        f"\nthrough time, from step {later}: {norm_text(float(flow.log2[step - 1]))}"
        f"\ntotal {norm} = {norm_text(float(flow.total[step - 1]))}"
    )


def spoken(frame: Frame) -> str:
    """The film at the cursor in one sentence, for screen readers."""
    flow, film = frame.chosen_flow, frame.movie
    if film is None or not isinstance(flow, MovieFlow) or not frame.time_step:
        return ""
    direct, through, total = (
        norm_text(float(row[frame.time_step - 1])) for row in (flow.direct, flow.log2, flow.total)
    )
    return f"Gradient here: {direct} directly, {through} through time, {total} in all."
