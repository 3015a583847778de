"""The session with the real engine process: text, cursor, network, and what is asked for."""

from __future__ import annotations

import time

import numpy as np
import pytest

from rnnviz.service.messages import EngineState
from rnnviz.session.values import SUB_STEPS, Direction
from tests.session.looks import shows


def test_it_opens_on_hello_at_step_three(own_session):
    session = own_session
    assert (session.text, session.length, session.time_step) == ("hello", 5, 3)
    assert session.engine_state in (EngineState.IDLE, EngineState.PAUSED)
    assert session.task.title == "Next character"
    assert session.parameter_count == sum(int(np.prod(shape)) for shape in session.parameters.values())


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
