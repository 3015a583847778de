"""How a network does on sequences longer than those it was trained on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.tasks import make_task
from rnnviz.engine.tasks.held_out import batch_probabilities

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rnnviz.engine.network import Network
    from rnnviz.engine.tasks.base import Batch, Task

    Array = np.ndarray[Any, np.dtype[Any]]

FACTOR = 4
AT_ONCE = 64
GUESSES = 8
"""Blind guesses for each sequence where their share of right ones has no formula."""


@dataclass(frozen=True, eq=False)
class LengthCurve:
    """Accuracy against length; the task says when a sequence is right (:meth:`Task.right`).

    Attributes:
        lengths: (K,) the lengths that were drawn, rising.
        accuracy: (K,) share of right sequences of that length.
        counts: (K,) how many there were.
        trained_to: the longest length in training.
    """

    lengths: Array
    accuracy: Array
    counts: Array
    trained_to: int

    def share(self, low: int, high: int) -> float:
        """The accuracy over all lengths from ``low`` to ``high``; NaN where none was drawn."""
        inside = (self.lengths >= low) & (self.lengths <= high)
        total = self.counts[inside].sum()
        return float((self.accuracy[inside] * self.counts[inside]).sum() / total) if total else float("nan")


def length_curve(network: Network, task: Task, *, sequences: int = 1000, seed: int = 0) -> LengthCurve:
    """Test ``network`` on fresh sequences up to four times as long as those of ``task``.

    The task is made again with a longer ``length``; its own sampling decides which lengths occur. Raises
    SpecError for fewer than one sequence, or where the longer task asks for other inputs or outputs.
    """
    if sequences < 1:
        raise SpecError(f"The number of sequences is {sequences}; give at least 1.")
    longer = make_task(msgspec.structs.replace(task.spec, length=FACTOR * task.length))
    if (longer.input_size, longer.output_size) != (network.input_size, network.output_size):
        raise SpecError(f"The task {task.title!r} has other inputs when it is longer; it has no length curve.")
    drawn = longer.batch(np.random.default_rng([seed, 3]), sequences)
    lengths = np.full(sequences, drawn.ids.shape[1]) if drawn.lengths is None else drawn.lengths
    right = np.concatenate([_right(network, longer, part) for part in _parts(drawn)])
    found, back, counts = np.unique(lengths, return_inverse=True, return_counts=True)
    return LengthCurve(found, np.bincount(back, weights=right) / counts, counts, task.length)


def _right(network: Network, task: Task, batch: Batch) -> Array:
    return task.right(batch_probabilities(network, batch), batch)


def blind_guess(task: Task, batch: Batch, rng: np.random.Generator) -> Array:
    """How often a blind guess is right for each sequence (B,): every answer as likely as any other, at every step.

    One answer at the end is right in 1 of C cases, C classes. Where every step of a sequence has to be right
    (:meth:`Task.right`), it is measured with ``GUESSES`` guesses; for a right string of aⁿbⁿ the share is 3^(−2n).
    """
    if task.pattern == "acceptor" and task.kind == "classes":
        return np.full(len(batch), 1 / task.output_size)
    shape = (*batch.ids.shape, task.output_size)
    right = [task.right(rng.random(shape), batch) for _ in range(GUESSES)]
    return np.asarray(np.mean(right, axis=0))


def _parts(batch: Batch) -> Iterator[Batch]:
    """At most ``AT_ONCE`` sequences at a time: their probabilities are an array of (B, T, classes)."""
    for first in range(0, len(batch), AT_ONCE):
        yield batch.part(slice(first, first + AT_ONCE))
