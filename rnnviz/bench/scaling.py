"""How times and memory grow with T and H: the comparisons of the gradient benchmarks at other sizes, as a table."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from rnnviz.bench import credit_map, gradient, weight_contributions
from rnnviz.bench.credit_map_limit import memory
from rnnviz.bench.measure import Options, Result, interleave

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Sides = tuple[Callable[[], object], Callable[[], object]]

SERIES = {
    "gradient": (((50, 64), (200, 64), (1000, 64)), ((200, 16), (200, 64), (200, 256))),
    "credit-map": (((50, 64), (100, 64), (200, 64)), ((100, 16), (100, 64), (100, 256))),
    "weight-contributions": (((50, 64), (200, 64), (1000, 64)), ((100, 16), (100, 64), (100, 256))),
    "credit-map-memory": (((250, 64), (500, 64), (1000, 64), (2000, 64)), ((500, 16), (500, 64), (500, 256))),
}
"""For each table one series with rising T and one with rising H, as pairs (T, H)."""
ROUNDS = {"gradient": 6, "credit-map": 2, "weight-contributions": 6}
CELLS = ("elman", "gru", "lstm")
ALWAYS_BETTER = 1.0
"""No size may be slower than the baseline; the targets themselves are those of the named benchmarks."""


def run(options: Options) -> Iterator[Result]:
    """Every size once, few rounds: a table to read. Each note says by how much ours grew from the row before."""
    for name, both in SERIES.items():
        for cell in CELLS:
            for sizes in both:
                yield from with_growth([_row(name, cell, size, options.seed) for size in sizes], sizes)


def with_growth(rows: list[Result], sizes: tuple[tuple[int, int], ...]) -> Iterator[Result]:
    """The rows, from the second on with what became of ours as T or H grew."""
    yield rows[0]
    for (before, row), (small, large) in zip(pairwise(rows), pairwise(sizes), strict=True):
        letter, factor = ("T", large[0] / small[0]) if large[0] != small[0] else ("H", large[1] / small[1])
        growth = f"{letter} x{factor:g}: ours x{row.ours / before.ours:.1f}, base x{row.base / before.base:.1f}"
        yield Result(row.name, row.ours, row.base, row.target, note=growth)


def _row(name: str, cell: str, size: tuple[int, int], seed: int) -> Result:
    length, hidden = size
    full = f"{name}-{cell}-T{length}-H{hidden}"
    if name == "credit-map-memory":
        return memory(f"{full}-mb", cell, length, hidden, seed)
    ours, base = _sides(name, cell, length, hidden, seed)
    measured = interleave(ours, base, rounds=ROUNDS[name], warm_up=0 if name == "credit-map" else 1)
    return measured.results(full, ALWAYS_BETTER)[0]


def _sides(name: str, cell: str, length: int, hidden: int, seed: int) -> Sides:
    if name == "gradient":
        return gradient.pair(cell, length, hidden, seed)
    if name == "weight-contributions":
        return weight_contributions.pair(cell, length, hidden, seed)
    ours, graph = credit_map.sides(cell, length, hidden, seed)
    ours()  # a warm-up of the baseline would take as long as its measurement
    return ours, graph.passes
