"""The network on show on longer sequences than it was trained on, through the engine process."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec
from rnnviz.service import messages as wire


def ask(engine, **fields):
    engine.send(wire.MeasureLengths(request=9, **fields))
    return engine.wait((wire.LengthsMeasured, wire.Refused), lambda reply: reply.request == 9)


@pytest.mark.parametrize(
    ("task", "trained_to", "lengths"),
    [
        (TaskSpec(name="parity", length=5), 5, range(1, 21)),
        (TaskSpec(name="a-n-b-n", length=8), 8, range(2, 33, 2)),
        (TaskSpec(name="copy", length=25), 25, (25, 50, 75, 100)),
        (TaskSpec(name="flip-flop", length=16), 16, (16, 32, 48, 64)),
    ],
    ids=["parity", "a-n-b-n", "copy", "flip-flop"],
)
def test_lengths_up_to_four_times_those_of_training(engine, task, trained_to, lengths):
    run = RunSpec(model=ModelSpec(cell="gru", hidden=6), task=task)
    engine.send(wire.SetRun(run=run))
    found = ask(engine, sequences=400)
    assert (found.trained_to, found.task, found.model, found.training_step) == (trained_to, task.name, run.model, 0)
    assert found.lengths.tolist() == list(lengths)
    assert 400 <= found.counts.sum() < 460
    assert ((found.accuracy >= 0) & (found.accuracy <= 1)).all()
    assert found.chance.shape == found.lengths.shape
    assert (found.chance[1:] == 0.5).all() if task.name == "parity" else found.chance[-1] < 0.01


def test_an_untrained_network_guesses_parity(engine):
    engine.send(wire.SetRun(run=RunSpec(task=TaskSpec(name="parity"))))
    found = ask(engine)
    assert abs((found.accuracy * found.counts).sum() / found.counts.sum() - 0.5) < 0.1
    engine.send(wire.Unroll(text="1011"))
    np.testing.assert_array_equal(ask(engine).accuracy, found.accuracy)


@pytest.mark.parametrize(
    ("task", "word"),
    [("next-char", "given text"), ("sentiment", "given text"), ("year", "do not get longer than 20")],
)
def test_other_tasks_say_why_not(engine, task, word):
    engine.send(wire.SetRun(run=RunSpec(task=TaskSpec(name=task))))
    sentence = ask(engine).sentence
    assert word in sentence
    assert "Choose parity" in sentence
    assert "The number of sequences" in ask(engine, sequences=0).sentence


def test_too_long_is_said(engine):
    engine.send(wire.SetRun(run=RunSpec(task=TaskSpec(name="parity", length=2000))))
    assert "Four times 2000 steps are 8000; a task takes at most 5000." in ask(engine).sentence
