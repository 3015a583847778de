"""The session and a file of the user's own: the newest question counts, nothing changes before it is learned."""

from __future__ import annotations

import pytest

from rnnviz.engine.data.choice import DataChoice

TABLE = "sentence,label\n" + "".join(f"some words {i},{'yes' if i % 2 else 'no'}\n" for i in range(10))


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "own.csv"
    path.write_text(TABLE)
    return path


@pytest.fixture
def own(session):
    yield session.own_data
    session.own_data.leave()


def test_a_look_changes_nothing(session, own, table, wait_until):
    run, dirty = session.run, session.dirty
    own.look(table)
    assert own.waiting
    assert own.preview is None
    wait_until(lambda: not own.waiting)
    assert own.can_learn
    assert own.preview.task == "sentiment"
    assert (session.run, session.dirty, session.text) == (run, dirty, "hello")


def test_the_newest_question_counts_and_the_old_answer_stays_till_then(own, table, wait_until):
    own.look(table)
    wait_until(lambda: own.can_learn)
    seen = []
    connection = own.changed.connect(lambda: seen.append(None if own.waiting else own.preview.task))
    for task in ("generate", "translation", "next-char", "word-labels", "sentiment", "next-word"):
        own.look(table, task, DataChoice(header=False))
        assert own.preview is not None
        assert not own.can_learn
    wait_until(lambda: not own.waiting)
    assert own.preview.task == "next-word"
    assert [task for task in seen if task] == ["next-word"]
    own.changed.disconnect(connection)


def test_an_answer_that_nobody_waits_for_is_dropped(session, own, table, wait_until):
    own.look(table)
    own.leave()
    session.set_text("ab")
    wait_until(lambda: session.trace.text == "ab")
    assert own.preview is None
    assert not own.can_learn
    own.learn()
    assert session.run.task.name == "next-char"


@pytest.mark.fault(10)
def test_a_file_that_is_no_data_is_refused_without_a_notice(session, own, tmp_path, wait_until):
    session.dismiss_notice()
    own.look(tmp_path / "gone.csv")
    wait_until(lambda: not own.waiting)
    assert own.refusal == "gone.csv could not be read: No such file or directory."
    assert own.preview is None
    assert session.notice is None


def test_what_was_seen_is_learned_and_its_example_is_shown(session, own, table, wait_until):
    own.look(table, "translation", DataChoice(columns={"source": "label", "target": "sentence"}))
    wait_until(lambda: own.can_learn)
    own.learn()
    assert own.preview is None
    wait_until(lambda: session.task.name == "translation" and session.trace.text == session.text)
    assert session.text == "no"
    assert session.run.task.text.startswith("source\ttarget\nno\tsome words 0\n")
    assert session.run.task.source == "own.csv"
    assert session.dirty
    assert "for the task Translation on own.csv" in session.notice.text
    session.restore_previous()
    wait_until(lambda: session.task.name == "next-char" and session.trace.text == "hello")
