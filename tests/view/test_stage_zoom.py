"""The one owner of the axis: fits the text, answers the zoom keys, keeps the rails' names off the cells."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from rnnviz.session.values import Direction
from rnnviz.view.stage.frame import Hit
from rnnviz.view.time_axis import MAX_PITCH


@pytest.fixture
def stage(make_stage):
    return make_stage(1280, 446)


def show(session, wait_until, text):
    session.set_text(text)
    wait_until(lambda: session.trace is not None and session.trace.text == text)


def test_the_first_view_shows_hello_as_drawn_and_shrinks_for_longer_texts(stage, wait_until):
    session, settings, axis, *_ = stage.test
    settings.update_view(simple=True)
    assert (axis.gutter, axis.pitch) == (255, 150)
    assert axis.x_of(1) == 330
    for text in ("hello w", "hello world,", "hello world, hello"):
        show(session, wait_until, text)
        assert 54 <= axis.pitch <= 150
        assert axis.scroll == 0
        assert axis.left_of(axis.length + 1) <= axis.width + 1
        assert stage.frame().right == stage.width()
    show(session, wait_until, "hello world, hello world")
    assert axis.pitch == 54
    assert stage.frame().right == axis.width < stage.width() - 40


def test_the_gutter_follows_the_window_not_the_stage(stage):
    _, _, axis, *_ = stage.test
    assert axis.gutter == 221
    stage.set_wide(False)
    assert axis.gutter == 148


def test_the_zoom_keys_go_from_far_to_inside_and_back(stage):
    _session, settings, axis, _look, _ = stage.test
    pitch = axis.pitch
    axis.zoom_asked.emit(1)
    assert axis.pitch == pytest.approx(1.25 * pitch)
    assert settings.view.pitch == pytest.approx(axis.pitch, abs=0.01)
    axis.zoom_asked.emit(-1)
    assert axis.pitch == pytest.approx(pitch)
    axis.set_pitch(MAX_PITCH)
    axis.zoom_asked.emit(1)
    assert settings.view.zoom == "inside"
    axis.zoom_asked.emit(1)
    assert settings.view.zoom == "inside"
    axis.zoom_asked.emit(-1)
    assert settings.view.zoom == "steps"
    settings.update_view(zoom="far")
    axis.zoom_asked.emit(1)
    assert settings.view.zoom == "steps"


def test_a_presenter_window_of_twenty_whole_columns(stage, wait_until):
    session, _, axis, look, window = stage.test
    show(session, wait_until, "hello world, hello world, hello")
    window.resize(1280, 461)
    look.set_presenter(720)
    session.move_to(20)
    assert axis.scroll / axis.pitch == pytest.approx(9)
    assert stage.frame().layout.ribbon > 0
    assert not stage.grab().isNull()


def test_inside_a_step_the_parts_come_one_by_one(stage):
    session, *_ = stage.test
    session.move_to(2)
    session.move_sub_step(1)
    frame = stage.frame()
    assert (frame.time_step, frame.sub_step) == (3, "input")
    assert not frame.done("h")
    assert not frame.has_output
    before = stage.grab().toImage()
    session.move_sub_step(2)
    frame = stage.frame()
    assert frame.sub_step == "h"
    assert frame.done("a")
    assert frame.done("h")
    assert not frame.has_loss
    assert stage.grab().toImage() != before
    session.move_sub_step(2)
    assert stage.frame().has_loss


def test_a_reverse_layer_has_a_flow_of_its_own_to_the_right(stage, wait_until):
    session, *_ = stage.test
    session.set_model(bidirectional=True)
    wait_until(lambda: session.trace is not None and len(session.trace.layers) == 2)
    show(session, wait_until, "hello wor")
    session.choose_loss(4)
    session.set_direction(Direction.BACKWARD)
    wait_until(lambda: session.gradients is not None and session.gradients.loss_step == 4 and stage.frame().valid == 9)
    session.select(layer="l0r")
    session.move_to(2)
    reverse = stage.frame().flow("l0r")
    assert reverse.rightward
    assert not np.isfinite(reverse.log2[:3]).any()  # C_4 depends on h^r_t only from t = 4 on
    assert np.isfinite(reverse.log2[3:]).all()
    assert stage.frame().reached_in("l0r", 6)
    assert not stage.grab().isNull()
    session.select(layer="l0")
    assert not stage.frame().flow("l0").rightward


def test_strips_and_bars_show_the_numbers(stage, wait_until):
    session, _, axis, look, _ = stage.test
    session.set_model(hidden=64)
    wait_until(lambda: session.trace is not None and session.trace.layers[0].hidden.shape[1] == 64)
    show(session, wait_until, "hello world, hello")
    session.move_to(18)
    axis.set_pitch(24.0)
    frame = stage.frame()
    layer, row, layout = frame.layer("l0"), frame.layout.bottom_row, frame.layout
    image = stage.grab().toImage()
    for step, unit in ((1, 0), (7, 31), (12, 50)):
        middle = layout.square(frame.x(step), row, unit, 0, 1).center()
        shown = image.pixelColor(round(middle.x()), int(middle.y()))
        assert shown == QColor.fromRgb(int(layer.colours(0)[step - 1, unit]))
    share = float(session.trace.target_probabilities[6])
    x, bottom, high = round(frame.x(7)), round(layout.output_bottom), layout.output_bottom - layout.output_top
    column = [image.pixelColor(x, y) for y in range(round(layout.output_top), bottom)]
    filled = sum(colour != look.theme.raised for colour in column)
    assert filled == pytest.approx(max(1, share * high), abs=1)


def test_unfolding_takes_its_time_and_any_key_ends_it(stage, qtbot):
    _, settings, _, look, _ = stage.test
    settings.update_view(folded=True)
    assert stage.frame().unfold == 0.0
    look.set_reduced_motion(False)
    settings.update_view(reduced_motion=False)
    settings.update_view(folded=False)
    assert stage._motion.is_running("unfold")
    assert stage.frame().unfold < 1.0
    qtbot.keyClick(stage, Qt.Key.Key_Shift)
    assert not stage._motion.active
    assert stage.frame().unfold == 1.0


def test_a_hovered_weight_lights_up_every_copy(stage):
    session, *_ = stage.test
    session.move_to(5)
    frame = stage.frame()
    knots = [(frame.x(step), frame.layout.wxh) for step in range(1, 6)]
    halo = round(6 * frame.layout.scale)
    plain = stage.grab().toImage()
    stage._pointer.hover = Hit("weight", name="W_xh")
    lit = stage.grab().toImage()
    for x, y in knots:
        assert lit.pixelColor(round(x) + halo, round(y)) != plain.pixelColor(round(x) + halo, round(y))
