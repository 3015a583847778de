"""Counting: strings of n times a, then n times b (Gers & Schmidhuber 2001; Weiss, Goldberg & Yahav 2018)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnviz.engine.tasks.base import ADAM, Batch, Flags, Floats, Ids, padded
from rnnviz.engine.tasks.symbols import SymbolTask, allowed_on_top, next_signs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnnviz.engine.spec import TaskSpec

A, B, END = range(3)


class CountedLetters(SymbolTask):
    """Predict the next letter of aⁿbⁿ and its end; the baseline is a blind guess among a, b and the end, ln 3.

    After an a both letters may follow; from the first b on everything is determined, the end too, if the network
    has counted. Trained on n up to ``length`` / 2. Measured: the default predicts 100 % of the strings with n up to 10
    in 5 of 5 seeds after 1,000 steps (3 s), and longer ones up to n = 13, 15, 16, 23, 26; a GRU of the same size up to
    n = 10, 10, 10, 10, 12, a tanh network 0, 0, 9, 10, 10. Only the longer ones are new to the network: up to n = 10
    there are ten strings, and training shows them all.
    """

    name = "a-n-b-n"
    title = "Counting: aⁿbⁿ"
    sentence = "The network reads some a's and then as many b's: to know where the string ends it must count."
    pattern = "transducer"
    has_accuracy = False
    example = "aaaaabbbbb"
    default_length = 20
    default_model: ClassVar[Mapping[str, Any]] = {"cell": "lstm", "hidden": 4}
    default_training: ClassVar[Mapping[str, Any]] = {**ADAM, "learning_rate": 0.02, "batch_size": 16}
    default_steps = 1000
    metric = "strings predicted right to the end"
    alphabet = "ab"
    signs = "a and b"

    def __init__(self, spec: TaskSpec) -> None:
        super().__init__(spec)
        self.output_labels = ("a", "b", "end")
        self.feeds, self.end_class = (A, B, -1), END
        self.baseline = math.log(3)
        self.baseline_label = "ln 3"
        self.required_memory = 2 * self.largest

    @property
    def largest(self) -> int:
        """The largest n of training."""
        return max(1, self.length // 2)

    def fold(self, token: str) -> str:
        """Read capital letters as small ones."""
        return token.lower()

    def answers(self, ids: Ids) -> tuple[Ids, tuple[str, ...]]:
        """Each letter's target is the next one; that of the last b the end, if there were as many a's."""
        targets = next_signs(ids)
        count = int((ids == A).sum())
        if np.array_equal(ids, counted(count)):
            targets[-1] = END
        elif not (np.diff(ids) >= 0).all() or len(ids) - count > count:
            return targets, ("This is not n times a and then n times b.",)
        return targets, ()

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Draw n evenly from 1 to ``length`` / 2."""
        return self.strings(rng.integers(1, self.largest + 1, size=size).tolist())

    def strings(self, counts: list[int]) -> Batch:
        """The strings aⁿbⁿ of these n (also larger ones than in training)."""
        rows = [counted(count) for count in counts]
        return padded([(ids, np.append(ids[1:], END)) for ids in rows])

    def right(self, probabilities: Floats, batch: Batch) -> Flags:
        """Return, for each string, whether every allowed successor was above all others at every step."""
        rows = range(len(batch))
        return allowed_on_top(probabilities, [self.allowed(batch.ids[row, : batch.row_length(row)]) for row in rows])

    def allowed(self, ids: Ids) -> Flags:
        """Which of a, b, end may follow each letter of a complete string ``(T, 3)``."""
        mask = np.zeros((len(ids), 3), dtype=np.bool_)
        count = int((ids == A).sum())
        mask[:count, :END] = True
        mask[count : 2 * count - 1, B] = True
        mask[2 * count - 1, END] = True
        return mask

    def score(self, probabilities: Floats, batch: Batch) -> float:
        """Return the share of strings in which every step is right."""
        return float(self.right(probabilities, batch).mean())


def counted(count: int) -> Ids:
    """The ids of n times a, n times b."""
    return np.repeat(np.array([A, B], dtype=np.int64), count)
