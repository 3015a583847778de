"""Numbers from end to end: typed well and badly, trained, stepped, predicted ahead; and no probability anywhere."""

from __future__ import annotations

from contextlib import contextmanager

import numpy as np
import pytest
from PySide6.QtCore import Qt

from rnnviz.view.look import significant
from rnnviz.view.panels.forecast import UNKNOWN
from rnnviz.view.stage import tips
from rnnviz.view.stage.frame import Hit
from rnnviz.view.stage.text_entry import TextEntry
from tests.journeys.test_lab_chain import type_number

TYPED = "0.1 0.5 -0.3 0.2"


@pytest.fixture
def app(at_rest):
    at_rest.window.resize(1600, 1000)
    return at_rest


def choose(app, wait_until, name):
    app.window.commands[f"task-{name}"].trigger()
    session = app.session
    wait_until(lambda: session.task.name == name and session.trace.text == session.text and not session.training.step)
    wait_until(lambda: session.trace.real is not None)


def forecast_panel(app):
    app.window.middle.show_page("forecast")
    return app.window.findChild(object, "panel-forecast")


@contextmanager
def told(slot, *signals):
    """The slot hears the signals, and no longer than this test: all tests of the file share one program."""
    for signal in signals:
        signal.connect(slot)
    try:
        yield
    finally:
        for signal in signals:
            signal.disconnect(slot)


def words_of(app, step):
    """Everything that tips and screen reader say about a step."""
    frame = app.window.middle.stage.frame()
    kinds = ("column", "output", "loss")
    return "\n".join((*(tips.tip(frame, Hit(kind, step=step), {}) for kind in kinds), tips.describe(frame)))


def test_a_series_is_typed_trained_stepped_and_predicted_ahead(app, qtbot, wait_until, train):
    session, window = app.session, app.window
    choose(app, wait_until, "series")
    stage, entry = window.middle.stage, window.middle.stage.findChild(TextEntry)
    window.commands["type"].trigger()
    entry.select_all()
    qtbot.keyClicks(entry.field, TYPED)
    wait_until(lambda: session.trace.text == TYPED and session.length == 4)
    np.testing.assert_allclose(session.trace.real.values[:, 0], [0.1, 0.5, -0.3, 0.2])
    qtbot.keyClicks(entry.field, "5")  # editing a number: 0.2 becomes 0.25
    wait_until(lambda: session.trace.text == f"{TYPED}5")
    assert session.trace.real.values[-1, 0] == 0.25
    qtbot.keyClick(entry.field, Qt.Key.Key_Escape)
    train(app.session, 60)
    session.move_to(2)
    said = words_of(app, 2)
    assert "reads x 0.50" in said
    assert "for step 3, wanted −0.30" in said
    assert "squared error" in said
    assert "%" not in said
    window.commands["step"].trigger()
    frame = stage.frame()
    assert frame.time_step == 3
    assert frame.values.real is session.trace.real
    assert stage.frame().layout.values_bottom > stage.frame().layout.values_top > 0
    panel = forecast_panel(app)
    wait_until(lambda: panel.forecast() is not None and panel.measured_errors() is not None)
    assert len(panel.forecast().forecast) == 100
    assert panel.meaning.text() == UNKNOWN
    panel.slider.setValue(200)
    wait_until(lambda: panel.forecast() is not None and len(panel.forecast().forecast) == 200)
    wait_until(lambda: panel.measured_errors() is not None and len(panel.measured_errors().error) == 200)
    assert panel.steps.value() == 200
    np.testing.assert_allclose(panel.forecast().forecast[:24], session.trace.real.forecast[:, 0], rtol=1e-5)
    window.grab()


def test_examples_follow_one_another_and_the_other_series_are_chosen_in_the_window(app, qtbot, wait_until):
    session, window = app.session, app.window
    choose(app, wait_until, "series")
    panel = forecast_panel(app)
    type_number(qtbot, panel.steps, 100)
    assert panel.slider.value() == 100
    seen = {session.text}
    for _ in range(2):
        panel.example.click()
        wait_until(lambda: session.text not in seen and session.trace.text == session.text)
        seen.add(session.text)
        assert session.trace.known.all()
    window.commands["another-example"].trigger()
    wait_until(lambda: session.text not in seen and session.trace.text == session.text)
    for kind in ("mackey-glass", "steps", "sines"):
        panel.kind.setCurrentIndex(panel.kind.findData(kind))
        panel.kind.activated.emit(panel.kind.currentIndex())
        wait_until(lambda kind=kind: session.run.task.text == (None if kind == "sines" else kind))
        wait_until(lambda: session.text not in seen and session.trace.text == session.text)
        wait_until(lambda: len(session.trace.real.truth) == 24 and np.isfinite(session.trace.real.truth[:5]).all())
        seen.add(session.text)
        for tolerance in (10.0, 0.01):
            type_number(qtbot, panel.tolerance, tolerance)
            check_meaning(panel, wait_until, tolerance)
        wait_until(lambda kind=kind: panel.measured_errors() is not None and panel.measured_errors().series == kind)
        window.grab()


def check_meaning(panel, wait_until, tolerance):
    """The one sentence that is true of the forecast on show, counted step by step."""
    wait_until(lambda: panel.forecast() is not None and panel.forecast().tolerance == tolerance)
    found, right = panel.forecast(), 0
    while right < 100 and abs(found.forecast[right] - found.truth[right]) <= found.limit:
        right += 1
    near = f"within {significant(found.limit, 2)} ({tolerance:g} standard deviations) of the truth"
    if tolerance == 10:
        assert panel.meaning.text() == f"The forecast stays {near} for all 100 steps."
    elif right:
        assert panel.meaning.text() == f"The forecast stays {near} for {right} of 100 steps."
    else:
        assert panel.meaning.text() == f"The first step is not {near}."


def test_training_makes_the_forecast_better_while_it_is_watched(app, wait_until, train):
    session = app.session
    choose(app, wait_until, "series")
    panel = forecast_panel(app)
    wait_until(lambda: panel.measured_errors() is not None and panel.measured_errors().training_step == 0)
    before = panel.measured_errors().error[:10].mean()
    steps_seen = set()

    def listen(topic):
        if topic == "forecast" and panel.forecast() is not None:
            steps_seen.add(panel.forecast().training_step)

    with told(listen, session.lab.changed):
        train(app.session, 400)
        wait_until(lambda: panel.measured_errors().training_step == 400 and panel.forecast().training_step == 400)
    assert panel.measured_errors().error[:10].mean() < before / 2
    assert len(steps_seen) > 1


def test_the_page_says_when_the_errors_were_measured_and_what_becomes_of_that(app, wait_until, train):
    """In every state one sentence, and no other: of the network on show, older in training, older and on its way."""
    session = app.session
    choose(app, wait_until, "series")
    panel = forecast_panel(app)
    measured = "12 different sequences kept apart from training, each read for 60 steps."
    wait_until(lambda: panel.explained.text() == measured)
    said = set()

    def listen():
        found = panel.measured_errors()
        state = "now" if found.training_step == session.trace.training_step else (
            "training" if session.training_now else "asked" if session.lab.waiting("forecast-errors") else "old"
        )  # fmt: skip
        said.add((state, panel.explained.text().replace(f"step {found.training_step}", "step N")))

    with told(listen, session.trace_changed, session.engine_changed):
        train(session, 60)
        wait_until(lambda: panel.explained.text() == measured and panel.measured_errors().training_step == 60)
        session.view_training_step(20)
        wait_until(lambda: session.trace.training_step == 20)
        wait_until(lambda: panel.explained.text() == measured and panel.measured_errors().training_step == 20)
    ends = {
        "now": "", "training": " Measured at training step N; measured again when training pauses.",
        "asked": " Measured at training step N; measuring again…", "old": " Measured at training step N.",
    }  # fmt: skip
    assert said <= {(state, measured + end) for state, end in ends.items()}
    assert {state for state, _ in said} >= {"training", "asked"}


@pytest.mark.parametrize(
    ("name", "typed", "values"),
    [
        ("adding", "0,31 0,84* 0,12 0,45*", [[0.31, 0], [0.84, 1], [0.12, 0], [0.45, 1]]),
        ("flip-flop", "+-+ 000 0 1 -1", [[1, -1, 1], [0, 0, 0], [0, 1, -1]]),
    ],
)
def test_numbers_that_are_no_series_are_trained_and_stepped_and_say_why_they_run_nowhere(
    app, wait_until, name, typed, values, train
):
    session, window = app.session, app.window
    choose(app, wait_until, name)
    session.set_text(typed)
    wait_until(lambda: session.trace.text == typed)
    np.testing.assert_allclose(session.trace.real.values, values)
    assert session.trace.notes == []
    train(app.session, 20)
    session.move_to(session.length)
    assert "squared error" in words_of(app, session.length)
    assert "%" not in words_of(app, session.length)
    panel = forecast_panel(app)
    wait_until(lambda: "are not its next inputs" in panel.reason.text())
    assert panel.plot.isHidden()
    assert panel.kind.isHidden()
    assert panel.example.isVisible()
    panel.example.click()
    wait_until(lambda: session.text != typed and session.trace.text == session.text)
    window.grab()


def test_what_is_no_number_is_named_where_it_stands_and_the_rest_is_kept(app, wait_until):
    session, stage = app.session, app.window.middle.stage
    choose(app, wait_until, "series")
    session.set_text("0.1 hello 0.3; 1e999")
    wait_until(lambda: session.trace.text == session.text)
    np.testing.assert_allclose(session.trace.real.values[:, 0], [0.1, 0, 0.3, 0])
    assert stage.frame().values.notes == (
        "2 words were not understood as a number and read as 0, first 'hello' at place 2.",
    )
    assert "“hello” is no number" in tips.tip(stage.frame(), Hit("chip", step=2), {})
    stage.grab()
    session.set_text("")
    wait_until(lambda: session.trace.text == "")
    stage.grab()
    session.set_text("abc")
    wait_until(lambda: session.trace.text == "abc")
    assert not session.trace.known.any()
    stage.grab()


def test_a_chosen_step_of_the_inspector_shows_numbers_and_their_squared_error(app, wait_until):
    session = app.session
    choose(app, wait_until, "series")
    app.window.middle.show_page("inspector")
    panel = app.window.findChild(object, "panel-inspector")
    session.move_to(5)
    wait_until(lambda: session.detail is not None and session.detail.time_step == 5)
    panel.refresh()
    real, trace = session.trace.real, session.trace
    rows = {row.key: row for row in panel._after}
    assert rows["output"].value == pytest.approx(float(real.outputs[4, 0]))
    assert rows["output"].equation == "y_t = W_{hy} h_t + b_y"
    assert "wanted" in rows["output"].numbers
    squared = float(real.outputs[4, 0] - real.wanted[4, 0]) ** 2
    assert rows["loss"].value == pytest.approx(float(trace.loss[4])) == pytest.approx(squared, rel=1e-4)
    assert "²" in rows["loss"].numbers
    app.window.grab()
