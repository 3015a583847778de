"""Which word is taken for which: the page Confusion in the real window, by keys and mouse, while the network learns."""

from __future__ import annotations

from PySide6.QtCore import Qt

FAST = 60_000


def test_the_labels_that_are_confused_become_fewer_and_one_sentence_is_tried(ready, qtbot, wait_until):
    window, session = ready.window, ready.session
    window.resize(1600, 1000)
    window.first_use.show_full()
    window.commands["task-word-labels"].trigger()
    wait_until(lambda: session.run.task.name == "word-labels" and session.trace is not None)
    window.centralWidget().setFocus()
    qtbot.keyClick(window, Qt.Key.Key_X, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    panel = window.middle.side.panel("confusion")
    wait_until(lambda: panel.isVisible() and panel.answer() is not None)
    untrained, answers = panel.answer().held_out.right, panel.answer().held_out.answers
    window.centralWidget().setFocus()
    qtbot.keyClick(window, Qt.Key.Key_T)
    seen = set()

    def live():
        if session.training_now and panel.answer() is not None:
            seen.add(panel.answer().training_step)
        return len(seen) >= 3

    wait_until(live, timeout=FAST)
    wait_until(lambda: panel.answer().held_out.right > untrained, timeout=FAST)
    qtbot.keyClick(window, Qt.Key.Key_T)
    wait_until(lambda: not session.training_now and panel.answer().training_step == session.training.step)
    found = panel.answer()
    assert found.held_out.answers == answers
    cell = (int(found.wanted[0]), int(found.answered[0])) if len(found.wanted) else (0, 0)
    place = panel.held_out.cell_rect(*cell).center().toPoint()
    qtbot.mouseClick(panel.held_out, Qt.MouseButton.LeftButton, pos=place)
    wait_until(lambda: panel.examples.isVisible() and panel.examples.count > 0)
    example = panel.examples.examples[0]
    qtbot.mouseClick(panel.try_it, Qt.MouseButton.LeftButton)
    wait_until(lambda: session.trace.text == example.text and session.time_step == example.time_step)
    assert session.trace.top_labels[example.time_step - 1][0] == found.labels[cell[1]]
    window.resize(1280, 720)
    window.grab()
