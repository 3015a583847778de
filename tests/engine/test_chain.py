"""The chain of factors against explicit products of autograd Jacobians in float64."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine import chain as chain_module
from rnnviz.engine.chain import MANY, MAX_SLOPES, chain_slices, trace_chain
from rnnviz.engine.errors import SpecError
from rnnviz.engine.gradients import gradient_flow
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.recurrent import recurrent_spectra
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.spectra import largest_singular
from rnnviz.engine.trace import trace
from tests.engine.oracle import make_network, make_sequence, run_oracle
from tests.engine.test_spectra import autograd_jacobian

CELLS = [
    {"cell": "elman"},
    {"cell": "elman", "activation": "relu"},
    {"cell": "elman", "activation": "sigmoid"},
    {"cell": "elman", "activation": "identity"},
    {"cell": "lstm"},
    {"cell": "gru"},
]


DECODERS = [{**spec, "decoder": True} for spec in CELLS[-3:]]


def traced_network(spec, *, steps=12, gain=1.3, **more):
    network = make_network(hidden=5, gain=gain, **spec, **more)
    return trace(network, make_sequence(steps, switch=6 if network.spec.decoder else 0))


@pytest.mark.parametrize("spec", [*CELLS, *DECODERS], ids=str)
def test_factors_and_product_match_the_jacobians_of_autograd(spec):
    traced = traced_network(spec)
    chain = trace_chain(traced, "l0", 11, 3)
    assert chain.steps.tolist() == [11, 10, 9, 8, 7, 6, 5, 4]
    product = np.eye(chain.size)
    for k, step in enumerate(chain.steps.tolist()):
        factor = autograd_jacobian(traced, "l0", step)
        values = np.linalg.svd(factor, compute_uv=False)
        assert np.exp2(chain.log2_gain[k]) == pytest.approx(np.linalg.norm(factor) / np.sqrt(chain.size), rel=1e-9)
        np.testing.assert_allclose(np.exp2(chain.log2_spectra[k]), values, atol=1e-12)
        assert np.exp2(chain.log2_largest[k]) == pytest.approx(values[0], rel=1e-9)
        product = product @ factor
        assert np.exp2(chain.log2_product[k + 1]) == pytest.approx(np.linalg.norm(product, 2), rel=1e-9)
    assert chain.log2_product[0] == 0


@pytest.mark.parametrize("spec", [*CELLS, *DECODERS], ids=str)
def test_the_measured_decay_is_autograds(spec):
    traced = traced_network(spec)
    oracle = run_oracle(traced.network, _sequence(traced))
    norms = oracle.norms(oracle.losses[9], "l0")
    chain = trace_chain(traced, "l0", 10, 1)
    np.testing.assert_allclose(np.exp2(chain.log2_measured), norms[9::-1] / norms[9], rtol=1e-9)
    np.testing.assert_array_less(chain.log2_measured, chain.log2_product + 1e-9)


def _sequence(traced):
    return make_sequence(len(traced), switch=traced.switch)


def test_a_lower_layers_chain_is_the_path_inside_it():
    """One layer's own Jacobians applied to what enters it at τ; the whole gradient has the paths above besides."""
    traced = traced_network({"cell": "gru", "layers": 2})
    chain = trace_chain(traced, "l0", 12, 1)
    oracle = run_oracle(traced.network, _sequence(traced))
    vector = oracle.gradient(oracle.losses[11], oracle.hidden["l0"])[11]
    for k, step in enumerate(chain.steps.tolist(), start=1):
        before, vector = np.linalg.norm(vector), vector @ autograd_jacobian(traced, "l0", step)
        change = chain.log2_measured[k] - chain.log2_measured[k - 1]
        assert np.exp2(change) == pytest.approx(np.linalg.norm(vector) / before, rel=1e-9)
    whole = gradient_flow(traced, 12).layer("l0").log2_total
    assert abs((whole[0] - whole[11]) - chain.log2_measured[-1]) > 0.01


@pytest.mark.parametrize("name", ["l0r", "l1r"])
def test_a_reverse_layers_chain_runs_to_the_end_of_the_text(name):
    traced = traced_network({"cell": "lstm", "layers": 2, "bidirectional": True})
    chain = trace_chain(traced, name, 4)
    assert (chain.loss_step, chain.time_step) == (4, 12)
    assert chain.steps.tolist() == list(range(4, 12))
    product = np.eye(10)
    for k, step in enumerate(chain.steps.tolist(), start=1):
        product = product @ autograd_jacobian(traced, name, step)
        assert np.exp2(chain.log2_product[k]) == pytest.approx(np.linalg.norm(product, 2), rel=1e-9)


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("shape", [{"layers": 3}, {"layers": 2, "bidirectional": True}], ids=str)
def test_in_every_layer_and_direction_the_measured_path_is_autograds(cell, shape):
    """What comes down to τ by autograd, taken through autograd's Jacobians of that layer, one step after the other.

    In a lower layer under both directions the total at τ also holds what the loss sends round through other steps
    of this layer; that is not what enters here.
    """
    traced = traced_network({"cell": cell, **shape})
    oracle = run_oracle(traced.network, _sequence(traced))
    for layer in traced.layers:
        chain = trace_chain(traced, layer.name, 6)
        assert chain.steps.tolist() == (list(range(6, 12)) if layer.reverse else [6, 5, 4, 3, 2])
        states = [oracle.hidden[layer.name], *([oracle.cell[layer.name]] if cell == "lstm" else [])]
        total = np.concatenate([oracle.gradient(oracle.losses[5], state) for state in states], axis=1)
        later = 5 if layer.reverse else 7
        vector = total[5] - total[later - 1] @ autograd_jacobian(traced, layer.name, later)
        start = np.linalg.norm(vector)
        for k, step in enumerate(chain.steps.tolist(), start=1):
            vector = vector @ autograd_jacobian(traced, layer.name, step)
            assert np.exp2(chain.log2_measured[k]) == pytest.approx(np.linalg.norm(vector) / start, rel=1e-9)


def test_rho_to_the_k_is_exact_for_an_orthogonal_linear_cell():
    network = initialise(ModelSpec(activation="identity", initialiser="orthogonal", radius=0.9, hidden=16), 5, 5, 0)
    chain = trace_chain(trace(network.astype(np.float64), make_sequence(51)), "l0", 51, 1)
    expected = np.log2(0.9) * np.arange(51)
    for found in (chain.log2_measured, chain.log2_product):
        np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_allclose(chain.log2_spectra, np.log2(0.9), atol=1e-6)
    assert 2.0 ** chain.log2_measured[-1] == pytest.approx(5.15e-3, rel=1e-3)


@pytest.mark.parametrize("spec", CELLS[:4], ids=str)
def test_the_bound_holds_and_the_mean_slope_is_the_mean_of_the_derivative(spec):
    traced = traced_network(spec, gain=2.5)
    chain = trace_chain(traced, "l0", 12, 2)
    activation = spec.get("activation", "tanh")
    largest = recurrent_spectra(traced.network)["h"].largest
    bound = np.arange(len(chain.log2_product)) * np.log2(largest * MAX_SLOPES[activation])
    np.testing.assert_array_less(chain.log2_product, bound + 1e-9)
    h = traced.layers[0].hidden[2:12]
    slopes = {"tanh": 1 - h**2, "relu": h > 0, "sigmoid": h * (1 - h), "identity": np.ones_like(h)}
    assert chain.mean_slope == pytest.approx(slopes[activation].mean())
    assert chain.log2_carry is None


def test_the_conveyor_of_an_lstm_with_zero_weights_is_the_forget_gate():
    network = initialise(ModelSpec(cell="lstm", hidden=4, forget_bias=1.0), 5, 5, 0)
    weights = {name: array * (0 if "weight_" in name else 1) for name, array in network.weights.items()}
    for name in ("bias_ih_l0", "bias_hh_l0"):
        weights[name] = np.where(np.arange(16) // 4 == 1, weights[name], 0).astype(np.float32)
    traced = trace(Network(network.spec, 5, 5, weights).astype(np.float64), make_sequence(21))
    chain = trace_chain(traced)
    assert np.exp2(chain.log2_carry[-1]) == pytest.approx(1.9e-3, rel=0.01)
    assert np.isnan(chain.mean_slope)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_the_carry_is_the_root_mean_square_of_the_gates_products(cell):
    traced = traced_network({"cell": cell})
    gate = traced.layers[0].gates["f" if cell == "lstm" else "z"]
    chain = trace_chain(traced, "l0", 9, 4)
    products = [np.prod(gate[8 - k + 1 : 9], axis=0) for k in range(6)]
    np.testing.assert_allclose(np.exp2(chain.log2_carry), [np.sqrt(np.mean(p**2)) for p in products], rtol=1e-9)


@pytest.mark.parametrize(("gain", "steps"), [(0.05, 900), (4.0, 600)])
def test_products_far_outside_the_range_of_float32_stay_finite(gain, steps):
    network = make_network(hidden=6, gain=gain, activation="identity")
    calm = dict(network.weights) | {"readout.weight": network.weights["readout.weight"] * 1e-200}
    traced = trace(Network(network.spec, 5, 5, calm), make_sequence(steps))
    chain = trace_chain(traced, many=steps)
    eigenvalue = np.log2(recurrent_spectra(traced.network)["h"].radius)
    assert abs(eigenvalue * steps) > 250
    assert chain.log2_product[-1] / (steps - 1) == pytest.approx(eigenvalue, abs=0.01)
    assert chain.log2_measured[-1] / (steps - 1) == pytest.approx(eigenvalue, abs=0.01)


@pytest.mark.parametrize("power", [-40, 40])
def test_the_product_leaves_the_range_of_float64_without_harm(power):
    apart, turn = chain_module._Apart(), np.linalg.qr(np.random.default_rng(0).standard_normal((5, 5)))[0]
    for _ in range(100):
        chain_module._take(apart, np.ldexp(turn, power))
    np.testing.assert_allclose(apart.product, power * np.arange(101), atol=1e-9)


def test_a_long_chain_takes_the_nearest_factors_apart_and_measures_all():
    traced = trace(make_network(hidden=4), make_sequence(200))
    chain = trace_chain(traced)
    assert len(chain.steps) == len(chain.log2_gain) == 199
    assert len(chain.log2_measured) == 200
    assert chain.log2_spectra.shape == (MANY, 4)
    assert len(chain.log2_largest) == MANY == len(chain.log2_product) - 1


def test_a_chain_that_grows_costs_one_factor_a_step(monkeypatch):
    monkeypatch.setattr(chain_module, "AT_ONCE", 0)
    traced = traced_network({"cell": "lstm"})
    first = list(chain_slices(traced, "l0", 12, 6))
    longer = list(chain_slices(traced, "l0", 12, 5))
    shorter = list(chain_slices(traced, "l0", 12, 9))
    assert (len(first), len(longer), len(shorter)) == (7, 2, 1)
    grown, fresh = trace_chain(traced, "l0", 12, 5), trace_chain(traced_network({"cell": "lstm"}), "l0", 12, 5)
    np.testing.assert_array_equal(grown.log2_product, fresh.log2_product)
    np.testing.assert_array_equal(grown.log2_spectra, fresh.log2_spectra)
    assert len(trace_chain(traced, "l0", 12, 9).log2_product) == 4


def test_small_factors_are_taken_several_at_once():
    traced = traced_network({"cell": "lstm"})
    assert len(list(chain_slices(traced, "l0", 12, 1))) == 2  # the measured path, then all eleven factors


def test_large_states_have_only_what_can_be_afforded(monkeypatch):
    traced = trace(make_network(hidden=140), make_sequence(6))
    full = trace_chain(traced)
    monkeypatch.setattr(chain_module, "WHOLE_SPECTRUM", 100)
    lean = trace_chain(trace(traced.network, make_sequence(6)))
    assert lean.log2_spectra.shape == (0, 140)
    np.testing.assert_allclose(lean.log2_largest, full.log2_largest, atol=1e-5)
    np.testing.assert_allclose(lean.log2_product, full.log2_product, atol=1e-5)
    np.testing.assert_allclose(np.exp2(full.log2_largest), largest_singular(traced)[5:0:-1], rtol=1e-5)
    monkeypatch.setattr(chain_module, "MULTIPLIED", 100)
    least = trace_chain(trace(traced.network, make_sequence(6)))
    assert len(least.log2_product) == 1
    np.testing.assert_array_equal(least.log2_measured, full.log2_measured)


def test_a_dead_relu_chain_is_nothing_and_no_error():
    network = make_network(hidden=3, activation="relu")
    weights = dict(network.weights) | {"bias_ih_l0": np.full(3, -50.0)}
    chain = trace_chain(trace(Network(network.spec, 5, 5, weights), make_sequence(5)))
    assert np.isneginf(chain.log2_product[1:]).all()
    assert np.isneginf(chain.log2_gain).all()
    assert np.isneginf(chain.log2_measured[1:]).all()
    assert chain.mean_slope == 0


def test_a_loss_without_a_gradient_says_so():
    network = make_network(hidden=3, activation="identity")
    silent = dict(network.weights) | {"readout.weight": np.zeros((5, 3))}
    with pytest.raises(SpecError, match="sends nothing back"):
        trace_chain(trace(Network(network.spec, 5, 5, silent), make_sequence(5)))
    loud = dict(network.weights) | {"weight_hh_l0": 1e200 * np.eye(3)}
    with np.errstate(all="ignore"):
        traced = trace(Network(network.spec, 5, 5, loud), make_sequence(9))
        with pytest.raises(SpecError, match="loss of step 9 is not finite"):
            trace_chain(traced)


def test_the_source_alone_has_no_factor():
    chain = trace_chain(traced_network({"cell": "gru"}), "l0", 5, 5)
    assert len(chain.steps) == 0
    assert chain.log2_measured.tolist() == chain.log2_product.tolist() == chain.log2_carry.tolist() == [0.0]


def test_ends_that_do_not_fit_are_one_sentence():
    traced = trace(make_network(hidden=3), make_sequence(8, every=3))
    with pytest.raises(SpecError, match="Time step 7 has no loss"):
        trace_chain(traced, "l0", 7)
    with pytest.raises(SpecError, match="does not reach step 8 in the layer l0; give a step from 1 to 5"):
        trace_chain(traced, "l0", 5, 8)
    with pytest.raises(SpecError, match="There is no layer 'l4'"):
        trace_chain(traced, "l4")
    with pytest.raises(SpecError, match="No time step"):
        trace_chain(trace(make_network(hidden=3), make_sequence(0)))
