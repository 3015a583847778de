"""Which label a network takes for which: wanted against answered, on sequences it learned and on others.

A confusion table counts, for each wanted label (row), how often each label was answered (column); what is right stands
on the diagonal.
"""

from __future__ import annotations

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.sequence import NO_TARGET, EncodedSequence
from rnnviz.engine.tasks.base import Sample
from rnnviz.engine.tasks.held_out import held_out_batch
from rnnviz.engine.tasks.reading import has_gaps
from rnnviz.engine.tokens import UNKNOWN_TOKEN
from rnnviz.engine.trace import trace

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from rnnviz.engine.network import Network
    from rnnviz.engine.tasks.base import Batch, Ids, Task

    Array = np.ndarray[Any, np.dtype[Any]]

UNREADABLE = "�"
"""Written for a word that the data hide: no vocabulary holds it, so it is read as unknown again."""
SLICE_S = 0.004
"""A pause after so much work."""
PATTERNS = ("acceptor", "transducer")


@dataclass(frozen=True, eq=False)
class Confusion:
    """Every answer that has a right one: of the sequence ``row``, at time step ``step`` (1-based), all (N,)."""

    classes: int
    wanted: Array
    answered: Array
    row: Array
    step: Array

    def __len__(self) -> int:
        return len(self.wanted)

    @property
    def right(self) -> int:
        """How many answers are right."""
        return int((self.wanted == self.answered).sum())

    def totals(self) -> Array:
        """How often each label was wanted, (classes,)."""
        return np.bincount(self.wanted, minlength=self.classes)

    def table(self) -> Array:
        """The counts (classes, classes): rows are wanted, columns are answered."""
        flat = np.bincount(self._codes, minlength=self.classes**2)
        return flat.reshape(self.classes, self.classes)

    def confused(self, count: int) -> Array:
        """The ``count`` most frequent pairs (K, 2) of a wanted label and another one that was answered."""
        wrong = self._codes[self.wanted != self.answered]
        codes, counts = np.unique(wrong, return_counts=True)
        best = codes[np.argsort(-counts, kind="stable")[:count]]
        return np.stack([best // self.classes, best % self.classes], axis=1)

    def counts_of(self, pairs: Array) -> Array:
        """How often each of ``pairs`` (K, 2) occurs, (K,)."""
        codes, counts = np.unique(self._codes, return_counts=True)
        looked_up = pairs[:, 0] * self.classes + pairs[:, 1]
        place = np.minimum(np.searchsorted(codes, looked_up), max(0, len(codes) - 1))
        if not len(codes):
            return np.zeros(len(pairs), np.int64)
        return np.where(codes[place] == looked_up, counts[place], 0)

    def where(self, wanted: int, answered: int, count: int) -> list[tuple[int, int]]:
        """The first ``count`` sequences (row, time step) in which ``answered`` came for ``wanted``, each row once."""
        found = np.flatnonzero((self.wanted == wanted) & (self.answered == answered))
        _, first = np.unique(self.row[found], return_index=True)
        chosen = found[first[:count]]
        return list(zip(self.row[chosen].tolist(), self.step[chosen].tolist(), strict=True))

    @property
    def _codes(self) -> Array:
        """Each pair as one number."""
        codes: Array = self.wanted.astype(np.int64) * self.classes + self.answered
        return codes


def check_has_labels(task: Task) -> None:
    """Raise SpecError where answers are no labels."""
    if task.kind != "classes":
        raise SpecError(f"{task.title} answers with numbers, not labels; choose a task like Sentiment or Word labels.")
    if task.pattern not in PATTERNS:
        raise SpecError(f"{task.title} writes whole texts, not labels; choose a task like Sentiment or Word labels.")


def confusion(network: Network, task: Task, samples: Sequence[Sample]) -> Confusion:
    """Count what ``network`` answers to ``samples`` at every step that has a target."""
    slices = confusion_slices(network, task, samples)
    while True:
        try:
            next(slices)
        except StopIteration as finished:
            found: Confusion = finished.value
            return found


def confusion_slices(network: Network, task: Task, samples: Sequence[Sample]) -> Generator[None, None, Confusion]:
    """:func:`confusion` in slices of a few milliseconds: pauses (``yield``) in between. Raises SpecError."""
    check_has_labels(task)
    wanted, answered, rows, steps = [], [], [], []
    began = perf_counter()
    for row, sample in enumerate(samples):
        judged = np.flatnonzero(sample.targets != NO_TARGET)
        wanted.append(sample.targets[judged])
        answered.append(_answers(network, sample)[judged])
        rows.append(np.full(len(judged), row))
        steps.append(judged + 1)
        if perf_counter() - began > SLICE_S:
            yield
            began = perf_counter()
    parts = (wanted, answered, rows, steps)
    return Confusion(task.output_size, *(np.concatenate([np.zeros(0, np.int64), *part]) for part in parts))


def _answers(network: Network, sample: Sample) -> Array:
    """The most probable class of every step (T,)."""
    tokens, known = ("",) * len(sample.ids), np.ones(len(sample.ids), np.bool_)
    logits = trace(network, EncodedSequence(tokens, sample.ids, sample.targets, known)).logits
    if not np.isfinite(logits).all():
        raise SpecError("The network answers with numbers that are not finite; undo the last training steps or reset.")
    return np.asarray(logits.argmax(axis=1))


# ---- the sequences -----------------------------------------------------------------------------------


def held_out_samples(task: Task, size: int, seed: int = 1) -> list[Sample] | None:
    """At most ``size`` sequences kept apart from training, or fresh ones where the task makes its data.

    A short fresh one may have been in training. None where nothing is held out. Sequences that are written in the data
    are taken as they stand there.
    """
    rng = np.random.default_rng([seed, 8])
    found = task.written(rng, size, held_out=True)
    if found is None and (batch := held_out_batch(task, rng, size)) is not None:
        found = _samples(task, batch)
    return found or None


def training_samples(task: Task, size: int, seed: int = 0, batch_size: int = 32) -> list[Sample]:
    """At most ``size`` sequences that training shows: of made data those of its first steps with this ``seed``."""
    written = task.written(np.random.default_rng([seed, 8]), size, held_out=False)
    if written is not None:
        return written
    rng, found = np.random.Generator(np.random.PCG64([seed, 1])), list[Sample]()
    while len(found) < size:
        found += _samples(task, task.batch(rng, batch_size))
    return found[:size]


def _samples(task: Task, batch: Batch) -> list[Sample]:
    """The rows of a batch, without padding."""
    found = []
    for row in range(len(batch)):
        steps = batch.row_length(row)
        ids, targets = batch.ids[row, :steps], batch.targets[row, :steps]
        found.append(Sample(text_of(task, ids), ids, targets))
    return found


def text_of(task: Task, ids: Ids) -> str:
    """A text that the task reads as ``ids``."""
    names = [task.vocabulary.tokens[index] if index >= 0 else UNREADABLE for index in ids.tolist()]
    shown = [UNREADABLE if name == UNKNOWN_TOKEN else name for name in names]
    return (" " if has_gaps(task.name) else "").join(shown)
