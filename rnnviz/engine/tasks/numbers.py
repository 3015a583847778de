"""Tasks on numbers: real inputs, real answers, squared error; and numbers typed as text."""

from __future__ import annotations

from abc import abstractmethod
from itertools import islice
from typing import TYPE_CHECKING, ClassVar, NamedTuple

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.sequence import NO_TARGET, UNKNOWN_ID, EncodedSequence
from rnnviz.engine.tasks.base import Batch, Flags, Floats, Ids, Task
from rnnviz.engine.tasks.typed_numbers import number_of, number_words
from rnnviz.engine.tokens import MAX_TOKENS, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnviz.engine.spec import TaskSpec

LARGEST = 1e6
"""Of a typed number: float32 squares it in the loss."""
LONGEST_WORD = 24


class TypedNumbers(NamedTuple):
    """The number of each word (0 where it is none), whether it is one, and notes for the user."""

    values: Floats
    known: Flags
    notes: tuple[str, ...]


class NumberTask(Task):
    """A task with D inputs and K outputs that are numbers; ``channels`` and ``outputs`` name them.

    ``tolerance``: an answer this near to the wanted one counts as right. ``ahead``: an output is about the input so
    many steps later (1: the next one, so outputs can be read as inputs); 0: it is about its own step. What the network
    reads is ``(x − offset) / scale`` of what is typed.
    """

    kind = "numbers"
    has_accuracy = False
    metric = "squared error"
    lower_is_better = True
    channels: ClassVar[tuple[str, ...]]
    outputs: ClassVar[tuple[str, ...]]
    tolerance: ClassVar[float]
    ahead: ClassVar[int] = 0
    offset: float = 0.0
    scale: float = 1.0

    def __init__(self, spec: TaskSpec) -> None:
        super().__init__(spec)
        self.vocabulary = Vocabulary(self.channels)
        self.output_labels = self.outputs

    def in_units(self, outputs: Floats) -> Floats:
        """What the network reads or answers, in the units of what is typed."""
        return np.asarray(outputs * self.scale + self.offset)

    def continuation(self, encoded: EncodedSequence, steps: int) -> Floats:
        """What really follows the typed numbers, in their units ``(n, K)`` with n at most ``steps``; here: unknown."""
        del encoded, steps
        return np.zeros((0, self.output_size))

    @abstractmethod
    def another_example(self, seed: int) -> str:
        """A sequence of the task's own, drawn with ``seed``, as a text to type."""

    def score(self, probabilities: Floats, batch: Batch) -> float:
        """Return the mean squared error of the outputs ``(B, T, K)``, over all steps with a wanted answer."""
        return squared_error(probabilities, batch)

    def right(self, probabilities: Floats, batch: Batch) -> Flags:
        """Whether every wanted answer of each sequence ``(B,)`` is met within ``tolerance``."""
        near = (np.abs(probabilities - wanted_of(batch)) <= self.tolerance).all(axis=2)
        return np.asarray((near | (batch.targets == NO_TARGET)).all(axis=1), dtype=np.bool_)


def wanted_of(batch: Batch) -> Floats:
    """The wanted numbers of a batch; SpecError where it wants classes."""
    if batch.wanted is None:
        raise SpecError("The batch wants classes, not numbers; score it with a task on classes.")
    return batch.wanted


def squared_error(outputs: Floats, batch: Batch) -> float:
    """``(1/N) Σ (1/K) Σ_k (y_k − wanted_k)²`` over the N steps of the batch that want an answer."""
    there = batch.targets != NO_TARGET
    return float(np.square(outputs[there] - wanted_of(batch)[there]).mean())


def number_batch(inputs: Floats, wanted: Floats, lengths: Ids | None = None) -> Batch:
    """A batch of numbers ``(B, T, D)`` and ``(B, T, K)``; a row of ``wanted`` with NaN has no loss."""
    there = np.isfinite(wanted).all(axis=2)
    ids = np.full(there.shape, UNKNOWN_ID, dtype=np.int64)
    return Batch(ids, np.where(there, 0, NO_TARGET), lengths, inputs, wanted)


def number_sequence(
    tokens: Sequence[str], values: Floats, wanted: Floats, known: Flags, notes: Sequence[str]
) -> EncodedSequence:
    """A typed sequence of numbers ``(T, D)`` and what is wanted ``(T, K)``."""
    none = np.full(len(tokens), NO_TARGET, dtype=np.int64)
    ids = np.full(len(tokens), UNKNOWN_ID, dtype=np.int64)
    return EncodedSequence(
        tuple(tokens), ids, none, known, tuple(notes), values.astype(np.float64), wanted.astype(np.float64)
    )


def typed_words(text: str, limit: int = MAX_TOKENS) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words between spaces, line ends, commas and semicolons, and a note where the text was cut or has none."""
    found = tuple(islice(number_words(text), limit + 1))
    if not found and text:
        return (), ("The text holds no number; type numbers with spaces, commas or semicolons between them.",)
    cut = (f"The text was cut after {limit:,} numbers (the limit is {limit:,}).",) if len(found) > limit else ()
    return found[:limit], cut


def read_numbers(words: Sequence[str], mean: float = 0.0, scale: float = 1.0) -> TypedNumbers:
    """The number of each word; what is none counts as 0 and is told, what is too large is limited and told.

    Too large is what is more than a million ``scale`` away from ``mean``.
    """
    found = [number_of(word) for word in words]
    known = np.array([value is not None for value in found], dtype=np.bool_)
    values = np.array([value or 0.0 for value in found], dtype=np.float64)
    notes = []
    if not known.all():
        place = int(np.argmin(known))
        where = f"first {shown(words[place])!r} at place {place + 1}"
        notes.append(f"{_many(int((~known).sum()))} not understood as a number and read as 0, {where}.")
    low, high = mean - LARGEST * scale, mean + LARGEST * scale
    limited = np.clip(values, low, high)
    if (limited != values).any():
        limits = f"±{high:,.0f}" if low == -high else f"{low:,.6g} or {high:,.6g}"
        notes.append(f"Numbers beyond {limits} were read as {limits}.")
    return TypedNumbers(limited, known, tuple(notes))


def shown(word: str) -> str:
    """A word as a token on screen: short, and without what cannot be drawn."""
    return "".join(sign if sign.isprintable() else "�" for sign in word[:LONGEST_WORD])


def _many(number: int) -> str:
    return f"{number:,} {'word was' if number == 1 else 'words were'}"
