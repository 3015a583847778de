"""The film of backpropagation and its update, through the engine process."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.movie import bptt, loss_gradients
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.trace import trace
from rnnviz.service import messages as wire

RUN = RunSpec(model=ModelSpec(cell="lstm", hidden=6, layers=2))


def network_of(run):
    task = make_task(run.task)
    return task, initialise(run.model, len(task.vocabulary), len(task.output_labels), run.training.seed)


def with_torch(engine):
    """Two training steps and back: torch is loaded afterwards."""
    engine.send(wire.SetRun(request=70, run=RUN), wire.Train(steps=1))
    engine.wait(wire.TrainingFrame)
    engine.send(wire.SetRun(request=71, run=RUN))
    engine.wait(wire.RunChanged, lambda reply: reply.request == 71)


def refused(engine, *commands):
    engine.send(*commands)
    return engine.wait(wire.Refused).sentence


def test_the_numbers_are_those_of_the_engine(engine):
    task, network = network_of(RUN)
    shown = trace(network, task.encode("hello"))
    engine.send(wire.SetRun(run=RUN), wire.Unroll(text="hello"))
    cases = (
        ("l1", "sum", 0, "W_hh", "weight_hh_l1"),
        ("l0", "mean", 0, "W_xh", "weight_ih_l0"),
        ("l0", "one", 2, "W_hy", "readout.weight"),
        ("l0", "sum", 0, "b", "bias_hh_l0"),
    )
    for request, (layer, losses, step, key, name) in enumerate(cases, start=5):
        engine.send(wire.PlayBackward(request=request, layer=layer, losses=losses, loss_step=step, weight=key))
        sent, expected = engine.wait(wire.BackwardPlayed), bptt(shown, layer, losses, step)
        assert (sent.request, sent.layer, sent.losses, sent.loss_step) == (request, layer, losses, step)
        assert [edges.name for edges in sent.edges] == ["l0", "l1"]
        for edges in sent.edges:
            own = expected.layers[edges.name]
            np.testing.assert_array_equal(edges.log2_direct, own.log2_direct)
            np.testing.assert_array_equal(edges.log2_through, own.log2_through)
            np.testing.assert_array_equal(edges.log2_total, own.log2_total)
            joined = np.logaddexp2(2 * edges.log2_through_hidden, 2 * edges.log2_through_cell) / 2
            np.testing.assert_allclose(joined, edges.log2_through)
        assert (sent.weight.key, sent.weight.name) == (key, name)
        own = expected.weight(name)
        np.testing.assert_array_equal(sent.weight.log2_norms, own.log2_norms)
        np.testing.assert_array_equal(sent.weight.log2_running, own.log2_running)
        assert sent.weight.norm == pytest.approx(np.linalg.norm(own.total))
        assert sent.weight.difference < 1e-6
        assert sent.update is None


def test_the_sum_is_compared_with_torchs_own_gradient_once_torch_is_there(engine):
    with_torch(engine)
    engine.send(wire.Unroll(text="hello"), wire.PlayBackward(request=9))
    sent = engine.wait(wire.BackwardPlayed)
    assert (sent.reference, sent.reference_note) == ("nn.LSTM", "")
    assert 0 <= sent.weight.difference < 1e-5
    assert sent.weight.reference_norm == pytest.approx(sent.weight.norm, rel=1e-5)
    # A text that is too long for that is compared with a matrix product, and says why.
    engine.send(wire.Unroll(text="ab" * 600), wire.PlayBackward(request=10))
    sent = engine.wait(wire.BackwardPlayed)
    assert sent.reference == "one matrix product"
    assert "too long" in sent.reference_note


def test_before_torch_is_loaded_the_comparison_says_so(own_engine):
    own_engine.send(wire.Unroll(text="hello"), wire.PlayBackward(request=1))
    sent = own_engine.wait(wire.BackwardPlayed)
    assert sent.reference == "one matrix product"
    assert sent.reference_note == "PyTorch is still loading."


@pytest.mark.parametrize("losses", ["sum", "mean"])
def test_the_update_is_one_plain_step_and_can_be_undone_exactly(engine, losses):
    with_torch(engine)
    task, network = network_of(RUN)
    shown = trace(network, task.encode("hello"))
    gradients = loss_gradients(shown, losses)
    stepped = {name: array - np.float32(0.1) * gradients[name] for name, array in network.weights.items()}
    expected = trace(Network(network.spec, network.input_size, network.output_size, stepped), task.encode("hello"))
    engine.send(wire.Unroll(text="hello"), wire.ApplyUpdate(request=3, learning_rate=0.1, losses=losses))
    done = engine.wait(wire.WeightsUpdated)
    assert (done.request, done.undone, done.training_step) == (3, False, 0)
    engine.send(wire.Unroll(request=4, text="hello"), wire.PlayBackward(request=5, losses=losses))
    new = engine.wait(wire.Unrolled)
    np.testing.assert_array_equal(new.loss, expected.loss)
    report = engine.wait(wire.BackwardPlayed).update
    assert (report.learning_rate, report.losses) == (0.1, losses)
    np.testing.assert_array_equal(report.loss_before, shown.loss)
    np.testing.assert_array_equal(report.loss_after, expected.loss)
    assert np.nansum(report.loss_after) < np.nansum(report.loss_before)
    engine.send(wire.UndoUpdate(request=6), wire.Unroll(request=7, text="hello"), wire.PlayBackward(request=8))
    assert engine.wait(wire.WeightsUpdated).undone
    np.testing.assert_array_equal(engine.wait(wire.Unrolled).layers[0].hidden, shown.layers[0].hidden)
    assert engine.wait(wire.BackwardPlayed).update is None
    assert "cannot be taken back" in refused(engine, wire.UndoUpdate())


def test_training_goes_on_from_the_updated_weights_and_ends_the_undo(engine):
    with_torch(engine)
    engine.send(wire.Unroll(text="hello"), wire.ApplyUpdate(learning_rate=0.05), wire.Unroll(request=4, text="hello"))
    before = engine.wait(wire.Unrolled, lambda reply: reply.request == 4)
    engine.send(wire.Train(steps=1))
    frame = engine.wait(wire.TrainingFrame, lambda reply: len(reply.steps))
    assert frame.steps.tolist() == [1]
    assert not np.array_equal(frame.unrolled.layers[0].hidden, before.layers[0].hidden)
    engine.send(wire.Acknowledge(frame=frame.frame))
    engine.wait(wire.StateChanged, lambda reply: reply.state is not wire.EngineState.TRAINING)
    engine.send(wire.PlayBackward(request=5))
    assert engine.wait(wire.BackwardPlayed).update is None
    assert "cannot be taken back" in refused(engine, wire.UndoUpdate())


def test_what_cannot_be_done_is_refused_in_words(engine):
    engine.send(wire.SetRun(run=RUN), wire.Unroll(text=""))
    assert "No time step of this text has a loss" in refused(engine, wire.PlayBackward())
    assert "No time step of this text has a loss" in refused(engine, wire.ApplyUpdate(learning_rate=0.1))
    engine.send(wire.Unroll(text="hello"))
    assert "learning rate is 0" in refused(engine, wire.ApplyUpdate(learning_rate=0.0))
    assert "has no loss" in refused(engine, wire.ApplyUpdate(learning_rate=0.1, losses="one", loss_step=5))
    engine.send(wire.PlayBackward(losses="one", loss_step=5))  # asked by a view whose text has just become shorter
    assert engine.wait(wire.BackwardPlayed).loss_step == 4
    assert "choose one of W_hh" in refused(engine, wire.PlayBackward(weight="U"))
    assert "taken back" in refused(engine, wire.UndoUpdate())


def test_a_layer_the_network_has_not_becomes_the_lowest(engine):
    engine.send(wire.SetRun(run=RUN), wire.Unroll(text="hello"), wire.PlayBackward(layer="l1"))
    assert engine.wait(wire.BackwardPlayed).layer == "l1"
    engine.send(wire.SetRun(run=RunSpec(model=ModelSpec(hidden=4))), wire.PlayBackward(layer="l1"))
    assert engine.wait(wire.BackwardPlayed).layer == "l0"


def test_a_task_with_one_answer_has_one_loss(engine):
    engine.send(wire.SetRun(run=RunSpec(task=TaskSpec(name="parity"))), wire.Unroll(text="1001"), wire.PlayBackward())
    sent = engine.wait(wire.BackwardPlayed)
    assert sent.loss_count == 1
    assert np.isfinite(sent.edges[0].log2_direct).tolist() == [False, False, False, True]
    assert np.isfinite(sent.edges[0].log2_through).tolist() == [True, True, True, False]
