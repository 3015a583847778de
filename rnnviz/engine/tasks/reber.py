"""The embedded Reber grammar: a long way from the second sign to the last but one (Hochreiter & Schmidhuber 1997)."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.tasks.base import ADAM, Batch, Flags, Floats, Ids, padded
from rnnviz.engine.tasks.symbols import SymbolTask, allowed_on_top, next_signs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnnviz.engine.spec import TaskSpec

SIGNS = "BTPSXVE"
NODES: tuple[dict[str, int], ...] = (
    {"B": 1},
    {"T": 2, "P": 2},
    {"B": 3},
    {"T": 4, "P": 5},
    {"S": 4, "X": 6},
    {"T": 5, "V": 7},
    {"X": 5, "S": 8},
    {"P": 6, "V": 8},
    {"E": 9},
    {"T": 10, "P": 10},
    {"E": 11},
    {},
)
"""The grammar: the signs that leave each node, and where each leads; 2 to 8 are Reber's own, 11 is the end."""
BRANCH, REPEAT, LAST = 1, 9, 11
SHORTEST = 9


class Place(NamedTuple):
    """A place in the grammar: the node, and the sign that must come again before the end."""

    node: int = 0
    second: str = ""

    @property
    def allowed(self) -> str:
        """The signs that may follow; none at the end."""
        return self.second if self.node == REPEAT else "".join(NODES[self.node])

    def after(self, sign: str) -> Place:
        """Return the place after an allowed sign."""
        return Place(NODES[self.node][sign], sign if self.node == BRANCH else self.second)


class Reber(SymbolTask):
    """Predict the next sign of strings B T ... T E and B P ... P E; the baseline is a blind guess among seven, ln 7.

    Between the two T (or P) stands a string of the Reber grammar (Reber 1967), which is forked at random: what can be
    known is which signs may follow. The last but one must equal the second. Strings longer than ``length`` are drawn
    again. Measured: the default predicts 100 % of freshly drawn strings in 5 of 5 seeds, after 750 to 2,250 of its
    3,000 steps of 8 strings (9 s). Data are made afresh; 96 of 100 fresh strings, mostly short ones, were among the
    24,000 of the training.
    """

    name = "reber"
    title = "Reber grammar"
    sentence = (
        "The network learns which signs may follow by a grammar; the last but one repeats the second, far behind."
    )
    pattern = "transducer"
    has_accuracy = False
    example = "BTBTXSETE"
    default_length = 40
    default_model: ClassVar[Mapping[str, Any]] = {"cell": "lstm", "hidden": 12}
    default_training: ClassVar[Mapping[str, Any]] = {**ADAM, "batch_size": 8}
    default_steps = 3000
    metric = "strings with only allowed signs on top"
    alphabet = SIGNS
    signs = "B, T, P, S, X, V and E"

    def __init__(self, spec: TaskSpec) -> None:
        super().__init__(spec)
        if self.length < SHORTEST:
            raise SpecError(f"The training length is {self.length}; the shortest string of reber has {SHORTEST} signs.")
        self.output_labels = tuple(SIGNS)
        self.feeds = tuple(self.vocabulary.encode(SIGNS)[0].tolist())
        self.baseline = math.log(len(SIGNS))
        self.baseline_label = f"ln {len(SIGNS)}"
        self.required_memory = self.length - 4

    def fold(self, token: str) -> str:
        """Read small letters as capital ones."""
        return token.upper()

    def answers(self, ids: Ids) -> tuple[Ids, tuple[str, ...]]:
        """Each sign's target is the next one; the last has none."""
        signs = "".join(SIGNS[index] for index in ids)
        valid = len(followers(signs))
        notes = () if valid == len(ids) else (f"By the grammar, sign {valid + 1}, {signs[valid]}, may not stand here.",)
        return next_signs(ids), notes

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Draw strings of the grammar, every fork by a fair coin."""
        return padded([self._draw(rng) for _ in range(size)])

    def _draw(self, rng: np.random.Generator) -> tuple[Ids, Ids]:
        signs = draw_string(rng)
        while len(signs) > self.length:
            signs = draw_string(rng)
        ids, _ = self.vocabulary.encode(tuple(signs))
        return ids, next_signs(ids)

    def allowed(self, ids: Ids) -> Flags:
        """Which signs may follow each one ``(T, 7)``; none after the end or after what the grammar does not allow."""
        mask = np.zeros((len(ids), len(SIGNS)), dtype=np.bool_)
        for step, signs in enumerate(followers("".join(SIGNS[index] for index in ids))):
            mask[step, [SIGNS.index(sign) for sign in signs]] = True
        return mask

    def right(self, probabilities: Floats, batch: Batch) -> Flags:
        """Return, for each string, whether at every step the allowed signs were above all others."""
        rows = range(len(batch))
        return allowed_on_top(probabilities, [self.allowed(batch.ids[row, : batch.row_length(row)]) for row in rows])

    def score(self, probabilities: Floats, batch: Batch) -> float:
        """Return the share of strings in which every step is right."""
        return float(self.right(probabilities, batch).mean())


def draw_string(rng: np.random.Generator) -> str:
    """One string of the embedded grammar."""
    place, signs = Place(), ""
    while place.node != LAST:
        sign = place.allowed[int(rng.integers(len(place.allowed)))]
        place, signs = place.after(sign), signs + sign
    return signs


def followers(signs: str) -> list[str]:
    """The allowed successors of each sign, as far as the string keeps to the grammar."""
    place, found = Place(), []
    for sign in signs:
        if sign not in place.allowed:
            break
        place = place.after(sign)
        found.append(place.allowed)
    return found
