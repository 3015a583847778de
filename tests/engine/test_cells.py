"""The cells themselves: registry, one backward step, and single-precision forward runs far from zero."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.backward import factors_of
from rnnviz.engine.cells import CELLS, get_cell
from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import CELL_NAMES
from rnnviz.engine.trace import trace
from tests.engine.oracle import make_network, make_sequence, run_oracle


def test_every_cell_of_the_spec_is_registered_under_its_name():
    assert tuple(CELLS) == CELL_NAMES
    for name, cell in CELLS.items():
        assert get_cell(name) is cell
        assert cell.name == name
        assert cell.gate_multiple == len(cell.gates)
    with pytest.raises(SpecError, match="'rnn'; choose one of elman, lstm, gru"):
        get_cell("rnn")


@pytest.mark.parametrize("name", CELL_NAMES)
def test_one_sweep_step_is_a_product_with_the_jacobian(name):
    traced, cell = trace(make_network(cell=name, hidden=5), make_sequence(6)), get_cell(name)
    weight_hh, factors = traced.network.layer_weights("l0").hh, factors_of(traced, "l0")
    generator = np.random.default_rng(0)
    dh, dc = generator.standard_normal((2, 3, 5))
    deltas, leaving = np.empty((3, cell.gate_multiple, 5)), (np.empty((3, 5)), np.empty((3, 5)))
    cell.sweep_step(factors, 4, weight_hh, (dh, dc), deltas, leaving)
    matrix = cell.jacobian(factors, 4, weight_hh)
    if cell.has_cell_state:
        np.testing.assert_allclose(np.hstack(leaving), np.hstack((dh, dc)) @ matrix, atol=1e-12)
    else:
        np.testing.assert_allclose(leaving[0], dh @ matrix, atol=1e-12)


@pytest.mark.parametrize("name", CELL_NAMES)
def test_local_deltas_are_a_sweep_step_without_arrivals(name):
    traced, cell = trace(make_network(cell=name, hidden=5), make_sequence(6)), get_cell(name)
    weight_hh, factors = traced.network.layer_weights("l0").hh, factors_of(traced, "l0")
    totals = np.random.default_rng(0).standard_normal((6, 2, 5))
    together = cell.local_deltas(factors, totals)
    for row in range(6):
        deltas = np.empty((2, cell.gate_multiple, 5))
        cell.sweep_step(
            factors,
            row,
            weight_hh,
            (totals[row], np.zeros((2, 5))),
            deltas,
            (np.empty((2, 5)),) * 2 if name == "elman" else (np.empty((2, 5)), np.empty((2, 5))),
        )
        np.testing.assert_allclose(together[row], deltas.reshape(2, -1), atol=1e-12)


@pytest.mark.parametrize("name", CELL_NAMES)
def test_saturated_gates_give_finite_numbers(name):
    network = make_network(cell=name, hidden=5, gain=300).astype(np.float32)
    encoded = make_sequence(30)
    layer = trace(network, encoded).layers[0]
    for gate, values in layer.gates.items():
        assert np.isfinite(values).all(), gate
        if gate in ("i", "f", "o", "r", "z"):
            assert values.min() >= 0
            assert values.max() <= 1
    expected = np.stack([state.detach().numpy() for state in run_oracle(network, encoded).hidden["l0"]])
    np.testing.assert_allclose(layer.hidden[:2], expected[:2], atol=1e-3)


@pytest.mark.parametrize("name", CELL_NAMES)
def test_the_matrices_of_a_block_do_what_one_sweep_step_does(name):
    traced, cell = trace(make_network(cell=name, hidden=5), make_sequence(6)), get_cell(name)
    weights, factors, row = traced.network.layer_weights("l0"), factors_of(traced, "l0"), 3
    state = np.random.default_rng(0).standard_normal((2 if cell.has_cell_state else 1, 7, 5))
    deltas, leaving = np.empty((7, cell.gate_multiple, 5)), (np.empty((7, 5)), np.empty((7, 5)))
    cell.sweep_step(factors, row, weights.hh, (state[0], state[-1].copy()), deltas, leaving)
    totals, flat = np.zeros((6, 7, 5)), np.zeros((6, 7, cell.gate_multiple * 5))
    totals[row], flat[row] = state[0], deltas.reshape(7, -1)
    entering = cell.input_deltas(factors, totals, flat)[row] @ weights.ih
    gathered = state.copy()
    cell.gather(factors, row, gathered, np.empty((7, 5)))
    np.testing.assert_allclose((gathered @ cell.step_matrices(factors, row, weights.hh)).sum(0), leaving[0], rtol=1e-11)
    np.testing.assert_allclose((gathered @ cell.input_matrices(factors, row, weights.ih)).sum(0), entering, rtol=1e-11)
    if cell.has_cell_state:
        np.testing.assert_allclose(gathered[1] * factors.carry[row], leaving[1], rtol=1e-12)
