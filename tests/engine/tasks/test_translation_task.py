"""Translation: what is typed, what the pairs teach, and that the metric is that of the network's own outputs."""

from __future__ import annotations

import math
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import pytest

from rnnviz.engine.errors import SpecError
from rnnviz.engine.feedback import feed_back
from rnnviz.engine.feeding import Feeding
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.spec import ModelSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks.held_out import batch_probabilities, held_out_score
from rnnviz.engine.tasks.pairs import COUNT, NOUNS, composed_pairs
from rnnviz.engine.tasks.translation import Translation
from rnnviz.engine.tokens import words
from rnnviz.engine.training import Trainer

if TYPE_CHECKING:
    from rnnviz.engine.tasks.base import Batch

OWN = "source\ttarget\nGood day\tGuten Tag\nGood dog\tGuter Hund\ngood evening\tGuten Abend\n"
LECTURE = ("¿", "Tienes", "una", "mascota", "?")


def make(text: str | None = None, length: int = 0) -> Translation:
    return Translation(TaskSpec(name="translation", text=text, length=length))


def cut(text: str) -> tuple[str, ...]:
    return tuple(word.casefold() for word in words(text).tokens)


def wanted(task: Translation, text: str) -> list[str]:
    return [task.output_labels[target] if target >= 0 else "" for target in task.encode(text).targets]


def sources(task: Translation, batch: Batch) -> list[tuple[str, ...]]:
    return [tuple(task.vocabulary.tokens[index] for index in row[: batch.switch]) for row in batch.ids]


@lru_cache(maxsize=1)
def trained() -> tuple[Translation, Network]:
    """The default network after half of its 1,000 steps: most sentences are right, not all."""
    task = make()
    network = initialise(ModelSpec(**task.default_model), task.input_size, task.output_size, 0)
    trainer = Trainer(network, task, TrainingSpec(**task.default_training), record=False)
    trainer.probe = False
    for _ in range(500):
        trainer.step()
    return task, trainer.network()


def test_the_question_of_the_lecture_finds_its_translation() -> None:
    task = make()
    encoded = task.encode("Do you have a pet?")
    assert encoded.tokens == ("Do", "you", "have", "a", "pet", "?", "<start>", *LECTURE)
    assert encoded.switch == 6
    assert wanted(task, "Do you have a pet?") == [""] * 6 + ["¿", "tienes", "una", "mascota", "?", "<end>"]
    assert encoded.fed is not None
    assert encoded.fed.tolist() == [False] * 7 + [True] * 5
    assert encoded.known.all()
    assert (encoded.open, encoded.notes) == (False, ())


@pytest.mark.parametrize("arrow", ["→", "->", "=>", "\t", " → "])
def test_a_translation_may_be_typed_after_an_arrow(arrow: str) -> None:
    task = make()
    encoded = task.encode(f"do YOU have a pet ?{arrow}¿Tienes una mascota?")
    expected = task.encode("Do you have a pet?")
    assert encoded.tokens[:2] == ("do", "YOU")
    assert encoded.tokens[6:] == expected.tokens[6:]
    np.testing.assert_array_equal(encoded.ids, expected.ids)
    np.testing.assert_array_equal(encoded.targets, expected.targets)
    other = task.encode(f"Do you have a pet?{arrow}Tengo un gato")
    assert wanted(task, f"Do you have a pet?{arrow}Tengo un gato")[6:] == ["tengo", "un", "gato", "<end>"]
    assert other.switch == 6


@pytest.mark.parametrize("text", ["I have a zebra", "I have a zebra →"])
def test_a_sentence_without_translation_is_open(text: str) -> None:
    encoded = make().encode(text)
    assert encoded.tokens == ("I", "have", "a", "zebra", "<start>")
    assert encoded.known.tolist() == [True, True, True, False, True]
    assert encoded.open
    assert encoded.switch == 4
    assert (encoded.targets == -1).all()
    assert "no translation" in encoded.notes[0]


def test_a_wanted_word_outside_the_data_has_no_loss() -> None:
    task = make()
    encoded = task.encode("I see a cat → Veo un cebra")
    assert wanted(task, "I see a cat → Veo un cebra") == [""] * 4 + ["veo", "un", "", "<end>"]
    assert encoded.known.tolist() == [True] * 7 + [False]
    assert "'cebra'" in encoded.notes[0]


def test_blank_texts_and_lonely_arrows() -> None:
    task = make()
    assert len(task.encode("")) == len(task.encode("  ")) == len(task.encode("\t")) == 0
    encoded = task.encode("→ gato")
    assert encoded.tokens == ("→", "<start>", "gato")
    assert encoded.known.tolist() == [False, True, True]
    assert "nothing to translate" in encoded.notes[0]
    assert task.encode("漢 Ω").known.tolist() == [False, False, True]


def test_the_pairs_are_different_and_agree_in_both_languages() -> None:
    pairs = composed_pairs()
    assert len({tuple(word for word in cut(source) if word != ".") for source, _ in pairs}) == len(pairs) == COUNT
    for source, target in pairs:
        english, spanish = cut(source), cut(target)
        assert (english[-1] == "?") == (spanish[-1] == "?") == (spanish[0] == "¿")
        assert (english[-1] == ".") == (spanish[-1] == ".")
        assert ("not" in english) == ("no" in spanish)
        noun = next(noun for noun in NOUNS if noun.english in english)
        assert noun.spanish in spanish
        assert not set(spanish) & ({"un", "el", "rojo", "negro"} if noun.feminine else {"una", "roja", "negra"}) - {
            "el"
        }
        if "the" in english[:-3] or english[0] == "the":
            assert ("la" if noun.feminine else "el") in spanish
        assert source[0].isupper()


def test_every_held_out_sentence_is_new_and_its_words_are_known() -> None:
    task, pairs = make(), composed_pairs()
    held_out = {cut(source) for source, _ in pairs[4::5]}
    learned = {cut(source) for index, (source, _) in enumerate(pairs, 1) if index % 5}
    drawn: set[tuple[str, ...]] = set()
    for seed in range(12):
        batch = task.validation_batch(np.random.default_rng(seed), 200)
        assert batch is not None
        drawn |= set(sources(task, batch))
    assert drawn == held_out
    assert not drawn & learned
    assert not any("<unk>" in source for source in drawn)
    for source, target in pairs:
        encoded = task.encode(source)
        assert encoded.known.all()
        assert [task.output_labels[index] for index in encoded.targets[encoded.switch : -1]] == list(cut(target))


def test_source_lengths_are_drawn_as_often_as_the_pairs_have_them() -> None:
    task = make()
    generator = np.random.default_rng(0)
    drawn = Counter(task.batch(generator, 4).switch for _ in range(3000))
    lengths = Counter(len(cut(source)) for index, (source, _) in enumerate(composed_pairs(), 1) if index % 5)
    assert set(drawn) == set(lengths)
    for length, count in lengths.items():
        assert drawn[length] / 3000 == pytest.approx(count / 1200, abs=0.04)


def test_the_baseline_is_the_loss_of_the_frequencies() -> None:
    task, counts = make(), Counter[str]()
    for index, (_, target) in enumerate(composed_pairs(), 1):
        if index % 5:
            counts.update([*cut(target), "<end>"])
    total = sum(counts.values())
    assert task.baseline == pytest.approx(-sum(n / total * math.log(n / total) for n in counts.values()), rel=1e-12)
    assert task.output_labels == (*sorted(set(counts) - {"<end>"}), "<end>")


def test_the_metric_is_that_of_the_networks_own_words() -> None:
    task, network = trained()
    batch = task.validation_batch(np.random.default_rng(1), 80)
    assert batch is not None
    right = task.right(batch_probabilities(network, batch), batch)
    assert 40 < right.sum() < 80
    for row, source in enumerate(sources(task, batch)):
        read = feed_back(network, task, task.encode(" ".join(source)), Feeding(own=True))
        steps = batch.row_length(row)
        assert (len(read) == steps and np.array_equal(read.ids, batch.ids[row, :steps])) == right[row]


def test_new_sentences_are_translated_and_other_words_are_no_error() -> None:
    task, network = trained()
    score = held_out_score(network, task, np.random.default_rng(3), 200)
    assert score is not None
    assert score > 0.75
    read = feed_back(network, task, task.encode("Do you have a pet?"), Feeding(own=True))
    assert read.tokens[read.switch + 1 :] == tuple(word.casefold() for word in LECTURE)
    assert (read.targets >= 0).sum() == 6
    unknown = feed_back(network, task, task.encode("漢 Ω"), Feeding())
    assert len(unknown) > 3
    assert unknown.fed is not None
    assert unknown.fed[3:].all()


def test_a_score_counts_sentences_of_all_lengths() -> None:
    """A network that gets only the sentences of one length right scores what their share is, not 0 or 1."""
    task, network = trained()
    lengths = Counter(len(cut(source)) for source, _ in composed_pairs()[4::5])
    most, count = lengths.most_common(1)[0]

    class OneLength(Translation):
        def score(self, probabilities: np.ndarray, batch: Batch) -> float:
            return float(batch.switch == most)

    score = held_out_score(network, OneLength(task.spec), np.random.default_rng(0), 100)
    assert score is not None
    assert 0 < score < 1
    assert score == pytest.approx(count / 300, abs=0.3)


def test_a_table_of_ones_own() -> None:
    task = make(OWN)
    assert task.output_labels == ("abend", "guten", "guter", "hund", "tag", "<end>")
    assert task.feeds == (*(task.vocabulary.tokens.index(word) for word in task.output_labels[:-1]), -1)
    assert wanted(task, "good DAY") == ["", "", "guten", "tag", "<end>"]
    assert task.validation_batch(np.random.default_rng(0), 2) is None
    assert task.batch(np.random.default_rng(0), 7).switch == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("English\tSpanish\na\tb\n", "must begin with the header"),
        ("source\ttarget\na\tb\n", "1 rows? below"),
        ("source\ttarget\na\tb\nb\n", "Line 3 has 1 column; give a source, a tab and its target"),
    ],
)
def test_a_bad_table_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        make(text)


def test_longer_pairs_than_the_length_are_left_out() -> None:
    assert make(length=11).batch(np.random.default_rng(0), 50).ids.shape[1] <= 11
    with pytest.raises(SpecError, match="fewer than 4 words"):
        make(length=4)
