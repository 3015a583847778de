"""Gradients against float64 autograd on an explicit loop, finite differences and closed forms."""

from __future__ import annotations

import weakref

import numpy as np
import pytest
import torch

from rnnviz.engine.backward import output_gradients, sweep_down
from rnnviz.engine.errors import SpecError
from rnnviz.engine.gradients import gradient_flow, memory_horizon, weight_contributions
from rnnviz.engine.network import Network
from rnnviz.engine.scaled import normalise
from rnnviz.engine.spectra import singular_values
from rnnviz.engine.trace import trace, trace_arrays
from tests.engine.oracle import make_network, make_sequence, run_oracle

ARCHITECTURES = [
    {"cell": "elman"},
    {"cell": "elman", "activation": "relu"},
    {"cell": "elman", "activation": "sigmoid", "layers": 2},
    {"cell": "elman", "activation": "identity"},
    {"cell": "lstm"},
    {"cell": "gru"},
    {"cell": "lstm", "layers": 3},
    {"cell": "gru", "layers": 2, "embedding": 3},
    {"cell": "elman", "bidirectional": True, "embedding": 4},
    {"cell": "lstm", "bidirectional": True, "layers": 2},
    {"cell": "gru", "bidirectional": True, "layers": 2},
    {"cell": "elman", "decoder": True, "activation": "relu"},
    {"cell": "lstm", "decoder": True, "layers": 2, "embedding": 3},
    {"cell": "gru", "decoder": True, "layers": 3},
]


def name_of(spec: dict[str, object]) -> str:
    return "-".join(f"{key}={value}" for key, value in spec.items())


@pytest.fixture(params=ARCHITECTURES, ids=name_of)
def pair(request: pytest.FixtureRequest):
    network = make_network(hidden=6, gain=1.5, **request.param)
    encoded = make_sequence(19, every=2, switch=7 if network.spec.decoder else 0)
    return trace(network, encoded), run_oracle(network, encoded)


def relative(found: np.ndarray, expected: np.ndarray) -> float:
    scale = np.abs(expected).max()
    return float(np.abs(found - expected).max() / scale) if scale else float(np.abs(found).max())


def test_norms_of_one_loss_match_autograd(pair):
    traced, oracle = pair
    for loss_step in (19, 11):
        flow = gradient_flow(traced, loss_step)
        for layer in flow.layers:
            for log2, part in (
                (layer.log2_total, "joint"),
                (layer.log2_hidden, "h"),
                (layer.log2_cell, "c"),
            ):
                if log2 is not None:
                    expected = oracle.norms(oracle.losses[loss_step - 1], layer.name, part)
                    np.testing.assert_allclose(np.exp2(log2), expected, rtol=1e-9, atol=0)


def test_norms_of_the_summed_loss_match_autograd(pair):
    traced, oracle = pair
    total = sum(oracle.losses)
    for layer in gradient_flow(traced).layers:
        np.testing.assert_allclose(np.exp2(layer.log2_summed), oracle.norms(total, layer.name), rtol=1e-9)
        np.testing.assert_allclose(np.exp2(layer.log2_summed_hidden), oracle.norms(total, layer.name, "h"), rtol=1e-9)


def test_weight_gradients_match_autograd(pair):
    traced, oracle = pair
    sum(oracle.losses).backward(retain_graph=True)
    gradients = gradient_flow(traced).gradients
    assert set(gradients) == set(oracle.weights)
    for name, weight in oracle.weights.items():
        assert relative(gradients[name], weight.grad.numpy()) < 1e-12, name


def test_per_step_weight_contributions_match_the_unrolled_copies(pair):
    traced, oracle = pair
    total = sum(oracle.losses)
    for name, contribution in weight_contributions(traced).items():
        copies = torch.autograd.grad(total, oracle.used_weights[name], retain_graph=True)
        expected = [float(copy.norm()) for copy in copies]
        np.testing.assert_allclose(contribution, expected, rtol=1e-9, atol=1e-15)


def test_direct_part_of_the_top_layer_is_the_read_outs(pair):
    traced, oracle = pair
    top = gradient_flow(traced).layers[-1]
    states = oracle.hidden[top.name]
    for row in range(len(traced)):
        if traced.targets[row] < 0:
            assert top.log2_direct[row] == -np.inf
            continue
        expected = torch.autograd.grad(oracle.losses[row], states[row], retain_graph=True)[0].norm()
        assert np.exp2(top.log2_direct[row]) == pytest.approx(float(expected), rel=1e-9)


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_direct_part_of_a_lower_layer_is_the_diagonal_of_its_credit(cell):
    network, encoded = make_network(cell=cell, hidden=5, layers=3), make_sequence(9)
    oracle = run_oracle(network, encoded)
    for layer in gradient_flow(trace(network, encoded)).layers:
        expected = [oracle.norms(loss, layer.name, "h")[row] for row, loss in enumerate(oracle.losses)]
        np.testing.assert_allclose(np.exp2(layer.log2_direct), expected, rtol=1e-9)


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_weight_gradients_match_finite_differences(cell):
    network, encoded = make_network(cell=cell, hidden=3, layers=2, bidirectional=True), make_sequence(7)
    gradients = gradient_flow(trace(network, encoded)).gradients
    generator = np.random.default_rng(3)
    for name, array in network.weights.items():
        direction = generator.standard_normal(array.shape)
        step = 1e-6

        def loss(sign: int, name: str = name, direction: np.ndarray = direction, step: float = step) -> float:
            moved = dict(network.weights) | {name: network.weights[name] + sign * step * direction}
            return float(np.nansum(trace(Network(network.spec, 5, 5, moved), encoded).loss))

        slope = (loss(1) - loss(-1)) / (2 * step)
        assert np.sum(gradients[name] * direction) == pytest.approx(slope, rel=1e-6, abs=1e-8)


def test_real_inputs_have_weight_gradients_too():
    network = make_network(cell="gru", hidden=4)
    inputs = np.random.default_rng(0).standard_normal((6, 5))
    targets = np.array([0, -1, 2, -1, -1, 4])
    gradient = gradient_flow(trace_arrays(network, inputs, targets)).gradients["weight_ih_l0"]
    direction = np.random.default_rng(1).standard_normal(gradient.shape)

    def loss(step: float) -> float:
        moved = dict(network.weights) | {"weight_ih_l0": network.weights["weight_ih_l0"] + step * direction}
        return float(np.nansum(trace_arrays(Network(network.spec, 5, 5, moved), inputs, targets).loss))

    assert np.sum(gradient * direction) == pytest.approx((loss(1e-6) - loss(-1e-6)) / 2e-6, rel=1e-6)


def linear_network(recurrent: np.ndarray, *, cell: str = "elman", activation: str = "identity") -> Network:
    """A network with these recurrent weights; the read-out and the input weights are random, the biases zero."""
    size = recurrent.shape[1]
    network = make_network(cell=cell, hidden=size, activation=activation)
    weights = dict(network.weights) | {"weight_hh_l0": recurrent}
    for name in ("bias_ih_l0", "bias_hh_l0"):
        weights[name] = np.zeros_like(weights[name])
    return Network(network.spec, 5, 5, weights)


def orthogonal(size: int, seed: int = 0) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size)))[0]


@pytest.mark.fault(6)
@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("gain", [0.2, 0.5, 1.0, 2.5, 3.0])
def test_float32_follows_float64_far_outside_its_range(cell, gain):
    """The sweep must neither underflow nor overflow; the norms follow a float64 run of the same trace."""
    blocks = {"elman": 1, "lstm": 4, "gru": 3}[cell]
    recurrent = np.concatenate([gain * orthogonal(6, seed) for seed in range(blocks)])
    activation = "identity" if gain <= 1 else "tanh"
    network = linear_network(recurrent, cell=cell, activation=activation).astype(np.float32)
    flow = gradient_flow(trace(network, make_sequence(2000))).layers[0]
    assert np.isfinite(flow.log2_total).all()
    assert np.isfinite(flow.log2_summed).all()
    if cell == "elman" and gain <= 1:
        change = flow.log2_total[0] - flow.log2_total[-1]
        assert change == pytest.approx(1999 * np.log2(gain), rel=1e-5, abs=1e-2)


@pytest.mark.fault(6)
def test_an_exploding_linear_cell_is_followed_beyond_float64():
    network = linear_network(3 * orthogonal(6)).astype(np.float32)
    zeros = np.zeros((2000, 5), np.float32)
    flow = gradient_flow(trace_arrays(network, zeros, np.zeros(2000, np.int64))).layers[0]
    assert flow.log2_total[0] - flow.log2_total[-1] == pytest.approx(1999 * np.log2(3), rel=1e-5)
    assert flow.log2_summed[0] > 3000


def test_a_loss_far_below_what_has_already_vanished_enters_at_full_size():
    """Sparse targets: the summed gradient falls by 2**-900, then the next loss lifts it again."""
    network, encoded = linear_network(0.2 * orthogonal(6)), make_sequence(1200, every=400)
    flow = gradient_flow(trace(network.astype(np.float32), encoded)).layers[0]
    with_loss = np.array([step - 1 for step in (1200, 800, 400)])
    np.testing.assert_allclose(flow.log2_summed[with_loss], flow.log2_direct[with_loss], atol=1e-5)
    falls = flow.log2_summed[with_loss - 399] - flow.log2_summed[with_loss]
    np.testing.assert_allclose(falls, 399 * np.log2(0.2), rtol=1e-4)


@pytest.mark.parametrize(
    "spec", [{"cell": "elman"}, {"cell": "lstm"}, {"cell": "gru", "bidirectional": True}], ids=name_of
)
def test_the_product_is_the_running_product_of_the_gains_back_from_the_loss(spec):
    flow = gradient_flow(trace(make_network(hidden=4, **spec), make_sequence(12)), 9)
    for layer in flow.layers:
        size = 8 if spec["cell"] == "lstm" else 4
        np.testing.assert_allclose(np.exp2(layer.log2_gain), layer.jacobian_norm / np.sqrt(size), rtol=1e-12)
        forwards, beyond = (
            (slice(8, None), slice(None, 8)) if layer.name == "l0r" else (slice(8, None, -1), slice(9, None))
        )
        product, gain = layer.log2_product[forwards], layer.log2_gain[forwards]
        assert product[0] == 0
        np.testing.assert_allclose(product[1:], np.cumsum(gain[:-1]), rtol=1e-12)
        assert np.all(layer.log2_product[beyond] == -np.inf)


@pytest.mark.parametrize("gain", [0.5, 0.9, 1.0, 1.1])
def test_the_gain_of_a_scaled_orthogonal_matrix_is_its_scale(gain):
    layer = gradient_flow(trace(linear_network(gain * orthogonal(8)), make_sequence(51))).layers[0]
    np.testing.assert_allclose(layer.log2_gain, np.log2(gain), atol=1e-12)
    np.testing.assert_allclose(layer.log2_product, layer.log2_total - layer.log2_total[50], atol=1e-9)


def test_the_gain_is_the_root_mean_square_singular_value():
    traced = trace(make_network(cell="lstm", hidden=5), make_sequence(6))
    gains = np.exp2(gradient_flow(traced).layers[0].log2_gain)
    for time_step in (1, 4, 6):
        values = singular_values(traced, "l0", time_step)
        assert gains[time_step - 1] == pytest.approx(np.sqrt(np.mean(values**2)), rel=1e-9)


def test_moving_from_loss_to_loss_gives_what_a_fresh_trace_gives():
    network, encoded = make_network(cell="lstm", hidden=4, layers=2), make_sequence(15)
    traced = trace(network, encoded)
    for loss_step in (15, 3, 9):
        moved, fresh = gradient_flow(traced, loss_step), gradient_flow(trace(network, encoded), loss_step)
        for kept, new in zip(moved.layers, fresh.layers, strict=True):
            np.testing.assert_array_equal(kept.log2_total, new.log2_total)
            np.testing.assert_array_equal(kept.log2_summed, new.log2_summed)
        np.testing.assert_array_equal(moved.gradients["weight_hh_l0"], fresh.gradients["weight_hh_l0"])


def test_what_is_kept_goes_with_its_trace():
    traced = trace(make_network(cell="gru", hidden=3), make_sequence(6))
    kept = weakref.ref(gradient_flow(traced).gradients["weight_hh_l0"])
    assert kept() is not None
    del traced
    assert kept() is None


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_a_sweep_of_few_losses_is_that_of_many(cell):
    """Few losses go one by one through ``sweep_vector``, many in one block through ``sweep_step``."""
    traced = trace(make_network(cell=cell, hidden=5), make_sequence(70))
    direct = output_gradients(traced)
    block = np.zeros((70, 6, 5))
    losses = np.array([70, 51, 30, 12, 2, 1])
    block[losses - 1, np.arange(6)] = direct[losses - 1]
    many = next(sweep_down(traced, normalise(block))).sweep
    for row in range(6):
        few = next(sweep_down(traced, normalise(block[:, row : row + 1]))).sweep
        pairs = [(many.hidden, few.hidden), (many.deltas, few.deltas)]
        if many.cell is not None:
            pairs.append((many.cell, few.cell))
        for one, other in pairs:
            expected = np.ldexp(one[:, row], many.exponents[:, row, None])
            np.testing.assert_allclose(np.ldexp(other[:, 0], few.exponents), expected, rtol=1e-9, atol=1e-300)


def test_horizon_counts_contiguous_steps_back():
    row = np.log2([1.0, 0.5, 0.001, 0.011, 0.5, 1.0, 7.0])
    assert memory_horizon(row, 6, 0.01) == 2
    assert memory_horizon(row, 6, 0.02) == 1
    assert memory_horizon(row, 6, 0.0001) == 5
    assert memory_horizon(row, 1, 0.01) == 0
    assert memory_horizon(row, 6, 0.01, reverse=True) == 1
    assert memory_horizon(np.log2([1.0, 0.01, 1.0]), 3, 0.01) == 2


def test_horizon_of_the_cell_part_starts_one_step_before_the_loss():
    assert memory_horizon(np.array([-3.0, -1.0, 0.0, -np.inf]), 4, 0.25) == 2
    assert memory_horizon(np.array([-np.inf, -np.inf]), 2, 0.25) == 0


def test_what_cannot_be_asked_is_refused_in_one_sentence():
    traced = trace(make_network(cell="gru", hidden=3), make_sequence(8, every=4))
    with pytest.raises(SpecError, match=r"Time step 3 has no loss; choose one of 4, 8\."):
        gradient_flow(traced, 3)
    with pytest.raises(SpecError, match="joint, h"):
        gradient_flow(traced, part="c")
    with pytest.raises(SpecError, match="No time step"):
        gradient_flow(trace_arrays(make_network(cell="gru", hidden=3), np.zeros((4, 5))))
    with pytest.raises(SpecError, match="threshold"):
        memory_horizon(np.zeros(3), 2, 0.0)


def test_losses_close_together_do_not_hide_what_vanished_between_them():
    """Within a few steps the gradient falls by 2**-150 and the next loss lifts it: both must be seen."""
    network, encoded = linear_network(2.0**-14 * orthogonal(6)), make_sequence(60, every=12)
    single, double = (
        gradient_flow(trace(network.astype(kind), encoded)).layers[0] for kind in (np.float32, np.float64)
    )
    assert np.isfinite(single.log2_summed).all()
    np.testing.assert_allclose(single.log2_summed, double.log2_summed, atol=1e-3)
