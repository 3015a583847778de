"""Gradient flow and credit map of truncated BPTT: what still arrives where the way back is cut.

One loss: its total gradient above the cut is what it was, below it nothing arrives. The summed loss is not the old
sum with a hole: at every step only the losses that still reach it count, so their vectors are summed anew, a few
windows (see :mod:`rnnviz.engine.truncation`) at a time.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.backward import SweptLayer, factors_of, input_deltas, output_gradients, sweep_down
from rnnviz.engine.cells import get_cell
from rnnviz.engine.gradients import GradientFlow, LayerGradient, memory_horizon
from rnnviz.engine.network import EMBEDDING, weight_suffix
from rnnviz.engine.scaled import NO_EXPONENT, Scaled, join_log2, normalise, shift
from rnnviz.engine.summed import contributions, part_norms
from rnnviz.engine.sweep import LayerSweep
from rnnviz.engine.truncation import check_one_chain, reach, windows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from rnnviz.engine.cells.base import FloatArray
    from rnnviz.engine.credit import CreditMap
    from rnnviz.engine.summed import PartNorms
    from rnnviz.engine.trace import LayerTrace, Trace
    from rnnviz.engine.truncation import Truncation, Windows


def truncated_flow(flow: GradientFlow, trace: Trace, cut: Truncation) -> GradientFlow:
    """The gradient flow of ``trace`` with the way back cut: of the chosen loss, and of the sum of all.

    Factors, gains and their products belong to the chain, not to the sweep: they stay. ``gradients`` become what
    training with this cut uses (summed, not averaged over the losses).
    """
    check_one_chain(trace.network.spec, cut.length)
    pieces = windows(len(trace), cut)
    if pieces is None:
        return flow
    lowest = cut.lowest(flow.loss_step)
    swept = {each.layer.name: each for each in summed_in_windows(trace, pieces)}
    layers = tuple(_cut_layer(layer, swept[layer.name], lowest, flow) for layer in flow.layers)
    gradients = dict(flow.gradients)
    for each in swept.values():
        gradients |= _weight_gradients(trace, each)
    return replace(flow, layers=layers, horizon=layers[0].horizon, gradients=MappingProxyType(gradients))


def _cut_layer(layer: LayerGradient, swept: SweptLayer, lowest: int, flow: GradientFlow) -> LayerGradient:
    total, summed = _below_nothing(layer.log2_total, lowest), part_norms(swept)
    return replace(
        layer,
        log2_total=total,
        log2_hidden=_below_nothing(layer.log2_hidden, lowest),
        log2_cell=None if layer.log2_cell is None else _below_nothing(layer.log2_cell, lowest),
        log2_summed=_choose(flow.part, summed),
        log2_summed_hidden=summed.hidden,
        log2_summed_cell=summed.cell,
        weight_contribution=contributions(swept),
        horizon=memory_horizon(total, flow.loss_step, flow.threshold),
    )


def _below_nothing(row: NDArray[np.float64], lowest: int) -> NDArray[np.float64]:
    return np.where(np.arange(1, len(row) + 1) >= lowest, row, -np.inf)


def _choose(part: str, norms: PartNorms) -> NDArray[np.float64]:
    if norms.cell is None or part == "h":
        return norms.hidden
    return norms.cell if part == "c" else join_log2(norms.hidden, norms.cell)


def truncated_credit(credit: CreditMap, steps: int, cut: Truncation) -> CreditMap:
    """The credit map of a text of ``steps`` steps with the way back cut: row τ is empty below ``L(τ)``."""
    lowest = reach(steps, cut.every, cut.length)[credit.rows - 1]
    log2 = np.where(np.arange(1, steps + 1) >= lowest[:, None], credit.log2, -np.inf)
    return replace(credit, log2=log2)


# ---- the summed loss ---------------------------------------------------------------------------


@dataclass(eq=False)
class _Sum:
    """``Σ`` over the losses that reach each step of [dh, dc, da], as (T, N) values times ``2**exponents`` (T,)."""

    values: FloatArray
    exponents: NDArray[np.int32]

    def add(self, low: int, part: Scaled) -> None:
        """Add vectors (n, R, N) to the rows ``low..low+n−1``."""
        rows = slice(low, low + len(part.values))
        top = np.maximum(self.exponents[rows], part.exponents.max(axis=1))
        added = shift(part.values, part.exponents - top[:, None]).sum(axis=1)
        self.values[rows] = shift(self.values[rows], self.exponents[rows] - top) + added
        self.exponents[rows] = top


def summed_in_windows(trace: Trace, pieces: Windows) -> list[SweptLayer]:
    """The sweep of the summed loss, from the top layer down, each window's losses stopping at its first row."""
    size, cell = trace.network.spec.hidden, get_cell(trace.network.spec.cell)
    parts = (size, size if cell.has_cell_state else 0, size * cell.gate_multiple)
    direct = output_gradients(trace)
    sums = {
        name: _Sum(np.zeros((len(trace), sum(parts)), direct.dtype), np.full(len(trace), NO_EXPONENT, np.int32))
        for name in trace.network.layer_names
    }
    at_once = max(1, pieces.width // max(1, int(np.diff(pieces.starts).min())))
    for first in range(0, len(pieces.starts), at_once):
        chosen = np.arange(first, min(first + at_once, len(pieces.starts)))
        _add_windows(trace, direct, pieces, chosen, sums)
    return [_swept(trace, name, sums[name], parts) for name in reversed(trace.network.layer_names)]


def _add_windows(
    trace: Trace, direct: FloatArray, pieces: Windows, chosen: NDArray[np.intp], sums: Mapping[str, _Sum]
) -> None:
    """Sweep a few windows, one row of the block each, over the stretch of the text that holds them."""
    losses = np.flatnonzero(np.isin(pieces.owner, chosen))
    low, high = int(pieces.starts[chosen[0]]), int(losses[-1]) + 1
    block = np.zeros((high - low, len(chosen), direct.shape[1]), direct.dtype)
    block[losses - low, pieces.owner[losses] - chosen[0]] = direct[losses]
    outside = np.arange(low, high)[:, None] < pieces.starts[chosen]
    for swept in sweep_down(stretch(trace, low, high), normalise(block)):
        sweep = swept.sweep
        found = [sweep.hidden, sweep.deltas] if sweep.cell is None else [sweep.hidden, sweep.cell, sweep.deltas]
        whole = np.concatenate(found, axis=-1)
        whole[outside] = 0
        sums[swept.layer.name].add(low, normalise(whole, sweep.exponents))


def _swept(trace: Trace, name: str, total: _Sum, parts: tuple[int, int, int]) -> SweptLayer:
    values = total.values[:, None]
    hidden, cell, deltas = np.split(values, np.cumsum(parts)[:-1], axis=-1)
    # A step that no loss reaches holds zeros: any exponent is right.
    exponents = np.where(total.exponents == NO_EXPONENT, 0, total.exponents).astype(np.int32)[:, None]
    sweep = LayerSweep(hidden, cell if parts[1] else None, deltas, exponents)
    return SweptLayer(trace.layer(name), factors_of(trace, name), sweep)


def stretch(trace: Trace, low: int, high: int) -> Trace:
    """The rows ``low..high−1`` of a trace of one direction, as a trace that begins with the states it had there."""
    rows = slice(low, high)
    layers = tuple(_stretch_layer(layer, rows) for layer in trace.layers)
    wanted = None if trace.wanted is None else trace.wanted[rows]
    return replace(
        trace, tokens=trace.tokens[rows], ids=trace.ids[rows], inputs=trace.inputs[rows], layers=layers,
        logits=trace.logits[rows], targets=trace.targets[rows], loss=trace.loss[rows], wanted=wanted,
    )  # fmt: skip


def _stretch_layer(layer: LayerTrace, rows: slice) -> LayerTrace:
    c0 = layer.c0 if layer.cell is None else layer.previous_cell[rows.start]
    return replace(
        layer,
        inputs=layer.inputs[rows],
        hidden=layer.hidden[rows],
        cell=None if layer.cell is None else layer.cell[rows],
        gates={name: values[rows] for name, values in layer.gates.items()},
        input_part=layer.input_part[rows],
        recurrent_part=layer.recurrent_part[rows],
        h0=layer.previous_hidden[rows.start],
        c0=c0,
    )


def _weight_gradients(trace: Trace, swept: SweptLayer) -> dict[str, FloatArray]:
    """``dW_hh = Σ_t da_tᵀ h_{t−1}`` and its kin for one layer."""
    layer, exponents = swept.layer, swept.sweep.exponents[:, 0]
    top = int(exponents.max())
    both = (swept.sweep.deltas, input_deltas(trace, swept))
    recurrent, entering = (shift(deltas[:, 0], exponents - top) for deltas in both)
    found = {
        "weight_ih": entering.T @ layer.inputs,
        "weight_hh": recurrent.T @ layer.previous_hidden,
        "bias_ih": entering.sum(axis=0),
        "bias_hh": recurrent.sum(axis=0),
    }
    if trace.network.spec.embedding and layer.name == "l0":
        known, rows = trace.ids >= 0, entering @ trace.network.layer_weights("l0").ih
        found[EMBEDDING] = np.zeros_like(trace.network.weights[EMBEDDING])
        np.add.at(found[EMBEDDING], trace.ids[known], rows[known])
    with np.errstate(over="ignore"):  # what is too large for the type becomes infinite, as it would in training
        found = {key: np.ldexp(array, top) for key, array in found.items()}
    suffix = weight_suffix(layer.name)
    return {key if key == EMBEDDING else key + suffix: array for key, array in found.items()}
