"""``rnnviz bench [NAME ...]``: print what is measured, one line each, and whether the target is met."""

from __future__ import annotations

import importlib
import os
from typing import TYPE_CHECKING

from rnnviz.bench import BENCHMARKS, BY_NAME_ONLY
from rnnviz.bench.measure import Options
from rnnviz.commands.output import print_result, say
from rnnviz.engine.allocation import keep_freed_memory
from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    import argparse

HEADER = f"# {'name':<22} {'ours_ms':>10} {'base_ms':>10} {'ratio':>8} {'target':>9}"
MISSED = 1


def run(arguments: argparse.Namespace) -> int:
    """Run the named benchmarks; exit code 1 where a target is missed."""
    if arguments.names == ["list"]:
        return print_result("\n".join(BENCHMARKS))
    unknown = [name for name in arguments.names if name not in BENCHMARKS]
    if unknown:
        raise SpecError(f"There is no benchmark {unknown[0]!r}; choose from {', '.join(BENCHMARKS)}.")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy: small matrices are slower on two threads
    keep_freed_memory()  # as the engine process does; both sides of every comparison have it
    options = Options(minutes=arguments.minutes, seed=arguments.seed or 0)
    if gone := print_result(HEADER):
        return gone
    missed = 0
    for name in arguments.names or [name for name in BENCHMARKS if name not in BY_NAME_ONLY]:
        for result in importlib.import_module(BENCHMARKS[name]).run(options):
            if gone := print_result(result.line()):
                return gone
            missed += not result.passed
    if missed:
        say(f"{missed} of the lines above missed their target.")
    return MISSED if missed else 0
