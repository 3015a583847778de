"""The four usage patterns in the real window: chosen by their actions, typed into, stepped, own outputs, backward."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from rnnviz.engine.tasks.names import PATTERNS
from rnnviz.view.panels.model_settings import ModelSettingsPanel
from rnnviz.view.stage import feedback, note
from rnnviz.view.stage.text_entry import TextEntry
from tests.journeys.test_lab_chain import open_page

CHOICES = {
    "acceptor": ("parity", " 1", 1),
    "transducer": ("next-char", " w", 2),
    "one-to-sequence": ("generate", " x", 2),
    "encoder-decoder": ("translation", " y", 1),
}
"""Of each pattern the first task of the list, what is typed behind its example, and how many tokens that is."""


@pytest.fixture
def app(at_rest):
    return at_rest


def settled(app):
    session = app.session
    fits = session.trace is not None and session.trace.text == session.text and not session.trace_stale
    return fits and session.task.name == session.run.task.name and not session._requests.is_open("unroll")


def choose(app, wait_until, pattern):
    """Choose a pattern by its action (from another one, where it is in force already)."""
    if PATTERNS[app.session.run.task.name] == pattern:
        app.session.set_task("parity")
        wait_until(lambda: settled(app))
    command = app.window.commands[f"pattern-{pattern}"]
    command.trigger()
    wait_until(lambda: settled(app) and PATTERNS[app.session.task.name] == pattern)
    assert command.isChecked()
    others = [other for other in CHOICES if other != pattern]
    assert not any(app.window.commands[f"pattern-{other}"].isChecked() for other in others)


@pytest.mark.parametrize("pattern", list(CHOICES))
def test_a_pattern_is_chosen_typed_into_stepped_and_sent_backward(app, qtbot, wait_until, pattern):
    task, keys, added = CHOICES[pattern]
    session, window, stage = app.session, app.window, app.window.middle.stage
    choose(app, wait_until, pattern)
    assert session.run.task.name == task
    frame = stage.frame()
    steps = range(1, frame.length + 1)
    answering = [step for step in steps if frame.answers(step)]
    assert answering == {
        "acceptor": [frame.length], "encoder-decoder": list(range(frame.wiring.switch + 1, frame.length + 1)),
    }.get(pattern, list(steps))  # fmt: skip
    before = session.length
    window.commands["type"].trigger()
    field = stage.findChild(TextEntry).field
    qtbot.keyClicks(field, keys)
    assert stage.frame().length == before + added, "at once"
    wait_until(lambda: settled(app) and session.length == before + added)
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    window.centralWidget().setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Home)
    assert session.time_step == 0
    for step in range(1, 4):
        qtbot.keyClick(window, Qt.Key.Key_Right)
        assert session.time_step == step
    window.grab()
    qtbot.keyClick(window, Qt.Key.Key_R)
    wait_until(lambda: session.gradients is not None and session.gradients.loss_step == session.time_step > 0)
    assert stage.frame().answers(session.time_step)
    for _ in range(3):
        qtbot.keyClick(window, Qt.Key.Key_Left)
    assert stage.frame().reached(session.time_step)
    window.grab()
    qtbot.keyClick(window, Qt.Key.Key_F)


def arrow_is_drawn(stage, step):
    """Whether the way from the output before ``step`` to its input is dark on the paper, all along the cells."""
    frame, image = stage.frame(), stage.grab().toImage()
    place = feedback.route(frame, step)
    rows = range(round(place.top) + 4, round(place.bottom) - 4, 5)
    return all(min(image.pixelColor(round(place.gap) + d, y).lightness() for d in (-1, 0, 1)) < 140 for y in rows)


@pytest.mark.parametrize("pattern", ["transducer", "one-to-sequence", "encoder-decoder"])
def test_own_outputs_are_switched_on_by_a_key_and_stepped_through(app, qtbot, wait_until, pattern, train):
    session, window, stage = app.session, app.window, app.window.middle.stage
    choose(app, wait_until, pattern)
    train(session, 30)
    wait_until(lambda: settled(app))
    window.centralWidget().setFocus()
    own = window.commands["own-outputs"]
    assert own.isEnabled()
    assert window.feeding_switch.isVisible()
    qtbot.keyClick(window, Qt.Key.Key_O)
    wait_until(lambda: session.feeding.own and settled(app) and session.trace.own)
    assert own.isChecked()
    frame = stage.frame()
    first = frame.wiring.marks.index(True) + 1 if frame.wiring.marks else 0
    assert first, "a trained network does not end at once"
    session.move_to(first - 1)
    for step in range(first, min(first + 3, session.length + 1)):
        qtbot.keyClick(window, Qt.Key.Key_Right)
        assert session.time_step == step
        assert stage.frame().wiring.drawn(step)
        assert "own output" in stage.accessibleDescription()
        assert session.trace.tokens[step - 1] == session.trace.top_labels[step - 2][0], "greedy"
        assert arrow_is_drawn(stage, step)
    qtbot.keyClick(window, Qt.Key.Key_O)
    wait_until(lambda: not session.feeding.own and settled(app) and not session.trace.own)
    assert not own.isChecked()


def test_the_last_task_of_a_pattern_comes_back(app, wait_until):
    session, commands = app.session, app.window.commands
    session.set_task("sentiment")
    wait_until(lambda: settled(app))
    commands["pattern-transducer"].trigger()
    wait_until(lambda: settled(app) and session.task.name == "next-char")
    commands["pattern-acceptor"].trigger()
    wait_until(lambda: settled(app) and session.task.name == "sentiment")
    commands["pattern-acceptor"].trigger()
    assert commands["pattern-acceptor"].isChecked()
    assert session.run.task.name == "sentiment"
    assert not commands["own-outputs"].isEnabled()
    assert "no inputs" in commands["own-outputs"].toolTip()


def test_the_row_of_diagrams_in_the_model_panel(app, qtbot, wait_until):
    session, window = app.session, app.window
    window.middle.show_page("settings")
    panel = window.findChild(ModelSettingsPanel)
    assert panel.patterns.buttons["transducer"].isChecked()
    qtbot.mouseClick(panel.patterns.buttons["encoder-decoder"], Qt.MouseButton.LeftButton)
    wait_until(lambda: settled(app) and session.task.name == "translation")
    assert panel.patterns.buttons["encoder-decoder"].isChecked()
    assert not panel.patterns.buttons["transducer"].isChecked()
    assert window.middle.stage.frame().wiring.switch == session.trace.switch > 0


def test_drawn_tokens_come_on_the_stage_from_the_generate_panel(app, qtbot, wait_until):
    session, window, stage = app.session, app.window, app.window.middle.stage
    panel = open_page(qtbot, window, "generate")
    panel.temperature.setValue(0.7)
    panel.count.setValue(6)
    panel.seed.setValue(3)
    qtbot.mouseClick(panel.stage, Qt.MouseButton.LeftButton)
    wait_until(lambda: settled(app) and session.trace.own and session.length == 11)
    assert panel.stage.isChecked()
    assert (session.feeding.temperature, session.feeding.seed, session.feeding.count) == (0.7, 3, 6)
    qtbot.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    wait_until(lambda: panel.revealed == 6)
    assert list(panel.flow.drawn) == list(session.trace.tokens[5:]), "the same draws in both"
    assert panel.flow.typed == tuple("hello")
    panel.slider.setValue(0)
    wait_until(lambda: settled(app) and session.feeding.temperature == 0.0)
    assert panel.temperature.value() == 0.0
    wait_until(lambda: panel.found() is not None and panel.found().temperature == 0.0)
    wait_until(lambda: list(panel.flow.drawn) == list(session.trace.tokens[5:]))
    qtbot.mouseClick(panel.put, Qt.MouseButton.LeftButton)
    wait_until(lambda: settled(app) and session.trace.written == 11 and session.length == 17)
    assert stage.frame().wiring.typed(11)
    qtbot.mouseClick(panel.stage, Qt.MouseButton.LeftButton)
    wait_until(lambda: settled(app) and not session.trace.own and session.length == 11)


def test_the_generate_panel_writes_from_a_label_and_translates(app, qtbot, wait_until, train):
    session, window = app.session, app.window
    choose(app, wait_until, "one-to-sequence")
    train(session, 30)
    session.set_text("song")
    wait_until(lambda: settled(app))
    panel = open_page(qtbot, window, "generate")
    panel.count.setValue(12)
    qtbot.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    wait_until(lambda: panel.revealed and not panel.running)
    assert panel.flow.typed == ("song",)
    drawn = [token for token in panel.flow.drawn if token != "<end>"]
    assert drawn, "a trained network does not end at once"
    assert list(panel.flow.drawn)[: len(drawn)] == drawn
    assert panel.put.isVisible()
    qtbot.mouseClick(panel.put, Qt.MouseButton.LeftButton)
    wait_until(lambda: settled(app) and session.text == "song: " + "".join(drawn))
    assert not session.trace.own  # what was drawn is the text now, and wanted
    assert list(session.trace.tokens) == ["song", *drawn]
    choose(app, wait_until, "encoder-decoder")
    qtbot.mouseClick(panel.one, Qt.MouseButton.LeftButton)
    wait_until(lambda: panel.revealed == 1)
    assert panel.flow.typed[-1] == "<start>"
    assert not panel.put.isVisible()


def test_a_text_without_a_loss_says_why_on_the_stage(app, wait_until):
    session, stage = app.session, app.window.middle.stage
    session.set_task("generate")
    wait_until(lambda: settled(app) and session.task.name == "generate")
    assert note.words(stage.frame()) == ""  # the example has a loss at every step
    for text, said in (("poem", "no label 'poem'"), ("song: I", "")):
        session.set_text(text)
        wait_until(lambda: settled(app))
        assert said in note.words(stage.frame())
        assert bool(note.words(stage.frame())) == bool(said)
    session.set_task("translation")
    session.set_text("I have a black cat")
    wait_until(lambda: settled(app) and session.task.name == "translation")
    frame = stage.frame()
    assert "no translation" in note.words(frame)
    outputs = frame.layout.output(frame.axis.x_of(session.trace.switch + 1))
    assert note.place(frame).right() < outputs.left()
