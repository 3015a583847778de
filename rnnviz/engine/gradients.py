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
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.backward import check_part, output_gradients, sweep_down
from rnnviz.engine.errors import SpecError
from rnnviz.engine.scaled import join_log2, normalise
from rnnviz.engine.summed import part_norms, summed_loss

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from rnnviz.engine.cells.base import FloatArray
    from rnnviz.engine.summed import PartNorms, Stretch, SummedLayer
    from rnnviz.engine.trace import LayerTrace, Trace

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
        weight_contribution: ``‖dW_hh,t‖_F`` of the summed loss, the share of step t in the BPTT sum; not a log2.
        horizon: the memory horizon of ``log2_total`` in steps.
        loss_step: k, 1-based.
        stretch: the factors' norms, see the properties; computed when they are first asked for.
    """

    name: str
    log2_total: NDArray[np.float64]
    log2_hidden: NDArray[np.float64]
    log2_cell: NDArray[np.float64] | None
    log2_direct: NDArray[np.float64]
    log2_summed: NDArray[np.float64]
    log2_summed_hidden: NDArray[np.float64]
    log2_summed_cell: NDArray[np.float64] | None
    weight_contribution: NDArray[np.float64]
    horizon: int
    loss_step: int
    stretch: Stretch

    @property
    def jacobian_norm(self) -> FloatArray:
        """``‖∂s_t/∂s_{t−1}‖_F`` (T,), s = h or, for the LSTM, (h, c); not a log2."""
        return self.stretch.jacobian_norm

    @property
    def log2_gain(self) -> NDArray[np.float64]:
        """``‖∂s_t/∂s_{t−1}‖_F / √n`` (T,) with n = H or, for (h, c), 2H.

        The root mean square of the factor's singular values, the mean stretch of one step (exactly ρ for ρ times
        an orthogonal matrix).
        """
        return self.stretch.log2_gain

    @cached_property
    def log2_product(self) -> NDArray[np.float64]:
        """The product of the gains (T,) from the loss step back to t: 0 at the loss step, −inf beyond it.

        An expectation for a gradient in no special direction, not a bound.
        """
        return _running_product(self.stretch.layer, self.log2_gain, self.loss_step)


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


@np.errstate(over="ignore", invalid="ignore")
def gradient_flow(
    trace: Trace, loss_step: int | None = None, part: str = "joint", threshold: float = 0.01
) -> GradientFlow:
    """Sweep the loss of ``loss_step`` (default: the last step that has one) and the summed loss to step 1.

    Reverse sweep (Werbos 1990, BPTT) with all norms kept as log2. Raises SpecError where the sequence has no
    loss, or ``loss_step`` has none. Where a number on the way is not finite the gradient is NaN from there
    back, never −inf, which says that nothing arrives. In a network of several layers a lower layer's gradient
    holds all that comes down from above at every step.
    """
    check_part(trace, part)
    chosen = _checked_loss_step(trace, loss_step)
    direct = output_gradients(trace)
    summed = summed_loss(trace, direct)
    norms = {name: layer.norms for name, layer in summed.layers.items()}
    if len(trace.loss_steps) > 1:
        norms = _one_loss(trace, direct, chosen)
    layers = tuple(
        _layer_gradient(trace.layer(name), (norms[name], summed.layers[name]), chosen, part, threshold)
        for name in trace.network.layer_names
    )
    return GradientFlow(chosen, part, threshold, layers, layers[0].horizon, summed.gradients)


def _one_loss(trace: Trace, direct: FloatArray, loss_step: int) -> dict[str, PartNorms]:
    """The sweep of the chosen loss alone."""
    block = np.zeros((len(direct), 1, direct.shape[1]), direct.dtype)
    block[loss_step - 1, 0] = direct[loss_step - 1]
    return {swept.layer.name: part_norms(swept) for swept in sweep_down(trace, normalise(block))}


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
    layer: LayerTrace, found: tuple[PartNorms, SummedLayer], loss_step: int, part: str, threshold: float
) -> LayerGradient:
    one, rest = found
    total = _choose(part, one)
    return LayerGradient(
        name=layer.name,
        log2_total=total,
        log2_hidden=one.hidden,
        log2_cell=one.cell,
        log2_direct=rest.log2_direct,
        log2_summed=_choose(part, rest.norms),
        log2_summed_hidden=rest.norms.hidden,
        log2_summed_cell=rest.norms.cell,
        weight_contribution=rest.weight_contribution,
        horizon=memory_horizon(total, loss_step, threshold, reverse=layer.reverse),
        loss_step=loss_step,
        stretch=rest.stretch,
    )


def _choose(part: str, norms: PartNorms) -> NDArray[np.float64]:
    if norms.cell is None or part == "h":
        return norms.hidden
    return norms.cell if part == "c" else join_log2(norms.hidden, norms.cell)


def _running_product(layer: LayerTrace, log2_gain: NDArray[np.float64], loss_step: int) -> NDArray[np.float64]:
    """``log2 Π_{s=t+1..k} gain_s``: 0 at the loss step k, −inf at the steps the loss does not reach."""
    logs = layer.in_order(log2_gain)
    last = len(logs) - loss_step if layer.reverse else loss_step - 1
    product = np.full(len(logs), -np.inf)
    product[last] = 0
    product[:last] = np.cumsum(logs[last:0:-1])[::-1]
    return product[::-1] if layer.reverse else product


def weight_contributions(trace: Trace) -> dict[str, NDArray[np.float64]]:
    """``‖dW_hh,t‖_F`` (T,) of the summed loss for each layer: closed form ``‖da_t‖ ‖h_{t−1}‖``."""
    return {layer.name: layer.weight_contribution for layer in gradient_flow(trace).layers}


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
