"""Every task in one real window: chosen, typed into, trained, stepped through; its held-out score comes by itself."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from rnnviz.engine.tasks import task_class
from rnnviz.engine.tasks.names import TITLES
from rnnviz.view.stage.text_entry import TextEntry

WORDS = ("next-word", "sentiment", "word-labels", "year")


@pytest.fixture
def app(at_rest):
    return at_rest


def choose(app, wait_until, name):
    """Choose a task in the top bar's menu, and wait for its first picture."""
    command = app.window.commands[f"task-{name}"]
    assert command in app.window.top_bar.task.popup.actions()
    command.trigger()
    session = app.session
    wait_until(lambda: session.task.name == name and session.trace.text == session.text and not session.training.step)


@pytest.mark.parametrize("name", [name for name in TITLES if name != "next-char"])
def test_a_task_is_opened_typed_into_trained_and_stepped(app, qtbot, wait_until, name, train):
    session, window, task = app.session, app.window, task_class(name)
    choose(app, wait_until, name)
    assert window.top_bar.task.text() == TITLES[name]
    assert window.top_bar.task.toolTip().startswith(task.sentence)
    assert window.top_bar.task.accessibleDescription() == task.sentence
    assert window.commands[f"task-{name}"].toolTip().startswith(task.sentence)
    assert window.top_bar.task.popup.toolTipsVisible()
    assert window.commands[f"task-{name}"].isChecked()
    assert session.text == task.example
    assert session.trace.known.all()
    assert (session.trace.targets >= 0).any() or session.task.lower_is_better
    assert all(getattr(session.run.model, key) == value for key, value in task.default_model.items())
    assert all(getattr(session.run.training, key) == value for key, value in task.default_training.items())
    train(session, 5)
    wait_until(lambda: session.training.held_out is not None)
    assert window.top_bar.loss.bottom.startswith("held out ")
    session.move_to(1)
    window.commands["step"].trigger()
    assert session.time_step == 2
    window.commands["last"].trigger()
    assert session.time_step == session.length
    before = session.length
    window.commands["type"].trigger()
    field = window.middle.stage.findChild(TextEntry).field
    qtbot.keyClicks(field, f" {task.example.split()[-1]}")
    wait_until(lambda: session.trace.text == session.text and session.length > before)
    assert session.text == f"{task.example} {task.example.split()[-1]}"
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    window.grab()


@pytest.mark.parametrize("name", WORDS)
def test_words_are_chips_of_their_own_while_they_are_typed(app, qtbot, wait_until, name):
    session, stage = app.session, app.window.middle.stage
    entry = stage.findChild(TextEntry)
    choose(app, wait_until, name)
    app.window.commands["type"].trigger()
    entry.select_all()
    qtbot.keyClicks(entry.field, "I went  to Peru")
    assert stage.frame().tokens == ("I", "went", "to", "Peru")
    assert entry.caret == 4
    wait_until(lambda: session.trace.text == session.text)
    assert session.length == 4
    qtbot.keyClick(entry.field, Qt.Key.Key_Home)
    assert entry.caret == 0
    for _ in "I went":
        qtbot.keyClick(entry.field, Qt.Key.Key_Right)
    assert entry.caret == 2
    qtbot.keyClick(entry.field, Qt.Key.Key_Backspace)
    assert stage.frame().tokens == ("I", "wen", "to", "Peru")
    entry.field.paste_text("t away")
    assert stage.frame().tokens == ("I", "went", "away", "to", "Peru")
    wait_until(lambda: session.trace.text == "I went away  to Peru")
    assert session.length == 5


def test_the_earlier_network_comes_back_with_its_text(app, wait_until):
    session, window = app.session, app.window
    steps = session.training.step
    window.commands["task-sentiment"].trigger()
    wait_until(lambda: session.task.name == "sentiment" and session.trace.text == "The food was really good.")
    assert "for the task Sentiment: LSTM, 24 units, embedding 12" in session.notice.text
    assert f"{steps} training steps were set aside" in session.notice.text
    session.restore_previous()
    wait_until(lambda: session.task.name == "next-char" and session.trace.text == "hello" and session.length == 5)
    assert session.training.step == steps


def test_a_text_that_the_task_can_read_stays(app, wait_until):
    session = app.session
    choose(app, wait_until, "parity")
    session.set_text("0110")
    wait_until(lambda: session.trace.text == "0110")
    choose(app, wait_until, "temporal-xor")
    assert session.text == "0110"
    choose(app, wait_until, "sentiment")
    assert session.notice.text == "This made a new network for the task Sentiment: LSTM, 24 units, embedding 12."


def test_two_keys_walk_through_the_tasks(app, wait_until):
    session, commands = app.session, app.window.commands
    commands["next-task"].trigger()
    wait_until(lambda: session.task.name == "next-word")
    commands["previous-task"].trigger()
    wait_until(lambda: session.task.name == "next-char")
    commands["previous-task"].trigger()
    wait_until(lambda: session.task.name == list(TITLES)[-1])
