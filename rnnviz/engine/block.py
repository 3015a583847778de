"""The reverse sweep of many losses at once: one block of rows for each layer, all layers step by step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.backward import factors_of, output_gradients
from rnnviz.engine.cells import get_cell
from rnnviz.engine.scaled import NO_EXPONENT, log2_from_squares, normalise, peak_exponents, shift, sum_arrays

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from rnnviz.engine.cells.base import Cell, Factors, FloatArray
    from rnnviz.engine.network import LayerWeights
    from rnnviz.engine.scaled import Exponents
    from rnnviz.engine.trace import Trace

_STEPS_PER_CHUNK = 16
_BEARABLE = 60
_GUARD = 40
"""A lower layer's power of two stays within this of the upper one's, so that what comes down fits."""
_OPERATIONS_PER_SLICE = 1e8
_TILE_FLOATS = 2**17


@dataclass(eq=False)
class _Level:
    """One layer of the chain: its constants, and what has arrived at the step in hand for each row.

    ``hidden`` and ``cell`` (R, H) times ``2**exponent`` (R,) are the gradients of the R losses.
    """

    factors: Factors
    weights: LayerWeights
    hidden: FloatArray
    cell: FloatArray
    spare_hidden: FloatArray
    spare_cell: FloatArray
    exponent: Exponents

    def copy_state(self, active: slice) -> tuple[FloatArray, FloatArray, Exponents]:
        return self.hidden[active].copy(), self.cell[active].copy(), self.exponent.copy()

    def restore(self, active: slice, saved: tuple[FloatArray, FloatArray, Exponents]) -> None:
        self.hidden[active], self.cell[active], self.exponent = saved


class BlockSweep:
    """The sweep behind the credit map, from the top layer of ``chain`` down to its first.

    All layers of the chain read the text in one direction; internally time is the processing order and the
    rows rise with it, so that the rows of the losses already met are always the end of the block.
    """

    def __init__(self, trace: Trace, chain: tuple[str, ...], part: str, rows: NDArray[np.int64]) -> None:
        self._cell: Cell = get_cell(trace.network.spec.cell)
        self._part = part
        self._reverse = trace.layer(chain[-1]).reverse
        self._steps, size = len(trace), trace.network.spec.hidden
        self._times = (self._steps - rows)[::-1] if self._reverse else rows - 1
        self._starts: list[int] = np.searchsorted(self._times, np.arange(self._steps + 1)).tolist()
        own = output_gradients(trace)[:, size if self._reverse else 0 :][:, :size]
        self._own = normalise(own[rows[::-1] - 1] if self._reverse else own[rows - 1])
        self._levels = [self._level(trace, name, (len(rows), size)) for name in reversed(chain)]
        self._deltas = np.empty((len(rows), self._cell.gate_multiple, size), own.dtype)
        self._squares = np.zeros((self._steps, len(rows)), own.dtype)
        self._shown = np.zeros((self._steps, len(rows)), np.int32)
        self._work = 0.0

    def _level(self, trace: Trace, name: str, shape: tuple[int, int]) -> _Level:
        hidden, cell, spare_hidden, spare_cell = (np.zeros(shape, trace.network.dtype) for _ in range(4))
        return _Level(
            factors=factors_of(trace, name),
            weights=trace.network.layer_weights(name),
            hidden=hidden,
            cell=cell,
            spare_hidden=spare_hidden,
            spare_cell=spare_cell,
            exponent=np.zeros(shape[0], np.int32),
        )

    def slices(self) -> Generator[None, None, NDArray[np.float64]]:
        """Sweep to the first step, yielding after bounded work; returns log2 norms (R, T) in the text's order."""
        high = int(self._times[-1]) + 1 if len(self._times) else 0
        while high > 0:
            low = max(0, high - _STEPS_PER_CHUNK)
            saved = [level.copy_state(self._active(low)) for level in self._levels]
            done = yield from self._chunk(low, high)
            if not done:
                for level, state in zip(self._levels, saved, strict=True):
                    level.restore(self._active(low), state)
                for row in range(high - 1, low - 1, -1):
                    yield from self._chunk(row, row + 1)
            high = low
        log2 = log2_from_squares(self._squares, self._shown).T
        return log2[::-1, ::-1].copy() if self._reverse else log2.copy()

    def _active(self, time: int) -> slice:
        """The rows whose loss lies at ``time`` or after it."""
        return slice(self._starts[time], None)

    def _chunk(self, low: int, high: int) -> Generator[None, None, bool]:
        """Sweep the steps ``low..high−1`` in plain arithmetic; False if that moved a row too far to be exact."""
        active = self._active(low)
        before = self._prepare(active, self._active(high))
        for time in range(high - 1, low - 1, -1):
            self._step(time)
            if self._work > _OPERATIONS_PER_SLICE:
                self._work = 0.0
                yield
        self._shown[low:high, active] = self._levels[-1].exponent[active]
        return all(_is_exact(level, active, empty) for level, empty in zip(self._levels, before, strict=True))

    def _prepare(self, active: slice, met: slice) -> list[NDArray[np.bool_]]:
        """Rescale all rows to the middle of the range; returns which were empty, for each level."""
        above: Exponents | None = None
        empty = []
        fresh = slice(active.start, met.start)
        for level in self._levels:
            level.hidden[fresh], level.cell[fresh] = 0, 0  # a chunk that was taken back may have left numbers here
            level.exponent[fresh] = self._own.exponents[fresh]
            peaks = np.maximum(peak_exponents(level.hidden[active]), peak_exponents(level.cell[active]))
            nothing = peaks == NO_EXPONENT
            wanted = np.where(nothing, level.exponent[active], level.exponent[active] + peaks)
            if above is not None:
                wanted = np.where(nothing, above, np.maximum(wanted, above - _GUARD))
            change = level.exponent[active] - wanted
            level.hidden[active] = shift(level.hidden[active], change)
            level.cell[active] = shift(level.cell[active], change)
            level.exponent[active] = above = wanted.astype(np.int32)
            if level is self._levels[0]:
                nothing[: fresh.stop - fresh.start] = self._own.exponents[fresh] == NO_EXPONENT
            empty.append(nothing)
        return empty

    @np.errstate(over="ignore", invalid="ignore")
    def _step(self, time: int) -> None:
        """Take the block one step back in every layer, the top one first."""
        active = self._active(time)
        above: _Level | None = None
        if active.start < len(self._times) and self._times[active.start] == time:
            self._begin(active.start)
        for level in self._levels:
            if above is not None:
                level.hidden[active] += self._coming_down(above, level, time, active)
            if level is self._levels[-1]:
                self._squares[time, active] = self._square(level, active)
            for tile in self._tiles(active):
                arriving = level.hidden[tile], level.cell[tile]
                leaving = level.spare_hidden[tile], level.spare_cell[tile]
                self._cell.sweep_step(level.factors, time, level.weights.hh, arriving, self._deltas[tile], leaving)
            above = level
            level.hidden, level.spare_hidden = level.spare_hidden, level.hidden
            if self._cell.has_cell_state:
                level.cell, level.spare_cell = level.spare_cell, level.cell
        deltas = self._deltas[active]
        self._work += 2.0 * len(self._levels) * deltas.size * deltas.shape[2]

    def _tiles(self, active: slice) -> list[slice]:
        """The active rows in pieces whose deltas stay in the cache from where they are made to the product."""
        rows = max(1, _TILE_FLOATS // max(1, self._deltas[0].size))
        return [slice(first, first + rows) for first in range(active.start, len(self._deltas), rows)]

    def _begin(self, row: int) -> None:
        """The loss of ``row`` lies at the step in hand: its direct part enters the top layer, all else is empty."""
        for level in self._levels:
            level.hidden[row] = 0
            level.cell[row] = 0
        self._levels[0].hidden[row] = self._own.values[row]

    def _coming_down(self, upper: _Level, lower: _Level, time: int, active: slice) -> FloatArray:
        """``da_t W_ih`` of the layer above, in the powers of two of the layer below."""
        deltas = self._deltas[active]
        flat = deltas.reshape(1, len(deltas), -1)
        totals = upper.spare_hidden[active][None]  # swapped already: what has just been swept
        entering = self._cell.input_deltas(upper.factors, totals, flat, slice(time, time + 1))[0]
        return shift(entering @ upper.weights.ih, upper.exponent[active] - lower.exponent[active])

    def _square(self, level: _Level, active: slice) -> FloatArray:
        """The squared norms of the part asked for, one for each row."""
        parts = []
        if self._part != "c":
            parts.append(level.hidden[active])
        if self._part != "h" and self._cell.has_cell_state:
            parts.append(level.cell[active])
        return sum_arrays([np.einsum("rh,rh->r", part, part) for part in parts])


def _is_exact(level: _Level, active: slice, empty: NDArray[np.bool_]) -> bool:
    """Whether every row stayed where float32 holds its square; a row that was empty may stay so."""
    hidden, cell = level.hidden[active], level.cell[active]
    peaks = np.maximum(peak_exponents(hidden), peak_exponents(cell))
    return bool(((np.abs(peaks) <= _BEARABLE) | (empty & (peaks == NO_EXPONENT))).all())
