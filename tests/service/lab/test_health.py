"""Health, the cut and the horizons through the real engine process: the numbers are the engine's."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.gradients import gradient_flow, memory_horizon
from rnnviz.engine.health import health
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.trace import trace
from rnnviz.service import messages as wire

TEXT = "hello world"
EXPLODING = TrainingSpec(optimiser="sgd", learning_rate=10.0, clip=0.0)


def expected_trace(run, text=TEXT):
    task = make_task(run.task)
    network = initialise(run.model, task.input_size, task.output_size, run.training.seed)
    return trace(network, task.encode(text))


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_the_answer_is_the_engines(engine, cell):
    run = RunSpec(model=ModelSpec(cell=cell, hidden=6, layers=2))
    engine.send(wire.SetRun(run=run), wire.Unroll(text=TEXT), wire.CheckHealth(request=7))
    reply = engine.wait(wire.HealthChecked)
    assert (reply.request, reply.steps, reply.first_bad) == (7, 11, None)
    assert (reply.gate_low, reply.gate_high, reply.state_limit) == (0.1, 0.9, 0.95)
    for told, true in zip(reply.layers, health(expected_trace(run)), strict=True):
        assert told.name == true.name
        assert told.dead.tolist() == true.dead.tolist()
        for gate, own in zip(told.gates, true.gates, strict=True):
            assert (gate.name, gate.kind) == (own.name, own.kind)
            assert np.array_equal(gate.low, own.low)
            assert np.array_equal(gate.high, own.high)


@pytest.mark.fault(5)
def test_what_stopped_the_training_is_kept_with_its_place_until_training_goes_on(engine):
    run = RunSpec(model=ModelSpec(activation="identity"), training=EXPLODING)
    engine.send(wire.SetRun(run=run), wire.Unroll(text=TEXT), wire.Train(steps=400))
    stopped = engine.wait(wire.NotFinite)
    engine.send(wire.CheckHealth())
    bad = engine.wait(wire.HealthChecked).first_bad
    assert bad.training_step == stopped.training_step
    assert (bad.tensor, bad.layer, bad.time_step, bad.unit) == (
        stopped.tensor, stopped.layer, stopped.time_step, stopped.unit,
    )  # fmt: skip
    assert bad.layer == "l0"
    assert 1 <= bad.time_step <= 32
    assert f"time step {bad.time_step}" in stopped.sentence
    engine.send(wire.SetTraining(training=TrainingSpec(clip=1.0, learning_rate=1e-6)), wire.Undo(steps=400))
    engine.send(wire.CheckHealth())
    assert engine.wait(wire.HealthChecked).first_bad is None


def test_a_cut_ends_gradient_credit_and_horizons_without_a_new_network(engine):
    engine.send(wire.Unroll(text=TEXT), wire.Differentiate(loss_step=10), wire.MapCredit())
    whole, credit = engine.wait(wire.Differentiated), engine.wait(wire.CreditMapped)
    training = TrainingSpec(truncate_every=2, truncate_length=4)
    engine.send(wire.SetTraining(training=training), wire.Unroll(text=TEXT))
    engine.send(wire.Differentiate(loss_step=10), wire.MapCredit(), wire.MapHistory())
    cut, cut_credit, history = (engine.wait(k) for k in (wire.Differentiated, wire.CreditMapped, wire.HistoryMapped))
    row, before = cut.layers[0].log2_total, whole.layers[0].log2_total
    assert np.isneginf(row[:6]).all()
    assert np.array_equal(row[6:10], before[6:10])
    assert cut.layers[0].horizons["joint"] == min(3, whole.layers[0].horizons["joint"])
    assert np.array_equal(cut_credit.log2[9, 6:10], credit.log2[9, 6:10])
    assert np.isneginf(cut_credit.log2[8, :6]).all()  # step 9 is swept after step 10 too
    assert np.isfinite(cut_credit.log2[7, 4:8]).all()
    assert np.isneginf(cut_credit.log2[7, :4]).all()
    assert history.horizons.tolist() == [cut.layers[0].horizons["joint"]]
    engine.send(wire.SetTraining(training=TrainingSpec()), wire.Unroll(text=TEXT), wire.Differentiate(loss_step=10))
    assert np.array_equal(engine.wait(wire.Differentiated).layers[0].log2_total, before)


def test_a_network_of_two_directions_refuses_to_train_with_a_cut(engine):
    run = RunSpec(model=ModelSpec(bidirectional=True), training=TrainingSpec(truncate_length=3))
    engine.send(wire.SetRun(run=run), wire.Train(steps=1))
    assert "bidirectional" in engine.wait(wire.Refused).sentence


@pytest.mark.parametrize("threshold", [0.01, 0.3])
def test_history_gives_the_horizon_of_every_saved_training_step(engine, threshold):
    engine.send(wire.Unroll(text=TEXT), wire.Train(steps=6))
    engine.wait(wire.StateChanged, lambda reply: reply.training_step == 6)
    engine.send(wire.Differentiate(threshold=threshold), wire.MapHistory())
    reply = engine.wait(wire.HistoryMapped)
    assert reply.steps.tolist() == list(range(7))
    assert (reply.threshold, reply.loss_step) == (threshold, 10)
    for row, horizon in zip(reply.log2, reply.horizons, strict=True):
        assert horizon == memory_horizon(row.astype(np.float64), 10, threshold)
    first = gradient_flow(expected_trace(RunSpec()), threshold=threshold)
    assert reply.horizons[0] == first.horizon


def test_a_text_without_a_loss_has_no_horizon(engine):
    engine.send(wire.SetRun(run=RunSpec(task=TaskSpec(name="parity"))), wire.Unroll(text="01x"), wire.MapHistory())
    reply = engine.wait(wire.HistoryMapped)
    assert (reply.loss_step, reply.horizons.tolist()) == (0, [0])


def test_frames_tell_the_clipping_norm_of_every_step(engine):
    engine.send(wire.SetTraining(training=TrainingSpec(clip=0.05)), wire.Unroll(text=TEXT), wire.Train(steps=4))
    frames = []
    while sum(len(frame.steps) for frame in frames) < 4:
        frames.append(engine.wait(wire.TrainingFrame))
        engine.send(wire.Acknowledge(frame=frames[-1].frame))
    clips = np.concatenate([frame.clips for frame in frames])
    norms = np.concatenate([frame.gradient_norms for frame in frames])
    assert clips.tolist() == [0.05] * 4
    assert sum(frame.clipped for frame in frames) == int((norms > 0.05).sum()) == 4
