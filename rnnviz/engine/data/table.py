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

from rnnviz.engine.data.problems import Problem, Problems, counted, quoted
from rnnviz.engine.errors import SpecError
from rnnviz.engine.tasks.typed_numbers import number_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    Array = np.ndarray[Any, np.dtype[Any]]

DELIMITERS = ("\t", ",", ";", "|")
SPACES = " "
"""The delimiter of columns of numbers that stand between any white space."""
LOOKED_AT = 100
SNIFFED = 65_536
"""So many characters decide about delimiter and kind: a line without end costs no more."""
JUDGED = 2000
"""So many rows decide whether a column is one of numbers."""
MAX_FIELD = 1_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 1000
MAX_RECORD_LINES = 1000
"""A quote that is open for more lines than this was never meant as one."""
_HEADERS = """sentence sentences text review comment message label labels tags sentiment class category stars rating
source target src tgt english spanish sequence seq strand dna value price"""
HEADER_NAMES = frozenset(_HEADERS.split())
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


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
            shown = ", ".join(self.columns[:20])
            raise SpecError(f"There is no column {quoted(column)}; choose one of {shown}.")
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
            value = number_of(text)
            if value is None:
                problems.add(line, f"{quoted(text)} in column {quoted(column)} is no number.")
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
    chosen = delimiter or delimiter_of(text)
    rows, lines, problems = _rows(text, chosen)
    if not rows:
        reason = f" (line {problems.listed[0].line}: {problems.listed[0].sentence})" if problems.count else ""
        raise SpecError(f"The file holds no rows{reason}; give one example on each line.")
    more = len(rows) > MAX_ROWS
    width = Counter(map(len, rows[:1000])).most_common(1)[0][0]
    kept = [(line, tuple(row)) for line, row in zip(lines[:MAX_ROWS], rows, strict=False) if len(row) == width]
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
    notes = (f"The first {MAX_ROWS:,} rows were read; those after them were left out.",) if more else ()
    cells, places = tuple(row for _, row in body), tuple(line for line, _ in body)
    return Table(names, cells, places, chosen, problems, named, notes)


def _rows(text: str, delimiter: str) -> tuple[list[list[str]], list[int], Problems]:
    """All rows that are not blank with their first line; what a stray quote spoils is the line it stands on."""
    rows: list[list[str]] = []
    lines: list[int] = []
    problems = Problems()
    before = csv.field_size_limit(MAX_FIELD)
    try:
        for line, row in _records(text, delimiter, problems):
            if len(row) > MAX_COLUMNS:
                problems.add(line, f"{len(row):,} columns are more than the {MAX_COLUMNS:,} that are read.")
            elif any(cell.strip() for cell in row):
                rows.append([cell.strip() for cell in row])
                lines.append(line)
                if len(rows) > MAX_ROWS:
                    break
    finally:
        csv.field_size_limit(before)
    return rows, lines, problems


def _records(text: str, delimiter: str, problems: Problems) -> Iterator[tuple[int, list[str]]]:
    """Each record with its first line; after a quote that is wrong or never closes the next line begins anew."""
    if delimiter == SPACES:
        yield from ((number, line.split()) for number, line in enumerate(io.StringIO(text, newline="\n"), 1))
        return
    feed = _Feed(text)
    while not feed.at_end:
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


def delimiter_of(text: str) -> str:
    """The sign that cuts the first lines into the same number of columns most often."""
    return sniffed_delimiter(text)[0]


def sniffed_delimiter(text: str) -> tuple[str, float]:
    """The delimiter of a table, and the share of the first lines that it cuts into equally many columns.

    Delimiters inside quotation marks do not count. Numbers between white space have the delimiter ``" "``.
    """
    lines = first_lines(text)
    if _numbers_between_spaces(lines):
        return SPACES, 1.0
    bare = [line for line in _QUOTED.sub('""', "\n".join(lines)).split("\n") if line.strip()]

    def regularity(sign: str) -> tuple[float, int]:
        counts = Counter(line.count(sign) for line in bare)
        per_line, often = counts.most_common(1)[0] if counts else (0, 0)
        return (often / max(1, len(bare)) if per_line else 0.0, per_line)

    best = max(DELIMITERS, key=regularity)
    return best, regularity(best)[0]


def first_lines(text: str) -> list[str]:
    """The first lines that are not blank; not the last of them where the text goes on inside it."""
    lines = text[:SNIFFED].split("\n")
    if len(text) > SNIFFED and len(lines) > 1:
        lines.pop()
    return [line for line in lines[: 2 * LOOKED_AT] if line.strip()][:LOOKED_AT]


def _numbers_between_spaces(lines: Sequence[str]) -> bool:
    cut = [line.split() for line in lines]
    widths = Counter(map(len, cut))
    if not cut or widths.most_common(1)[0][0] < 2 or any("\t" in line for line in lines):
        return False
    return sum(all(number_of(cell) is not None for cell in row) for row in cut) >= 0.9 * len(cut)


def has_header(rows: Sequence[tuple[str, ...]]) -> bool:
    """Whether the first row only names: known names, words above numbers, or short words above longer texts."""
    if len(rows) < 2 or any(number_of(cell) is not None for cell in rows[0]) or not all(rows[0]):
        return False
    body = rows[1:]
    above_numbers = any(share_of_numbers(body, index) > 0.5 for index in range(len(rows[0])))
    names = all(len(cell) <= 30 and len(cell.split()) <= 3 for cell in rows[0])
    repeated = any(cell in {row[index] for row in body} for index, cell in enumerate(rows[0]))
    longer = max(len(cell) for row in body for cell in row) > 1.5 * max(map(len, rows[0]))
    known = any(cell.casefold() in HEADER_NAMES for cell in rows[0])
    return above_numbers or (names and not repeated and (known or (longer and len(rows[0]) > 1)))


def _names(row: tuple[str, ...]) -> tuple[str, ...]:
    """Column names that differ."""
    seen: Counter[str] = Counter()
    names = []
    for index, cell in enumerate(row, 1):
        name = " ".join(cell.split()) or f"column {index}"
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)


def share_of_numbers(rows: Iterable[tuple[str, ...]], index: int) -> float:
    """The share of the cells of a column that are numbers."""
    cells = [row[index] for row in rows]
    return sum(number_of(cell) is not None for cell in cells) / len(cells) if cells else 0.0
