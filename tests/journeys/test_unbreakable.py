"""Nothing that a user does, and no mistake of ours, costs the network or the window."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QFileDialog, QMessageBox, QWidget

from rnnviz.session.breakpoints import Breakpoint
from rnnviz.view.controls.buttons import Button
from rnnviz.view.controls.transport import Transport
from rnnviz.view.mishaps import Mishaps
from rnnviz.view.stage.stage_view import StageView

FAST = 60_000


def hidden(app):
    return app.session.trace.layers[0].hidden


# ---------------------------------------------------------------- our own mistakes


@pytest.fixture
def mishaps(app):
    hook = Mishaps(session=app.session, folder=app.settings.folder)
    hook.install()
    yield hook
    hook.uninstall()


@pytest.mark.parametrize(
    ("kind", "inner"), [(StageView, "_paint"), (Transport, "_paint_captions"), (Button, "_paint_content")]
)
def test_a_mistake_while_painting_is_survived(app, mishaps, monkeypatch, wait_until, kind, inner):
    window = app.window

    def broken(*args):
        raise RuntimeError("no paint left")

    monkeypatch.setattr(kind, inner, broken)
    window.update()
    for widget in window.findChildren(kind):
        widget.update()
    wait_until(lambda: app.session.notice is not None and "Something went wrong" in app.session.notice.text)
    assert app.session.notice.text.endswith(f"while drawing; it was written to {mishaps.path}.")
    assert "no paint left" in mishaps.path.read_text()
    monkeypatch.undo()
    app.session.move_to(5)
    app.session.set_text("on we go")
    wait_until(lambda: app.session.length == 8)
    assert window.isVisible()
    assert window.grab().width() == window.width()


# ---------------------------------------------------------------- a network replaced by mistake


def test_a_replaced_network_can_be_brought_back(ready, wait_until, qtbot, train):
    app, session, window = ready, ready.session, ready.window
    goal = train(app.session, 24)
    kept, curve = hidden(app).copy(), session.training.losses.copy()
    window.commands["cell-lstm"].trigger()
    wait_until(lambda: session.run.model.cell == "lstm" and session.trace.layers[0].cell is not None)
    assert session.training.step == 0
    assert window.notices.text == f"This made a new network; {goal} training steps were set aside."
    button = window.notices._buttons[0]
    assert button.text() == "Bring it back"
    train(app.session, 3)
    window.commands["bring-back"].trigger()
    wait_until(lambda: session.run.model.cell == "elman" and session.training.step == goal)
    wait_until(lambda: session.trace.layers[0].cell is None and np.array_equal(hidden(app), kept))
    assert np.array_equal(session.training.losses, curve)
    assert session.dirty
    # The LSTM took its place in memory, with its three steps.
    assert "3 training steps were set aside" in window.notices.text
    qtbot.mouseClick(window.notices._buttons[0], Qt.MouseButton.LeftButton)
    wait_until(lambda: session.run.model.cell == "lstm" and session.training.step == 3)


@pytest.mark.parametrize("act", ["reset", "units-more", "seed", "task-parity"])
def test_every_way_to_a_new_network_leads_back(ready, wait_until, act, train):
    app, session, window = ready, ready.session, ready.window
    goal = train(app.session, 5)
    kept, run = hidden(app).copy(), session.run
    if act == "seed":
        window.shell.change_seed(9)
    else:
        window.commands[act].trigger()
    wait_until(lambda: session.training.step == 0)
    assert session.can_bring_back
    session.restore_previous()
    wait_until(lambda: session.training.step == goal and session.run == run)
    wait_until(lambda: np.array_equal(hidden(app), kept))


def test_a_network_replaced_in_mid_training_comes_back_with_its_last_step(ready, wait_until):
    session = ready.session
    session.train()
    wait_until(lambda: session.training.step >= 60, timeout=FAST)
    ready.window.commands["cell-gru"].trigger()
    wait_until(lambda: session.run.model.cell == "gru" and session.training.step == 0 and session.can_bring_back)
    said = int("".join(filter(str.isdigit, ready.window.notices.text)))
    session.restore_previous()
    wait_until(lambda: session.run.model.cell == "elman" and session.training.step >= 60)
    assert session.training.step == said


def test_an_untrained_network_is_replaced_in_silence(ready, wait_until):
    session, window = ready.session, ready.window
    window.commands["cell-gru"].trigger()
    wait_until(lambda: session.run.model.cell == "gru" and session.training.step == 0)
    session.dismiss_notice()
    window.commands["cell-lstm"].trigger()
    wait_until(lambda: session.run.model.cell == "lstm" and session.trace.layers[0].cell is not None)
    assert window.notices.text == ""


# ---------------------------------------------------------------- breakpoints


def test_playing_stops_at_a_breakpoint_and_says_so(app, wait_until):
    app.window.middle.show_page("breakpoints")
    panel = app.window.middle.side.panel("breakpoints")
    panel.kind.setCurrentIndex(panel.kind.findData("token"))
    panel.value.setText("o")
    panel.add.click()
    assert app.playback.breakpoints == (Breakpoint("token", "=", "o"),)
    app.session.set_text("hello world")
    wait_until(lambda: app.session.length == 11)
    app.playback.set_speed(8)
    app.playback.first()
    app.window.commands["play"].trigger()
    wait_until(lambda: not app.playback.playing)
    assert app.session.time_step == 5
    assert app.window.notices.text == "Stopped at step 5: token = o."
    app.window.commands["play"].trigger()
    wait_until(lambda: not app.playback.playing)
    assert app.session.time_step == 8


# ---------------------------------------------------------------- files


def test_save_then_close(app, wait_until, tmp_path):
    session, window = app.session, app.window
    session.set_text("keep me")
    wait_until(lambda: session.length == 7)
    window.close()
    assert window.isVisible()
    window.documents.question.done(QMessageBox.StandardButton.Save)
    dialog = window.findChild(QFileDialog)
    assert dialog.acceptMode() == QFileDialog.AcceptMode.AcceptSave
    path = tmp_path / "kept.rnnviz"
    dialog.fileSelected.emit(str(path))
    wait_until(lambda: not window.isVisible())
    assert path.exists()
    assert not session.dirty


@pytest.mark.fault(11)
def test_a_save_that_fails_keeps_the_window_open(app, wait_until, tmp_path):
    session, window = app.session, app.window
    session.set_text("keep me")
    wait_until(lambda: session.length == 7)
    window.close()
    window.documents.question.done(QMessageBox.StandardButton.Save)
    window.findChild(QFileDialog).fileSelected.emit(str(tmp_path / "no" / "such" / "folder.rnnviz"))
    wait_until(lambda: session.notice is not None and session.notice.kind == "error")
    assert "folder.rnnviz" in session.notice.text or "no/such" in session.notice.text
    assert ("Save elsewhere", "save_elsewhere") in session.notice.actions
    assert window.isVisible()
    assert session.dirty


@pytest.mark.fault(10)
@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 not ours", b"\x80\x04 pickle", b"x" * 5000])
def test_the_message_about_a_broken_file_names_it(app, wait_until, tmp_path, content):
    broken = tmp_path / "lecture 3.rnnviz"
    broken.write_bytes(content)
    app.window.documents.open_path(str(broken))
    wait_until(lambda: app.session.notice is not None and app.session.notice.kind == "error")
    assert "lecture 3.rnnviz" in app.session.notice.text
    assert app.session.text == "hello"


# ---------------------------------------------------------------- the keyboard alone


def press(key, modifier=Qt.KeyboardModifier.NoModifier):
    QTest.keyClick(QApplication.focusWidget(), key, modifier)


@pytest.mark.parametrize("full", [False, True])
def test_every_control_is_reached_by_tab_and_shows_it(ready, qtbot, wait_until, full):
    window = ready.window
    window.resize(1600, 1000)
    if full:
        window.first_use.show_full()
        window.middle.show_page("settings")
    window.activateWindow()
    wait_until(lambda: QApplication.focusWidget() is not None)
    wanted = {widget for widget in window.findChildren(QWidget)
              if widget.isVisible() and widget.isEnabled() and widget.focusPolicy() & Qt.FocusPolicy.TabFocus
              and widget.focusProxy() is None}  # fmt: skip
    seen = []
    for _ in range(4 * len(wanted) + 20):
        press(Qt.Key.Key_Tab)
        widget = QApplication.focusWidget()
        if seen and widget is seen[0]:
            break
        seen.append(widget)
        with_focus = widget.grab().toImage()
        widget.clearFocus()
        without = widget.grab().toImage()
        assert with_focus != without, f"no focus ring on {widget} {widget.accessibleName()}"
        widget.setFocus(Qt.FocusReason.TabFocusReason)
    missing = wanted - set(seen)
    assert not missing, [(type(w).__name__, w.accessibleName()) for w in missing]
    for widget in seen:
        assert widget.accessibleName() or widget.parent().accessibleName(), widget


@pytest.mark.parametrize("key", [Qt.Key.Key_Space, Qt.Key.Key_Return, Qt.Key.Key_Enter])
def test_space_and_return_press_the_button_with_the_focus(ready, qtbot, wait_until, key):
    app, window = ready, ready.window
    window.activateWindow()
    button = window.top_bar.cells.buttons["gru"]
    button.setFocus(Qt.FocusReason.TabFocusReason)
    wait_until(lambda: QApplication.focusWidget() is button)
    press(key)
    wait_until(lambda: app.session.run.model.cell == "gru")
    assert not app.playback.playing
    window.centralWidget().setFocus()
    press(Qt.Key.Key_Space)
    assert app.playback.playing


@pytest.mark.fault(10)
def test_a_broken_file_on_the_command_line_is_named_and_hello_is_shown(make_app, wait_until, tmp_path):
    broken = tmp_path / "week 1.rnnviz"
    broken.write_bytes(b"no session")
    app = make_app(SimpleNamespace(open=str(broken)))
    wait_until(lambda: app.session.length == 5)
    assert app.session.notice.kind == "error"
    assert "week 1.rnnviz" in app.session.notice.text
