"""``rnnviz trace`` and ``rnnviz gradients``: the names, shapes and numbers that scripts rely on."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.cli import main
from rnnviz.engine.spec import TaskSpec
from rnnviz.engine.tasks import make_task

GATES = {"elman": ["preactivation"], "lstm": ["i", "f", "g", "o"], "gru": ["r", "z", "n"]}
ROWS = {"elman": 1, "lstm": 4, "gru": 3}


def arrays_of(path):
    with np.load(path, allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


@pytest.fixture
def out(tmp_path):
    return tmp_path / "arrays.npz"


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_trace_keys_and_shapes(cell, out):
    assert main(["trace", "hello", "--cell", cell, "--hidden", "5", "--out", str(out)]) == 0
    arrays = arrays_of(out)
    size = make_task(TaskSpec()).input_size
    rows = 5 * ROWS[cell]
    expected = {
        "tokens": (5,),
        "inputs": (5, size),
        "logits": (5, size),
        "targets": (5,),
        "loss": (5,),
        "l0/hidden": (5, 5),
        **{f"l0/{gate}": (5, 5) for gate in GATES[cell]},
        "weights/weight_ih_l0": (rows, size),
        "weights/weight_hh_l0": (rows, 5),
        "weights/bias_ih_l0": (rows,),
        "weights/bias_hh_l0": (rows,),
        "weights/readout.weight": (size, 5),
        "weights/readout.bias": (size,),
    }
    if cell == "lstm":
        expected["l0/cell"] = (5, 5)
    assert {name: array.shape for name, array in arrays.items() if name != "symbols"} == expected
    assert arrays["tokens"].tolist() == list("hello")
    assert arrays["targets"][-1] == -1
    assert np.isnan(arrays["loss"]).tolist() == [False] * 4 + [True]


def test_layers_directions_and_embedding(out):
    flags = ["--cell", "gru", "--hidden", "4", "--layers", "2", "--bidirectional", "--embedding", "3"]
    assert main(["trace", "hi", *flags, "--out", str(out)]) == 0
    arrays = arrays_of(out)
    assert {name.split("/")[0] for name in arrays if name.startswith("l")} - {"logits", "loss"} == {
        "l0",
        "l0r",
        "l1",
        "l1r",
    }
    assert arrays["inputs"].shape == (2, 3)
    assert arrays["weights/weight_ih_l1_reverse"].shape == (12, 8)
    assert arrays["weights/readout.weight"].shape[1] == 8


@pytest.mark.parametrize(
    ("activation", "function"),
    [
        ("tanh", np.tanh),
        ("relu", lambda a: np.maximum(a, 0)),
        ("sigmoid", lambda a: 1 / (1 + np.exp(-a))),
        ("identity", lambda a: a),
    ],
)
def test_the_activation_is_the_one_asked_for(activation, function, out):
    assert main(["trace", "hello", "--activation", activation, "--out", str(out)]) == 0
    arrays = arrays_of(out)
    np.testing.assert_allclose(arrays["l0/hidden"], function(arrays["l0/preactivation"]), atol=1e-6)


def test_the_seed_decides_the_weights(tmp_path):
    paths = [tmp_path / f"{name}.npz" for name in ("a", "b", "c")]
    for path, seed in zip(paths, ("7", "7", "8"), strict=True):
        assert main(["trace", "hello", "--seed", seed, "--out", str(path)]) == 0
    first, same, other = (arrays_of(path)["weights/weight_hh_l0"] for path in paths)
    assert np.array_equal(first, same)
    assert not np.array_equal(first, other)


def test_own_text_gives_the_vocabulary(tmp_path, out):
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("abcabcabc", encoding="utf-8")
    assert main(["trace", "abc", "--data", str(corpus), "--out", str(out)]) == 0
    assert arrays_of(out)["inputs"].shape == (3, 4)  # a, b, c and the unknown token


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_gradients_keys_shapes_and_the_diagonal(cell, out):
    assert main(["gradients", "hello hello", "--cell", cell, "--hidden", "6", "--out", str(out)]) == 0
    arrays = arrays_of(out)
    steps = 11
    total = arrays["l0/log2_total"]
    assert total.shape == (steps, steps)
    assert np.isneginf(total[np.triu_indices(steps, 1)]).all()
    assert np.isneginf(total[-1]).all()  # the last character has no target, so no loss
    np.testing.assert_allclose(np.diag(total), arrays["l0/log2_direct"], atol=1e-5)
    for name in ("log2_direct", "log2_summed", "jacobian_norm", "weight_contribution"):
        assert arrays[f"l0/{name}"].shape == (steps,)
    weights = {name.removeprefix("weights/") for name in arrays if name.startswith("weights/")}
    assert weights == {name.removeprefix("grad/") for name in arrays if name.startswith("grad/")}
    for name in weights:
        assert arrays[f"grad/{name}"].shape == arrays[f"weights/{name}"].shape


def test_log2_total_of_a_linear_network_is_its_matrix_power(out):
    flags = ["--activation", "identity", "--hidden", "4", "--seed", "3"]
    assert main(["gradients", "hello", *flags, "--out", str(out)]) == 0
    arrays = arrays_of(out)
    recurrent = arrays["weights/weight_hh_l0"].astype(np.float64)
    logits = arrays["logits"].astype(np.float64)
    last = 3
    error = np.exp(logits[last]) / np.exp(logits[last]).sum()
    error[arrays["targets"][last]] -= 1
    delta = error @ arrays["weights/readout.weight"].astype(np.float64)
    for step in range(last, -1, -1):
        assert arrays["l0/log2_total"][last, step] == pytest.approx(np.log2(np.linalg.norm(delta)), abs=1e-4)
        delta = delta @ recurrent


def test_part_c_is_refused_where_there_is_no_cell_state(out, capsys):
    assert main(["gradients", "hello", "--cell", "gru", "--part", "c", "--out", str(out)]) == 2
    assert "no cell state" in capsys.readouterr().err
    assert not out.exists()


def test_an_empty_text_is_refused(out, capsys):
    assert main(["trace", "", "--out", str(out)]) == 2
    assert "no text" in capsys.readouterr().err


def test_a_path_that_cannot_be_written_is_named_and_nothing_is_left(tmp_path, capsys):
    target = tmp_path / "missing" / "t.npz"
    assert main(["trace", "hello", "--out", str(target)]) == 2
    assert str(target) in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_text_that_is_no_text_is_refused(tmp_path, out, capsys):
    corpus = tmp_path / "corpus.bin"
    corpus.write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR")
    assert main(["trace", "hello", "--data", str(corpus), "--out", str(out)]) == 2
    assert "is no text" in capsys.readouterr().err
