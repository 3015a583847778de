"""The backward pass in the real window: open, step, scrub, play, update, undo; then the proof."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

FAST = 60_000
TEXT = "hello world, hello"
LAST = len(TEXT) - 1


def press(qtbot, app, key, modifier=Qt.KeyboardModifier.NoModifier):
    qtbot.keyClick(app.window, key, modifier)


def test_backward_pass_update_and_proof(ready, qtbot, wait_until, train):
    app, session, window = ready, ready.session, ready.window
    lab = session.lab
    window.resize(1600, 1000)
    window.first_use.show_full()
    session.set_text(TEXT)
    wait_until(lambda: session.length == len(TEXT))
    train(session, 40)
    window.centralWidget().setFocus()
    # The panel by its key, the direction by its key: the sweep stands at the last loss.
    press(qtbot, app, Qt.Key.Key_M, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    panel = window.middle.side.panel("movie")
    assert panel.isVisible()
    wait_until(lambda: panel.film is not None and panel.film.reference == "nn.RNN")
    press(qtbot, app, Qt.Key.Key_R)
    wait_until(lambda: session.time_step == LAST)
    stage = window.middle.stage
    # Step on with the arrow: each step drops one more contribution into the bar.
    sizes = []
    for _ in range(3):
        press(qtbot, app, Qt.Key.Key_Left)
        panel.refresh()
        sizes.append(panel.sum.lengths)
    assert session.time_step == LAST - 3
    assert sizes == sorted(sizes)
    assert "What 4 of 17 copies give to W_hh" in panel.copies.text()
    frame = stage.frame()
    assert frame.reached(LAST - 3)
    assert not frame.reached(LAST - 4)
    picture = stage.grab().toImage()
    # Scrub to the end and back: the same picture, the same numbers.
    press(qtbot, app, Qt.Key.Key_Home)
    assert session.time_step == 1
    panel.refresh()
    words = panel.verdict.accessibleDescription()
    assert "largest difference to nn.RNN" in words
    weight = panel.film.weight
    assert abs(weight.norm - weight.reference_norm) < 1e-5 * max(1.0, weight.norm)
    session.move_to(LAST - 3)
    panel.refresh()
    assert panel.sum.lengths == sizes[-1]
    assert stage.grab().toImage() == picture
    # The mean divides everything by the number of losses, on the stage too.
    through = float(stage.frame().gradient.log2[0])
    qtbot.mouseClick(panel.losses.buttons["mean"], Qt.MouseButton.LeftButton)
    wait_until(lambda: panel.film is not None and panel.film.losses == "mean")
    assert np.isclose(stage.frame().gradient.log2[0], through - np.log2(LAST), atol=1e-4)
    qtbot.mouseClick(panel.losses.buttons["sum"], Qt.MouseButton.LeftButton)
    wait_until(lambda: panel.film is not None and panel.film.losses == "sum")
    # Apply the update: the new forward pass is on show, with what has changed.
    before, done = session.trace, session.training.step
    qtbot.mouseClick(panel.apply, Qt.MouseButton.LeftButton)
    wait_until(lambda: panel.film is not None and panel.film.update is not None)
    assert str(session.direction.value) == "forward"
    assert session.training.step == done
    after = session.trace
    assert np.nansum(after.loss) < np.nansum(before.loss)
    panel.refresh()
    assert "∑ C fell" in panel.outcome.accessibleDescription()
    # Undo it: bit for bit the states from before.
    qtbot.mouseClick(panel.undo, Qt.MouseButton.LeftButton)
    wait_until(lambda: np.array_equal(session.trace.layers[0].hidden, before.layers[0].hidden))
    # Apply once more and train on: the step counter goes on from where it was.
    wait_until(lambda: panel.film is not None and panel.film.update is None)
    panel.refresh()
    qtbot.mouseClick(panel.apply, Qt.MouseButton.LeftButton)
    wait_until(lambda: panel.film is not None and panel.film.update is not None)
    assert train(session, 2) == done + 2
    # The proof, from the mark in the head of the stage.
    assert window.checked_mark.text() == "check"
    qtbot.mouseClick(window.checked_mark, Qt.MouseButton.LeftButton)
    proof = window.middle.side.panel("proof")
    assert proof.isVisible()
    # A trace that comes while the proof is computed asks for it once more.
    wait_until(
        lambda: window.checked_mark.text() == "checked" and not session._requests.is_open("evidence"), timeout=FAST
    )
    assert "All 7 comparisons passed" in proof.headline.text()
    assert lab.value("evidence").training_step == done + 2
    session.train_one_step()
    wait_until(lambda: window.checked_mark.text() == "check")
    # In a small window the panel slides over the tracks, and everything is there.
    window.resize(1280, 720)
    window.middle.show_page("movie")
    assert panel.isVisible()
    wait_until(lambda: panel.film is not None)
    assert window.checked_mark.isVisible()
    assert window.checked_mark.geometry().right() < window.axis.gutter
