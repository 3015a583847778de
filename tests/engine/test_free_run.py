"""Free running: against the whole trace run again at every step, and on a network that is a sine by construction."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from rnnviz.engine.errors import SpecError
from rnnviz.engine.free_run import free_run, run_on
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.trace import trace_arrays


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("layers", [1, 2])
def test_every_output_is_the_next_input(cell: str, layers: int) -> None:
    network = initialise(ModelSpec(cell=cell, hidden=5, layers=layers), 2, 2, 3).astype(np.float64)
    values = np.random.default_rng(0).standard_normal((4, 2))
    outputs = free_run(network, values, 6)
    read = values
    for output in outputs:
        np.testing.assert_allclose(output, trace_arrays(network, read).logits[-1], rtol=1e-12)
        read = np.concatenate((read, output[None]))


def test_two_linear_units_continue_a_sine_for_hundreds_of_steps() -> None:
    """``x_{t+1} = 2 cos ω x_t − x_{t−1}``, with h_t = (x_t, x_{t−1})."""
    weights = {
        "weight_ih_l0": np.array([[1.0], [0.0]]),
        "weight_hh_l0": np.array([[0.0, 0.0], [1.0, 0.0]]),
        "bias_ih_l0": np.zeros(2),
        "bias_hh_l0": np.zeros(2),
        "readout.weight": np.array([[2 * np.cos(0.3), -1.0]]),
        "readout.bias": np.zeros(1),
    }
    network = Network(ModelSpec(hidden=2, activation="identity"), 1, 1, weights)
    wave = np.sin(0.3 * np.arange(510) + 0.7)[:, None]
    np.testing.assert_allclose(free_run(network, wave[:10], 500), wave[10:], atol=1e-9)


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_running_on_from_a_trace_reads_nothing_again(cell: str) -> None:
    network = initialise(ModelSpec(cell=cell, hidden=5, layers=2), 1, 1, 3)
    values = np.random.default_rng(0).standard_normal((9, 1))
    ahead = np.array(list(islice(run_on(trace_arrays(network, values)), 40)))
    assert ahead.dtype == np.float32
    np.testing.assert_allclose(ahead, free_run(network, values, 40), rtol=1e-5, atol=1e-6)
    assert np.ptp(ahead) > 1e-3, "a constant would prove nothing"


def test_what_grows_beyond_all_numbers_is_infinite_and_no_warning() -> None:
    """``x_{t+1} = 1e30 x_t`` in single precision; warnings are errors here."""
    weights = {
        "weight_ih_l0": np.array([[1e30]]), "weight_hh_l0": np.zeros((1, 1)), "bias_ih_l0": np.zeros(1),
        "bias_hh_l0": np.zeros(1), "readout.weight": np.ones((1, 1)), "readout.bias": np.zeros(1),
    }  # fmt: skip
    network = Network(ModelSpec(hidden=1, activation="identity"), 1, 1, weights).astype(np.float32)
    for found in (free_run(network, [[1.0]], 5), np.array(list(islice(run_on(trace_arrays(network, [[1.0]])), 5)))):
        assert found[0, 0] == np.float32(1e30)
        assert not np.isfinite(found[1:]).any()


def test_running_on_is_refused_at_once() -> None:
    network = initialise(ModelSpec(bidirectional=True), 1, 1, 0)
    unrolled = trace_arrays(network, [[1.0]])
    with pytest.raises(SpecError, match="one direction"):
        run_on(unrolled)


@pytest.mark.parametrize(
    ("model", "sizes", "values", "steps", "words"),
    [
        (ModelSpec(), (1, 1), [[1.0]], 0, "at least 1"),
        (ModelSpec(), (1, 1), [[1.0, 2.0]], 3, r"expected \(T, 1\)"),
        (ModelSpec(), (1, 1), np.zeros((0, 1)), 3, "at least one time step"),
        (ModelSpec(), (1, 1), [[np.nan]], 3, "finite"),
        (ModelSpec(), (2, 1), [[1.0, 2.0]], 3, "reads 2 numbers and answers 1"),
        (ModelSpec(embedding=1), (1, 1), [[1.0]], 3, "embedding"),
        (ModelSpec(bidirectional=True), (1, 1), [[1.0]], 3, "one direction"),
    ],
)
def test_what_cannot_run_freely_is_refused(model, sizes, values, steps, words) -> None:
    with pytest.raises(SpecError, match=words):
        free_run(initialise(model, *sizes, 0), values, steps)
