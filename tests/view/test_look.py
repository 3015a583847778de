"""Type sizes of window and presenter, zoom limits, printed numbers."""

from __future__ import annotations

import math

import pytest
from PySide6.QtGui import QFontMetricsF

from rnnviz.view.look import Look, number, signed, significant


@pytest.fixture
def look(qapp):
    return Look()


def pixels(look, role):
    return look.font(role).pointSizeF() * look._dpi() / 72


@pytest.mark.parametrize(("height", "smallest"), [(1080, 34), (720, 22.5)])
@pytest.mark.parametrize("role", ["tick", "small", "label", "strong", "number", "token", "title"])
def test_presenter_type_is_large_enough(look, height, smallest, role):
    look.set_presenter(height)
    assert pixels(look, role) >= smallest


def test_presenter_x_height_reaches_ten_arc_minutes(look):
    look.set_presenter(1080)
    # 10 arc minutes from 6 picture heights away; DejaVu and Inter both have to reach it.
    assert QFontMetricsF(look.font("label")).xHeight() >= math.tan(math.radians(10 / 60)) * 6 * 1080 * 0.97


def test_window_type(look):
    assert pixels(look, "tick") >= 10.4
    assert pixels(look, "label") == pytest.approx(12.5, abs=0.1)
    assert pixels(look, "token") == pytest.approx(23, abs=0.1)


def test_zoom_is_limited_and_told_once(look, qtbot):
    with qtbot.waitSignal(look.changed, timeout=1000):
        look.set_zoom(99)
    assert look.zoom == 2.5
    with qtbot.assertNotEmitted(look.changed):
        look.set_zoom(2.5)
    look.set_zoom(0.01)
    assert look.zoom == 0.7


def test_pitch_of_the_presenter(look):
    look.set_presenter(1080)
    assert look.px(54) == pytest.approx(95, abs=0.5)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.5, "0.50"), (-0.5, "−0.50"), (-0.001, "0.00"), (math.nan, "–"), (math.inf, "∞"), (-math.inf, "−∞")],
)
def test_numbers(value, text):
    assert number(value) == text


def test_signed_and_significant():
    assert signed(0.41) == "+0.41"
    assert signed(-0.16) == "−0.16"
    assert significant(0.0303) == "0.0303"
    assert significant(9.5e-7, 2) == "9.5×10⁻⁷"
    assert significant(0.0) == "0"
