"""Which weights each time step of a layer uses.

A recurrent network uses the same weights at every step: one segment. An encoder-decoder is one chain with two: the
first ``trace.switch`` steps use the encoder's weights, the others the decoder's, and the state goes from one to the
other (Sutskever, Vinyals & Le 2014). Everything that multiplies by a weight asks here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from rnnviz.engine.network import weight_suffix

if TYPE_CHECKING:
    from rnnviz.engine.cells.base import Cell, Factors, FloatArray
    from rnnviz.engine.network import LayerWeights, Network
    from rnnviz.engine.trace import LayerTrace, Trace


class Segment(NamedTuple):
    """Steps of one layer that share their weights: rows ``span``, the ``suffix`` of the weights' names."""

    span: slice
    weights: LayerWeights
    suffix: str


Spans = tuple[tuple[slice, "FloatArray"], ...]
"""The recurrent weights (kH, H) of consecutive rows."""


def segments(network: Network, name: str, steps: int, switch: int) -> tuple[Segment, ...]:
    """The segments of a layer over ``steps`` steps, none of them empty unless there are no steps at all."""
    ends = ((0, switch, False), (switch, steps, True)) if network.spec.decoder else ((0, steps, False),)
    found = [end for end in ends if end[1] > end[0]] or [(0, steps, False)]
    return tuple(
        Segment(
            slice(first, last),
            network.layer_weights(name, decoder=decoder),
            weight_suffix(name, decoder=decoder),
        )
        for first, last, decoder in found
    )


def segments_of(trace: Trace, name: str) -> tuple[Segment, ...]:
    """The segments of a traced layer."""
    return segments(trace.network, name, len(trace), trace.switch)


def weights_at(trace: Trace, name: str, row: int) -> LayerWeights:
    """The weights that a layer uses in one row."""
    found = segments_of(trace, name)
    return found[0].weights if row < found[-1].span.start else found[-1].weights


def recurrent_spans(trace: Trace, name: str, rows: slice | None = None) -> Spans:
    """``W_hh`` of the rows (default: all) in processing order; the spans count from the first of them.

    A layer that reads from the end has one segment, so its two orders agree.
    """
    first, last = (0, len(trace)) if rows is None else (rows.start, rows.stop)
    found = [
        (slice(max(each.span.start, first) - first, min(each.span.stop, last) - first), each.weights.hh)
        for each in segments_of(trace, name)
        if each.span.start < last and each.span.stop > first
    ]
    return tuple(found) or ((slice(0, 0), segments_of(trace, name)[0].weights.hh),)


def jacobian_norms(cell: Cell, factors: Factors, spans: Spans) -> FloatArray:
    """``‖∂s_t/∂s_{t−1}‖_F`` (T,) of all rows of ``factors``."""
    if len(spans) == 1:
        return cell.jacobian_norms(factors, spans[0][1])
    return np.concatenate([cell.jacobian_norms(factors.part(rows), weight_hh) for rows, weight_hh in spans])


def through_inputs(trace: Trace, name: str, deltas: FloatArray) -> FloatArray:
    """``da_t W_ih`` (T, ..., D) of ``deltas`` (T, ..., kH) in the order of the text."""
    parts = [deltas[each.span] @ each.weights.ih for each in segments_of(trace, name)]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def through_states(deltas: FloatArray, spans: Spans) -> FloatArray:
    """``da_t W_hh`` (T, ..., H) of ``deltas`` (T, ..., kH) in processing order."""
    parts = [deltas[rows] @ weight_hh for rows, weight_hh in spans]
    return parts[0] if len(parts) == 1 else np.concatenate(parts)


def local_factors(trace: Trace, layer: LayerTrace, cell: Cell) -> Factors:
    """The local derivatives of every step of a layer, in processing order."""
    activation = trace.network.spec.activation
    found = segments_of(trace, layer.name)
    if len(found) == 1:
        return cell.factors(layer, found[0].weights, activation)
    parts = [cell.factors(layer.part(each.span), each.weights, activation) for each in found]
    return parts[0].followed_by(*parts[1:])
