"""The credit map at a size where arithmetic decides, against the bare matrix products it consists of; its memory."""

from __future__ import annotations

import tracemalloc
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.bench.credit_map import all_losses
from rnnviz.bench.gradient import VOCABULARY
from rnnviz.bench.measure import Options, Result, interleave
from rnnviz.engine.cells import get_cell
from rnnviz.engine.credit import credit_map
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.trace import Trace, trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LENGTH, HIDDEN = 1000, 256
TARGET = 1.2
ROUNDS = 6
FLOATS_PER_UNIT, FLOATS_PER_GATE, FLOATS_PER_CLASS = 8, 7, 8
"""O(T k H): for each step and unit the states, for each of k gates trace and factors, for each class the outputs."""
BYTES_PER_CELL = 24
"""O(T²): squares (4), exponents (4), and the float64 norms twice while they change places (16)."""
MEGABYTE = 1e6


def run(options: Options) -> Iterator[Result]:
    """The time, then the peak of memory at T = 1000 and 2000 against ``a T H + b T²``."""
    traced = _traced("lstm", LENGTH, HIDDEN, options.seed)
    measured = interleave(lambda: credit_map(traced), bare_products(traced), rounds=ROUNDS, warm_up=1)
    yield from measured.results("credit-map-limit", TARGET, f"LSTM T={LENGTH} H={HIDDEN}, bare products")
    for length in (LENGTH, 2 * LENGTH):
        yield memory(f"credit-map-{length}-mb", "lstm", length, 64, options.seed)


def memory(name: str, cell: str, length: int, hidden: int, seed: int) -> Result:
    """The peak of the whole map, trace included, against ``a T H + b T²``."""

    def whole() -> object:
        return credit_map(_traced(cell, length, hidden, seed), rows=range(1, length + 1))

    peak = min(peak_bytes(whole) for _ in range(2))  # the first run also imports and fills caches
    per_unit = FLOATS_PER_UNIT + FLOATS_PER_GATE * get_cell(cell).gate_multiple
    allowed = 4 * length * (per_unit * hidden + FLOATS_PER_CLASS * VOCABULARY) + BYTES_PER_CELL * length**2
    note = f"T={length} H={hidden}, trace and map, against {4 * per_unit} B T H + {BYTES_PER_CELL} B T²"
    return Result(name, peak / MEGABYTE, allowed / MEGABYTE, target=1.0, note=note)


def _traced(cell: str, length: int, hidden: int, seed: int) -> Trace:
    network = initialise(ModelSpec(cell=cell, hidden=hidden), VOCABULARY, VOCABULARY, seed)
    return trace(network, all_losses(length, seed))


def bare_products(traced: Trace) -> Callable[[], object]:
    """At step t the (T−t+1, 4H)(4H, H) product, into a ready array; nothing else."""
    weight = traced.network.layer_weights("l0").hh
    block = np.random.default_rng(0).standard_normal((len(traced), len(weight))).astype(weight.dtype)
    out = np.empty((len(traced), weight.shape[1]), weight.dtype)

    def products() -> None:
        for first in range(len(block) - 1, -1, -1):
            np.dot(block[first:], weight, out[first:])

    return products


def peak_bytes(call: Callable[[], object]) -> int:
    """The most memory that numpy held at once during ``call``, above what was held before."""
    tracemalloc.start()
    try:
        call()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
