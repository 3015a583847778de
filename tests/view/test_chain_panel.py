"""The Chain tab: its numbers are the engine's, its lines stand where the numbers say, its words fit the cell."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor

from rnnviz.view.look import Look
from rnnviz.view.panels import chain_words as words
from rnnviz.view.panels.chain_plot import Curve, DecayPlot, power, spread
from rnnviz.view.scales import norm_text


@pytest.fixture
def panel(app, wait_until):
    app.window.middle.show_page("chain")
    found = app.window.middle.side.panel("chain")
    wait_until(lambda: found.chain() is not None)
    return found


def ask(session, wait_until, text=None, **model):
    """Another text or network, and the chain that belongs to it."""
    if text is not None:
        session.set_text(text)
        wait_until(lambda: session.length == len(text))
    session.set_model(**model)
    wait_until(lambda: _fits(session, model))


def _fits(session, model):
    chain = session.lab.value("chain")
    run = session.run.model
    known = all(getattr(run, name) == value for name, value in model.items())
    return known and chain is not None and chain.loss_step <= session.length and words.cell_of(chain) == run.cell


def test_the_chain_multiplies_out_to_the_gradient_on_the_track(app, panel, wait_until):
    session = app.session
    session.want("gradients", "test")
    wait_until(lambda: session.gradients is not None)
    chain, flow = panel.chain(), session.gradients.layers[0]
    assert (chain.loss_step, chain.time_step) == (session.gradients.loss_step, 1)
    row = flow.log2_total[: chain.loss_step]
    np.testing.assert_allclose(chain.log2_measured, (row - row[-1])[::-1], atol=1e-4)
    assert chain.log2_measured[-1] <= chain.log2_product[-1] + 1e-6
    assert panel.readout.rows[0].value == norm_text(float(chain.log2_measured[-1]))
    assert panel.plot.isVisible()
    assert panel.strip.isVisible()
    assert not panel.reason.isVisible()


def test_the_fields_choose_the_chain(app, panel, wait_until):
    panel.loss.setValue(3)
    wait_until(lambda: panel.chain().loss_step == 3)
    panel.step.setValue(2)
    wait_until(lambda: panel.chain().time_step == 2)
    assert panel.chain().steps.tolist() == [3]
    assert (panel.loss.value(), panel.step.value(), panel.step.maximum()) == (3, 2, 3)
    assert "∂C_3" in panel.equation.accessibleName()
    panel.step.setValue(3)
    wait_until(lambda: not len(panel.chain().steps))
    assert "no factor between them" in panel.reason.text()
    assert not panel.plot.isVisible()
    app.window.grab()


def test_in_backward_mode_the_chain_follows_the_sweep(app, panel, wait_until):
    session = app.session
    session.lab.set("chain", loss_step=2, time_step=1)
    wait_until(lambda: panel.chain().loss_step == 2)
    session.set_direction("backward")
    source = session.effective_loss_step
    wait_until(lambda: (panel.chain().loss_step, panel.chain().time_step) == (source, 1))
    session.move_to(2)
    wait_until(lambda: panel.chain().time_step == 2)
    session.set_direction("forward")
    session.move_to(4)
    session.lab.set("chain", loss_step=3, time_step=1)
    wait_until(lambda: panel.chain().loss_step == 3)


def test_a_click_on_the_plot_puts_the_cursor_there(app, panel, qtbot):
    chain = panel.chain()
    x = float(panel.plot.xs(np.array(2)))
    qtbot.mouseClick(panel.plot, Qt.MouseButton.LeftButton, pos=QPointF(x, 40).toPoint())
    assert app.session.time_step == chain.loss_step - 2


@pytest.mark.parametrize(("cell", "theme"), [("elman", "light"), ("lstm", "dark"), ("gru", "contrast")])
def test_every_cell_is_drawn_in_every_theme(app, panel, wait_until, cell, theme):
    app.settings.update_view(theme=theme)
    ask(app.session, wait_until, "hello world", cell=cell, hidden=6)
    picture = panel.plot.grab().toImage()
    colours = {QColor(picture.pixel(x, y)).name() for x in range(picture.width()) for y in range(picture.height())}
    assert app.look.theme.grad.name() in colours
    names = [curve.name for curve in panel.plot.curves]
    assert ("ρ^k" in names) is (cell == "elman")
    assert names[-1] == {"elman": "mean φ′", "lstm": "Π f", "gru": "Π z"}[cell]
    assert ("no law" in panel.meaning.text()) is (cell != "elman")
    panel.grab()


def test_a_reverse_layer_is_drawn_the_other_way(app, panel, wait_until):
    ask(app.session, wait_until, "hello world", bidirectional=True)
    app.session.select(layer="l0r")
    panel.loss.setValue(2)
    wait_until(lambda: panel.chain() is not None and panel.chain().layer == "l0r" and panel.chain().loss_step == 2)
    assert panel.chain().steps.tolist() == list(range(2, 11))
    xs = panel.plot.xs(np.arange(3))
    assert xs[0] < xs[1] < xs[2]
    assert (panel.step.minimum(), panel.step.maximum()) == (2, 11)
    panel.grab()


def test_why_there_is_no_chain_is_said(app, panel, wait_until):
    app.session.set_text("x")
    wait_until(lambda: app.session.length == 1 and "No time step" in panel.reason.text())
    assert not panel.plot.isVisible()
    app.session.set_text("hello")
    wait_until(lambda: panel.chain() is not None)
    assert panel.plot.isVisible()


def test_a_lower_layer_shows_the_other_paths_too(app, panel, wait_until):
    ask(app.session, wait_until, "hello world", layers=2, cell="gru")
    assert "all paths" in [curve.name for curve in panel.plot.curves]
    app.session.select(layer="l1")
    wait_until(lambda: panel.chain() is not None and panel.chain().layer == "l1")
    assert "all paths" not in [curve.name for curve in panel.plot.curves]


def test_the_panel_asks_for_nothing_while_hidden(app, panel):
    assert app.session.lab.wanted("chain")
    app.window.middle.show_page("inspector")
    assert not app.session.lab.wanted("chain")


def test_words_under_the_pointer_are_the_numbers(app, panel):
    chain = panel.chain()
    assert panel.plot.words_at(1).startswith(f"k = 1: time step {chain.loss_step - 1}")
    assert norm_text(float(chain.log2_measured[1])) in panel.plot.words_at(1)
    strip = panel.strip
    assert strip.factor_at(strip.bar_rect().right() - 1) == 0
    assert strip.factor_at(strip.bar_rect().left() + 1) == strip.count - 1
    assert norm_text(float(chain.log2_largest[0])) in strip.words_at(0)
    assert norm_text(float(chain.log2_spectra[0][-1])) in strip.words_at(0)


def test_a_long_chain_says_what_it_leaves_out(app, panel, wait_until):
    ask(app.session, wait_until, "ab" * 60, hidden=4)
    wait_until(lambda: len(panel.chain().steps) == 118)
    assert "the 64 of 118 factors nearest to the loss" in panel.meaning.text()
    assert panel.strip.count == 64
    assert not any("‖Π J" in row.markup for row in panel.readout.rows)


def test_a_truncated_gradient_is_said_to_end_at_the_cut(app, panel, wait_until):
    ask(app.session, wait_until, "hello world", hidden=6)
    app.session.set_training(truncate_every=1, truncate_length=3)
    wait_until(lambda: "Truncation ends this gradient at step 8" in panel.meaning.text())
    app.session.set_training(truncate_length=0)
    wait_until(lambda: "Truncation" not in panel.meaning.text())


# ---- parts without an engine --------------------------------------------------------------------


def test_power_of_the_base():
    np.testing.assert_allclose(np.exp2(power(0.9, 3)), [1, 0.9, 0.81, 0.729])
    assert power(0.0, 2).tolist() == [0.0, -np.inf, -np.inf]


def test_names_are_spread_in_their_order_and_inside():
    assert spread([10, 11, 50], 15, 0, 100) == [10, 25, 50]
    assert spread([98, 99, 97], 15, 0, 100) == [85, 100, 70]
    found = spread([0, 0, 0, 100, 100], 15, 0, 100)
    assert min(abs(a - b) for i, a in enumerate(found) for b in found[:i]) >= 15
    assert spread([], 15, 0, 1) == []


@pytest.fixture
def plot(qtbot):
    made = DecayPlot(look=Look(), height=180, name="test")
    qtbot.addWidget(made)
    made.resize(300, 180)
    return made


def test_the_scale_holds_what_was_measured_and_theory_only_while_it_is_near(plot):
    steps = 50
    measured = Curve(power(0.8, steps), "measured", "", "grad")
    wild = Curve(power(5.0, steps), "bound", "", theory=True)
    plot.show_curves([measured, wild], loss_step=60, leftward=True, key="a")
    scale = plot.scale()
    assert scale.low <= steps * np.log10(0.8)
    assert 1 <= scale.high <= 3
    plot.show_curves([Curve(power(0.99, steps), "measured", "", "grad")], loss_step=60, leftward=True, key="a")
    assert plot.scale().low == scale.low
    plot.show_curves([Curve(power(0.99, steps), "measured", "", "grad")], loss_step=60, leftward=True, key="b")
    assert plot.scale().low > scale.low


def test_nothing_that_cannot_be_drawn_breaks_the_plot(plot):
    for log2 in (np.zeros(1), np.full(4, -np.inf), np.array([0.0, np.nan, np.inf]), np.array([0.0, -5000.0, 4000.0])):
        plot.show_curves([Curve(log2, "measured", "", "grad", heads=True)], loss_step=9, leftward=True, key="a")
        plot.grab()
        plot.words_at(len(log2) - 1)
    assert plot.k_at(-50) == plot.steps
    assert plot.k_at(5000) == 0


def test_another_cell_in_force_before_its_chain_is_there_is_shown_the_old_ones(app, panel, wait_until):
    """In a notation that depends on the cell every view is told of the new one at once."""
    app.settings.update_view(notation="uvw")
    for cell in ("lstm", "elman", "gru", "lstm", "gru", "elman"):
        known = panel.chain()
        app.session.set_model(cell=cell)  # an exception in a slot fails the test
        assert panel.chain() is known
        panel.refresh()
        ask(app.session, wait_until, cell=cell)
        assert words.cell_of(panel.chain()) == cell


def test_each_activation_has_its_words(app, panel, wait_until):
    for activation in ("relu", "sigmoid", "identity", "tanh"):
        before = panel.chain()
        app.session.set_model(activation=activation)
        wait_until(lambda before=before: panel.chain() not in (None, before))
        assert panel.chain().max_slope == (0.25 if activation == "sigmoid" else 1.0)
        assert any(f"mean {words.SLOPES[activation]}" in row.words for row in panel.readout.rows)
        assert panel.meaning.text() == words.sentences(panel.chain(), app.session.run)
