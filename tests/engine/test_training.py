"""Training: it learns, repeats, resumes bit for bit, measures truly, and fails with a sentence."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import msgspec
import numpy as np
import pytest
import torch

from rnnviz.engine.checkpoint import Document, from_bytes, to_bytes
from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks import Task, make_task
from rnnviz.engine.training import Trainer, TrainingReport, train


def make(model: ModelSpec, task_name: str = "next-char", **training: object) -> tuple[Network, Task, TrainingSpec]:
    task = make_task(TaskSpec(name=task_name, length=0 if task_name == "generate" else 9))
    spec = msgspec.convert({"batch_size": 5, **training}, TrainingSpec)
    return initialise(model, task.input_size, task.output_size, spec.seed), task, spec


def same(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> bool:
    return first.keys() == second.keys() and all(
        np.array_equal(first[name], second[name], equal_nan=True) for name in first
    )


def weights_of(trainer: Trainer) -> dict[str, np.ndarray]:
    return dict(trainer.network().weights)


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_training_goes_below_the_blind_guess(cell: str) -> None:
    network, task, spec = make(ModelSpec(cell=cell, hidden=16), batch_size=16, learning_rate=0.02)
    losses = [report.loss for report in islice(train(network, task, spec), 150)]
    assert losses[0] == pytest.approx(task.baseline, abs=0.35)
    assert np.mean(losses[-10:]) < 0.6 * task.baseline


def test_parity_is_learned_and_accuracy_is_measured() -> None:
    task = make_task(TaskSpec(name="parity", length=5))
    network = initialise(ModelSpec(cell="gru", hidden=12), task.input_size, task.output_size, 1)
    reports = list(islice(train(network, task, TrainingSpec(learning_rate=0.02)), 250))
    assert reports[0].loss == pytest.approx(task.baseline, abs=0.2)
    accuracies = [report.accuracy for report in reports[-10:]]
    assert all(accuracy is not None and accuracy > 0.98 for accuracy in accuracies)


def test_next_char_reports_no_accuracy() -> None:
    network, task, spec = make(ModelSpec())
    assert next(train(network, task, spec)).accuracy is None


def test_the_same_seed_gives_the_same_run() -> None:
    runs = []
    for seed in (3, 3, 4):
        network, task, spec = make(ModelSpec(cell="gru"), seed=seed)
        runs.append([report.loss for report in islice(train(network, task, spec), 5)])
    assert runs[0] == runs[1] != runs[2]


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_a_saved_run_continues_bit_for_bit(cell: str, optimiser: str) -> None:
    network, task, spec = make(ModelSpec(cell=cell, layers=2, embedding=3), optimiser=optimiser)
    whole = Trainer(network, task, spec)
    for _ in range(7):
        whole.step()
    run = RunSpec(model=network.spec, task=task.spec, training=spec)
    saved = from_bytes(to_bytes(Document(run, "hello", weights_of(whole), whole.state())))
    resumed = Trainer(saved.network(), make_task(saved.run.task), saved.run.training, saved.trainer_state)
    assert resumed.steps_done == 7
    assert same(resumed.history.arrays(), whole.history.arrays())
    for _ in range(7):
        first, second = whole.step(), resumed.step()
        assert (first.step, first.loss, first.gradient_norm) == (second.step, second.loss, second.gradient_norm)
    assert same(weights_of(whole), weights_of(resumed))
    assert same(dict(whole.state().optimiser_arrays), dict(resumed.state().optimiser_arrays))


@pytest.mark.fault(21)
def test_a_state_is_a_copy_and_not_a_live_tensor() -> None:
    network, task, spec = make(ModelSpec())
    trainer = Trainer(network, task, spec)
    trainer.step()
    state, seen = trainer.state(), trainer.network()
    frozen = {name: array.copy() for name, array in state.weights.items()}
    moments = {name: array.copy() for name, array in state.optimiser_arrays.items()}
    trainer.step()
    assert same(dict(state.weights), frozen)
    assert same(dict(seen.weights), frozen)
    assert same(dict(state.optimiser_arrays), moments)
    assert not same(weights_of(trainer), frozen)
    assert not same(dict(network.weights), frozen)


def test_undo_returns_exactly_and_training_repeats_itself() -> None:
    network, task, spec = make(ModelSpec(cell="lstm"))
    trainer = Trainer(network, task, spec)
    reports: list[TrainingReport] = [trainer.step() for _ in range(30)]
    assert trainer.undo(20) == trainer.steps_done == 10
    assert trainer.history.arrays()["step"].tolist() == list(range(1, 11))
    assert [trainer.step().loss for _ in range(20)] == [report.loss for report in reports[10:]]


def test_undo_before_any_step_is_refused() -> None:
    with pytest.raises(SpecError, match="train first"):
        Trainer(*make(ModelSpec())).undo(5)


def test_rate_batch_and_clipping_change_while_training() -> None:
    network, task, spec = make(ModelSpec(), clip=0.0)
    trainer = Trainer(network, task, spec)
    trainer.step()
    before = weights_of(trainer)
    trainer.set_spec(msgspec.structs.replace(spec, clip=1e-3, optimiser="sgd", learning_rate=1.0, batch_size=3))
    report = trainer.step()
    assert report.clipped
    assert report.gradient_norm > 1e-3
    after = weights_of(trainer)
    moved = np.sqrt(sum(((after[name] - before[name]).astype(np.float64) ** 2).sum() for name in after))
    assert moved == pytest.approx(1e-3, rel=1e-3)


def test_a_refused_device_changes_nothing() -> None:
    network, task, spec = make(ModelSpec())
    trainer = Trainer(network, task, spec)
    missing = "mps" if torch.cuda.is_available() else "cuda"
    with pytest.raises(SpecError, match="does not offer"):
        trainer.set_spec(msgspec.structs.replace(spec, device=missing, optimiser="sgd"))
    assert trainer.spec == spec
    assert trainer.step().step == 1


def test_changing_the_rate_keeps_the_optimiser_state() -> None:
    network, task, spec = make(ModelSpec())
    trainer = Trainer(network, task, spec)
    trainer.step()
    moments = trainer.state().optimiser_arrays
    trainer.set_spec(msgspec.structs.replace(spec, learning_rate=0.5))
    assert same(dict(moments), dict(trainer.state().optimiser_arrays))


def test_a_network_for_another_task_is_refused() -> None:
    network, _, spec = make(ModelSpec())
    with pytest.raises(SpecError, match="19 inputs and 19 outputs"):
        Trainer(network, make_task(TaskSpec(name="parity")), spec)


def test_a_damaged_optimiser_state_is_refused() -> None:
    network, task, spec = make(ModelSpec())
    trainer = Trainer(network, task, spec)
    trainer.step()
    state = trainer.state()
    arrays = dict(state.optimiser_arrays)
    arrays["exp_avg/weight_hh_l0"] = arrays["exp_avg/weight_hh_l0"][:1]
    with pytest.raises(SpecError, match="exp_avg of weight_hh_l0"):
        Trainer(network, task, spec, replace(state, optimiser_arrays=arrays))


def test_snapshots_start_with_the_untrained_network_and_stay_few() -> None:
    network, task, spec = make(ModelSpec(hidden=3))
    trainer = Trainer(network, task, spec)
    for _ in range(150):
        trainer.step()
    steps = trainer.snapshots.steps
    assert steps[0] == 0
    assert len(steps) <= 128
    assert steps[-1] >= 148
    assert same(trainer.snapshots.at(0)[1], dict(network.weights))
