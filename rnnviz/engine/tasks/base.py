"""What every task offers: its vocabulary, its labels, what it makes of a typed text, and batches to train on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import msgspec
import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.sequence import NO_TARGET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rnnviz.engine.sequence import EncodedSequence
    from rnnviz.engine.spec import ModelSpec, TaskSpec
    from rnnviz.engine.tokens import Vocabulary

PATTERNS = ("acceptor", "transducer", "one-to-sequence", "encoder-decoder")
"""What a task reads and where it answers, in the order of the lectures."""
ADAM = {"optimiser": "adam", "learning_rate": 0.01, "batch_size": 32, "clip": 1.0}
"""The training that learns most tasks: fields of a TrainingSpec."""
MAX_LABELS = 100
Ids = np.ndarray[Any, np.dtype[np.int64]]
Flags = np.ndarray[Any, np.dtype[np.bool_]]
Floats = np.ndarray[Any, np.dtype[np.floating[Any]]]


@dataclass(frozen=True, eq=False)
class Batch:
    """Training sequences: ids and targets ``(B, T)``, target -1 where there is none.

    ``lengths (B,)`` tells how much of each row is real; None: all of it. Padding comes after the real part.
    Where the task is about numbers, ``inputs (B, T, D)`` are what the network reads (the ids are all -1) and
    ``wanted (B, T, K)`` what it should answer, NaN in a row without loss; ``targets`` then only tells where there is
    one: 0, else -1. ``switch``: of an encoder-decoder, how many steps the encoder reads, the same in every row.
    """

    ids: Ids
    targets: Ids
    lengths: Ids | None = None
    inputs: Floats | None = None
    wanted: Floats | None = None
    switch: int = 0

    def __len__(self) -> int:
        return len(self.ids)

    def row_length(self, row: int) -> int:
        """The number of real time steps of one row."""
        return self.ids.shape[1] if self.lengths is None else int(self.lengths[row])

    def part(self, rows: slice) -> Batch:
        """Some of the sequences."""
        lengths = None if self.lengths is None else self.lengths[rows]
        inputs, wanted = (None if each is None else each[rows] for each in (self.inputs, self.wanted))
        return Batch(self.ids[rows], self.targets[rows], lengths, inputs, wanted, self.switch)


class Sample(NamedTuple):
    """One sequence as it is typed, its ids (T,) and targets (T,)."""

    text: str
    ids: Ids
    targets: Ids


class Task(ABC):
    """A task: made from its spec, immutable afterwards.

    ``pattern`` is one of :data:`PATTERNS`: a transducer answers at every time step, an acceptor only at the last; a
    generator ("one-to-sequence") reads one label and then its own outputs; an encoder-decoder reads a sequence and
    then, with weights of their own, its own outputs. ``feeds`` tells for each output class the input id that it is
    read as when it is fed back (−1: none), None where outputs cannot be inputs; ``end_class`` is the class after which
    nothing follows. ``default_model`` and
    ``default_training`` are fields of ModelSpec and TrainingSpec with which ``default_steps`` training steps learn
    the task. ``baseline`` is the loss (nats; the squared error where ``kind`` is "numbers", not "classes") of the
    best answer that ignores the input, or of a blind guess; ``metric`` says what :meth:`score` measures. A task that
    ``makes_data`` draws every sequence afresh.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]
    pattern: ClassVar[str]
    kind: ClassVar[str] = "classes"
    has_accuracy: ClassVar[bool]
    example: ClassVar[str]
    default_length: ClassVar[int]
    default_model: ClassVar[Mapping[str, Any]]
    default_training: ClassVar[Mapping[str, Any]] = ADAM
    default_steps: ClassVar[int]
    metric: ClassVar[str] = "accuracy"
    lower_is_better: ClassVar[bool] = False
    makes_data: ClassVar[bool] = False

    spec: TaskSpec
    vocabulary: Vocabulary
    output_labels: tuple[str, ...]
    baseline: float
    baseline_label: str
    required_memory: int | None = None
    feeds: tuple[int, ...] | None = None
    end_class: int | None = None
    notes: tuple[str, ...] = ()

    def __init__(self, spec: TaskSpec) -> None:
        self.spec = spec

    @property
    def length(self) -> int:
        """The length of a training sequence."""
        return self.spec.length or self.default_length

    @property
    def input_size(self) -> int:
        """The size of the input vocabulary."""
        return len(self.vocabulary)

    @property
    def output_size(self) -> int:
        """The number of classes the network chooses from."""
        return len(self.output_labels)

    @abstractmethod
    def encode(self, text: str) -> EncodedSequence:
        """Turn a typed text into tokens, ids and targets."""

    @abstractmethod
    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Draw ``size`` training sequences."""

    def validation_batch(self, rng: np.random.Generator, size: int) -> Batch | None:
        """Draw ``size`` sequences of the held-out part of the data.

        None where nothing is held out: data that are made afresh are tested on another :meth:`batch`, of which short
        sequences may have been in the training by chance; data of one's own may have too few different sequences.
        """
        del rng, size
        return None

    def written(self, rng: np.random.Generator, size: int, *, held_out: bool) -> list[Sample] | None:
        """At most ``size`` sequences of the learned or the held-out data as they stand there, none twice.

        None where a sequence is drawn, not written down: then the rows of batches are shown as texts.
        """
        del rng, size, held_out
        return None

    def right(self, probabilities: Floats, batch: Batch) -> Flags:
        """Whether each sequence ``(B,)`` is answered right wherever the answer can be known; here: at every target."""
        good = (probabilities.argmax(axis=2) == batch.targets) | (batch.targets == NO_TARGET)
        return np.asarray(good.all(axis=1), dtype=np.bool_)

    def score(self, probabilities: Floats, batch: Batch) -> float:
        """The task's metric of ``probabilities (B, T, classes)``; here: how many of all targets are guessed right."""
        wanted = batch.targets != NO_TARGET
        return float((probabilities.argmax(axis=2) == batch.targets)[wanted].mean())


def fitted(model: ModelSpec, task: Task) -> ModelSpec:
    """``model`` with a decoder where, and only where, the task needs one."""
    return msgspec.structs.replace(model, decoder=task.pattern == "encoder-decoder")


def check_fits(model: ModelSpec, task: Task) -> None:
    """Raise SpecError unless the network has a decoder where, and only where, the task needs one."""
    needed = task.pattern == "encoder-decoder"
    if model.decoder != needed:
        has, wants = ("a", "none") if model.decoder else ("no", "one")
        raise SpecError(f"The network has {has} decoder, and the task {task.title!r} needs {wants}; set it to match.")


def mean_loss(probabilities: Floats, batch: Batch) -> float:
    """The mean of ``-ln p(target)`` over all targets, in nats."""
    rows, steps = np.nonzero(batch.targets != NO_TARGET)
    chosen = probabilities[rows, steps, batch.targets[rows, steps]]
    return float(-np.log(np.maximum(chosen, np.finfo(chosen.dtype).tiny)).mean())


def entropy(counts: Sequence[int]) -> float:
    """The entropy ``-sum p ln p`` in nats: the loss of the best answer that never looks at the input."""
    shares = np.array([count for count in counts if count], dtype=np.float64)
    shares /= shares.sum()
    return float(-(shares * np.log(shares)).sum())


def check_labels(where: str, count: int) -> None:
    """Raise SpecError where ``count`` different labels cannot be told apart or are too many."""
    if not 2 <= count <= MAX_LABELS:
        many = "1 different label" if count == 1 else f"{count} different labels"
        raise SpecError(f"The {where} {'have' if where.endswith('s') else 'has'} {many}; give 2 to {MAX_LABELS}.")


def most_frequent(counts: Mapping[str, int], most: int) -> tuple[str, ...]:
    """The ``most`` most frequent entries (of equals the first in the alphabet), in alphabetical order."""
    return tuple(sorted(sorted(counts, key=lambda entry: (-counts[entry], entry))[:most]))


def padded(rows: Sequence[tuple[Ids, Ids]]) -> Batch:
    """A batch of sequences ``(ids, targets)`` of different lengths, padded at the end with the id 0."""
    lengths = np.array([len(ids) for ids, _ in rows], dtype=np.int64)
    all_ids = np.zeros((len(rows), int(lengths.max())), dtype=np.int64)
    all_targets = np.full_like(all_ids, NO_TARGET)
    for row, (ids, targets) in enumerate(rows):
        all_ids[row, : len(ids)] = ids
        all_targets[row, : len(ids)] = targets
    return Batch(all_ids, all_targets, lengths)


def check_no_corpus(spec: TaskSpec, title: str) -> None:
    """Refuse a text for a task that makes its own data."""
    if spec.text is not None:
        raise SpecError(f"The task {title!r} makes its own data and takes no text; choose next-char to learn a text.")
