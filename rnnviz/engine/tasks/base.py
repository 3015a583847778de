"""What every task offers: its vocabulary, its labels, what it makes of a typed text, and batches to train on."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from rnnviz.engine.sequence import EncodedSequence
    from rnnviz.engine.spec import TaskSpec
    from rnnviz.engine.tokens import Vocabulary

Ids = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, eq=False)
class Batch:
    """Training sequences: ids and targets ``(B, T)``, target -1 where there is none.

    ``lengths (B,)`` tells how much of each row is real; None: all of it. Padding comes after the real part.
    """

    ids: Ids
    targets: Ids
    lengths: Ids | None = None


class Task(ABC):
    """A task: made from its spec, immutable afterwards.

    A transducer answers at every time step, an acceptor only at the last.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    sentence: ClassVar[str]
    pattern: ClassVar[str]
    has_accuracy: ClassVar[bool]
    example: ClassVar[str]
    default_length: ClassVar[int]
    default_training: ClassVar[dict[str, Any]]

    spec: TaskSpec
    vocabulary: Vocabulary
    output_labels: tuple[str, ...]
    baseline: float
    baseline_label: str
    required_memory: int | None = None
    notes: tuple[str, ...] = ()

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


def check_no_corpus(spec: TaskSpec, title: str) -> None:
    """Refuse a text for a task that makes its own data."""
    if spec.text is not None:
        raise SpecError(f"The task {title!r} makes its own data and takes no text; choose next-char to learn a text.")
