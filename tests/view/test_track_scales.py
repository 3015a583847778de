from __future__ import annotations

import math

import numpy as np
import pytest
from PySide6.QtCore import QRectF

from rnnviz.view.marks import finite_runs, thick
from rnnviz.view.scales import (
    GrowingLevel,
    GrowingLimits,
    LogScale,
    column_extremes,
    decade_text,
    norm_text,
    percent_text,
    round_up,
    rows_of_pixels,
)
from rnnviz.view.time_axis import TimeAxis
from rnnviz.view.tracks.heatmap import unit_order


def an_axis(length, pitch, scroll=0.0, width=400.0, gutter=100.0):
    axis = TimeAxis()
    axis.configure(gutter=gutter, width=width, length=length, first=0)
    axis.set_pitch(pitch)
    axis.set_scroll(scroll)
    return axis


@pytest.mark.parametrize("pitch", [0.4, 3.3, 20.0, 54.0])
def test_a_pixel_shows_the_step_that_the_axis_says(pitch, qapp):
    axis = an_axis(900, pitch, scroll=37.0)
    rect = QRectF(axis.gutter, 0, axis.width - axis.gutter, 10)
    rows = rows_of_pixels(axis, rect, 1.0, axis.length)
    for pixel in range(0, len(rows), 17):
        step = int((rect.left() + pixel + 0.5 - axis.gutter + axis.scroll) // axis.pitch) + axis.first
        assert rows[pixel] == (step - 1 if 1 <= step <= axis.length else -1)


def test_far_zoom_keeps_a_single_peak():
    values = np.zeros(5000)
    values[3210] = 9.0
    rows = (np.arange(300) * 5000 // 300).astype(np.intp)
    low, high = column_extremes(values, rows)
    assert high.max() == 9.0
    assert low.max() == 0.0


def test_columns_beside_the_text_and_nan_values_are_no_numbers():
    low, high = column_extremes(np.array([1.0, np.nan]), np.array([-1, 0, 1, -1]))
    assert np.isnan(low[[0, 2, 3]]).all()
    assert high[1] == 1.0


def test_limits_grow_but_never_shrink_for_the_same_thing():
    limits = GrowingLimits(-2.0, 1.0)
    assert limits.fit("a", [np.array([0.0])]) == (-2, 1)
    assert limits.fit("a", [np.array([-4.5, 2.2])]) == (-5, 3)
    assert limits.fit("a", [np.array([0.0])]) == (-5, 3)
    assert limits.fit("b", [np.array([0.0])]) == (-2, 1)


@pytest.mark.fault(6)
def test_limits_ignore_what_is_not_finite_and_stop_twelve_decades_from_one():
    assert GrowingLimits(-2.0, 1.0).fit("a", [np.array([-np.inf, np.nan, np.inf])]) == (-2, 1)
    assert GrowingLimits(-2.0, 1.0).fit("a", [np.array([-300.0, 300.0])]) == (-12, 12)


def test_levels_are_one_two_five_and_hold():
    assert [round_up(x) for x in (0.03, 1.0, 1.1, 4.0, 6.0)] == pytest.approx([0.05, 1.0, 2.0, 5.0, 10.0])
    level = GrowingLevel(2.0)
    assert level.held("a") is None
    assert level.fit("a", 0.4) == 2.0
    assert level.fit("a", 7.0) == 10.0
    assert level.fit("a", 1.0) == 10.0
    assert level.held("a") == 10.0


def test_a_log_scale_puts_decades_at_equal_steps_and_labels_one():
    scale = LogScale(-4, 0, top=10.0, bottom=50.0)
    assert scale.y([0.0, -1.0, -4.0, -9.0]).tolist() == [10.0, 20.0, 50.0, 50.0]
    assert math.isnan(scale.y(np.nan))
    assert scale.ticks(room=18.0) == [0, -2, -4]
    assert 0 in LogScale(-1, 11, 0.0, 100.0).ticks(room=18.0)


def test_numbers_are_written_as_print_wants_them():
    assert [decade_text(d) for d in (1, 0, -2, -3)] == ["10", "1", "0.01", "10⁻³"]
    assert norm_text(-np.inf) == "0"
    assert norm_text(np.inf) == "overflow"
    assert norm_text(0.0) == "1.00"
    assert norm_text(-20000.0) == "2.51×10⁻⁶⁰²¹"
    assert [percent_text(x) for x in (1.0, 0.1, 0.013, 0.0004)] == [f"{t}\u2005%" for t in ("100", "10", "1.3", "0.04")]


def test_a_line_is_broken_where_a_number_is_missing():
    runs = list(finite_runs(np.array([np.nan, 1.0, 2.0, np.inf, 3.0])))
    assert runs == [slice(1, 3), slice(4, 5)]


def test_columns_of_a_steep_curve_touch():
    top, bottom = thick(np.array([10.0, 40.0]), np.array([12.0, 42.0]), 1.0)
    assert bottom[0] >= top[1]


def test_units_are_sorted_by_mean_or_so_that_like_stands_by_like():
    wave = np.sin(np.linspace(0, 6, 50))
    values = np.stack([wave, -wave, wave * 0.5 + 0.1, -wave * 2 - 0.1])
    assert unit_order(values, "as is").tolist() == [0, 1, 2, 3]
    by_mean = unit_order(values, "mean")
    assert (np.diff(values.mean(axis=1)[by_mean]) <= 0).all()
    alike = unit_order(values, "similarity").tolist()
    assert sorted(alike) == [0, 1, 2, 3]
    assert abs(alike.index(0) - alike.index(2)) == 1
    assert abs(alike.index(1) - alike.index(3)) == 1
