"""One chain taken further from the states it is in: what reading step by step needs, where a trace would begin anew."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.cells import get_cell

if TYPE_CHECKING:
    from rnnviz.engine.network import Network

    Array = np.ndarray[Any, np.dtype[Any]]
    State = dict[str, tuple[Array, Array | None]]


def advance(network: Network, inputs: Array, state: State, *, decoder: bool = False) -> Array:
    """Read ``inputs (T, D)`` from ``state`` on; the output (K,) after the last of them.

    ``y_T = W_hy h_T + b_y``. ``state`` holds h and c (H,) of each layer, c None for cells without one; a missing layer
    starts at zero. It is replaced by the states after step T. ``decoder``: with the decoder's weights.
    """
    spec, cell = network.spec, get_cell(network.spec.cell)
    below = inputs
    for name in network.layer_names:
        weights = network.layer_weights(name, decoder=decoder)
        zero = np.zeros(spec.hidden, network.dtype)
        hidden, cell_state = state.get(name, (zero, zero if cell.has_cell_state else None))
        run = cell.forward(below @ weights.ih.T, weights, hidden, cell_state, spec.activation)
        state[name] = run.hidden[-1].copy(), None if run.cell is None else run.cell[-1].copy()
        below = run.hidden
    output: Array = below[-1] @ network.weights["readout.weight"].T + network.weights["readout.bias"]
    return output
