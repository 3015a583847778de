"""The Spectrum tab: eigenvalues where they belong, a dial that never accumulates, and what it says when it cannot."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from rnnviz.service.messages import SpectrumMapped
from rnnviz.view.look import Look, significant
from rnnviz.view.panels.spectrum_circle import EigenCircle
from rnnviz.view.panels.spectrum_dial import HIGH, LOW, PARTS, RadiusSlider, part_of, radius_of


@pytest.fixture
def panel(app, wait_until):
    app.window.middle.show_page("spectrum")
    found = app.window.middle.side.panel("spectrum")
    wait_until(lambda: found.spectrum() is not None)
    return found


def radius(panel, gate="h"):
    found = panel.spectrum()
    return found.radius.get(gate) if found is not None else None


def at(panel, value, gate="h"):
    return lambda: radius(panel, gate) is not None and abs(radius(panel, gate) - value) < 1e-4 * value


def test_the_dots_stand_at_the_eigenvalues(app, panel):
    found, circle = panel.spectrum(), panel.circle
    values = found.real["h"] + 1j * found.imaginary["h"]
    xs, ys = circle.points()
    centre = QPointF(circle.width() / 2, circle.height() / 2)
    np.testing.assert_allclose((xs - centre.x()) / circle.unit, values.real, atol=1e-9)
    np.testing.assert_allclose((centre.y() - ys) / circle.unit, values.imag, atol=1e-9)
    assert circle.radius == pytest.approx(np.abs(values).max())
    assert significant(found.radius["h"]) in panel.numbers.text()
    assert significant(found.largest["h"]) in panel.numbers.text()
    assert "λ = " in circle.words_at(QPointF(xs[0], ys[0]))
    assert "Each dot is an eigenvalue" in circle.words_at(QPointF(0, 0))
    picture = circle.grab().toImage()
    assert picture.pixelColor(QPoint(round(xs[0]), round(ys[0]))) == app.look.theme.wh


def test_the_dial_moves_weights_states_and_gradient_and_reset_brings_them_back(app, panel, wait_until):
    session = app.session
    wait_until(lambda: session.gradients is not None)
    before, hidden = radius(panel), session.trace.layers[0].hidden.copy()
    thumbnail, flow = session.trace.thumbnails["W_hh"].copy(), session.gradients.layers[0].log2_total.copy()
    panel.box.setValue(2.0)
    wait_until(at(panel, 2.0))
    np.testing.assert_allclose(session.trace.thumbnails["W_hh"], thumbnail * 2.0 / before, rtol=1e-5)
    assert not np.array_equal(session.trace.layers[0].hidden, hidden)
    wait_until(lambda: not np.array_equal(session.gradients.layers[0].log2_total, flow))
    assert session.dirty
    assert panel.slider.radius == pytest.approx(2.0, rel=1e-4)
    assert "was" in panel.numbers.text()
    for value in (0.3, 1.7, 0.9):
        panel.turn(value)
    wait_until(at(panel, 0.9))
    wait_until(panel.back.isEnabled)
    panel.back.click()
    wait_until(at(panel, before))
    wait_until(lambda: np.array_equal(session.trace.thumbnails["W_hh"], thumbnail))
    wait_until(lambda: not panel.back.isEnabled())
    np.testing.assert_array_equal(session.trace.layers[0].hidden, hidden)


def test_the_measured_decay_and_rho_are_drawn_together(app, panel, wait_until):
    session = app.session
    wait_until(lambda: len(panel.plot.curves) == 2)
    measured, theory = panel.plot.curves
    row = session.gradients.layers[0].log2_total[: session.gradients.loss_step]
    np.testing.assert_allclose(measured.log2, (row - row[-1])[::-1], atol=1e-9)
    k = np.arange(len(row))
    np.testing.assert_allclose(theory.log2, k * np.log2(radius(panel)), atol=1e-9)


def test_a_gated_cell_has_a_block_for_every_gate(app, panel, wait_until):
    session = app.session
    session.set_model(cell="lstm", hidden=5)
    wait_until(lambda: panel.spectrum() is not None and list(panel.spectrum().real) == ["i", "f", "g", "o"])
    assert panel.gate.isVisible()
    assert panel.gate.count() == 5
    assert len(panel.circle.values) == 20
    other = radius(panel, "o")
    panel.gate.setCurrentIndex(2)
    panel.gate.activated.emit(2)
    assert panel.chosen == "f"
    assert len(panel.circle.values) == 5
    panel.turn(1.5)
    wait_until(at(panel, 1.5, "f"))
    assert radius(panel, "o") == other
    panel.gate.setCurrentIndex(0)
    panel.gate.activated.emit(0)
    panel.turn(0.8)
    wait_until(lambda: all(at(panel, 0.8, gate)() for gate in "ifgo"))
    assert "no law of decay" in panel.meaning.text()
    panel.grab()
    session.set_model(cell="elman")
    wait_until(lambda: panel.spectrum() is not None and list(panel.spectrum().real) == ["h"])
    assert not panel.gate.isVisible()


def test_a_text_without_a_loss_says_so(app, panel, wait_until):
    app.session.set_text("x")
    wait_until(lambda: "This text has no loss" in panel.meaning.text())
    assert not panel.plot.isVisible()
    assert panel.circle.isVisible()


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
@pytest.mark.parametrize("size", [(1600, 1000), (1280, 720)])
def test_it_is_drawn_in_every_theme_and_size(app, panel, theme, size):
    app.settings.update_view(theme=theme)
    app.window.resize(*size)
    app.window.middle.show_page("spectrum")
    assert panel.isVisible()
    assert panel.circle.grab().toImage().pixelColor(2, 2).isValid()
    assert panel.width() <= 344
    app.window.grab()


def test_weights_without_eigenvalues_are_said(app, panel):
    nothing = SpectrumMapped(
        layer="l0",
        real={"h": np.zeros(3)},
        imaginary={"h": np.zeros(3)},
        radius={"h": 0.0},
        largest={"h": 1.0},
        base_radius={"h": 0.0},
        touched=False,
        training_step=0,
    )
    panel._show_dial(nothing, ["h"])
    assert not panel.slider.isEnabled()
    assert "no factor gives it another ρ" in panel.reason.text()


def test_a_saved_training_step_is_not_turned(app, panel, wait_until, train):
    session = app.session
    wait_until(lambda: session.can_train)
    start = session.training.step
    train(session, 3)
    session.view_training_step(start)
    wait_until(lambda: not panel.slider.isEnabled())
    assert f"Training step {start} is on show" in panel.reason.text()
    session.view_training_step(None)
    wait_until(panel.slider.isEnabled)
    assert not panel.reason.isVisible()


# ---- parts without an engine --------------------------------------------------------------------


@pytest.fixture
def slider(qtbot):
    made = RadiusSlider(look=Look())
    qtbot.addWidget(made)
    made.resize(220, 38)
    made.show()
    return made


def test_the_track_is_logarithmic_with_a_detent_at_one():
    assert (part_of(LOW), part_of(HIGH)) == (0, PARTS)
    assert radius_of(0.0) == pytest.approx(LOW)
    assert radius_of(1.0) == pytest.approx(HIGH)
    assert radius_of(0.5) == pytest.approx(np.sqrt(LOW * HIGH))
    for near in (0.98, 1.02):
        assert radius_of(np.log(near / LOW) / np.log(HIGH / LOW)) == 1.0
    assert radius_of(np.log(0.9 / LOW) / np.log(HIGH / LOW)) == pytest.approx(0.9)


def test_dragging_says_every_radius_and_the_engine_does_not_pull_the_handle_away(slider, qtbot):
    said = []
    slider.turned.connect(said.append)
    left, right = slider.x_of(0.5), slider.x_of(2.0)
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(left), 13))
    assert said == pytest.approx([0.5], rel=0.02)
    slider.show_radius(2.9)
    assert slider.radius == pytest.approx(0.5, rel=0.02)
    QTest.mouseMove(slider, QPoint(round(right), 13))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(right), 13))
    assert said[-1] == pytest.approx(2.0, rel=0.02)
    slider.show_radius(0.7)
    assert slider.radius == 0.7
    assert len(said) == len(set(said))
    assert "0.7" in slider.accessibleDescription()
    slider.grab()


def test_keys_turn_by_one_percent_and_stop_at_one(slider, qtbot):
    said = []
    slider.turned.connect(said.append)
    slider.show_radius(0.995)
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert said == [1.0]
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert said[-1] == pytest.approx(1.01)
    qtbot.keyClick(slider, Qt.Key.Key_Left)
    assert said[-1] == pytest.approx(1.0)
    qtbot.keyClick(slider, Qt.Key.Key_PageUp)
    assert said[-1] == pytest.approx(1.4)
    qtbot.keyClick(slider, Qt.Key.Key_End)
    assert said[-1] == pytest.approx(HIGH)
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    assert said[-1] == pytest.approx(LOW)


def test_the_plane_only_grows_while_the_same_network_is_shown(qtbot):
    circle = EigenCircle(look=Look(), height=200)
    qtbot.addWidget(circle)
    circle.show_values(np.array([0.5, 0.5j]), "a")
    first = circle.extent
    circle.show_values(np.array([2.0 + 0j]), "a")
    assert circle.extent > first
    circle.show_values(np.array([0.5 + 0j]), "a")
    assert circle.extent >= 2.0
    circle.show_values(np.array([0.5 + 0j]), "b")
    assert circle.extent == first
    circle.show_values(np.array([100.0 + 0j]), "b")
    assert circle.extent >= 100
    assert "1 eigenvalues, 0 inside the unit circle" in circle.accessibleDescription()
    circle.grab()
