"""The trace against torch's own modules with the same weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import Network, initialise, weight_shapes
from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.trace import step_detail, trace, trace_arrays
from tests.engine.oracle import make_network, make_sequence, run_oracle

MODULES = {"elman": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


def torch_run(network: Network, inputs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The outputs (T, H·directions) and logits of the torch module with the same weights."""
    spec = network.spec
    options = {"nonlinearity": spec.activation} if spec.cell == "elman" else {}
    module = MODULES[spec.cell](
        inputs.shape[1], spec.hidden, num_layers=spec.layers, bidirectional=spec.bidirectional, **options
    )
    state = {k: torch.tensor(v) for k, v in network.weights.items() if k.split("_")[0] in ("weight", "bias")}
    module.load_state_dict(state)
    with torch.no_grad():
        outputs = module(torch.tensor(inputs)[:, None])[0][:, 0]
        logits = torch.nn.functional.linear(
            outputs, torch.tensor(network.weights["readout.weight"]), torch.tensor(network.weights["readout.bias"])
        )
    return outputs.numpy(), logits.numpy()


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("layers", [1, 3])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("embedding", [0, 7])
def test_states_and_logits_match_torch(cell, layers, bidirectional, embedding):
    spec = ModelSpec(cell=cell, hidden=16, layers=layers, bidirectional=bidirectional, embedding=embedding)
    network, encoded = initialise(spec, 11, 9, seed=3), make_sequence(40, classes=9)
    traced = trace(network, encoded)
    assert traced.logits.dtype == np.float32
    outputs, logits = torch_run(network, traced.inputs)
    top = np.concatenate([layer.hidden for layer in traced.layers[-network.directions :]], axis=1)
    np.testing.assert_allclose(top, outputs, atol=1e-5)
    np.testing.assert_allclose(traced.logits, logits, atol=1e-5)
    expected = torch.nn.functional.cross_entropy(torch.tensor(logits), torch.tensor(encoded.targets), reduction="none")
    np.testing.assert_allclose(traced.loss, expected.numpy(), atol=1e-5)
    np.testing.assert_allclose(traced.probabilities, torch.tensor(logits).softmax(1).numpy(), atol=1e-6)


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("switch", [1, 15, 39])
def test_encoder_and_decoder_are_two_torch_modules_with_the_state_handed_over(cell, layers, switch):
    spec = ModelSpec(cell=cell, hidden=16, layers=layers, decoder=True, embedding=7)
    network, encoded = initialise(spec, 11, 9, seed=3), make_sequence(40, classes=9, switch=switch)
    traced = trace(network, encoded)
    state, found = None, []
    for rows, ending in ((slice(0, switch), ""), (slice(switch, 40), "_decoder")):
        module = MODULES[cell](traced.inputs.shape[1], 16, num_layers=layers)
        module.load_state_dict({key: torch.tensor(network.weights[key + ending]) for key in module.state_dict()})
        with torch.no_grad():
            outputs, state = module(torch.tensor(traced.inputs[rows])[:, None], state)
        found.append(outputs[:, 0].numpy())
    np.testing.assert_allclose(traced.layers[-1].hidden, np.concatenate(found), atol=1e-5)
    assert (traced.switch, len(traced.layers)) == (switch, layers)
    if cell == "lstm":
        np.testing.assert_allclose(traced.layers[-1].cell_state[-1], state[1][-1, 0].numpy(), atol=1e-5)


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("switch", [0, 12])
def test_a_decoder_alone_and_an_encoder_alone_are_plain_networks(cell, switch):
    network, encoded = make_network(cell=cell, hidden=5, decoder=True), make_sequence(12, switch=switch)
    ending = "" if switch else "_decoder"
    plain = {
        name: network.weights[name.replace("_l0", f"_l0{ending}")]
        for name in weight_shapes(ModelSpec(cell=cell, hidden=5), 5, 5)
    }
    alone = Network(ModelSpec(cell=cell, hidden=5), 5, 5, plain)
    np.testing.assert_array_equal(trace(network, encoded).logits, trace(alone, encoded).logits)


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_the_inside_of_a_decoders_step_shows_the_decoders_weights(cell):
    network = make_network(cell=cell, hidden=5, decoder=True)
    traced = trace(network, make_sequence(12, switch=7))
    for step, decoder in ((7, False), (8, True)):
        bias = step_detail(traced, step).layers["l0"][0].terms[2].values
        weights = network.layer_weights("l0", decoder=decoder)
        np.testing.assert_array_equal(bias, (weights.bias_ih + weights.bias_hh)[:5] if cell != "lstm"
                                      else (weights.bias_ih + weights.bias_hh)[5:10])  # fmt: skip


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid", "identity"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_every_activation_matches_the_explicit_loop(activation, bidirectional):
    network = make_network(hidden=6, activation=activation, bidirectional=bidirectional, layers=2)
    encoded = make_sequence(15)
    traced, oracle = trace(network, encoded), run_oracle(network, encoded)
    for layer in traced.layers:
        expected = torch.stack(oracle.hidden[layer.name]).detach().numpy()
        np.testing.assert_allclose(layer.hidden, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_lstm_gates_match_torch_recomputation(bidirectional):
    network = make_network(cell="lstm", hidden=6, layers=2, bidirectional=bidirectional)
    for layer in trace(network, make_sequence(15)).layers:
        weights = network.layer_weights(layer.name)
        bias = weights.bias_ih + weights.bias_hh
        sums = torch.tensor(layer.inputs @ weights.ih.T + layer.previous_hidden @ weights.hh.T + bias)
        i, f, g, o = sums.chunk(4, dim=1)
        expected = {"i": i.sigmoid(), "f": f.sigmoid(), "g": g.tanh(), "o": o.sigmoid()}
        for name, values in expected.items():
            np.testing.assert_allclose(layer.gates[name], values.numpy(), atol=1e-12)
        cell = layer.gates["f"] * layer.previous_cell + layer.gates["i"] * layer.gates["g"]
        np.testing.assert_allclose(layer.cell, cell, atol=1e-12)
        np.testing.assert_allclose(layer.hidden, layer.gates["o"] * np.tanh(layer.cell), atol=1e-12)


@pytest.mark.parametrize("bidirectional", [False, True])
def test_gru_gates_match_torch_recomputation(bidirectional):
    network = make_network(cell="gru", hidden=6, layers=2, bidirectional=bidirectional)
    for layer in trace(network, make_sequence(15)).layers:
        weights = network.layer_weights(layer.name)
        x_r, x_z, x_n = torch.tensor(layer.inputs @ weights.ih.T + weights.bias_ih).chunk(3, dim=1)
        h_r, h_z, h_n = torch.tensor(layer.previous_hidden @ weights.hh.T + weights.bias_hh).chunk(3, dim=1)
        r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
        for name, values in {"r": r, "z": z, "n": (x_n + r * h_n).tanh()}.items():
            np.testing.assert_allclose(layer.gates[name], values.numpy(), atol=1e-12)


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_parts_are_products_without_bias(cell):
    network = make_network(cell=cell, hidden=6, layers=2, bidirectional=True)
    for layer in trace(network, make_sequence(12)).layers:
        weights = network.layer_weights(layer.name)
        np.testing.assert_allclose(layer.input_part, layer.inputs @ weights.ih.T, atol=1e-12)
        np.testing.assert_allclose(layer.recurrent_part, layer.previous_hidden @ weights.hh.T, atol=1e-12)


@pytest.mark.parametrize("embedding", [0, 3])
def test_an_unknown_token_without_an_entry_is_a_zero_vector(embedding):
    network = make_network(hidden=4, embedding=embedding)
    encoded = EncodedSequence(("a", "?"), np.array([1, -1]), np.array([-1, -1]), np.array([True, False]))
    traced = trace(network, encoded)
    assert np.all(traced.inputs[1] == 0)
    assert np.all(traced.layers[0].input_part[1] == 0)


def test_real_inputs_give_the_trace_of_the_same_one_hot_vectors():
    network, encoded = make_network(cell="gru", hidden=4), make_sequence(6)
    by_ids, by_vectors = trace(network, encoded), trace_arrays(network, np.eye(5)[encoded.ids], encoded.targets)
    np.testing.assert_allclose(by_vectors.logits, by_ids.logits, rtol=1e-12)
    np.testing.assert_allclose(by_vectors.loss, by_ids.loss, rtol=1e-12)


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_an_empty_sequence_gives_an_empty_trace(cell):
    traced = trace(make_network(cell=cell, hidden=4, layers=2, bidirectional=True), make_sequence(0))
    assert traced.logits.shape == (0, 5)
    assert traced.layers[0].hidden.shape == (0, 4)
    assert traced.loss_steps == ()
    assert traced.probabilities.shape == (0, 5)


def test_loss_is_nan_where_there_is_no_target():
    traced = trace(make_network(hidden=4), make_sequence(6, every=3))
    assert traced.loss_steps == (3, 6)
    assert np.isfinite(traced.loss[[2, 5]]).all()
    assert np.isnan(traced.loss[[0, 1, 3, 4]]).all()


def test_an_untrained_classifier_loses_about_ln_v():
    network = initialise(ModelSpec(hidden=32), 65, 65, seed=0)
    loss = trace(network, make_sequence(400, classes=65)).loss
    assert loss.mean() == pytest.approx(np.log(65), abs=0.05)


def test_huge_logits_give_finite_losses():
    network = make_network(hidden=4)
    weights = dict(network.weights) | {"readout.bias": np.array([0, 0, 0, 0, 1e4])}
    assert np.isfinite(trace(Network(network.spec, 5, 5, weights), make_sequence(8)).loss).all()


def test_nothing_in_a_trace_can_be_overwritten():
    traced = trace(make_network(cell="lstm", hidden=4), make_sequence(6))
    layer = traced.layers[0]
    for array in (traced.logits, traced.loss, traced.ids, layer.hidden, layer.cell, layer.gates["f"], layer.input_part):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


def test_what_cannot_be_run_is_refused_in_one_sentence():
    network = make_network(hidden=4)
    with pytest.raises(SpecError, match=r"\(3, 4\); expected \(T, 5\)"):
        trace_arrays(network, np.zeros((3, 4)))
    with pytest.raises(SpecError, match="targets run from 0 to 7"):
        trace_arrays(network, np.zeros((2, 5)), np.array([0, 7]))
    with pytest.raises(SpecError, match="ids run from 0 to 9"):
        trace(network, EncodedSequence(("a", "b"), np.array([0, 9]), np.array([-1, -1]), np.ones(2, np.bool_)))
    with pytest.raises(SpecError, match="no layer 'l7'"):
        trace(network, make_sequence(3)).layer("l7")
    with pytest.raises(SpecError, match="from 1 to 3"):
        step_detail(trace(network, make_sequence(3)), 4)


def test_step_detail_gives_the_numbers_of_one_step():
    traced = trace(make_network(cell="lstm", hidden=4, layers=2), make_sequence(5, every=2))
    detail = step_detail(traced, 3)
    assert list(detail.layers) == ["l0", "l1"]
    np.testing.assert_array_equal(detail.layers["l1"][-1].values, traced.layer("l1").hidden[2])
    assert detail.target == traced.targets[2]
    assert detail.loss == pytest.approx(traced.loss[2])
    assert step_detail(traced, 2).target is None
    assert np.isnan(step_detail(traced, 2).loss)
