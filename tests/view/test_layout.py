"""What fits into which window."""

from __future__ import annotations

import pytest

from rnnviz.view.layout import arrange


def test_the_big_window_has_everything():
    big = arrange(1600, 1000, simple=False, presenter=False, tracks=True)
    assert big.roomy
    assert big.docked
    assert big.stage_height == 447


def test_the_small_window_has_a_drawer():
    small = arrange(1280, 720, simple=False, presenter=False, tracks=True)
    assert not small.roomy
    assert not small.docked


@pytest.mark.parametrize("size", [(1280, 720), (1600, 1000), (760, 520)])
def test_the_simple_view_starts_at_step_one(size):
    simple = arrange(*size, simple=True, presenter=False, tracks=False)
    assert simple.simple
    assert simple.transport_height == 140


def test_presenter_hides_the_transport():
    shown = arrange(1920, 1080, simple=True, presenter=True, tracks=True)
    assert shown.presenter
    assert not shown.simple
    assert shown.transport_height == 0
    assert 0.5 < shown.stage_share < 0.8


def test_a_small_window_keeps_the_narrow_gutter_and_two_hundred_px_for_tracks():
    small = arrange(1280, 720, simple=False, presenter=False, tracks=True)
    assert not small.wide
    assert arrange(1600, 1000, simple=False, presenter=False, tracks=True).wide
    assert 720 - 56 - 62 - small.stage_least >= 200


def test_a_track_in_the_simple_view_has_room_too():
    simple = arrange(1280, 720, simple=True, presenter=False, tracks=True)
    assert 720 - 70 - simple.transport_height - simple.stage_least >= 170


def test_the_stage_grows_with_the_window_up_to_its_drawing():
    heights = [720, 780, 840, 1200]
    least = [arrange(1400, height, simple=False, presenter=False, tracks=True).stage_least for height in heights]
    assert least == sorted(least)
    assert least[-1] == 447
