"""One lecture from the first start to the saved session, in the real window with the real engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import numpy as np
import psutil
import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QMessageBox

FAST = 60_000


def press(qtbot, app, key, modifier=Qt.KeyboardModifier.NoModifier):
    """A key press in the window."""
    qtbot.keyClick(app.window, key, modifier)


def idle(app):
    return lambda: app.session.engine_state != "training"


def weights(app):
    return {layer.name: layer.hidden.copy() for layer in app.session.trace.layers}


def test_first_start_is_simple_and_alive(app):
    view, session = app.settings.view, app.session
    assert view.simple
    assert view.open_tracks == []
    assert not view.inspector
    assert session.trace.tokens == list("hello")
    assert session.time_step == 3
    assert session.run.model.cell == "elman"
    assert session.run.model.hidden == 8
    assert app.window.middle.side is None
    assert app.window.middle.tracks is None
    assert not app.window.top_bar.task.isVisible()
    assert app.window.top_bar.train.isVisible()


def test_lecture_from_typing_to_reopening(ready, qtbot, wait_until, tmp_path):
    app, session, window = ready, ready.session, ready.window
    # Type behind the text: the window's single keys stay quiet meanwhile.
    window.focus_text()
    qtbot.keyClicks(window.middle.stage.text_field, " world, hello"[:7])
    wait_until(lambda: session.length == 12)
    assert session.text == "hello world,"
    assert session.run.model.cell == "elman"
    qtbot.keyClick(window.middle.stage.text_field, Qt.Key.Key_Escape)
    # Step with the keys.
    app.playback.first()
    window.commands["step"].trigger()
    window.commands["step"].trigger()
    assert session.time_step == 2
    window.commands["last"].trigger()
    assert session.time_step == 12
    # Zoom.
    before = window.axis.pitch
    window.toggle_simple()
    window.commands["zoom-in"].trigger()
    assert window.axis.pitch != before
    window.commands["zoom-inside"].trigger()
    assert app.settings.view.zoom == "inside"
    window.commands["zoom-steps"].trigger()
    # Train 200 steps, then pause.
    start, loss = session.training.step, session.training.loss
    session.train_steps(200)
    wait_until(lambda: session.training.step >= start + 200 and idle(app)(), timeout=FAST)
    assert session.training.step == start + 200
    assert loss is None or session.training.loss < loss
    # Another cell: at once, and the window says what became of the old network.
    window.commands["cell-lstm"].trigger()
    wait_until(lambda: session.trace is not None and "c" in " ".join(session.trace.layers[0].gates) + "c"
               and session.trace.layers[0].cell is not None)  # fmt: skip
    assert session.training.step == 0
    assert f"{start + 200} training steps were set aside" in window.notices.text
    # Backward: the gradient arrives and the track that shows it is open.
    window.commands["backward"].trigger()
    wait_until(lambda: session.gradients is not None and session.gradients.layers[0].log2_cell is not None)
    assert "gradient" in app.settings.view.open_tracks
    assert session.time_step == session.gradients.loss_step
    # Save, go on with something else, reopen: the same numbers.
    session.train_steps(5)
    wait_until(lambda: session.training.step == 5 and idle(app)(), timeout=FAST)
    path = tmp_path / "lecture.rnnviz"
    window.documents.save_path(str(path))
    wait_until(lambda: not session.dirty and session.path == path)
    assert window.windowTitle().startswith("lecture.rnnviz")
    wait_until(lambda: session.trace.training_step == 5)
    kept = weights(app)
    session.set_text("else")
    wait_until(lambda: session.length == 4)
    session.open(path)
    wait_until(lambda: session.length == 12 and session.text == "hello world," and session.training.step == 5)
    wait_until(lambda: all(np.array_equal(kept[name], array) for name, array in weights(app).items()))
    # ... and training goes on from there.
    session.train_steps(3)
    wait_until(lambda: session.training.step == 8 and idle(app)(), timeout=FAST)


@pytest.mark.fault(8)
@pytest.mark.fault(9)
def test_engine_killed_while_training_comes_back_and_closing_leaves_no_process(ready, wait_until):
    session = ready.session
    session.train()
    wait_until(lambda: session.training.step >= 60, timeout=FAST)
    first = ready.engine.process_id
    os.kill(first, signal.SIGKILL)
    wait_until(lambda: ready.engine.process_id not in (0, first) and session.can_train, timeout=FAST)
    wait_until(lambda: session.trace is not None and not session.trace_stale)
    assert session.text == "hello"
    assert session.training.step > 0
    assert "The engine stopped" in ready.window.notices.text
    session.train()
    wait_until(lambda: session.engine_state == "training", timeout=FAST)
    process = psutil.Process(ready.engine.process_id)
    ready.window.close_now()
    assert not ready.window.isVisible()
    process.wait(timeout=2)
    assert not process.is_running()


def test_unsaved_changes_are_asked_about(app, wait_until):
    app.session.set_text("changed")
    wait_until(lambda: app.session.length == 7)
    assert app.window.isWindowModified()
    app.window.close()
    box = app.window.documents.question
    assert isinstance(box, QMessageBox)
    assert app.window.isVisible()
    box.done(QMessageBox.StandardButton.Cancel)
    assert app.window.isVisible()
    app.window.close()
    app.window.documents.question.done(QMessageBox.StandardButton.Discard)
    wait_until(lambda: not app.window.isVisible())


def drop(app, path=None, text=""):
    data = QMimeData()
    if path is not None:
        data.setUrls([QUrl.fromLocalFile(str(path))])
    else:
        data.setText(text)
    event = QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton,
                       Qt.KeyboardModifier.NoModifier)  # fmt: skip
    app.window.dropEvent(event)


@pytest.mark.fault(10)
def test_a_dropped_text_is_learned_and_a_broken_session_is_refused(app, wait_until, tmp_path):
    session = app.session
    text = tmp_path / "verse.txt"
    text.write_text("abcabcabc " * 80, encoding="utf-8")
    drop(app, text)
    wait_until(lambda: session.own_data.can_learn)
    app.window.documents.importing.on_learn()
    wait_until(lambda: session.run.task.source.endswith("verse.txt") or session.run.task.text is not None)
    broken = tmp_path / "broken.rnnviz"
    broken.write_bytes(b"\x80\x04 no session")
    before = session.run
    session.open(broken)
    wait_until(lambda: session.notice is not None and session.notice.kind == "error")
    assert session.run == before
    assert "not an rnnviz session" in app.window.notices.text
    assert broken.read_bytes() == b"\x80\x04 no session"


def test_a_dropped_session_is_opened_and_a_dropped_sentence_is_typed(app, wait_until, tmp_path):
    session, path = app.session, tmp_path / "kept.rnnviz"
    app.window.documents.save_path(str(path))
    wait_until(lambda: session.path == path)
    drop(app, text="dropped words")
    wait_until(lambda: session.length == 13)
    session.new_session()
    wait_until(lambda: session.path is None)
    drop(app, path)
    wait_until(lambda: session.path == path and session.text == "hello")


@pytest.mark.fault(1)
@pytest.mark.fault(3)
def test_bad_texts_are_taken_without_an_error(app, wait_until):
    session = app.session
    for text, length in (("", 0), ("   ", 0), ("e\u0301\U0001f469\u200d\U0001f680", 2), ("\x00a", 2), ("שלום", 4)):
        session.set_text(text)
        typed = text.replace("\x00", "\ufffd")  # NUL is no text
        wait_until(lambda length=length, typed=typed: session.length == length and session.text == typed)
        app.window.grab()
    session.set_text("x" * 20_000)
    wait_until(lambda: session.length == 5000)
    assert app.window.grab().width() == app.window.width()
    assert "cut" in app.window.notices.text


def test_a_later_start_restores_the_view(make_app, wait_until, tmp_path):
    folder = tmp_path / "shared"
    first = make_app(folder=folder)
    wait_until(lambda: first.session.length == 5)
    first.window.toggle_simple()
    first.settings.update_view(theme="dark")
    first.session.set_text("again")
    wait_until(
        lambda: first.session.text == "again" and not first.session.trace_stale and first.session.trace.text == "again"
    )
    first.close()
    second = make_app(folder=folder)
    wait_until(lambda: second.session.trace is not None)
    assert second.look.theme.name == "dark"
    assert not second.settings.view.simple
    assert second.session.text == "again"
    assert second.window.middle.tracks is not None


WINDOW_WITHOUT_TORCH = """
import sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

qt = QApplication([])
from rnnviz.app import build

app = build(None, Path(sys.argv[1]))
app.window.show()
app.session.trace_changed.connect(qt.quit)
QTimer.singleShot(60_000, qt.quit)
qt.exec()
drawn, torch_here = app.session.length, "torch" in sys.modules
app.dispose()
print(drawn, torch_here)
"""


def test_no_torch_in_the_window(tmp_path):
    # A process of its own: other tests of this run have imported torch as their oracle.
    program = [sys.executable, "-c", WINDOW_WITHOUT_TORCH, str(tmp_path)]
    result = subprocess.run(program, capture_output=True, text=True, check=True, timeout=90)
    assert result.stdout.split() == ["5", "False"], result.stderr


def test_arrow_keys_are_places_on_the_time_axis_in_both_modes(qtbot, app, wait_until):
    session = app.session
    press(qtbot, app, Qt.Key.Key_Home)
    press(qtbot, app, Qt.Key.Key_Right)
    assert session.time_step == 1
    press(qtbot, app, Qt.Key.Key_R)
    wait_until(lambda: session.gradients is not None and session.time_step == session.effective_loss_step)
    start = session.time_step
    press(qtbot, app, Qt.Key.Key_Left)
    press(qtbot, app, Qt.Key.Key_Left)
    assert session.time_step == start - 2
    press(qtbot, app, Qt.Key.Key_Right)
    assert session.time_step == start - 1
    press(qtbot, app, Qt.Key.Key_Home)
    assert session.time_step == 1
    press(qtbot, app, Qt.Key.Key_End)
    assert session.time_step == start
