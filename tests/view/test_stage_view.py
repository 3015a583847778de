"""The stage with the real session and the real engine process."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QGuiApplication

from rnnviz.session.values import Direction
from rnnviz.view.stage.text_field import token_offsets


@pytest.fixture
def stage(make_stage):
    view = make_stage(1256, 446)
    view.test = view.test[:4]
    return view


def click(qtbot, view, x, y, **more):
    qtbot.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(x), round(y)), **more)


def type_text(session, wait_until, text):
    session.set_text(text)
    wait_until(lambda: session.trace is not None and session.trace.text == text)


def picture(view):
    return view.grab().toImage()


def test_a_click_on_a_square_selects_the_unit_and_moves_there(stage, qtbot):
    session, *_ = stage.test
    layout = stage.frame().layout
    place = layout.square(stage.frame().x(2), layout.bottom_row, 4, 0, 1).center()
    click(qtbot, stage, place.x(), place.y())
    assert (session.unit, session.time_step) == (4, 2)


def test_a_click_on_a_loss_chooses_it(stage, qtbot, wait_until):
    session, _, axis, _ = stage.test
    click(qtbot, stage, axis.x_of(2), stage.frame().layout.loss)
    assert session.loss_step == 2
    session.set_direction(Direction.BACKWARD)
    wait_until(lambda: session.gradients is not None and session.gradients.loss_step == 2)
    frame = stage.frame()
    assert frame.gradient.loss_step == 2
    assert frame.gradient.share(2) == pytest.approx(1.0)


def test_typing_shows_chips_at_once_and_their_numbers_later(stage, qtbot, wait_until):
    session, *_ = stage.test
    stage.edit_text()
    qtbot.keyClicks(stage.text_field, " wo")
    assert session.text == "hello wo"
    assert stage.frame().tokens == tuple("hello wo")
    wait_until(lambda: session.length == 8 and stage.frame().valid == 8)
    qtbot.keyClick(stage.text_field, Qt.Key.Key_Backspace)
    assert stage.frame().tokens == tuple("hello w")
    wait_until(lambda: session.length == 7)


def test_a_click_between_chips_places_the_caret_and_escape_leaves(stage, qtbot):
    session, _, axis, _ = stage.test
    layout = stage.frame().layout
    middle = (layout.chip_top + layout.chip_bottom) / 2
    click(qtbot, stage, axis.left_of(3) + 1, middle)
    assert stage.frame().focused
    assert stage.frame().caret == 2
    qtbot.keyClick(stage.text_field, "X")
    assert session.text == "heXllo"
    qtbot.keyClick(stage.text_field, Qt.Key.Key_Escape)
    assert not stage.frame().focused
    click(qtbot, stage, axis.x_of(4), middle)
    assert session.time_step == 4


def test_a_huge_paste_is_cut_with_a_note(stage, qtbot):
    session, *_ = stage.test
    notes = []
    stage.text_field.cut_short.connect(notes.append)
    QGuiApplication.clipboard().setText("ab" * 500_000)
    stage.edit_text()
    stage.text_field.selectAll()
    qtbot.keyClick(stage.text_field, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    assert len(session.text) == 5000
    assert "5,000" in notes[0]


def test_the_empty_text_offers_samples(stage, qtbot, wait_until):
    session, *_ = stage.test
    session.set_text("")
    wait_until(lambda: stage.frame().length == 0)
    from rnnviz.view.stage.chips import sample_rects

    text, rect = sample_rects(stage.frame())[1]
    click(qtbot, stage, rect.center().x(), rect.center().y())
    assert session.text == text == "abcabc"


def test_ghosts_follow_the_cursor(stage):
    session, *_ = stage.test
    session.move_to(2)
    frame = stage.frame()
    assert [frame.computed(step) for step in range(1, 6)] == [True, True, False, False, False]
    layout = frame.layout
    image = picture(stage)

    def saturation(step):
        square = layout.square(frame.x(step), layout.bottom_row, 0, 0, 1).center().toPoint()
        return max(image.pixelColor(layout.square(frame.x(step), layout.bottom_row, unit, 0, 1).center().toPoint())
                   .saturation() for unit in range(layout.hidden)) if square else 0  # fmt: skip

    assert saturation(2) > 2 * saturation(4)


def test_zoom_goes_far_steps_inside_and_back(stage, wait_until):
    session, settings, axis, _ = stage.test
    type_text(session, wait_until, "hello world, hello " * 20)
    pitch = axis.pitch
    settings.update_view(zoom="far")
    assert axis.left_of(axis.length + 1) <= axis.width + 1
    picture(stage)
    settings.update_view(zoom="inside")
    session.move_to(3)
    wait_until(lambda: session.detail is not None and session.detail.time_step == 3)
    assert not picture(stage).isNull()
    settings.update_view(zoom="steps")
    assert axis.pitch == pytest.approx(pitch)


def test_five_thousand_steps_draw_only_what_is_seen(stage, wait_until):
    session, _, axis, _ = stage.test
    type_text(session, wait_until, "hello world " * 416)
    for pitch in (0.3, 3.0, 10.0, 24.0, 54.0):
        axis.set_pitch(pitch)
        session.move_to(2500)
        axis.ensure_visible(2500)
        assert len(axis.visible()) <= 1256 / axis.pitch + 2
        assert not picture(stage).isNull()


def test_hover_lights_the_column_and_says_the_number(stage, qtbot):
    session, _, axis, _ = stage.test
    session.move_to(5)
    frame = stage.frame()
    place = frame.layout.square(frame.x(3), frame.layout.bottom_row, 1, 0, 1).center()
    qtbot.mouseMove(stage, place.toPoint())
    assert axis.hover == 3
    hit = stage._pointer.hit(QPointF(place))
    from rnnviz.view.stage.tips import tip

    value = float(session.trace.layers[0].hidden[2, 1])
    assert f"{value:.3f}".replace("-", "\u2212") in tip(frame, hit, {})


def test_a_weight_is_found_on_its_rail_and_its_thumbnail(stage):
    frame = stage.frame()
    from rnnviz.view.stage.folded_cell import thumbnail_rects

    for name, rect in thumbnail_rects(frame).items():
        assert stage._pointer.hit(rect.center()).name == name
    assert stage._pointer.hit(QPointF(frame.x(2), frame.layout.wxh)).name == "W_xh"
    gap = (frame.x(2) + frame.x(3)) / 2
    assert stage._pointer.hit(QPointF(gap, frame.layout.bottom_row.hh)).name == "W_hh"


def test_nothing_runs_while_nothing_moves(stage, qtbot):
    session, _, _, look = stage.test
    look.set_reduced_motion(False)
    session.move_to(1)
    session.move_to(2)
    assert stage._motion.active
    qtbot.keyClick(stage, Qt.Key.Key_Shift)
    assert not stage._motion.active
    assert not stage._motion._running
    look.set_reduced_motion(True)
    session.move_to(3)
    assert not stage._motion.active


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_themes_and_presenter_draw_without_a_word_on_stderr(stage, theme, capfd):
    session, settings, _, look = stage.test
    look.set_theme(theme)
    session.move_to(3)
    picture(stage)
    look.set_presenter(720)
    picture(stage)
    look.set_presenter(0)
    settings.update_view(simple=True)
    picture(stage)
    assert "QPainter" not in capfd.readouterr().err


def test_the_step_is_described_for_screen_readers(stage):
    session, *_ = stage.test
    session.move_to(2)
    assert "Step 2 of 5, reads e." in stage.accessibleDescription()


def test_offsets_count_as_qt_counts():
    text = "a😀b e\u0301"
    tokens = ["a", "😀", "b", " ", "e\u0301"]
    assert token_offsets(text, tokens) == [0, 1, 3, 4, 5, 7]
    assert token_offsets("the cat", ["the", "cat"]) == [0, 4, 7]


def test_a_range_dragged_in_a_track_is_tinted_on_the_stage_too(stage, qtbot):
    _, _, axis, look = stage.test
    layout = stage.frame().layout
    before = picture(stage)
    axis.select(2, 3)
    after = picture(stage)
    beside = [(axis.column(step, 0, 1).left() + 3, layout.header + look.px(20)) for step in (2, 3, 4)]
    changed = [before.pixel(round(x), round(y)) != after.pixel(round(x), round(y)) for x, y in beside]
    assert changed == [True, True, False]
    axis.select(0, 0)
    assert picture(stage) == before
