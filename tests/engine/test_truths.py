"""Rows of "Truths the engine must reproduce" (shared design, ``engine.md``) that concern gradients.

Each test names its row. Numbers measured over random seeds have the tolerance that the spread of the seeds asks for.
"""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnviz.engine.gradients import gradient_flow
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.spectra import recurrent_radii
from rnnviz.engine.trace import trace, trace_arrays
from tests.engine.oracle import make_network, make_sequence

CELLS = ("elman", "lstm", "gru")


def orthogonal(size: int, seed: int = 0) -> np.ndarray:
    return np.linalg.qr(np.random.default_rng(seed).standard_normal((size, size)))[0]


def without_biases(network: Network, **changed: np.ndarray) -> Network:
    zeros = {name: np.zeros_like(array) for name, array in network.weights.items() if name.startswith("bias")}
    return Network(network.spec, network.input_size, network.output_size, dict(network.weights) | zeros | changed)


def log2_total(network: Network, steps: int, *, part: str = "joint", classes: int = 5, seed: int = 1) -> np.ndarray:
    """``log2 ‖dC_T/ds_t‖`` of the last loss at every step."""
    flow = gradient_flow(trace(network, make_sequence(steps, classes=classes, seed=seed)), part=part)
    return flow.layers[0].log2_total


# Row: linear cell, W = rho x orthogonal, norm ratio after k steps: rho^k exactly.
@pytest.mark.parametrize(("rho", "factor"), [(0.9, 5.15e-3), (0.95, 7.69e-2), (1.1, 117.4), (0.5, 8.9e-16)])
def test_a_linear_cell_scales_the_gradient_by_the_power_of_its_radius(rho, factor):
    network = without_biases(make_network(hidden=8, activation="identity"), weight_hh_l0=rho * orthogonal(8))
    total = log2_total(network, 51)
    back = np.arange(50, -1, -1)
    np.testing.assert_allclose(total - total[50], back * np.log2(rho), rtol=1e-12, atol=1e-12)
    assert np.exp2(total[0] - total[50]) == pytest.approx(factor, rel=5e-3)


# Row: PyTorch's default nn.RNN init, spectral radius about 0.58-0.61 for H = 16..256.
@pytest.mark.parametrize("hidden", [16, 32, 64, 128, 256])
def test_the_spectral_radius_of_pytorchs_default_init(hidden):
    """Ours and that of ``nn.RNN`` itself; the mean over seeds, within the row's range and its spread."""
    seeds = 4 if hidden == 256 else 20
    ours = [recurrent_radii(initialise(ModelSpec(hidden=hidden), 5, 5, seed))["h"] for seed in range(seeds)]
    assert 0.57 < np.mean(ours) < 0.63
    torch.manual_seed(0)
    theirs = [np.abs(np.linalg.eigvals(_torch_recurrent(hidden))).max() for _ in range(seeds)]
    assert np.mean(ours) == pytest.approx(np.mean(theirs), abs=4 * np.std(theirs) / np.sqrt(seeds) + 0.01)


def _torch_recurrent(hidden: int) -> np.ndarray:
    return torch.nn.RNN(5, hidden).weight_hh_l0.detach().numpy()


# Row: the same init: gradient about 4e-3 after 10, 1.3e-6 after 25, 4e-12 after 50 steps.
@pytest.mark.parametrize(("after", "factor", "spread"), [(10, 4e-3, 1.2), (25, 1.3e-6, 1.5), (50, 4e-12, 2.5)])
def test_pytorchs_default_init_forgets_within_fifty_steps(after, factor, spread):
    """H = 128, biases zero, geometric mean of 10 seeds, within the factor that seeds and H make of it."""
    totals = [
        log2_total(without_biases(initialise(ModelSpec(hidden=128), 65, 65, seed)), 60, classes=65, seed=seed)
        for seed in range(10)
    ]
    found = np.exp2(np.mean([total[59 - after] - total[59] for total in totals]))
    assert factor / spread < found < factor * spread


# Row: tanh, orthogonal x 0.9 / 1.0 / 1.1 / 1.5, one-hot inputs, H=64: per-step factor (10 seeds, geometric mean).
@pytest.mark.parametrize(("gain", "factor"), [(0.9, 0.88), (1.0, 0.96), (1.1, 1.00), (1.5, 1.09)])
def test_a_gain_slightly_above_one_does_not_explode_under_tanh(gain, factor):
    logs = []
    for seed in range(10):
        recurrent = (gain * orthogonal(64, seed)).astype(np.float32)
        network = without_biases(initialise(ModelSpec(hidden=64), 8, 8, seed), weight_hh_l0=recurrent)
        total = log2_total(network, 100, classes=8, seed=seed)
        logs.append((total[0] - total[-1]) / 99)
    assert np.exp2(np.mean(logs)) == pytest.approx(factor, abs=0.02)


# Row: LSTM, zero weights, forget bias b: the cell path's gradient after k steps is sigmoid(b)^k.
@pytest.mark.parametrize(
    ("bias", "steps", "factor"), [(0, 20, 9.5e-7), (1, 20, 1.9e-3), (2, 50, 1.7e-3), (3, 100, 7.8e-3)]
)
def test_the_forget_gate_alone_scales_the_cell_path(bias, steps, factor):
    change = cell_path(steps, first=bias, second=0)
    assert change == pytest.approx((1 / (1 + np.exp(-bias))) ** steps, rel=1e-9)
    assert change == pytest.approx(factor, rel=0.05)  # the table has two digits


# Row: PyTorch has two LSTM bias vectors: setting both forget parts to 1 gives an effective bias of 2.
def test_both_forget_biases_at_one_are_an_effective_two():
    assert cell_path(50, first=1, second=1) == pytest.approx(cell_path(50, first=2, second=0), rel=1e-12)
    assert cell_path(50, first=1, second=0) == pytest.approx(cell_path(50, first=0, second=1), rel=1e-12)
    assert cell_path(50, first=1, second=1) == pytest.approx((1 / (1 + np.exp(-2))) ** 50, rel=1e-9)


def cell_path(steps: int, *, first: float, second: float) -> float:
    """How much of ``dC/dc`` is left after ``steps`` steps with forget biases ``first`` and ``second``, weights zero."""
    network = make_network(cell="lstm", hidden=4)
    weights = {name: np.zeros_like(array) for name, array in network.weights.items()}
    weights["bias_ih_l0"][4:8], weights["bias_hh_l0"][4:8] = first, second
    weights["readout.weight"] = network.weights["readout.weight"]
    total = log2_total(Network(network.spec, 5, 5, weights), steps + 2, part="c")
    return float(np.exp2(total[0] - total[steps]))


# Row: untrained classifier, loss ln V (V = 65: 4.174).
@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize(("classes", "loss"), [(2, np.log(2)), (65, 4.174), (256, np.log(256))])
def test_an_untrained_classifier_has_the_loss_of_a_guess(cell, classes, loss):
    traced = trace(
        initialise(ModelSpec(cell=cell, hidden=64), classes, classes, 0), make_sequence(400, classes=classes)
    )
    assert np.mean(traced.loss) == pytest.approx(loss, abs=0.02)
    guess = trace_arrays(_silent(cell, classes), np.zeros((3, classes)), np.zeros(3, np.int64))
    np.testing.assert_allclose(guess.loss, np.log(classes), rtol=1e-12)


def _silent(cell: str, classes: int) -> Network:
    """A read-out without weights guesses evenly."""
    network = make_network(cell=cell, hidden=3, classes=classes)
    quiet = {name: np.zeros_like(array) for name, array in network.weights.items() if name.startswith("readout")}
    return Network(network.spec, classes, classes, dict(network.weights) | quiet)
