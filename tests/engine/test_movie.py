"""The film of backpropagation: its parts against autograd, and the copies' sum against W.grad."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnviz.engine.errors import SpecError
from rnnviz.engine.movie import BLOCKS, GRAM_STEPS, bptt, loss_gradients
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.trace import trace
from tests.engine.oracle import make_network, make_sequence, run_oracle
from tests.engine.test_gradients import ARCHITECTURES, name_of, relative

STEPS = 19


def plain(scaled):
    """The vectors of a Scaled as ordinary numbers."""
    return np.ldexp(scaled.values, scaled.exponents[:, None])


@pytest.fixture(params=ARCHITECTURES, ids=name_of)
def pair(request):
    network = make_network(hidden=6, gain=1.5, **request.param)
    encoded = make_sequence(STEPS, every=2, switch=6 if network.spec.decoder else 0)
    return trace(network, encoded), run_oracle(network, encoded)


def loss_of(oracle, losses, step=0):
    if losses == "one":
        return oracle.losses[step - 1]
    real = [loss for loss in oracle.losses if loss.requires_grad]
    return sum(real) / (len(real) if losses == "mean" else 1)


@pytest.mark.parametrize(("losses", "step"), [("sum", 0), ("mean", 0), ("one", 13)])
def test_direct_plus_through_time_is_the_total_of_autograd(pair, losses, step):
    traced, oracle = pair
    loss = loss_of(oracle, losses, step)
    for name in traced.network.layer_names:
        edges = bptt(traced, name, losses, step).edges
        expected = oracle.gradient(loss, oracle.hidden[name])
        assert relative(plain(edges.direct) + plain(edges.through), expected) < 1e-12
        assert relative(plain(edges.total), expected) < 1e-12
        if edges.through_cell is not None:
            assert relative(plain(edges.through_cell), oracle.gradient(loss, oracle.cell[name])) < 1e-12
        np.testing.assert_allclose(np.exp2(edges.log2_total), oracle.norms(loss, name), rtol=1e-9, atol=1e-300)


def test_the_top_layers_direct_part_comes_from_its_own_outputs_alone(pair):
    traced, oracle = pair
    name = traced.network.layer_names[-1]
    direct = plain(bptt(traced, name).edges.direct)
    for row, loss in enumerate(oracle.losses):
        own = torch.zeros(6, dtype=torch.float64)
        if loss.requires_grad:
            own = torch.autograd.grad(loss, oracle.hidden[name][row], retain_graph=True)[0]
        np.testing.assert_allclose(direct[row], own.numpy(), rtol=1e-10, atol=1e-14)


def test_nothing_arrives_through_time_where_the_sweep_begins(pair):
    traced, _ = pair
    for layer in traced.layers:
        edges = bptt(traced, layer.name).edges
        first = 0 if layer.reverse else STEPS - 1
        assert edges.log2_through[first] == -np.inf


@pytest.mark.parametrize(("losses", "step"), [("sum", 0), ("mean", 0), ("one", 13)])
def test_the_contributions_sum_to_the_gradient_of_autograd(pair, losses, step):
    traced, oracle = pair
    names = list(oracle.weights)
    gradients = torch.autograd.grad(loss_of(oracle, losses, step), list(oracle.weights.values()), retain_graph=True)
    expected = {name: gradient.numpy() for name, gradient in zip(names, gradients, strict=True)}
    ours = loss_gradients(traced, losses, step)
    for name in names:
        assert relative(ours[name], expected[name]) < 1e-12, name
    for layer in traced.network.layer_names:
        for found in bptt(traced, layer, losses, step).weights:
            assert relative(found.total, expected[found.name]) < 1e-9, found.name
            assert np.exp2(found.log2_running[-1 if layer.endswith("r") else 0]) == pytest.approx(
                np.linalg.norm(expected[found.name]), rel=1e-9
            )


def test_each_copys_contribution_and_the_partial_sums_match_the_copies_of_autograd(pair):
    traced, oracle = pair
    total = loss_of(oracle, "sum")
    for layer in traced.layers:
        copies = torch.autograd.grad(total, oracle.used_weights[layer.name], retain_graph=True)
        copies = np.stack([copy.numpy() for copy in copies])
        recurrent = [found for found in bptt(traced, layer.name).weights if found.name.startswith("weight_hh")]
        assert len(recurrent) == (2 if traced.network.spec.decoder else 1)
        for found in recurrent:
            own = copies.copy()
            if traced.network.spec.decoder:  # only its own half of the chain uses a weight
                own[slice(traced.switch) if found.name.endswith("_decoder") else slice(traced.switch, None)] = 0
            norms = np.linalg.norm(own.reshape(STEPS, -1), axis=1)
            np.testing.assert_allclose(np.exp2(found.log2_norms), norms, rtol=1e-9, atol=1e-15)
            passed = np.cumsum(own[:: 1 if layer.reverse else -1], axis=0)
            explicit = np.linalg.norm(passed.reshape(STEPS, -1), axis=1)[:: 1 if layer.reverse else -1]
            np.testing.assert_array_equal(found.steps, np.arange(1, STEPS + 1))
            np.testing.assert_allclose(np.exp2(found.log2_running), explicit, rtol=1e-9)


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_a_long_text_has_a_few_hundred_exact_partial_sums(cell):
    length = GRAM_STEPS + 77
    traced = trace(make_network(cell=cell, hidden=4), make_sequence(length))
    found = bptt(traced).weights[0]
    assert len(found.steps) == BLOCKS
    assert found.steps[0] == 1
    assert (np.diff(found.steps) > 0).all()
    # The oracle: the gradient of the same losses, taken copy by copy from the closed form's own outer products.
    short = trace(traced.network, make_sequence(length))
    for index in (0, 100, BLOCKS - 1):
        start = int(found.steps[index])
        explicit = explicit_sum(short, start)
        assert np.exp2(found.log2_running[index]) == pytest.approx(np.linalg.norm(explicit), rel=1e-9)


def explicit_sum(traced, start):
    """Σ_{s >= start} dW_s by one outer product after the other."""
    from rnnviz.engine.backward import output_gradients, sweep_down
    from rnnviz.engine.scaled import normalise

    (swept,) = sweep_down(traced, normalise(output_gradients(traced)[:, None]))
    deltas = np.ldexp(swept.sweep.deltas[:, 0], swept.sweep.exponents)
    before = swept.layer.previous_hidden
    return sum(np.outer(deltas[row], before[row]) for row in range(start - 1, len(before)))


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_norms_survive_gradients_far_below_float32(cell):
    spec = ModelSpec(cell=cell, hidden=8)
    network = initialise(spec, 5, 5, 0)
    weights = dict(network.weights, weight_hh_l0=network.weights["weight_hh_l0"] * 0.05)
    small = type(network)(spec, 5, 5, weights)
    encoded = make_sequence(300, every=300)
    single, double = (bptt(trace(each, encoded), losses="one").edges for each in (small, small.astype(np.float64)))
    assert double.log2_through[0] < -200
    assert np.isfinite(double.log2_through).sum() == 299
    np.testing.assert_allclose(single.log2_through[:-1], double.log2_through[:-1], atol=1e-3)
    np.testing.assert_allclose(single.log2_total, double.log2_total, atol=1e-3)


def test_questions_without_an_answer_are_refused_in_one_sentence():
    network = make_network(cell="elman", hidden=3)
    with pytest.raises(SpecError, match="No time step of this text has a loss"):
        bptt(trace(network, make_sequence(0)))
    traced = trace(network, make_sequence(9, every=3))
    with pytest.raises(SpecError, match="Time step 2 has no loss"):
        bptt(traced, losses="one", loss_step=2)
    with pytest.raises(SpecError, match="choose one of sum, mean, one"):
        bptt(traced, losses="most")
    with pytest.raises(SpecError, match="no layer 'l4'"):
        bptt(traced, "l4")
    with pytest.raises(SpecError, match="no weight 'x'"):
        bptt(traced).weight("x")


def test_one_loss_is_the_last_where_none_is_named():
    traced = trace(make_network(cell="gru", hidden=3), make_sequence(9))
    assert bptt(traced, losses="one").loss_step == 9
    assert bptt(traced, losses="sum").loss_step == 0
    assert bptt(traced, losses="mean").loss_count == 9
