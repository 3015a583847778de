"""``rnnviz trace TEXT --out t.npz``: every number of the forward pass."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.commands.archive import trace_arrays, write_archive
from rnnviz.commands.model import subject
from rnnviz.commands.symbols import with_symbols
from rnnviz.engine.trace import trace

if TYPE_CHECKING:
    import argparse

    from rnnviz.engine.trace import Trace


def traced(arguments: argparse.Namespace) -> Trace:
    """The trace that the flags ask for; what was changed in the text is said on stderr."""
    network, encoded = subject(arguments)
    for note in encoded.notes:
        print(f"rnnviz: {note}", file=sys.stderr)
    return trace(network, encoded)


def run(arguments: argparse.Namespace) -> int:
    """Write the arrays of the trace."""
    result = traced(arguments)
    write_archive(Path(arguments.out), with_symbols(trace_arrays(result), result.network.spec, arguments.notation))
    return 0
