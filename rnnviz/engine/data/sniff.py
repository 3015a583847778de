"""What the first lines of a text tell about a table: the sign between its columns, and whether a row names them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from rnnviz.engine.data.cells import cell_number, share_of_numbers
from rnnviz.engine.tasks.typed_numbers import number_of

if TYPE_CHECKING:
    from collections.abc import Sequence

DELIMITERS = ("\t", ",", ";", "|")
SPACES = " "
"""The delimiter of columns of numbers that stand between any white space."""
LOOKED_AT = 100
SNIFFED = 65_536
"""So many characters decide about delimiter and kind: a line without end costs no more."""
_HEADERS = """sentence sentences text review comment message label labels tags sentiment class category stars rating
source target src tgt english spanish sequence seq strand dna value price"""
HEADER_NAMES = frozenset(_HEADERS.split())
_QUOTED = re.compile(r'"(?:[^"]|"")*"')


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
    """Whether the first row only names: known names, words above numbers, or short words above longer texts.

    A column without a name (row numbers often have none) is not judged; known names or numbers must then decide.
    """
    named = [index for index, cell in enumerate(rows[0]) if cell] if rows else []
    first, body = [rows[0][index] for index in named], rows[1:]
    if not body or not named or any(cell_number(cell) is not None for cell in first):
        return False
    above_numbers = any(share_of_numbers(body, index) > 0.5 for index in named)
    names = all(len(cell) <= 30 and len(cell.split()) <= 3 for cell in first)
    repeated = any(cell in {row[index] for row in body} for index, cell in zip(named, first, strict=True))
    longer = max(len(cell) for row in body for cell in row) > 1.5 * max(map(len, first))
    known = any(cell.casefold() in HEADER_NAMES for cell in first)
    told = known or (longer and len(first) == len(rows[0]) > 1)
    return above_numbers or (names and not repeated and told)
