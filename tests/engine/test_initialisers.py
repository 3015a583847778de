"""Initialisers by what defines them: QᵀQ = I, ρ exact, Glorot's limits, the effective forget bias."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch

from rnnviz.engine.errors import SpecError
from rnnviz.engine.initialisers import orthogonal, with_radius
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import INITIALISERS, ModelSpec, RunSpec
from rnnviz.engine.trace import trace
from tests.engine.oracle import make_sequence

GATES = {"elman": 1, "lstm": 4, "gru": 3}


def made(initialiser, *, seed=3, **spec):
    return initialise(ModelSpec(initialiser=initialiser, hidden=24, layers=2, **spec), 7, 5, seed)


def blocks(network):
    """Every gate's recurrent block of every layer."""
    count = GATES[network.spec.cell]
    return [
        block
        for name, array in network.weights.items()
        if name.startswith("weight_hh")
        for block in np.split(array.astype(np.float64), count)
    ]


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize("radius", [0.9, 1.0, 1.5])
def test_orthogonal_recurrent_weights_keep_every_length(cell, radius):
    found = blocks(made("orthogonal", cell=cell, radius=radius, bidirectional=True))
    assert len(found) == GATES[cell] * 4
    for block in found:
        np.testing.assert_allclose(block.T @ block, radius**2 * np.eye(24), atol=1e-6)
    assert not np.allclose(found[0], found[1])


@pytest.mark.parametrize("cell", GATES)
@pytest.mark.parametrize("radius", [0.3, 1.0, 2.5])
def test_scaled_recurrent_weights_have_exactly_this_radius_and_the_defaults_directions(cell, radius):
    default, scaled = blocks(made("default", cell=cell)), blocks(made("scaled", cell=cell, radius=radius))
    for before, after in zip(default, scaled, strict=True):
        assert np.abs(np.linalg.eigvals(after)).max() == pytest.approx(radius, rel=1e-6)
        np.testing.assert_allclose(after / np.linalg.norm(after), before / np.linalg.norm(before), atol=1e-6)


@pytest.mark.parametrize("cell", GATES)
def test_identity_is_the_irnn(cell):
    network = made("identity", cell=cell)
    for block in blocks(network):
        np.testing.assert_array_equal(block, np.eye(24))
    assert all(not array.any() for name, array in network.weights.items() if name.startswith("bias_"))
    assert network.weights["readout.bias"].any()


def test_an_identity_relu_cell_without_input_keeps_its_state():
    network = initialise(ModelSpec(initialiser="identity", activation="relu", hidden=6), 5, 5, seed=0)
    weights = dict(network.weights)
    encoded = make_sequence(9)
    weights["weight_ih_l0"] = np.where(np.arange(5) == encoded.ids[0], np.abs(weights["weight_ih_l0"]), 0)
    weights["weight_ih_l0"] = weights["weight_ih_l0"].astype(np.float32)
    hidden = trace(type(network)(network.spec, 5, 5, weights), encoded).layers[0].hidden
    copies = np.cumsum(encoded.ids == encoded.ids[0])  # every sight of the first token adds it once more
    np.testing.assert_allclose(hidden, copies[:, None] * hidden[0], rtol=1e-5)
    assert hidden[0].all()


@pytest.mark.parametrize("cell", GATES)
def test_xavier_has_glorots_limits_of_each_gate_and_no_biases(cell):
    network = made("xavier", cell=cell)
    for name, array in network.weights.items():
        if name.startswith("weight_"):
            reference = torch.nn.init.xavier_uniform_(
                torch.empty(24, array.shape[1]), generator=torch.Generator().manual_seed(0)
            )
            limit = np.sqrt(6 / (24 + array.shape[1]))
            assert np.abs(array).max() <= limit * (1 + 1e-6)
            assert np.abs(array).max() == pytest.approx(limit, rel=0.05)
            assert float(reference.abs().max()) == pytest.approx(limit, rel=0.1)  # torch draws within the same limits
            assert array.std() == pytest.approx(limit / np.sqrt(3), rel=0.12)
        elif name.startswith("bias_"):
            assert not array.any()


@pytest.mark.parametrize("initialiser", INITIALISERS)
@pytest.mark.parametrize("value", [0.0, 1.0, -2.5])
def test_the_effective_forget_bias_is_the_one_asked_for(initialiser, value):
    network = made(initialiser, cell="lstm", forget_bias=value)
    plain = made(initialiser, cell="lstm")
    forget = slice(24, 48)
    for suffix in ("_l0", "_l1"):
        both = network.weights[f"bias_ih{suffix}"] + network.weights[f"bias_hh{suffix}"]
        np.testing.assert_array_equal(both[forget], np.full(24, value, np.float32))
        for name in (f"bias_ih{suffix}", f"bias_hh{suffix}"):
            rest = np.delete(np.arange(96), np.arange(24, 48))
            np.testing.assert_array_equal(network.weights[name][rest], plain.weights[name][rest])


@pytest.mark.parametrize("cell", ["elman", "gru"])
def test_only_an_lstm_has_a_forget_bias(cell):
    with_bias, without = made("default", cell=cell, forget_bias=2.0), made("default", cell=cell)
    for name, array in with_bias.weights.items():
        np.testing.assert_array_equal(array, without.weights[name])


def test_the_default_is_bit_for_bit_what_it_was():
    """The stream of random numbers that the shipped start state and every saved run were drawn from."""
    network = initialise(ModelSpec(cell="gru", hidden=3, embedding=2), 4, 5, seed=11)
    generator = np.random.default_rng(11)
    bound = 3**-0.5
    for name, array in network.weights.items():
        drawn = generator.standard_normal((4, 2)) if name == "embedding.weight" else None
        if drawn is None:
            drawn = generator.uniform(-bound, bound, array.shape)
        np.testing.assert_array_equal(array, drawn.astype(np.float32))


@pytest.mark.parametrize("initialiser", INITIALISERS)
def test_the_same_seed_gives_the_same_inputs_and_read_out(initialiser):
    network, default = made(initialiser), made("default")
    np.testing.assert_array_equal(network.weights["readout.weight"], default.weights["readout.weight"])
    if initialiser != "xavier":
        np.testing.assert_array_equal(network.weights["weight_ih_l0"], default.weights["weight_ih_l0"])
    again, other = made(initialiser), made(initialiser, seed=4)
    np.testing.assert_array_equal(network.weights["weight_hh_l0"], again.weights["weight_hh_l0"])
    assert initialiser == "identity" or (network.weights["weight_hh_l0"] != other.weights["weight_hh_l0"]).any()


def test_random_orthogonal_matrices_have_no_preferred_sign():
    """Without the signs of R the diagonal of Q would be negative nearly always."""
    generator = np.random.default_rng(0)
    signs = np.array([orthogonal(3, generator)[0, 0] > 0 for _ in range(400)])
    assert 0.4 < signs.mean() < 0.6


def test_what_cannot_be_scaled_is_refused():
    with pytest.raises(SpecError, match="eigenvalues of W_hh are 0"):
        with_radius(np.triu(np.ones((4, 4)), 1), 1.0)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"initialiser": "magic"}, "choose one of default, xavier"),
        ({"radius": -0.1}, "The spectral radius is -0.1"),
        ({"radius": float("nan")}, "The spectral radius"),
        ({"forget_bias": 100.0}, "The forget bias is 100"),
    ],
)
def test_wrong_fields_are_one_sentence(fields, words):
    with pytest.raises(SpecError, match=words):
        ModelSpec(**fields)


def test_a_run_saved_before_there_were_initialisers_still_opens():
    old = b'{"model": {"cell": "lstm", "hidden": 12, "layers": 1, "bidirectional": false, "activation": "tanh", '
    old += b'"embedding": 0}}'
    run = msgspec.json.decode(old, type=RunSpec)
    assert run.model == ModelSpec(cell="lstm", hidden=12)
    assert (run.model.initialiser, run.model.radius, run.model.forget_bias) == ("default", 1.0, None)
    later = RunSpec(model=ModelSpec(cell="lstm", initialiser="orthogonal", radius=0.9, forget_bias=0.0))
    assert msgspec.json.decode(msgspec.json.encode(later), type=RunSpec) == later
