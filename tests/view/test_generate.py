"""The Generate panel with the real engine: one token, many, stop, other settings, into the text, refusals."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt

from rnnviz.session.playback import STEP_MS, Playback
from rnnviz.session.settings import Settings
from rnnviz.view.look import Look
from rnnviz.view.panels.generate import ENTRY, GREEDY, GeneratePanel
from rnnviz.view.panels.generate_bars import DrawnBars
from rnnviz.view.panels.generate_text import TokenFlow


@pytest.fixture
def panel(session, qtbot):
    look = Look()
    look.set_reduced_motion(True)
    playback = Playback(session=session)
    made = GeneratePanel(entry=ENTRY, session=session, look=look, settings=Settings(), playback=playback)
    made.resize(344, 700)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.hide()
    playback.deleteLater()


def click(qtbot, button):
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)


def test_one_then_many_and_all_begin_alike(panel, qtbot, wait_until):
    assert not panel.put.isEnabled()
    click(qtbot, panel.one)
    wait_until(lambda: panel.revealed == 1)
    first = panel.found().tokens[0]
    assert panel.flow.drawn == (first,)
    assert panel.bars.labels[panel.bars.drawn] == first
    assert "step 6" in panel.bars.title
    click(qtbot, panel.one)
    wait_until(lambda: panel.revealed == 2)
    click(qtbot, panel.run)
    wait_until(lambda: panel.revealed == 42)
    assert panel.flow.drawn[0] == first
    assert panel.flow.typed == tuple("hello")
    qtbot.mouseClick(panel.flow, Qt.MouseButton.LeftButton, pos=panel.flow.place(0).center().toPoint())
    assert panel.selected == 0
    assert "step 6" in panel.bars.title
    qtbot.keyClick(panel.flow, Qt.Key.Key_Right)
    assert panel.selected == 1
    click(qtbot, panel.clear)
    assert (panel.revealed, panel.flow.drawn) == (0, ())
    assert not panel.bars.isVisible()


def test_another_temperature_draws_as_many_anew(panel, qtbot, wait_until):
    click(qtbot, panel.run)
    wait_until(lambda: panel.revealed == 40)
    before = panel.found().tokens
    panel.temperature.setValue(0.0)
    wait_until(lambda: panel.found() is not None and panel.found().temperature == 0)
    assert panel.revealed == len(panel.found().tokens) == 40
    assert panel.found().tokens != before
    assert panel.bars.shares[panel.bars.drawn] == 1
    assert GREEDY in panel.line.text()


def test_tokens_appear_one_by_one_at_the_speed_of_playing_and_stop(panel, qtbot, wait_until):
    panel.look.set_reduced_motion(False)
    panel.playback.set_speed(8.0)
    click(qtbot, panel.run)
    wait_until(lambda: panel.revealed == 1)
    assert panel.run.text() == "Stop"
    assert panel._next.interval() == round(STEP_MS / 8)
    wait_until(lambda: panel.revealed == 3)
    click(qtbot, panel.run)
    assert (panel.run.text(), panel.running, panel._next.isActive()) == ("Generate", False, False)
    shown = panel.revealed
    assert panel.flow.drawn == tuple(panel.found().tokens[:shown])
    click(qtbot, panel.run)
    panel.hide()
    assert not panel._next.isActive()


def test_into_the_text(panel, session, qtbot, wait_until):
    click(qtbot, panel.run)
    wait_until(lambda: panel.revealed == 40)
    drawn, rows = panel.found().tokens, panel.found().probabilities
    click(qtbot, panel.put)
    wait_until(lambda: session.length == 45)
    assert session.text.startswith("hello")
    assert [token if token != "�" else "<unk>" for token in session.trace.tokens[5:]] == drawn
    # What the stage shows at the step before is what the token was drawn from.
    np.testing.assert_allclose(session.trace.top_probabilities[4][:3], rows[0][:3], rtol=1e-4)
    assert (panel.revealed, panel.put.isEnabled()) == (0, False)


def test_a_refusal_is_said_and_another_network_may_go_on(panel, session, qtbot, wait_until):
    session.set_model(bidirectional=True)
    wait_until(lambda: not session.trace_stale and len(session.trace.layers) == 2)
    click(qtbot, panel.run)
    wait_until(lambda: "bidirectional" in panel.line.text())
    assert (panel.revealed, panel.running) == (0, False)
    session.set_model(bidirectional=False)
    wait_until(lambda: not session.trace_stale and len(session.trace.layers) == 1)
    click(qtbot, panel.one)
    wait_until(lambda: panel.revealed == 1)
    assert panel.line.text() == "1 token drawn."


def test_a_text_of_the_same_length_begins_anew(panel, session, qtbot, wait_until):
    click(qtbot, panel.one)
    wait_until(lambda: panel.revealed == 1)
    session.set_text("jello")
    wait_until(lambda: session.trace.text == "jello")
    assert (panel.revealed, panel.flow.typed, panel.flow.drawn) == (0, tuple("jello"), ())


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_the_drawn_ones_are_underlined_and_the_bars_are_probabilities(qtbot, theme):
    look = Look()
    look.set_theme(theme)
    flow, bars = TokenFlow(look=look), DrawnBars(look=look)
    for widget in (flow, bars):
        widget.resize(300, 170)
        qtbot.addWidget(widget)
    flow.show_tokens(["a", " "], ["b", "c"], -1, apart=False)
    image = flow.grab().toImage()
    under = [flow.place(0).bottomLeft() + QPointF(4, -4), flow._places[0][0].bottomLeft() + QPointF(4, -4)]
    drawn, typed = (image.pixelColor(place.toPoint()) for place in under)
    assert drawn.name() == look.theme.ink.name()
    assert typed.name() != look.theme.ink.name()
    flow.show_tokens("typed " * 300, "drawn " * 300, 1799, apart=False)
    assert flow.place(1799).height() > 0, "the newest is always shown"
    assert flow.height() < 260
    bars.show_row("step 3", ["a", "b"], [0.75, 0.25], 1)
    image = bars.grab().toImage()
    inside = bars.bar_rect(0, 0.75)
    assert image.pixelColor(inside.center().toPoint()).name() == look.theme.prob.name()
    assert (
        image.pixelColor(QPointF(inside.right() + 4, inside.center().y()).toPoint()).name() == look.theme.raised.name()
    )


def test_the_slider_is_that_of_the_temperature(panel, qtbot):
    slider = panel.slider
    assert slider.x_of(slider.value()) == pytest.approx(slider.width() / 2), "T = 1 stands in the middle"
    assert slider.accessibleName() == panel.temperature.accessibleName() == "Temperature"
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert panel.temperature.value() == 0.0
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert panel.temperature.value() == 2.0


def test_the_sentence_says_which_network_drew_the_tokens_if_it_is_not_the_one_on_show(
    panel, session, qtbot, wait_until, train
):
    wait_until(lambda: session.can_train)
    begin = train(session, 20) - 20
    session.view_training_step(begin + 10)
    wait_until(lambda: session.trace.training_step == begin + 10)
    click(qtbot, panel.one)
    wait_until(lambda: panel.revealed == 1)
    assert panel.line.text() == "1 token drawn.", "that of an earlier step, and it is on show"
    session.view_training_step(None)
    wait_until(lambda: session.trace.training_step == begin + 20)
    assert panel.line.text() == (
        f"1 token drawn at training step {begin + 10}; generate again for the network on show."
    )


def test_the_stage_draws_the_same_tokens(panel, session, qtbot, wait_until):
    panel.temperature.setValue(0.8)
    panel.count.setValue(5)
    click(qtbot, panel.stage)
    wait_until(lambda: session.trace.own and session.length == 10)
    assert panel.stage.isChecked()
    click(qtbot, panel.run)
    wait_until(lambda: panel.revealed == 5)
    assert list(panel.flow.drawn) == list(session.trace.tokens[5:])
    assert panel.flow.typed == tuple("hello"), "what is drawn on the stage was not typed"
    panel.seed.setValue(9)
    wait_until(lambda: session.feeding.seed == 9 and not session._requests.is_open("unroll"))
    panel.count.setValue(7)
    wait_until(lambda: session.length == 12)
    click(qtbot, panel.stage)
    wait_until(lambda: not session.trace.own and session.length == 5)
    assert not panel.stage.isChecked()
    session.set_feeding(temperature=0.0, seed=0, count=20)
    wait_until(lambda: not session._requests.is_open("unroll"))


def test_a_text_that_ends_stops_the_panel_and_a_translation_is_not_put_into_the_text(
    panel, session, qtbot, wait_until, train
):
    session.set_task("translation")
    wait_until(lambda: session.task.name == "translation" and session.trace.text == session.text)
    wait_until(lambda: session.can_train)
    assert train(session, 12) == 12
    panel.temperature.setValue(3.0)
    panel.count.setValue(400)
    click(qtbot, panel.run)
    wait_until(lambda: panel.revealed > 0 and not panel.running)
    found = panel.found()
    assert found.ended
    assert panel.revealed == len(found.tokens) < 400
    assert "ends the text" in panel.line.text()
    assert panel.flow.typed[-1] == "<start>"
    assert not panel.put.isVisible()
    click(qtbot, panel.one)
    wait_until(lambda: not session.lab.waiting("generate"))
    assert not panel.running
