"""No sequence of the user's own is learned and held out, however often it is repeated; shipped data stay the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.engine.confusion import held_out_samples, training_samples
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.tasks.apart import apart, new_windows
from rnnviz.engine.tasks.held_out import held_out_score

if TYPE_CHECKING:
    from rnnviz.engine.tasks.base import Batch, Task

WORDS = ("film", "plot", "good", "bad", "sea", "day", "old", "new")


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def read(batch: Batch, skip: int = -2, first: int = 0) -> set[bytes]:
    """What the network reads of each row of a batch from ``first`` on; rows with the id ``skip`` are left out."""
    rows = range(len(batch))
    if batch.inputs is not None:
        return {np.ascontiguousarray(batch.inputs[row, : batch.row_length(row)]).tobytes() for row in rows}
    found = [batch.ids[row, first : batch.row_length(row)] for row in rows]
    return {ids.tobytes() for ids in found if skip not in ids}


def sentences(different: int, seed: int) -> list[str]:
    found: dict[str, None] = {}
    draw = rng(seed)
    while len(found) < different:
        found[" ".join(draw.choice(WORDS, 5))] = None
    return list(found)


def strands(different: int, seed: int, middle: str = "") -> list[str]:
    draw = rng(seed)
    return ["".join(draw.choice(list("ACG"), 30)) + middle + "".join(draw.choice(list("ACG"), 30))
            for _ in range(different)]  # fmt: skip


def own(name: str, different: int, seed: int) -> str:
    """A table of the user's own with ``different`` sequences and many repeats, also in other letters."""
    draw = rng([seed, 1])
    places = [*range(different), *draw.integers(0, different, 3 * different).tolist()]
    places = [places[index] for index in draw.permutation(len(places))]
    made = sentences(different, seed)
    rows = {
        "sentiment": lambda place: f"{made[place]}\t{('yes', 'no')[place % 2]}",
        "word-labels": lambda place: f"{made[place]}\t{' '.join(word[0] for word in made[place].split())}",
        "generate": lambda place: f"{('song', 'poem')[int(draw.integers(2))]}\t{made[place]}",
        "translation": lambda place: f"{made[place]}\t{made[place][::-1]}",
        "dna": lambda place: f"{strands(different, seed)[place][:28]}\t{('yes', 'no')[place % 2]}",
        "dna pieces": lambda place: strands(different, seed, "TATAAA")[place],
    }[name]
    header = {
        "sentiment": "sentence\tlabel", "word-labels": "sentence\tlabels", "generate": "label\ttext",
        "translation": "source\ttarget", "dna": "sequence\tlabel", "dna pieces": "sequence",
    }[name]  # fmt: skip
    case = [str.upper, str.lower] if name not in ("generate",) else [str]
    lines = [rows(place) for place in places]
    if name in ("sentiment", "translation", "dna pieces", "dna"):
        cells = [line.split("\t") for line in lines]
        lines = ["\t".join((case[int(draw.integers(len(case)))](first), *rest)) for first, *rest in cells]
    return f"{header}\n" + "\n".join(lines) + "\n"


TABLES = ("sentiment", "word-labels", "generate", "translation", "dna", "dna pieces")


def drawn(task: Task, batches: int = 40) -> set[bytes]:
    """What training shows (of a text for a label the text), less sentences with words that it hides by chance."""
    draw, skip = rng(1), 0 if task.name in ("sentiment", "word-labels") else -2
    return set().union(*(read(task.batch(draw, 32), skip, int(task.name == "generate")) for _ in range(batches)))


@pytest.mark.parametrize("name", TABLES)
@settings(max_examples=6, deadline=None)
@given(different=st.integers(5, 14), seed=st.integers(0, 1000))
def test_no_row_of_ones_own_is_learned_and_held_out(name: str, different: int, seed: int) -> None:
    task = make_task(TaskSpec(name=name.split()[0], text=own(name, different, seed)))
    draw = rng(2)
    batches = [task.validation_batch(draw, 20) for _ in range(10)]
    assert all(batch is not None for batch in batches)
    held_out = set().union(*(read(batch, first=int(name == "generate")) for batch in batches if batch is not None))
    assert held_out
    assert not held_out & drawn(task)
    assert len(task.notes) == 1
    assert task.notes[0].startswith(f"{3 * different} of {4 * different} ")
    if name != "dna pieces":
        assert len(held_out) == different // 5


@pytest.mark.parametrize("name", ["sentiment", "word-labels", "dna"])
def test_each_sequence_is_counted_once_on_its_side(name: str) -> None:
    task = make_task(TaskSpec(name=name, text=own(name, 12, 3)))
    held_out, training = held_out_samples(task, 400), training_samples(task, 400)
    assert held_out is not None
    sides = [{sample.ids.tobytes() for sample in part} for part in (held_out, training)]
    assert [len(held_out), len(training)] == [len(side) for side in sides] == [2, 10]
    assert not sides[0] & sides[1]


@pytest.mark.parametrize("name", TABLES[:-1])
def test_with_fewer_than_five_different_ones_nothing_is_held_out_and_that_is_said(name: str) -> None:
    task = make_task(TaskSpec(name=name, text=own(name, 4, 0)))
    assert task.validation_batch(rng(), 4) is None
    spec = ModelSpec(hidden=3, decoder=name == "translation")
    assert held_out_score(initialise(spec, task.input_size, task.output_size, 0), task, rng()) is None
    assert task.notes[-1].startswith("Nothing is held out to test on: that takes 5 different")
    assert task.notes[-1].endswith("and there are 4.")


@pytest.mark.parametrize("name", ["next-char", "next-word", "series"])
def test_windows_that_repeat_are_not_held_out(name: str) -> None:
    draw = rng(4)
    once = draw.integers(0, 90, 3000).tolist()
    parts = {"series": "\n".join(map(str, once)), "next-word": " ".join(WORDS[n % 8] for n in once)}
    part = parts.get(name, "".join(chr(33 + n) for n in once))
    sign = {"series": "\n", "next-word": " "}.get(name, "")
    again = sign.join([part] * 9)
    periodic = make_task(TaskSpec(name=name, text=again))
    assert periodic.validation_batch(rng(), 4) is None
    assert periodic.notes[-1].startswith("Nothing is held out to test on: the last tenth of the ")
    half = len(part) // 2
    mixed = make_task(TaskSpec(name=name, text=sign.join([part[:half].rsplit(sign or None, 1)[0]] * 9 + [part])))
    batch = mixed.validation_batch(rng(), 300)
    assert batch is not None
    assert not read(batch) & drawn(mixed, 100)
    assert len(read(batch)) > 100


@settings(max_examples=60, deadline=None)
@given(
    learned=st.lists(st.integers(0, 1), min_size=1, max_size=120),
    held_out=st.lists(st.integers(0, 1), min_size=1, max_size=60),
    length=st.integers(1, 40),
)
def test_new_windows_are_those_that_a_search_does_not_find(
    learned: list[int], held_out: list[int], length: int
) -> None:
    width = min(max(length, 16), len(held_out))
    text, other = ("".join(map(str, part)) for part in (learned, held_out))
    wanted = [at for at in range(len(held_out) - width + 1) if other[at : at + width] not in text]
    assert new_windows(np.array(learned), np.array(held_out), length).tolist() == wanted


def test_without_repeats_every_fifth_is_held_out() -> None:
    rows = list(range(23))
    split = apart(rows, rows, "row")
    assert split.held_out == rows[4::5]
    assert split.learned == [row for row in rows if (row + 1) % 5]
    assert split.notes(4) == ()
    assert "1 of 24 rows repeats an earlier one" in apart([*rows, 4], [*rows, 4], "row").notes(4)[0]


@pytest.mark.parametrize("name", ["sentiment", "word-labels", "generate", "translation"])
def test_the_shipped_data_have_no_repeats(name: str) -> None:
    assert make_task(TaskSpec(name=name)).notes == ()


def test_a_long_own_text_is_compared_piece_by_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    learned, held_out = rng(5).integers(0, 500, 1000), rng(6).integers(0, 500, 100)
    held_out[30:60] = learned[477:507]
    whole = new_windows(learned, held_out, 20)
    assert sorted(set(range(81)) - set(whole.tolist())) == list(range(30, 41))
    monkeypatch.setattr("rnnviz.engine.tasks.apart.AT_ONCE", 100)
    np.testing.assert_array_equal(new_windows(learned, held_out, 20), whole)
