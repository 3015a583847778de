"""Stops of a remote control, and the way in and out of presenter mode."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QPainter, QStaticText

from rnnviz.app import build
from rnnviz.session.values import Notice
from rnnviz.view.presenter import STOP_NAMES, Stop, stops


def test_the_story_of_eighteen_steps():
    names = [stop.name for stop in stops(18, 18)]
    assert names == ["folded", "unfold", "step 1", "step 2", "step 3", "end", "loss", "sweep 1", "sweep 2", "sweep 3",
                     "sweep", "start"]  # fmt: skip
    assert len(names) < 18


@pytest.mark.parametrize(("horizon", "step"), [(10, 8), (7, 11), (2, 16), (17, 1)])
def test_the_horizon_is_where_it_was_measured(horizon, step):
    points = stops(18, 18, horizon)
    assert next(point for point in points if point.name == "horizon") == Stop("horizon", "backward", step)
    backward = [point.time_step for point in points if point.direction == "backward"]
    assert backward == sorted(set(backward), reverse=True)


def test_stops_can_be_left_out():
    assert [stop.name for stop in stops(18, 18, 10, skipped=("folded", "sweep 2", "start"))] == [
        "unfold", "step 1", "step 2", "step 3", "end", "loss", "sweep 1", "sweep 3", "sweep", "horizon"]  # fmt: skip


def test_every_stop_has_a_title():
    assert {stop.name for stop in stops(18, 18, 10)} == set(STOP_NAMES)


def test_positions():
    points = stops(18, 17)
    assert points[5] == Stop("end", "forward", 18)
    assert points[6] == Stop("loss", "backward", 17)
    assert [point.time_step for point in points[7:]] == [16, 15, 14, 8, 1]


@pytest.mark.parametrize("length", range(6))
@pytest.mark.parametrize("loss", range(6))
@pytest.mark.parametrize("horizon", range(3))
def test_short_texts_have_sane_stops(length, loss, horizon):
    points = stops(length, min(loss, length), min(horizon, max(0, min(loss, length) - 1)))
    assert all(0 <= point.time_step <= length for point in points)
    assert len({(p.direction, p.time_step, p.folded) for p in points}) == len(points)
    assert bool(points) == bool(length)


@pytest.fixture
def written(monkeypatch):
    """The size on screen of every text that is painted, by the text."""
    sizes = {}

    def note(painter, text):
        font, scale = painter.font(), painter.worldTransform().m22()
        pixels = font.pixelSize() if font.pixelSize() > 0 else font.pointSizeF() * painter.device().logicalDpiY() / 72
        sizes[text] = min(pixels * scale, sizes.get(text, 1e9))

    def wrapped(name):
        original = getattr(QPainter, name)

        def draw(painter, *args):
            found = [arg for arg in args if isinstance(arg, str | QStaticText)]
            text = "".join(arg if isinstance(arg, str) else arg.text() for arg in found)
            if text.strip():
                note(painter, text)
            return original(painter, *args)

        return draw

    for name in ("drawText", "drawStaticText"):
        monkeypatch.setattr(QPainter, name, wrapped(name))
    return sizes


@pytest.mark.parametrize(("size", "smallest"), [((1280, 720), 23), ((1920, 1080), 34)])
@pytest.mark.parametrize("direction", ["forward", "backward"])
def test_no_text_in_the_lecture_hall_is_too_small(qtbot, tmp_path, wait_until, written, size, smallest, direction):
    app = build(None, tmp_path / "settings")
    try:
        app.settings.update_view(reduced_motion=True)
        app.window.resize(*size)
        app.window.show()
        app.session.set_text("hello world, hello")
        wait_until(lambda: app.session.length == 18)
        app.window.presenter.enter(size[1], full_screen=False)
        app.session.set_direction(direction)
        app.session.move_to(5)
        wait_until(lambda: app.session.gradients is not None)
        app.session.tell(Notice("The loss became infinite.", "error", (("Undo 20 steps", "undo"),)))
        written.clear()
        app.window.grab()
        assert {"h", "t", "Undo 20 steps"} <= set(written), sorted(written)
        small = {text: round(pixels, 1) for text, pixels in written.items() if pixels < smallest - 0.05}
        assert not small
    finally:
        app.dispose()
