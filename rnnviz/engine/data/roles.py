"""Which columns a task takes, and which column of a table is probably which."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from rnnviz.engine.data.cells import share_of_numbers
from rnnviz.engine.data.choice import place_of
from rnnviz.engine.errors import SpecError
from rnnviz.engine.tasks.names import TITLES
from rnnviz.engine.tokens import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from rnnviz.engine.data.table import Table

ROLES = {
    "sentiment": ("sentence", "label"),
    "word-labels": ("sentence", "labels"),
    "generate": ("label", "text"),
    "translation": ("source", "target"),
    "dna": ("sequence", "label"),
    "series": ("number",),
}
"""The tasks that learn from columns, and what each of these columns is."""
PLAIN = ("next-char", "next-word")
"""The tasks that learn a text as it stands."""
LONG_TEXT = ("sentence", "text", "review", "comment", "message", "tweet", "body")
NAMES: dict[str, tuple[str, ...]] = {
    "sentence": LONG_TEXT,
    "text": LONG_TEXT,
    "label": ("label", "labels", "class", "category", "sentiment", "genre", "tag", "stars", "rating"),
    "labels": ("labels", "tags", "pos", "upos", "label", "tag"),
    "source": ("source", "src", "english", "en", "input", "question"),
    "target": ("target", "tgt", "spanish", "es", "translation", "output", "answer"),
    "sequence": ("sequence", "seq", "strand", "dna", "bases"),
    "number": ("value", "y", "x", "price", "number"),
}
"""Usual names of the column of each role, the likeliest first."""
_WHOLE_NUMBER = re.compile(r"-?\d{1,15}")
LOOKED_AT = 500
MAX_LABEL_KINDS = 20
BASES = frozenset("ACGTUN")


def own_data_tasks() -> tuple[str, ...]:
    """The tasks that can learn a user's own data, in the order in which tasks are listed."""
    return tuple(name for name in TITLES if name in ROLES or name in PLAIN)


def known(names: Iterable[str]) -> tuple[str, ...]:
    """Those that this program has."""
    return tuple(name for name in names if name in TITLES)


class Guess:
    """What the cells of a table look like; asked of its first rows only."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self._cells = [[row[index] for row in table.rows[:LOOKED_AT]] for index in range(len(table.columns))]
        self.numeric = [table.columns.index(name) for name in table.numeric_columns()]
        if not self.numeric and len(table.columns) == 1 and share_of_numbers(table.rows[:LOOKED_AT], 0) > 0.5:
            self.numeric = [0]  # some lines of a series are no numbers: they are named one by one
        self.filled = [index for index, cells in enumerate(self._cells) if any(cells)]

    def columns(self, task: str, chosen: Mapping[str, str]) -> dict[str, int]:
        """The place of the column of each role: as chosen, or else as guessed."""
        roles, names = ROLES[task], self.table.columns
        for role in chosen:
            if role not in roles:
                raise SpecError(f"{task} has no column {role!r}; choose {' and '.join(roles)}.")
        fixed = {role: place_of(column, names) for role, column in chosen.items()}
        if len(set(fixed.values())) < len(fixed):
            raise SpecError(f"One column cannot be both {' and '.join(roles)}; choose two columns.")
        found = dict(fixed)
        for role in sorted(roles, key=lambda role: role.startswith("label")):
            if role not in found:
                place = self._guessed(task, role, set(found.values()))
                if place is not None:
                    found[role] = place
        return {role: found[role] for role in roles if role in found}

    def _guessed(self, task: str, role: str, taken: set[int]) -> int | None:
        free = [index for index in self.filled if index not in taken]
        usual = [name.casefold() for name in self.table.columns]
        named = sorted(
            (index for index in free if usual[index] in NAMES[role]), key=lambda index: NAMES[role].index(usual[index])
        )
        if role == "number":
            counters = [index for index in self.numeric if self._counts_up(index)]
            useful = [index for index in self.numeric if index not in counters]
            named = [index for index in named if index in useful]
            return next(iter([*named, *useful, *counters]), None)
        if named or not free:
            return next(iter(named), None)
        if role == "labels":
            return max(free, key=lambda index: self._same_length(index, taken))
        if role == "label":
            return min(free, key=lambda index: len(set(self._cells[index])))
        if role == "sequence":
            return max(free, key=self._bases)
        if task == "translation":
            return min([index for index in free if index not in self.numeric] or free)
        return max(free, key=lambda index: sum(map(len, self._cells[index])))

    def _counts_up(self, index: int) -> bool:
        """Whether a column only numbers the rows (1, 2, 3 … or years)."""
        cells = self._cells[index]
        if not all(_WHOLE_NUMBER.fullmatch(cell) for cell in cells):
            return False
        numbers = [int(cell) for cell in cells]
        return len(numbers) > 2 and all(b - a == 1 for a, b in pairwise(numbers))

    def _bases(self, index: int) -> float:
        cells = [cell for cell in self._cells[index] if cell]
        strands = sum(len(cell) > 2 and set(cell.upper()) <= BASES for cell in cells)
        return strands / len(cells) if cells else 0.0

    def _same_length(self, index: int, sentences: set[int]) -> float:
        """The share of the rows in which a column has as many entries as the sentence has words."""
        if not sentences:
            return 0.0
        texts = self._cells[next(iter(sentences))]
        pairs = list(zip(texts, self._cells[index], strict=True))
        return sum(len(words(text).tokens) == len(labels.split()) for text, labels in pairs) / max(1, len(pairs))

    def _label_like(self, index: int) -> bool:
        cells = [cell for cell in self._cells[index] if cell]
        kinds = Counter(cells)
        return 2 <= len(kinds) <= min(MAX_LABEL_KINDS, max(2, len(cells) // 2))

    def _measured(self, texts: Sequence[int]) -> bool:
        """Whether the numbers are what the table is about: not row numbers beside texts, not ratings of sentences."""
        useful = [index for index in self.numeric if not self._counts_up(index)]
        return bool(useful if len(texts) > 1 else self.numeric) and not any(map(self._wordy, texts))

    def _wordy(self, index: int) -> bool:
        """Whether a column holds sentences, not dates or names."""
        cells = self._cells[index]
        return sum(len(cell.split()) for cell in cells) > 2 * len(cells)

    def tasks(self) -> tuple[str, ...]:
        """The tasks that can learn this table, the likeliest first."""
        names = {name.casefold() for name in self.table.columns}
        texts = [index for index in self.filled if index not in self.numeric]
        several = len(self.filled) > 1 and bool(texts)
        labelled = bool(names & set(NAMES["label"])) or any(self._label_like(index) for index in self.filled)
        likely = {
            "dna": several and any(self._bases(index) >= 0.9 for index in texts),
            "translation": several and bool(names & set(NAMES["source"])) and bool(names & set(NAMES["target"])),
            "word-labels": several and self._tagged(names),
            "series": self._measured(texts) and not names & set(NAMES["label"]),
            "sentiment": several and labelled,
        }
        order = [task for task, yes in likely.items() if yes]
        pairs = ["sentiment", "generate", "translation", "word-labels"]
        order += ([] if labelled else ["translation"]) + pairs if several else []
        order += ["series"] if self.numeric else []
        return known(dict.fromkeys(order))

    def _tagged(self, names: set[str]) -> bool:
        """Whether some column has one label for every word of another."""
        places = self.columns("word-labels", {})
        if len(places) < 2:
            return False
        entries = [entry for cell in self._cells[places["labels"]] for entry in cell.split()]
        several = len(entries) > len(self._cells[places["labels"]])
        share = self._same_length(places["labels"], {places["sentence"]})
        if names & {"labels", "tags"}:
            return several and share >= 0.5
        return several and share >= 0.8 and 2 * len(set(entries)) <= len(entries)

    def kind(self, index: int) -> str:
        """What the cells of one column are: "numbers", "labels" or "text"."""
        if share_of_numbers(self.table.rows[:LOOKED_AT], index) >= 0.9:
            return "numbers"
        return "labels" if self._label_like(index) else "text"


def missing(task: str, found: Sequence[str]) -> str:
    """Why a table without some of the columns cannot be learned."""
    if task == "series":
        return "There is no column of numbers; give one number on each line."
    what = " and ".join(ROLES[task])
    if not found:
        return f"The table is empty; give {what} on each line."
    return f"The table has one column; give {what} on each line, with a tab between."
