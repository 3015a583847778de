"""The folded cell of the simple view: its two loops, and the way out of it while it unfolds."""

from __future__ import annotations

import pytest

from rnnviz.view.stage import rails


@pytest.fixture
def stage(make_stage, session, wait_until):
    view = make_stage(1256, 520)
    view.test[1].update_view(simple=True)
    yield view
    session.set_feeding(own=False)
    wait_until(lambda: not session._requests.is_open("unroll"))


def show(stage, wait_until, task, text, *, own=False):
    session = stage.test[0]
    session.set_task(task)
    session.set_feeding(own=own)
    session.set_text(text)
    wait_until(lambda: session.task.name == task and session.trace.text == text and session.trace.own == own
               and not session._requests.is_open("unroll"))  # fmt: skip
    return stage.frame()


def inked(stage, frame, aside):
    """The rows in which the picture is dark ``aside`` design px right of the middle of the folded cell."""
    image, x = stage.grab().toImage(), round(frame.layout.folded_x + frame.layout.px(aside))
    return [y for y in range(image.height()) if min(image.pixelColor(x + d, y).lightness() for d in (-1, 0, 1)) < 140]


def runs(rows):
    """How many stretches of rows there are."""
    return sum(row - 1 not in rows for row in rows)


LOOP = 56


@pytest.mark.parametrize(
    ("task", "text", "own", "pieces"),
    [("generate", "song: I stay", False, "dashed"), ("generate", "song", True, "solid"), ("next-char", "hello", True,
     "solid"), ("next-char", "hello", False, ""), ("parity", "1011", False, ""),
     ("translation", "you are big", True, "")],
)  # fmt: skip
def test_outputs_that_are_read_again_are_a_second_loop(stage, wait_until, task, text, own, pieces):
    frame = show(stage, wait_until, task, text, own=own)
    rows = set(inked(stage, frame, LOOP))
    if not pieces:
        assert not rows
        return
    row = frame.layout.bottom_row
    middle = round((row.top + row.bottom) / 2)
    assert set(range(middle - 4, middle + 4)) <= rows  # one step of delay
    assert max(rows) - min(rows) > 300  # all the way from y to x
    assert (runs(rows) > 20) == (pieces == "dashed")
    assert runs(rows) == 1 or pieces == "dashed"


def test_the_loop_is_there_while_the_cell_is_folded_and_no_rail_leads_into_nothing(stage, wait_until):
    show(stage, wait_until, "generate", "song", own=True)
    stage.test[1].update_view(folded=True)
    frame = stage.frame()
    assert frame.unfold == 0.0
    assert runs(set(inked(stage, frame, LOOP))) == 1
    assert rails.rail_end(frame) < frame.layout.gutter
    image = stage.grab().toImage()
    found = [image.pixelColor(x, round(rails.rail_y(frame, name))).getRgb()[:3]
             for name in ("W_xh", "W_hh", "W_hy") for x in range(round(frame.layout.folded_x) + 64, 900)]  # fmt: skip
    assert max(max(rgb) - min(rgb) for rgb in found) < 40  # neither a rail nor its name: no copies to lead through


@pytest.mark.parametrize("share", [0.15, 0.5, 0.8])
def test_the_rails_end_at_the_copy_that_has_come_furthest(stage, wait_until, monkeypatch, share):
    frame = show(stage, wait_until, "next-char", "hello")
    whole = rails.rail_end(frame)
    monkeypatch.setattr(stage._motion, "value", lambda name: share if name == "unfold" else 1.0)
    frame = stage.frame()
    furthest = max(frame.x(step) for step in range(1, 6))
    assert rails.rail_end(frame) == furthest + rails.rail_reach(frame) < whole
