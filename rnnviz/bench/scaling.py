"""How the times grow with T and H: the same comparisons at other sizes, as a table without verdicts on ratios."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.bench.credit_map import sides
from rnnviz.bench.gradient import pair
from rnnviz.bench.measure import Options, Result, interleave

if TYPE_CHECKING:
    from collections.abc import Iterator

SIZES = ((50, 64), (200, 64), (1000, 64), (200, 16), (200, 256))
MAP_SIZES = ((50, 64), (100, 64), (100, 16), (100, 256))
CELLS = ("elman", "gru", "lstm")
ALWAYS_BETTER = 1.0
"""No size may be slower than autograd; the targets themselves are those of the two benchmarks."""


def run(options: Options) -> Iterator[Result]:
    """Every size once, few rounds: a table to read, not a proof."""
    for cell in CELLS:
        for length, hidden in SIZES:
            ours, base = pair(cell, length, hidden, options.seed)
            measured = interleave(ours, base, rounds=6, warm_up=1)
            yield measured.results(f"gradient-{cell}-T{length}-H{hidden}", ALWAYS_BETTER)[0]
        for length, hidden in MAP_SIZES:
            ours, graph = sides(cell, length, hidden, options.seed)
            measured = interleave(ours, graph.passes, rounds=2, warm_up=0)
            yield measured.results(f"map-{cell}-T{length}-H{hidden}", ALWAYS_BETTER)[0]
