"""Truncated back-propagation through time: which loss reaches which time step when the sweep is cut.

BPTT(h; h′) of Williams & Peng (1990, Neural Computation 2, 490-501), here (k₂; k₁): forward k₁ steps, then back
through the last k₂ of them. The loss of step τ belongs to the block that ends at ``b(τ) = ⌈τ/k₁⌉ k₁`` and its sweep
ends at step

    ``L(τ) = max(1, b(τ) − k₂ + 1)``,

the state ``h_{L−1}`` counting as a constant. So ``dC_τ/dh_t`` is what it is without a cut for ``t >= L(τ)`` and 0
below. ``k₁ = k₂ = k`` cuts the text into pieces of k steps, ``k₁ = 1`` lets every loss reach the last k₂ copies.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rnnviz.engine.spec import ModelSpec, RunSpec

    Steps = NDArray[np.int64]


@dataclass(frozen=True)
class Truncation:
    """Forward ``every`` = k₁ time steps, then back through the last ``length`` = k₂ of them; 1 <= k₁ <= k₂."""

    every: int
    length: int

    def __post_init__(self) -> None:
        if not 1 <= self.every <= self.length:
            raise SpecError(
                f"The sweep goes back {self.length} steps after every {self.every}; give 1 <= k1 <= k2, "
                "so that no loss is left out."
            )

    def block_end(self, loss_step: int) -> int:
        """``b(τ)``: the step (1-based, maybe beyond the text) after which the loss of ``loss_step`` is swept back."""
        return -(-loss_step // self.every) * self.every

    def lowest(self, loss_step: int) -> int:
        """``L(τ)``: the lowest time step (1-based) that the loss of ``loss_step`` reaches."""
        return max(1, self.block_end(loss_step) - self.length + 1)

    def length_for(self, loss_step: int, lowest: int) -> int:
        """The k₂ that lets the loss of ``loss_step`` reach down to ``lowest``, or as near as k₁ allows."""
        return max(self.every, self.block_end(loss_step) - max(1, lowest) + 1)


@dataclass(frozen=True, eq=False)
class Windows:
    """Pieces of a sequence of T steps that are swept by themselves, each from its own constant first state.

    Attributes:
        starts: (G,), the first row (0-based) of each, rising.
        owner: (T,), the window whose sweep the loss of each row belongs to.
        width: the rows from a window's first to its last loss, the most of all.
    """

    starts: Steps
    owner: Steps
    width: int


def reach(steps: int, every: int, length: int) -> Steps:
    """(T,): the lowest time step (1-based) that the loss of each of T steps reaches, ``L(τ)``."""
    loss_steps = np.arange(1, steps + 1, dtype=np.int64)
    return np.maximum(1, -(-loss_steps // every) * every - length + 1)


@lru_cache(maxsize=64)
def windows(steps: int, cut: Truncation) -> Windows | None:
    """The windows of T steps; None where no loss is cut off from anything."""
    lowest = reach(steps, cut.every, cut.length) - 1
    starts, owner = np.unique(lowest, return_inverse=True)
    if len(starts) <= 1:
        return None
    found = Windows(starts, owner.astype(np.int64), int((np.arange(steps) - lowest).max()) + 1)
    for array in (found.starts, found.owner):
        array.setflags(write=False)
    return found


def truncation_of(run: RunSpec) -> Truncation | None:
    """The cut that ``run`` asks for; None where it asks for none, or has no single chain (see check)."""
    training = run.training
    if not training.truncate_length or run.model.bidirectional or run.model.decoder:
        return None
    return Truncation(training.truncate_every, training.truncate_length)


def check_one_chain(model: ModelSpec, length: int) -> None:
    """Raise SpecError for a cut in a network whose gradient flows both ways, or from a decoder to its encoder."""
    if length and model.bidirectional:
        raise SpecError(
            "Truncated BPTT cuts the way back in time, but a bidirectional network also sends the gradient "
            "forward; switch truncation off or use one direction."
        )
    if length and model.decoder:
        raise SpecError(
            "Truncated BPTT would cut the decoder off from its encoder, which learns from it alone; "
            "switch truncation off for an encoder-decoder."
        )
