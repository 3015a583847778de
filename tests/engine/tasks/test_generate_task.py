"""A text from a label: what is typed, what is learned, and that the label decides what is written."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from rnnviz.engine.errors import SpecError
from rnnviz.engine.feedback import feed_back
from rnnviz.engine.feeding import Feeding
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.spec import ModelSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks.corpus import shipped_text
from rnnviz.engine.tasks.generate import MAX_CHARACTERS, Generate
from rnnviz.engine.tasks.held_out import batch_probabilities
from rnnviz.engine.training import Trainer

OWN = "label\ttext\nGreeting\thello\nbye\tciao\ngreeting\thi\n"


def make(text: str | None = None, length: int = 0) -> Generate:
    return Generate(TaskSpec(name="generate", text=text, length=length))


def rows() -> list[list[str]]:
    return [line.split("\t") for line in shipped_text("data/generate.tsv").splitlines()]


def wanted(task: Generate, text: str) -> list[str]:
    return [task.output_labels[target] if target >= 0 else "" for target in task.encode(text).targets]


@lru_cache(maxsize=1)
def trained() -> tuple[Generate, Network]:
    """The default network after its default number of steps."""
    task = make()
    network = initialise(ModelSpec(**task.default_model), task.input_size, task.output_size, 0)
    trainer = Trainer(network, task, TrainingSpec(**task.default_training), record=False)
    trainer.probe = False
    for _ in range(task.default_steps):
        trainer.step()
    return task, trainer.network()


def test_the_line_of_the_lecture_follows_its_label() -> None:
    task = make()
    encoded = task.encode("song: I stay out too late")
    assert encoded.tokens == ("song", *"I stay out too late")
    assert encoded.known.all()
    assert wanted(task, "song: I stay out too late") == [*"I stay out too late", "<end>"]
    assert encoded.fed is not None
    assert encoded.fed.tolist() == [False] + [True] * 19
    assert (encoded.open, encoded.switch, encoded.notes) == (False, 0, ())
    assert ["song", "I stay out too late"] in rows()


@pytest.mark.parametrize("text", ["song", " Song ", "song:", "SONG :  "])
def test_a_label_alone_is_open(text: str) -> None:
    task = make()
    encoded = task.encode(text)
    assert encoded.tokens == (text.strip().removesuffix(":").strip(),)
    assert encoded.ids.tolist() == task.encode("song: I").ids[:1].tolist()
    assert encoded.open
    assert (encoded.targets == -1).all()
    assert encoded.notes == ()


def test_a_text_of_ones_own_has_losses_and_an_unknown_character_none() -> None:
    task = make()
    assert wanted(task, "food: Add zest") == [*"add ", "", *"est", "<end>"]
    encoded = task.encode("food: Add zest")
    assert "".join(encoded.tokens[1:]) == "Add zest"
    assert encoded.known.tolist() == [True] * 5 + [False] + [True] * 3
    assert "not" in encoded.notes[0]
    assert wanted(task, "food: a: b") == ["a", "", " ", "b", "<end>"]


def test_an_unknown_label_names_the_known_ones() -> None:
    encoded = make().encode("poem: come")
    assert encoded.known.tolist() == [False, True, True, True, True]
    assert "animal, food, song, weather" in encoded.notes[0]
    assert make().encode(": come").tokens[0] == "<unk>"
    assert "type 'song: I stay out too late'" in make().encode("I stay out too late").notes[0]


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_a_blank_text_has_no_steps(text: str) -> None:
    assert len(make().encode(text)) == 0


def test_the_shipped_texts_are_balanced_different_and_split() -> None:
    header, *found = rows()
    assert header == ["label", "text"]
    assert Counter(label for label, _ in found) == dict.fromkeys(("animal", "food", "song", "weather"), 100)
    assert len({text for _, text in found}) == 400
    assert Counter(label for label, _ in found[4::5]) == dict.fromkeys(("animal", "food", "song", "weather"), 20)
    task = make()
    learned = {tuple(task.encode(f"{label}: {text}").ids) for i, (label, text) in enumerate(found, 1) if i % 5}
    batch = task.validation_batch(np.random.default_rng(0), 80)
    assert batch is not None
    held_out = {tuple(batch.ids[row, : batch.row_length(row)]) for row in range(80)}
    assert held_out == {tuple(task.encode(f"{label}: {text}").ids) for label, text in found[4::5]}
    assert not held_out & learned
    assert not any((np.array(ids) == 0).any() for ids in held_out)


def test_the_baseline_is_the_loss_of_the_frequencies() -> None:
    task, counts = make(), Counter[str]()
    for index, (_, text) in enumerate(rows()[1:], 1):
        if index % 5:
            counts.update([*text, "<end>"])
    total = sum(counts.values())
    assert task.baseline == pytest.approx(-sum(n / total * math.log(n / total) for n in counts.values()), rel=1e-12)
    constant = np.array([counts[label] / total for label in task.output_labels])
    batch = task.batch(np.random.default_rng(0), 3000)
    answers = np.broadcast_to(constant, (*batch.ids.shape, task.output_size))
    assert task.score(answers, batch) == pytest.approx(task.baseline, rel=0.01)


def test_an_untrained_network_guesses_blindly() -> None:
    task = make()
    network = initialise(ModelSpec(**task.default_model), task.input_size, task.output_size, 0)
    batch = task.validation_batch(np.random.default_rng(0), 80)
    assert batch is not None
    score = task.score(batch_probabilities(network, batch), batch)
    assert score == pytest.approx(math.log(28), rel=0.05)


def test_a_wrong_label_makes_the_same_texts_less_probable() -> None:
    task, network = trained()
    batch = task.validation_batch(np.random.default_rng(0), 80)
    assert batch is not None
    ids = batch.ids.copy()
    ids[:, 0] = 1 + ids[:, 0] % len(task.labels)  # the label after the right one
    wrong = replace(batch, ids=ids)
    right_loss, wrong_loss = (task.score(batch_probabilities(network, each), each) for each in (batch, wrong))
    assert right_loss < 0.5
    assert wrong_loss > right_loss + 0.2


def test_each_label_writes_words_of_its_own_texts_and_ends() -> None:
    task, network = trained()
    for label in task.labels:
        read = feed_back(network, task, task.encode(label), Feeding(own=True))
        text = "".join(read.tokens[1:])
        assert 10 < len(text) < 50
        words = {word for kind, each in rows() if kind == label for word in each.replace(",", "").split()}
        assert set(text.replace(",", "").split()) <= words
        assert read.known.all()
        np.testing.assert_array_equal(read.ids, task.encode(f"{label}: {text}").ids)


def test_a_table_of_ones_own() -> None:
    task = make(OWN)
    assert task.labels == ("bye", "greeting")
    assert task.output_labels == (*"acehilo", "<end>")
    assert task.vocabulary.tokens == ("<unk>", "bye:", "greeting:", *"acehilo")
    assert wanted(task, "GREETING: hello") == [*"hello", "<end>"]
    assert task.validation_batch(np.random.default_rng(0), 2) is None
    assert task.baseline == pytest.approx(-sum(n / 14 * math.log(n / 14) for n in (1, 1, 1, 2, 2, 2, 2, 3)))


def test_a_label_of_one_character_is_not_that_character() -> None:
    task = make("label\ttext\na\tab\nb\tba\n")
    assert task.vocabulary.tokens == ("<unk>", "a:", "b:", "a", "b")
    assert task.encode("a: ab").ids.tolist() == [1, 3, 4]


def test_the_rarest_of_too_many_characters_are_unknown() -> None:
    signs = [chr(0x4E00 + index) for index in range(MAX_CHARACTERS + 20)]
    task = make(f"label\ttext\na\t{''.join(signs)}\nb\t{''.join(signs[:MAX_CHARACTERS])}\n", length=1000)
    assert len(task.output_labels) == MAX_CHARACTERS + 1
    assert str(MAX_CHARACTERS) in task.notes[0]
    assert wanted(task, f"a: {signs[0]}{signs[-1]}") == [signs[0], "", "<end>"]
    assert task.batch(np.random.default_rng(0), 9).targets.max() == task.end_class


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("text\tlabel\na\tb\n", "must begin with the header"),
        ("label\ttext\na\tb\n", "1 rows? below"),
        ("label\ttext\na\tb\na\tc\n", "1 different label;"),
        ("label\ttext\na\tb\nb\n", "Line 3 has 1 column; give a label, a tab and its text"),
    ],
)
def test_a_bad_table_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        make(text)


def test_longer_texts_than_the_length_are_left_out() -> None:
    assert make(length=25).batch(np.random.default_rng(0), 50).ids.shape[1] <= 25
    with pytest.raises(SpecError, match="fewer than 5 characters"):
        make(length=5)
