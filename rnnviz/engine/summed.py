"""The backward pass of the summed loss ``C = Σ_t C_t``: what does not depend on which loss is chosen.

It is computed once for a trace and kept as long as the trace lives, so that moving from loss to loss costs
one sweep of one row.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakKeyDictionary

import numpy as np

from rnnviz.engine.backward import input_deltas, logit_gradients, own_gradients, sweep_down
from rnnviz.engine.cells import get_cell
from rnnviz.engine.network import EMBEDDING, READOUT_BIAS, READOUT_WEIGHT
from rnnviz.engine.scaled import log2_norms, normalise, shift, squared_norms
from rnnviz.engine.segments import jacobian_norms, recurrent_spans, segments_of, through_inputs

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from rnnviz.engine.backward import SweptLayer
    from rnnviz.engine.cells.base import Cell, Factors, FloatArray
    from rnnviz.engine.scaled import Exponents
    from rnnviz.engine.segments import Spans
    from rnnviz.engine.trace import LayerTrace, Trace


_NARROW_INPUT = 128
"""Up to so many classes a product with one-hot vectors is faster than sorting the steps by token."""

_Array = TypeVar("_Array", bound="NDArray[Any]")


@dataclass(frozen=True, eq=False)
class PartNorms:
    """``log2 ‖dC/dh_t‖`` and ``log2 ‖dC/dc_t‖`` (T,) of one loss in one layer; ``cell`` None without cell state."""

    hidden: NDArray[np.float64]
    cell: NDArray[np.float64] | None


@dataclass(frozen=True, eq=False)
class Stretch:
    """What one step does to any gradient: computed when it is first asked for, since no sweep needs it."""

    layer: LayerTrace
    factors: Factors
    cell: Cell
    spans: Spans

    @cached_property
    def jacobian_norm(self) -> FloatArray:
        """``‖∂s_t/∂s_{t−1}‖_F`` (T,), in the order of the text."""
        return _read_only(self.layer.in_order(jacobian_norms(self.cell, self.factors, self.spans)))

    @cached_property
    def log2_gain(self) -> NDArray[np.float64]:
        """That norm over √n, as log2."""
        size = self.spans[0][1].shape[1] * (2 if self.cell.has_cell_state else 1)
        with np.errstate(divide="ignore"):
            return _read_only(np.log2(self.jacobian_norm.astype(np.float64)) - 0.5 * np.log2(size))


@dataclass(frozen=True, eq=False)
class SummedLayer:
    """One layer's share; the arrays (T,) are those of the same names in ``LayerGradient``."""

    norms: PartNorms
    log2_direct: NDArray[np.float64]
    stretch: Stretch
    weight_contribution: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class SummedLoss:
    """All layers by name, and the gradient of every weight."""

    layers: Mapping[str, SummedLayer]
    gradients: Mapping[str, FloatArray]


_KEPT: WeakKeyDictionary[Trace, SummedLoss] = WeakKeyDictionary()


def summed_loss(trace: Trace, direct: FloatArray) -> SummedLoss:
    """The backward pass of the summed loss; ``direct`` (T, H·directions) is what the read-out gives each step."""
    found = _KEPT.get(trace)
    if found is None:
        found = _KEPT[trace] = _sweep(trace, direct)
    return found


def _sweep(trace: Trace, direct: FloatArray) -> SummedLoss:
    own = own_gradients(trace, direct)
    gradients = _readout_gradients(trace)
    layers: dict[str, SummedLayer] = {}
    for swept in sweep_down(trace, normalise(direct[:, None])):
        layers[swept.layer.name] = _summed_layer(trace, swept, own[swept.layer.name])
        for key, array in _weight_gradients(trace, swept).items():
            gradients[key] = gradients[key] + array if key in gradients else array
    for array in gradients.values():
        array.setflags(write=False)
    return SummedLoss(layers, MappingProxyType(gradients))


def part_norms(swept: SweptLayer) -> PartNorms:
    """The norms of the one loss that was swept."""
    hidden, cell = log2_norms(swept.sweep.hidden, swept.sweep.exponents)[:, 0], None
    if swept.sweep.cell is not None:
        cell = _read_only(log2_norms(swept.sweep.cell, swept.sweep.exponents)[:, 0])
    return PartNorms(_read_only(hidden), cell)


def _summed_layer(trace: Trace, swept: SweptLayer, own: FloatArray) -> SummedLayer:
    layer, cell = swept.layer, get_cell(trace.network.spec.cell)
    return SummedLayer(
        norms=part_norms(swept),
        log2_direct=_read_only(log2_norms(own, np.zeros(len(own), np.int32))),
        stretch=Stretch(layer, swept.factors, cell, recurrent_spans(trace, layer.name)),
        weight_contribution=_read_only(contributions(swept)),
    )


def _read_only(array: _Array) -> _Array:
    array.setflags(write=False)
    return array


def contributions(swept: SweptLayer) -> NDArray[np.float64]:
    """``‖da_t‖ ‖h_{t−1}‖`` of the summed loss: the norm of the outer product, without building it."""
    sweep, before = swept.sweep, swept.layer.previous_squares
    product: NDArray[np.float64] = np.multiply(squared_norms(sweep.deltas[:, 0]), before, dtype=np.float64)
    np.sqrt(product, out=product)
    with np.errstate(over="ignore"):
        return np.ldexp(product, sweep.exponents[:, 0], out=product)


def _readout_gradients(trace: Trace) -> dict[str, FloatArray]:
    errors, top = logit_gradients(trace), trace.layers[-trace.network.directions :]
    outputs = np.concatenate([layer.hidden for layer in top], axis=1)
    return {READOUT_WEIGHT: errors.T @ outputs, READOUT_BIAS: errors.sum(axis=0)}


def _weight_gradients(trace: Trace, swept: SweptLayer) -> dict[str, FloatArray]:
    """``dW_hh = Σ_t da_tᵀ h_{t−1}`` and its kin for one layer, of the summed loss.

    The power of two of each step goes to the narrower factor of its product: h, x or a one, not ``da``.
    """
    layer, exponents = swept.layer, swept.sweep.exponents[:, 0]
    top = exponents.max()
    recurrent, entering = swept.sweep.deltas[:, 0], input_deltas(trace, swept)[:, 0]
    scale = shift(np.ones((len(exponents), 1), recurrent.dtype), exponents - top)
    named: dict[str, FloatArray] = {}
    for rows, _, suffix in segments_of(trace, layer.name):
        gradients = {
            "weight_ih": _input_weight_gradient(trace, layer, (entering, scale), rows),
            "weight_hh": recurrent[rows].T @ (scale[rows] * layer.previous_hidden[rows]),
            "bias_ih": scale[rows, 0] @ entering[rows],
            "bias_hh": scale[rows, 0] @ recurrent[rows],
        }
        named |= {key + suffix: _unscaled(array, top) for key, array in gradients.items()}
    if trace.network.spec.embedding and layer.name in ("l0", "l0r"):
        below = scale * through_inputs(trace, layer.name, entering)
        named[EMBEDDING] = _unscaled(_sum_by_id(below, trace.ids, trace.network.input_size), top)
    return named


def _input_weight_gradient(
    trace: Trace, layer: LayerTrace, scaled: tuple[FloatArray, FloatArray], rows: slice
) -> FloatArray:
    """``Σ_t da_tᵀ x_t`` over ``rows``; where x_t is one-hot of many classes, the sum of the da of each token."""
    entering, scale = (array[rows] for array in scaled)
    inputs, ids = layer.inputs[rows], trace.ids[rows]
    is_wide = inputs.shape[1] > _NARROW_INPUT
    if trace.network.spec.embedding or layer.name not in ("l0", "l0r") or not is_wide:
        return entering.T @ (scale * inputs)
    real = ids < 0
    summed = _sum_by_id(scale * entering, ids, trace.network.input_size).T
    return summed + entering[real].T @ (scale[real] * inputs[real]) if real.any() else summed


def _sum_by_id(rows: FloatArray, ids: NDArray[np.int64], size: int) -> FloatArray:
    """(size, N): row v is the sum of the rows (T, N) whose id is v; ids below 0 are left out."""
    result = np.zeros((size, rows.shape[1]), rows.dtype)
    order = np.argsort(ids, kind="stable")[np.count_nonzero(ids < 0) :]
    if len(order):
        present, starts = np.unique(ids[order], return_index=True)
        result[present] = np.add.reduceat(rows[order], starts)
    return result


def _unscaled(array: FloatArray, exponent: Exponents) -> FloatArray:
    """The plain numbers; what is too large for the type becomes infinite, as it would in training."""
    with np.errstate(over="ignore"):
        return array if exponent == 0 else np.ldexp(array, exponent)
