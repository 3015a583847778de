"""DNA of the user's own: strands with labels, or long strands that the motif itself labels piece by piece."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

import msgspec
import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.tasks.apart import apart
from rnnviz.engine.tasks.base import Batch, Ids, Sample, check_labels, entropy, padded
from rnnviz.engine.tasks.corpus import limited
from rnnviz.engine.tasks.dna import BASES, MOTIF, DnaMotif, holds_motif
from rnnviz.engine.tasks.sentences import draw, draw_once
from rnnviz.engine.tasks.symbols import answer_at_end, no_targets

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rnnviz.engine.spec import TaskSpec
    from rnnviz.engine.tasks.sentences import Example

UNLABELLED, LABELLED = "sequence", "sequence\tlabel"
MOST_SEARCHED = 500_000
"""Bases; in more strands held-out pieces are not searched for, a millisecond each."""
TRIED, LEAST_NEW = 100, 0.1
"""Of so many pieces with the motif, and without, this share must be new for a test."""
NOTHING_NEW = (
    "Nothing is held out to test on: a fifth of the strands has too few new pieces with TATAAA and without it."
)


class Strand(NamedTuple):
    """One strand, its line in the text (1-based), and its label ('' where the motif decides)."""

    line: int
    bases: str
    label: str


class OwnStrands(DnaMotif):
    """Label whole strands, or find the motif in pieces of them.

    ``TaskSpec.text`` has the header ``sequence`` tab ``label`` and one strand a line; every fifth of the different ones
    is held out with its repeats, and those longer than ``length`` are left out. With the header ``sequence`` alone the
    motif is the label: training draws pieces of 6 to ``length`` bases, half of them where a motif stands and half
    where none does; every fifth different strand (of fewer than five the last fifth of each) is held out. A held-out
    piece stands nowhere in the learned strands, unless those have more than 500,000 bases, which are not searched. The
    baseline is the majority answer.
    """

    makes_data = False

    def __init__(self, spec: TaskSpec) -> None:
        super().__init__(msgspec.structs.replace(spec, text=None))
        self.spec = spec
        text, self._said = limited(spec.text or "")
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
        self._split = split = apart(strands, (strand.bases for strand in strands), "strand")
        learned = split.learned
        self._known: dict[str, str] = {strand.bases: strand.label for strand in strands}
        self._examples, self._test = self._whole(learned), self._whole(split.held_out)
        if not self._examples:
            raise SpecError(f"No strand has at most {self.length} bases; give a larger training length.")
        self.baseline = entropy(list(Counter(strand.label for strand in learned).values()))
        self.required_memory = max(len(ids) for ids, _ in self._examples)
        self.notes = (*self._said, *split.notes(len(self._test)))
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
        split = apart(everything, everything, "strand")
        learned, held_out = split.learned, split.held_out
        if not held_out:
            cut = [len(bases) - len(bases) // 5 for bases in learned]
            held_out = [bases[at:] for bases, at in zip(learned, cut, strict=True)]
            learned = [bases[:at] for bases, at in zip(learned, cut, strict=True)]
        pieces, test = Pieces(learned, self.length), Pieces(held_out, self.length, learned)
        tested = pieces.both and test.both
        if not tested:  # too short to hold anything out, or nothing new in it
            pieces = Pieces(everything, self.length)
        if not pieces.places:
            raise SpecError(f"The motif {MOTIF} stands nowhere in these strands; label each, as in >name label=yes.")
        if not pieces.free:
            raise SpecError(f"The motif {MOTIF} stands everywhere in these strands; give longer ones.")
        self._pieces = (pieces, test) if tested else (pieces,)
        repeats = f"{split.repeated}; held-out pieces stand in none that are learned." if split.repeated else ""
        self.notes = (*self._said, *filter(None, (repeats if tested else "", "" if tested else NOTHING_NEW)))

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

    def written(self, rng: np.random.Generator, size: int, *, held_out: bool) -> list[Sample] | None:
        """Labelled strands, each with its label once; None where pieces are drawn."""
        if self._pieces:
            return None
        part = self._split.held_out if held_out else self._split.learned
        once = [strand for strand in {each[1:]: each for each in part}.values() if len(strand.bases) <= self.length]
        chosen = [once[index] for index in rng.permutation(len(once))[:size].tolist()]
        return [Sample(strand.bases, *found) for strand, found in zip(chosen, self._whole(chosen), strict=True)]


class Pieces:
    """Pieces of strands: ``places`` where the motif begins, ``free`` stretches without it of at least six bases.

    A piece that stands in one of the ``known`` strands is not drawn.
    """

    def __init__(self, strands: Sequence[str], length: int, known: Sequence[str] = ()) -> None:
        self._length = length
        few = sum(map(len, known)) <= MOST_SEARCHED
        self._known = "\n".join(known).encode("ascii").translate(_TO_ID) if few else b""
        self._ids = [base_ids(bases) for bases in strands]
        self.places = [(index, at) for index, bases in enumerate(strands) for at in _found(bases)]
        self.free = [(index, *span) for index, bases in enumerate(strands) for span in _free(bases)]
        sizes = np.array([end - begin for _, begin, end in self.free], dtype=np.float64)
        self._shares = np.cumsum(sizes) / sizes.sum() if len(sizes) else sizes

    @property
    def both(self) -> bool:
        """Whether there are pieces with the motif and pieces without it, and enough of both are not known."""
        if not (self.places and self.free):
            return False
        if not self._known:
            return True
        rng = np.random.default_rng(0)
        new = [[self._is_new(self._one(rng, wanted)) for _ in range(TRIED)] for wanted in (False, True)]
        return min(map(sum, new)) >= LEAST_NEW * TRIED

    def draw(self, rng: np.random.Generator) -> tuple[Ids, Ids]:
        """One piece of 6 to ``length`` bases, with the motif as often as without."""
        wanted = bool(rng.integers(2))
        ids = self._one(rng, wanted)
        while not self._is_new(ids):
            ids = self._one(rng, wanted)
        return ids, answer_at_end(len(ids), int(holds_motif(ids)))

    def _is_new(self, ids: Ids) -> bool:
        return not self._known or ids.astype(np.uint8).tobytes() not in self._known

    def _one(self, rng: np.random.Generator, wanted: bool) -> Ids:
        """One piece with or without the motif."""
        steps = int(rng.integers(len(MOTIF), self._length + 1))
        if wanted:
            index, at = self.places[int(rng.integers(len(self.places)))]
            begin, end = max(0, at + len(MOTIF) - steps), min(at, len(self._ids[index]) - steps)
            start = int(rng.integers(begin, max(begin, end) + 1))
        else:
            index, low, high = self.free[int(np.searchsorted(self._shares, rng.random(), side="right"))]
            steps = min(steps, high - low)
            start = int(rng.integers(low, high - steps + 1))
        return self._ids[index][start : start + steps]


def base_ids(bases: str) -> Ids:
    """The ids of a strand: A 0, C 1, G 2, T 3."""
    return _ID_OF[np.frombuffer(bases.encode("ascii"), dtype=np.uint8)]


_TO_ID = bytes.maketrans(BASES.encode("ascii"), bytes(range(len(BASES))))
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
