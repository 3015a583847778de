"""Remedies, horizon and health in the real window: by keys and mouse, with the real engine."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

FAST = 60_000
TEXT = "hello world"


def total(app):
    return app.session.gradients.layers[0].log2_total


def test_remedies_from_clipping_to_the_scissors(ready, qtbot, wait_until, train):
    app, session, window = ready, ready.session, ready.window
    window.resize(1600, 1000)
    window.toggle_simple()
    session.set_text(TEXT)
    wait_until(lambda: session.length == len(TEXT))
    window.commands["backward"].trigger()
    window.middle.show_page("remedies")
    panel = window.middle.side.panel("remedies")
    wait_until(lambda: panel.share_plot.now is not None and panel.share_plot.now.loss_step == 10)

    # Clip at 0.05: every step of the run from here on is shortened, and counted.
    panel.clip_at.setFocus()
    panel.clip_at.selectAll()
    qtbot.keyClicks(panel.clip_at, "0.05")
    qtbot.keyClick(panel.clip_at, Qt.Key.Key_Return)
    assert session.run.training.clip == 0.05
    start = session.training.step
    assert train(session, 10) == start + 10
    wait_until(lambda: panel.clip_plot.value == "10 of 10 steps clipped")
    assert panel.clip_plot.after[-1] == 0.05 < panel.clip_plot.before[-1]

    # Truncated BPTT by its switch; the scissors appear and are dragged two steps to the left.
    wait_until(lambda: session.gradients.training_step == start + 10)
    whole = total(app).copy()
    panel.truncate.toggle.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(panel.truncate.toggle, Qt.Key.Key_Space)
    assert session.run.training.truncate_length == 5
    wait_until(lambda: np.isneginf(total(app))[:5].all())
    stage = window.middle.stage
    scissors = stage._pointer.scissors
    grip = scissors.badge(stage.frame()).center().toPoint()
    qtbot.mousePress(stage, Qt.MouseButton.LeftButton, pos=grip)
    for step in (1, 2):
        qtbot.mouseMove(stage, grip - QPoint(round(window.axis.pitch * step), 0))
    qtbot.mouseRelease(stage, Qt.MouseButton.LeftButton, pos=grip - QPoint(round(window.axis.pitch * 2), 0))
    assert session.run.training.truncate_length == 7
    assert panel.length.value() == 7
    wait_until(lambda: np.isneginf(total(app)).tolist() == [True] * 3 + [False] * 7 + [True])
    np.testing.assert_allclose(total(app)[3:10], whole[3:10], rtol=1e-6)
    assert not session.training_now

    # Training goes on with the cut, and the horizon cannot pass it.
    assert train(session, 5) == start + 15
    window.middle.show_page("horizon")
    horizon = window.middle.side.panel("horizon")
    wait_until(lambda: bool(horizon.plot.lines) and horizon.plot.lines[0].steps[-1] == start + 15)
    assert horizon.plot.lines[0].horizons.max() <= 6
    window.grab()


def test_what_the_data_needs_stands_beside_the_horizon(ready, wait_until, train):
    session, window = ready.session, ready.window
    window.resize(1280, 720)
    window.toggle_simple()
    window.shell.set_task("parity")
    session.set_text("1011001")
    wait_until(lambda: session.task.name == "parity" and session.length == 7)
    window.middle.show_page("horizon")
    panel = window.middle.side.panel("horizon")
    wait_until(lambda: panel.plot.needed == 6)
    assert "all 7 steps" in panel.need.text()
    assert train(session, 20) == 20
    wait_until(lambda: panel.plot.lines[0].steps[-1] == 20)
    assert 0 <= panel.plot.lines[0].horizons.min() <= panel.plot.lines[0].horizons.max() <= 6
    window.grab()


@pytest.mark.fault(5)
def test_health_names_layer_time_step_and_unit_of_the_first_inf(ready, wait_until):
    session, window = ready.session, ready.window
    window.resize(1600, 1000)
    window.toggle_simple()
    window.middle.show_page("health")
    panel = window.middle.side.panel("health")
    wait_until(lambda: len(panel.charts) == 1)
    session.set_model(activation="identity", hidden=12)
    wait_until(lambda: len(panel.charts) == 1 and len(panel.charts[0].report.dead) == 12)
    assert "Nothing here can saturate" in panel.limits.text()
    session.set_training(learning_rate=10.0, clip=0.0)  # far too fast for units that know no bounds
    session.train()
    wait_until(lambda: panel.bad.bad is not None, timeout=FAST)
    bad = panel.bad.bad
    assert not session.training_now
    assert bad.layer == "l0"
    assert bad.time_step >= 1
    assert f"time step {bad.time_step}" in panel.bad.text
    assert f"training step {bad.training_step}" in panel.bad.text
    assert f"step {bad.training_step}" in session.notice.text
    assert all(np.isfinite(layer.hidden).all() for layer in session.trace.layers)
    window.grab()
    session.set_training(learning_rate=1e-4, clip=1.0)
    session.reset()
    wait_until(lambda: panel.bad.bad is None)
