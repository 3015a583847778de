"""The reverse sweep through one layer: total gradients of a few losses at every time step.

Backpropagation through time with its parts kept: for each time step t the *total* gradient ``dh_t``
(``dc_t``), which is the direct part plus what comes back from step t+1, and ``da_t`` at the pre-activations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.scaled import NO_EXPONENT, Scaled, exponents_of, shift, without_infinities

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rnnviz.engine.cells.base import Cell, Factors, FloatArray
    from rnnviz.engine.scaled import Exponents
    from rnnviz.engine.segments import Spans

_LONGEST_CHUNK = 64
_BEARABLE = 80
"""A vector whose largest component lies within ``2**±80`` still holds its small ones exactly in float32."""
_SMALLEST, _LARGEST = 2.0**-_BEARABLE, 2.0**_BEARABLE
_FEW_ROWS = 3
"""Up to so many losses are swept one after the other: matrix-vector products beat a very flat matrix product."""


@dataclass(frozen=True, eq=False)
class LayerSweep:
    """Total gradients of R losses in one layer, in processing order; all share ``exponents`` (T, R).

    Attributes:
        hidden: (T, R, H), ``dC/dh_t`` with (h_t, c_t) as the independent state leaving step t.
        cell: (T, R, H), ``dC/dc_t`` along c only, in the same sense; None without cell state.
        deltas: (T, R, kH), ``dC/da_t`` on the recurrent side.
        exponents: (T, R).
    """

    hidden: FloatArray
    cell: FloatArray | None
    deltas: FloatArray
    exponents: Exponents

    def flipped(self) -> LayerSweep:
        """The same in the opposite order of time."""
        cell = None if self.cell is None else self.cell[::-1]
        return LayerSweep(self.hidden[::-1], cell, self.deltas[::-1], self.exponents[::-1])


def sweep_layer(cell: Cell, factors: Factors, spans: Spans, direct: Scaled) -> LayerSweep:
    """Sweep R losses back through one layer, given what enters each step from above (T, R, H).

    ``spans``: the recurrent weights and the rows that use them. A chunk of steps runs in plain arithmetic between two
    rescalings. If it moved any row too far to be exact it is taken back and repeated in shorter chunks, at worst one
    step at a time.
    """
    run = _Run(cell, factors, direct)
    length = _LONGEST_CHUNK
    with np.errstate(over="ignore", invalid="ignore"):
        for rows, weight_hh in reversed(spans):
            high, run.weight_hh = rows.stop, weight_hh
            while high > rows.start:
                low = max(rows.start, high - length)
                if run.chunk(low, high, certain=length == 1):
                    high, length = low, min(_LONGEST_CHUNK, 2 * length)
                else:
                    length = max(1, length // 4)
    return run.result()


class _Run:
    """The state of one sweep: the gradients that have arrived at the step in hand, and all those kept."""

    weight_hh: FloatArray

    def __init__(self, cell: Cell, factors: Factors, direct: Scaled) -> None:
        steps, rows, size = direct.values.shape
        dtype = direct.values.dtype
        self._cell, self._factors, self._direct = cell, factors, direct
        self._firsts = _first_steps(direct.exponents)
        self._hidden = np.zeros((steps, rows, size), dtype)
        # Row t+1 is what arrives at step t by the cell state; a cell without one uses it as scratch.
        self._cells = np.zeros((steps + 1, rows, size), dtype)
        self._deltas = np.zeros((steps, rows, cell.gate_multiple, size), dtype)
        self._exponents = np.zeros((steps, rows), np.int32)
        self._arriving = np.zeros((rows, size), dtype)
        self._exponent = np.zeros(rows, np.int32)
        self._peaks = np.full(rows, NO_EXPONENT, np.int32)

    def chunk(self, low: int, high: int, *, certain: bool = False) -> bool:
        """Sweep the steps ``low..high−1`` if that is exact, or in any case if ``certain``; False: nothing done."""
        entering, direct = self._direct.exponents[low:high], self._direct.values[low:high]
        top = entering.max(axis=0)
        exponent = self._next_exponent(top, certain=certain)
        if (top != NO_EXPONENT).any():
            shifts = entering - exponent
            if not certain and self._does_not_fit(entering, shifts):
                return False
            direct = shift(direct, shifts)
        saved, saved_cell = self._arriving.copy(), self._cells[high].copy()
        self._rescale(self._exponent - exponent, high)
        self._steps(low, high, direct)
        peaks = self._measure(low, high)
        lost = np.isnan(saved).any(axis=-1) | np.isnan(saved_cell).any(axis=-1)
        if not certain and not self._is_exact(peaks, entering, lost):
            self._arriving, self._cells[high] = saved, saved_cell
            return False
        if certain and np.isinf(peaks[0]).any():
            self._arriving, self._cells[low] = without_infinities(self._arriving), without_infinities(self._cells[low])
            peaks[0] = np.where(np.isinf(peaks[0]), np.nan, peaks[0])
        self._exponents[low:high] = exponent
        self._exponent, self._peaks = exponent, exponents_of(peaks[0])
        return True

    def _does_not_fit(self, entering: Exponents, shifts: Exponents) -> bool:
        """Whether what enters is far above what has arrived, or far below although nothing has."""
        lost = (self._peaks == NO_EXPONENT) & (entering != NO_EXPONENT) & (shifts < -_BEARABLE)
        return bool((shifts > _BEARABLE).any() or lost.any())

    def _is_exact(self, peaks: FloatArray, entering: Exponents, lost: NDArray[np.bool_]) -> bool:
        """Whether every vector stayed well inside the range; zeros may only be where nothing has come yet.

        A row that was ``lost`` (NaN) before stays lost; a new NaN may come from an overflow on the way.
        """
        fine = (peaks >= _SMALLEST) & (peaks <= _LARGEST)
        if lost.any():
            fine |= lost
        if fine.all():
            return True
        met = np.logical_or.accumulate(entering[::-1] != NO_EXPONENT)[::-1] | (self._peaks != NO_EXPONENT)
        met = np.concatenate((met[:1], met))
        return bool((fine | (~met & (peaks == 0))).all())

    def _next_exponent(self, top: Exponents, *, certain: bool) -> Exponents:
        """The powers of two that bring what has arrived (or, for one step, what enters it) to about one."""
        own = np.where(self._peaks == NO_EXPONENT, top, self._exponent + self._peaks)
        if certain:
            own = np.maximum(own, top)
        return np.where(own == NO_EXPONENT, self._exponent, own).astype(np.int32)

    def _rescale(self, change: Exponents, high: int) -> None:
        if change.any():
            self._arriving = shift(self._arriving, change)
            if self._cell.has_cell_state:
                self._cells[high] = shift(self._cells[high], change)

    def _steps(self, low: int, high: int, direct: FloatArray) -> None:
        if direct.shape[1] > _FEW_ROWS:
            self._block_steps(low, high, direct)
            return
        for row, first in enumerate(self._firsts):
            if low < first:
                self._row_steps(row, low, min(high, first), direct[: first - low, row])

    def _row_steps(self, row: int, low: int, high: int, direct: FloatArray) -> None:
        """One loss, one vector at a time; the steps after it, which it does not reach, keep their zeros."""
        span = slice(low, high)
        arrays = (direct, self._hidden[span, row], self._deltas[span, row], self._cells[low : high + 1, row])
        self._cell.sweep_vector(self._factors, span, self.weight_hh, arrays, self._arriving[row])

    def _block_steps(self, low: int, high: int, direct: FloatArray) -> None:
        step, factors, weight_hh, arriving = self._cell.sweep_step, self._factors, self.weight_hh, self._arriving
        kept = (direct, self._hidden[low:high], self._deltas[low:high], self._cells[low + 1 : high + 1])
        leaving = [(arriving, cell) for cell in self._cells[low:high][::-1]]
        backwards = (array[::-1] for array in kept)
        row = high
        for entering, total, deltas, cell, out in zip(*backwards, leaving, strict=True):
            row -= 1
            np.add(arriving, entering, total)
            step(factors, row, weight_hh, (total, cell), deltas, out)

    def _measure(self, low: int, high: int) -> FloatArray:
        """The largest component of what leaves the step ``low`` and, after it, of the totals of ``low..high−1``."""
        peaks = np.empty((high - low + 1, len(self._arriving)), self._arriving.dtype)
        np.abs(self._arriving).max(axis=-1, out=peaks[0])
        np.abs(self._hidden[low:high]).max(axis=-1, out=peaks[1:])
        if self._cell.has_cell_state:
            np.maximum(peaks, np.abs(self._cells[low : high + 1]).max(axis=-1), out=peaks)
        return peaks

    def result(self) -> LayerSweep:
        cell = self._cells[1:] if self._cell.has_cell_state else None
        steps, rows = self._exponents.shape
        return LayerSweep(self._hidden, cell, self._deltas.reshape(steps, rows, -1), self._exponents)


def _first_steps(exponents: Exponents) -> list[int]:
    """For each row the number of steps up to its last entry: the sweep of a loss begins there, not at T."""
    entered = exponents[::-1] != NO_EXPONENT
    steps = len(exponents)
    return [steps - int(np.argmax(column)) if column.any() else 0 for column in entered.T]
