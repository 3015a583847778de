"""The chain through the real engine process: the numbers are the engine's, and nothing that is missing is an error."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.chain import trace_chain
from rnnviz.engine.gradients import gradient_flow
from rnnviz.engine.network import initialise
from rnnviz.engine.recurrent import recurrent_spectra
from rnnviz.engine.spec import ModelSpec, RunSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.trace import trace
from rnnviz.service import messages as wire

RUNS = [ModelSpec(hidden=6), ModelSpec(cell="lstm", hidden=5, layers=2), ModelSpec(cell="gru", hidden=4)]


def expected_trace(run, text):
    task = make_task(run.task)
    network = initialise(run.model, task.input_size, task.output_size, run.training.seed)
    return trace(network, task.encode(text))


@pytest.mark.parametrize("model", RUNS, ids=str)
def test_the_chain_is_that_of_the_engine(engine, model):
    run = RunSpec(model=model)
    engine.send(wire.SetRun(run=run), wire.Unroll(text="hello world"))
    engine.send(wire.TraceChain(request=5, layer="l0", loss_step=9, time_step=3))
    reply = engine.wait((wire.Chained, wire.Refused))
    traced = expected_trace(run, "hello world")
    chain = trace_chain(traced, "l0", 9, 3)
    assert (reply.request, reply.loss_step, reply.time_step, reply.size) == (5, 9, 3, chain.size)
    assert reply.steps.tolist() == [9, 8, 7, 6, 5, 4]
    for name in ("log2_gain", "log2_measured", "log2_largest", "log2_spectra", "log2_product"):
        np.testing.assert_allclose(getattr(reply, name), getattr(chain, name), atol=1e-5)
    row = gradient_flow(traced, 9).layer("l0").log2_total
    np.testing.assert_allclose(reply.log2_total, row[8:1:-1] - row[8], atol=1e-4)
    spectra = recurrent_spectra(traced.network, "l0")
    assert reply.radius == pytest.approx({name: each.radius for name, each in spectra.items()})
    assert reply.largest == pytest.approx({name: each.largest for name, each in spectra.items()})
    assert (reply.log2_carry is None) is (model.cell == "elman")
    assert np.isnan(reply.max_slope) == np.isnan(reply.mean_slope) == (model.cell != "elman")


def test_ends_that_the_text_does_not_have_are_the_defaults(engine):
    engine.send(wire.Unroll(text="hello"), wire.TraceChain(loss_step=40, time_step=30))
    reply = engine.wait((wire.Chained, wire.Refused))
    assert (reply.loss_step, reply.time_step) == (4, 1)


def test_a_layer_that_reads_from_the_end(engine):
    model = ModelSpec(hidden=4, layers=2, bidirectional=True)
    engine.send(wire.SetRun(run=RunSpec(model=model)), wire.Unroll(text="hello"))
    engine.send(wire.TraceChain(layer="l0r", loss_step=2))
    reply = engine.wait((wire.Chained, wire.Refused))
    assert reply.steps.tolist() == [2, 3, 4]
    assert reply.time_step == 5


@pytest.mark.parametrize("text", ["", "x"])
def test_a_text_without_a_loss_is_refused_in_one_sentence(engine, text):
    engine.send(wire.Unroll(text=text), wire.TraceChain(request=7))
    refused = engine.wait((wire.Chained, wire.Refused))
    assert refused.request == 7
    assert "No time step of this sequence has a loss" in refused.sentence


def test_a_big_chain_gives_way_to_another_text(engine):
    engine.send(wire.SetRun(run=RunSpec(model=ModelSpec(cell="lstm", hidden=128))), wire.Unroll(text="abc " * 100))
    engine.wait(wire.Unrolled)
    engine.send(wire.TraceChain(request=1), wire.Unroll(request=2, text="hello"), wire.TraceChain(request=3))
    assert engine.wait(wire.Unrolled).request == 2
    reply = engine.wait((wire.Chained, wire.Refused))
    assert (reply.request, reply.loss_step) == (3, 4)
