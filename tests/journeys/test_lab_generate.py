"""Generate and Tokens in the real window: trained, gone on with, put into the text and stepped through."""

from __future__ import annotations

from PySide6.QtCore import Qt

from tests.journeys.test_lab_chain import open_page, type_number


def test_a_trained_network_goes_on_and_the_stage_steps_through_what_it_drew(ready, qtbot, wait_until, train):
    app = ready
    window, session = app.window, app.session
    window.resize(1600, 1000)
    window.first_use.show_full()
    train(session, 40)
    panel = open_page(qtbot, window, "generate")
    type_number(qtbot, panel.temperature, 0.5)
    type_number(qtbot, panel.count, 12)
    qtbot.mouseClick(panel.run, Qt.MouseButton.LeftButton)
    wait_until(lambda: panel.revealed == 12)
    drawn = list(panel.flow.drawn)
    qtbot.mouseClick(panel.put, Qt.MouseButton.LeftButton)
    wait_until(lambda: session.length == 17)
    assert session.trace.tokens[5:] == ["�" if token == "<unk>" else token for token in drawn]
    tokens = open_page(qtbot, window, "embedding")
    window.centralWidget().setFocus()
    qtbot.keyClick(window, Qt.Key.Key_End)
    for step in range(17, 5, -1):
        wait_until(lambda step=step: session.time_step == step)
        wait_until(lambda step=step: tokens.found() and tokens.found().tokens[tokens.found().token] == drawn[step - 6])
        qtbot.keyClick(window, Qt.Key.Key_Left)
    window.resize(1280, 720)
    window.middle.show_page("generate")
    assert panel.isVisible()
    window.grab()
