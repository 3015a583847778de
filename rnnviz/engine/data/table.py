"""Tables of text: CSV, TSV and their relatives, for labelled sentences, pairs and numeric series."""

from __future__ import annotations

import csv
import math
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.data.source import Problem
from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable

    Array = np.ndarray[Any, np.dtype[Any]]

DELIMITERS = ("\t", ",", ";", "|")
LOOKED_AT = 100
MAX_FIELD = 1_000_000
MAX_PROBLEMS = 100


@dataclass(frozen=True)
class Table:
    """Rows of equal width, the line (from 1) on which each began, and the lines that did not fit."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    lines: tuple[int, ...]
    delimiter: str
    problems: tuple[Problem, ...] = ()

    def index(self, column: str) -> int:
        """The place of a column; SpecError names those there are."""
        if column not in self.columns:
            raise SpecError(f"There is no column {column!r}; choose one of {', '.join(self.columns)}.")
        return self.columns.index(column)

    def texts(self, column: str) -> tuple[str, ...]:
        """The cells of one column."""
        index = self.index(column)
        return tuple(row[index] for row in self.rows)

    def numbers(self, column: str) -> tuple[Array, tuple[Problem, ...]]:
        """The column as float64 (n,), and the lines whose cell is no finite number (they are left out)."""
        found, problems = [], []
        for line, text in zip(self.lines, self.texts(column), strict=True):
            value = _number(text)
            if value is None:
                problems.append(Problem(line, f"{text!r} in column {column!r} is no number."))
            else:
                found.append(value)
        return np.array(found), tuple(problems[:MAX_PROBLEMS])

    def numeric_columns(self) -> tuple[str, ...]:
        """The columns of which at least nine cells in ten are numbers."""
        return tuple(name for index, name in enumerate(self.columns) if _share_of_numbers(self.rows, index) >= 0.9)


def read_table(text: str, *, header: bool | None = None, delimiter: str = "") -> Table:
    """Read a table; ``header`` and ``delimiter`` are found out where they are not given.

    The width is that of most rows; rows of another width are left out and named with their line. Raises
    SpecError for a text without any row.
    """
    chosen = delimiter or _delimiter(text)
    rows, lines, problems = _rows(text, chosen)
    if not rows:
        raise SpecError("The file holds no rows; give one example on each line.")
    width = Counter(map(len, rows[:1000])).most_common(1)[0][0]
    problems += [
        Problem(line, f"{len(row)} column{'s' if len(row) != 1 else ''} instead of {width}.")
        for line, row in zip(lines, rows, strict=True)
        if len(row) != width
    ]
    kept = [(line, tuple(row)) for line, row in zip(lines, rows, strict=True) if len(row) == width]
    named = _has_header([row for _, row in kept[:LOOKED_AT]]) if header is None else header
    names = _names(kept[0][1]) if named else tuple(f"column {index}" for index in range(1, width + 1))
    body = kept[1:] if named else kept
    problems = sorted(problems, key=lambda problem: problem.line)[:MAX_PROBLEMS]
    return Table(names, tuple(row for _, row in body), tuple(line for line, _ in body), chosen, tuple(problems))


def _rows(text: str, delimiter: str) -> tuple[list[list[str]], list[int], list[Problem]]:
    """All rows that are not blank with their first line; a quote that never closes ends the reading."""
    rows, lines, problems = [], [], []
    before = csv.field_size_limit(MAX_FIELD)
    try:
        reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
        begin = 1
        try:
            for row in reader:
                if any(cell.strip() for cell in row):
                    rows.append([cell.strip() for cell in row])
                    lines.append(begin)
                begin = reader.line_num + 1
        except csv.Error as error:
            problems.append(Problem(begin, f"from here on nothing was understood ({error})."))
    finally:
        csv.field_size_limit(before)
    return rows, lines, problems


def _delimiter(text: str) -> str:
    """The sign that cuts the first lines into the same number of columns most often."""
    lines = [line for line in text.splitlines()[: 2 * LOOKED_AT] if line.strip()][:LOOKED_AT]

    def regularity(sign: str) -> tuple[float, int]:
        counts = Counter(line.count(sign) for line in lines)
        per_line, often = counts.most_common(1)[0] if counts else (0, 0)
        return (often / max(1, len(lines)) if per_line else 0.0, per_line)

    return max(DELIMITERS, key=regularity)


def _has_header(rows: list[tuple[str, ...]]) -> bool:
    """Whether the first row only names: no numbers, above numbers, or short words above longer texts."""
    if len(rows) < 2 or any(_number(cell) is not None for cell in rows[0]) or not all(rows[0]):
        return False
    body = rows[1:]
    above_numbers = any(_share_of_numbers(body, index) > 0.5 for index in range(len(rows[0])))
    names = all(len(cell) <= 30 and len(cell.split()) <= 3 for cell in rows[0])
    repeated = any(cell in {row[index] for row in body} for index, cell in enumerate(rows[0]))
    longer = max(len(cell) for row in body for cell in row) > max(map(len, rows[0]))
    return above_numbers or (names and not repeated and longer)


def _names(row: tuple[str, ...]) -> tuple[str, ...]:
    """Column names that differ."""
    seen: Counter[str] = Counter()
    names = []
    for cell in row:
        seen[cell] += 1
        names.append(cell if seen[cell] == 1 else f"{cell} ({seen[cell]})")
    return tuple(names)


def _share_of_numbers(rows: Iterable[tuple[str, ...]], index: int) -> float:
    cells = [row[index] for row in rows]
    return sum(_number(cell) is not None for cell in cells) / len(cells) if cells else 0.0


def _number(text: str) -> float | None:
    """A finite number, with a decimal point or a decimal comma."""
    try:
        value = float(text)
    except ValueError:
        try:
            value = float(text.replace(",", ".")) if text.count(",") == 1 and "." not in text else math.nan
        except ValueError:
            return None
    return value if math.isfinite(value) else None
