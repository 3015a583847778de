"""Training in the session with the real engine process: what follows it, and the ways back."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.service.messages import EngineState
from tests.session.looks import hidden, shows


def test_training_changes_the_pictures(training_session, wait_until):
    session = training_session
    for topic in ("gradients", "credit", "detail", "history"):
        session.want(topic, "test")
    before, start = hidden(session), session.training.step
    session.train()
    wait_until(lambda: session.training.step > start + 30 and session.engine_state is EngineState.TRAINING)
    session.move_to(1)
    session.select(unit=2)
    session.pause()
    wait_until(lambda: session.engine_state is EngineState.PAUSED)
    step = session.training.step
    assert session.trace.training_step == step
    assert not np.array_equal(hidden(session), before)
    assert session.training.steps.tolist()[-30:] == list(range(step - 29, step + 1))
    assert session.training.losses[-10:].mean() < session.training.losses[:3].mean()
    wait_until(lambda: session.detail.training_step == session.gradients.training_step == step)
    wait_until(lambda: session.history is not None and session.history.steps[-1] > start)
    assert session.dirty
    record = session.training
    with pytest.raises(ValueError, match="read-only"):
        record.losses[0] = 0


def test_editing_pauses_training(training_session, wait_until):
    session = training_session
    session.train()
    wait_until(lambda: session.engine_state is EngineState.TRAINING and session.training.step > 5)
    session.set_text("hell")
    wait_until(lambda: session.engine_state is EngineState.PAUSED and shows(session, "hell"))
    assert session.trace.training_step == session.training.step


def test_looking_back_undo_and_reset(training_session, wait_until, train):
    session = training_session
    session.reset()
    wait_until(lambda: session.training.step == 0 and session.trace.training_step == 0)
    first = hidden(session)
    train(session, 30)
    session.view_training_step(0)
    wait_until(lambda: session.viewing_step == 0 and session.trace.training_step == 0)
    np.testing.assert_array_equal(hidden(session), first)
    session.view_training_step(None)
    wait_until(lambda: session.trace.training_step == 30 and session.viewing_step is None)
    session.undo(10)
    wait_until(lambda: session.training.step == 20 and session.trace.training_step == 20)
    session.reset()
    wait_until(lambda: session.training.step == 0 and session.trace.training_step == 0)
    np.testing.assert_array_equal(hidden(session), first)
    assert len(session.training.steps) == 0


@pytest.mark.fault(5)
def test_an_infinite_loss_offers_ways_out(training_session, wait_until):
    session = training_session
    session.set_model(activation="relu", hidden=32)
    session.set_training(optimiser="sgd", learning_rate=10.0, clip=0.0)
    wait_until(lambda: not session._requests.is_open("run"))
    session.train()
    wait_until(lambda: session.notice is not None and session.notice.kind == "error")
    assert [verb for _, verb in session.notice.actions] == ["undo", "clip_gradients", "lower_rate"]
    assert all(hasattr(session, verb) for _, verb in session.notice.actions)
    wait_until(lambda: session.engine_state is EngineState.PAUSED)
    session.clip_gradients()
    session.lower_rate()
    wait_until(lambda: session.run.training.clip == 1.0 and session.run.training.learning_rate == pytest.approx(10 / 3))
    session.train_one_step()
    wait_until(lambda: session.engine_state is EngineState.PAUSED)


@pytest.mark.fault(22)
def test_scrubbing_while_training_keeps_every_queue_short(training_session, wait_until):
    session = training_session
    session.want("detail", "test")
    session.want("gradients", "test")
    session.train()
    wait_until(lambda: session.engine_state is EngineState.TRAINING)
    posted = session._requests._number
    for count in range(2000):
        session.move_to(1 + count % 5)
        session.choose_loss(1 + count % 4)
    assert session._requests._number - posted <= 4  # one in flight and one waiting in each slot
    step = session.training.step
    wait_until(lambda: session.training.step > step)
    wait_until(lambda: session.detail is not None and session.detail.time_step == session.time_step)
    session.pause()
    wait_until(lambda: session.engine_state is EngineState.PAUSED)
