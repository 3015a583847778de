"""The reverse sweep of many losses at once: one block of rows for each layer, all layers step by step."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.backward import factors_of, output_gradients
from rnnviz.engine.cells import get_cell
from rnnviz.engine.scaled import (
    NO_EXPONENT,
    log2_from_squares,
    normalise,
    peak_exponents,
    shift,
    sum_arrays,
    without_infinities,
)
from rnnviz.engine.segments import segments_of

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from rnnviz.engine.cells.base import Cell, Factors, FloatArray
    from rnnviz.engine.network import LayerWeights
    from rnnviz.engine.scaled import Exponents
    from rnnviz.engine.segments import Segment
    from rnnviz.engine.trace import Trace

_STEPS_PER_CHUNK = 16
_BEARABLE = 60
_GUARD = 40
"""A lower layer's power of two stays within this of the upper one's, so that what comes down fits."""
_OPERATIONS_PER_SLICE = 1e8
_FOLDING = 20.0
"""What folding the factors into one weight costs, in operations of a product: it is bound by the memory."""


@dataclass(eq=False)
class _Level:
    """One layer of the chain: its constants, and what has arrived at the step in hand for each row.

    ``state`` times ``2**exponent`` (R,) are the gradients of the R losses: ``[dh]`` (1, R, H) or, for
    the LSTM, ``[dh, dc]`` (2, R, H). Which of the active rows were ``empty`` or ``lost`` (NaN) as the chunk began
    says which may be so at its end.
    """

    factors: Factors
    segments: tuple[Segment, ...]
    state: FloatArray
    spare: FloatArray
    exponent: Exponents
    empty: NDArray[np.bool_]
    lost: NDArray[np.bool_]

    def weights(self, time: int) -> LayerWeights:
        """The weights in force at one step."""
        last = self.segments[-1]
        return last.weights if time >= last.span.start else self.segments[0].weights

    def copy_state(self, active: slice) -> tuple[FloatArray, Exponents]:
        return self.state[:, active].copy(), self.exponent.copy()

    def restore(self, active: slice, saved: tuple[FloatArray, Exponents]) -> None:
        self.state[:, active], self.exponent = saved


class BlockSweep:
    """The sweep behind the credit map, from the top layer of ``chain`` down to its first.

    All layers of the chain read the text in one direction; internally time is the processing order and the
    rows rise with it, so that the rows of the losses already met are always the end of the block.
    """

    @np.errstate(over="ignore", invalid="ignore")
    def __init__(self, trace: Trace, chain: tuple[str, ...], part: str, rows: NDArray[np.int64]) -> None:
        self._cell: Cell = get_cell(trace.network.spec.cell)
        self._size = size = trace.network.spec.hidden
        self._shown_parts = {"h": slice(1), "c": slice(1, None), "joint": slice(None)}[part]
        self._reverse = trace.layer(chain[-1]).reverse
        self._steps = len(trace)
        self._times = (self._steps - rows)[::-1] if self._reverse else rows - 1
        self._starts: list[int] = np.searchsorted(self._times, np.arange(self._steps + 1)).tolist()
        own = output_gradients(trace)[:, size if self._reverse else 0 :][:, :size]
        self._own = normalise(own[rows[::-1] - 1] if self._reverse else own[rows - 1])
        self._own_lost = _lost_rows(self._own.values[None])
        self._levels = [self._level(trace, name, len(rows)) for name in reversed(chain)]
        self._squares = np.zeros((self._steps, len(rows)), own.dtype)
        self._shown = np.zeros((self._steps, len(rows)), np.int32)
        self._scratch = np.empty((len(rows), size), own.dtype)
        self._work = 0.0

    def _level(self, trace: Trace, name: str, rows: int) -> _Level:
        shape = 2 if self._cell.has_cell_state else 1, rows, self._size
        return _Level(
            factors=factors_of(trace, name),
            segments=segments_of(trace, name),
            state=np.zeros(shape, trace.network.dtype),
            spare=np.zeros(shape, trace.network.dtype),
            exponent=np.zeros(rows, np.int32),
            empty=np.zeros(0, np.bool_),
            lost=np.zeros(0, np.bool_),
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
        self._prepare(active, self._active(high))
        for time in range(high - 1, low - 1, -1):
            self._step(time)
            if self._work > _OPERATIONS_PER_SLICE:
                self._work = 0.0
                yield
        self._shown[low:high, active] = self._levels[-1].exponent[active]
        return all(_is_exact(level, active) for level in self._levels)

    def _prepare(self, active: slice, met: slice) -> None:
        """Rescale all rows to the middle of the range; they become active from ``met`` back to ``active``."""
        above: _Level | None = None
        fresh = slice(active.start, met.start)
        for level in self._levels:
            level.state[:, fresh] = 0  # a chunk that was taken back may have left numbers here
            level.exponent[fresh] = self._own.exponents[fresh]
            peaks: Exponents = peak_exponents(level.state[:, active]).max(axis=0)
            if (peaks == -NO_EXPONENT).any():
                level.state[:, active] = without_infinities(level.state[:, active])
                peaks[peaks == -NO_EXPONENT] = 0
            level.empty = np.asarray(peaks == NO_EXPONENT, np.bool_)
            level.lost = _lost_rows(level.state[:, active])
            wanted = np.where(level.empty, level.exponent[active], level.exponent[active] + peaks)
            if above is not None:
                upper = above.exponent[active]
                wanted = np.where(level.empty, upper, np.maximum(wanted, upper - _GUARD))
                level.lost |= above.lost
            level.state[:, active] = shift(level.state[:, active], level.exponent[active] - wanted)
            level.exponent[active] = wanted.astype(np.int32)
            if above is None:
                own, count = self._own.exponents[fresh], fresh.stop - fresh.start
                level.empty[:count] = own == NO_EXPONENT
                level.lost[:count] = self._own_lost[fresh]
            above = level

    @np.errstate(over="ignore", invalid="ignore")
    def _step(self, time: int) -> None:
        """Take the block one step back in every layer, the top one first."""
        active = self._active(time)
        if active.start < len(self._times) and self._times[active.start] == time:
            self._begin(active.start)
        coming_down: FloatArray | None = None
        for level, below in zip_longest(self._levels, self._levels[1:]):
            state = level.state[:, active]
            if coming_down is not None:
                state[0] += coming_down
            if below is None:
                self._squares[time, active] = _squares(state[self._shown_parts])
            self._cell.gather(level.factors, time, state, self._scratch[active])
            if below is not None:
                coming_down = self._coming_down(level, below, time, active)
            self._step_back(level, time, active)

    def _step_back(self, level: _Level, time: int, active: slice) -> None:
        """``dh_{t−1}`` and ``dc_{t−1}`` of the gathered rows, which become the spare ones."""
        gathered, leaving = level.state[:, active], level.spare[:, active]
        weight_hh = level.weights(time).hh
        matrices = self._cell.step_matrices(level.factors, time, weight_hh)
        np.dot(gathered[0], matrices[0], leaving[0])
        if self._cell.has_cell_state:
            leaving[0] += np.dot(gathered[1], matrices[1], self._scratch[active])
            np.multiply(gathered[1], level.factors.carry[time], leaving[1])
        level.state, level.spare = level.spare, level.state
        self._work += 2.0 * gathered.size * self._size + _FOLDING * weight_hh.size

    def _begin(self, row: int) -> None:
        """The loss of ``row`` lies at the step in hand: its direct part enters the top layer, all else is empty."""
        for level in self._levels:
            level.state[:, row] = 0
        self._levels[0].state[0, row] = self._own.values[row]

    def _coming_down(self, upper: _Level, lower: _Level, time: int, active: slice) -> FloatArray:
        """``da_t W_ih`` of the layer above, in the powers of two of the layer below."""
        matrices = self._cell.input_matrices(upper.factors, time, upper.weights(time).ih)
        entering = sum_arrays(list(upper.state[:, active] @ matrices))
        self._work += 2.0 * entering.size * self._size * len(matrices)
        return shift(entering, upper.exponent[active] - lower.exponent[active])


def _squares(parts: FloatArray) -> FloatArray:
    """The squared norm of each row over all ``parts`` (S, R, H)."""
    return sum_arrays([np.einsum("rh,rh->r", part, part) for part in parts])


def _is_exact(level: _Level, active: slice) -> bool:
    """Whether every row stayed where float32 holds its square; what was empty or lost may stay so."""
    state = level.state[:, active]
    peaks = peak_exponents(state).max(axis=0)
    fine = (np.abs(peaks) <= _BEARABLE) | (level.empty & (peaks == NO_EXPONENT))
    return bool((level.lost | fine & ~_lost_rows(state)).all())


def _lost_rows(state: FloatArray) -> NDArray[np.bool_]:
    """Which rows of the parts (S, R, H) hold something that is not a number."""
    return np.asarray(np.isnan(state).any(axis=(0, 2)), np.bool_)
