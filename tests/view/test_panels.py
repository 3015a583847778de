"""Inspector, Watch, Breakpoints, Model: their numbers are the trace's own."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.session.breakpoints import Breakpoint
from rnnviz.view.facts import percent
from rnnviz.view.look import number
from rnnviz.view.panels import PANELS
from rnnviz.view.panels.operation_rows import filled
from rnnviz.view.panels.watch_list import Pin


@pytest.fixture
def app(qtbot, tmp_path, wait_until):
    from rnnviz.app import build

    made = build(None, tmp_path / "settings")
    made.settings.update_view(reduced_motion=True)
    made.window.resize(1600, 1000)
    made.window.show()
    wait_until(lambda: made.session.length == 5)
    yield made
    made.dispose()


def page(app, key):
    app.window.middle.show_page(key)
    return app.window.middle.side.panel(key)


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_inspector_shows_the_values_of_the_trace(app, wait_until, cell):
    session = app.session
    session.set_model(cell=cell)
    session.select(unit=2)
    panel = page(app, "inspector")
    session.move_to(4)
    wait_until(
        lambda: (
            session.run.model.cell == cell and session.detail is not None and cell_of(session) == cell and panel.fresh
        )
    )
    layer = session.trace.layers[0]
    hidden = next(row for row in panel.rows if row.key == "h")
    assert hidden.value == pytest.approx(float(layer.hidden[3, 2]), abs=1e-7)
    gates = {"elman": (), "lstm": ("f", "i", "o", "g"), "gru": ("r", "z", "n")}[cell]
    for key in gates:
        assert next(row for row in panel.rows if row.key == key).value == pytest.approx(
            float(layer.gates[key][3, 2]), abs=1e-7
        )
    assert "tanh_c" not in {row.key for row in panel.rows}
    panel.grab()


def cell_of(session):
    keys = {operation.key for operation in session.detail.layers["l0"]}
    return "lstm" if "f" in keys else "gru" if "z" in keys else "elman"


def test_inspector_numbers_fill_the_pattern():
    assert filled("σ({0} + {1} + {2})", [0.41, -0.16, 0.8]) == "σ(0.41 − 0.16 + 0.80)"
    assert filled("{0} · {1} + {2} · {3}", [0.73, -1.12, -0.97, 0.79]) == "0.73 · −1.12 − 0.97 · 0.79"


def test_inspector_says_what_the_gradient_means(app, wait_until):
    session = app.session
    panel = page(app, "inspector")
    wait_until(lambda: session.gradients is not None and session.gradients.loss_step > 0)
    source = session.effective_loss_step
    session.move_to(source)
    assert panel.gradient_sentence() == "the source: this step's own loss"
    session.move_to(1)
    flow = session.gradients.layers[0]
    share = 2.0 ** float(flow.log2_total[0] - flow.log2_total[source - 1])
    assert panel.gradient_sentence() == f"{percent(share)} of what the loss at step {source} sent back"
    session.move_to(0)
    panel.grab()


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.04, "4 %"), (0.001, "0.1 %"), (1.0, "100 %"), (0.0001, "0.01 %"), (1e-9, "below 0.01 %"), (0.123, "12 %")],
)
def test_percent(share, text):
    assert percent(share).replace("\u2005", " ") == text


def test_a_hidden_inspector_asks_for_nothing(app, wait_until):
    panel = page(app, "inspector")
    wait_until(lambda: app.session.detail is not None)
    app.settings.update_view(inspector=False)
    assert not panel.isVisible()
    step = app.session.detail.time_step
    app.session.move_to(1 if step != 1 else 2)
    asked = []
    panel.refresh = lambda: asked.append(1)
    app.session.time_step_changed.emit()
    assert not asked


def test_watch_follows_the_trace(app, wait_until):
    panel = page(app, "watch")
    app.session.select(unit=1)
    app.session.move_to(2)
    app.window.commands["pin"].trigger()
    pin = Pin("l0", 1, 2)
    assert app.window.panel_actions.watch.pins == (pin,)
    assert panel.value(pin) == float(app.session.trace.layers[0].hidden[1, 1])
    app.session.set_text("x")
    wait_until(lambda: app.session.length == 1)
    assert panel.value(pin) is None
    panel.grab()
    app.window.commands["pin"].setEnabled(True)
    app.window.panel_actions.watch.toggle(pin)
    assert app.window.panel_actions.watch.pins == ()


def test_breakpoints_are_added_counted_and_removed(app):
    panel = page(app, "breakpoints")
    panel.value.setText("0.5")
    panel.add.click()
    assert app.playback.breakpoints == (Breakpoint("loss", ">", 0.5, 0),)
    assert app.window.middle.side.tabs.tabs["breakpoints"].count == 1
    panel.value.setText("half")
    panel.add.click()
    assert panel.problem.isVisible()
    assert "half" in panel.problem.text()
    assert len(app.playback.breakpoints) == 1
    app.playback.remove_breakpoint(app.playback.breakpoints[0])
    assert app.window.middle.side.tabs.tabs["breakpoints"].count == 0


def test_model_settings_change_the_run(app, wait_until):
    session = app.session
    panel = page(app, "settings")
    assert panel.rate.value() == pytest.approx(session.run.training.learning_rate)
    assert panel.units.value() == session.run.model.hidden
    assert panel.units.lineEdit().width() > 60, "the number has room to be seen"
    panel.rate.setValue(0.05)
    panel.rate.editingFinished.emit()
    assert session.run.training.learning_rate == pytest.approx(0.05)
    panel.layers.setValue(2)
    panel.layers.editingFinished.emit()
    app.window.notices.answer()
    wait_until(lambda: session.run.model.layers == 2 and len(session.trace.layers) == 2)
    assert number(float(np.abs(session.trace.layers[1].hidden).max())) != "0.00"


def test_model_settings_say_what_a_new_network_costs(app):
    panel = page(app, "settings")
    steps = app.session.training.step
    assert "makes a new network" in panel.cost.text()
    assert (str(steps) in panel.cost.text()) == bool(steps)


def test_every_panel_can_be_shown_at_both_sizes(app):
    for size in ((1600, 1000), (1280, 720)):
        app.window.resize(*size)
        for entry in PANELS:
            if entry.area == "side":
                assert page(app, entry.key).isVisible()
                assert app.window.middle.side.current == entry.key


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_a_pinned_step_stands_beside_the_cursor(app, wait_until, cell):
    session, panel = app.session, page(app, "inspector")
    session.set_model(cell=cell)
    wait_until(lambda: session.run.model.cell == cell and session.detail is not None and cell_of(session) == cell)
    session.select(unit=2)
    session.move_to(2)
    app.window.commands["pin"].trigger()
    wait_until(lambda: panel.fresh)
    assert panel.pinned_step == 0
    assert all(row.pinned is None for row in panel.rows)
    before = {row.key: row.value for row in panel.rows}
    session.move_to(4)
    wait_until(lambda: panel.fresh and session.detail.time_step == 4)
    assert panel.pinned_step == 2
    # The pinned column repeats what the panel showed at that step: the same numbers, by another way.
    assert {row.key: row.pinned for row in panel.rows} == pytest.approx(before, abs=1e-6)
    panel.grab()
    app.window.panel_actions.watch.clear()
    assert panel.pinned_step == 0
