"""From the start of a session to its end, and the engine that dies in between."""

from __future__ import annotations

import os
import signal

import numpy as np
import psutil
import pytest

from rnnviz.engine.spec import RunSpec
from rnnviz.service.messages import EngineState
from rnnviz.session.settings import Settings
from tests.session.looks import hidden, shows


@pytest.mark.fault(8)
@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_killed_in_mid_training_it_comes_back_where_it_was(own_training_session, wait_until, train):
    session = own_training_session
    session.set_text("hello again")
    wait_until(lambda: shows(session, "hello again"))
    session.move_to(4)
    session.train()
    wait_until(lambda: session.engine_state is EngineState.TRAINING and len(session.training.steps) > 50)
    from rnnviz.engine.checkpoint import from_bytes

    # A restore point of this training has come (at most one a second).
    wait_until(lambda: from_bytes(session._state.restore_point).trainer_state is not None)
    os.kill(session._engine.process_id, signal.SIGKILL)
    wait_until(lambda: session.engine_state is EngineState.STARTING)
    document = from_bytes(session._state.restore_point)
    session.move_to(6)
    wait_until(lambda: session.engine_state is EngineState.PAUSED)
    wait_until(lambda: session.trace.training_step == document.trainer_state.step)
    assert (session.text, session.time_step) == ("hello again", 6)
    assert session.training.step == document.trainer_state.step
    assert str(document.trainer_state.step) in session.notice.text
    wait_until(lambda: session.can_train)
    assert train(session, 2) == document.trainer_state.step + 2


@pytest.mark.fault(8)
@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_changes_made_while_the_engine_is_down_are_kept(own_session, wait_until):
    session = own_session
    os.kill(session._engine.process_id, signal.SIGKILL)
    wait_until(lambda: session.engine_state is EngineState.STARTING)
    session.set_text("while away")
    session.set_model(cell="gru")
    wait_until(lambda: shows(session, "while away") and session.run.model.cell == "gru")
    assert list(session.trace.layers[0].gates) == ["r", "z", "n"]


@pytest.mark.fault(9)
def test_closing_while_training_ends_the_child(own_training_session, wait_until):
    session = own_training_session
    session.train()
    wait_until(lambda: session.engine_state is EngineState.TRAINING)
    child = psutil.Process(session._engine.process_id)
    session.close()
    assert not child.is_running()


def test_the_next_start_continues_with_the_last_place(make_session, wait_until):
    first = make_session()
    wait_until(lambda: first.trace is not None)
    first.set_text("next time")
    first.set_model(cell="gru", hidden=5)
    wait_until(lambda: shows(first, "next time") and first.trace.layers[0].hidden.shape[1] == 5)
    weights = hidden(first)
    first.close()
    second = make_session()
    wait_until(lambda: second.trace is not None and shows(second, "next time"))
    np.testing.assert_array_equal(hidden(second), weights)
    assert second.run.model.cell == "gru"


def test_a_last_place_that_is_damaged_gives_the_shipped_start(make_session, wait_until):
    place = Settings().place_path
    place.parent.mkdir(parents=True)
    place.write_bytes(b"RNNVIZ damaged")
    session = make_session()
    wait_until(lambda: session.trace is not None)
    assert session.text == "hello"
    assert session.run.model == RunSpec().model


def test_verbs_before_the_engine_is_there_are_kept(make_session, wait_until):
    session = make_session(start=False)
    session.set_text("early")
    session.set_model(cell="lstm")
    session.want("gradients", "test")
    assert not session.can_train
    assert session.why_not_train
    session.start()
    wait_until(lambda: shows(session, "early") and session.gradients is not None)
    assert session.trace.layers[0].cell is not None
