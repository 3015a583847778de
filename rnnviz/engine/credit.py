"""The credit map: how strongly the loss of each time step reaches each earlier step.

``G[τ, t] = ‖dC_τ/dh_t‖`` for all pairs at once. One sweep t = T..1 carries a block with one row for each loss
τ >= t and takes it a step back with one matrix product, where T separate backward passes would be needed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.backward import check_part, output_gradients, sweep_down
from rnnviz.engine.block import BlockSweep
from rnnviz.engine.errors import SpecError
from rnnviz.engine.scaled import join_log2, log2_norms, normalise

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from numpy.typing import NDArray

    from rnnviz.engine.trace import Trace

_LAYERED_FLOATS = 4_000_000


@dataclass(frozen=True, eq=False)
class CreditMap:
    """``log2[r, t−1] = log2 ‖dC_τ/ds_t‖`` with τ = rows[r] (1-based, rising), −inf where nothing arrives.

    ``part`` says what s is: the hidden state (h), the cell state (c), or both (joint; the same as h for
    cells without a cell state).
    """

    layer: str
    part: str
    rows: NDArray[np.int64]
    log2: NDArray[np.float64]


def coarse_rows(steps: int, limit: int = 1000) -> NDArray[np.int64]:
    """At most ``limit`` loss steps (1-based, rising) spread evenly over T steps, the last always among them."""
    if limit < 1:
        raise SpecError(f"The limit is {limit} rows; give at least 1.")
    stride = max(1, -(-steps // limit))
    return np.arange(steps, 0, -stride, dtype=np.int64)[::-1].copy()


def credit_map(trace: Trace, layer: str = "l0", part: str = "joint", rows: Sequence[int] | None = None) -> CreditMap:
    """The credit map of one layer for the losses of the steps ``rows`` (default: :func:`coarse_rows`).

    The norms are exact for any length and any gain: rows are rescaled by powers of two on the way. A row
    whose step has no target is −inf, one whose loss is not finite is NaN. In a lower layer everything that
    comes down from above counts.
    """
    slices = credit_map_slices(trace, layer, part, rows)
    while True:
        try:
            next(slices)
        except StopIteration as finished:
            result: CreditMap = finished.value
            return result


def credit_map_slices(
    trace: Trace, layer: str = "l0", part: str = "joint", rows: Sequence[int] | NDArray[Any] | None = None
) -> Generator[None, None, CreditMap]:
    """As :func:`credit_map`, but pausing (``yield``) after a few milliseconds of work; returns the map.

    Use it with ``result = yield from credit_map_slices(...)``.
    """
    trace.network.check_layer(layer)
    check_part(trace, part)
    chosen = _checked_rows(trace, rows)
    names = trace.network.layer_names
    is_top = names.index(layer) >= len(names) - trace.network.directions
    if trace.network.directions == 1 or is_top:
        chain = (layer,) if is_top else names[names.index(layer) :]
        log2 = yield from BlockSweep(trace, chain, part, chosen).slices()
    else:
        log2 = yield from _layered(trace, layer, part, chosen)
    chosen.setflags(write=False)
    log2.setflags(write=False)
    return CreditMap(layer, part, chosen, log2)


def _checked_rows(trace: Trace, rows: Sequence[int] | NDArray[Any] | None) -> NDArray[np.int64]:
    if rows is None:
        return coarse_rows(len(trace))
    chosen = np.unique(np.asarray(rows, np.int64))
    if chosen.size and not (chosen[0] >= 1 and chosen[-1] <= len(trace)):
        raise SpecError(f"The rows run from {chosen[0]} to {chosen[-1]}; give loss steps from 1 to {len(trace)}.")
    return chosen


def _layered(
    trace: Trace, layer: str, part: str, rows: NDArray[np.int64]
) -> Generator[None, None, NDArray[np.float64]]:
    """A lower layer of a bidirectional network: a few rows at a time, one layer after the other.

    There a loss reaches every step from both sides, so the block's triangle does not exist.
    """
    steps, width = len(trace), trace.network.spec.hidden * trace.network.directions
    depth = int(layer[1:].rstrip("r"))
    at_once = max(1, _LAYERED_FLOATS // max(1, steps * width * 8))
    direct = output_gradients(trace)
    result = np.full((len(rows), steps), -np.inf)
    for first in range(0, len(rows), at_once):
        some = rows[first : first + at_once] - 1
        block = np.zeros((steps, len(some), width), direct.dtype)
        block[some, np.arange(len(some))] = direct[some]
        for swept in sweep_down(trace, normalise(block), lowest=depth):
            yield
            if swept.layer.name == layer:
                sweep = swept.sweep
                hidden = log2_norms(sweep.hidden, sweep.exponents).T
                cell = None if sweep.cell is None else log2_norms(sweep.cell, sweep.exponents).T
                joint = hidden if cell is None else join_log2(hidden, cell)
                result[first : first + at_once] = {"h": hidden, "c": cell, "joint": joint}[part]
    return result
