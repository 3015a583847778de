"""Typed numbers cut into words, examples, and what really follows them: against brute force and the formulas."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.engine.errors import SpecError
from rnnviz.engine.free_run import free_run, run_on
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.tasks.reading import split_text
from rnnviz.engine.tasks.series import Series
from rnnviz.engine.tasks.series_data import mackey_glass, sines_after, sines_through
from rnnviz.engine.tasks.series_kinds import CHAOTIC, SERIES, is_series_kind, series_kind
from rnnviz.engine.tasks.typed_numbers import has_decimal_commas, number_pieces
from rnnviz.engine.trace import trace

COLUMN = "\n".join(f"{value:.1f}" for value in np.random.default_rng(8).normal(50, 4, 300))
SOURCES = (None, "sines", "steps", "mackey-glass", "mackey-glass 30", COLUMN)
EVERY = pytest.mark.parametrize("text", SOURCES, ids=("default", "sines", "steps", "chaos", "slow chaos", "own"))


def series(text: str | None = None) -> Series:
    task = make_task(TaskSpec(name="series", text=text))
    assert isinstance(task, Series)
    return task


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("0.1 0.5 -0.3", [0.1, 0.5, -0.3]),
        ("0.1,0.5,-0.3", [0.1, 0.5, -0.3]),
        ("0.1; 0.5\n−0.3", [0.1, 0.5, -0.3]),
        ("0,1 0,5 -0,3", [0.1, 0.5, -0.3]),
        ("0,1; 5;\n−0,3", [0.1, 5, -0.3]),
        ("1,2,3", [1, 2, 3]),
        ("1, 2", [1, 2]),
        ("1,5", [1, 5]),
        ("0.5,1 2,3", [0.5, 1, 2, 3]),
        ("1e-1 .5 +2", [0.1, 0.5, 2]),
    ],
)
def test_numbers_are_typed_with_any_separator_and_with_decimal_commas_where_there_is_no_doubt(text, values) -> None:
    encoded = series().encode(text)
    np.testing.assert_allclose(encoded.values[:, 0], values)
    assert encoded.known.all()
    assert encoded.notes == ()
    assert has_decimal_commas(text) == ("0,1" in text)


def test_what_is_no_number_is_named_with_its_place_and_nothing_else_is_lost() -> None:
    encoded = series().encode("0.1 0.2 oops 0.4 1..5")
    np.testing.assert_allclose(encoded.values[:, 0], [0.1, 0.2, 0, 0.4, 0])
    np.testing.assert_array_equal(encoded.known, [True, True, False, True, False])
    assert encoded.notes == ("2 words were not understood as a number and read as 0, first 'oops' at place 3.",)


@pytest.mark.parametrize("name", ["adding", "series", "flip-flop"])
@given(text=st.text(alphabet="0123456789.-+*,; \nxe", max_size=50))
def test_the_window_cuts_a_text_as_the_task_does(name: str, text: str) -> None:
    pieces = split_text(name, text)
    assert len(pieces) == len(make_task(TaskSpec(name=name)).encode(text))
    place = 0
    for piece in pieces:
        place = text.index(piece, place) + len(piece)


def test_a_step_of_several_words_is_one_piece_of_the_text() -> None:
    assert number_pieces("flip-flop", "+-+ 0 1; -1 000 1") == ("+-+", "0 1; -1", "000", "1")
    assert number_pieces("adding", "0,2 0,4 * 0,1*") == ("0,2", "0,4 *", "0,1*")


@EVERY
@pytest.mark.parametrize("seed", [1, 2])
def test_what_follows_an_example_is_known_and_no_other_numbers_have_a_truth(text, seed) -> None:
    task = series(text)
    typed = task.another_example(seed)
    assert typed == task.another_example(seed) != task.another_example(seed + 2)
    encoded = task.encode(typed)
    assert encoded.known.all()
    assert not encoded.notes
    found = task.continuation(encoded, 30)
    assert found.shape[0] >= 20 if text == COLUMN else found.shape == (30, 1)
    words = typed.split()
    again = task.continuation(task.encode(" ".join(words[: len(words) - 5])), 5)[:, 0]
    np.testing.assert_allclose(again, [float(word) for word in words[-5:]], atol=0.02 * max(1.0, task.scale))
    changed = task.encode(f"{typed.rsplit(' ', 1)[0]} {1e3}")
    assert len(task.continuation(changed, 5)) == 0
    assert len(task.continuation(task.encode("0.1 0.2"), 5)) == 0


@EVERY
def test_every_series_has_an_example_of_its_own(text) -> None:
    task = series(text)
    assert (task.example == Series.example) == (text in (None, "sines"))
    assert len(task.continuation(task.encode(task.example), 10)) == 10


def test_the_truth_of_ones_own_numbers_ends_with_the_file() -> None:
    numbers = COLUMN.split("\n")
    task = series(COLUMN)
    after = task.continuation(task.encode(" ".join(numbers[280:294])), 20)[:, 0]
    np.testing.assert_allclose(after, [float(number) for number in numbers[294:]])


def test_the_sines_through_numbers_are_those_that_made_them() -> None:
    times = np.arange(60)
    x = 0.5 * np.sin(2 * np.pi * times / 10 + 1) + 0.4 * np.sin(2 * np.pi * times / 27 - 2)
    found = sines_through(x[:20].round(2), 0.008)
    assert found is not None
    np.testing.assert_allclose(sines_after(found, 20, 40), x[20:], atol=0.02)
    assert sines_through(x[:20] + 0.1 * (times[:20] == 7), 0.008) is None
    assert sines_through(x[:5], 0.008) is None


def test_the_series_are_known_by_name_and_a_delay_that_makes_none_is_refused() -> None:
    assert [series_kind(text) for text in (None, "Sines ", "mackey-glass 30", "steps", COLUMN)] == [
        "sines", "sines", "mackey-glass", "steps", "",
    ]  # fmt: skip
    assert all(map(is_series_kind, SERIES))
    np.testing.assert_array_equal(series("mackey-glass")._whole.round(9), mackey_glass(3000).round(9))
    assert not np.array_equal(mackey_glass(50), mackey_glass(50, tau=30.0))
    for delay in ("2", "61", "x", "17 18"):
        with pytest.raises(SpecError, match=f"'{delay}'; give 5 to 60"):
            series(f" Mackey-Glass {delay} ")
    np.testing.assert_array_equal(series("MACKEY-GLASS  30 ")._whole.round(9), mackey_glass(3000, tau=30.0).round(9))
    assert series("sines 1 2 3 4").encode("1").known.all()
    for own in ("sines 1 2 3 4", "steps\n1\n2\n3", f"{CHAOTIC}\n1\n2\n3", f"sines{' ' * 300}\n1\n2\n3"):
        assert series_kind(own) == ""
        assert series(own).validation_batch(np.random.default_rng(0), 1) is None  # a few numbers, not a made series


@pytest.mark.parametrize(
    "model", [ModelSpec(hidden=5), ModelSpec(cell="lstm", hidden=4, layers=2), ModelSpec(cell="gru")]
)
def test_running_on_from_a_trace_is_running_freely_over_its_numbers(model: ModelSpec) -> None:
    task = series()
    network = initialise(model, 1, 1, 3)
    encoded = task.encode(task.example)
    unrolled = trace(network, encoded)
    before = [layer.hidden.copy() for layer in unrolled.layers]
    found = np.array(list(islice(run_on(unrolled), 12)))
    np.testing.assert_allclose(found, free_run(network, encoded.values, 12), rtol=1e-5, atol=1e-6)
    for kept, layer in zip(before, unrolled.layers, strict=True):
        np.testing.assert_array_equal(kept, layer.hidden)


def test_a_short_series_cannot_be_judged_and_a_repeating_one_neither() -> None:
    for text in (" ".join(map(str, range(150))), "\n".join(["1", "2", "3", "4"] * 100)):
        with pytest.raises(SpecError, match="give at least 200 numbers, whose end does not repeat the rest"):
            series(text).trials(np.random.default_rng(0), 6, 40)


@EVERY
def test_trials_come_from_what_is_held_out(text) -> None:
    task = series(text)
    drawn = task.trials(np.random.default_rng(0), 6, 40)
    assert drawn.shape == ((6, 100) if text != COLUMN else (1, 30))  # 30 numbers are held out: one place
    assert np.isfinite(drawn).all()
    assert len({row.tobytes() for row in drawn}) == len(drawn)
    if text == COLUMN:
        held_out = [(float(number) - task.offset) / task.scale for number in COLUMN.split("\n")[270:]]
        assert np.isin(drawn.round(9), np.round(held_out, 9)).all()
    assert 0 < task.spread < 10
