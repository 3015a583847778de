"""Tasks on single signs, against what can be counted by hand, by Python's strings or by a regular expression."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import regex

from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import TaskSpec
from rnnviz.engine.tasks import Batch, Task, make_task
from rnnviz.engine.tasks.a_n_b_n import CountedLetters
from rnnviz.engine.tasks.base import mean_loss
from rnnviz.engine.tasks.copy_memory import CopyMemory
from rnnviz.engine.tasks.reber import Reber
from rnnviz.engine.tasks.temporal_xor import TemporalXor

SYMBOL_TASKS = ("dna", "copy", "temporal-order", "reber", "temporal-xor")
SIDE = "(?:XT*VP)*(?:S|XT*VV)"
INNER = f"B(?:TS*X{SIDE}|PT*V(?:V|P{SIDE}))E"
EMBEDDED = regex.compile(f"B(?:T{INNER}T|P{INNER}P)E")
"""The grammar once more, as a regular expression written from the published drawing."""


def make(name: str, length: int = 0) -> Task:
    return make_task(TaskSpec(name=name, length=length))


def texts(task: Task, batch: Batch) -> list[str]:
    rows = [batch.ids[row, : batch.row_length(row)] for row in range(len(batch))]
    return ["".join(task.vocabulary.tokens[index] for index in ids) for ids in rows]


def draw(task: Task, size: int, seed: int = 0) -> Batch:
    return task.batch(np.random.default_rng(seed), size)


def labels(task: Task, text: str) -> list[str]:
    return [task.output_labels[target] if target >= 0 else "" for target in task.encode(text).targets]


@pytest.mark.parametrize("name", SYMBOL_TASKS)
def test_a_drawn_sequence_typed_by_hand_has_the_same_targets(name: str) -> None:
    task = make(name)
    batch = draw(task, 30)
    for row, text in enumerate(texts(task, batch)):
        encoded = task.encode(text)
        np.testing.assert_array_equal(encoded.ids, batch.ids[row, : len(text)])
        np.testing.assert_array_equal(encoded.targets, batch.targets[row, : len(text)])
        assert encoded.notes == ()


@pytest.mark.parametrize("name", SYMBOL_TASKS)
def test_a_foreign_sign_takes_the_loss_away_and_says_so(name: str) -> None:
    task = make(name)
    encoded = task.encode(task.example + "?")
    assert encoded.known.tolist() == [True] * len(task.example) + [False]
    assert (encoded.targets == -1).all()
    assert task.signs in encoded.notes[0]


def test_white_space_between_signs_is_dropped() -> None:
    assert make("dna").encode(" TAT AAA\n").tokens == tuple("TATAAA")


def test_dna_says_whether_the_motif_is_there() -> None:
    task = make("dna")
    assert labels(task, "gctatataaag")[-1] == "motif"
    assert labels(task, "TATATATAA")[-1] == "no motif"
    batch = draw(task, 400)
    found = [("TATAAA" in text) for text in texts(task, batch)]
    assert [task.output_labels.index("motif") * held for held in found] == batch.targets.max(axis=1).tolist()
    assert 160 < sum(found) < 240
    assert {len(text) for text in texts(task, batch)} == set(range(6, 31))


def test_dna_decoys_have_all_but_one_base_of_the_motif() -> None:
    task = make("dna")
    for text in texts(task, draw(task, 100)):
        windows = [text[k : k + 6] for k in range(len(text) - 5)]
        assert max(sum(a == b for a, b in zip(window, "TATAAA", strict=True)) for window in windows) >= 5


def test_temporal_order_places_and_labels() -> None:
    task = make("temporal-order")
    batch = draw(task, 500)
    counts = np.zeros(4, dtype=int)
    for row, text in enumerate(texts(task, batch)):
        assert 50 <= len(text) <= 55
        assert text[0] == "E"
        assert text[-1] == "B"
        first, second = (index for index, sign in enumerate(text) if sign in "XY")
        assert 5 <= first <= 10
        assert 25 <= second <= 30
        assert task.output_labels[batch.targets[row, len(text) - 1]] == f"{text[first]} {text[second]}"
        counts[batch.targets[row, len(text) - 1]] += 1
    assert (counts > 90).all()
    assert task.baseline == math.log(4)


def test_temporal_order_at_length_100_is_the_published_setting() -> None:
    lengths = {len(text) for text in texts(make("temporal-order", 100), draw(make("temporal-order", 100), 300))}
    assert lengths == set(range(100, 111))


@pytest.mark.parametrize("text", ["EabXcB", "EXXYB", "Eabc"])
def test_temporal_order_needs_two_signs(text: str) -> None:
    encoded = make("temporal-order").encode(text)
    assert (encoded.targets == -1).all()
    assert "needs two" in encoded.notes[0]


def test_copy_repeats_the_letters_after_the_sign() -> None:
    task = make("copy")
    text = "hgfedcbaab" + 9 * "_" + ">" + 10 * "_"
    assert labels(task, text) == list(20 * "_" + "hgfedcbaab")
    assert labels(task, "ab_>___") == list("____ab_")
    assert labels(task, "abc>_") == list("____a")


def test_copy_without_its_sign_has_no_loss() -> None:
    encoded = make("copy").encode("abc___")
    assert (encoded.targets == -1).all()
    assert encoded.notes


@pytest.mark.parametrize(("length", "expected"), [(30, 10 * math.log(8) / 30), (120, 0.17329)])
def test_copy_baseline_is_that_of_an_answer_that_knows_all_but_the_letters(length: int, expected: float) -> None:
    task = make("copy", length)
    assert isinstance(task, CopyMemory)
    assert task.delay == length - 20
    batch = draw(task, 20)
    answer = np.zeros((*batch.ids.shape, 9))
    answer[:, : length - 10, 8] = 1
    answer[:, length - 10 :, :8] = 1 / 8
    assert mean_loss(answer, batch) == pytest.approx(task.baseline, rel=1e-12)
    assert task.baseline == pytest.approx(expected, rel=1e-4)
    assert task.required_memory == length - 10


def test_copy_scores_letters_only() -> None:
    task = make("copy")
    batch = draw(task, 10)
    blank = np.zeros((*batch.ids.shape, 9))
    blank[:, :, 8] = 1
    assert task.score(blank, batch) == 0
    assert (blank.argmax(axis=2) == batch.targets).mean() == pytest.approx(20 / 30)


def test_temporal_xor_best_answer_has_the_published_errors() -> None:
    """Elman (1990): 0.25, 0.25 and 0 for the first, second and third bit."""
    task = make("temporal-xor")
    assert isinstance(task, TemporalXor)
    batch = draw(task, 2000)
    chance = np.full((*batch.ids.shape, 2), 0.5)
    for step in range(1, task.length - 1, 3):
        determined = batch.ids[:, step] ^ batch.ids[:, step - 1]
        chance[:, step] = np.eye(2)[determined]
    np.testing.assert_allclose(task.squared_errors(chance, batch), [0.25, 0.25, 0], atol=1e-12)
    assert task.score(chance, batch) == 0
    assert task.right(chance, batch).all()
    chance[0, 4] = chance[0, 4, ::-1]
    assert task.right(chance, batch).tolist() == [False] + [True] * 1999
    chance[0, 4] = chance[0, 4, ::-1]
    assert mean_loss(chance, batch) == pytest.approx(19 / 29 * math.log(2))


def test_temporal_xor_names_the_first_bit_that_breaks_the_rule() -> None:
    assert make("temporal-xor").encode("011101110").notes == ()
    assert make("temporal-xor").encode("011100").notes == ("Bit 6 is not the exclusive or of the two before it.",)


def test_a_n_b_n_targets() -> None:
    task = make("a-n-b-n")
    assert labels(task, "aaabbb") == ["a", "a", "b", "b", "b", "end"]
    assert labels(task, "AB") == ["b", "end"]
    assert labels(task, "aaab") == ["a", "a", "b", ""]
    assert task.encode("aaab").notes == ()
    for text in ("abb", "aba", "b"):
        assert task.encode(text).notes, text


def test_a_n_b_n_draws_every_count_and_pads_with_nothing() -> None:
    task = make("a-n-b-n", 12)
    batch = draw(task, 200)
    assert {text.count("a") for text in texts(task, batch)} == set(range(1, 7))
    for row, text in enumerate(texts(task, batch)):
        assert regex.fullmatch("a+b+", text)
        assert text.count("a") == text.count("b")
        np.testing.assert_array_equal(task.encode(text).targets, batch.targets[row, : len(text)])


def test_a_n_b_n_allowed_successors_and_metric() -> None:
    task = make("a-n-b-n")
    assert isinstance(task, CountedLetters)
    batch = task.strings([2, 3])
    expected = [[1, 1, 0], [1, 1, 0], [0, 1, 0], [0, 0, 1]]
    assert task.allowed(batch.ids[0, :4]).astype(int).tolist() == expected
    answer = np.zeros((2, 6, 3))
    answer[0, :4] = expected
    answer[1] = [[0.6, 0.4, 0], [0.9, 0.1, 0], [0.5, 0.5, 0], [0, 1, 0], [0, 1, 0], [0, 0.6, 0.4]]
    assert task.right(answer, batch).tolist() == [True, False]
    assert task.score(answer, batch) == 0.5


def test_reber_strings_are_those_of_the_grammar() -> None:
    task = make("reber")
    drawn = texts(task, draw(task, 400))
    assert all(EMBEDDED.fullmatch(text) for text in drawn)
    assert {text[1] for text in drawn} == {"T", "P"}
    assert all(9 <= len(text) <= 40 for text in drawn)
    assert len(set(drawn)) > 100


def test_reber_allowed_successors_are_all_that_the_regular_expression_can_still_match() -> None:
    task = make("reber")
    assert isinstance(task, Reber)
    for text in texts(task, draw(task, 60)):
        mask = task.allowed(task.encode(text).ids)
        for step in range(len(text)):
            possible = [EMBEDDED.fullmatch(text[: step + 1] + sign, partial=True) is not None for sign in "BTPSXVE"]
            assert mask[step].tolist() == possible


def test_reber_names_the_sign_that_the_grammar_forbids() -> None:
    task = make("reber")
    assert task.encode("BTBTXSETE").notes == ()
    assert "sign 8, P," in task.encode("BTBTXSEPE").notes[0]
    assert labels(task, "btb") == ["T", "B", ""]


def test_reber_metric_wants_every_allowed_sign_on_top() -> None:
    task = make("reber")
    assert isinstance(task, Reber)
    batch = draw(task, 12)
    answer = np.zeros((*batch.ids.shape, 7))
    for row in range(12):
        steps = batch.row_length(row)
        answer[row, :steps] = task.allowed(batch.ids[row, :steps])
    assert task.score(answer, batch) == 1
    answer[0, 3] = 1 / 7
    assert task.score(answer, batch) == pytest.approx(11 / 12)


def test_reber_forgetting_the_second_sign_fails_every_string() -> None:
    """What a network without long memory can do: all but the last but one sign."""
    task = make("reber")
    assert isinstance(task, Reber)
    batch = draw(task, 12)
    answer = np.zeros((*batch.ids.shape, 7))
    for row in range(12):
        steps = batch.row_length(row)
        answer[row, :steps] = task.allowed(batch.ids[row, :steps])
        answer[row, steps - 3] = np.isin(list("BTPSXVE"), ["T", "P"])
    assert task.score(answer, batch) == 0


@pytest.mark.parametrize(("name", "length"), [("dna", 5), ("copy", 20), ("temporal-order", 9), ("reber", 8)])
def test_a_length_too_short_for_the_task_is_refused(name: str, length: int) -> None:
    with pytest.raises(SpecError, match=f"length is {length}"):
        make(name, length)
    assert len(draw(make(name, length + 1), 3)) == 3


def test_longer_training_sequences_need_more_memory() -> None:
    for name in ("parity", "dna", "copy", "temporal-order", "reber", "a-n-b-n"):
        memories = [make(name, length).required_memory or 0 for length in (30, 60, 90)]
        assert all(first < second for first, second in pairwise(memories)), name
    assert make("temporal-xor").required_memory == 2
