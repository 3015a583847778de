"""Which label the network on show takes for which, through the engine process."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.confusion import confusion, held_out_samples, training_samples
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.service import messages as wire


def ask(engine, **fields):
    engine.send(wire.CountConfusion(request=9, **fields))
    return engine.wait((wire.ConfusionCounted, wire.Refused), lambda reply: reply.request == 9)


def affordable(samples):
    """The first sequences that have 5,000 time steps together, at least 20."""
    count = steps = 0
    for sample in samples:
        steps += len(sample.ids)
        count += steps <= 5000
    return samples[: max(20, count)]


@pytest.mark.parametrize(
    ("name", "length", "counted"),
    [
        *[("sentiment", 0, (400, 400)), ("word-labels", 0, (40, 160)), ("parity", 0, (400, 400))],
        *[("year", 0, (400, 400)), ("temporal-order", 0, (95, 95)), ("next-char", 0, (156, 156))],
        ("next-char", 400, (36, 20)),
    ],
)
def test_both_tables_are_those_of_the_engine(engine, name, length, counted):
    run = RunSpec(model=ModelSpec(hidden=6), task=TaskSpec(name=name, length=length))
    engine.send(wire.SetRun(run=run))
    found = ask(engine)
    task = make_task(run.task)
    network = initialise(run.model, task.input_size, task.output_size, run.training.seed)
    others = affordable(held_out_samples(task, 400))
    learned = affordable(training_samples(task, 400, run.training.seed, run.training.batch_size))
    assert (found.held_out.sequences, found.training.sequences) == (len(others), len(learned)) == counted
    held_out, expected = confusion(network, task, others), confusion(network, task, learned)
    assert found.labels == list(task.output_labels)
    assert (found.task, found.model, found.training_step, found.cell) == (name, run.model, 0, (-1, -1))
    assert found.fresh == task.makes_data
    assert found.examples == []
    for counts, reference in ((found.held_out, held_out), (found.training, expected)):
        assert (counts.answers, counts.right) == (len(reference), reference.right)
        assert counts.most == reference.totals().max()
        pairs = np.stack([found.wanted, found.answered], axis=1)
        np.testing.assert_array_equal(counts.pairs, reference.counts_of(pairs))
        np.testing.assert_array_equal(counts.pair_totals, reference.totals()[found.wanted])
        if task.output_size <= 20:
            np.testing.assert_array_equal(counts.table, reference.table())
        else:
            assert counts.table.size == 0


def test_a_cell_brings_its_sequences_and_they_are_answered_so(engine):
    engine.send(wire.SetRun(run=RunSpec(task=TaskSpec(name="word-labels"))))
    first = ask(engine)
    wanted, answered = int(first.wanted[0]), int(first.answered[0])
    for training in (False, True):
        found = ask(engine, wanted=wanted, answered=answered, training=training)
        counts = found.training if training else found.held_out
        assert (found.cell, found.cell_training) == ((wanted, answered), training)
        assert 0 < len(found.examples) <= counts.table[wanted, answered]
        example = found.examples[0]
        engine.send(wire.Unroll(request=10, text=example.text))
        shown = engine.wait(wire.Unrolled, lambda reply: reply.request == 10)
        assert list(shown.tokens) == example.tokens
        assert shown.top_labels[example.time_step - 1][0] == found.labels[answered]
        assert shown.targets[example.time_step - 1] == wanted


def test_training_moves_counts_to_the_diagonal(engine):
    engine.send(wire.SetRun(run=RunSpec(model=ModelSpec(cell="gru", hidden=12), task=TaskSpec(name="word-labels"))))
    before = ask(engine)
    engine.send(wire.Train(steps=150))
    engine.wait(wire.StateChanged, lambda reply: reply.state is wire.EngineState.PAUSED)
    now = ask(engine)
    assert now.training_step == 150
    assert now.held_out.answers == before.held_out.answers
    assert now.held_out.right > before.held_out.right
    assert now.training.right / now.training.answers >= now.held_out.right / now.held_out.answers


def test_nothing_is_held_out_of_a_short_table(engine):
    text = "sentence\tlabel\nfine\tgood\nawful\tbad\n"
    engine.send(wire.SetRun(run=RunSpec(task=TaskSpec(name="sentiment", text=text))))
    found = ask(engine)
    assert found.held_out is None
    assert found.training.sequences == 2
    assert found.training.table.sum() == 2


@pytest.mark.parametrize("name", ["adding", "series"])
def test_numbers_are_no_labels(engine, name):
    engine.send(wire.SetRun(run=RunSpec(task=TaskSpec(name=name))))
    assert "numbers, not labels" in ask(engine).sentence


def test_a_cell_that_is_none_is_refused(engine):
    engine.send(wire.SetRun(run=RunSpec(task=TaskSpec(name="parity"))))
    assert "classes from 0 to 1" in ask(engine, wanted=2, answered=0).sentence
