"""What is counted of a file's examples before they are learned: lengths, labels, the first rows, what to warn of."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING

from rnnviz.engine.data.problems import counted
from rnnviz.engine.data.report import DataCounts
from rnnviz.engine.data.roles import ROLES
from rnnviz.engine.spec import MAX_LENGTH
from rnnviz.engine.tasks import task_class
from rnnviz.engine.tokens import characters, words

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rnnviz.engine.data.examples import Examples, Row
    from rnnviz.engine.tasks.base import Task

SHOWN_ROWS = 12
SHOWN_LABELS = 12
LONGEST_CELL = 160
LONGEST_EXAMPLE = 40
FEW_WORDS = 12
FEW_LABELS = 5
COMFORTABLE = 200
"""Time steps: sequences of up to so many are learned as a whole without being asked for."""


class Measure:
    """Lengths, labels and first rows of the examples."""

    def __init__(self, task: str, examples: Examples) -> None:
        self.task, self.examples = task, examples
        self.rows = examples.rows
        self.unit, self.lengths = _lengths(task, examples)
        self.first = list(self._first())
        self.heads = ("text",) if examples.form == "text" else ROLES[task][: len(self.first[0][1])]

    def _first(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        if self.examples.form != "text":
            yield from self.rows[:SHOWN_ROWS]
            return
        text = self.examples.text
        start = len(text) - len(text.lstrip())
        lines = text[start : start + 100 * LONGEST_CELL * SHOWN_ROWS].split("\n")
        filled = (
            (number, (line,)) for number, line in enumerate(lines, text.count("\n", 0, start) + 1) if line.strip()
        )
        yield from islice(filled, SHOWN_ROWS)

    @property
    def length(self) -> int:
        """The training length that the data need, 0 where the task's own will do."""
        if self.examples.form in ("text", "numbers") or self._windows or not self.lengths:
            return 0
        own, longest = task_class(self.task).default_length, max(self.lengths)
        needed = max(min(self.lengths), min(longest, COMFORTABLE))
        return 0 if longest <= own else min(max(own, needed), MAX_LENGTH)

    @property
    def _windows(self) -> bool:
        """Whether long sequences are learned piece by piece: strands that the motif labels."""
        return self.examples.form == "strands" and len(self.rows[0].cells) == 1

    def labels(self) -> Counter[str]:
        """How often each label occurs."""
        places = [index for index, role in enumerate(self.heads) if role.startswith("label")]
        if not places:
            return Counter()
        cells = (row.cells[places[0]] for row in self.rows)
        return Counter(label for cell in cells for label in (cell.split() if self.task == "word-labels" else [cell]))

    def counts(self, vocabulary: int, total: int) -> DataCounts:
        """What the preview says in numbers; ``total``: of a text or a series, how long it is."""
        if self.examples.form in ("text", "numbers"):
            return DataCounts(examples=total, what=self.unit, unit=self.unit, vocabulary=vocabulary)
        labels = self.labels()
        return DataCounts(
            examples=len(self.rows),
            what="strand" if self.examples.form == "strands" else "example",
            unit=self.unit,
            shortest=min(self.lengths),
            longest=max(self.lengths),
            vocabulary=vocabulary,
            labels=tuple((short(label), often) for label, often in labels.most_common(SHOWN_LABELS)),
            label_kinds=len(labels),
        )

    def warnings(self, task: Task) -> tuple[str, ...]:
        """What the user should know before learning."""
        found = []
        if self.examples.form in ("pairs", "strands") and not self._windows:
            long = sum(length > task.length for length in self.lengths)
            if long:
                is_are = "is" if long == 1 else "are"
                what = f"{counted(long, 'example')} {is_are} longer than {task.length} {self.unit}s"
                found.append(f"{what} and {is_are} left out of the training.")
        labels = self.labels()
        if len(labels) > FEW_LABELS and self.examples.form == "pairs" and self.task != "word-labels":
            rare = sum(often == 1 for often in labels.values())
            if rare > len(labels) / 2:
                found.append(f"{counted(rare, 'label')} of {len(labels)} occur once: is this the column of the labels?")
        return tuple(found)

    @property
    def example(self) -> str:
        """What to show first: the first example as it is typed."""
        if self.examples.form == "numbers":
            return " ".join(row.cells[0] for row in self.rows[:LONGEST_EXAMPLE])
        if self.examples.form == "text":
            return _beginning(self.task, self.first[0][1][0])
        if self._windows:
            return _around_motif(self.rows)
        if self.task == "generate" and ":" not in self.rows[0].cells[0]:
            return ": ".join(self.rows[0].cells)
        return self.rows[0].cells[0]


def _lengths(task: str, examples: Examples) -> tuple[str, list[int]]:
    """The unit of a sequence of ``task``, and how many of them each example has."""
    if examples.form == "text":
        return ("word" if task == "next-word" else "character"), []
    if examples.form == "numbers":
        return "number", []
    if examples.form == "strands":
        return "base", [len(row.cells[0]) for row in examples.rows]
    if task == "generate":
        return "character", [len(row.cells[1]) + 1 for row in examples.rows]
    if task == "translation":
        return "word", [sum(len(words(cell).tokens) for cell in row.cells) + 1 for row in examples.rows]
    return "word", [len(words(row.cells[0]).tokens) for row in examples.rows]


def _beginning(task: str, line: str) -> str:
    """The first characters or words of a line."""
    line = line.strip()
    if task == "next-word":
        tokens = words(line, FEW_WORDS + 1).tokens
        return line if 0 < len(tokens) <= FEW_WORDS else " ".join(tokens[:FEW_WORDS])
    found = "".join(characters(line, LONGEST_EXAMPLE).tokens)
    cut = found.rfind(" ")
    return found if len(found) == len(line) or cut < LONGEST_EXAMPLE // 2 else found[:cut]


def _around_motif(rows: list[Row]) -> str:
    """A piece of a strand with the motif in it, where some strand has it."""
    from rnnviz.engine.tasks.dna import MOTIF

    for _, (strand, *_rest) in rows:
        place = strand.find(MOTIF)
        if place >= 0:
            start = max(0, place - 8)
            return strand[start : start + 22]
    return rows[0][1][0][:22]


def short(cell: str) -> str:
    """A cell as it is shown."""
    return cell if len(cell) <= LONGEST_CELL else f"{cell[:LONGEST_CELL]}…"
