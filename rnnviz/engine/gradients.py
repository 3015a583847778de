"""How the gradient of one loss, and of the summed loss, flows back through time.

Two gradients of a hidden state are kept apart: the *direct* part ``e_t`` (from the output at t alone) and the
*total* ``dC/dh_t`` (direct plus all that comes back from later steps). The summed loss is ``C = Σ_t C_t``.

For the LSTM the state leaving step t is the pair (h_t, c_t), two independent quantities: ``dC/dh_t`` is what
arrives through h_t, ``dC/dc_t`` what arrives along the cell state (from step t+1 on, not through h_t), so
``dC/d(h_t, c_t) = dC/d(h_τ, c_τ) · Π J`` with the joint Jacobians J, and the joint norm is
``sqrt(‖dC/dh_t‖² + ‖dC/dc_t‖²)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.backward import (
    check_part,
    input_deltas,
    logit_gradients,
    output_gradients,
    own_gradients,
    sweep_down,
)
from rnnviz.engine.cells import get_cell
from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import EMBEDDING, READOUT_BIAS, READOUT_WEIGHT, weight_suffix
from rnnviz.engine.scaled import join_log2, log2_norms, normalise, shift

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from rnnviz.engine.backward import SweptLayer
    from rnnviz.engine.cells.base import FloatArray
    from rnnviz.engine.scaled import Exponents
    from rnnviz.engine.trace import LayerTrace, Trace

_ONE, _SUM = 0, 1  # the rows of the sweep: the chosen loss, the summed loss
_CONTIGUOUS_TOLERANCE = 1e-9  # in log2: a share of exactly 1 % must count in spite of rounding


@dataclass(frozen=True, eq=False)
class LayerGradient:
    """The gradients of one layer; arrays have T entries, in the order of the text, log2 of norms.

    Attributes:
        name: of the layer.
        log2_total: of the chosen loss C_k, the part asked for; −inf where nothing arrives.
        log2_hidden: the h part of the chosen loss.
        log2_cell: its c part; None without cell state.
        log2_direct: ``‖dC_t/dh_t‖`` of every step's own loss through step t alone.
        log2_summed: as ``log2_total``, of the summed loss.
        log2_summed_hidden: the h part of the summed loss.
        log2_summed_cell: its c part; None without cell state.
        jacobian_norm: ``‖∂s_t/∂s_{t−1}‖_F``, s = h or, for the LSTM, (h, c); not a log2.
        log2_product: the product of these norms from the loss step back to t: 0 at the loss step, −inf beyond it.
        weight_contribution: ``‖dW_hh,t‖_F`` of the summed loss, the share of step t in the BPTT sum; not a log2.
        horizon: the memory horizon of ``log2_total`` in steps.
    """

    name: str
    log2_total: NDArray[np.float64]
    log2_hidden: NDArray[np.float64]
    log2_cell: NDArray[np.float64] | None
    log2_direct: NDArray[np.float64]
    log2_summed: NDArray[np.float64]
    log2_summed_hidden: NDArray[np.float64]
    log2_summed_cell: NDArray[np.float64] | None
    jacobian_norm: FloatArray
    log2_product: NDArray[np.float64]
    weight_contribution: NDArray[np.float64]
    horizon: int


@dataclass(frozen=True, eq=False)
class GradientFlow:
    """The backward pass of one trace.

    ``loss_step`` k is 1-based; ``part`` is joint, h or c; ``horizon`` is that of the lowest layer;
    ``gradients`` are those of the summed loss, under the weights' names.
    """

    loss_step: int
    part: str
    threshold: float
    layers: tuple[LayerGradient, ...]
    horizon: int
    gradients: Mapping[str, FloatArray]

    def layer(self, name: str) -> LayerGradient:
        """The layer of this name; SpecError where there is none."""
        for layer in self.layers:
            if layer.name == name:
                return layer
        raise SpecError(f"There is no layer {name!r}; choose one of {', '.join(each.name for each in self.layers)}.")


def gradient_flow(
    trace: Trace, loss_step: int | None = None, part: str = "joint", threshold: float = 0.01
) -> GradientFlow:
    """Sweep the loss of ``loss_step`` (default: the last step that has one) and the summed loss to step 1.

    Reverse sweep (Werbos 1990, BPTT) with all norms kept as log2. Raises SpecError where the sequence has no
    loss, or ``loss_step`` has none. In a network of several layers a lower layer's gradient holds all that
    comes down from above at every step.
    """
    check_part(trace, part)
    chosen = _checked_loss_step(trace, loss_step)
    direct = output_gradients(trace)
    block = np.zeros((len(direct), 2, direct.shape[1]), direct.dtype)
    block[chosen - 1, _ONE] = direct[chosen - 1]
    block[:, _SUM] = direct
    own = own_gradients(trace)
    gradients = _readout_gradients(trace)
    layers: dict[str, LayerGradient] = {}
    for swept in sweep_down(trace, normalise(block)):
        name = swept.layer.name
        layers[name] = _layer_gradient(trace, swept, own[name], chosen, part, threshold)
        for key, array in _weight_gradients(trace, swept).items():
            gradients[key] = gradients[key] + array if key in gradients else array
    ordered = tuple(layers[name] for name in trace.network.layer_names)
    return GradientFlow(chosen, part, threshold, ordered, ordered[0].horizon, gradients)


def _checked_loss_step(trace: Trace, loss_step: int | None) -> int:
    steps = trace.loss_steps
    if not steps:
        raise SpecError("No time step of this sequence has a loss; give a longer text or another task.")
    if loss_step is None:
        return steps[-1]
    if loss_step not in steps:
        shown = ", ".join(map(str, steps[:8])) + (" ..." if len(steps) > 8 else "")
        raise SpecError(f"Time step {loss_step} has no loss; choose one of {shown}.")
    return int(loss_step)


def _layer_gradient(
    trace: Trace, swept: SweptLayer, own: FloatArray, loss_step: int, part: str, threshold: float
) -> LayerGradient:
    layer, sweep = swept.layer, swept.sweep
    hidden = log2_norms(sweep.hidden, sweep.exponents)
    cell = None if sweep.cell is None else log2_norms(sweep.cell, sweep.exponents)
    total = _choose(part, hidden, cell)
    weight_hh = trace.network.layer_weights(layer.name).hh
    jacobian_norm = layer.in_order(get_cell(trace.network.spec.cell).jacobian_norms(swept.factors, weight_hh))
    return LayerGradient(
        name=layer.name,
        log2_total=total[:, _ONE],
        log2_hidden=hidden[:, _ONE],
        log2_cell=None if cell is None else cell[:, _ONE],
        log2_direct=log2_norms(own, np.zeros(len(own), np.int32)),
        log2_summed=total[:, _SUM],
        log2_summed_hidden=hidden[:, _SUM],
        log2_summed_cell=None if cell is None else cell[:, _SUM],
        jacobian_norm=jacobian_norm,
        log2_product=_running_product(layer, jacobian_norm, loss_step),
        weight_contribution=_contributions(swept),
        horizon=memory_horizon(total[:, _ONE], loss_step, threshold, reverse=layer.reverse),
    )


def _choose(part: str, hidden: NDArray[np.float64], cell: NDArray[np.float64] | None) -> NDArray[np.float64]:
    if cell is None or part == "h":
        return hidden
    return cell if part == "c" else join_log2(hidden, cell)


def _running_product(layer: LayerTrace, jacobian_norm: FloatArray, loss_step: int) -> NDArray[np.float64]:
    """``log2 Π_{s=t+1..k} ‖J_s‖``: 0 at the loss step k, −inf at the steps the loss does not reach."""
    with np.errstate(divide="ignore"):
        logs = np.log2(layer.in_order(jacobian_norm).astype(np.float64))
    last = len(logs) - loss_step if layer.reverse else loss_step - 1
    product = np.full(len(logs), -np.inf)
    product[last] = 0
    product[:last] = np.cumsum(logs[last:0:-1])[::-1]
    return product[::-1] if layer.reverse else product


def _contributions(swept: SweptLayer) -> NDArray[np.float64]:
    """``‖da_t‖ ‖h_{t−1}‖`` of the summed loss: the norm of the outer product, without building it."""
    sweep = swept.sweep
    before = log2_norms(swept.layer.previous_hidden, np.zeros(len(sweep.exponents), np.int32))
    with np.errstate(over="ignore"):
        return np.exp2(log2_norms(sweep.deltas[:, _SUM], sweep.exponents[:, _SUM]) + before)


def weight_contributions(trace: Trace) -> dict[str, NDArray[np.float64]]:
    """``‖dW_hh,t‖_F`` (T,) of the summed loss for each layer: closed form ``‖da_t‖ ‖h_{t−1}‖``."""
    return {layer.name: layer.weight_contribution for layer in gradient_flow(trace).layers}


def _readout_gradients(trace: Trace) -> dict[str, FloatArray]:
    errors, top = logit_gradients(trace), trace.layers[-trace.network.directions :]
    outputs = np.concatenate([layer.hidden for layer in top], axis=1)
    return {READOUT_WEIGHT: errors.T @ outputs, READOUT_BIAS: errors.sum(axis=0)}


def _weight_gradients(trace: Trace, swept: SweptLayer) -> dict[str, FloatArray]:
    """``dW_hh = Σ_t da_tᵀ h_{t−1}`` and its kin for one layer, of the summed loss."""
    layer, exponents = swept.layer, swept.sweep.exponents[:, _SUM]
    top = exponents.max()
    recurrent = shift(swept.sweep.deltas[:, _SUM], exponents - top)
    entering = shift(input_deltas(trace, swept)[:, _SUM], exponents - top)
    gradients = {
        "weight_ih": _input_weight_gradient(trace, layer, entering),
        "weight_hh": recurrent.T @ layer.previous_hidden,
        "bias_ih": entering.sum(axis=0),
        "bias_hh": recurrent.sum(axis=0),
    }
    named = {key + weight_suffix(layer.name): _unscaled(array, top) for key, array in gradients.items()}
    if trace.network.spec.embedding and layer.name in ("l0", "l0r"):
        rows = entering @ trace.network.layer_weights(layer.name).ih
        named[EMBEDDING] = _unscaled(_sum_by_id(rows, trace.ids, trace.network.input_size), top)
    return named


def _input_weight_gradient(trace: Trace, layer: LayerTrace, entering: FloatArray) -> FloatArray:
    """``Σ_t da_tᵀ x_t``; where x_t is one-hot, the sum of the da of each token."""
    if trace.network.spec.embedding or layer.name not in ("l0", "l0r"):
        return entering.T @ layer.inputs
    real = trace.ids < 0
    summed = _sum_by_id(entering, trace.ids, trace.network.input_size).T
    return summed + entering[real].T @ layer.inputs[real] if real.any() else summed


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


def memory_horizon(log2_row: NDArray[np.float64], loss_step: int, threshold: float, *, reverse: bool = False) -> int:
    """How many steps back from ``loss_step`` (1-based) the gradient keeps ``threshold`` of its start.

    With the share ``s_j = norm(τ−j) / norm(τ)`` it is the largest k with ``s_j >= threshold`` for all j <= k.
    Where nothing is at τ itself (the c part), the first step before it is the start. ``reverse`` counts
    towards the end of the text, for a layer that reads it backwards.
    """
    if not 0 < threshold < 1:
        raise SpecError(f"The threshold is {threshold:g}; give a share between 0 and 1.")
    row = log2_row[loss_step - 1 :] if reverse else log2_row[loss_step - 1 :: -1]
    begin = 0 if len(row) == 0 or np.isfinite(row[0]) else 1
    if len(row) <= begin or not np.isfinite(row[begin]):
        return 0
    kept = row[begin:] >= row[begin] + np.log2(threshold) - _CONTIGUOUS_TOLERANCE
    length = len(kept) if kept.all() else int(np.argmin(kept))
    return begin + length - 1
