"""Numbers as they stand in the cells of tables: with a decimal point or comma, and with marks between thousands."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from rnnviz.engine.tasks.typed_numbers import number_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_THOUSANDS = re.compile(r"[+\-−–]?\d{1,3}([,.'’ \u00a0\u202f])\d{3}(?:\1\d{3})*(?:([.,])\d+)?")
_DOUBTFUL = re.compile(r"[+\-−–]?[1-9]\d{0,2},\d{3}")


def cell_number(cell: str) -> float | None:
    """The finite number of a cell or None: ``1,234`` is 1.234, ``1,234.5`` and ``1 234`` have thousands."""
    plain = number_of(cell)
    if plain is not None:
        return plain
    found = _THOUSANDS.fullmatch(cell)
    return None if found is None or found[1] == found[2] else number_of(cell.replace(found[1], ""))


def share_of_numbers(rows: Iterable[tuple[str, ...]], index: int) -> float:
    """The share of the cells of a column that are numbers."""
    cells = [row[index] for row in rows]
    return sum(cell_number(cell) is not None for cell in cells) / len(cells) if cells else 0.0


def doubtful_commas(cells: Sequence[str]) -> tuple[int, ...]:
    """The places of cells whose comma may stand before decimals or between thousands; none where one decides."""
    with_comma = [place for place, cell in enumerate(cells) if "," in cell]
    return tuple(with_comma) if all(_DOUBTFUL.fullmatch(cells[place]) for place in with_comma) else ()
