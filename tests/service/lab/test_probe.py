"""What the network on show remembers, before and after its training, through the engine process."""

from __future__ import annotations

import numpy as np

from rnnviz.engine.network import initialise
from rnnviz.engine.probe import probe
from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.service import messages as wire


def ask(engine, **fields):
    engine.send(wire.ProbeMemory(request=9, **fields))
    return engine.wait((wire.MemoryProbed, wire.Refused), lambda reply: reply.request == 9)


def test_before_training_both_curves_are_the_same_and_training_leaves_the_first(engine):
    run = RunSpec(model=ModelSpec(cell="gru", hidden=12))
    engine.send(wire.SetRun(run=run))
    first = ask(engine, furthest=6)
    np.testing.assert_array_equal(first.accuracy, first.untrained)
    assert first.distances.tolist() == list(range(7))
    assert (first.task, first.model, first.training_step, first.size) == ("next-char", run.model, 0, 12)
    task = make_task(run.task)
    network = initialise(run.model, task.input_size, task.output_size, run.training.seed)
    expected = probe(network, task, range(7), sequences=first.sequences)
    np.testing.assert_array_equal(first.accuracy, expected.accuracy)
    assert first.chance == expected.chance
    engine.send(wire.Train(steps=30))
    engine.wait(wire.StateChanged, lambda reply: reply.state is wire.EngineState.PAUSED)
    now = ask(engine, furthest=6)
    assert now.training_step == 30
    np.testing.assert_array_equal(now.untrained, first.accuracy)
    assert not np.array_equal(now.accuracy, now.untrained)


def test_another_text_asks_for_nothing_new(engine):
    first = ask(engine)
    engine.send(wire.Unroll(text="hello"))
    again = ask(engine)
    np.testing.assert_array_equal(again.accuracy, first.accuracy)


def test_short_sequences_end_the_curve(engine):
    engine.send(wire.SetRun(run=RunSpec(task=TaskSpec(name="parity", length=6))))
    found = ask(engine)
    assert found.distances.tolist() == list(range(6))
    assert np.isfinite(found.accuracy).all()
    assert (found.sequences, found.judged) == (sum(2**length for length in range(1, 7)), 63)


def test_numbers_have_no_tokens_to_read_out(engine):
    engine.send(wire.SetRun(run=RunSpec(task=TaskSpec(name="adding"))))
    assert "reads numbers, not tokens" in ask(engine).sentence
    engine.send(wire.SetRun(run=RunSpec()))
    assert "steps back" in ask(engine, furthest=0).sentence
