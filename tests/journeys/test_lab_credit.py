"""The credit map in the real window: the path under the pointer is marked everywhere, a click shows its factors."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

TEXT = "hello world, hello"
LOSS, STEP = 12, 5


def place_of(track, loss_step, step):
    """Where the cell (loss, step) is drawn in the track."""
    body = track.body_rect()
    y = body.top() + (loss_step - 0.5) * body.height() / track.session.length
    return QPoint(round(track.axis.x_of(step)), round(y))


def test_hover_marks_the_path_and_a_click_shows_its_factors(app, qtbot, wait_until):
    window, session = app.window, app.session
    window.resize(1600, 1000)
    window.first_use.show_full()
    app.settings.update_view(training=False)
    session.set_text(TEXT)
    wait_until(lambda: session.length == len(TEXT))
    track = window.middle.tracks.track("credit")
    wait_until(lambda: track.credit() is not None)
    place = place_of(track, LOSS, STEP)
    plain = window.middle.stage.grab().toImage()
    QTest.mouseMove(track, place)
    wait_until(lambda: window.axis.path == (STEP, LOSS))
    marked = window.middle.stage.grab().toImage()
    y = window.middle.stage.height() - 4
    inside, outside = (round(window.axis.left_of(step)) + 3 for step in (8, 16))
    assert marked.pixelColor(inside, y) != plain.pixelColor(inside, y)
    assert marked.pixelColor(outside, y) == plain.pixelColor(outside, y)
    qtbot.mouseClick(track, Qt.MouseButton.LeftButton, pos=place)
    wait_until(lambda: window.middle.side is not None and window.middle.side.current == "chain")
    panel = window.middle.side.panel("chain")
    wait_until(lambda: panel.chain() is not None and (panel.chain().loss_step, panel.chain().time_step) == (LOSS, STEP))
    assert session.loss_step == LOSS
    row = session.credit.log2[session.credit.rows.tolist().index(LOSS)]
    np.testing.assert_allclose(panel.chain().log2_measured[-1], row[STEP - 1] - row[LOSS - 1], atol=1e-3)
    QTest.mouseMove(track, place_of(track, 3, 9))  # the future of a loss: no path
    wait_until(lambda: window.axis.path is None)


def test_the_map_is_refreshed_while_it_trains(ready, qtbot, wait_until):
    window, session = ready.window, ready.session
    window.resize(1600, 1000)
    window.first_use.show_full()
    track = window.middle.tracks.track("credit")
    wait_until(lambda: track.credit() is not None)
    seen = [session.credit.training_step]
    session.credit_changed.connect(lambda: seen.append(session.credit.training_step if session.credit else 0))
    qtbot.keyClick(window, Qt.Key.Key_T)
    wait_until(lambda: len(set(seen)) > 4)
    session.pause()
    wait_until(lambda: not session.training_now)
    assert seen == sorted(seen)
