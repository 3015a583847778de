"""Kept pictures of the stage: never those of another trace, and never more with every trace."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from rnnviz.view.stage.tiles import KEPT, Tiles

RECT = QRect(0, 0, 4, 4)


def frame_of(trace, layout="one"):
    return SimpleNamespace(
        layout=layout, theme=SimpleNamespace(name="light"), axis=SimpleNamespace(first=0), single_output=False,
        trace=trace, images=None,
    )  # fmt: skip


def drawn(tiles, frame, key, colour):
    """The colour that is on screen when the picture would now be painted in ``colour``."""
    target = QImage(4, 4, QImage.Format.Format_ARGB32_Premultiplied)
    target.fill(0)
    with QPainter(target) as painter:
        tiles.begin(frame, 1.0)
        tiles.picture(painter, key, RECT, lambda inner: inner.fillRect(RECT, QColor(colour)))
    return target.pixelColor(2, 2).name()


@pytest.mark.parametrize("kind", ["y", "folded"])
def test_numbers_of_a_new_trace_are_drawn_anew_even_where_its_id_comes_back(qapp, kind):
    tiles = Tiles()
    seen = set()
    for index in range(50):
        trace = SimpleNamespace(number=index)  # dropped at once: CPython gives its address to the next one
        seen.add(drawn(tiles, frame_of(trace), (kind, 1), QColor(index, 0, 0).name()))
        del trace
    assert len(seen) == 50
    assert len(tiles._tiles) == 1


def test_the_same_trace_keeps_its_pictures(qapp):
    tiles, frame = Tiles(), frame_of(SimpleNamespace())
    assert drawn(tiles, frame, ("y", 1), "#ff0000") == drawn(tiles, frame, ("y", 1), "#00ff00") == "#ff0000"


def test_what_shows_no_numbers_outlives_the_trace_but_not_the_layout(qapp):
    tiles = Tiles()
    assert drawn(tiles, frame_of(SimpleNamespace()), ("body", 1), "#ff0000") == "#ff0000"
    assert drawn(tiles, frame_of(SimpleNamespace()), ("body", 1), "#00ff00") == "#ff0000"
    assert drawn(tiles, frame_of(SimpleNamespace(), layout="two"), ("body", 1), "#00ff00") == "#00ff00"


def test_the_number_of_pictures_is_limited(qapp):
    tiles, frame = Tiles(), frame_of(None)
    for index in range(3 * KEPT):
        drawn(tiles, frame, ("chip", index), "#ff0000")
    assert len(tiles._tiles) <= KEPT + 1
