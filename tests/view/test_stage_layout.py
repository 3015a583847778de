"""Geometry of the stage: rows in order, squares inside their cell, hit tests that invert the drawing."""

from __future__ import annotations

import itertools

import pytest

from rnnviz.view.look import Look
from rnnviz.view.stage.layout import Mode, axis_width, folded_centre, gutter_width, make_layout


def layout(mode=Mode.FULL, size=(1256.0, 446.0), *, layers=("l0",), hidden=16, pitch=54.0, presenter=0):
    look = Look()
    look.set_presenter(presenter)
    return make_layout(
        size=size, look=look, mode=mode, pitch=pitch * look.scale, layers=layers, hidden=hidden, gutter=221.0
    )


@pytest.mark.parametrize(
    ("mode", "size", "presenter"),
    [
        (Mode.FULL, (1256.0, 446.0), 0), (Mode.FULL, (1280.0, 320.0), 0), (Mode.FULL, (1600.0, 900.0), 0),
        (Mode.SIMPLE, (1280.0, 520.0), 0), (Mode.SIMPLE, (900.0, 400.0), 0),
        (Mode.PRESENTER, (1920.0, 692.0), 1080), (Mode.PRESENTER, (1280.0, 461.0), 720),
    ],
)  # fmt: skip
def test_rows_stand_in_order_and_inside(qapp, mode, size, presenter):
    made = layout(mode, size, presenter=presenter)
    marks = [made.output_top, made.output_bottom, made.top_row.top, made.bottom_row.bottom, made.wxh, made.chip_top,
             made.chip_bottom, made.number]  # fmt: skip
    assert marks == sorted(marks)
    assert marks[0] > 0
    assert marks[-1] < size[1]


def test_the_design_size_gives_the_design_picture(qapp):
    made = layout()
    assert (made.loss, made.output_top, made.output_bottom, made.why) == (51, 73, 136, 154)
    assert (made.top_row.top, made.bottom_row.bottom, made.wxh, made.chip_top, made.chip_bottom) == (
        171,
        343,
        361,
        380,
        421,
    )
    assert made.cell_width == pytest.approx(38, abs=0.1)


@pytest.mark.parametrize("parts", [1, 2])
@pytest.mark.parametrize("hidden", [1, 5, 8, 16, 64, 256])
def test_squares_stay_inside_and_do_not_overlap(qapp, hidden, parts):
    made = layout(hidden=hidden)
    row = made.top_row
    cell = made.cell(300.0, row)
    rects = [made.square(300.0, row, unit, part, parts) for part in range(parts) for unit in range(hidden)]
    assert all(cell.contains(rect) for rect in rects)
    if made.squares:
        assert not any(a.intersects(b) for a, b in itertools.pairwise(rects))
        found = [made.unit_at(made.square(300.0, row, unit, 0, parts).center().y(), row) for unit in range(hidden)]
        assert found == list(range(hidden))


def test_many_units_melt_into_a_strip(qapp):
    assert layout(hidden=16).squares
    assert not layout(hidden=64).squares


def test_layers_share_the_height(qapp):
    made = layout(size=(1256.0, 560.0), layers=("l1", "l0"))
    assert made.top_row.name == "l1"
    assert made.top_row.bottom < made.bottom_row.top
    assert made.top_row.height == pytest.approx(made.bottom_row.height)


def test_few_units_do_not_stretch_without_end(qapp):
    made = layout(size=(1600.0, 900.0), hidden=2)
    assert made.top_row.height <= 90
    assert abs((made.output_top - 73) - (900 - 25 - made.chip_bottom)) < 3


def test_the_first_meeting_picture_stands_where_the_design_has_it(qapp):
    assert gutter_width(Mode.SIMPLE, 1280, 1.0) == 255
    assert folded_centre(Mode.SIMPLE, 1280, 1.0, 255) == 130
    assert gutter_width(Mode.SIMPLE, 1480, 1.0) == 355  # wider windows keep it in the middle
    assert axis_width(Mode.SIMPLE, 1280, 1.0) == 1280 - 52
    assert gutter_width(Mode.SIMPLE, 936, 1.0) < 255


def test_the_window_decides_about_the_wide_gutter_else_the_width_does(qapp):
    assert gutter_width(Mode.FULL, 1280, 1.0, wide=False) == 148
    assert gutter_width(Mode.FULL, 1256, 1.0, wide=True) == 221
    assert gutter_width(Mode.FULL, 1256, 1.0) == 221
    assert gutter_width(Mode.FULL, 900, 1.0) == 148


def test_a_low_window_keeps_squares_that_can_be_told_apart(qapp):
    made = layout(size=(1280.0, 331.0), hidden=16)
    assert made.squares
    heights = [made.square(0.0, made.top_row, unit, 0, 2).height() for unit in range(16)]
    assert min(heights) >= 6
    assert 34 <= made.chip_bottom - made.chip_top <= 38
    assert made.loss + 12 < made.output_top


def test_only_a_long_text_on_a_projector_gets_a_ribbon(qapp):
    look = Look()
    look.set_presenter(1080)

    def made(length):
        return make_layout(size=(1920.0, 692.0), look=look, mode=Mode.PRESENTER, pitch=90.0, layers=("l0",), hidden=8,
                           gutter=166.0, length=length)  # fmt: skip

    assert made(20).ribbon == 0
    long = made(21)
    assert long.number < long.ribbon < long.height - 12 * look.scale
