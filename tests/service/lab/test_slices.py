"""Results gathered in slices: all of them, in order, with pauses where the work takes time."""

from __future__ import annotations

import pytest

from rnnviz.service.lab import slices
from rnnviz.service.lab.slices import gathered


def drained(work):
    """How often it pauses, and what it returns."""
    pauses = 0
    while True:
        try:
            next(work)
        except StopIteration as end:
            return pauses, end.value
        pauses += 1


def test_everything_comes_in_order_whatever_the_pauses(monkeypatch):
    ticks = iter(range(1000))
    monkeypatch.setattr(slices, "perf_counter", lambda: next(ticks))
    monkeypatch.setattr(slices, "SLICE_S", 1.5)
    assert drained(gathered(iter("abcdefg"))) == (3, list("abcdefg")), "a second each: a pause after every second one"
    assert drained(gathered([])) == (0, [])


def test_what_fails_between_pauses_fails_for_the_one_who_asked(monkeypatch):
    monkeypatch.setattr(slices, "SLICE_S", -1.0)

    def failing():
        yield 1
        raise ValueError("no more")

    work = gathered(failing())
    next(work)
    with pytest.raises(ValueError, match="no more"):
        next(work)
