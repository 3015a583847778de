"""DNA of the user's own: strands with labels, or long strands that the motif itself labels piece by piece."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.tasks.base import Batch, Ids, check_labels, entropy, padded
from rnnviz.engine.tasks.corpus import limited
from rnnviz.engine.tasks.dna import BASES, MOTIF, DnaMotif, holds_motif
from rnnviz.engine.tasks.sentences import draw, draw_once, every_fifth
from rnnviz.engine.tasks.symbols import answer_at_end, no_targets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rnnviz.engine.spec import TaskSpec
    from rnnviz.engine.tasks.sentences import Example

UNLABELLED, LABELLED = "sequence", "sequence\tlabel"


class Strand(NamedTuple):
    """One strand, its line in the text (1-based), and its label ('' where the motif decides)."""

    line: int
    bases: str
    label: str


class OwnStrands(DnaMotif):
    """Label whole strands, or find the motif in pieces of them.

    ``TaskSpec.text`` has the header ``sequence`` tab ``label`` and one strand a line; every fifth is held out, and
    those longer than ``length`` are left out. With the header ``sequence`` alone the motif is the label: training
    draws pieces of 6 to ``length`` bases, half of them where a motif stands and half where none does; every fifth
    strand (of a single one its last fifth) is held out. The baseline is the majority answer.
    """

    makes_data = False

    def __init__(self, spec: TaskSpec) -> None:
        super().__init__(msgspec.structs.replace(spec, text=None))
        self.spec = spec
        text, self.notes = limited(spec.text or "")
        strands = list(_strands(text))
        if not strands:
            raise SpecError("There is no strand; give one strand of A, C, G and T on each line below the header.")
        if strands[0].label:
            self._label(strands)
        else:
            self._search(strands)

    def _label(self, strands: list[Strand]) -> None:
        """Learn the user's own labels."""
        counts = Counter(strand.label for strand in strands)
        check_labels("strands", len(counts))
        self.output_labels = tuple(sorted(counts))
        learned, held_out = every_fifth(strands)
        self._known: dict[str, str] = {strand.bases: strand.label for strand in strands}
        self._examples, self._test = self._whole(learned), self._whole(held_out)
        if not self._examples:
            raise SpecError(f"No strand has at most {self.length} bases; give a larger training length.")
        self.baseline = entropy(list(Counter(strand.label for strand in learned).values()))
        self.required_memory = max(len(ids) for ids, _ in self._examples)
        self._pieces: tuple[Pieces, ...] = ()

    def _whole(self, strands: Sequence[Strand]) -> list[Example]:
        return [
            (base_ids(strand.bases), answer_at_end(len(strand.bases), self.output_labels.index(strand.label)))
            for strand in strands
            if len(strand.bases) <= self.length
        ]

    def _search(self, strands: list[Strand]) -> None:
        """Learn where the motif stands."""
        everything = [strand.bases for strand in strands]
        learned, held_out = every_fifth(everything)
        if not held_out:
            cut = [len(bases) - len(bases) // 5 for bases in learned]
            held_out = [bases[at:] for bases, at in zip(learned, cut, strict=True)]
            learned = [bases[:at] for bases, at in zip(learned, cut, strict=True)]
        pieces, test = Pieces(learned, self.length), Pieces(held_out, self.length)
        apart = pieces.both
        if not apart:  # too short to hold anything out
            pieces = Pieces(everything, self.length)
        if not pieces.places:
            raise SpecError(f"The motif {MOTIF} stands nowhere in these strands; label each, as in >name label=yes.")
        if not pieces.free:
            raise SpecError(f"The motif {MOTIF} stands everywhere in these strands; give longer ones.")
        self._pieces = (pieces, test) if apart and test.both else (pieces,)

    def answers(self, ids: Ids) -> tuple[Ids, tuple[str, ...]]:
        """The label of a strand of the data, or whether the motif stood anywhere."""
        if self._pieces:
            return super().answers(ids)
        label = self._known.get("".join(BASES[index] for index in ids))
        if label is None:
            sentence = "This strand is not in the data, so its label is unknown: an answer, but no loss."
            return no_targets(len(ids)), (sentence,)
        return answer_at_end(len(ids), self.output_labels.index(label)), ()

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Draw labelled strands, or pieces of which every other one holds the motif, on average."""
        if self._pieces:
            return padded([self._pieces[0].draw(rng) for _ in range(size)])
        return draw(self._examples, rng, size, 0.0)

    def validation_batch(self, rng: np.random.Generator, size: int) -> Batch | None:
        """Draw from the strands that were held out; None where there are none."""
        if self._pieces:
            return padded([self._pieces[1].draw(rng) for _ in range(size)]) if len(self._pieces) > 1 else None
        return draw_once(self._test, rng, size) if self._test else None


class Pieces:
    """Pieces of strands: ``places`` where the motif begins, ``free`` stretches without it of at least six bases."""

    def __init__(self, strands: Sequence[str], length: int) -> None:
        self._length = length
        self._ids = [base_ids(bases) for bases in strands]
        self.places = [(index, at) for index, bases in enumerate(strands) for at in _found(bases)]
        self.free = [(index, *span) for index, bases in enumerate(strands) for span in _free(bases)]
        sizes = np.array([end - begin for _, begin, end in self.free], dtype=np.float64)
        self._shares = np.cumsum(sizes) / sizes.sum() if len(sizes) else sizes

    @property
    def both(self) -> bool:
        """Whether there are pieces with the motif and pieces without it."""
        return bool(self.places and self.free)

    def draw(self, rng: np.random.Generator) -> tuple[Ids, Ids]:
        """One piece of 6 to ``length`` bases, with the motif as often as without."""
        wanted = bool(rng.integers(2))
        steps = int(rng.integers(len(MOTIF), self._length + 1))
        if wanted:
            index, at = self.places[int(rng.integers(len(self.places)))]
            begin, end = max(0, at + len(MOTIF) - steps), min(at, len(self._ids[index]) - steps)
            start = int(rng.integers(begin, max(begin, end) + 1))
            ids = self._ids[index][start : start + steps]
        else:
            index, low, high = self.free[int(np.searchsorted(self._shares, rng.random(), side="right"))]
            steps = min(steps, high - low)
            start = int(rng.integers(low, high - steps + 1))
            ids = self._ids[index][start : start + steps]
        return ids, answer_at_end(len(ids), int(holds_motif(ids)))


def base_ids(bases: str) -> Ids:
    """The ids of a strand: A 0, C 1, G 2, T 3."""
    return _ID_OF[np.frombuffer(bases.encode("ascii"), dtype=np.uint8)]


_ID_OF = np.zeros(256, dtype=np.int64)
_ID_OF[[ord(base) for base in BASES]] = np.arange(len(BASES))


def _strands(text: str) -> Iterator[Strand]:
    lines = text.split("\n")
    if lines[0].strip() not in (UNLABELLED, LABELLED):
        raise SpecError(f"Line 1 is {lines[0][:40]!r}; give the header 'sequence', or that with a tab and 'label'.")
    width = lines[0].count("\t") + 1
    for number, line in enumerate(lines[1:], 2):
        cells = [cell.strip() for cell in line.split("\t")]
        if not any(cells):
            continue
        bases = cells[0].upper().replace("U", "T")
        if len(cells) != width or not all(cells) or set(bases) - set(BASES):
            raise SpecError(f"Line {number} is no strand of A, C, G and T{' with a tab and its label' * (width - 1)}.")
        yield Strand(number, bases, cells[1] if width > 1 else "")


def _found(bases: str) -> Iterator[int]:
    """Where the motif begins (it cannot overlap itself)."""
    at = bases.find(MOTIF)
    while at >= 0:
        yield at
        at = bases.find(MOTIF, at + 1)


def _free(bases: str) -> Iterator[tuple[int, int]]:
    """The stretches that hold no whole motif: each may reach into one, but not over it."""
    low = 0
    for at in (*_found(bases), len(bases)):
        high = len(bases) if at == len(bases) else at + len(MOTIF) - 1
        if high - low >= len(MOTIF):
            yield low, high
        low = at + 1
