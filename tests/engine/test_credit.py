"""The credit map: rows, slices, edges and refusals; its numbers are proved in ``test_credit_proof``."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.credit import coarse_rows, credit_map, credit_map_slices
from rnnviz.engine.errors import SpecError
from rnnviz.engine.gradients import gradient_flow
from rnnviz.engine.network import Network
from rnnviz.engine.trace import trace, trace_arrays
from tests.engine.oracle import make_network, make_sequence

ARCHITECTURES = [
    {"cell": "elman"},
    {"cell": "elman", "activation": "relu", "layers": 2},
    {"cell": "lstm"},
    {"cell": "gru"},
    {"cell": "lstm", "layers": 2, "embedding": 3},
    {"cell": "gru", "layers": 3},
    {"cell": "elman", "bidirectional": True},
    {"cell": "lstm", "bidirectional": True, "layers": 2},
    {"cell": "gru", "bidirectional": True, "layers": 2},
]


@pytest.mark.parametrize("spec", ARCHITECTURES, ids=str)
def test_chosen_rows_are_the_rows_of_the_whole_map(spec):
    traced = trace(make_network(hidden=4, **spec), make_sequence(15))
    whole, some = credit_map(traced), credit_map(traced, rows=[15, 2, 7])
    assert some.rows.tolist() == [2, 7, 15]
    np.testing.assert_allclose(some.log2, whole.log2[[1, 6, 14]], rtol=1e-12)


def test_a_block_too_large_for_the_cache_is_the_same_map():
    traced = trace(make_network(cell="lstm", hidden=64), make_sequence(560))
    whole, some = credit_map(traced), credit_map(traced, rows=[1, 40, 300, 559, 560])
    np.testing.assert_allclose(some.log2, whole.log2[[0, 39, 299, 558, 559]], rtol=1e-11)


def test_nothing_lies_above_the_diagonal_and_the_diagonal_is_the_own_loss():
    traced = trace(make_network(cell="lstm", hidden=4), make_sequence(12))
    log2 = credit_map(traced).log2
    assert np.all(log2[np.triu_indices(12, 1)] == -np.inf)
    np.testing.assert_allclose(np.diag(log2), gradient_flow(traced).layers[0].log2_direct, rtol=1e-12)


def test_two_layers_that_forget_at_different_rates_stay_exact():
    """The upper layer vanishes by 2**-1000 while the lower one keeps its gradient, and the other way round."""
    network = make_network(hidden=4, layers=2, activation="identity")
    for slow, fast in (("l0", "l1"), ("l1", "l0")):
        scaled = {f"weight_hh_{slow}": 0.99 * np.eye(4), f"weight_hh_{fast}": 0.3 * np.eye(4)}
        single = Network(network.spec, 5, 5, dict(network.weights) | scaled)
        for dtype, tolerance in ((np.float32, 1e-3), (np.float64, 1e-9)):
            log2 = credit_map(trace(single.astype(dtype), make_sequence(600)), "l1", rows=[600]).log2[0]
            rate = 0.99 if slow == "l1" else 0.3
            assert log2[0] - log2[-1] == pytest.approx(599 * np.log2(rate), rel=tolerance)
            lower = credit_map(trace(single.astype(dtype), make_sequence(600)), "l0", rows=[600]).log2[0]
            assert (lower[0] - lower[300]) / 300 == pytest.approx(np.log2(0.99), rel=1e-2)


def test_a_dead_relu_stops_the_gradient_without_a_number():
    network = make_network(hidden=3, activation="relu")
    weights = dict(network.weights) | {"bias_ih_l0": np.full(3, -100.0)}
    log2 = credit_map(trace(Network(network.spec, 5, 5, weights), make_sequence(30))).log2
    assert np.isfinite(np.diag(log2)).all()
    assert np.all(log2[np.tril_indices(30, -1)] == -np.inf)


def test_slices_pause_and_give_the_same_map():
    traced = trace(make_network(cell="lstm", hidden=64), make_sequence(150))
    pauses, slices = 0, credit_map_slices(traced)
    while True:
        try:
            assert next(slices) is None
            pauses += 1
        except StopIteration as finished:
            np.testing.assert_array_equal(finished.value.log2, credit_map(traced).log2)
            break
    assert pauses >= 2


@pytest.mark.parametrize(("steps", "limit"), [(0, 10), (1, 10), (10, 10), (11, 10), (5000, 1000), (999, 1000)])
def test_coarse_rows_end_at_the_last_step_and_keep_the_limit(steps, limit):
    rows = coarse_rows(steps, limit)
    assert len(rows) <= limit
    assert len(set(np.diff(rows))) <= 1
    if steps:
        assert rows[-1] == steps
        assert rows[0] >= 1


def test_sequences_without_steps_or_losses_give_empty_maps():
    network = make_network(hidden=3)
    assert credit_map(trace(network, make_sequence(0))).log2.shape == (0, 0)
    silent = credit_map(trace_arrays(network, np.ones((4, 5))))
    assert silent.log2.shape == (4, 4)
    assert np.all(silent.log2 == -np.inf)


def test_what_cannot_be_asked_is_refused_in_one_sentence():
    traced = trace(make_network(hidden=3), make_sequence(4))
    for arguments, words in (
        ({"layer": "l1"}, "no layer 'l1'"),
        ({"part": "c"}, "joint, h"),
        ({"rows": [0, 2]}, "from 1 to 4"),
        ({"rows": [5]}, "from 1 to 4"),
    ):
        with pytest.raises(SpecError, match=words):
            credit_map(traced, **arguments)
    with pytest.raises(SpecError, match="at least 1"):
        coarse_rows(5, 0)
