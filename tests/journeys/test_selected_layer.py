"""The selected layer in the whole window: chosen by keys, both of its chains on the stage, its history in training."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

FAST = 60_000
TEXT = "hello world"


@pytest.fixture
def both(ready, wait_until):
    window, session = ready.window, ready.session
    window.resize(1600, 1000)
    session.set_model(cell="lstm", hidden=6, layers=2, bidirectional=True)
    window.first_use.show_full()
    session.set_text(TEXT)
    wait_until(lambda: session.length == len(TEXT) and len(session.trace.layers) == 4)
    return ready


def shown(window):
    return [row.name for row in window.middle.stage.frame().layout.rows]


def test_keys_go_from_chain_to_chain_and_the_stage_shows_both_directions(both, qtbot):
    window, session = both.window, both.session
    window.centralWidget().setFocus()
    seen = []
    for _ in range(5):
        seen.append((session.layer, shown(window)))
        qtbot.keyClick(window, Qt.Key.Key_Up, Qt.KeyboardModifier.ShiftModifier)
    assert [layer for layer, _ in seen] == ["l0", "l0r", "l1", "l1r", "l1r"]
    assert [rows for _, rows in seen[1:3]] == [["l0r", "l0"], ["l1r", "l1"]]
    qtbot.keyClick(window, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert session.layer == "l1"
    frame = window.middle.stage.frame()
    assert frame.chosen_row.name == "l1"
    assert not frame.is_below
    window.grab()


def test_in_a_lower_layer_the_sweep_comes_from_both_sides(both, qtbot, wait_until):
    window, session = both.window, both.session
    session.choose_loss(5)
    window.centralWidget().setFocus()
    qtbot.keyClick(window, Qt.Key.Key_R)
    wait_until(lambda: session.gradients is not None and session.gradients.loss_step == 5 and session.time_step == 5)
    flows = window.middle.stage.frame().flows
    assert [step for step in range(1, 12) if flows["l0"].reached(step, 3)] == list(range(3, 12))
    assert [step for step in range(1, 12) if flows["l0r"].reached(step, 3)] == list(range(1, 8))
    session.select(layer="l1r")
    flows = window.middle.stage.frame().flows
    assert [step for step in range(1, 12) if flows["l1"].reached(step, 3)] == [3, 4, 5]
    assert [step for step in range(1, 12) if flows["l1r"].reached(step, 3)] == [5, 6, 7]
    assert [step for step in range(1, 12) if flows["l1r"].reached(step, 1)] == list(range(5, 12))


def test_the_history_of_training_is_that_of_the_selected_chain(both, wait_until, train):
    session = both.session
    assert train(session, 3) == 3
    for place, name in enumerate(("l0", "l0r", "l1", "l1r")):
        session.select(layer=name)
        wait_until(lambda name=name: session.history is not None and session.history.layer == name, timeout=FAST)
        wait_until(lambda: session.history.steps[-1] == 3, timeout=FAST)
        session.want("gradients", "test")
        wait_until(lambda: session.gradients is not None and session.gradients.training_step == 3)
        flow = session.gradients.layers[place]
        np.testing.assert_allclose(session.history.log2[-1], flow.log2_total, atol=1e-4)
        assert session.history.horizons[-1] == flow.horizons["joint"]
    session.unwant("gradients", "test")
