"""``rnnviz trace TEXT --out t.npz``: every number of the forward pass."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.commands.archive import trace_arrays, write_archive
from rnnviz.commands.model import NO_TEXT, subject
from rnnviz.commands.output import say
from rnnviz.commands.paths import check_target
from rnnviz.commands.symbols import with_symbols
from rnnviz.engine.errors import SpecError
from rnnviz.engine.trace import trace

if TYPE_CHECKING:
    import argparse

    from rnnviz.engine.trace import Trace


def traced(arguments: argparse.Namespace) -> Trace:
    """The trace that the flags ask for; what was changed in the text is said on stderr."""
    check_target(arguments.out)
    network, encoded = subject(arguments)
    if not len(encoded):
        raise SpecError(encoded.notes[0] if encoded.notes else NO_TEXT)
    for note in encoded.notes:
        say(note)
    return trace(network, encoded)


def run(arguments: argparse.Namespace) -> int:
    """Write the arrays of the trace."""
    result = traced(arguments)
    write_archive(Path(arguments.out), with_symbols(trace_arrays(result), result.network.spec, arguments.notation))
    return 0
