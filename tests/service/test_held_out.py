"""The held-out score beside the training one: of the live weights, the same sequences each time, none where none is."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.checkpoint import from_bytes
from rnnviz.engine.spec import RunSpec, TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.trace import trace
from rnnviz.service import messages as wire
from rnnviz.service.held_out import SEED, SEQUENCES, SLICES


def parity_by_hand(network, task):
    """How many of the same bit strings this network answers right, one string after the other."""
    rng, right, total = np.random.default_rng(SEED), 0, 0
    for _ in range(SLICES):
        batch = task.batch(rng, SEQUENCES)
        for row in range(len(batch)):
            text = "".join(task.vocabulary.tokens[index] for index in batch.ids[row, : batch.row_length(row)])
            guess = int(trace(network, task.encode(text)).probabilities[-1].argmax())
            right += guess == text.count("1") % 2
            total += 1
    return right / total


def test_the_score_is_that_of_the_weights_at_the_pause(engine):
    engine.send(wire.SetRun(request=1, run=RunSpec(task=TaskSpec(name="parity"))))
    engine.wait(wire.RunChanged, lambda reply: reply.request == 1)
    engine.send(wire.Train(steps=30))
    saved = engine.wait(wire.Autosave, lambda reply: reply.training_step == 30)
    found = engine.wait(wire.HeldOut, lambda reply: reply.training_step == 30)
    document = from_bytes(saved.document)
    assert found.score == pytest.approx(parity_by_hand(document.network(), make_task(document.run.task)))


def test_it_comes_while_training_runs(engine):
    engine.send(wire.Train())
    first = engine.wait(wire.HeldOut)
    assert first.training_step > 0
    second = engine.wait(wire.HeldOut, lambda reply: reply.training_step > first.training_step)
    assert second.score < first.score  # nats of the next character: the first steps always help
    engine.send(wire.Pause())


def test_a_short_text_of_ones_own_holds_nothing_out(engine):
    engine.send(wire.SetRun(request=1, run=RunSpec(task=TaskSpec(text="abcabcabc"))), wire.Train(steps=3))
    engine.wait(wire.TrainingFrame, lambda reply: len(reply.steps) and reply.steps[-1] == 3)
    engine.send(wire.Unroll(request=2, text="abc"), wire.Train(steps=2))
    engine.wait(wire.TrainingFrame, lambda reply: len(reply.steps) and reply.steps[-1] == 5)
    assert not [reply for reply in engine.passed if isinstance(reply, wire.HeldOut)]
