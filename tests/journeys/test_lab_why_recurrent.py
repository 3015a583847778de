"""Why recurrent: the pages Sharing, Memory and Lengths in the real window, by keys and mouse."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tests.journeys.test_lab_chain import open_page

FAST = 60_000


def test_three_models_are_trained_together_while_the_text_is_typed(ready, qtbot, wait_until):
    window, session = ready.window, ready.session
    window.resize(1600, 1000)
    window.first_use.show_full()
    panel = open_page(qtbot, window, "sharing")
    wait_until(lambda: panel.report() is not None)
    qtbot.mouseClick(panel.train, Qt.MouseButton.LeftButton)
    wait_until(lambda: panel.report().step >= 50, timeout=FAST)
    session.set_text("hello world")
    wait_until(lambda: session.length == 11)
    wait_until(lambda: panel.report().step >= 400, timeout=FAST)
    wait_until(lambda: not panel.running)
    scores = {model.key: model for model in panel.report().models}
    assert scores["rnn"].accuracy["front"] > 0.9
    assert scores["mlp"].accuracy["front"] < 0.3
    assert "carry over to a new place" in panel.meaning.text()
    assert scores["rnn"].answers == ["2009", "2009", "2009"]
    panel.places.setFocus()
    qtbot.keyClick(panel.places, Qt.Key.Key_Down)
    wait_until(lambda: panel.report() is not None and panel.report().trained_at == ["front"])
    assert panel.report().step == 0
    window.resize(1280, 720)
    window.grab()


def test_memory_before_and_after_training(ready, qtbot, wait_until):
    window, session = ready.window, ready.session
    window.resize(1600, 1000)
    window.first_use.show_full()
    panel = open_page(qtbot, window, "probe")
    wait_until(lambda: panel.answer() is not None)
    step = panel.answer().training_step
    window.centralWidget().setFocus()
    qtbot.keyClick(window, Qt.Key.Key_T)
    wait_until(lambda: session.training.step > step + 30, timeout=FAST)
    qtbot.keyClick(window, Qt.Key.Key_T)
    wait_until(lambda: not session.training_now and panel.answer().training_step == session.training.step)
    assert panel.answer().accuracy[0] > panel.answer().chance
    assert "before training" in panel.meaning.text()


def test_parity_on_longer_strings(ready, qtbot, wait_until):
    window, session = ready.window, ready.session
    window.resize(1280, 720)
    window.first_use.show_full()
    window.centralWidget().setFocus()
    qtbot.keyClick(window, Qt.Key.Key_N, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    panel = window.middle.side.panel("lengths")
    wait_until(lambda: panel.isVisible() and "Choose parity" in panel.plot.words())
    window.commands["task-parity"].trigger()
    wait_until(lambda: panel.answer() is not None)
    assert panel.answer().lengths.max() == 40
    session.train_steps(1000)
    wait_until(lambda: panel.answer().training_step == 1000, timeout=FAST)
    assert panel.meaning.text().startswith("Up to length 10, as in training: ")
    window.grab()
