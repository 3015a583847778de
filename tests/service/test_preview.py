"""A preview by the real engine process: beside its other work, the newest wins, a disk that hangs holds nobody up."""

from __future__ import annotations

import os
import threading
from types import SimpleNamespace

import msgspec
import pytest

from rnnviz.engine.data import own_file
from rnnviz.engine.data.choice import DataChoice
from rnnviz.engine.spec import ModelSpec, RunSpec
from rnnviz.service import messages as wire
from rnnviz.service.lab import preview
from rnnviz.service.own_data import forget
from rnnviz.service.workbench import Workbench

TABLE = "sentence,label\n" + "".join(f"some words {i},{'yes' if i % 2 else 'no'}\n" for i in range(10))


def written(folder, name, content):
    path = folder / name
    path.write_text(content, encoding="utf-8")
    return str(path)


def test_a_file_is_previewed_and_learned_as_it_was_shown(engine, tmp_path):
    path = written(tmp_path, "own.csv", TABLE + "only one\n")
    engine.send(wire.PreviewData(request=1, path=path))
    found = engine.wait(wire.DataPreviewed)
    assert (found.request, found.path, found.preview.task) == (1, path, "sentiment")
    assert found.preview.problems[0].sentence == "1 column instead of 2."
    choice = DataChoice(columns={"source": "label", "target": "#1"}, header=False)
    engine.send(wire.PreviewData(request=2, path=path, task="translation", choice=choice))
    found = engine.wait(wire.DataPreviewed)
    assert found.preview.refusal == "There is no column 'label'; choose one of column 1, column 2."
    choice = msgspec.structs.replace(choice, columns={"source": "#2", "target": "#1"})
    engine.send(wire.PreviewData(request=3, path=path, task="translation", choice=choice))
    assert engine.wait(wire.DataPreviewed).preview.rows[1] == ("no", "some words 0")
    engine.send(wire.OpenCorpus(request=4, path=path, task="translation", choice=choice))
    changed = engine.wait(wire.RunChanged)
    assert (changed.request, changed.run.task.name) == (4, "translation")
    assert changed.run.task.text.split("\n")[2] == "no\tsome words 0"
    assert changed.run.model.decoder


def test_a_task_on_show_keeps_its_network_and_another_brings_its_own(engine, tmp_path):
    path = written(tmp_path, "own.txt", "abc abc " * 50)
    engine.send(wire.SetRun(request=1, run=RunSpec(model=ModelSpec(hidden=5))))
    engine.wait(wire.RunChanged, lambda reply: reply.request == 1)
    engine.send(wire.OpenCorpus(request=2, path=path))
    kept = engine.wait(wire.RunChanged, lambda reply: reply.request == 2).run
    assert (kept.model.hidden, kept.task.name) == (5, "next-char")
    engine.send(wire.OpenCorpus(request=3, path=path, task="next-word"))
    other = engine.wait(wire.RunChanged, lambda reply: reply.request == 3).run
    assert (other.model.cell, other.task.name) == ("gru", "next-word")


@pytest.mark.fault(22)
def test_of_many_questions_the_newest_is_answered(engine, tmp_path):
    path = written(tmp_path, "own.csv", TABLE * 2000)
    tasks = ("sentiment", "generate", "translation", "next-char", "next-word")
    engine.send(*(wire.PreviewData(request=number, path=path, task=task) for number, task in enumerate(tasks, 1)))
    answer = engine.wait(wire.DataPreviewed, lambda reply: reply.request == 5)
    assert answer.preview.task == "next-word"
    others = {reply.request for reply in engine.passed if isinstance(reply, wire.DataPreviewed | wire.Superseded)}
    assert others == {1, 2, 3, 4}


@pytest.mark.parametrize(("content", "words"), [(None, "could not be read"), ("", "is empty"), ("\x00\x01", "no text")])
def test_what_is_no_data_is_refused_and_the_engine_goes_on(engine, tmp_path, content, words):
    path = str(tmp_path / "own.csv") if content is None else written(tmp_path, "own.csv", content)
    engine.send(wire.PreviewData(request=1, path=path))
    refused = engine.wait(wire.Refused)
    assert (refused.request, refused.command) == (1, "PreviewData")
    assert words in refused.sentence
    engine.send(wire.Unroll(request=3, text="abcd"))
    assert len(engine.wait(wire.Unrolled, lambda reply: reply.request == 3).tokens) == 4


def test_a_pipe_that_nobody_writes_to_is_refused_at_once(engine, tmp_path):
    os.mkfifo(tmp_path / "pipe")
    engine.send(wire.PreviewData(request=1, path=str(tmp_path / "pipe")))
    assert "no file of data" in engine.wait(wire.Refused).sentence


def test_typing_goes_before_a_long_reading(engine, tmp_path):
    path = written(tmp_path, "own.txt", "the cat sat on the mat. " * 100_000)
    engine.send(wire.PreviewData(request=1, path=path, task="next-word"))
    engine.send(*(wire.Unroll(request=10 + number, text="abc"[:number]) for number in range(1, 4)))
    engine.wait(wire.Unrolled, lambda reply: reply.request == 13)
    before = engine.passed
    assert not any(isinstance(reply, wire.DataPreviewed) for reply in before)
    engine.send(wire.PreviewData(request=2, path=path, task="next-word"))  # a new text ends the jobs of the old one
    assert engine.wait(wire.DataPreviewed).request == 2
    assert any(isinstance(reply, wire.Superseded) and reply.request == 1 for reply in [*before, *engine.passed])


def test_a_file_that_changed_after_the_preview_is_read_again(engine, tmp_path):
    path = written(tmp_path, "own.csv", TABLE)
    engine.send(wire.PreviewData(request=1, path=path))
    engine.wait(wire.DataPreviewed)
    written(tmp_path, "own.csv", TABLE + "some more words,yes\n")
    engine.send(wire.OpenCorpus(request=2, path=path, task="sentiment"))
    assert "some more words\tyes" in engine.wait(wire.RunChanged).run.task.text


def _result(work):
    """What a generator returns in the end."""
    while True:
        try:
            next(work)
        except StopIteration as ended:
            return ended.value


@pytest.mark.fault(22)
def test_a_disk_that_does_not_answer_holds_nobody_up(monkeypatch, tmp_path):
    began, released = threading.Event(), threading.Event()
    path = written(tmp_path, "own.csv", TABLE)

    def hang(file, encoding):
        began.set()
        assert released.wait(20)
        return read(file, encoding)

    read = own_file.read_source
    monkeypatch.setattr(own_file, "read_source", hang)
    laboratory = SimpleNamespace(bench=Workbench(RunSpec()))
    (experiment,) = preview.EXPERIMENTS
    waiting = experiment.answer(laboratory, wire.PreviewData(path=path))
    next(waiting)
    assert began.wait(20)
    for _ in range(5):
        next(waiting)  # the loop goes on: keystrokes and training steps come in between
    waiting.close()
    again = experiment.answer(laboratory, wire.PreviewData(path=path, task="translation"))
    next(again)
    released.set()
    assert _result(again).preview.task == "translation"
    for thread in [each for each in threading.enumerate() if each.name == "rnnviz-own-data"]:
        thread.join(20)
    forget()
