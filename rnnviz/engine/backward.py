"""From the losses down through all layers: what the sweeps of a whole network have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np

from rnnviz.engine.cells import get_cell
from rnnviz.engine.errors import SpecError
from rnnviz.engine.scaled import Scaled, add_scaled, normalise
from rnnviz.engine.segments import local_factors, recurrent_spans, through_inputs
from rnnviz.engine.sequence import NO_TARGET
from rnnviz.engine.sweep import sweep_layer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rnnviz.engine.cells.base import Factors, FloatArray
    from rnnviz.engine.sweep import LayerSweep
    from rnnviz.engine.trace import LayerTrace, Trace


class SweptLayer(NamedTuple):
    """One layer of a trace with its factors (processing order) and its sweep (order of the text)."""

    layer: LayerTrace
    factors: Factors
    sweep: LayerSweep


@np.errstate(over="ignore", invalid="ignore")
def logit_gradients(trace: Trace) -> FloatArray:
    """``dC_t/dlogits_t = softmax(logits_t) − onehot(target_t)`` (T, V), zero where there is no target.

    The target's own entry is minus the sum of the others, which stays exact where the softmax is nearly 1.
    For real outputs it is ``2 (y_t − wanted_t) / K``, the gradient of the mean squared error.
    """
    if trace.wanted is not None:
        errors = np.zeros_like(trace.logits)
        there = np.flatnonzero(trace.targets != NO_TARGET)
        errors[there] = (trace.logits[there] - trace.wanted[there]) * (2 / trace.logits.shape[1])
        return errors
    rows = np.flatnonzero(trace.targets != NO_TARGET)
    gradients = np.zeros_like(trace.logits)
    chosen = trace.probabilities[rows]
    columns = np.arange(len(rows)), trace.targets[rows]
    chosen[columns] = 0
    chosen[columns] = -chosen.sum(axis=1)
    gradients[rows] = chosen
    return gradients


@np.errstate(over="ignore", invalid="ignore")
def output_gradients(trace: Trace) -> FloatArray:
    """``e_t = dC_t/dh_t`` through the read-out at t alone (T, H·directions): the direct part."""
    return logit_gradients(trace) @ trace.network.weights["readout.weight"]


_FACTORS: WeakKeyDictionary[LayerTrace, Factors] = WeakKeyDictionary()


@np.errstate(over="ignore", invalid="ignore")
def factors_of(trace: Trace, name: str) -> Factors:
    """The local derivatives of one traced layer, in processing order; kept as long as the trace lives."""
    spec, layer = trace.network.spec, trace.layer(name)
    found = _FACTORS.get(layer)
    if found is None:
        found = _FACTORS[layer] = local_factors(trace, layer, get_cell(spec.cell))
    return found


def sweep_down(trace: Trace, direct: Scaled, lowest: int = 0) -> Iterator[SweptLayer]:
    """Sweep R losses through the network from the top layer to the depth ``lowest``.

    ``direct`` (T, R, H·directions) is what the losses give to the top layer at each step. A lower layer's
    total gradient holds all that comes down from above at every step, so the layers are swept one after
    the other; both directions of a layer count.
    """
    network = trace.network
    for depth in range(network.spec.layers - 1, lowest - 1, -1):
        below: list[Scaled] = []
        for position in range(network.directions):
            name = network.layer_names[depth * network.directions + position]
            size = network.spec.hidden
            swept = _sweep_one(trace, name, direct.part(slice(position * size, (position + 1) * size)))
            yield swept
            if depth > lowest:
                below.append(normalise(input_gradients(trace, swept), swept.sweep.exponents))
        if depth > lowest:
            direct = add_scaled(below)


def _sweep_one(trace: Trace, name: str, direct: Scaled) -> SweptLayer:
    layer, factors = trace.layer(name), factors_of(trace, name)
    cell, spans = get_cell(trace.network.spec.cell), recurrent_spans(trace, name)
    if layer.reverse:
        return SweptLayer(layer, factors, sweep_layer(cell, factors, spans, direct.flipped()).flipped())
    return SweptLayer(layer, factors, sweep_layer(cell, factors, spans, direct))


def input_deltas(trace: Trace, swept: SweptLayer) -> FloatArray:
    """``dC/da_t`` on the input side (T, R, kH), in the order of the text, with the sweep's exponents."""
    layer, sweep, cell = swept.layer, swept.sweep, get_cell(trace.network.spec.cell)
    if cell.same_deltas:
        return sweep.deltas
    hidden, deltas = layer.in_order(sweep.hidden), layer.in_order(sweep.deltas)
    return layer.in_order(cell.input_deltas(swept.factors, hidden, deltas))


@np.errstate(over="ignore", invalid="ignore")
def input_gradients(trace: Trace, swept: SweptLayer) -> FloatArray:
    """``dC/dx_t`` of a layer's inputs (T, R, D), with the sweep's exponents."""
    return through_inputs(trace, swept.layer.name, input_deltas(trace, swept))


def own_gradients(trace: Trace, direct: FloatArray) -> dict[str, FloatArray]:
    """``dC_t/dh_t`` of every step's own loss through step t alone, for each layer (T, H).

    In the top layer this is ``direct``, the read-out's part; below it, what comes straight down at the same step.
    """
    network, cell = trace.network, get_cell(trace.network.spec.cell)
    size, directions = network.spec.hidden, network.directions
    own: dict[str, FloatArray] = {}
    for depth in range(network.spec.layers - 1, -1, -1):
        names = network.layer_names[depth * directions : (depth + 1) * directions]
        below = np.zeros((len(direct), trace.layer(names[0]).inputs.shape[1]), direct.dtype)
        for position, name in enumerate(names):
            own[name] = direct[:, position * size : (position + 1) * size]
            if depth:
                layer, factors = trace.layer(name), factors_of(trace, name)
                arriving = layer.in_order(own[name])[:, None]
                deltas = cell.input_deltas(factors, arriving, cell.local_deltas(factors, arriving))
                below += through_inputs(trace, name, layer.in_order(deltas[:, 0]))
        direct = below
    return own


def check_part(trace: Trace, part: str) -> None:
    """Raise SpecError unless ``part`` (joint, h or c) is one that the cell has."""
    allowed = ("joint", "h", "c") if get_cell(trace.network.spec.cell).has_cell_state else ("joint", "h")
    if part not in allowed:
        raise SpecError(f"The part is {part!r}; choose one of {', '.join(allowed)}.")
