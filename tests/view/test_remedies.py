"""Remedies and Horizon: switches change the run, and the plots show the engine's own numbers."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from rnnviz.service.messages import TaskReport
from rnnviz.session.values import TrainingRecord
from rnnviz.view.look import Look
from rnnviz.view.panels.remedies_horizon import HorizonLine, HorizonPlot
from rnnviz.view.panels.remedies_horizon_panel import needed_memory
from rnnviz.view.panels.remedies_plot import ClipPlot, ShareCurve, SharePlot

TEXT = "hello world, hello"


@pytest.fixture
def app(qtbot, tmp_path, wait_until):
    from rnnviz.app import build

    made = build(None, tmp_path / "settings")
    made.settings.update_view(reduced_motion=True)
    made.window.resize(1600, 1000)
    made.window.show()
    wait_until(lambda: made.session.length == 5)
    made.session.set_text(TEXT)
    wait_until(lambda: made.session.length == len(TEXT))
    yield made
    made.dispose()


@pytest.fixture
def remedies(app, wait_until):
    app.window.middle.show_page("remedies")
    panel = app.window.middle.side.panel("remedies")
    wait_until(lambda: panel.curve() is not None and len(panel.curve().log2) == len(TEXT))
    return panel


def test_clipping_is_a_live_change_and_its_limit_a_field(app, remedies, qtbot):
    session, clip = app.session, remedies.clip
    assert clip.toggle.isChecked()
    assert session.run.training.clip == 1.0
    qtbot.mouseClick(clip.toggle, Qt.MouseButton.LeftButton)
    assert session.run.training.clip == 0.0
    assert not clip.toggle.isChecked()
    clip.toggle.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(clip.toggle, Qt.Key.Key_Return)
    assert session.run.training.clip == 1.0
    remedies.clip_at.setValue(0.25)
    remedies.clip_at.editingFinished.emit()
    assert session.run.training.clip == 0.25
    assert session.training.step == 40  # the same network


def test_truncation_ends_the_curve_and_keeps_the_one_before(app, remedies, qtbot, wait_until):
    session = app.session
    before = remedies.curve()
    assert before.loss_step == 17
    qtbot.mouseClick(remedies.truncate.toggle, Qt.MouseButton.LeftButton)
    assert (session.run.training.truncate_every, session.run.training.truncate_length) == (1, 8)
    wait_until(lambda: np.isneginf(remedies.share_plot.now.log2[0]))
    plot = remedies.share_plot
    assert np.array_equal(plot.before.log2, before.log2)
    assert np.isneginf(plot.now.log2[:9]).all()
    np.testing.assert_allclose(plot.now.log2[9:17], before.log2[9:17], rtol=1e-6)
    assert plot.now.horizon <= 7
    assert plot.value == f"horizon {before.horizon} → {plot.now.horizon}"
    remedies.every.setValue(4)
    remedies.length.setValue(2)  # never below k1
    remedies.length.editingFinished.emit()
    assert (session.run.training.truncate_every, session.run.training.truncate_length) == (4, 4)
    wait_until(lambda: np.isfinite(remedies.share_plot.now.log2[16]) and np.isneginf(remedies.share_plot.now.log2[15]))
    assert remedies.share_plot.now.horizon == 0  # the loss of step 17 is the first of its block
    qtbot.mouseClick(remedies.truncate.toggle, Qt.MouseButton.LeftButton)
    wait_until(lambda: np.isfinite(remedies.share_plot.now.log2[0]))
    assert remedies.share_plot.now.horizon == before.horizon
    remedies.share_plot.grab()


def test_forget_bias_needs_an_lstm_and_makes_a_new_one(app, remedies, qtbot, wait_until):
    session = app.session
    assert not remedies.forget.toggle.isEnabled()
    assert "LSTM" in remedies.forget.words.text()
    session.set_model(cell="lstm")
    wait_until(lambda: session.trace.layers[0].cell is not None and remedies.forget.toggle.isEnabled())
    before = session.trace.layers[0].gates["f"].mean()
    qtbot.mouseClick(remedies.forget.toggle, Qt.MouseButton.LeftButton)
    assert session.run.model.forget_bias == 1.0
    wait_until(lambda: session.trace.layers[0].gates["f"].mean() > before + 0.1)
    assert remedies.forget.toggle.isChecked()


def test_orthogonal_init_makes_a_network_that_forgets_less(app, remedies, qtbot, wait_until):
    session = app.session
    session.reset()
    wait_until(lambda: session.training.step == 0 and remedies.curve() is not None)
    wait_until(lambda: remedies.curve().training_step == 0)
    qtbot.mouseClick(remedies.orthogonal.toggle, Qt.MouseButton.LeftButton)
    assert session.run.model.initialiser == "orthogonal"
    wait_until(lambda: remedies.share_plot.before is not None and remedies.share_plot.now.training_step == 0)
    wait_until(lambda: not np.array_equal(remedies.share_plot.now.log2, remedies.share_plot.before.log2))
    plot = remedies.share_plot
    assert plot.now.reached[1][16] > plot.before.reached[1][16] + 1  # more than 10 times as much is left


def test_two_directions_cannot_be_cut(app, remedies, wait_until):
    app.session.set_model(bidirectional=True)
    wait_until(lambda: not remedies.truncate.toggle.isEnabled())
    assert "one direction" in remedies.truncate.words.text()


def test_clip_plot_shows_norms_before_and_after_and_counts(app, remedies, wait_until, train):
    session = app.session
    wait_until(lambda: session.can_train)
    session.set_training(clip=0.2)
    assert train(session, 5) == 45
    plot, record = remedies.clip_plot, session.training
    known = np.isfinite(record.clips)
    assert record.clips[known].tolist() == [0.2] * 5
    wait_until(lambda: len(plot.before) == len(record.steps))
    clipped = int((record.gradient_norms[known] > 0.2).sum())
    assert clipped == record.clipped
    assert plot.value == f"{clipped} of 5 steps clipped"
    assert np.array_equal(plot.before, record.gradient_norms)
    np.testing.assert_allclose(plot.after[known], np.minimum(record.gradient_norms[known], 0.2))
    assert np.array_equal(plot.after[~known], plot.before[~known])
    app.window.grab()


def test_horizon_panel_shows_every_saved_step_at_the_threshold(app, wait_until):
    session = app.session
    app.window.middle.show_page("horizon")
    panel = app.window.middle.side.panel("horizon")
    wait_until(lambda: bool(panel.plot.lines) and session.history.loss_step == 17)
    wait_until(lambda: session.can_train)
    session.train_steps(6)
    wait_until(
        lambda: session.training.step == 46 and len(session.history.steps) >= 7 and session.history.steps[-1] == 46
    )
    line = panel.plot.lines[0]
    assert line.steps[-1] == 46
    assert "not known" in panel.need.text()
    app.window.middle.show_page("remedies")
    wait_until(lambda: session.gradients is not None and session.gradients.training_step == 46)
    assert line.horizons[-1] == session.gradients.layers[0].horizons["joint"]
    app.window.middle.show_page("horizon")
    session.set_threshold(0.3)
    wait_until(lambda: panel.plot.lines[0].horizons[-1] < line.horizons[-1])
    assert session.history.threshold == 0.3
    assert "30" in panel.meaning.text()


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_plots_paint_in_every_theme_and_say_what_they_show(qtbot, theme):
    look = Look()
    look.set_theme(theme)
    parent = QWidget()
    qtbot.addWidget(parent)
    clip, share, horizon = ClipPlot(look=look), SharePlot(look=look), HorizonPlot(look=look)
    for plot in (clip, share, horizon):
        plot.setParent(parent)
        plot.resize(300, 150)
        empty = plot.grab().toImage()
        assert not empty.isNull()
    steps = np.arange(1.0, 4001.0)
    norms = np.abs(np.sin(steps)) + 0.1
    norms[10] = np.inf
    clip.show_record(TrainingRecord(steps=steps, gradient_norms=norms, clips=np.full(4000, 0.5), losses=norms), 0.5)
    assert clip.value == f"{int((norms > 0.5).sum())} of 4000 steps clipped"
    assert "limit 0.5" in clip.words()
    now = ShareCurve(np.array([-np.inf, -9.0, -4.0, 0.0, -np.inf]), 4, 1, 12)
    share.show_curves(ShareCurve(np.array([-20.0, -9.0, -4.0, 0.0, -np.inf]), 4, 2, 10), now, 0.1)
    assert share.value == "horizon 2 → 1"
    lines = [HorizonLine(f"model {k}", np.arange(0, 9 * k, k), np.arange(9) % 4) for k in (1, 2, 3)]
    horizon.show_lines(lines, 7)
    assert horizon.top == 7
    assert horizon.last == 24
    assert "the data needs 7" in horizon.words()
    for plot in (clip, share, horizon):
        image = plot.grab().toImage()
        colours = {image.pixelColor(x, y).name() for x in range(300) for y in range(20, 130)}
        assert look.theme.grad.name() in colours


def test_what_the_data_needs():
    def task(name, required):
        return TaskReport(
            name=name, title="Copy", sentence="", pattern="", example="", baseline=1.0, baseline_label="",
            has_accuracy=True, input_tokens=[], output_labels=[], required_memory=required,
        )  # fmt: skip

    assert needed_memory(task("parity", 10), 7)[0] == 6
    assert needed_memory(task("copy", 5), 20)[0] == 5
    assert needed_memory(task("copy", 50), 20)[0] == 19
    needed, words = needed_memory(task("next-char", None), 7)
    assert needed is None
    assert "not known" in words
