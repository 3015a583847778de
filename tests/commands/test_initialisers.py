"""``--initialiser``, ``--radius`` and ``--forget-bias``: what scripts get in the arrays."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rnnviz.cli import main
from rnnviz.commands import arguments
from rnnviz.engine import spec


def weights_of(path):
    with np.load(path, allow_pickle=False) as archive:
        return {name.removeprefix("weights/"): archive[name] for name in archive.files if name.startswith("weights/")}


@pytest.fixture
def out(tmp_path):
    return tmp_path / "arrays.npz"


@pytest.mark.parametrize("command", ["trace", "gradients"])
def test_the_recurrent_matrix_has_the_radius_asked_for(command, out):
    assert main([command, "hello", "--initialiser", "scaled", "--radius", "1.3", "--out", str(out)]) == 0
    recurrent = weights_of(out)["weight_hh_l0"].astype(np.float64)
    assert np.abs(np.linalg.eigvals(recurrent)).max() == pytest.approx(1.3, rel=1e-6)


def test_orthogonal_identity_and_the_forget_bias(out):
    assert main(["trace", "hello", "--initialiser", "orthogonal", "--hidden", "6", "--out", str(out)]) == 0
    recurrent = weights_of(out)["weight_hh_l0"]
    np.testing.assert_allclose(recurrent.T @ recurrent, np.eye(6), atol=1e-6)
    flags = ["--cell", "lstm", "--hidden", "6", "--initialiser", "identity", "--forget-bias", "0"]
    assert main(["trace", "hello", *flags, "--out", str(out)]) == 0
    weights = weights_of(out)
    np.testing.assert_array_equal(weights["weight_hh_l0"], np.tile(np.eye(6), (4, 1)))
    assert not weights["bias_ih_l0"].any()
    assert main(["trace", "hello", "--cell", "lstm", "--hidden", "6", "--forget-bias", "2", "--out", str(out)]) == 0
    weights = weights_of(out)
    np.testing.assert_array_equal((weights["bias_ih_l0"] + weights["bias_hh_l0"])[6:12], np.full(6, 2))


def test_training_begins_with_them_and_the_session_remembers(tmp_path, capsys):
    path = tmp_path / "run.rnnviz"
    flags = ["--cell", "lstm", "--hidden", "4", "--initialiser", "orthogonal", "--forget-bias", "1", "--steps", "1"]
    assert main(["train", *flags, "--out", str(path)]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["steps"] == 1
    from rnnviz.engine import checkpoint

    model = checkpoint.load(path).run.model
    assert (model.initialiser, model.radius, model.forget_bias) == ("orthogonal", 1.0, 1.0)
    assert main(["trace", "--open", str(path), "--forget-bias", "1", "--out", str(tmp_path / "x.npz")]) == 2
    assert "leave out --forget-bias" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--radius", "-1"], "'-1' is not a number from 0 to 10"),
        (["--radius", "nan"], "'nan' is not a number"),
        (["--forget-bias", "much"], "'much' is not a number from -20 to 20"),
        (["--initialiser", "magic"], "magic"),
    ],
)
def test_a_wrong_value_is_one_sentence(flags, words, out, capsys):
    with pytest.raises(SystemExit) as ended:
        main(["trace", "hello", *flags, "--out", str(out)])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_the_flags_know_the_same_names_and_limits_as_the_engine():
    assert arguments.INITIALISERS == spec.INITIALISERS
    parser = arguments.build_parser()
    limits = [str(spec.MAX_RADIUS), "--forget-bias", str(spec.MAX_FORGET_BIAS), "--out", "x.npz"]
    given = parser.parse_args(["trace", "hello", "--radius", *limits])
    assert (given.radius, given.forget_bias) == (spec.MAX_RADIUS, spec.MAX_FORGET_BIAS)
    window = parser.parse_args(["--initialiser", "identity", "--radius", "0.5"])
    assert (window.initialiser, window.radius, window.forget_bias) == ("identity", 0.5, None)


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--radius", "0.9"], "--radius does nothing here; give --initialiser orthogonal, identity, scaled"),
        (["--forget-bias", "1", "--cell", "gru"], "The cell gru has no forget gate"),
    ],
)
def test_a_flag_that_would_do_nothing_is_refused(flags, words, out, capsys):
    assert main(["trace", "hello", *flags, "--out", str(out)]) == 2
    assert words in capsys.readouterr().err
    assert not out.exists()
