"""The session with the real engine process."""

from __future__ import annotations

import os
import signal
import sys
import time

import numpy as np
import psutil
import pytest

from rnnviz.engine.spec import RunSpec
from rnnviz.service.messages import EngineState
from rnnviz.session.settings import Settings
from rnnviz.session.values import SUB_STEPS, Direction


def hidden(session):
    return np.array(session.trace.layers[0].hidden)


def shows(session, text):
    return session.trace is not None and session.trace.text == text


def trained(session, wait_until, steps=30):
    session.train_steps(steps)
    wait_until(lambda: session.training.step >= steps and session.engine_state is EngineState.PAUSED)


def test_it_opens_on_hello_at_step_three(own_session):
    session = own_session
    assert (session.text, session.length, session.time_step) == ("hello", 5, 3)
    assert session.engine_state in (EngineState.IDLE, EngineState.PAUSED)
    assert session.task.title == "Next character"
    assert session.parameter_count == sum(int(np.prod(shape)) for shape in session.parameters.values())
    assert "torch" not in sys.modules or os.environ.get("PYTEST_CURRENT_TEST")


def test_typing_unrolls_and_the_cursor_follows_the_end(session, wait_until):
    session.move_to(5)
    session.set_text("hello w")
    wait_until(lambda: shows(session, "hello w"))
    assert (session.length, session.time_step) == (7, 7)
    session.move_to(2)
    session.set_text("hello wo")
    wait_until(lambda: shows(session, "hello wo"))
    assert session.time_step == 2
    session.set_text("h")
    wait_until(lambda: shows(session, "h"))
    assert session.time_step == 1


@pytest.mark.fault(1)
@pytest.mark.parametrize("text", ["", "    "])
def test_an_empty_text_is_a_friendly_state(session, wait_until, text):
    for topic in ("gradients", "credit", "detail", "history"):
        session.want(topic, "test")
    session.set_text(text)
    wait_until(lambda: session.length == 0)
    assert session.time_step == 0
    assert session.effective_loss_step == 0
    session.set_direction(Direction.BACKWARD)
    session.move_sub_step(1)
    session.choose_loss(3)
    session.set_text("back")
    wait_until(lambda: session.length == 4 and session.gradients is not None and session.gradients.loss_step == 3)
    assert session.notice is None or session.notice.kind != "error"


@pytest.mark.fault(2)
def test_a_million_characters_are_cut_with_a_notice(session, wait_until):
    started = time.perf_counter()
    session.set_text("ab" * 500_000)
    assert time.perf_counter() - started < 5  # a hang, not a measurement
    assert len(session.text) == 5000
    assert "5,000" in session.notice.text
    wait_until(lambda: session.length == 5000)


@pytest.mark.fault(3)
@pytest.mark.fault(4)
def test_unknown_characters_are_counted_and_surrogates_told(session, wait_until):
    session.set_text("he\ud800llo ☃")
    assert "U+FFFD" in session.notice.text
    wait_until(lambda: session.length == 8)
    assert session.trace.tokens[2] == "�"
    assert (~session.trace.known).sum() == 2


@pytest.mark.fault(22)
def test_fast_typing_ends_with_the_last_text_and_few_requests(session, wait_until):
    traces = []
    session.trace_changed.connect(lambda: traces.append(session.trace.text))
    for length in range(1, 201):
        session.set_text("x" * length)
    wait_until(lambda: shows(session, "x" * 200))
    assert not session.trace_stale
    assert len(traces) <= 3


def test_another_cell_makes_another_network(session, wait_until):
    before = session.parameter_count
    session.set_model(cell="lstm")
    session.set_model(hidden=12)
    assert (session.run.model.cell, session.run.model.hidden) == ("lstm", 12)
    wait_until(lambda: session.trace.layers[0].cell is not None and session.trace.layers[0].hidden.shape[1] == 12)
    assert session.parameter_count > before
    assert session.sub_steps == SUB_STEPS["lstm"]


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_sub_steps_are_the_operations_of_the_cell(session, wait_until, cell):
    session.want("detail", "test")
    session.set_model(cell=cell)
    wait_until(lambda: session.run.model.cell == cell and session.task is not None and session.detail is not None)
    wait_until(lambda: len(session.detail.layers["l0"]) == len(SUB_STEPS[cell]) - 3)
    assert tuple(entry.key for entry in session.detail.layers["l0"]) == session.sub_steps[1:-2]


def test_a_value_out_of_range_is_told_and_changes_nothing(session):
    run = session.run
    session.set_model(hidden=100_000)
    assert session.run == run
    assert "100000" in session.notice.text or "1e+05" in session.notice.text
    session.set_training(learning_rate=-1)
    assert session.notice.kind == "error"
    session.dismiss_notice()
    assert session.notice is None


def test_tasks_change_and_a_refused_one_is_taken_back(session, wait_until):
    session.set_task("parity")
    session.set_text("1011")
    wait_until(lambda: shows(session, "1011") and session.task.name == "parity")
    assert session.trace.target_labels == ["", "", "", "odd"]
    assert session.training.baseline == pytest.approx(np.log(2))
    session.set_task("juggling")
    wait_until(lambda: session.notice is not None and "juggling" in session.notice.text)
    assert session.run.task.name == "parity"


def test_only_what_is_wanted_is_asked_for(session, wait_until):
    assert (session.gradients, session.credit, session.detail, session.history) == (None, None, None, None)
    session.want("gradients", "a")
    session.want("credit", "a")
    session.want("detail", "a")
    session.want("history", "a")
    wait_until(lambda: None not in (session.gradients, session.credit, session.detail, session.history))
    assert session.effective_loss_step == session.gradients.loss_step == 4
    assert session.credit.log2.shape == (5, 5)
    assert session.detail.time_step == 3
    session.choose_loss(2)
    wait_until(lambda: session.gradients.loss_step == 2)
    session.move_to(1)
    wait_until(lambda: session.detail.time_step == 1)
    session.unwant("gradients", "a")
    session.set_text("something else")
    wait_until(lambda: shows(session, "something else"))
    assert session.gradients is None


def test_the_sweep_begins_at_the_loss(session, wait_until):
    session.want("gradients", "test")
    wait_until(lambda: session.gradients is not None)
    session.set_direction(Direction.BACKWARD)
    assert session.time_step == 4
    session.choose_loss(3)
    assert session.time_step == 3


def test_inside_a_step(session):
    session.move_to(2)
    parts = len(session.sub_steps)
    session.move_sub_step(1)
    assert (session.time_step, session.sub_step) == (3, 0)
    session.move_sub_step(parts)
    assert (session.time_step, session.sub_step) == (3, None)
    session.move_sub_step(-1)
    assert (session.time_step, session.sub_step) == (3, parts - 1)
    session.move_to(5)
    session.move_sub_step(1)
    assert (session.time_step, session.sub_step) == (5, None)
    session.move_to(99)
    assert session.time_step == 5
    session.move_to(-3)
    session.move_sub_step(-1)
    assert (session.time_step, session.sub_step) == (0, None)


def test_selection_stays_within_the_network(session, wait_until):
    session.select(unit=7, time_step=2)
    assert (session.unit, session.time_step) == (7, 2)
    session.set_model(hidden=4, layers=2)
    wait_until(lambda: session.trace.layers[0].hidden.shape[1] == 4)
    assert session.unit == -1
    session.select(layer="l1")
    session.set_model(layers=1)
    wait_until(lambda: len(session.trace.layers) == 1)
    assert session.layer == "l0"


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
    assert session.training.losses[-1] < session.training.losses[:3].max() or step > start
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


def test_looking_back_undo_and_reset(training_session, wait_until):
    session = training_session
    session.reset()
    wait_until(lambda: session.training.step == 0 and session.trace.training_step == 0)
    first = hidden(session)
    trained(session, wait_until)
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


@pytest.mark.fault(8)
@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_killed_in_mid_training_it_comes_back_where_it_was(own_training_session, wait_until):
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
    trained(session, wait_until, document.trainer_state.step + 2)


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


def test_save_open_and_continue(training_session, wait_until, tmp_path):
    session, path = training_session, tmp_path / "lecture.rnnviz"
    session.set_text("hello world")
    session.set_model(cell="gru")
    wait_until(lambda: shows(session, "hello world") and "r" in session.trace.layers[0].gates)
    trained(session, wait_until, 5)
    session.move_to(7)
    session.select(unit=3)
    saved = hidden(session)
    session.save(path, {"zoom": "inside"})
    wait_until(lambda: session.path == path)
    assert not session.dirty
    views = []
    session.opened.connect(views.append)
    session.new_session()
    wait_until(lambda: session.path is None and session.text == "hello" and shows(session, "hello"))
    session.open(path)
    wait_until(lambda: session.path == path and shows(session, "hello world"))
    np.testing.assert_array_equal(hidden(session), saved)
    assert views[-1] == {"zoom": "inside"}
    assert (session.time_step, session.unit, session.training.step) == (7, 3, 5)
    assert not session.dirty
    assert session._settings.recent[0] == path


@pytest.mark.fault(10)
@pytest.mark.parametrize("data", [b"", b"RNNVIZ", b"\x80\x04\x95cposix\nsystem\n", b"\x00" * 1000])
def test_a_bad_file_is_one_sentence_and_changes_nothing(session, wait_until, tmp_path, data):
    path = tmp_path / "bad.rnnviz"
    path.write_bytes(data)
    before = hidden(session)
    session.open(path)
    wait_until(lambda: session.notice is not None and session.notice.kind == "error")
    assert "torch" not in session.notice.text
    assert path.read_bytes() == data
    np.testing.assert_array_equal(hidden(session), before)
    assert session.path is None


@pytest.mark.fault(11)
def test_a_failed_save_offers_another_place(session, wait_until, tmp_path):
    session.save(tmp_path / "gone" / "a.rnnviz", {})
    wait_until(lambda: session.notice is not None and session.notice.kind == "error")
    assert "gone" in session.notice.text
    asked = []
    session.save_elsewhere_asked.connect(lambda: asked.append(True))
    getattr(session, session.notice.actions[0][1])()
    assert asked


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
