"""Chain and spectral dial in the real window: keys, clicks and a dragged slider; every picture moves with the dial."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

FAST = 60_000
TEXT = "hello world, hello"


def open_page(qtbot, window, key):
    """The Lab tab, then the tab of the page, with the mouse."""
    side = window.middle.side
    qtbot.mouseClick(side.tabs.tabs["lab"], Qt.MouseButton.LeftButton)
    qtbot.mouseClick(side.lab_tabs.tabs[key], Qt.MouseButton.LeftButton)
    panel = side.panel(key)
    assert panel.isVisible()
    return panel


def start(app, wait_until):
    window, session = app.window, app.session
    window.resize(1600, 1000)
    window.first_use.show_full()
    app.settings.update_view(training=False)
    session.set_text(TEXT)
    wait_until(lambda: session.length == len(TEXT))
    return window, session


def type_number(qtbot, box, number):
    """As a hand does: into the field, all selected, the number, Enter."""
    box.setFocus()
    box.selectAll()
    qtbot.keyClicks(box, str(number))
    qtbot.keyClick(box, Qt.Key.Key_Return)


def test_a_chain_is_chosen_by_the_sweep_by_numbers_and_by_the_credit_map(app, qtbot, wait_until):
    window, session = start(app, wait_until)
    panel = open_page(qtbot, window, "chain")
    wait_until(lambda: panel.chain() is not None and panel.chain().loss_step == 17)
    assert panel.chain().time_step == 1
    window.centralWidget().setFocus()
    qtbot.keyClick(window, Qt.Key.Key_R)
    wait_until(lambda: session.time_step == 17)
    for _ in range(3):
        qtbot.keyClick(window, Qt.Key.Key_Left)
    wait_until(lambda: panel.chain() is not None and panel.chain().time_step == 14)
    assert panel.chain().steps.tolist() == [17, 16, 15]
    qtbot.keyClick(window, Qt.Key.Key_F)
    type_number(qtbot, panel.loss, 9)
    type_number(qtbot, panel.step, 5)
    wait_until(lambda: (panel.chain().loss_step, panel.chain().time_step) == (9, 5))
    row = session.credit.log2[session.credit.rows.tolist().index(9)]
    np.testing.assert_allclose(panel.chain().log2_measured[-1], row[4] - row[8], atol=1e-3)
    session.lab.show("chain", loss_step=12, time_step=8)  # what a click on a cell of the credit map does
    wait_until(lambda: (panel.loss.value(), panel.step.value()) == (12, 8))
    assert "∂C_12" in panel.equation.accessibleName()
    window.resize(1280, 720)
    window.middle.show_page("chain")
    assert panel.isVisible()
    window.grab()


def test_the_dial_is_dragged_and_everything_moves(ready, qtbot, wait_until, train):
    app = ready
    window, session = start(app, wait_until)
    train(session, 5)
    panel = open_page(qtbot, window, "spectrum")
    wait_until(lambda: panel.spectrum() is not None and session.gradients is not None and session.credit is not None)
    before = {
        "hidden": session.trace.layers[0].hidden.copy(),
        "gradient": session.gradients.layers[0].log2_total.copy(),
        "credit": session.credit.log2.copy(),
        "weights": session.trace.thumbnails["W_hh"].copy(),
        "radius": panel.spectrum().radius["h"],
    }
    step = session.training.step
    slider = panel.slider
    places = [slider.x_of(radius) for radius in (before["radius"], 0.4, 0.7, 1.6, 2.5)]
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(places[0]), 13))
    for x in places[1:]:
        QTest.mouseMove(slider, QPoint(round(x), 13))
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton, pos=QPoint(round(places[-1]), 13))
    target = slider.radius
    assert abs(target - 2.5) < 0.05
    wait_until(lambda: panel.spectrum() is not None and abs(panel.spectrum().radius["h"] - target) < 1e-4)
    wait_until(lambda: not np.array_equal(session.gradients.layers[0].log2_total, before["gradient"]))
    wait_until(lambda: session.credit.complete and not np.array_equal(session.credit.log2, before["credit"]))
    np.testing.assert_allclose(
        session.trace.thumbnails["W_hh"], before["weights"] * target / before["radius"], rtol=1e-4
    )
    assert not np.array_equal(session.trace.layers[0].hidden, before["hidden"])
    assert np.abs(panel.circle.values).max() > 2.4
    assert session.training.step == step
    # Back with the button, and training goes on from there.
    wait_until(panel.back.isEnabled)
    qtbot.mouseClick(panel.back, Qt.MouseButton.LeftButton)
    wait_until(lambda: np.array_equal(session.trace.layers[0].hidden, before["hidden"]))
    train(session, 2)


def test_an_initialiser_is_picked_and_the_gradient_keeps_its_length(app, qtbot, wait_until):
    window, session = start(app, wait_until)
    wait_until(lambda: session.can_restore)
    window.middle.show_page("settings")
    settings = window.middle.side.panel("settings")
    for box, key in ((settings.activation, "identity"), (settings.initialiser, "orthogonal")):
        box.setFocus()
        qtbot.keyClick(box, Qt.Key.Key_Home)
        for _ in range(box.findData(key)):
            qtbot.keyClick(box, Qt.Key.Key_Down)
        box.activated.emit(box.currentIndex())
        name = "activation" if box is settings.activation else "initialiser"
        wait_until(lambda name=name, key=key: getattr(session.run.model, name) == key)
    panel = open_page(qtbot, window, "chain")
    wait_until(lambda: panel.chain() is not None and panel.chain().radius["h"] > 0.999)
    wait_until(lambda: np.allclose(panel.chain().log2_measured, 0, atol=1e-4))
    assert "ρᵏ is the whole story" in panel.meaning.text()
    spectrum = open_page(qtbot, window, "spectrum")
    wait_until(lambda: spectrum.spectrum() is not None)
    np.testing.assert_allclose(np.abs(spectrum.circle.values), 1, atol=1e-5)
    type_number(qtbot, spectrum.box, 0.9)
    wait_until(lambda: len(spectrum.plot.curves) and abs(spectrum.plot.curves[0].log2[-1] - 16 * np.log2(0.9)) < 1e-3)
