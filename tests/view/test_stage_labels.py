"""Texts drawn as the letters of their font: as wide and as high as the laid out ones, at the same place."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPainter

from rnnviz.view.look import Look
from rnnviz.view.stage.labels import Labels


@pytest.fixture
def labels(qapp):
    return Labels(Look())


def picture(draw):
    image = QImage(200, 40, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.white)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw(painter)
    return image


def extent(image):
    """Left, right, top and bottom of what is drawn."""
    places = [(x, y) for x in range(image.width()) for y in range(image.height())
              if image.pixelColor(x, y).lightness() < 200]  # fmt: skip
    return [edge(place[axis] for place in places) for axis in (0, 1) for edge in (min, max)]


@pytest.mark.parametrize(("role", "text"), [("label", "1234"), ("label", "7"), ("label*", "4999"), ("number", "0.25"),
                                            ("number*", "e"), ("label", "t = 3")])  # fmt: skip
def test_many_texts_at_once_stand_where_single_ones_do(labels, role, text):
    ink = Qt.GlobalColor.black
    alone = picture(lambda painter: labels.draw(painter, 100, 20, text, role, ink))
    together = picture(lambda painter: labels.draw_all(painter, [(100, 20, text)], role, ink))
    assert extent(together) == pytest.approx(extent(alone), abs=1)


def test_only_digits_of_a_font_with_kerning_are_letters_side_by_side(labels):
    labels.draw_all(QPainter(), [], "label", Qt.GlobalColor.black)
    image = QImage(10, 10, QImage.Format.Format_ARGB32)
    with QPainter(image) as painter:
        for role, text, alone in (("label", "128", True), ("label", "AVA", False), ("label", "", False),
                                  ("number", "AVA", True), ("number", "\u4e2d", False)):  # fmt: skip
            left = labels._draw_glyphs(painter, [(0.0, 0.0, text)], role, 1.0)
            assert (left == []) == alone, text
