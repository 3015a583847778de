"""Tasks on words: the lectures' sentences, the shipped data, the user's own, and what is held out."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest

from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import TaskSpec
from rnnviz.engine.tasks import Task, make_task
from rnnviz.engine.tasks.corpus import shipped_text
from rnnviz.engine.tasks.next_word import NextWord
from rnnviz.engine.tasks.year import PLACES, YEARS, Year, draw_sentence
from rnnviz.engine.tokens import words

FOOD = "sentence\tlabel\nFine soup\tgood\nCold soup\tbad\nFine tea\tgood\n"


def make(name: str, text: str | None = None, length: int = 0) -> Task:
    return make_task(TaskSpec(name=name, text=text, length=length))


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def labels(task: Task, text: str) -> list[str]:
    return [task.output_labels[target] if target >= 0 else "" for target in task.encode(text).targets]


def table(name: str) -> list[list[str]]:
    return [line.split("\t") for line in shipped_text(f"data/{name}.tsv").splitlines()]


def rows_of(batch) -> set[tuple[int, ...]]:
    return {tuple(batch.ids[row, : batch.row_length(row)]) for row in range(len(batch))}


@pytest.mark.parametrize("name", ["next-char", "next-word"])
def test_the_held_out_text_is_another_text_of_known_tokens(name: str) -> None:
    task = make(name)
    learned, held_out = shipped_text(f"data/{name}.txt"), shipped_text(f"data/{name}-held-out.txt")
    assert task.encode(held_out).known.all()
    assert not set(held_out.splitlines()) & set(learned.splitlines())


def test_next_word_does_not_tell_capitals_apart_and_shows_them() -> None:
    task = make("next-word")
    encoded = task.encode("The Old man, zebra")
    assert encoded.tokens == ("The", "Old", "man", ",", "zebra")
    assert encoded.known.tolist() == [True, True, True, False, False]
    assert labels(task, "The old man sits") == ["old", "man", "sits", ""]
    assert task.baseline == pytest.approx(math.log(len(task.vocabulary)))


def test_a_text_that_repeats_itself_is_cut_as_one_that_does_not() -> None:
    every = "".join(map(chr, [*range(1, 0xD800), *range(0xE000, 0x11000)]))
    line = "The cat's well-known U.S. hat, isn\u2019t it? naïve--x \u2003\x1c\x85a\u200bb \u3000e\u0301\r\n"
    for text in (f"{every}\n" * 5, line * 50, line, every, f"{line}\0" * 50, f"{line}\ud800" * 50):
        task = make("next-word", text)
        expected = words(text, len(text))
        assert isinstance(task, NextWord)
        found, notes = task.corpus(text)
        assert (tuple(found), notes) == (expected.tokens, expected.notes)
        ids, _ = task.vocabulary.encode([token.casefold() for token in expected.tokens])
        parts = [part for part in (task._corpus, task._held_out) if part is not None]
        np.testing.assert_array_equal(np.concatenate(parts), ids)


def test_next_word_learns_a_text_of_ones_own() -> None:
    task = make("next-word", "one two three one two three")
    assert set(task.vocabulary.tokens) == {"<unk>", "one", "two", "three"}
    assert task.validation_batch(rng(), 3) is None


def test_a_long_text_of_ones_own_has_its_last_tenth_held_out() -> None:
    task = make("next-char", "ab" * 900 + "cd" * 100)
    names = task.vocabulary.tokens
    held_out = task.validation_batch(rng(), 50)
    assert held_out is not None
    assert {names[index] for index in held_out.ids.ravel()} == {"c", "d"}
    assert {names[index] for index in task.batch(rng(), 50).ids.ravel()} == {"a", "b"}


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("The food was really good", "positive"),
        ("The food was really good.", "positive"),
        ("the food was REALLY good .", "positive"),
        ("The chicken crossed the road because it was uncooked.", "negative"),
        ("Neat plot. Great acting.", "positive"),
        ("Good, cheap food!", "positive"),
    ],
)
def test_the_sentences_of_the_lectures_have_known_words_and_their_labels(text: str, label: str) -> None:
    task = make("sentiment")
    assert task.encode(text).known.all()
    assert labels(task, text)[-1] == label
    assert set(labels(task, text)[:-1]) == {""}


def test_a_sentence_of_ones_own_is_answered_without_a_loss() -> None:
    encoded = make("sentiment").encode("The zebra was good")
    assert encoded.known.tolist() == [True, False, True, True]
    assert (encoded.targets == -1).all()
    assert "not in the data" in encoded.notes[0]


def test_a_full_stop_decides_only_where_the_data_have_both() -> None:
    task = make("sentiment", "sentence\tlabel\nso so\tgood\nso so.\tbad\nso.\tbad\n.\tgood\n")
    found = {text: labels(task, text)[-1:] for text in ("so so", "so so.", "so", "so.", ".", "")}
    assert found == {"so so": ["good"], "so so.": ["bad"], "so": ["bad"], "so.": ["bad"], ".": ["good"], "": []}


def test_sentiment_holds_out_new_sentences_of_known_words() -> None:
    task = make("sentiment")
    assert task.baseline == pytest.approx(math.log(2), rel=1e-12)
    rows = [tuple(task.encode(sentence).ids) for sentence, _ in table("sentiment")[1:]]
    held_out = task.validation_batch(rng(), len(rows) // 5)
    assert held_out is not None
    drawn = rows_of(held_out)
    assert drawn == set(rows[4::5])
    assert not drawn & {row for index, row in enumerate(rows, start=1) if index % 5}
    assert not any(0 in row for row in drawn)


def test_training_reads_past_dropped_words_and_validation_drops_none() -> None:
    task = make("word-labels")
    drawn = task.batch(rng(), 400)
    real = drawn.targets >= 0
    assert 0.05 < (drawn.ids[real] == 0).mean() < 0.15
    first, second = (task.validation_batch(rng(seed), 40) for seed in (1, 2))
    assert first is not None
    assert second is not None
    assert rows_of(first) == rows_of(second)


def test_red_apples() -> None:
    assert labels(make("word-labels"), "I like red apples") == ["pron", "verb", "adj", "noun"]


def test_a_word_of_two_kinds_has_a_target_only_in_a_sentence_of_the_data() -> None:
    task = make("word-labels")
    assert labels(task, "They light a fire") == ["pron", "verb", "det", "noun"]
    assert labels(task, "The light is bright")[1] == "noun"
    encoded = task.encode("I light red apples")
    assert labels(task, "I light red apples") == ["pron", "", "adj", "noun"]
    assert "'light'" in encoded.notes[0]


def test_word_label_baseline_is_the_loss_of_the_label_frequencies() -> None:
    task = make("word-labels")
    _, *rows = table("word-labels")
    assert len(rows) == len({sentence for sentence, _ in rows}) == 200
    found = Counter(label for index, (_, tags) in enumerate(rows, start=1) if index % 5 for label in tags.split())
    total = sum(found.values())
    assert task.baseline == pytest.approx(-sum(n / total * math.log(n / total) for n in found.values()), rel=1e-12)
    assert set(task.output_labels) == {"pron", "verb", "adj", "noun", "det", "adv", "prep", "conj"}


def test_own_word_labels_may_label_punctuation_too() -> None:
    task = make("word-labels", "sentence\tlabels\r\nRed tea.\tadj noun end\r\nold tea .\tadj noun end\r\n")
    assert labels(task, "old tea.") == ["adj", "noun", "end"]
    assert labels(task, "red red tea.") == ["adj", "adj", "noun", "end"]


def test_a_table_of_ones_own_is_learned() -> None:
    task = make("sentiment", FOOD)
    assert task.output_labels == ("bad", "good")
    assert task.baseline == pytest.approx(math.log(3) - 2 / 3 * math.log(2))
    assert labels(task, "cold soup") == ["", "bad"]
    assert task.validation_batch(rng(), 3) is None
    assert make("word-labels", "\ufeffsentence\tlabels\nRed tea\tA N\nold tea\tA N\n").output_labels == ("A", "N")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("sentiment", "", "must begin with the header"),
        ("sentiment", "a\tb\n", "must begin with the header"),
        ("sentiment", "sentence\tlabel\n", "0 rows"),
        ("sentiment", FOOD + "\nno label\n", "Line 6 has 1 column;"),
        ("sentiment", FOOD + "no label\t\n", "Line 5 has"),
        ("sentiment", "sentence\tlabel\nx\ty\nz\ty\n", "1 different label;"),
        ("word-labels", "sentence\tlabels\nred tea\tadj noun\nold tea\tadj\n", "Line 3 has 2 words and 1 label;"),
        ("word-labels", "sentence\tlabels\nred tea\tn n\nold tea\tn n\n", "1 different label;"),
    ],
)
def test_a_bad_table_is_refused_with_its_line(name: str, text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        make(name, text)


@pytest.mark.parametrize("name", ["sentiment", "word-labels"])
def test_longer_sentences_than_the_length_are_left_out(name: str) -> None:
    task = make(name, length=4)
    assert task.batch(rng(), 50).ids.shape[1] <= 4
    with pytest.raises(SpecError, match="at most 1 words"):
        make(name, length=1)


@pytest.mark.parametrize("text", ["In 2009, I went to Nepal", "I went to Nepal in 2009", "I went to Nepal in 2009."])
def test_the_year_is_found_wherever_it_stands(text: str) -> None:
    task = make("year")
    encoded = task.encode(text)
    assert encoded.known.all()
    assert task.output_labels[encoded.targets[-1]] == "2009"
    assert (encoded.targets[:-1] == -1).all()


@pytest.mark.parametrize("text", ["I went to Nepal", "In 2009 or 2010", "In 1809"])
def test_without_just_one_year_there_is_no_loss(text: str) -> None:
    encoded = make("year").encode(text)
    assert (encoded.targets == -1).all()
    assert "just one" in encoded.notes[0]


def test_year_sentences_name_one_year_at_the_asked_place() -> None:
    task = make("year")
    assert isinstance(task, Year)
    generator = rng(4)
    for place in PLACES:
        for _ in range(100):
            tokens = task.encode(draw_sentence(generator, (place,))).tokens
            spots = [index for index, token in enumerate(tokens) if token in YEARS]
            assert len(spots) == 1
            from_end = len(tokens) - 1 - spots[0] - (tokens[-1] == ".")
            assert {"front": spots[0] == 1, "end": from_end == 0, "middle": spots[0] > 1 < from_end}[place]
            assert all(task.encode(" ".join(tokens)).known)


def test_year_batches_keep_the_year_and_drop_other_words() -> None:
    task = make("year")
    assert isinstance(task, Year)
    batch = task.placed_batch(rng(), 300, ("front",))
    years = [task.vocabulary.tokens[index] for index in batch.ids[:, 1]]
    answers = batch.targets.max(axis=1)
    assert years == [task.output_labels[answer] for answer in answers]
    assert set(answers) == set(range(20))
    real = sum(batch.row_length(row) for row in range(300))
    padding = batch.ids.size - real
    assert 0.05 < ((batch.ids == 0).sum() - padding) / real < 0.15


def test_year_refuses_a_length_without_sentences() -> None:
    with pytest.raises(SpecError, match="at least 8"):
        make("year", length=7)
    assert make("year", length=8).batch(rng(), 20).ids.shape[1] <= 8
