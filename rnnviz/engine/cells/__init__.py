"""The recurrent cells, by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.engine.cells.elman import Elman
from rnnviz.engine.cells.gru import Gru
from rnnviz.engine.cells.lstm import Lstm
from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from rnnviz.engine.cells.base import Cell

CELLS: dict[str, Cell] = {cell.name: cell for cell in (Elman(), Lstm(), Gru())}


def get_cell(name: str) -> Cell:
    """The cell of this name; SpecError where there is none."""
    if name not in CELLS:
        raise SpecError(f"The cell is {name!r}; choose one of {', '.join(CELLS)}.")
    return CELLS[name]
