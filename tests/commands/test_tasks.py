"""Every task by its name on the command line, with its own network and with the user's own data."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rnnviz.cli import main
from rnnviz.commands.train import HELD_OUT_SEED
from rnnviz.engine import checkpoint
from rnnviz.engine.spec import TaskSpec
from rnnviz.engine.tasks import make_task, task_class
from rnnviz.engine.tasks.held_out import held_out_score
from rnnviz.engine.tasks.names import TITLES

TABLE = (
    "sentence\tlabel\nThe soup was good\tgood\nA sad and cold place\tbad\n"
    "We liked the cake\tgood\nThe end was sad\tbad\n"
)


@pytest.mark.parametrize("name", TITLES)
def test_trace_and_gradients_know_every_task(name, tmp_path):
    example, out = task_class(name).example, tmp_path / "a.npz"
    for command in ("trace", "gradients"):
        assert main([command, example, "--task", name, "--out", str(out)]) == 0
        with np.load(out) as arrays:
            assert len(arrays["tokens"]) == len(arrays["loss"]) > 1
            assert np.isfinite(arrays["l0/hidden"]).all()


@pytest.mark.parametrize("command", ["trace", "gradients"])
@pytest.mark.parametrize("name", TITLES)
def test_without_a_text_the_example_of_the_task_is_read_and_that_is_said(name, command, tmp_path, capsys):
    without, typed = tmp_path / "without.npz", tmp_path / "typed.npz"
    assert main([command, "--task", name, "--out", str(without)]) == 0
    example = make_task(TaskSpec(name=name)).example
    notes = [line for line in capsys.readouterr().err.splitlines() if "No text is given" in line]
    assert notes == [f"rnnviz: No text is given, so the example of {name} is read: {example!r}."]
    assert main([command, example, "--task", name, "--out", str(typed)]) == 0
    assert "No text" not in capsys.readouterr().err
    with np.load(without) as found, np.load(typed) as wanted:
        assert found.files == wanted.files
        assert all(np.array_equal(found[key], wanted[key], equal_nan=found[key].dtype.kind == "f") for key in wanted)


@pytest.mark.parametrize(
    ("task", "data", "tokens"), [("sentiment", "own.tsv", 4), ("next-char", "own.tsv", 14), ("series", "steps", 24)]
)
def test_without_a_text_the_example_of_the_data_is_read(task, data, tokens, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.tsv").write_text(TABLE, encoding="utf-8")
    assert main(["trace", "--task", task, "--data", data, "--out", "a.npz"]) == 0
    assert f"the example of {data} is read: " in capsys.readouterr().err
    with np.load("a.npz") as arrays:
        assert len(arrays["tokens"]) == tokens


@pytest.mark.parametrize("flags", [[], [""], ["", "--task", "parity"]])
def test_without_text_and_task_there_is_nothing_to_read(flags, tmp_path, capsys):
    assert main(["trace", *flags, "--out", str(tmp_path / "a.npz")]) == 2
    assert "There is no text; give at least one character" in capsys.readouterr().err


@pytest.mark.parametrize("name", TITLES)
def test_train_takes_the_network_and_the_steps_that_learn_the_task(name, tmp_path, capsys, monkeypatch):
    run, task = tmp_path / "run.rnnviz", task_class(name)
    monkeypatch.setattr(task, "default_steps", 2)
    assert main(["train", "--task", name, "--out", str(run)]) == 0
    summary, document = json.loads(capsys.readouterr().out.splitlines()[-1]), checkpoint.load(run)
    assert summary["steps"] == document.trainer_state.step == 2
    assert all(getattr(document.run.model, key) == value for key, value in task.default_model.items())
    assert all(getattr(document.run.training, key) == value for key, value in task.default_training.items())
    assert document.text == task.example
    assert summary["metric"] == task.metric
    made = make_task(document.run.task)
    measured = held_out_score(document.network(), made, np.random.default_rng(HELD_OUT_SEED))
    assert summary["held_out"] == pytest.approx(measured, abs=1e-6)
    assert ("accuracy" in summary) == task.has_accuracy


@pytest.mark.parametrize("name", TITLES)
def test_what_was_trained_is_opened_by_trace_and_gradients(name, tmp_path, capsys):
    run, out = tmp_path / "run.rnnviz", tmp_path / "a.npz"
    assert main(["train", "--task", name, "--hidden", "3", "--steps", "1", "--out", str(run)]) == 0
    for command in ("trace", "gradients"):
        assert main([command, "--open", str(run), "--out", str(out)]) == 0
        with np.load(out) as arrays:
            found = checkpoint.load(run).weights
            assert all(np.array_equal(arrays[f"weights/{key}"], array) for key, array in found.items())


def test_without_any_flag_the_steps_are_the_tasks_and_are_said(tmp_path, capsys):
    assert main(["train", "--hidden", "4"]) == 0
    summary = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert summary["steps"] == task_class("next-char").default_steps
    assert summary["held_out"] < 0.9 * summary["baseline"] == pytest.approx(0.9 * np.log(19))


def test_flags_win_over_the_tasks_own(tmp_path):
    run = tmp_path / "run.rnnviz"
    flags = ["--task", "temporal-order", "--cell", "gru", "--hidden", "3", "--rate", "0.5", "--steps", "1"]
    assert main(["train", *flags, "--out", str(run)]) == 0
    document = checkpoint.load(run)
    assert (document.run.model.cell, document.run.model.hidden) == ("gru", 3)
    assert document.run.model.forget_bias is None
    assert document.run.training.learning_rate == 0.5
    assert document.run.training.batch_size == task_class("temporal-order").default_training["batch_size"]


def test_an_activation_asks_for_the_elman_cell(tmp_path):
    run = tmp_path / "run.rnnviz"
    assert main(["train", "--activation", "relu", "--steps", "1", "--out", str(run)]) == 0
    assert (checkpoint.load(run).run.model.cell, checkpoint.load(run).run.model.activation) == ("elman", "relu")


@pytest.mark.parametrize(
    ("task", "name", "content"),
    [
        ("next-char", "own.txt", "abcabcabc"),
        ("next-word", "own.txt", "the cat sat on the mat and the cat sat"),
        ("sentiment", "own.tsv", TABLE),
        ("sentiment", "own.csv", TABLE.replace("\t", ",")),
        ("word-labels", "own.tsv", "sentence\tlabels\nred apples\tadj noun\nold bags\tadj noun\n"),
        ("series", "own.csv", "day,price\n" + "".join(f"d{i},{i % 7}.5\n" for i in range(80))),
    ],
)
def test_own_data_is_learned(task, name, content, tmp_path, capsys):
    data, run = tmp_path / name, tmp_path / "run.rnnviz"
    data.write_text(content, encoding="utf-8")
    assert main(["train", "--task", task, "--data", str(data), "--steps", "2", "--out", str(run)]) == 0
    assert checkpoint.load(run).run.task.source == name
    assert np.isfinite(json.loads(capsys.readouterr().out.splitlines()[-1])["loss"])


def test_a_line_that_was_not_understood_is_named(tmp_path, capsys):
    data = tmp_path / "own.tsv"
    data.write_text(f"{TABLE}no label here\n", encoding="utf-8")
    assert main(["train", "--task", "sentiment", "--data", str(data), "--steps", "1"]) == 0
    assert "own.tsv, line 6: 1 column instead of 2." in capsys.readouterr().err


@pytest.mark.parametrize(
    ("task", "content", "words"),
    [
        ("sentiment", "one column\nonly\n", "one column"),
        ("sentiment", "sentence\tlabel\na b\tx\nc d\tx\n", "1 different label"),
        ("word-labels", "sentence\tlabels\na b\tx\nc d\ty\n", "0 rows"),
        ("dna", ">gene\nACGT\n", "stands nowhere"),
        ("parity", "0110\n", "makes its own"),
    ],
)
def test_data_that_cannot_be_learned_is_refused_in_one_sentence(task, content, words, tmp_path, capsys):
    data = tmp_path / "own.tsv"
    data.write_text(content, encoding="utf-8")
    assert main(["train", "--task", task, "--data", str(data), "--steps", "1"]) == 2
    assert words in capsys.readouterr().err.splitlines()[-1]
