"""Networks: names, shapes, PyTorch's distributions, and refusals."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
import torch

from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import Network, initialise, weight_shapes, weight_suffix
from rnnviz.engine.spec import ModelSpec
from tests.engine.oracle import make_network

MODULES = {"elman": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("layers", [1, 2])
def test_names_and_shapes_are_pytorchs(cell, bidirectional, layers):
    spec = ModelSpec(cell=cell, hidden=6, layers=layers, bidirectional=bidirectional)
    module = MODULES[cell](9, 6, num_layers=layers, bidirectional=bidirectional)
    expected = {name: tuple(array.shape) for name, array in module.state_dict().items()}
    expected |= {"readout.weight": (4, 6 * (1 + bidirectional)), "readout.bias": (4,)}
    assert weight_shapes(spec, 9, 4) == expected
    network = initialise(spec, 9, 4, seed=0)
    assert network.parameter_count == sum(np.prod(shape) for shape in expected.values())


def test_layer_names_and_suffixes():
    assert make_network(layers=2, hidden=3).layer_names == ("l0", "l1")
    assert make_network(layers=2, hidden=3, bidirectional=True).layer_names == ("l0", "l0r", "l1", "l1r")
    assert weight_suffix("l1r") == "_l1_reverse"
    assert weight_suffix("l0") == "_l0"


def test_initial_weights_have_pytorchs_distributions():
    network = initialise(ModelSpec(cell="lstm", hidden=64, embedding=32, bidirectional=True), 50, 20, seed=1)
    for name, array in network.weights.items():
        if name == "embedding.weight":
            assert array.std() == pytest.approx(1, abs=0.05)
            continue
        bound = 128**-0.5 if name.startswith("readout") else 1 / 8
        assert np.abs(array).max() <= bound
        if array.size > 1000:
            assert array.std() == pytest.approx(bound / np.sqrt(3), rel=0.05)
            assert np.abs(array).max() == pytest.approx(bound, rel=0.01)


def test_a_seed_decides_the_weights():
    first, again, other = (initialise(ModelSpec(hidden=4), 5, 5, seed) for seed in (7, 7, 8))
    for name, array in first.weights.items():
        np.testing.assert_array_equal(array, again.weights[name])
    assert not np.array_equal(first.weights["weight_hh_l0"], other.weights["weight_hh_l0"])


def test_weights_are_read_only_and_the_type_can_change():
    network = initialise(ModelSpec(hidden=4), 5, 5, seed=0)
    assert network.dtype == np.float32
    assert network.astype(np.float64).dtype == np.float64
    with pytest.raises(ValueError, match="read-only"):
        network.weights["readout.bias"][0] = 1
    with pytest.raises(TypeError):
        network.weights["readout.bias"] = np.zeros(5)


def test_embedding_and_one_hot_inputs():
    one_hot = initialise(ModelSpec(hidden=4), 5, 5, seed=0)
    np.testing.assert_array_equal(one_hot.encode(np.array([2, -1])), [[0, 0, 1, 0, 0], [0] * 5])
    embedded = initialise(ModelSpec(hidden=4, embedding=3), 5, 5, seed=0)
    expected = [embedded.weights["embedding.weight"][2], np.zeros(3)]
    np.testing.assert_array_equal(embedded.encode(np.array([2, -1])), expected)


def test_wrong_weights_are_refused_with_expected_and_found():
    network = make_network(cell="gru", hidden=4)
    good = dict(network.weights)

    def refuse(words: str, **changed: np.ndarray) -> None:
        with pytest.raises(SpecError, match=words):
            Network(network.spec, 5, 5, good | changed)

    refuse(
        r"weight_hh_l0 has the shape \(4, 12\) \(it looks transposed\); expected \(12, 4\)",
        weight_hh_l0=np.zeros((4, 12)),
    )
    refuse(r"bias_ih_l0 has the shape \(3,\); expected \(12,\)", bias_ih_l0=np.zeros(3))
    refuse("weight_hh_l0 holds int64; expected float32 or float64", weight_hh_l0=np.zeros((12, 4), np.int64))
    refuse("bias_hh_l0 holds NaN", bias_hh_l0=np.full(12, np.nan))
    refuse("mix float32 and float64", bias_hh_l0=np.zeros(12, np.float32))
    refuse("hold weight_hh_l1, which this network does not have", weight_hh_l1=np.zeros((12, 4)))
    del good["readout.bias"]
    refuse("lack readout.bias")
    with pytest.raises(SpecError, match="0 inputs"):
        Network(network.spec, 0, 5, network.weights)
    with pytest.raises(SpecError, match="choose one of l0"):
        network.layer_weights("l1")


def test_the_analysis_side_does_not_import_torch():
    modules = ("tokens", "network", "trace", "gradients", "credit", "spectra")
    imports = "; ".join(f"import rnnviz.engine.{name}" for name in modules)
    code = f"import sys; {imports}; assert 'torch' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
