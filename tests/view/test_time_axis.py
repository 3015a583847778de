"""The time axis: one mapping for stage, tracks and scrubber."""

from __future__ import annotations

import pytest

from rnnviz.view.time_axis import MAX_PITCH, Level, TimeAxis


@pytest.fixture
def axis():
    made = TimeAxis()
    made.configure(gutter=200.0, width=1000.0, length=100, first=0)
    return made


@pytest.mark.parametrize("pitch", [0.7, 5.0, 17.3, 54.0, 120.0])
def test_step_at_inverts_x_of_for_every_visible_step(axis, pitch):
    axis.set_pitch(pitch)
    axis.set_scroll(123.0)
    inside = [step for step in axis.visible() if 200 <= axis.x_of(step) < 1000]
    assert len(inside) > 3
    assert [axis.step_at(axis.x_of(step)) for step in inside] == inside


def test_zooming_keeps_the_column_under_the_pointer(axis):
    axis.set_scroll(2400.0)
    step = axis.step_at(700.0)
    for pitch in (20.0, 90.0, 54.0, 31.0):
        axis.set_pitch(pitch, 700.0)
        assert axis.step_at(700.0) == step


def test_pitch_and_scroll_stay_within_their_limits(axis):
    axis.set_pitch(10_000)
    assert axis.pitch == MAX_PITCH
    axis.set_scroll(1e9)
    assert axis.x_of(100) < axis.width
    axis.set_scroll(-5)
    assert axis.scroll == 0
    axis.set_pitch(0.0)
    assert axis.pitch > 0


@pytest.mark.parametrize(
    ("pitch", "level"), [(3, Level.RIBBON), (6, Level.STRIPS), (18, Level.BARS), (30, Level.CELLS)]
)
def test_level_of_detail_follows_the_pitch_and_the_scale(axis, pitch, level):
    axis.set_pitch(pitch)
    assert axis.level is level
    axis.configure(scale=2.0)
    axis.set_pitch(2 * pitch)
    assert axis.level is level


def test_ensure_visible_moves_as_little_as_needed(axis):
    axis.ensure_visible(5)
    assert axis.scroll == 0
    axis.ensure_visible(60)
    assert axis.left_of(61) == pytest.approx(axis.width)
    axis.ensure_visible(2)
    assert axis.left_of(2) == pytest.approx(axis.gutter)


def test_signals_come_only_with_a_change(axis, qtbot):
    with qtbot.assertNotEmitted(axis.changed):
        axis.set_pitch(axis.pitch)
        axis.configure(length=100)
    with qtbot.waitSignal(axis.changed):
        axis.configure(length=10)
    with qtbot.waitSignal(axis.hover_changed):
        axis.set_hover(4)
    with qtbot.assertNotEmitted(axis.changed), qtbot.waitSignal(axis.hover_changed):
        axis.set_slide(-0.5)


def test_columns_touch_and_hover_outside_is_nothing(axis):
    axis.set_pitch(33.3)
    for step in range(1, 20):
        assert axis.column(step, 0, 1).right() == axis.column(step + 1, 0, 1).left()
    assert axis.step_at(150.0) == 0
    axis.configure(length=0)
    assert axis.step_at(500.0) == 0
    assert len(axis.visible()) == 0


def test_a_zoom_is_asked_of_the_owner_and_changes_nothing_by_itself(axis, qtbot):
    pitch = axis.pitch
    with qtbot.waitSignal(axis.zoom_asked) as asked:
        axis.zoom_asked.emit(-1)
    assert asked.args == [-1]
    assert axis.pitch == pitch
