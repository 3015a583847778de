"""One training step as a whole: loss, gradients, norms and update of a batch against float64 autograd, step by step."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from rnnviz.engine.network import Network, initialise, weight_suffix
from rnnviz.engine.spec import ModelSpec, TaskSpec
from rnnviz.engine.tasks import Task, make_task
from rnnviz.engine.tasks.base import Batch
from rnnviz.engine.training import Trainer
from rnnviz.engine.training_device import TorchRunner
from rnnviz.engine.training_model import LayerRunner, NumpyRunner, TorchModel
from tests.engine.test_training import make

MODELS = [
    ModelSpec(cell="elman", hidden=6),
    ModelSpec(cell="elman", hidden=6, activation="relu"),
    ModelSpec(cell="elman", hidden=6, activation="sigmoid", layers=2),
    ModelSpec(cell="elman", hidden=6, activation="identity", embedding=3),
    ModelSpec(cell="lstm", hidden=5),
    ModelSpec(cell="lstm", hidden=4, layers=2, embedding=3),
    ModelSpec(cell="gru", hidden=5),
    ModelSpec(cell="gru", hidden=4, layers=2, bidirectional=True),
    ModelSpec(cell="lstm", hidden=4, bidirectional=True),
    ModelSpec(cell="elman", hidden=4, layers=2, bidirectional=True, embedding=2),
]
ONE_WAY = [model for model in MODELS if not model.bidirectional]
DECODERS = [
    ModelSpec(cell="elman", hidden=6, decoder=True),
    ModelSpec(cell="elman", hidden=6, activation="sigmoid", decoder=True, layers=2),
    ModelSpec(cell="lstm", hidden=4, decoder=True, embedding=3, layers=2),
    ModelSpec(cell="gru", hidden=5, decoder=True, embedding=3),
    ModelSpec(cell="gru", hidden=3, decoder=True, layers=3),
]
OPTIMISERS = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}
SHUT = {"elman": (0.2, 0.0), "lstm": (0.05, -2.0), "gru": (0.05, -2.0)}
"""Scale of W_hh, and bias of the gate that keeps: the gradient falls fast in every cell."""
STEPS = 140


def oracle(network: Network, batch_ids: np.ndarray, targets: np.ndarray, lengths: np.ndarray | None, switch: int = 0):
    """Loss, weight gradients and per-step joint norms by float64 autograd, one sequence at a time, no padding."""
    weights = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in network.weights.items()}
    spec, total, count = network.spec, torch.zeros((), dtype=torch.float64), int((targets >= 0).sum())
    squares: dict[tuple[str, int], list[torch.Tensor]] = {}
    for row in range(len(batch_ids)):
        length = batch_ids.shape[1] if lengths is None else int(lengths[row])
        ids = torch.from_numpy(batch_ids[row, :length])
        if spec.embedding:
            layer_input = list(weights["embedding.weight"][ids])
        else:
            layer_input = list(F.one_hot(ids, network.input_size).double())
        for layer in range(spec.layers):
            outputs = []
            for name in [f"l{layer}", f"l{layer}r"][: network.directions]:
                times = range(length) if not name.endswith("r") else range(length - 1, -1, -1)
                zero = torch.zeros(spec.hidden, dtype=torch.float64)
                state, found = (zero, zero), {}
                for t in times:
                    suffix = weight_suffix(name, decoder=spec.decoder and t >= switch)
                    state = oracle_step(spec, weights, suffix, layer_input[t], state)
                    for part in state[: 2 if spec.cell == "lstm" else 1]:
                        part.retain_grad()
                        squares.setdefault((name, t), []).append(part)
                    found[t] = state[0]
                outputs.append([found[t] for t in range(length)])
            layer_input = [torch.cat(parts) for parts in zip(*outputs, strict=True)]
        logits = torch.stack(layer_input) @ weights["readout.weight"].T + weights["readout.bias"]
        wanted = torch.from_numpy(targets[row, :length])
        total = total + F.cross_entropy(logits, wanted, ignore_index=-1, reduction="sum")
    (total / count).backward()
    norms = {key: sum(float((p.grad**2).sum()) for p in parts if p.grad is not None) for key, parts in squares.items()}
    return float(total.detach()) / count, {name: w.grad.numpy() for name, w in weights.items()}, norms


def oracle_step(spec: ModelSpec, weights, suffix: str, x: torch.Tensor, state):
    """One step of one sequence, PyTorch's equations."""
    h, c = state
    a = weights[f"weight_ih{suffix}"] @ x + weights[f"bias_ih{suffix}"]
    b = weights[f"weight_hh{suffix}"] @ h + weights[f"bias_hh{suffix}"]
    if spec.cell == "lstm":
        i, f, g, o = (a + b).chunk(4)
        c = f.sigmoid() * c + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c
    if spec.cell == "gru":
        (ar, az, an), (br, bz, bn) = a.chunk(3), b.chunk(3)
        z = (az + bz).sigmoid()
        return (1 - z) * (an + (ar + br).sigmoid() * bn).tanh() + z * h, c
    activation = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "identity": lambda v: v}
    return activation[spec.activation](a + b), c


@pytest.mark.parametrize("runner", [NumpyRunner, TorchRunner])
@pytest.mark.parametrize(
    ("model", "task_name"),
    [*product(MODELS, ("next-char", "parity")), *product(ONE_WAY, ("generate",)), *product(DECODERS, ("translation",))],
    ids=repr,
)
def test_loss_gradient_and_norms_of_a_real_batch_match_autograd(
    model: ModelSpec, task_name: str, runner: type[LayerRunner], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways to run a layer; the one for GPUs is tried on the CPU, where the same torch functions exist."""
    monkeypatch.setattr(TorchModel, "_make_runner", lambda self: runner(self.spec))
    network, task, spec = make(model, task_name, optimiser="sgd", learning_rate=1.0, clip=0.0)
    network = network.astype(np.float64)
    batch = task.batch(np.random.Generator(np.random.PCG64([spec.seed, 1])), spec.batch_size)
    loss, gradients, squares = oracle(network, batch.ids, batch.targets, batch.lengths, batch.switch)
    trainer = Trainer(network, task, spec)
    report = trainer.step()
    assert report.loss == pytest.approx(loss, rel=1e-12)
    after = trainer.network().weights
    for name, gradient in gradients.items():  # plain SGD at rate 1: the update is the gradient
        np.testing.assert_allclose(network.weights[name] - after[name], gradient, rtol=1e-9, atol=1e-13, err_msg=name)
    norm = np.sqrt(sum((g**2).sum() for g in gradients.values()))
    assert report.gradient_norm == pytest.approx(norm, rel=1e-9)
    for name in network.layer_names:
        expected = [0.5 * np.log2(squares.get((name, t), 0.0) or np.nan) for t in range(batch.ids.shape[1])]
        measured = np.where(np.isfinite(report.layer_log2_norms[name]), report.layer_log2_norms[name], np.nan)
        np.testing.assert_allclose(measured, expected, rtol=1e-9, atol=1e-9, err_msg=name)
    assert report.log2_norms is report.layer_log2_norms["l0"]


def drawn_batch(rng: np.random.Generator, task: Task, number: int) -> Batch:
    """Sequences of different lengths with noise in the padding, and in every other batch steps without a target."""
    size, switch = int(rng.integers(2, 5)), int(rng.integers(1, 5))
    lengths = switch + rng.integers(1, 7, size)
    shape = size, int(lengths.max())
    times = np.arange(shape[1])
    own = (times >= switch) & (times < lengths[:, None])
    if number % 2:
        own &= (rng.random(shape) < 0.6) | (times == lengths[:, None] - 1)
    targets = np.where(own, rng.integers(0, task.output_size, shape), -1)
    return Batch(rng.integers(0, task.input_size, shape), targets, lengths, switch=switch)


@pytest.mark.parametrize("runner", [NumpyRunner, TorchRunner])
@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("model", DECODERS, ids=repr)
def test_several_steps_of_an_encoder_decoder_are_those_of_autograd_and_torch_optim(
    model: ModelSpec, optimiser: str, runner: type[LayerRunner], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Clipped updates of batches that share neither source length nor size: the weights stay together."""
    monkeypatch.setattr(TorchModel, "_make_runner", lambda self: runner(self.spec))
    network, task, spec = make(model, "translation", optimiser=optimiser, learning_rate=0.05, clip=0.5)
    network, rng = network.astype(np.float64), np.random.default_rng(4)
    batches = [drawn_batch(rng, task, number) for number in range(3)]
    trainer, given = Trainer(network, task, spec), iter(batches)
    monkeypatch.setattr(task, "batch", lambda *_: next(given))
    weights = {name: torch.tensor(array, requires_grad=True) for name, array in network.weights.items()}
    reference = OPTIMISERS[optimiser](weights.values(), lr=0.05)
    for batch in batches:
        present = replace(network, weights={name: weight.detach().numpy() for name, weight in weights.items()})
        loss, gradients, _ = oracle(present, batch.ids, batch.targets, batch.lengths, batch.switch)
        norm = np.sqrt(sum((gradient**2).sum() for gradient in gradients.values()))
        report = trainer.step()
        assert (report.loss, report.gradient_norm) == pytest.approx((loss, norm), rel=1e-9)
        assert report.clipped == (norm > 0.5)
        for name, weight in weights.items():
            weight.grad = torch.from_numpy(gradients[name] * min(1.0, 0.5 / norm))
        reference.step()
        for name, array in trainer.network().weights.items():
            np.testing.assert_allclose(array, weights[name].detach().numpy(), rtol=1e-8, atol=1e-10, err_msg=name)


@pytest.mark.parametrize("cell", SHUT)
def test_a_gradient_far_below_float32_goes_from_the_decoder_into_the_encoder(cell: str) -> None:
    """One loss after 140 steps, 70 of them the decoder's: float32 must give the norms of autograd in float64."""
    task = make_task(TaskSpec(name="translation"))
    network = initialise(ModelSpec(cell=cell, hidden=5, decoder=True), task.input_size, task.output_size, 2)
    scale, bias = SHUT[cell]
    weights = {name: array * scale if "weight_hh" in name else array for name, array in network.weights.items()}
    for suffix in ("_l0", "_l0_decoder"):  # rows 5 to 9: the LSTM's forget gate, the GRU's update gate
        weights[f"bias_ih{suffix}"] = weights[f"bias_ih{suffix}"].copy()
        weights[f"bias_ih{suffix}"][5:10] += bias
    ids = np.random.default_rng(1).integers(0, task.input_size, (2, STEPS))
    targets = np.full_like(ids, -1)
    targets[:, -1] = 1
    low = replace(network, weights=weights)
    _, _, squares = oracle(low.astype(np.float64), ids, targets, None, STEPS // 2)
    expected = np.array([0.5 * np.log2(squares["l0", t]) for t in range(STEPS)])
    assert expected[STEPS // 2] < -150  # already lost to float32 where the encoder ends
    for dtype in (np.float64, np.float32):
        model = TorchModel(low.astype(dtype), "cpu")
        logits = model.logits(ids, None, switch=STEPS // 2)
        F.cross_entropy(logits[-1], torch.from_numpy(targets[:, -1])).backward()
        np.testing.assert_allclose(model.log2_norms()["l0"], expected, atol=0.02)
