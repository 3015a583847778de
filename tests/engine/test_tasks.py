"""Tasks: targets, batches, padding, limits, against what can be counted by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import TaskSpec
from rnnviz.engine.tasks import TASKS, make_task
from rnnviz.engine.tasks import corpus as corpus_module
from rnnviz.engine.tasks.next_char import sample_text


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_sample_has_nineteen_classes_and_holds_the_examples() -> None:
    task = make_task(TaskSpec())
    assert len(task.vocabulary) == 19
    assert task.baseline == pytest.approx(math.log(19))
    assert task.baseline_label == "ln 19"
    assert "hello world, hello" in sample_text()
    assert task.encode("hello world, hello").known.all()


def test_next_char_targets_are_the_following_characters_and_the_last_has_none() -> None:
    task = make_task(TaskSpec())
    encoded = task.encode("hello")
    labels = [task.output_labels[target] for target in encoded.targets[:-1]]
    assert labels == ["e", "l", "l", "o"]
    assert encoded.targets[-1] == -1


def test_next_char_marks_what_the_vocabulary_lacks() -> None:
    encoded = make_task(TaskSpec()).encode("hQ")
    assert encoded.known.tolist() == [True, False]
    assert encoded.ids[1] == 0


def test_an_empty_text_encodes_to_nothing() -> None:
    for name in TASKS:
        assert len(make_task(TaskSpec(name=name)).encode("").tokens) == 0


def test_next_char_batches_are_windows_of_the_corpus() -> None:
    text = "abcdefghij" * 5
    task = make_task(TaskSpec(text=text, length=7))
    batch = task.batch(rng(), 20)
    assert batch.ids.shape == batch.targets.shape == (20, 7)
    np.testing.assert_array_equal(batch.ids[:, 1:], batch.targets[:, :-1])
    for row in batch.ids:
        assert "".join(task.vocabulary.tokens[k] for k in row) in text


def test_a_corpus_shorter_than_the_window_gives_shorter_windows() -> None:
    batch = make_task(TaskSpec(text="ab", length=32)).batch(rng(), 3)
    assert batch.ids.shape == (3, 1)


@pytest.mark.parametrize("text", ["", "a"])
def test_a_corpus_without_a_next_character_is_refused(text: str) -> None:
    with pytest.raises(SpecError, match="at least 2 characters"):
        make_task(TaskSpec(text=text))


def test_a_large_alphabet_is_capped_with_a_note() -> None:
    text = "".join(chr(0x4E00 + k) for k in range(400)) + "aa"
    task = make_task(TaskSpec(text=text))
    assert len(task.vocabulary) == 256
    assert "a" in task.vocabulary.tokens
    assert any("402" in note or "401" in note for note in task.notes)


def test_a_huge_corpus_is_cut_with_a_note(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus_module, "MAX_CORPUS_BYTES", 1000)
    task = make_task(TaskSpec(text="aé" * 1000))
    assert any("are learned" in note for note in task.notes)
    assert task.batch(rng(), 2).ids.max() < len(task.vocabulary)


def test_parity_labels_count_the_ones() -> None:
    task = make_task(TaskSpec(name="parity"))
    assert task.output_labels == ("even", "odd")
    for text, answer in (("1011001", "even"), ("1", "odd"), ("0", "even"), ("111", "odd")):
        encoded = task.encode(text)
        assert task.output_labels[encoded.targets[-1]] == answer
        assert (encoded.targets[:-1] == -1).all()


def test_parity_of_other_signs_has_no_loss_and_says_so() -> None:
    encoded = make_task(TaskSpec(name="parity")).encode("10x")
    assert (encoded.targets == -1).all()
    assert any("not defined" in note for note in encoded.notes)


def test_parity_batches_agree_with_encode() -> None:
    task = make_task(TaskSpec(name="parity", length=9))
    batch = task.batch(rng(3), 64)
    assert batch.lengths is not None
    assert set(batch.lengths) == set(range(1, 10))
    for ids, targets, length in zip(batch.ids, batch.targets, batch.lengths, strict=True):
        encoded = task.encode("".join(task.vocabulary.tokens[k] for k in ids[:length]))
        np.testing.assert_array_equal(targets[:length], encoded.targets)
        assert (targets[length:] == -1).all()


def test_batches_repeat_with_the_seed() -> None:
    for name in TASKS:
        task = make_task(TaskSpec(name=name))
        np.testing.assert_array_equal(task.batch(rng(7), 4).ids, task.batch(rng(7), 4).ids)
        if task.kind == "classes":  # the ids of a task on numbers are all -1 (tasks/test_number_tasks.py)
            assert not np.array_equal(task.batch(rng(7), 4).ids, task.batch(rng(8), 4).ids)
        else:
            np.testing.assert_array_equal(task.batch(rng(7), 4).inputs, task.batch(rng(7), 4).inputs)
            assert not np.array_equal(task.batch(rng(7), 4).inputs, task.batch(rng(8), 4).inputs)


def test_an_unknown_task_names_the_known_ones() -> None:
    with pytest.raises(SpecError, match="next-char, next-word, parity"):
        make_task(TaskSpec(name="chess"))


def test_parity_takes_no_text() -> None:
    with pytest.raises(SpecError, match="next-char"):
        make_task(TaskSpec(name="parity", text="abc"))
