"""Stops of a remote control, and the way in and out of presenter mode."""

from __future__ import annotations

import pytest

from rnnviz.view.presenter import Stop, stops


def test_the_story_of_eighteen_steps():
    names = [stop.name for stop in stops(18, 18)]
    assert names == ["folded", "unfold", "step 1", "step 2", "step 3", "end", "loss", "sweep 1", "sweep 2", "sweep 3",
                     "sweep", "horizon"]  # fmt: skip
    assert len(names) < 18


def test_positions():
    points = stops(18, 17)
    assert points[5] == Stop("end", "forward", 18)
    assert points[6] == Stop("loss", "backward", 17)
    assert [point.time_step for point in points[7:]] == [16, 15, 14, 8, 1]


@pytest.mark.parametrize("length", range(6))
@pytest.mark.parametrize("loss", range(6))
def test_short_texts_have_sane_stops(length, loss):
    points = stops(length, min(loss, length))
    assert all(0 <= point.time_step <= length for point in points)
    assert len({(p.direction, p.time_step, p.folded) for p in points}) == len(points)
    assert bool(points) == bool(length)
