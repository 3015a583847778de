"""The kept file of the service: read once, asked again, let go while another thread still asks."""

from __future__ import annotations

import pytest

from rnnviz.engine.data.choice import DataChoice
from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import RunSpec
from rnnviz.engine.tasks import make_task
from rnnviz.service import own_data
from rnnviz.service.documents import corpus_run

TABLE = "sentence,label\n" + "".join(f"some words {i},{'yes' if i % 2 else 'no'}\n" for i in range(10))


@pytest.fixture
def path(tmp_path):
    own_data.forget()
    path = tmp_path / "own.csv"
    path.write_text(TABLE, encoding="utf-8")
    yield str(path)
    own_data.forget()


def counted(monkeypatch, name):
    """How often ``name`` is called from here on."""
    calls, real = [], getattr(own_data, name)

    def call(*arguments, **options):
        calls.append(arguments)
        return real(*arguments, **options)

    monkeypatch.setattr(own_data, name, call)
    return calls


def test_the_same_question_is_answered_once_and_another_task_reads_no_disk(path, monkeypatch):
    files, questions = counted(monkeypatch, "OwnFile"), counted(monkeypatch, "prepare")
    first = own_data.prepared(path, "", DataChoice(), "next-char")
    assert own_data.prepared(path, "sentiment", DataChoice(), "next-char") is first
    assert (len(files), len(questions)) == (1, 1)
    other = own_data.prepared(path, "generate", DataChoice(), "next-char")
    assert other.spec.name == "generate"
    assert (len(files), len(questions)) == (1, 2)
    own_data.prepared(path, "generate", DataChoice(encoding="utf-8"), "next-char")
    assert len(files) == 2


def test_the_tasks_follow_the_one_on_show(path):
    first = own_data.prepared(path, "sentiment", DataChoice(), "next-char").preview.tasks
    other = own_data.prepared(path, "sentiment", DataChoice(), "translation").preview.tasks
    assert (first[0], other[0]) == ("sentiment", "translation")
    assert set(first) == set(other)


def test_a_file_that_is_let_go_while_it_is_prepared_is_answered(path, monkeypatch):
    real = own_data.prepare

    def prepare_and_forget(*arguments, **options):
        found = real(*arguments, **options)
        own_data.forget()
        return found

    monkeypatch.setattr(own_data, "prepare", prepare_and_forget)
    kept = list.__setitem__

    class Forgetful(list):
        def __setitem__(self, place, value):
            kept(self, place, value)
            self.clear()

    monkeypatch.setattr(own_data, "_LAST", Forgetful())
    assert own_data.prepared(path, "sentiment", DataChoice(), "next-char").spec.name == "sentiment"


def test_what_nobody_waits_for_is_not_prepared(path, monkeypatch):
    questions = counted(monkeypatch, "prepare")
    with pytest.raises(SpecError, match="Another question"):
        own_data.prepared(path, "sentiment", DataChoice(), "next-char", lambda: False)
    assert questions == []


def test_what_was_previewed_is_learned_without_reading_the_text_again(tmp_path):
    path = tmp_path / "own.txt"
    path.write_text("the cat sat on the mat\n" * 50_000, encoding="utf-8")
    found = own_data.prepared(str(path), "next-word", DataChoice(), "next-char")
    previewed = make_task(found.spec)
    run = corpus_run(RunSpec(), str(path), "next-word")
    assert make_task(run.task) is previewed
    assert (run.task.text, previewed.corpus_size) == (path.read_text(), found.preview.counts.examples)
