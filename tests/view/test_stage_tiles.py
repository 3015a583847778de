"""Kept pictures of the stage: never those of another trace, and never more with every trace."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from rnnviz.view.look import Look
from rnnviz.view.stage.images import TraceImages
from rnnviz.view.stage.tiles import KEPT, Tiles

RECT = QRect(0, 0, 4, 4)


def frame_of(trace, layout="one", states=None):
    """A frame; ``states``: how many states each copy shows, None while there is no trace."""
    chain = SimpleNamespace(parts=[None] * states) if states else None
    return SimpleNamespace(
        layout=layout, theme=SimpleNamespace(name="light"), axis=SimpleNamespace(first=0), single_output=False,
        trace=trace, images=SimpleNamespace(layers={"l0": chain}) if chain else None,
    )  # fmt: skip


def drawn(tiles, frame, key, colour):
    """The colour that is on screen when the picture would now be painted in ``colour``."""
    target = QImage(4, 4, QImage.Format.Format_ARGB32_Premultiplied)
    target.fill(0)
    with QPainter(target) as painter:
        tiles.begin(frame, 1.0)
        tiles.picture(painter, key, RECT, lambda inner: inner.fillRect(RECT, QColor(colour)))
    return target.pixelColor(2, 2).name()


def test_another_key_is_drawn_anew_and_only_the_newest_picture_of_a_name_is_kept(qapp):
    tiles, seen = Tiles(), set()
    for index in range(50):
        seen.add(drawn(tiles, frame_of(None), ("folded", index), QColor(index, 0, 0).name()))
    assert len(seen) == 50
    assert len(tiles._pictures) == 1


def test_weights_not_the_text_make_another_picture_of_the_folded_cell(qapp):
    def weights(values):
        trace = SimpleNamespace(layers=[], thumbnails={"W_hh": np.array([values], np.float32)})
        return TraceImages(trace, Look(), 1.0).weights

    assert weights([0.5, -0.5]) == weights([0.5, -0.5])
    assert weights([0.5, -0.5]) != weights([0.5, -0.25])


def test_the_same_trace_keeps_its_pictures(qapp):
    tiles, frame = Tiles(), frame_of(SimpleNamespace())
    assert drawn(tiles, frame, ("y", 1), "#ff0000") == drawn(tiles, frame, ("y", 1), "#00ff00") == "#ff0000"


def test_what_shows_no_numbers_outlives_the_trace_but_not_the_layout(qapp):
    tiles = Tiles()
    assert drawn(tiles, frame_of(SimpleNamespace()), ("body", 1), "#ff0000") == "#ff0000"
    assert drawn(tiles, frame_of(SimpleNamespace()), ("body", 1), "#00ff00") == "#ff0000"
    assert drawn(tiles, frame_of(SimpleNamespace(), layout="two"), ("body", 1), "#00ff00") == "#00ff00"


def test_copies_of_another_cell_are_drawn_anew_when_its_trace_is_there(qapp):
    """The notation knows the new cell some frames earlier: those still show the old states."""
    tiles = Tiles()
    assert drawn(tiles, frame_of(SimpleNamespace(), states=1), ("body", 1), "#ff0000") == "#ff0000"
    assert drawn(tiles, frame_of(SimpleNamespace(), states=2), ("body", 1), "#00ff00") == "#00ff00"


def test_the_number_of_columns_is_limited(qapp):
    tiles = Tiles()
    frame = frame_of(None, layout=SimpleNamespace(pitch=20.0))
    frame.x = lambda step: 20.0 * step
    target = QImage(80, 40, QImage.Format.Format_ARGB32_Premultiplied)
    with QPainter(target) as painter:
        for index in range(3 * KEPT):
            tiles.begin(frame, 1.0)
            tiles.draw(painter, frame, 1, ("chip", index), lambda *_: None, (0.0, 20.0))
    assert len(tiles._tiles) <= KEPT + 1
