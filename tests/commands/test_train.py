"""``rnnviz train``: what it prints, what it writes, and how it ends."""

from __future__ import annotations

import csv
import json
import math
import os
import signal
import subprocess
import sys

import numpy as np
import pytest

from rnnviz.cli import main
from rnnviz.commands import train
from rnnviz.engine import checkpoint


def summary_of(capsys):
    return json.loads(capsys.readouterr().out.splitlines()[-1])


def test_the_last_line_is_json_and_the_log_has_every_step(tmp_path, capsys):
    run, log = tmp_path / "run.rnnviz", tmp_path / "run.csv"
    flags = ["--task", "parity", "--cell", "gru", "--hidden", "4", "--steps", "6", "--out", str(run), "--log", str(log)]
    assert main(["train", *flags]) == 0
    summary = summary_of(capsys)
    assert summary["steps"] == 6
    assert summary["baseline"] == pytest.approx(math.log(2))
    assert 0 <= summary["accuracy"] <= 1
    assert summary["device"] == "cpu"
    assert summary["steps_per_second"] > 0
    with log.open(encoding="utf-8") as stream:
        rows = list(csv.DictReader(stream))
    assert [int(row["step"]) for row in rows] == [1, 2, 3, 4, 5, 6]
    assert float(rows[-1]["loss"]) == pytest.approx(summary["loss"])
    document = checkpoint.load(run)
    assert document.trainer_state.step == 6
    assert document.run.model.cell == "gru"
    assert len(document.trainer_state.history["loss"]) == 6


def test_a_task_without_accuracy_has_none_in_the_summary(capsys):
    assert main(["train", "--steps", "2"]) == 0
    assert "accuracy" not in summary_of(capsys)


def test_continuing_is_the_same_as_never_having_stopped(tmp_path, capsys):
    whole, half, rest = (tmp_path / f"{name}.rnnviz" for name in ("whole", "half", "rest"))
    flags = ["--cell", "lstm", "--hidden", "4", "--seed", "5"]
    assert main(["train", *flags, "--steps", "8", "--out", str(whole)]) == 0
    assert main(["train", *flags, "--steps", "5", "--out", str(half)]) == 0
    assert main(["train", "--open", str(half), "--steps", "3", "--out", str(rest)]) == 0
    assert summary_of(capsys)["steps"] == 8
    expected, found = (checkpoint.load(path).weights for path in (whole, rest))
    for name, array in expected.items():
        assert np.array_equal(array, found[name]), name


def test_truncation_reaches_the_run_and_is_another_training(tmp_path, capsys):
    """With k2 = 1 no state hands a gradient on; with k2 of the whole length nothing is cut."""
    weights = {}
    for name, flags in {
        "full": [],
        "whole": ["--truncate-length", "6", "--truncate-every", "6"],
        "one": ["--truncate-length", "1"],
    }.items():
        run = tmp_path / f"{name}.rnnviz"
        common = ["--task", "parity", "--length", "6", "--cell", "elman", "--hidden", "4", "--steps", "3"]
        assert main(["train", *common, *flags, "--out", str(run)]) == 0
        weights[name] = checkpoint.load(run).weights["weight_hh_l0"]
    training = checkpoint.load(tmp_path / "whole.rnnviz").run.training
    assert (training.truncate_every, training.truncate_length) == (6, 6)
    assert checkpoint.load(tmp_path / "one.rnnviz").run.training.truncate_every == 1
    np.testing.assert_allclose(weights["whole"], weights["full"], rtol=1e-5, atol=1e-7)
    assert not np.allclose(weights["one"], weights["full"], rtol=1e-3)


def test_truncation_can_be_changed_when_a_run_goes_on(tmp_path, capsys):
    run, rest = tmp_path / "run.rnnviz", tmp_path / "rest.rnnviz"
    assert main(["train", "--task", "parity", "--truncate-length", "4", "--steps", "1", "--out", str(run)]) == 0
    assert main(["train", "--open", str(run), "--truncate-every", "2", "--steps", "1", "--out", str(rest)]) == 0
    training = checkpoint.load(rest).run.training
    assert (training.truncate_every, training.truncate_length) == (2, 4)
    assert main(["train", "--open", str(run), "--truncate-every", "5", "--steps", "1"]) == 2
    assert "k1 is 5 and k2 is 4" in capsys.readouterr().err


def test_trained_weights_reach_trace(tmp_path, capsys):
    run, out = tmp_path / "run.rnnviz", tmp_path / "t.npz"
    assert main(["train", "--task", "parity", "--steps", "3", "--text", "0110", "--out", str(run)]) == 0
    assert main(["trace", "--open", str(run), "--out", str(out)]) == 0
    with np.load(out) as arrays:
        assert arrays["tokens"].tolist() == list("0110")
        assert np.array_equal(arrays["weights/weight_hh_l0"], checkpoint.load(run).weights["weight_hh_l0"])


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--rate", "99"], "learning rate"),
        (["--data", "/no/such/file.txt"], "file.txt could not be read"),
        (["--out", "/no/such/folder/x.rnnviz"], "/no/such/folder"),
        (["--clip", "-1"], "clipping"),
        (["--truncate-every", "3"], "--truncate-length"),
        (["--truncate-every", "3", "--truncate-length", "2"], "k2"),
    ],
)
def test_what_cannot_be_trained_is_refused_before_training(flags, words, capsys):
    assert main(["train", "--steps", "3", *flags]) == 2
    assert words in capsys.readouterr().err


def test_open_refuses_flags_that_contradict_the_file(tmp_path, capsys):
    run = tmp_path / "run.rnnviz"
    assert main(["train", "--steps", "1", "--out", str(run)]) == 0
    assert main(["train", "--open", str(run), "--cell", "gru", "--steps", "1"]) == 2
    assert "--cell" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send")
def test_ctrl_c_before_the_first_step_has_nothing_to_save(tmp_path, capsys, monkeypatch):
    run, before = tmp_path / "run.rnnviz", signal.getsignal(signal.SIGINT)
    make = train._trainer

    def interrupted(document):
        os.kill(os.getpid(), signal.SIGINT)
        return make(document)

    monkeypatch.setattr(train, "_trainer", interrupted)
    assert main(["train", "--steps", "5", "--out", str(run)]) == 130
    assert capsys.readouterr() == ("", "")
    assert not run.exists()
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGINT to send and no named pipes in folders")
def test_ctrl_c_saves_and_exits_cleanly(tmp_path):
    run, log = tmp_path / "run.rnnviz", tmp_path / "run.csv"
    os.mkfifo(log)  # reading it waits for the first step, without polling
    flags = ["--hidden", "4", "--steps", "1000000", "--out", str(run), "--log", str(log)]
    with subprocess.Popen(
        [sys.executable, "-m", "rnnviz", "train", *flags],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    ) as process:
        with log.open(encoding="utf-8") as lines:
            assert lines.readline().startswith("step,loss")
            assert lines.readline().startswith("1,")
            process.send_signal(signal.SIGINT)
            rest = lines.readlines()
        out, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    summary = json.loads(out.splitlines()[-1])
    assert summary["interrupted"] is True
    assert summary["steps"] == 1 + len(rest)
    assert checkpoint.load(run).trainer_state.step == summary["steps"]
