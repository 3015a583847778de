"""The text that is read when another task is chosen: the typed one where it says something there, else the example."""

from __future__ import annotations

import pytest

from rnnviz.engine.spec import TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.tasks.names import TITLES

BEFORE = {"series": "0 1 0 -1 1 0 0 1 0", "temporal-xor": "011101110000", "next-char": "10"}
"""Texts that were typed, beside each task's example: they look like those of other tasks."""


@pytest.fixture
def chosen(make_session):
    """``chosen(first, text, second)``: what is read after the tasks ``first`` and ``second`` (nothing is computed)."""
    session = make_session(start=False)

    def choose(first, text, second):
        session.set_task(first)
        session.set_text(text)
        session.set_task(second)
        assert session.run.task.name == second
        return session.text

    return choose


@pytest.mark.parametrize("second", TITLES)
@pytest.mark.parametrize("first", TITLES)
def test_what_is_read_says_something(chosen, first, second):
    task = make_task(TaskSpec(name=second))
    for text in {make_task(TaskSpec(name=first)).example, BEFORE.get(first, "")} - {""}:
        shown = chosen(first, text, second)
        encoded = task.encode(shown)
        assert encoded.known.all()
        assert shown == task.example or (not encoded.notes and (encoded.targets >= 0).any())


@pytest.mark.parametrize(
    ("first", "text", "second"),
    [
        ("parity", "1011001", "adding"),
        ("parity", "1011001", "series"),
        ("temporal-xor", "011101110000", "flip-flop"),
        ("temporal-xor", "011101110000", "series"),
        ("series", make_task(TaskSpec(name="series")).example, "adding"),
        ("series", make_task(TaskSpec(name="series")).example, "flip-flop"),
        ("series", "1 1 1 0 0 0 -1 0 0", "flip-flop"),
        ("parity", "0", "next-char"),
        ("sentiment", "The food", "translation"),
    ],
)
def test_what_means_nothing_gives_way_to_the_example(chosen, first, text, second):
    assert chosen(first, text, second) == make_task(TaskSpec(name=second)).example


@pytest.mark.parametrize(
    ("first", "text", "second"),
    [("parity", "0110", "temporal-xor"), ("next-char", "0.1 0.4 0.2", "series"), ("dna", "hello", "next-char")],
)
def test_what_can_be_read_stays(chosen, first, text, second):
    assert chosen(first, text, second) == text
