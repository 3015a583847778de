"""Outputs fed back, in a session with the real engine: wanted or own ones, also while training changes them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from rnnviz.engine.checkpoint import load, save
from rnnviz.engine.feeding import Feeding
from rnnviz.resources import resource_bytes
from rnnviz.session.recovery import START_DOCUMENT
from rnnviz.session.values import Direction


def shows(session, text):
    return session.trace is not None and session.trace.text == text and not session.trace_stale


@pytest.fixture
def translating(own_session, wait_until):
    own_session.set_task("translation")
    wait_until(lambda: session_task(own_session) == "translation" and shows(own_session, own_session.text))
    return own_session


def session_task(session):
    return session.task.name if session.task is not None else ""


def test_teacher_forcing_is_the_default_and_own_outputs_are_one_verb_away(translating, wait_until):
    session = translating
    trace = session.trace
    assert session.run.model.decoder
    assert not trace.own
    assert trace.switch == trace.tokens.index("<start>")
    assert trace.answered.tolist() == [step >= trace.switch for step in range(len(trace.tokens))]
    assert trace.fed.tolist() == [step > trace.switch for step in range(len(trace.tokens))]
    assert trace.written == len(trace.tokens)
    assert np.isfinite(trace.loss[trace.switch :]).all()
    changes = []
    session.feeding_changed.connect(lambda: changes.append(session.feeding.own))
    step = session.length
    session.move_to(step)
    session.set_feeding(own=True)
    wait_until(lambda: session.trace.own)
    assert changes == [True]
    assert session.trace.written == trace.switch + 1
    assert session.time_step == step
    assert session.trace.tokens[: trace.switch + 1] == trace.tokens[: trace.switch + 1]


def test_a_sentence_that_the_data_do_not_have_is_written_by_the_network(translating, wait_until):
    session = translating
    session.set_text("I dance with a green cat")
    wait_until(lambda: shows(session, "I dance with a green cat"))
    assert session.trace.own
    assert not np.isfinite(session.trace.loss).any()
    assert "loss" in " ".join(session.trace.notes)


def test_own_outputs_follow_the_training_whatever_their_length(own_session, wait_until, train):
    session = own_session
    session.set_task("generate")
    session.set_text("song")
    wait_until(lambda: session_task(session) == "generate" and shows(session, "song") and session.trace.own)
    session.want("gradients", "test")
    untrained = len(session.trace.tokens)
    wait_until(lambda: session.can_train)
    assert train(session, 60) == 60
    assert len(session.trace.tokens) != untrained
    assert session.length == len(session.trace.tokens)
    assert session.time_step <= session.length
    session.unwant("gradients", "test")


def test_next_char_goes_on_by_itself_when_asked_to(own_session, wait_until):
    session = own_session
    wait_until(lambda: shows(session, "hello"))
    session.set_feeding(own=True, temperature=1.0, seed=3, count=7)
    wait_until(lambda: session.trace.own)
    assert (session.trace.written, len(session.trace.tokens)) == (5, 12)
    session.set_direction(Direction.BACKWARD)
    session.want("gradients", "test")
    wait_until(lambda: session.gradients is not None)
    assert session.gradients.loss_step == 4  # the drawn tokens are nobody's wanted ones
    session.unwant("gradients", "test")
    session.set_feeding(temperature=-1.0)
    assert "temperature" in session.notice.text
    session.set_feeding(temperature=0.5)
    session.set_task("parity")
    assert not session.feeding.own


def test_a_network_that_reads_both_ways_says_why_it_cannot_go_on(own_session, wait_until, train):
    session = own_session
    session.set_model(bidirectional=True)
    session.set_feeding(own=True)
    wait_until(lambda: shows(session, "hello") and any("one direction" in note for note in session.trace.notes))
    wait_until(lambda: not session.feeding.own)
    assert not session.trace.own
    assert "one direction" in session.notice.text
    wait_until(lambda: session.can_train)
    train(session, 3)


def test_own_outputs_and_how_they_are_drawn_are_kept_in_the_file(own_session, wait_until, tmp_path):
    session, path = own_session, tmp_path / "own.rnnviz"
    session.set_feeding(own=True, temperature=0.5, top_k=3, seed=7, count=6)
    wait_until(lambda: session.trace.own and session.length == 11)
    kept, tokens = session.feeding, session.trace.tokens
    session.save(path, {})
    wait_until(lambda: session.path == path)
    session.set_task("parity")
    wait_until(lambda: session_task(session) == "parity" and shows(session, session.text))
    assert not session.feeding.own
    told = []
    session.feeding_changed.connect(lambda: told.append(session.feeding))
    session.open(path)
    wait_until(lambda: session.path == path and session.feeding == kept and shows(session, "hello"))
    wait_until(lambda: session.trace.own and session.trace.tokens == tokens)
    assert told == [kept]
    assert session.notice is None or "read" not in session.notice.text


def test_a_translation_of_its_own_comes_back_from_its_file(translating, wait_until, tmp_path):
    session, path = translating, tmp_path / "own.rnnviz"
    session.set_feeding(own=True)
    wait_until(lambda: session.trace.own)
    text, tokens = session.text, session.trace.tokens
    session.save(path, {})
    wait_until(lambda: session.path == path)
    session.set_task("parity")
    wait_until(lambda: session_task(session) == "parity" and shows(session, session.text))
    session.open(path)
    wait_until(lambda: session_task(session) == "translation" and shows(session, text) and session.trace.own)
    assert session.feeding.own
    assert session.trace.tokens == tokens


@pytest.mark.parametrize(
    ("kept", "words"),
    [
        ({"own": True, "temperature": -3.0}, "The temperature"),
        ({"own": True, "count": 10**9}, "The number of tokens"),
        ({"own": "yes"}, "got `str` for `own`"),
        ({"own": True, "seed": 1.5}, "int"),
        (["own"], "object"),
        ("own", "object"),
    ],
)
def test_a_foreign_feeding_is_one_sentence_and_the_wanted_outputs(own_session, wait_until, tmp_path, kept, words):
    session, path = own_session, tmp_path / "foreign.rnnviz"
    session.set_feeding(own=True)
    wait_until(lambda: session.trace.own)
    data = load(start_path(tmp_path))
    save(path, replace(data, view={"place": {"time_step": 2, "feeding": kept}}))
    session.open(path)
    wait_until(lambda: session.path == path and not session.feeding.own)
    assert session.feeding == Feeding()
    assert session.notice.text.startswith("foreign.rnnviz: how outputs are fed back is not readable (")
    assert words in session.notice.text
    assert session.notice.text.count(". ") == 0
    wait_until(lambda: shows(session, data.text) and not session.trace.own)
    assert session.time_step == 2


@pytest.mark.parametrize(
    ("view", "wanted"),
    [
        ({}, Feeding()),
        ({"place": {"time_step": 1}}, Feeding()),
        ({"place": {"feeding": None}}, Feeding()),
        ({"place": {"feeding": {"own": True, "temperature": 1, "later": 3}}}, Feeding(own=True, temperature=1.0)),
    ],
)
def test_older_and_newer_files_open_without_a_word(own_session, wait_until, tmp_path, view, wanted):
    session, path = own_session, tmp_path / "old.rnnviz"
    session.set_feeding(own=True, count=3)
    wait_until(lambda: session.trace.own)
    save(path, replace(load(start_path(tmp_path)), view=view))
    session.open(path)
    wait_until(lambda: session.path == path)
    assert session.feeding == wanted
    assert session.notice is None


def start_path(folder):
    path = folder / "start.rnnviz"
    path.write_bytes(resource_bytes(START_DOCUMENT))
    return path


def test_the_earlier_network_comes_back_with_its_own_outputs(own_training_session, wait_until, train):
    session = own_training_session
    train(session, 2)
    session.set_feeding(own=True, temperature=1.0, count=4)
    wait_until(lambda: session.trace.own)
    kept = session.feeding
    session.set_task("parity")
    wait_until(lambda: session_task(session) == "parity" and shows(session, session.text))
    assert not session.feeding.own
    session.restore_previous()
    wait_until(lambda: session_task(session) == "next-char" and shows(session, "hello") and session.trace.own)
    assert session.feeding == kept
    session.set_task("juggling")
    assert session.feeding == kept
    session.new_session()
    assert session.feeding == Feeding()
