"""The confusion table against a count by hand, and every sequence as a text that is read as the same again."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from rnnviz.engine.confusion import Confusion, confusion, held_out_samples, training_samples
from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.spec import ModelSpec, TaskSpec
from rnnviz.engine.tasks import TASKS, make_task
from rnnviz.engine.tasks.base import Sample, fitted
from rnnviz.engine.tasks.labelled import LabelledSentences
from rnnviz.engine.tasks.symbols import answer_at_end

LABELLED = [
    name for name, task in TASKS.items() if task.kind == "classes" and task.pattern in {"acceptor", "transducer"}
]


def network_of(task, seed=3, **model):
    return initialise(fitted(ModelSpec(hidden=7, **model), task), task.input_size, task.output_size, seed)


def counted_by_hand(network, samples):
    """One tanh step after the other, one count after the other; which sequences each pair is in."""
    weights = {name: array.astype(np.float64) for name, array in network.weights.items()}
    counts, places = Counter(), {}
    for row, sample in enumerate(samples):
        state = np.zeros(network.spec.hidden)
        for step, (token, target) in enumerate(zip(sample.ids, sample.targets, strict=True), start=1):
            total = weights["bias_ih_l0"] + weights["bias_hh_l0"] + weights["weight_hh_l0"] @ state
            if token >= 0:
                total = total + weights["weight_ih_l0"][:, token]
            state = np.tanh(total)
            if target < 0:
                continue
            scores = weights["readout.weight"] @ state + weights["readout.bias"]
            pair = int(target), max(range(len(scores)), key=lambda each, scores=scores: scores[each])
            counts[pair] += 1
            places.setdefault(pair, []).append((row, step))
    return counts, places


@pytest.mark.parametrize("name", LABELLED)
@pytest.mark.parametrize("part", ["held out", "training"])
def test_counts_are_those_of_a_count_by_hand(name, part):
    task = make_task(TaskSpec(name=name))
    network = network_of(task)
    samples = held_out_samples(task, 20) if part == "held out" else training_samples(task, 20)
    found = confusion(network, task, samples)
    counts, places = counted_by_hand(network, samples)
    table = found.table()
    assert table.sum() == len(found) == sum(counts.values()) > 0
    assert {(w, a): table[w, a] for w, a in zip(*table.nonzero(), strict=True)} == counts
    assert found.right == sum(count for (wanted, answered), count in counts.items() if wanted == answered)
    assert found.totals().tolist() == table.sum(axis=1).tolist()
    pairs = found.confused(5)
    wrong = sorted((count for (wanted, answered), count in counts.items() if wanted != answered), reverse=True)
    assert found.counts_of(pairs).tolist() == [counts[tuple(pair)] for pair in pairs.tolist()] == wrong[:5]
    for wanted, answered in (*pairs.tolist(), *list(counts)[:3]):
        shown = found.where(wanted, answered, 4)
        assert set(shown) <= set(places[wanted, answered])
        rows = [row for row, _ in shown]
        assert len(set(rows)) == len(rows) == min(4, len({row for row, _ in places[wanted, answered]}))


@pytest.mark.parametrize("name", LABELLED)
def test_each_sequence_is_a_text_that_is_read_as_the_same(name):
    task = make_task(TaskSpec(name=name))
    for samples in (held_out_samples(task, 30), training_samples(task, 30)):
        assert 0 < len(samples) <= 30
        for sample in samples:
            read = task.encode(sample.text)
            assert read.ids.tolist() == sample.ids.tolist(), sample.text


def test_made_training_sequences_are_those_of_the_first_steps():
    from rnnviz.engine.spec import TrainingSpec
    from rnnviz.engine.training import Trainer

    task, spec = make_task(TaskSpec(name="parity")), TrainingSpec(seed=4, batch_size=8)
    drawn = []

    class Listening(type(task)):
        def batch(self, rng, size):
            drawn.append(super().batch(rng, size))
            return drawn[-1]

    listening = Listening(TaskSpec(name="parity"))
    trainer = Trainer(network_of(task), listening, spec)
    trainer.step()
    samples = training_samples(task, 8, seed=4, batch_size=8)
    first = drawn[0]
    assert [sample.ids.tolist() for sample in samples] == [
        first.ids[r, : first.row_length(r)].tolist() for r in range(8)
    ]


def test_held_out_sentences_are_none_of_the_learned_ones():
    task = make_task(TaskSpec(name="sentiment"))
    held_out, learned = held_out_samples(task, 100_000), training_samples(task, 100_000)
    assert len(held_out) == (len(held_out) + len(learned)) // 5
    assert not {sample.text for sample in held_out} & {sample.text for sample in learned}
    once, again = (held_out_samples(task, 10) for _ in range(2))
    assert len(once) == 10
    assert [sample.text for sample in once] == [sample.text for sample in again]


def test_one_sentence_with_two_labels_keeps_that_of_each_row():
    text = "sentence\tlabel\n" + "so so\tgood\n" * 4 + "so so\tbad\n"
    task = make_task(TaskSpec(name="sentiment", text=text))
    assert held_out_samples(task, 10) is None  # the sentence itself is learned
    assert {task.output_labels[each.targets[-1]] for each in training_samples(task, 10)} == {"good", "bad"}
    others = "".join(f"so {word}\tgood\n" for word in ("x", "y", "z", "w"))
    text = "sentence\tlabel\n" + others + "so so\tgood\n" * 4 + "so so\tbad\n"
    task = make_task(TaskSpec(name="sentiment", text=text))
    found = held_out_samples(task, 10)
    assert sorted(task.output_labels[each.targets[-1]] for each in found) == ["bad", "good"]


def test_a_tagged_sentence_keeps_the_labels_of_each_row():
    text = "sentence\tlabels\n" + "I light it\tpron verb pron\n" * 4 + "I light it\tpron adj noun\n"
    task = make_task(TaskSpec(name="word-labels", text=text))
    assert held_out_samples(task, 10) is None  # the sentence itself is learned
    learned = {tuple(task.output_labels[target] for target in each.targets) for each in training_samples(task, 10)}
    assert learned == {("pron", "verb", "pron"), ("pron", "adj", "noun")}


def test_a_new_task_on_sentences_needs_no_word_here():
    class Questions(LabelledSentences):
        name, title, pattern = "questions", "Questions", "acceptor"
        sample, columns, dropped = "data/sentiment.tsv", ("sentence", "label"), 0.5

        def targets(self, steps, labels):
            return answer_at_end(steps, self._classes[labels[0]])

        def encode(self, text):
            raise NotImplementedError

    text = "sentence\tlabel\n" + "".join(f"word {each}\t{each % 2}\n" for each in range(1, 11))
    task = Questions(TaskSpec(name="questions", text=text))
    learned, held_out = training_samples(task, 10), held_out_samples(task, 10)
    for found, expected in ((held_out, {5, 10}), (learned, {1, 2, 3, 4, 6, 7, 8, 9})):
        shown = {sample.text: task.output_labels[sample.targets[-1]] for sample in found}
        assert shown == {f"word {each}": str(each % 2) for each in expected}


def test_a_table_too_short_to_hold_anything_out():
    task = make_task(TaskSpec(name="sentiment", text="sentence\tlabel\nfine\tgood\nawful\tbad\n"))
    assert held_out_samples(task, 10) is None
    assert sorted(sample.text for sample in training_samples(task, 10)) == ["awful", "fine"]


def test_nothing_was_wanted():
    task = make_task(TaskSpec(name="parity"))
    nothing = Sample("1", np.array([1]), np.array([-1]))
    for samples in ([nothing], []):
        found = confusion(network_of(task), task, samples)
        assert (len(found), found.right) == (0, 0)
        assert found.confused(3).shape == (0, 2)
        assert found.counts_of(np.array([[0, 1]])).tolist() == [0]
        assert found.where(0, 1, 3) == []


def test_ties_stand_in_the_order_of_the_labels():
    wanted, answered = np.array([2, 0, 1, 0]), np.array([1, 1, 1, 2])
    found = Confusion(3, wanted, answered, np.arange(4), np.ones(4, int))
    assert found.confused(9).tolist() == [[0, 1], [0, 2], [2, 1]]


@pytest.mark.parametrize(("name", "word"), [("adding", "numbers"), ("series", "numbers"), ("generate", "whole texts")])
def test_answers_that_are_no_labels_are_refused(name, word):
    task = make_task(TaskSpec(name=name))
    with pytest.raises(SpecError, match=word):
        confusion(network_of(task), task, [])


def test_answers_that_are_not_finite_are_said():
    task = make_task(TaskSpec(name="parity"))
    network = network_of(task, activation="relu")
    weights = {name: np.full_like(array, 1e30) for name, array in network.weights.items()}
    huge = Network(network.spec, network.input_size, network.output_size, weights)
    with np.errstate(all="ignore"), pytest.raises(SpecError, match="not finite"):
        confusion(huge, task, training_samples(task, 2))
