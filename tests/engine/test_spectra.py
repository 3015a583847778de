"""Spectra against autograd Jacobians, numpy's SVD and closed forms."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnviz.engine.errors import SpecError
from rnnviz.engine.gradients import gradient_flow
from rnnviz.engine.network import Network
from rnnviz.engine.spectra import (
    jacobian,
    largest_singular,
    lyapunov_exponents,
    recurrent_radii,
    singular_values,
    spectral_norms,
    spectral_radius,
)
from rnnviz.engine.trace import trace
from tests.engine.oracle import _step, make_network, make_sequence

CELLS = [{"cell": "elman"}, {"cell": "elman", "activation": "sigmoid"}, {"cell": "lstm"}, {"cell": "gru"}]
UNBOUNDED = [{"cell": "elman", "activation": "relu"}, {"cell": "elman", "activation": "identity"}]


def autograd_jacobian(traced, name: str, time_step: int) -> np.ndarray:
    """∂(h_t, c_t)/∂(h_{t−1}, c_{t−1}) of the explicit cell at the traced state."""
    network, layer, row = traced.network, traced.layer(name), time_step - 1
    own = network.layer_weights(name, decoder=network.spec.decoder and row >= traced.switch)
    weights = [torch.tensor(array) for array in own]
    x = torch.tensor(layer.inputs[row])
    size = network.spec.hidden
    state = torch.tensor(layer.previous_hidden[row])
    if layer.cell is not None:
        state = torch.cat((state, torch.tensor(layer.previous_cell[row])))

    def step(joint: torch.Tensor) -> torch.Tensor:
        parts = (weights[0] @ x + weights[2], weights[1] @ joint[:size], weights[3])
        h, c = _step(network.spec, parts, joint[:size], joint[size:])
        return torch.cat((h, c)) if layer.cell is not None else h

    return torch.autograd.functional.jacobian(step, state).numpy()


@pytest.mark.parametrize("spec", [*CELLS, *UNBOUNDED], ids=str)
@pytest.mark.parametrize("kind", [{}, {"bidirectional": True}, {"decoder": True}], ids=str)
@pytest.mark.parametrize("layers", [1, 2])
def test_jacobians_and_their_norms_match_autograd(spec, kind, layers):
    network = make_network(hidden=5, gain=1.5, layers=layers, **kind, **spec)
    traced = trace(network, make_sequence(9, switch=4 if network.spec.decoder else 0))
    flow = gradient_flow(traced)
    for name in traced.network.layer_names:
        for time_step in (1, 4, 9):
            expected = autograd_jacobian(traced, name, time_step)
            np.testing.assert_allclose(jacobian(traced, name, time_step), expected, rtol=1e-9, atol=1e-15)
            norm = flow.layer(name).jacobian_norm[time_step - 1]
            assert norm == pytest.approx(np.linalg.norm(expected), rel=1e-10)
            values = np.linalg.svd(expected, compute_uv=False)
            np.testing.assert_allclose(singular_values(traced, name, time_step), values, atol=1e-12)


@pytest.mark.parametrize("spec", CELLS, ids=str)
def test_the_gradient_is_the_product_of_the_joint_jacobians(spec):
    traced = trace(make_network(hidden=4, **spec), make_sequence(10))
    layer = gradient_flow(traced, 10).layers[0]
    direct = np.zeros(8 if spec["cell"] == "lstm" else 4)
    direct[:4] = (traced.probabilities[9] - np.eye(5)[traced.targets[9]]) @ traced.network.weights["readout.weight"]
    for time_step in range(10, 0, -1):
        assert np.exp2(layer.log2_total[time_step - 1]) == pytest.approx(np.linalg.norm(direct), rel=1e-9)
        direct = direct @ jacobian(traced, "l0", time_step)


@pytest.mark.parametrize("spec", CELLS, ids=str)
def test_largest_singular_value_of_every_step_matches_svd(spec):
    traced = trace(make_network(hidden=12, bidirectional=True, **spec), make_sequence(20))
    for name in ("l0", "l0r"):
        expected = [singular_values(traced, name, step)[0] for step in range(1, 21)]
        np.testing.assert_allclose(largest_singular(traced, name), expected, rtol=1e-6)


def test_spectral_norms_hold_where_power_iteration_fails():
    """The largest values lie within a thousandth of one another; one matrix is zero, one has rank one."""
    generator = np.random.default_rng(0)
    left, right = (np.linalg.qr(generator.standard_normal((40, 40)))[0] for _ in range(2))
    close = left @ np.diag(np.r_[1.001, np.full(39, 1.0) - np.arange(39) * 1e-4]) @ right
    rank_one = 3 * np.outer(left[0], right[0])
    found = spectral_norms(np.stack([close, np.zeros((40, 40)), rank_one, generator.standard_normal((40, 40)) * 0 + 1]))
    np.testing.assert_allclose(found, [1.001, 0, 3, 40], rtol=1e-4, atol=1e-12)


def test_the_recurrent_radii_are_those_of_the_gates():
    network = make_network(cell="gru", hidden=3)
    blocks = np.split(network.weights["weight_hh_l0"], 3)
    expected = {gate: np.abs(np.linalg.eigvals(block)).max() for gate, block in zip("rzn", blocks, strict=True)}
    assert recurrent_radii(network) == pytest.approx(expected)
    assert list(recurrent_radii(make_network(hidden=3))) == ["h"]


def test_spectral_radius_of_known_matrices():
    assert spectral_radius(np.array([[0.0, -2.0], [2.0, 0.0]])) == pytest.approx(2)
    with pytest.raises(SpecError, match=r"\(2, 3\)"):
        spectral_radius(np.zeros((2, 3)))


def test_lyapunov_exponents_of_a_linear_map_are_the_logs_of_its_eigenvalues():
    network = make_network(hidden=3, activation="identity")
    eigenvalues = np.array([1.2, 0.7, 0.3])
    basis = np.random.default_rng(0).standard_normal((3, 3))
    recurrent = basis @ np.diag(eigenvalues) @ np.linalg.inv(basis)
    traced = trace(Network(network.spec, 5, 5, dict(network.weights) | {"weight_hh_l0": recurrent}), make_sequence(400))
    np.testing.assert_allclose(lyapunov_exponents(traced), np.log(eigenvalues), atol=0.02)
    np.testing.assert_allclose(lyapunov_exponents(traced, count=1), np.log(1.2), atol=0.02)


def test_the_sum_of_all_exponents_is_the_mean_log_determinant():
    traced = trace(make_network(cell="gru", hidden=4), make_sequence(50))
    logs = [np.linalg.slogdet(jacobian(traced, "l0", step))[1] for step in range(1, 51)]
    assert lyapunov_exponents(traced).sum() == pytest.approx(np.mean(logs), rel=1e-9)


def test_what_cannot_be_asked_is_refused_in_one_sentence():
    traced = trace(make_network(hidden=3), make_sequence(4))
    with pytest.raises(SpecError, match="give 1 to 3"):
        lyapunov_exponents(traced, count=4)
    with pytest.raises(SpecError, match="from 1 to 4"):
        singular_values(traced, "l0", 0)
    with pytest.raises(SpecError, match="empty"):
        lyapunov_exponents(trace(make_network(hidden=3), make_sequence(0)))
    assert largest_singular(trace(make_network(hidden=3), make_sequence(0))).shape == (0,)
