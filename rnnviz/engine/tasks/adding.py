"""The adding problem: the sum of two marked numbers of a long sequence (Hochreiter & Schmidhuber 1997, section 5.4)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnviz.engine.tasks.base import ADAM, Batch, check_no_corpus
from rnnviz.engine.tasks.numbers import NumberTask, number_batch, number_sequence, read_numbers, shown, typed_words
from rnnviz.engine.tasks.typed_numbers import MARK, number_pieces
from rnnviz.engine.tokens import MAX_TOKENS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnnviz.engine.sequence import EncodedSequence
    from rnnviz.engine.spec import TaskSpec

EXAMPLE_LENGTH = 12


class Adding(NumberTask):
    """Read a value and a marker at every step and answer, at the end, the sum of the two marked values.

    Values are U(0, 1) and markers 0 or 1, one in the first and one in the second half of the sequence (as in
    Arjovsky, Shah & Bengio 2016; the original has U(-1, 1) and its target squeezed into the unit interval). The best
    constant is 1, and its squared error the variance of the sum, 2/12 = 1/6. Lengths vary between a half and the
    whole of the longest.

    Measured over 5 seeds: the default's held-out squared error is 0.0003 to 0.0009 after 1,500 steps (5 s), and 98 to
    100 % of its sums are right within 0.08; a tanh network of the same size ends at 0.016 to 0.16. Data are made
    afresh, and none comes twice.
    """

    name = "adding"
    title = "Adding problem"
    sentence = "The network reads numbers, two of them marked, and answers at the end the sum of those two."
    pattern = "acceptor"
    example = "0.31 0.84* 0.12 0.57 0.93 0.26 0.68 0.45* 0.71 0.09"
    default_length = 30
    default_model: ClassVar[Mapping[str, Any]] = {"cell": "lstm", "hidden": 8}
    default_training: ClassVar[Mapping[str, Any]] = {**ADAM, "learning_rate": 0.02}
    default_steps = 1500
    makes_data = True
    channels = ("value", "marker")
    outputs = ("sum",)
    tolerance = 0.08

    def __init__(self, spec: TaskSpec) -> None:
        check_no_corpus(spec, self.title)
        super().__init__(spec)
        self.baseline = 1 / 6
        self.baseline_label = "always 1"
        self.required_memory = self.length

    def encode(self, text: str) -> EncodedSequence:
        """A number with a star behind it is marked; the sum of all marked ones is wanted at the last step."""
        words, notes = _with_marks(text)
        found = read_numbers([word.rstrip(MARK) for word in words])
        marks = np.array([word.endswith(MARK) for word in words], dtype=np.float64)
        bare = [shown(word.rstrip(MARK)) for word in words]
        tokens = [f"{word} {MARK}" if mark else word for word, mark in zip(bare, marks, strict=True)]
        wanted = np.full((len(words), 1), np.nan)
        if marks.any():
            wanted[-1] = (found.values * marks).sum()
        if len(words) and (count := int(marks.sum())) != 2:
            notes = (*notes, f"{_counted_marks(count)}.")
        values = np.stack((found.values, marks), axis=1)
        return number_sequence(tokens, values, wanted, found.known, (*notes, *found.notes))

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Draw sequences of a half to the whole of ``length`` steps (at least 2), padded at the end."""
        longest = max(2, self.length)
        lengths = rng.integers(max(2, longest // 2), longest + 1, size=size)
        inputs, wanted = np.zeros((size, longest, 2)), np.full((size, longest, 1), np.nan)
        rows, middle = np.arange(size), lengths // 2
        inputs[:, :, 0] = rng.random((size, longest)) * (np.arange(longest) < lengths[:, None])
        for low, high in ((0, middle), (middle, lengths)):
            inputs[rows, rng.integers(low, high), 1] = 1
        wanted[rows, lengths - 1, 0] = (inputs[:, :, 0] * inputs[:, :, 1]).sum(axis=1)
        return number_batch(inputs, wanted, lengths)

    def another_example(self, seed: int) -> str:
        """Two decimals, two of the numbers marked, as in training."""
        rng = np.random.default_rng([seed, 11])
        values, half = rng.random(EXAMPLE_LENGTH), EXAMPLE_LENGTH // 2
        marked = {int(rng.integers(half)), int(rng.integers(half, EXAMPLE_LENGTH))}
        return " ".join(f"{value:.2f}{MARK if place in marked else ''}" for place, value in enumerate(values))


def _counted_marks(count: int) -> str:
    """What is said where not two numbers are marked."""
    marked = "1 number is marked" if count == 1 else f"{count} numbers are marked"
    said = {0: "so there is no sum and no loss", 1: "it alone is wanted"}.get(count, "their sum is wanted")
    return f"{marked} with {MARK}, in training always two; {said}"


def _with_marks(text: str) -> tuple[list[str], tuple[str, ...]]:
    """The typed words, a star that stands alone joined to the number before it."""
    _, notes = typed_words(text)
    pieces = number_pieces("adding", text)[:MAX_TOKENS]
    return [_joined(piece) for piece in pieces], notes


def _joined(piece: str) -> str:
    """A number and its star without what stands between them."""
    number = piece[:-1] if piece.endswith(MARK) else piece
    while number and (number[-1].isspace() or number[-1] in ",;"):
        number = number[:-1]
    return number + MARK if piece.endswith(MARK) else number
