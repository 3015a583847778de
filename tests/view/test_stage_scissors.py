"""The scissors: where they lie, how a drag moves them, that no gradient crosses them."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from rnnviz.session.values import Direction

TEXT = "hello world"


@pytest.fixture
def app(qtbot, tmp_path, wait_until):
    from rnnviz.app import build

    made = build(None, tmp_path / "settings")
    made.settings.update_view(reduced_motion=True)
    made.window.resize(1600, 1000)
    made.window.show()
    wait_until(lambda: made.session.length == 5)
    made.window.toggle_simple()
    made.session.set_text(TEXT)
    wait_until(lambda: made.session.length == len(TEXT))
    made.session.set_direction(Direction.BACKWARD)
    made.session.move_to(1)
    wait_until(lambda: made.session.gradients is not None and made.session.gradients.loss_step == 10)
    yield made
    made.dispose()


def stage_of(app):
    return app.window.middle.stage


def drag(qtbot, stage, start, ends):
    qtbot.mouseMove(stage, start)
    qtbot.mousePress(stage, Qt.MouseButton.LeftButton, pos=start)
    for end in ends:
        qtbot.mouseMove(stage, end)
    qtbot.mouseRelease(stage, Qt.MouseButton.LeftButton, pos=ends[-1])


def badge(stage):
    return stage._pointer.scissors.badge(stage.frame())


def test_no_scissors_without_a_cut(app):
    stage = stage_of(app)
    assert badge(stage).isEmpty()
    before = stage.grab().toImage()
    app.session.set_training(truncate_length=4)
    assert not badge(stage).isEmpty()
    assert stage.grab().toImage() != before


def test_the_cut_lies_in_the_gap_before_the_lowest_step_and_no_arrow_crosses_it(app, wait_until):
    session, stage = app.session, stage_of(app)
    session.set_training(truncate_length=4)
    wait_until(lambda: np.isneginf(session.gradients.layers[0].log2_total[5]))
    frame = stage.frame()
    middle = (frame.x(6) + frame.x(7)) / 2
    assert badge(stage).center().x() == pytest.approx(middle, abs=0.6)
    assert badge(stage).center().y() == frame.layout.bottom_row.hh
    assert [frame.crossed("l0", step) for step in range(1, 10)] == [False] * 6 + [True] * 3
    assert [frame.reached_in("l0", step) for step in range(1, 12)] == [False] * 6 + [True] * 4 + [False]


def test_a_drag_sets_k2_step_by_step_and_stops_at_the_ends(app, qtbot, wait_until):
    session, stage = app.session, stage_of(app)
    session.set_training(truncate_length=4)
    frame = stage.frame()
    start = badge(stage).center().toPoint()
    xs = [round((frame.x(step - 1) + frame.x(step)) / 2) for step in (6, 5, 3)]
    drag(qtbot, stage, start, [QPoint(x + 5, start.y() + 30) for x in xs])
    assert session.run.training.truncate_length == 8  # L(10) = 3
    wait_until(
        lambda: np.isneginf(session.gradients.layers[0].log2_total).tolist() == [True] * 2 + [False] * 8 + [True]
    )
    start = badge(stage).center().toPoint()
    drag(qtbot, stage, start, [QPoint(round(frame.x(1)) - 200, start.y())])
    assert session.run.training.truncate_length == 10  # nothing is cut from this loss: L = 1
    start = badge(stage).center().toPoint()
    drag(qtbot, stage, start, [QPoint(stage.width() - 5, start.y())])
    assert session.run.training.truncate_length == 1
    session.set_training(truncate_every=4, truncate_length=8)
    start = badge(stage).center().toPoint()
    drag(qtbot, stage, start, [QPoint(stage.width() - 5, start.y())])
    assert (session.run.training.truncate_every, session.run.training.truncate_length) == (4, 4)
    assert session.time_step == 1  # a drag is no click on a column


def test_pointer_and_words_over_the_scissors(app, qtbot, wait_until):
    session, stage = app.session, stage_of(app)
    session.set_training(truncate_every=2, truncate_length=6)

    def rests_on_them():
        """Moves the pointer there; the layout may still settle under it."""
        qtbot.mouseMove(stage, badge(stage).topLeft().toPoint() - QPoint(60, 60))
        qtbot.mouseMove(stage, badge(stage).center().toPoint())
        return stage._pointer.hover.kind == "scissors"

    wait_until(rests_on_them)
    assert stage.cursor().shape() is Qt.CursorShape.SplitHCursor
    words = stage._pointer.scissors.tip(stage.frame())
    assert "ends at step 5" in words
    assert "k1 = 2, k2 = 6" in words


@pytest.mark.parametrize("view", [{"zoom": "far"}, {"zoom": "inside"}])
def test_no_scissors_where_there_are_no_copies(app, view, qtbot):
    app.session.set_training(truncate_length=4)
    app.settings.update_view(**view)
    stage = stage_of(app)
    point = badge(stage).center().toPoint()
    assert stage._pointer.hit(point).kind != "scissors"
    stage.grab()


def test_the_film_of_all_losses_shows_no_cut(app, wait_until):
    app.session.set_training(truncate_length=4)
    assert not badge(stage_of(app)).isEmpty()
    app.session.want("movie", "test")
    assert badge(stage_of(app)).isEmpty()
    app.session.unwant("movie", "test")
    assert not badge(stage_of(app)).isEmpty()
