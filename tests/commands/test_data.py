"""``--data FILE`` on the command line: every task that takes data, every encoding, chosen columns, refusals."""

from __future__ import annotations

import json

import numpy as np
import pytest

from rnnviz.cli import main
from rnnviz.engine import checkpoint
from rnnviz.engine.tasks import task_class
from rnnviz.engine.tasks.names import TITLES

PAIRS = "".join(f"{word} {number}\t{'yes' if number % 2 else 'no'}\n" for number, word in enumerate("abcdefgh"))
FILES = {
    "next-char": ("own.txt", "abcabcabc" * 30, "abc"),
    "next-word": ("own.txt", "the cat sat on the mat and the cat sat", "the cat"),
    "sentiment": ("own.tsv", PAIRS, "a 0"),
    "word-labels": ("own.csv", "sentence,labels\nred apples,adj noun\nold bags,adj noun\n", "red bags"),
    "generate": ("own.csv", "label,text\nsong,la la\nnews,it rains\nsong,la\nnews,it is dry\n", "song: la"),
    "translation": ("own.csv", "en,es\nI eat,como\nyou eat,comes\nwe eat,comemos\nthey eat,comen\n", "I eat → como"),
    "dna": ("own.fa", ">a\nACGTATAAAGGCCGGCCGG\n>b\nACGTATAAAGGCC\n", "ACGTATAAAG"),
    "series": ("own.csv", "day,price\n" + "".join(f"d{i},{i % 7}.5\n" for i in range(80)), "1 2 3"),
}

SHOWN = {
    "next-char": "abc" * 13 + "a",
    "next-word": "the cat sat on the mat and the cat sat",
    "sentiment": "a 0",
    "word-labels": "red apples",
    "generate": "song: la la",
    "translation": "I eat",
    "dna": "ACGTATAAAGGCCGGCCGG",
    "series": " ".join(f"{i % 7}.5" for i in range(40)),
}
"""The text that the window shows first: the beginning of the data."""


def own(folder, name, content, encoding="utf-8"):
    path = folder / name
    path.write_text(content, encoding=encoding)
    return str(path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("task", FILES)
def test_every_task_that_takes_data_trains_traces_and_differentiates(task, encoding, tmp_path, capsys):
    name, content, text = FILES[task]
    data, run, out = own(tmp_path, name, content, encoding), tmp_path / "run.rnnviz", tmp_path / "a.npz"
    assert main(["train", "--task", task, "--data", data, "--steps", "2", "--out", str(run)]) == 0
    assert np.isfinite(json.loads(capsys.readouterr().out.splitlines()[-1])["loss"])
    document = checkpoint.load(run)
    assert (document.run.task.name, document.run.task.source) == (task, name)
    assert document.text == SHOWN[task]
    assert main(["trace", "--open", str(run), "--out", str(out)]) == 0
    for command in ("trace", "gradients"):
        assert main([command, text, "--task", task, "--data", data, "--out", str(out)]) == 0
        with np.load(out) as arrays:
            assert len(arrays["tokens"]) == len(arrays["loss"]) > 0


@pytest.mark.parametrize("task", [name for name in TITLES if name not in FILES])
def test_a_task_that_makes_its_own_data_says_which_take_data(task, tmp_path, capsys):
    assert main(["train", "--task", task, "--data", own(tmp_path, "own.txt", "text"), "--steps", "1"]) == 2
    line = capsys.readouterr().err.splitlines()[-1]
    assert line.startswith(f"rnnviz: {task} makes its own sequences")
    assert all(name in line for name in FILES)


def test_columns_are_chosen_by_a_flag(tmp_path, capsys):
    data = own(tmp_path, "own.csv", "id,review,stars,other\n1,fine soup,5,x y\n2,sad cake,1,z y\n3,good,5,z z\n")
    run, flags = tmp_path / "run.rnnviz", ["train", "--task", "sentiment", "--data", data, "--steps", "1"]
    assert main([*flags, "--columns", "sentence=other,label=#3", "--out", str(run)]) == 0
    assert checkpoint.load(run).run.task.text == "sentence\tlabel\nx y\t5\nz y\t1\nz z\t5\n"
    assert main([*flags, "--columns", "sentence=review", "--out", str(run)]) == 0
    assert "fine soup" in checkpoint.load(run).run.task.text
    assert main([*flags, "--columns", "sentence=nothing"]) == 2
    assert "choose one of id, review, stars, other" in capsys.readouterr().err.splitlines()[-1]
    assert main([*flags, "--columns", "nothing"]) == 2
    assert "write role=column" in capsys.readouterr().err.splitlines()[-1]
    assert main([*flags[:-2], "--header", "no", "--steps", "1", "--out", str(run)]) == 0
    assert "review" in checkpoint.load(run).run.task.text
    assert main(["train", "--steps", "1", "--columns", "sentence=a"]) == 2
    assert "give it with --data" in capsys.readouterr().err.splitlines()[-1]


@pytest.mark.parametrize("flags", [["--columns", "sentence=a"], ["--header", "no"]])
@pytest.mark.parametrize("task", ["next-char", "next-word"])
def test_a_text_is_read_as_it_stands(task, flags, tmp_path, capsys):
    data = own(tmp_path, "own.txt", "a text " * 40)
    assert main(["train", "--task", task, "--data", data, *flags, "--steps", "1"]) == 2
    assert f"{task} reads a file as it stands; leave out --columns and --header" in capsys.readouterr().err


def test_what_was_not_understood_is_said_on_stderr_and_stdout_stays_json(tmp_path, capsys):
    data = own(tmp_path, "own.tsv", PAIRS + "only one\n" * 7)
    assert main(["train", "--task", "sentiment", "--data", data, "--steps", "1"]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["steps"] == 1
    assert "rnnviz: own.tsv, line 9: 1 column instead of 2." in captured.err
    assert "rnnviz: own.tsv: 2 more lines were left out." in captured.err


def test_the_length_of_training_follows_the_data_and_the_flag_wins(tmp_path):
    rows = "".join(f"{'word ' * (50 + number)}end\t{'yes' if number % 2 else 'no'}\n" for number in range(6))
    data, run = own(tmp_path, "own.tsv", rows), tmp_path / "run.rnnviz"
    flags = ["train", "--task", "sentiment", "--data", data, "--hidden", "2", "--steps", "1", "--out", str(run)]
    assert main(flags) == 0
    assert checkpoint.load(run).run.task.length == 56
    assert main([*flags, "--length", "53"]) == 0
    assert checkpoint.load(run).run.task.length == 53
    assert main([*flags, "--length", "10"]) == 2


@pytest.mark.fault(10)
@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"\x00\x01", "is no text"), (None, "could not be read")],
)
@pytest.mark.parametrize("task", ["next-char", "sentiment", "dna"])
def test_a_file_that_is_no_data_ends_with_one_sentence(task, content, words, tmp_path, capsys):
    path = tmp_path / "own.csv"
    if content is not None:
        path.write_bytes(content)
    assert main(["train", "--task", task, "--data", str(path), "--steps", "1"]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


def test_labelled_strands_are_learned(tmp_path, capsys):
    rng = np.random.default_rng(0)
    records = []
    for number in range(80):
        bases = "".join(rng.choice(list("ACGT"), 12))
        bases = bases[:6] + ("GGG" if number % 2 else "TTT") + bases[6:]
        records.append(f">s{number} label={'g' if number % 2 else 't'}\n{bases}\n")
    data = own(tmp_path, "own.fa", "".join(records))
    assert main(["train", "--task", "dna", "--data", data, "--steps", "300"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert summary["loss"] < 0.5 * summary["baseline"]
    assert summary["held_out"] > 0.6
    assert task_class("dna").makes_data


def test_the_encoding_can_be_given(tmp_path, capsys):
    data, run = own(tmp_path, "own.txt", "Привет, мир. " * 30, "windows-1251"), tmp_path / "run.rnnviz"
    flags = ["train", "--data", data, "--steps", "1", "--out", str(run)]
    assert main([*flags, "--encoding", "windows-1251"]) == 0
    assert checkpoint.load(run).run.task.text.startswith("Привет, мир.")
    assert main([*flags, "--encoding", "rot13"]) == 2
    assert "choose one of utf-8" in capsys.readouterr().err
