"""Tables of text: CSV, TSV and their relatives, for labelled sentences, pairs and numeric series."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.data.cells import cell_number, share_of_numbers
from rnnviz.engine.data.choice import no_column
from rnnviz.engine.data.problems import NothingReadError, Problem, Problems, counted, quoted
from rnnviz.engine.data.sniff import LOOKED_AT, SPACES, delimiter_of, has_header
from rnnviz.engine.errors import SpecError
from rnnviz.engine.tasks.typed_numbers import LARGEST_LEARNED

if TYPE_CHECKING:
    from collections.abc import Iterator

    Array = np.ndarray[Any, np.dtype[Any]]

FORBIDDEN = '"\r\n\0'
"""Signs that cannot stand between columns."""
JUDGED = 2000
"""So many rows decide whether a column is one of numbers."""
MAX_FIELD = 1_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 1000
MAX_CELLS = 2_000_000
MAX_RECORD_LINES = 1000
"""A quote that is open for more lines than this was never meant as one."""
_SEPARATOR = re.compile(r"sep=([^\"])[^\S\n]*(?:\n|$)", re.IGNORECASE)
"""The line with which a spreadsheet tells its delimiter."""


@dataclass(frozen=True)
class Table:
    """Rows of equal width, the line (from 1) on which each began, and the lines that did not fit."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    delimiter: str
    found: Problems = field(default_factory=Problems)
    header: bool = False
    notes: tuple[str, ...] = ()

    @property
    def problems(self) -> tuple[Problem, ...]:
        """The first lines that were not understood."""
        return self.found.in_order

    def index(self, column: str) -> int:
        """The place of a column; SpecError names those there are."""
        if column not in self.columns:
            raise no_column(column, self.columns)
        return self.columns.index(column)

    def texts(self, column: str) -> tuple[str, ...]:
        """The cells of one column."""
        index = self.index(column)
        return tuple(row[index] for row in self.rows)

    def numbers(self, column: str) -> tuple[Array, Problems]:
        """The column as float64 (n,), and the lines whose cell is no finite number (they are left out)."""
        values, _, problems = self.numbered(column)
        return values, problems

    def numbered(self, column: str) -> tuple[Array, tuple[int, ...], Problems]:
        """The column as float64 (n,), the lines of these numbers, and the lines whose cell is no finite number."""
        found, lines, problems = [], [], Problems()
        for line, text in zip(self.lines, self.texts(column), strict=True):
            value = cell_number(text)
            if value is None:
                problems.add(line, f"{quoted(text)} in column {quoted(column)} is no number.")
            elif abs(value) > LARGEST_LEARNED:
                problems.add(line, f"{quoted(text)} in column {quoted(column)} is beyond ±{LARGEST_LEARNED:g}.")
            else:
                found.append(value)
                lines.append(line)
        return np.array(found), tuple(lines), problems

    def numeric_columns(self) -> tuple[str, ...]:
        """The columns of which at least nine cells in ten are numbers."""
        return self._numeric

    @cached_property
    def _numeric(self) -> tuple[str, ...]:
        first = self.rows[:JUDGED]
        return tuple(name for index, name in enumerate(self.columns) if share_of_numbers(first, index) >= 0.9)


def read_table(text: str, *, header: bool | None = None, delimiter: str = "") -> Table:
    """Read a table; ``header`` and ``delimiter`` are found out where they are not given.

    The width is that of most rows; rows of another width are left out and named with their line. Raises
    SpecError for a text without any row.
    """
    if delimiter and (len(delimiter) > 1 or delimiter in FORBIDDEN):
        raise SpecError(f"The delimiter is {quoted(delimiter)}; give a single sign, such as a comma or a tab.")
    told = _SEPARATOR.match(text)
    text = text if told is None else "\n" + text[told.end() :]
    chosen = delimiter or (told[1] if told else delimiter_of(text))
    rows, lines, problems, more = _rows(text, chosen)
    if not rows:
        reason = f" ({problems.listed[0].as_reason})" if problems.count else ""
        raise NothingReadError(f"The file holds no rows{reason}; give one example on each line.", problems)
    width = Counter(map(len, rows[:1000])).most_common(1)[0][0]
    kept = [(line, tuple(row)) for line, row in zip(lines, rows, strict=True) if len(row) == width]
    problems.take(
        Problems.of(
            (line, f"{counted(len(row), 'column')} instead of {width}.")
            for line, row in zip(lines, rows, strict=True)
            if len(row) != width
        )
    )
    named = has_header([row for _, row in kept[:LOOKED_AT]]) if header is None else header
    names = _names(kept[0][1]) if named else tuple(f"column {index}" for index in range(1, width + 1))
    body = kept[1:] if named else kept
    notes = (f"The first {len(rows):,} rows were read; those after them were left out.",) if more else ()
    cells, places = tuple(row for _, row in body), tuple(line for line, _ in body)
    return Table(names, cells, places, chosen, problems, named, notes)


def _rows(text: str, delimiter: str) -> tuple[list[list[str]], list[int], Problems, bool]:
    """The rows that are not blank with their first line, and whether there are more than are read.

    What a stray quote spoils is the line it stands on.
    """
    rows: list[list[str]] = []
    lines: list[int] = []
    problems, cells, more = Problems(), 0, False
    before = csv.field_size_limit(MAX_FIELD)
    try:
        for line, row in _records(text, delimiter, problems):
            if len(row) > MAX_COLUMNS:
                problems.add(line, f"{len(row):,} columns are more than the {MAX_COLUMNS:,} that are read.")
            elif any(cell.strip() for cell in row):
                more = len(rows) >= MAX_ROWS or cells + len(row) > MAX_CELLS
                if more:
                    break
                rows.append([cell.strip() for cell in row])
                lines.append(line)
                cells += len(row)
    finally:
        csv.field_size_limit(before)
    return rows, lines, problems, more


def _records(text: str, delimiter: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Each record with its first line; after a quote that is wrong or never closes the next line begins anew."""
    if delimiter == SPACES:
        yield from ((number, line.split()) for number, line in enumerate(io.StringIO(text, newline="\n"), 1))
        return
    feed = _Feed(text)
    while not feed.at_end:
        if problems.too_many:
            problems.give_up(feed.first)
            return
        reader = csv.reader(feed, delimiter=delimiter, strict=True)
        try:
            for row in reader:
                yield feed.first, row
                feed.begin()
        except csv.Error as error:
            problems.add(feed.first, f"{_reason(str(error))}.")
            feed.go_back()
            feed.begin()


class _Feed:
    """Gives the lines of a text to a csv reader, one record at a time, and can go back to the line after its first."""

    def __init__(self, text: str) -> None:
        # Only a line feed ends a line here, as in every editor; splitlines() would cut at form feeds, too.
        self._stream = io.StringIO(text, newline="\n")
        self.first, self._given, self.at_end = 1, 0, False
        self._second = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._given >= MAX_RECORD_LINES:
            raise StopIteration
        line = self._stream.readline()
        while line == "\n" and not self._given:  # millions of blank lines cost a second, not twenty
            self.first += 1
            line = self._stream.readline()
        if not line:
            self.at_end = True
            raise StopIteration
        self._given += 1
        if self._given == 1:
            self._second = self._stream.tell()
        return line

    def begin(self) -> None:
        """The next line is the first of a record."""
        self.first += self._given
        self._given = 0

    def go_back(self) -> None:
        """Only the first line of this record is spoilt."""
        self._stream.seek(self._second)
        self._given, self.at_end = 1, False


def _reason(error: str) -> str:
    if "unexpected end of data" in error:
        return "a quotation mark opens here and is never closed"
    if "field larger" in error:
        return f"a cell has more than {MAX_FIELD:,} characters"
    return "a quotation mark stands where none can stand"


def _names(row: tuple[str, ...]) -> tuple[str, ...]:
    """Column names that differ."""
    names: dict[str, None] = {}
    for index, cell in enumerate(row, 1):
        name = wanted = " ".join(cell.split()) or f"column {index}"
        again = 1
        while name in names:
            again += 1
            name = f"{wanted} ({again})"
        names[name] = None
    return tuple(names)
