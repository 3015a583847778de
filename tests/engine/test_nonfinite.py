"""A loss that is not finite has no gradient: NaN, never −inf (which says that nothing arrives), never an exception."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rnnviz.engine.credit import credit_map
from rnnviz.engine.gradients import GradientFlow, gradient_flow
from rnnviz.engine.network import Network
from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.spectra import largest_singular, lyapunov_exponents, recurrent_radii, singular_values
from rnnviz.engine.trace import Trace, trace, trace_arrays
from tests.engine.oracle import make_network, make_sequence, run_oracle

SPECS = [
    {"cell": "elman"},
    {"cell": "elman", "activation": "identity", "layers": 2},
    {"cell": "lstm"},
    {"cell": "lstm", "layers": 2, "bidirectional": True},
    {"cell": "gru", "layers": 3},
    {"cell": "gru", "bidirectional": True},
]
STEPS, BAD = 11, 6


def poisoned(spec: dict[str, object], dtype: type) -> tuple[Network, Trace]:
    """The token of step 6 has an embedding that is not a number, and no other step has that token."""
    network = make_network(hidden=4, embedding=3, **spec).astype(dtype)
    spoil(network.weights["embedding.weight"], (4, 1), np.nan)
    clean = make_sequence(STEPS)
    ids = np.where(np.arange(STEPS) == BAD - 1, 4, clean.ids % 4)
    return network, trace(network, replace(clean, ids=ids))


def spoil(array: np.ndarray, where: tuple[int | slice, ...], value: float) -> None:
    """Write into an array that is read-only: no network with such weights can be made."""
    array.setflags(write=True)
    array[where] = value
    array.setflags(write=False)


@pytest.mark.parametrize("spec", SPECS, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_map_is_nan_where_autograd_is_and_right_elsewhere(spec, dtype):
    network, traced = poisoned(spec, dtype)
    oracle = run_oracle(network, encoded_of(traced))
    for name in network.layer_names:
        expected = np.stack([oracle.norms(loss, name) for loss in oracle.losses])
        assert np.isnan(expected).any()
        found = credit_map(traced, name).log2
        np.testing.assert_allclose(np.exp2(found), expected, rtol=1e-4 if dtype == np.float32 else 1e-9)


@pytest.mark.parametrize("spec", SPECS, ids=str)
def test_the_flow_of_a_loss_is_nan_only_if_the_loss_is(spec):
    network, traced = poisoned(spec, np.float32)
    oracle = run_oracle(network, encoded_of(traced))
    for loss_step in (BAD - 1, BAD, STEPS):
        flow = gradient_flow(traced, loss_step)
        for layer in flow.layers:
            expected = oracle.norms(oracle.losses[loss_step - 1], layer.name)
            np.testing.assert_allclose(np.exp2(layer.log2_total), expected, rtol=1e-4)
            assert np.isnan(layer.log2_summed[:BAD]).all()
            assert np.isnan(layer.weight_contribution[BAD - 1])
        assert np.isnan(flow.gradients["weight_hh_l0"]).any()
    assert gradient_flow(traced).horizon == 0


@pytest.mark.parametrize("activation", ["identity", "relu"])
def test_a_state_that_overflowed_on_the_way_gives_nan(activation):
    """Gain 3 over 200 steps leaves float32 in the forward pass: the last losses are not finite, the first are."""
    network = make_network(hidden=4, activation=activation)
    weights = dict(network.weights) | {"weight_hh_l0": 3 * np.eye(4), "bias_ih_l0": np.ones(4)}
    with np.errstate(all="ignore"):
        traced = trace_arrays(
            Network(network.spec, 5, 5, weights).astype(np.float32), np.zeros((200, 5)), np.zeros(200, np.int64)
        )
    assert np.isfinite(traced.loss[:50]).all()
    assert not np.isfinite(traced.loss[199])
    found = credit_map(traced).log2
    finite = np.isfinite(traced.loss)
    reached = np.tri(200, dtype=np.bool_)
    assert np.isnan(found[~finite][reached[~finite]]).all()
    assert not np.isnan(found[finite]).any()
    assert np.all(found[~reached] == -np.inf)
    assert np.isnan(gradient_flow(traced).layers[0].log2_total).all()


def test_an_infinite_cell_state_behind_a_finite_loss_has_no_number_either():
    """c = inf, h = o tanh(inf) = o: the loss is finite, its gradient is 0 · inf; autograd says NaN as well."""
    network = make_network(cell="lstm", hidden=3).astype(np.float32)
    clean = trace(network, make_sequence(20))
    spoil(clean.layers[0].cell_state, (9, 1), np.inf)
    found = credit_map(clean).log2
    assert np.isnan(found[19, :10]).any()
    assert np.isfinite(found[19, 10:]).all()
    assert np.isfinite(found[8, :9]).all()
    flow = gradient_flow(clean, 20)
    assert_same_holes(flow, found[19])


def assert_same_holes(flow: GradientFlow, row: np.ndarray) -> None:
    np.testing.assert_array_equal(np.isnan(flow.layers[0].log2_total), np.isnan(row))


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_spectra_of_numbers_that_are_not_finite_are_nan(cell):
    network, traced = poisoned({"cell": cell}, np.float64)
    assert np.isnan(singular_values(traced, "l0", BAD)).all()
    norms = largest_singular(traced)
    assert np.isfinite(norms[: BAD - 1]).all()
    assert np.isnan(norms[BAD - 1 :]).all()
    assert np.isnan(lyapunov_exponents(traced)).any()
    spoil(network.weights["weight_hh_l0"], (slice(None), 0), np.inf)
    assert all(np.isnan(radius) for radius in recurrent_radii(network).values())


def encoded_of(traced: Trace) -> EncodedSequence:
    return EncodedSequence(traced.tokens, traced.ids, traced.targets, np.ones(len(traced), np.bool_))
