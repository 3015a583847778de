"""The chain of factors between one loss and one earlier step, and what theory says of it.

``dC_τ/ds_t = dC_τ/ds_τ · J_τ · J_{τ−1} ··· J_{t+1}`` with ``J_k = ∂s_k/∂s_{k−1}``; the state s is h for the Elman cell
and the GRU, and (h, c) for the LSTM. In a network of several layers these are the paths inside one layer; what comes
down from the layers above on the way is in the whole gradient only (:mod:`rnnviz.engine.gradients`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from rnnviz.engine.backward import factors_of, output_gradients, own_gradients
from rnnviz.engine.cells import get_cell
from rnnviz.engine.errors import SpecError
from rnnviz.engine.scaled import join_log2, log2_norms, normalise
from rnnviz.engine.segments import jacobian_norms, recurrent_spans, weights_at
from rnnviz.engine.spectra import spectral_norms
from rnnviz.engine.sweep import sweep_layer

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from rnnviz.engine.cells.base import Factors, FloatArray
    from rnnviz.engine.segments import Spans
    from rnnviz.engine.trace import LayerTrace, Trace

MANY = 64
"""At most so many factors, the nearest to the loss, are taken apart and multiplied out."""
WHOLE_SPECTRUM = 256
"""Up to this size of the state all singular values of a factor are found (6 ms), not only the largest."""
MULTIPLIED = 512
"""Up to this size factors are multiplied out; beyond it only their closed-form norms are given."""
_SVD_IS_FASTER = 128
AT_ONCE = 3_000_000
"""So many n³ of factors are taken between two pauses: about 5 ms."""
MAX_SLOPES = {"tanh": 1.0, "relu": 1.0, "sigmoid": 0.25, "identity": 1.0}
"""The largest derivative of each activation of the Elman cell."""


@dataclass(frozen=True, eq=False)
class Chain:
    """Measured factors of K steps back from the loss; arrays that begin at the loss have K + 1 entries (first 0).

    Attributes:
        layer: its name.
        loss_step: τ, 1-based.
        time_step: t, 1-based; behind τ in a reverse layer.
        size: n, of the state: H, or 2H for (h, c).
        steps: (K,), the time steps k of the factors, from the loss step on.
        log2_gain: (K,), ``log2 ‖J_k‖_F / √n``, the mean stretch of one step.
        log2_measured: (K + 1,), ``log2 ‖dC_τ/ds_τ · J_τ ··· ‖ / ‖dC_τ/ds_τ‖``, the gradient's own direction.
        log2_largest: (S,), ``log2 σ_max(J_k)`` of the S factors nearest to the loss.
        log2_spectra: (S, n), log2 of all singular values, falling; empty where n is too large.
        log2_product: (S + 1,), ``log2 ‖J_τ ··· J_k‖_2``: what the luckiest direction would keep.
        mean_slope: mean φ'(a) over units and factors (Elman), NaN for gated cells.
        log2_carry: (K + 1,), root mean square over the units of the product of the carry gates (LSTM f, GRU z):
            the path that has no matrix; None for the Elman cell.
    """

    layer: str
    loss_step: int
    time_step: int
    size: int
    steps: NDArray[np.int64]
    log2_gain: NDArray[np.float64]
    log2_measured: NDArray[np.float64]
    log2_largest: NDArray[np.float64]
    log2_spectra: NDArray[np.float64]
    log2_product: NDArray[np.float64]
    mean_slope: float
    log2_carry: NDArray[np.float64] | None


def trace_chain(trace: Trace, layer: str = "l0", loss_step: int = 0, time_step: int = 0, many: int = MANY) -> Chain:
    """The chain from the loss of ``loss_step`` (0: the last) back to ``time_step`` (0: as far as it goes)."""
    slices = chain_slices(trace, layer, loss_step, time_step, many)
    while True:
        try:
            next(slices)
        except StopIteration as finished:
            result: Chain = finished.value
            return result


def chain_slices(
    trace: Trace, layer: str = "l0", loss_step: int = 0, time_step: int = 0, many: int = MANY
) -> Generator[None, None, Chain]:
    """As :func:`trace_chain`, but pausing (``yield``) after some milliseconds; SpecError for ends that do not fit."""
    found = trace.layer(layer)
    loss_step, time_step = checked_ends(trace, found, loss_step, time_step)
    source, reached = _row(trace, found, loss_step), _row(trace, found, time_step)
    factors, cell = factors_of(trace, layer), get_cell(trace.network.spec.cell)
    rows = slice(reached, source + 1)
    part, spans = factors.part(rows), recurrent_spans(trace, layer, rows)
    size = trace.network.spec.hidden * (2 if cell.has_cell_state else 1)
    measured = _own_path(trace, found, (part, spans), loss_step)
    with np.errstate(divide="ignore"):
        gain = np.log2(jacobian_norms(cell, part, spans).astype(np.float64)) - 0.5 * np.log2(size)
    yield
    taken = yield from _taken_apart(trace, found, source, min(source - reached, many))
    spectra = np.stack(taken.spectra) if taken.spectra else np.zeros((0, size))
    return Chain(
        layer=layer,
        loss_step=loss_step,
        time_step=time_step,
        size=size,
        steps=np.arange(loss_step, time_step, 1 if found.reverse else -1, dtype=np.int64),
        log2_gain=gain[:0:-1],
        log2_measured=measured[::-1] - measured[-1],
        log2_largest=np.array(taken.largest),
        log2_spectra=spectra,
        log2_product=np.array(taken.product),
        mean_slope=_mean_slope(trace, part),
        log2_carry=_carried(part.carry[:0:-1]) if part.carry.size else None,
    )


def checked_ends(trace: Trace, layer: LayerTrace, loss_step: int, time_step: int) -> tuple[int, int]:
    """τ and t with their defaults put in; SpecError unless τ has a loss and t lies where it can reach."""
    if not trace.loss_steps:
        raise SpecError("No time step of this sequence has a loss; give a longer text or another task.")
    loss_step = loss_step or trace.loss_steps[-1]
    if loss_step not in trace.loss_steps:
        raise SpecError(f"Time step {loss_step} has no loss; choose one that has a target.")
    low, high = (loss_step, len(trace)) if layer.reverse else (1, loss_step)
    time_step = time_step or (high if layer.reverse else low)
    if not low <= time_step <= high:
        raise SpecError(
            f"The loss of step {loss_step} does not reach step {time_step} in the layer {layer.name}; "
            f"give a step from {low} to {high}."
        )
    return loss_step, time_step


def _row(trace: Trace, layer: LayerTrace, time_step: int) -> int:
    """The row of a time step in processing order."""
    return len(trace) - time_step if layer.reverse else time_step - 1


def _own_path(trace: Trace, layer: LayerTrace, rows: tuple[Factors, Spans], loss_step: int) -> NDArray[np.float64]:
    """``log2 ‖dC_τ/ds_k‖`` (K + 1,) in processing order, of the gradient that enters this layer at τ alone."""
    network, names = trace.network, trace.network.layer_names
    part, spans = rows
    direct = output_gradients(trace)
    place = names.index(layer.name) - (len(names) - network.directions)
    hidden = network.spec.hidden
    if place >= 0:
        entering = direct[loss_step - 1, place * hidden : (place + 1) * hidden]
    else:
        entering = own_gradients(trace, direct)[layer.name][loss_step - 1]
    if not np.isfinite(entering).all():
        raise SpecError(f"The loss of step {loss_step} is not finite, so it has no gradient; make W_hh smaller.")
    block = np.zeros((len(part.deltas), 1, hidden), direct.dtype)
    block[-1, 0] = entering
    sweep = sweep_layer(get_cell(network.spec.cell), part, spans, normalise(block))
    norms = log2_norms(sweep.hidden, sweep.exponents)
    if sweep.cell is not None:
        norms = join_log2(norms, log2_norms(sweep.cell, sweep.exponents))
    if not np.isfinite(norms[-1, 0]):
        raise SpecError(f"The loss of step {loss_step} sends nothing back to the layer {layer.name}: it is exactly 0.")
    return norms[:, 0]


def _mean_slope(trace: Trace, part: Factors) -> float:
    """Mean φ'(a) of the steps that have a factor, NaN for a gated cell or no factor."""
    if trace.network.spec.cell != "elman" or len(part.deltas) < 2:
        return float("nan")
    return float(part.deltas[1:].mean(dtype=np.float64))


def _carried(carry: FloatArray) -> NDArray[np.float64]:
    """``log2 sqrt(mean_j (Π f_j)²)`` after 0, 1 ... K steps, from the loss step on."""
    with np.errstate(divide="ignore"):
        logs = np.cumsum(2 * np.log2(carry.astype(np.float64)), axis=0)
    mean = np.logaddexp2.reduce(logs, axis=1) - np.log2(carry.shape[1]) if len(logs) else np.zeros(0)
    return np.concatenate((np.zeros(1), 0.5 * mean))


@dataclass
class _Apart:
    """What has been found of the factors of one loss so far; it grows when the chain becomes longer."""

    largest: list[float] = field(default_factory=list)
    spectra: list[NDArray[np.float64]] = field(default_factory=list)
    product: list[float] = field(default_factory=lambda: [0.0])
    matrix: NDArray[np.float64] | None = None
    exponent: int = 0

    def upto(self, count: int) -> _Apart:
        """The first ``count`` factors."""
        return _Apart(self.largest[:count], self.spectra[:count], self.product[: count + 1])


_KEPT: WeakKeyDictionary[LayerTrace, tuple[int, _Apart]] = WeakKeyDictionary()


def _taken_apart(trace: Trace, layer: LayerTrace, source: int, count: int) -> Generator[None, None, _Apart]:
    """Singular values and product of the ``count`` factors nearest to the loss, a few at a time.

    What was found for the same loss before is kept, so a chain that grows step by step costs one factor a step.
    """
    kept = _KEPT.get(layer)
    if kept is None or kept[0] != source:
        kept = _KEPT[layer] = (source, _Apart())
    apart = kept[1]
    cell, factors = get_cell(trace.network.spec.cell), factors_of(trace, layer.name)
    size = trace.network.spec.hidden * (2 if cell.has_cell_state else 1)
    if size > MULTIPLIED:
        return apart
    at_once = max(1, AT_ONCE // size**3)
    while len(apart.largest) < count:
        for _ in range(min(at_once, count - len(apart.largest))):
            row = source - len(apart.largest)
            weight_hh = weights_at(trace, layer.name, row).hh
            _take(apart, cell.jacobian(factors, row, weight_hh).astype(np.float64))
        yield
    return apart.upto(count)


def _take(apart: _Apart, factor: NDArray[np.float64]) -> None:
    """Add one factor; the product is scaled by a power of two after each, so that it never leaves the range."""
    product = factor if apart.matrix is None else apart.matrix @ factor
    peak = np.abs(product).max()
    shift = int(np.frexp(peak)[1]) if peak > 0 else 0
    apart.matrix, apart.exponent = np.ldexp(product, -shift), apart.exponent + shift
    with np.errstate(divide="ignore"):
        if len(factor) <= WHOLE_SPECTRUM:
            apart.spectra.append(np.log2(np.linalg.svd(factor, compute_uv=False)))
            apart.largest.append(float(apart.spectra[-1][0]))
        else:
            apart.largest.append(float(np.log2(spectral_norms(factor[None])[0])))
        apart.product.append(float(np.log2(_largest(apart.matrix))) + apart.exponent)


def _largest(matrix: NDArray[np.float64]) -> float:
    """The spectral norm, whichever way is faster."""
    if len(matrix) <= _SVD_IS_FASTER:
        return float(np.linalg.svd(matrix, compute_uv=False)[0])
    return float(spectral_norms(matrix[None])[0])
