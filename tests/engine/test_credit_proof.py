"""The proof of the credit map: float64 against autograd, float32 against float64 at any gain and length."""

from __future__ import annotations

from dataclasses import fields, replace
from itertools import product

import numpy as np
import pytest
import torch

from rnnviz.engine.credit import coarse_rows, credit_map
from rnnviz.engine.gradients import gradient_flow
from rnnviz.engine.network import Network
from rnnviz.engine.trace import Trace, trace, trace_arrays
from tests.engine.oracle import Oracle, make_network, make_sequence, run_oracle

CELLS = [
    *({"cell": "elman", "activation": activation} for activation in ("tanh", "relu", "sigmoid", "identity")),
    {"cell": "lstm"},
    {"cell": "gru"},
]
SHAPES = [{"layers": layers, "bidirectional": both} for layers, both in product((1, 2, 3), (False, True))]
SHAPES += [{"layers": layers, "decoder": True} for layers in (1, 2, 3)]
LENGTHS = {0.2: 5000, 0.5: 1500, 1.0: 5000, 1.5: 1500, 2.5: 1500, 3.0: 5000}
"""Recurrent gains and the T each is tried at."""
STEPS, HIDDEN = 9, 4


def squares_of_all_rows(oracle: Oracle) -> dict[tuple[str, str], np.ndarray]:
    """``‖dC_τ/ds_t‖²`` (T, T) by layer and part (h or c): one autograd pass for each loss τ."""
    names = [(name, part) for part, states in (("h", oracle.hidden), ("c", oracle.cell)) for name in states]
    states = [state for name, part in names for state in (oracle.hidden if part == "h" else oracle.cell)[name]]
    rows = []
    for loss in oracle.losses:
        found: tuple[torch.Tensor | None, ...] = (None,) * len(states)
        if loss.requires_grad:
            found = torch.autograd.grad(loss, states, retain_graph=True, allow_unused=True)
        rows.append([0.0 if gradient is None else float(gradient @ gradient) for gradient in found])
    table = np.array(rows).reshape(len(rows), len(names), -1)
    return {name: table[:, column] for column, name in enumerate(names)}


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: "-".join(map(str, shape.items())))
@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "-".join(cell.values()))
@pytest.mark.parametrize("every", [1, 4])
def test_every_cell_of_the_map_is_one_autograd_pass_of_its_row(cell, shape, every):
    network = make_network(hidden=HIDDEN, gain=1.5, **cell, **shape)
    encoded = make_sequence(STEPS, every=every, switch=4 if network.spec.decoder else 0)
    traced, squares = trace(network, encoded), squares_of_all_rows(run_oracle(network, encoded))
    for name in network.layer_names:
        parts = {"h": squares[name, "h"], "joint": squares[name, "h"] + squares.get((name, "c"), 0)}
        if cell["cell"] == "lstm":
            parts["c"] = squares[name, "c"]
        for part, expected in parts.items():
            found = credit_map(traced, name, part)
            assert found.rows.tolist() == list(range(1, STEPS + 1))
            np.testing.assert_allclose(np.exp2(found.log2), np.sqrt(expected), rtol=1e-9, atol=0)


def scaled_network(cell: str, gain: float, size: int, **spec: object) -> Network:
    """Every recurrent block is ``gain`` times an orthogonal matrix."""
    network = make_network(cell=cell, hidden=size, **spec)
    blocks = network.weights["weight_hh_l0"].shape[0] // size
    normal = np.random.default_rng(0).standard_normal((blocks, size, size))
    recurrent = gain * np.linalg.qr(normal)[0].reshape(blocks * size, size)
    return Network(network.spec, 5, 5, dict(network.weights) | {"weight_hh_l0": recurrent})


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize(("gain", "steps"), LENGTHS.items())
def test_float32_keeps_every_norm_within_a_thousandth_in_log2(cell, gain, steps):
    """No underflow, no overflow; the reference is the same trace, value for value, swept in float64."""
    single = trace(scaled_network(cell, gain, 5).astype(np.float32), make_sequence(steps))
    double, rows = in_float64(single), [*coarse_rows(steps, 6), 40]
    found, expected = credit_map(single, rows=rows), credit_map(double, rows=rows)
    reached = np.arange(1, steps + 1) <= found.rows[:, None]
    assert np.isfinite(found.log2[reached]).all()
    assert np.all(found.log2[~reached] == -np.inf)
    np.testing.assert_allclose(found.log2[reached], expected.log2[reached], rtol=0, atol=1e-3)
    one, same = gradient_flow(single).layers[0], gradient_flow(double).layers[0]
    np.testing.assert_allclose(one.log2_total, same.log2_total, rtol=0, atol=1e-3)
    np.testing.assert_allclose(one.log2_summed, same.log2_summed, rtol=0, atol=1e-3)


@pytest.mark.parametrize("gain", LENGTHS)
def test_a_linear_cell_in_float32_keeps_its_closed_form_over_5000_steps(gain):
    """0.2^5000 is 2^-11610 and 3^5000 is 2^7925: far outside float64."""
    network = scaled_network("elman", gain, 6, activation="identity").astype(np.float32)
    zeros = {name: np.zeros_like(array) for name, array in network.weights.items() if name.startswith("bias")}
    network = Network(network.spec, 5, 5, dict(network.weights) | zeros)
    log2 = credit_map(trace_arrays(network, np.zeros((5000, 5)), np.zeros(5000, np.int64)), rows=[5000]).log2[0]
    back = np.arange(4999, -1, -1)
    np.testing.assert_allclose(log2 - log2[-1], back * np.log2(gain), rtol=0, atol=1e-3)


def in_float64(traced: Trace) -> Trace:
    """The same trace, value for value, in float64: only the arithmetic of the sweep differs."""
    layers = []
    for layer in traced.layers:
        values = {f.name: getattr(layer, f.name) for f in fields(layer)}
        wide = {key: v.astype(np.float64) if isinstance(v, np.ndarray) else v for key, v in values.items()}
        wide["gates"] = {gate: v.astype(np.float64) for gate, v in layer.gates.items()}
        layers.append(replace(layer, **wide))
    return replace(
        traced,
        network=traced.network.astype(np.float64),
        inputs=traced.inputs.astype(np.float64),
        layers=tuple(layers),
        logits=traced.logits.astype(np.float64),
        loss=traced.loss.astype(np.float64),
    )
