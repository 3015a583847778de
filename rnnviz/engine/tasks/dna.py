"""DNA: whether the motif TATAAA (the TATA box of gene promoters) stands anywhere in a strand."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.tasks.base import Batch, Ids, padded
from rnnviz.engine.tasks.symbols import SymbolTask, answer_at_end

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnnviz.engine.spec import TaskSpec

MOTIF = "TATAAA"
BASES = "ACGT"


class DnaMotif(SymbolTask):
    """Say at the end whether TATAAA was in the strand; the baseline is the majority answer, ln 2 at 50 %.

    Half of the strands hold the motif at a random place, the other half a copy with one wrong base instead, so that
    counting letters does not help. Measured: the default reaches 100 % in 5 of 5 seeds, after about 400 of its 800
    steps (4 s). Data are made afresh; 14 of 100 fresh strands, short ones above all, were among the 25,600 of the
    training by chance. ``TaskSpec.text`` holds strands of the user's own (:mod:`rnnviz.engine.tasks.dna_own`).
    """

    name = "dna"
    title = "DNA motif"
    sentence = "The network reads a strand of DNA and says at the end whether the motif TATAAA stood anywhere in it."
    pattern = "acceptor"
    has_accuracy = True
    example = "GCCTATAAAGGCTC"
    default_length = 30
    default_model: ClassVar[Mapping[str, Any]] = {"cell": "gru", "hidden": 16}
    default_steps = 800
    alphabet = BASES
    signs = "A, C, G and T"

    def __new__(cls, spec: TaskSpec) -> DnaMotif:
        """A task on the user's own strands where there are some."""
        if spec.text is None or cls is not DnaMotif:
            return super().__new__(cls)
        from rnnviz.engine.tasks.dna_own import OwnStrands

        return super().__new__(OwnStrands)

    def __init__(self, spec: TaskSpec) -> None:
        super().__init__(spec)
        if self.length < len(MOTIF):
            raise SpecError(f"The training length is {self.length}; dna needs at least {len(MOTIF)}.")
        self.output_labels = ("no motif", "motif")
        self.baseline = math.log(2)
        self.baseline_label = "majority"
        self.required_memory = self.length

    def fold(self, token: str) -> str:
        """Read small letters as capital ones, and the U of RNA as T."""
        return token.upper().replace("U", "T")

    def answers(self, ids: Ids) -> tuple[Ids, tuple[str, ...]]:
        """Only the last base has a target: whether the motif stood anywhere up to it."""
        return answer_at_end(len(ids), int(holds_motif(ids))), ()

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Draw strands of 6 to ``length`` bases; half of them, on average, hold the motif."""
        return padded([self._draw(rng) for _ in range(size)])

    def _draw(self, rng: np.random.Generator) -> tuple[Ids, Ids]:
        wanted = bool(rng.integers(2))
        steps = int(rng.integers(len(MOTIF), self.length + 1))
        while True:
            ids = rng.integers(0, len(BASES), size=steps)
            place = int(rng.integers(0, steps - len(MOTIF) + 1))
            ids[place : place + len(MOTIF)] = MOTIF_IDS
            if not wanted:
                wrong = place + int(rng.integers(len(MOTIF)))
                ids[wrong] = (ids[wrong] + rng.integers(1, len(BASES))) % len(BASES)
            if holds_motif(ids) == wanted:
                return ids, answer_at_end(steps, int(wanted))


MOTIF_IDS = np.array([BASES.index(base) for base in MOTIF], dtype=np.int64)
_MOTIF_BYTES = MOTIF_IDS.astype(np.uint8).tobytes()


def holds_motif(ids: Ids) -> bool:
    """Whether the motif stands anywhere in a strand."""
    return _MOTIF_BYTES in ids.astype(np.uint8).tobytes()
