"""Values that are not finite are hatched: not one of the map's colours, and visible at every size."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from rnnviz.service.messages import LayerArrays
from rnnviz.view.look import Look
from rnnviz.view.stage.hatch import paint_bad
from rnnviz.view.stage.images import LayerImages


def painted(bad, width=60, height=40):
    look = Look()
    image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(QColor("#00ff00"))
    with QPainter(image) as painter:
        paint_bad(painter, QRectF(0, 0, width, height), bad, look.theme)
    pixels = np.frombuffer(image.constBits(), np.uint32).reshape(height, width).copy()
    return pixels, look.theme


def test_only_the_marked_cells_are_hatched_in_two_colours(qapp):
    bad = np.zeros((2, 3), np.bool_)
    bad[1, 2] = True
    pixels, theme = painted(bad)
    green = QColor("#00ff00").rgba()
    assert (pixels[:20] == green).all()
    assert (pixels[:, :40] == green).all()
    assert set(pixels[20:, 40:].ravel().tolist()) == {theme.ink2.rgba(), theme.panel.rgba()}


def test_one_bad_step_among_thousands_stays_visible(qapp):
    bad = np.zeros((4, 5000), np.bool_)
    bad[:, 2503] = True
    pixels, _ = painted(bad)
    changed = np.flatnonzero((pixels != QColor("#00ff00").rgba()).any(axis=0))
    assert changed.tolist() == [30]


def test_nothing_is_drawn_where_all_is_finite(qapp):
    pixels, _ = painted(np.zeros((2, 3), np.bool_))
    assert (pixels == QColor("#00ff00").rgba()).all()


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_layer_knows_its_bad_values(qapp, value):
    hidden = np.zeros((5, 3), np.float32)
    table = np.asarray(Look().lut("signed"))
    assert LayerImages(LayerArrays(name="l0", hidden=hidden, cell=None, gates={}), table, 2.0).bad(0) is None
    hidden[2, 1] = value
    bad = LayerImages(LayerArrays(name="l0", hidden=hidden, cell=None, gates={}), table, 2.0).bad(0)
    assert np.argwhere(bad).tolist() == [[2, 1]]
