from __future__ import annotations

import pytest

from rnnviz.session.breakpoints import Breakpoint
from rnnviz.session.playback import Playback
from rnnviz.session.values import Direction


@pytest.fixture
def playback(session, wait_until):
    session.want("gradients", "test")
    wait_until(lambda: session.gradients is not None)
    made = Playback(session=session)
    yield made
    made.pause()
    made.deleteLater()


def test_by_hand(playback, session):
    playback.first()
    assert session.time_step == 0
    playback.step()
    playback.step()
    assert session.time_step == 2
    playback.back()
    assert session.time_step == 1
    playback.last()
    assert session.time_step == 5
    playback.step()
    assert session.time_step == 5
    playback.step_inside()
    assert session.time_step == 5
    playback.back_inside()
    assert session.sub_step == len(session.sub_steps) - 1
    playback.step()
    assert (session.time_step, session.sub_step) == (5, None)


def test_the_sweep_runs_the_other_way(playback, session):
    session.set_direction(Direction.BACKWARD)
    assert session.time_step == 4
    playback.step()
    assert session.time_step == 3
    playback.back()
    playback.back()
    assert session.time_step == 4
    playback.last()
    assert session.time_step == 1
    assert playback.at_end
    playback.first()
    assert session.time_step == 4


def test_playing_stops_at_the_end(playback, session, wait_until):
    steps = []
    session.time_step_changed.connect(lambda: steps.append(session.time_step))
    playback.set_speed(7)
    assert playback.speed == 8
    playback.play()
    wait_until(lambda: not playback.playing)
    assert steps == [4, 5]
    playback.play()
    assert session.time_step == 0
    playback.toggle()
    assert not playback.playing


def test_typing_and_turning_round_stop_it(playback, session):
    playback.first()
    playback.play()
    session.set_text("other")
    assert not playback.playing
    playback.play()
    session.set_direction(Direction.BACKWARD)
    assert not playback.playing


@pytest.mark.parametrize(
    ("condition", "stops_at"),
    [
        (Breakpoint("token", "=", "l"), 3),
        (Breakpoint("loss", ">", 0.0), 1),
        (Breakpoint("unit", ">", -1.0, unit=2), 1),
        (Breakpoint("gradient", ">", 0.0), 1),
        (Breakpoint("unit", ">", 5.0, unit=2), 5),
        (Breakpoint("unit", ">", 0.0, unit=99), 5),
        (Breakpoint("loss", "?", 0.0), 5),
    ],
)
def test_breakpoints(playback, session, wait_until, condition, stops_at):
    playback.add_breakpoint(condition)
    playback.add_breakpoint(condition)
    assert playback.breakpoints == (condition,)
    playback.set_speed(8)
    playback.first()
    playback.play()
    wait_until(lambda: not playback.playing)
    assert session.time_step == stops_at
    assert (session.notice is not None and str(condition) in session.notice.text) == (stops_at < 5)
    playback.remove_breakpoint(condition)
    assert playback.breakpoints == ()
