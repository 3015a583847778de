"""The engine process as the window sees it: commands in, replies out."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap

import numpy as np
import psutil
import pytest

from rnnviz.engine.checkpoint import from_bytes
from rnnviz.engine.credit import credit_map
from rnnviz.engine.gradients import gradient_flow
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.trace import trace
from rnnviz.service import messages as wire
from tests.service.engine_pipe import ROOT, seconds_to_end

LSTM = RunSpec(model=ModelSpec(cell="lstm", hidden=6, layers=2))


def expected_trace(run, text):
    task = make_task(run.task)
    network = initialise(run.model, task.input_size, task.output_size, run.training.seed)
    return task, trace(network, task.encode(text))


def train(engine, steps):
    engine.send(wire.Train(steps=steps))
    engine.wait(wire.StateChanged, lambda reply: reply.state is wire.EngineState.TRAINING)
    points = []
    while True:
        reply = engine.wait((wire.TrainingFrame, wire.StateChanged))
        if isinstance(reply, wire.StateChanged):
            return points
        points += reply.steps.tolist()
        engine.send(wire.Acknowledge(frame=reply.frame))


def test_the_pictures_are_those_of_the_engine(engine):
    engine.send(wire.SetRun(request=1, run=LSTM), wire.Unroll(request=2, text="hello"))
    changed = engine.wait(wire.RunChanged)
    task, expected = expected_trace(LSTM, "hello")
    assert changed.parameters["weight_hh_l1"] == [24, 6]
    assert changed.parameter_count == expected.network.parameter_count
    unrolled = engine.wait(wire.Unrolled)
    assert unrolled.request == 2
    assert unrolled.tokens == list("hello")
    for sent, layer in zip(unrolled.layers, expected.layers, strict=True):
        np.testing.assert_array_equal(sent.hidden, layer.hidden)
        np.testing.assert_array_equal(sent.cell, layer.cell)
        assert list(sent.gates) == list(layer.gates)
    np.testing.assert_array_equal(unrolled.loss, expected.loss)
    best = expected.probabilities.argmax(axis=1)
    assert [labels[0] for labels in unrolled.top_labels] == [task.output_labels[index] for index in best]
    np.testing.assert_allclose(-np.log(unrolled.target_probabilities[:-1]), expected.loss[:-1], rtol=1e-5)
    assert unrolled.thumbnails["W_hh"].shape == (24, 6)


def test_gradients_detail_and_credit(engine):
    engine.send(
        wire.SetRun(run=LSTM),
        wire.Unroll(text="hello"),
        wire.Differentiate(request=3, threshold=0.1),
        wire.Inspect(request=4, time_step=2),
        wire.MapCredit(request=5, layer="l1", part="c"),
        wire.MapHistory(request=6),
    )
    _, expected = expected_trace(LSTM, "hello")
    flow = gradient_flow(expected, threshold=0.1)
    sent = engine.wait(wire.Differentiated)
    assert (sent.request, sent.loss_step) == (3, 4)
    np.testing.assert_array_equal(sent.layers[0].log2_total, flow.layers[0].log2_total)
    assert sent.layers[0].horizons["joint"] == flow.horizon
    assert set(sent.layers[0].horizons) == {"joint", "h", "c"}
    detail = engine.wait(wire.Inspected)
    assert (detail.request, detail.token, detail.target_label) == (4, "e", "l")
    assert [entry.key for entry in detail.layers["l0"]] == ["f", "i", "o", "g", "c", "tanh_c", "h"]
    np.testing.assert_array_equal(detail.layers["l1"][-1].values, expected.layers[1].hidden[1])
    mapped = engine.wait(wire.CreditMapped)
    assert (mapped.request, mapped.complete) == (5, True)
    np.testing.assert_allclose(mapped.log2, credit_map(expected, "l1", "c").log2, rtol=1e-6)
    history = engine.wait(wire.HistoryMapped)
    np.testing.assert_allclose(history.log2, flow.layers[0].log2_total[None], rtol=1e-6)


@pytest.mark.fault(1)
@pytest.mark.parametrize("text", ["", "   ", "x"])
def test_a_text_without_a_loss_is_no_fault(engine, text):
    engine.send(
        wire.Unroll(request=1, text=text),
        wire.Differentiate(request=2),
        wire.Inspect(request=3, time_step=4),
        wire.MapCredit(request=4),
        wire.MapHistory(request=5),
    )
    assert len(engine.wait(wire.Unrolled).tokens) == len(text.strip())
    assert engine.wait(wire.Differentiated).loss_step == 0
    assert engine.wait(wire.HistoryMapped).log2.shape == (1, len(text.strip()))
    assert not [reply for reply in engine.passed if isinstance(reply, wire.Refused)]


def test_a_long_map_comes_coarse_first_and_does_not_hold_up_typing(engine):
    engine.send(wire.SetRun(run=RunSpec(model=ModelSpec(cell="lstm", hidden=32))), wire.Unroll(text="abc " * 200))
    engine.wait(wire.Unrolled)
    engine.send(wire.MapCredit(request=1))
    coarse = engine.wait(wire.CreditMapped)
    assert not coarse.complete
    assert coarse.rows[-1] == 800
    engine.send(wire.Unroll(request=2, text="hello"))
    assert engine.wait(wire.Unrolled).request == 2
    engine.send(wire.MapCredit(request=3))
    # The map of the longer text ended with that text: the next complete map is that of the new one.
    assert engine.wait(wire.CreditMapped, lambda reply: reply.complete).request == 3


def test_every_request_is_answered_even_when_its_work_is_dropped(engine):
    engine.send(wire.SetRun(run=RunSpec(model=ModelSpec(cell="lstm", hidden=32))), wire.Unroll(text="abc " * 200))
    engine.wait(wire.Unrolled)
    engine.send(wire.MapCredit(request=1), wire.MapHistory(request=2), wire.SetRun(request=3, run=RunSpec()))
    engine.wait(wire.RunChanged, lambda reply: reply.request == 3)
    answered = {reply.request for reply in engine.passed}
    assert {1, 2} <= answered


def test_training_sends_every_point_once_and_frames_only_when_asked(engine):
    engine.send(wire.Unroll(text="hello"), wire.Subscribe(topics=["gradients", "detail", "credit"]))
    engine.send(wire.Inspect(time_step=2), wire.Train())
    first = engine.wait(wire.TrainingFrame)
    assert first.unrolled.training_step == first.differentiated.training_step == first.inspected.training_step
    assert first.credit.complete
    # Not acknowledged: training goes on (restore points show it), pictures do not come.
    late = engine.wait(wire.Autosave, lambda reply: reply.training_step >= first.steps[-1] + 20)
    assert not [reply for reply in engine.passed if isinstance(reply, wire.TrainingFrame)]
    engine.send(wire.Acknowledge(frame=first.frame), wire.Pause())
    points = list(first.steps)
    while True:
        reply = engine.wait((wire.TrainingFrame, wire.StateChanged))
        if isinstance(reply, wire.StateChanged):
            break
        points += list(reply.steps)
    assert points == list(range(1, reply.training_step + 1))
    assert len(points) >= late.training_step


def test_pause_continue_undo_reset_and_snapshots(engine):
    engine.send(wire.Unroll(text="hello"))
    assert train(engine, 30) == list(range(1, 31))
    engine.send(wire.Undo(steps=10))
    history = engine.wait(wire.LossHistory)
    assert history.steps.tolist() == list(range(1, 21))
    assert train(engine, 1) == [21]
    engine.send(wire.ViewTrainingStep(step=0), wire.Unroll(request=7, text="hello"))
    seen = engine.wait(wire.Unrolled, lambda reply: reply.request == 7)
    assert (seen.viewing_snapshot, seen.training_step) == (True, 0)
    _, untrained = expected_trace(RunSpec(), "hello")
    np.testing.assert_array_equal(seen.layers[0].hidden, untrained.layers[0].hidden)
    engine.send(wire.MapHistory(request=8))
    assert engine.wait(wire.HistoryMapped).steps.tolist() == list(range(22))
    engine.send(wire.Reset(request=9))
    assert engine.wait(wire.RunChanged).training_step == 0


def test_live_changes_keep_the_weights(engine):
    engine.send(wire.Unroll(text="hello"))
    train(engine, 3)
    engine.send(wire.SetTraining(request=1, training=TrainingSpec(learning_rate=0.5, optimiser="sgd", batch_size=4)))
    changed = engine.wait(wire.RunChanged)
    assert (changed.fresh, changed.training_step, changed.run.training.learning_rate) == (False, 3, 0.5)
    assert train(engine, 2) == [4, 5]


@pytest.mark.fault(21)
def test_a_restore_point_continues_bit_for_bit(engine):
    engine.send(wire.Unroll(text="hello"))
    train(engine, 5)
    saved = engine.wait(wire.Autosave)
    assert saved.training_step == 5
    train(engine, 5)
    once = from_bytes(engine.wait(wire.Autosave).document)
    engine.send(wire.Restore(request=1, document=saved.document))
    assert engine.wait(wire.RunChanged).training_step == 5
    assert engine.wait(wire.LossHistory).steps.tolist() == [1, 2, 3, 4, 5]
    engine.wait(wire.Autosave)
    train(engine, 5)
    again = from_bytes(engine.wait(wire.Autosave).document)
    for name, array in once.weights.items():
        np.testing.assert_array_equal(again.weights[name], array)


@pytest.mark.fault(5)
def test_a_loss_that_is_not_finite_pauses_and_keeps_the_last_weights(engine):
    run = RunSpec(
        model=ModelSpec(activation="relu", hidden=32),
        training=TrainingSpec(optimiser="sgd", learning_rate=10.0, clip=0.0),
    )
    engine.send(wire.SetRun(run=run), wire.Unroll(text="hello"), wire.Train())
    while True:
        reply = engine.wait((wire.TrainingFrame, wire.NotFinite))
        if isinstance(reply, wire.NotFinite):
            break
        engine.send(wire.Acknowledge(frame=reply.frame))
    assert reply.tensor
    assert f"step {reply.training_step}" in reply.sentence
    document = from_bytes(engine.wait(wire.Autosave).document)
    assert all(np.isfinite(array).all() for array in document.weights.values())
    assert document.trainer_state.step == reply.training_step - 1


def test_save_and_open(engine, tmp_path):
    path = tmp_path / "run.rnnviz"
    engine.send(wire.SetRun(run=LSTM), wire.Unroll(text="hello"))
    train(engine, 3)
    engine.send(wire.Save(request=1, path=str(path), view={"zoom": "inside"}))
    assert engine.wait(wire.Saved).size == path.stat().st_size
    engine.send(wire.SetRun(run=RunSpec()), wire.Unroll(text="other"))
    engine.wait(wire.Unrolled)
    engine.send(wire.Open(request=2, path=str(path)))
    changed = engine.wait(wire.RunChanged)
    assert (changed.run, changed.training_step) == (LSTM, 3)
    opened = engine.wait(wire.Opened)
    assert (opened.request, opened.text, opened.view) == (2, "hello", {"zoom": "inside"})
    assert train(engine, 1) == [4]


@pytest.mark.fault(10)
def test_a_bad_file_keeps_the_present_network(engine, tmp_path):
    engine.send(wire.SetRun(run=LSTM), wire.Unroll(request=1, text="hello"))
    before = engine.wait(wire.Unrolled)
    path = tmp_path / "bad.rnnviz"
    path.write_bytes(b"cos\nsystem\n(S'touch pwned'\ntR.")
    engine.send(wire.Open(request=2, path=str(path)), wire.Unroll(request=3, text="hello"))
    refused = engine.wait(wire.Refused)
    assert (refused.request, refused.command) == (2, "Open")
    assert path.read_bytes().startswith(b"cos")
    np.testing.assert_array_equal(engine.wait(wire.Unrolled).layers[0].hidden, before.layers[0].hidden)


@pytest.mark.fault(11)
def test_a_save_that_fails_leaves_the_old_file(engine, tmp_path):
    engine.send(wire.Save(request=1, path=str(tmp_path / "no folder" / "a.rnnviz")))
    refused = engine.wait(wire.Refused)
    assert "no folder" in refused.sentence
    assert "choose another place" in refused.sentence


def test_a_corpus_is_learned_and_a_file_that_is_no_text_is_not(engine, tmp_path):
    good, bad = tmp_path / "good.txt", tmp_path / "bad.txt"
    good.write_text("abcabcabc" * 30, encoding="utf-8")
    bad.write_bytes(b"\x89PNG\x00\x00\x00abc")
    engine.send(wire.OpenCorpus(request=1, path=str(good)))
    changed = engine.wait(wire.RunChanged)
    assert changed.task.input_tokens == ["<unk>", "a", "b", "c"]
    assert changed.run.task.source == "good.txt"
    engine.send(wire.OpenCorpus(request=2, path=str(bad)))
    assert "no text" in engine.wait(wire.Refused).sentence
    engine.send(wire.OpenCorpus(request=3, path=str(tmp_path / "gone.txt")))
    assert "gone.txt" in engine.wait(wire.Refused).sentence


def test_a_run_that_is_refused_is_taken_back(engine):
    engine.send(wire.SetRun(request=1, run=RunSpec(task=TaskSpec(name="juggling"))))
    assert engine.wait(wire.RunChanged).run == RunSpec()
    assert "juggling" in engine.wait(wire.Refused).sentence


def test_devices_are_measured(engine):
    engine.send(wire.MeasureDevices(request=3))
    devices = engine.wait(wire.Devices)
    assert devices.best in [device.name for device in devices.devices]
    assert devices.devices[0].steps_per_second > 0
    assert "training steps/s" in devices.sentence


@pytest.mark.fault(20)
def test_garbage_ends_the_engine_with_a_sentence(own_engine):
    own_engine.write(b"GET / HTTP/1.1\r\n\r\n")
    assert own_engine.process.wait(20) == 2
    assert b"broken" in own_engine.process.stderr.read()


@pytest.mark.fault(20)
def test_half_a_frame_and_the_end_of_the_pipe_end_the_engine(own_engine):
    own_engine.write(b"RNV1\xff\x00")
    own_engine.process.stdin.close()
    assert seconds_to_end(own_engine.process) < 2
    assert own_engine.process.returncode == 0


@pytest.mark.fault(9)
def test_the_engine_ends_while_it_trains(own_engine):
    own_engine.send(wire.SetRun(run=RunSpec(model=ModelSpec(hidden=128))), wire.Unroll(text="hello"), wire.Train())
    own_engine.wait(wire.TrainingFrame)
    own_engine.process.stdin.close()
    assert seconds_to_end(own_engine.process) < 2
    assert own_engine.process.returncode == 0


def test_what_is_printed_does_not_reach_the_frames(tmp_path):
    (tmp_path / "sitecustomize.py").write_text("")
    program = textwrap.dedent("""
        import os, sys
        from rnnviz.service.__main__ import take_stdout
        frames = take_stdout()
        print("words", flush=True)
        os.system("echo from a child")
        os.write(frames, b"frames")
    """)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, cwd=ROOT)
    assert done.stdout == b"frames"
    assert done.stderr.splitlines() == [b"words", b"from a child"]


@pytest.mark.fault(9)
@pytest.mark.skipif(os.name == "nt", reason="kill -9")
def test_a_killed_parent_leaves_no_orphan():
    program = textwrap.dedent("""
        import sys
        from tests.service.engine_pipe import EnginePipe
        from rnnviz.service import messages as wire
        engine = EnginePipe()
        engine.send(wire.Unroll(text="hello"), wire.Train())
        engine.wait(wire.TrainingFrame)
        print(engine.process.pid, flush=True)
        sys.stdin.read()
    """)
    parent = subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    with parent:
        child = psutil.Process(int(parent.stdout.readline()))
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        psutil.wait_procs([child], timeout=20)
        assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE


def test_the_first_pictures_need_no_torch(own_engine):
    own_engine.send(wire.Unroll(text="hello"), wire.Differentiate(), wire.Inspect(time_step=1), wire.MapCredit())
    own_engine.wait(wire.CreditMapped)
    assert not [reply for reply in own_engine.passed if isinstance(reply, wire.TorchReady)]
    assert own_engine.wait(wire.TorchReady).devices[0].name == "cpu"


def test_a_table_is_learned_by_the_task_that_takes_it(engine, tmp_path):
    table = tmp_path / "own.csv"
    table.write_text("sentence,label\nA fine place,good\nA sad place,bad\nSoup,good\n", encoding="utf-8")
    engine.send(wire.OpenCorpus(request=1, path=str(table)))
    changed = engine.wait(wire.RunChanged)
    assert (changed.run.task.name, changed.run.task.source) == ("sentiment", "own.csv")
    assert changed.task.output_labels == ["bad", "good"]
    assert changed.run.model.cell == "lstm"
    engine.send(wire.OpenCorpus(request=2, path=str(tmp_path / "gone.tsv")))
    assert "gone.tsv" in engine.wait(wire.Refused).sentence
