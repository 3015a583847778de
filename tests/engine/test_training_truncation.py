"""Truncated BPTT in training: every weight gradient against an explicit float64 loop that detaches at the cuts."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.spec import ModelSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks import Task, make_task
from rnnviz.engine.training import Trainer
from rnnviz.engine.training_device import TorchRunner
from rnnviz.engine.training_model import LayerRunner, NumpyRunner, TorchModel
from rnnviz.engine.training_truncation import pieces
from rnnviz.engine.truncation import Truncation, windows
from tests.engine.oracle import _one_hot, _step

LENGTH = 9
MODELS = [
    ModelSpec(cell="elman", hidden=6),
    ModelSpec(cell="elman", hidden=5, activation="relu"),
    ModelSpec(cell="elman", hidden=5, activation="sigmoid", layers=2),
    ModelSpec(cell="elman", hidden=5, activation="identity", embedding=3),
    ModelSpec(cell="lstm", hidden=5),
    ModelSpec(cell="lstm", hidden=4, layers=3, embedding=3),
    ModelSpec(cell="gru", hidden=5),
    ModelSpec(cell="gru", hidden=4, layers=2),
]
CUTS = [(3, 3), (1, 4), (2, 5), (4, 8)]


def make(model: ModelSpec, task_name: str, **training: object) -> tuple[Network, Task, TrainingSpec]:
    task = make_task(TaskSpec(name=task_name, length=LENGTH))
    spec = msgspec.convert({"batch_size": 4, "optimiser": "sgd", "learning_rate": 1.0, **training}, TrainingSpec)
    return initialise(model, task.input_size, task.output_size, 0).astype(np.float64), task, spec


def first_batch(task: Task, spec: TrainingSpec):
    return task.batch(np.random.Generator(np.random.PCG64([spec.seed, 1])), spec.batch_size)


def oracle(network: Network, batch, every: int, length: int) -> tuple[float, dict[str, np.ndarray]]:
    """Williams & Peng's loop: forward k1 steps, back through the last k2, every sequence by itself."""
    spec = network.spec
    weights = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in network.weights.items()}
    count, total = int((batch.targets >= 0).sum()), 0.0
    steps = batch.ids.shape[1]
    for ids, targets in zip(torch.tensor(batch.ids), torch.tensor(batch.targets), strict=True):
        for block_end in range(every, steps + every, every):
            lowest = max(1, block_end - length + 1)
            states = [(torch.zeros(spec.hidden, dtype=torch.float64),) * 2 for _ in range(spec.layers)]
            loss = torch.zeros((), dtype=torch.float64)
            for step in range(1, min(block_end, steps) + 1):
                if step == lowest:
                    states = [tuple(part.detach() for part in state) for state in states]
                index = ids[step - 1]
                x = weights["embedding.weight"][index] if spec.embedding else _one_hot(index, network)
                for layer in range(spec.layers):
                    w_ih, w_hh, b_ih, b_hh = (
                        weights[f"{kind}_l{layer}"] for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
                    )
                    h, c = states[layer]
                    states[layer] = _step(spec, (w_ih @ x + b_ih, w_hh @ h, b_hh), h, c)
                    x = states[layer][0]
                if step > block_end - every and targets[step - 1] >= 0:
                    logits = weights["readout.weight"] @ x + weights["readout.bias"]
                    loss = loss + F.cross_entropy(logits[None], targets[step - 1][None]) / count
            if loss.requires_grad:
                loss.backward()
                total += float(loss.detach())
    return total, {name: np.zeros(w.shape) if w.grad is None else w.grad.numpy() for name, w in weights.items()}


@pytest.mark.parametrize("runner", [NumpyRunner, TorchRunner])
@pytest.mark.parametrize("task_name", ["next-char", "parity"])
@pytest.mark.parametrize("model", MODELS, ids=repr)
def test_every_weight_gradient_is_that_of_the_loop_that_detaches(
    model: ModelSpec, task_name: str, runner: type[LayerRunner], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways to run a layer; the update of plain gradient descent at rate 1 is the gradient."""
    monkeypatch.setattr(TorchModel, "_make_runner", lambda self: runner(self.spec))
    for every, length in CUTS:
        network, task, spec = make(model, task_name, clip=0.0, truncate_every=every, truncate_length=length)
        loss, gradients = oracle(network, first_batch(task, spec), every, length)
        trainer = Trainer(network, task, spec)
        report = trainer.step()
        assert report.loss == pytest.approx(loss, rel=1e-12)
        norm = np.sqrt(sum((gradient**2).sum() for gradient in gradients.values()))
        assert report.gradient_norm == pytest.approx(norm, rel=1e-9)
        for name, weight in trainer.network().weights.items():
            scale = np.abs(gradients[name]).max()
            np.testing.assert_allclose(
                network.weights[name] - weight, gradients[name], rtol=1e-9, atol=1e-12 * scale + 1e-15, err_msg=name
            )


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_clipping_shortens_the_cut_gradient_and_keeps_its_direction(cell: str) -> None:
    network, task, spec = make(
        ModelSpec(cell=cell, hidden=5), "next-char", clip=0.01, truncate_every=2, truncate_length=4
    )
    _, gradients = oracle(network, first_batch(task, spec), 2, 4)
    norm = np.sqrt(sum((gradient**2).sum() for gradient in gradients.values()))
    trainer = Trainer(network, task, spec)
    report = trainer.step()
    assert report.clipped
    assert report.clip == 0.01
    assert report.gradient_norm == pytest.approx(norm, rel=1e-9)
    for name, weight in trainer.network().weights.items():
        np.testing.assert_allclose(
            network.weights[name] - weight, gradients[name] * 0.01 / norm, rtol=1e-9, atol=1e-15, err_msg=name
        )


@pytest.mark.parametrize("model", [ModelSpec(cell="lstm", hidden=5), ModelSpec(cell="gru", hidden=4, layers=2)])
def test_a_cut_behind_the_first_step_changes_no_bit(model: ModelSpec) -> None:
    network, task, spec = make(model, "next-char")
    far = msgspec.structs.replace(spec, truncate_every=2, truncate_length=LENGTH + 1)
    trainers = [Trainer(network, task, each) for each in (spec, far)]
    for _ in range(3):
        reports = [trainer.step() for trainer in trainers]
        assert reports[0].loss == reports[1].loss
        assert reports[0].log2_norms is not None
        assert np.array_equal(reports[0].log2_norms, reports[1].log2_norms)
    first, second = (trainer.network().weights for trainer in trainers)
    assert all(np.array_equal(first[name], second[name]) for name in first)


@pytest.mark.parametrize("cell", ["elman", "lstm"])
def test_windows_swept_a_few_at_a_time_give_the_same_step(cell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    network, task, spec = make(ModelSpec(cell=cell, hidden=5, layers=2), "parity", truncate_every=1, truncate_length=3)
    whole = Trainer(network, task, spec)
    first = whole.step()
    monkeypatch.setattr("rnnviz.engine.training_truncation.PIECE", 2 * spec.batch_size * 3 * 5 * 4 * 8)
    parts = Trainer(network, task, spec)
    second = parts.step()
    assert second.loss == pytest.approx(first.loss, rel=1e-12)
    assert second.accuracy == first.accuracy
    assert second.gradient_norm == pytest.approx(first.gradient_norm, rel=1e-12)
    for name, weight in whole.network().weights.items():
        np.testing.assert_allclose(parts.network().weights[name], weight, rtol=1e-12, atol=1e-15)


def test_the_pieces_hold_every_window_once_and_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    found = windows(LENGTH, Truncation(1, 3))
    assert found is not None
    assert pieces(found, 4, 100) == [range(len(found.starts))]
    monkeypatch.setattr("rnnviz.engine.training_truncation.PIECE", 2 * 4 * 3 * 100)
    assert pieces(found, 4, 100) == [range(0, 2), range(2, 4), range(4, 6), range(6, 7)]
    monkeypatch.setattr("rnnviz.engine.training_truncation.PIECE", 1)
    assert pieces(found, 4, 100) == [range(k, k + 1) for k in range(7)]


def test_the_cut_can_be_switched_while_training() -> None:
    network, task, spec = make(ModelSpec(hidden=6), "next-char", clip=0.0)
    trainer, other = Trainer(network, task, spec), Trainer(network, task, spec)
    trainer.set_spec(msgspec.structs.replace(spec, truncate_length=2))
    assert trainer.step().log2_norms is None
    other.step()
    assert not np.array_equal(trainer.network().weights["weight_hh_l0"], other.network().weights["weight_hh_l0"])


def test_a_network_of_two_directions_is_refused() -> None:
    network, task, spec = make(ModelSpec(hidden=3, bidirectional=True), "next-char")
    cut = msgspec.structs.replace(spec, truncate_length=2)
    with pytest.raises(SpecError, match="bidirectional"):
        Trainer(network, task, cut)
    trainer = Trainer(network, task, spec)
    with pytest.raises(SpecError, match="bidirectional"):
        trainer.set_spec(cut)
    assert trainer.spec == spec


@pytest.mark.parametrize(
    "wrong", [{"truncate_every": 0}, {"truncate_length": -1}, {"truncate_every": 5, "truncate_length": 4}]
)
def test_a_spec_that_would_leave_losses_out_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(SpecError, match=r"k1|k2"):
        TrainingSpec(**wrong)
