"""``rnnviz gradients TEXT --out g.npz``: the trace and every gradient norm."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.commands.archive import gradient_arrays, trace_arrays, write_archive
from rnnviz.commands.symbols import with_symbols
from rnnviz.commands.trace import traced
from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    import argparse


def run(arguments: argparse.Namespace) -> int:
    """Write the arrays of the trace and of its gradients."""
    result = traced(arguments)
    if arguments.part == "c" and not result.network.spec.cell == "lstm":
        raise SpecError(f"The cell {result.network.spec.cell} has no cell state; give --part h or --part joint.")
    arrays = trace_arrays(result) | gradient_arrays(result, arguments.part)
    spec, part = result.network.spec, arguments.part
    write_archive(Path(arguments.out), with_symbols(arrays, spec, arguments.notation, part))
    return 0
