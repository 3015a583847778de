from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QColor

from rnnviz.view.colormaps import LEVELS, NOT_FINITE, lookup_table
from rnnviz.view.heat import block_means, heat_image, heat_indices, heat_pixels
from rnnviz.view.theme import DARK, LIGHT

INK, PAPER = QColor("#102030"), QColor("#FFFFFF")


def pixels(colours, columns, rows, **extra):
    table = np.arange(256, dtype=np.uint32) | 0xFF000000
    return heat_pixels(
        np.asarray(colours, np.uint8),
        table,
        np.asarray(columns),
        np.asarray(rows),
        hatch=INK,
        background=PAPER,
        **extra,
    )


def test_indices_span_the_limits_and_saturate_beyond_them():
    found = heat_indices([-5.0, -1.0, 0.0, 1.0, 5.0], -1.0, 1.0)
    assert found.tolist() == [0, 0, (LEVELS - 1) // 2, LEVELS - 1, LEVELS - 1]


def test_a_log_norm_of_nothing_is_below_range_but_nan_and_inf_are_not_finite():
    assert heat_indices([-np.inf, np.nan, np.inf], -2.0, 0.0).tolist() == [0, NOT_FINITE, NOT_FINITE]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_zero_of_the_signed_map_is_the_surface_itself(theme):
    image = heat_image([[0.0]], lookup_table(theme, "signed"), -1.0, 1.0)
    assert image.pixelColor(0, 0).name() == theme.panel.name()


def test_every_pixel_shows_its_own_cell():
    found = pixels([[1, 2], [3, 4]], [0, 0, 1, 1, 1], [0, 1, 1]) & 0xFF
    assert found.tolist() == [[1, 1, 2, 2, 2], [3, 3, 4, 4, 4], [3, 3, 4, 4, 4]]


def test_pixels_beside_the_text_are_empty():
    found = pixels([[7]], [-1, 0, -1], [0, -1])
    assert (found != 0).tolist() == [[False, True, False], [False, False, False]]


def test_a_value_that_is_not_finite_is_hatched_and_its_neighbour_is_not():
    found = pixels([[NOT_FINITE, 9]], [0] * 12 + [1] * 12, [0] * 12)
    assert set(np.unique(found[:, :12]).tolist()) == {INK.rgba(), PAPER.rgba()}
    assert set(np.unique(found[:, 12:] & 0xFF).tolist()) == {9}


def test_a_saturated_cell_loses_its_right_upper_corner_only():
    notch = np.array([[False, True]])
    found = pixels([[5, 5]], [0] * 10 + [1] * 10, [0] * 10, notch=notch, notch_colour=PAPER)
    cut = found == PAPER.rgba()
    assert cut[0, 19]
    assert cut[0, 16]
    assert not cut[:, :10].any()
    assert not cut[9].any()


def test_block_means_are_the_means_of_what_a_pixel_covers():
    values = np.arange(10.0).reshape(2, 5)
    assert block_means(values, 1, 2).tolist() == [[0.5, 2.5, 4.0], [5.5, 7.5, 9.0]]
    assert block_means(values, 2, 1).tolist() == [[2.5, 3.5, 4.5, 5.5, 6.5]]


def test_block_means_do_not_hide_a_value_that_is_not_finite():
    assert np.isnan(block_means(np.array([[1.0, np.nan, 3.0, 4.0]]), 1, 2)[0, 0])
