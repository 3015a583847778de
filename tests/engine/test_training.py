"""Training: it learns, repeats, resumes bit for bit, measures truly, and fails with a sentence."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice, product

import msgspec
import numpy as np
import pytest
import torch
import torch.nn.functional as F

from rnnviz.engine.checkpoint import Document, from_bytes, to_bytes
from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import Network, initialise, weight_suffix
from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks import Task, make_task
from rnnviz.engine.training import Trainer, TrainingReport, train
from rnnviz.engine.training_device import TorchRunner
from rnnviz.engine.training_errors import NonFiniteLoss, OutOfMemory, as_spec_error, memory_guard
from rnnviz.engine.training_model import LayerRunner, NumpyRunner, TorchModel

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
DECODERS = [
    ModelSpec(cell="elman", hidden=6, decoder=True),
    ModelSpec(cell="elman", hidden=6, activation="sigmoid", decoder=True, layers=2),
    ModelSpec(cell="lstm", hidden=4, decoder=True, embedding=3, layers=2),
    ModelSpec(cell="gru", hidden=5, decoder=True, embedding=3),
]


def make(model: ModelSpec, task_name: str = "next-char", **training: object) -> tuple[Network, Task, TrainingSpec]:
    task = make_task(TaskSpec(name=task_name, length=9))
    spec = msgspec.convert({"batch_size": 5, **training}, TrainingSpec)
    return initialise(model, task.input_size, task.output_size, spec.seed), task, spec


def same(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> bool:
    return first.keys() == second.keys() and all(
        np.array_equal(first[name], second[name], equal_nan=True) for name in first
    )


def weights_of(trainer: Trainer) -> dict[str, np.ndarray]:
    return dict(trainer.network().weights)


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
    [*product(MODELS, ("next-char", "parity")), *product(DECODERS, ("translation",))],
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


@pytest.mark.fault(5)
def test_a_loss_that_explodes_names_step_and_tensor_and_keeps_finite_weights() -> None:
    model = ModelSpec(cell="elman", hidden=8, activation="identity")
    network, task, spec = make(model, optimiser="sgd", learning_rate=10.0, clip=0.0)
    trainer = Trainer(network, task, spec)
    with pytest.raises(NonFiniteLoss) as caught:
        list(islice(iter(trainer.step, None), 200))
    assert caught.value.step == trainer.steps_done + 1
    assert f"step {caught.value.step}" in str(caught.value)
    assert caught.value.tensor in str(caught.value)
    assert all(np.isfinite(array).all() for array in weights_of(trainer).values())
    trainer.undo(20)
    trainer.set_spec(msgspec.structs.replace(spec, learning_rate=0.01, clip=1.0))
    assert np.isfinite(trainer.step().loss)


@pytest.mark.fault(5)
def test_a_bad_weight_is_named_first() -> None:
    network, task, spec = make(ModelSpec(cell="gru"))
    trainer = Trainer(network, task, spec)
    trainer.step()
    with torch.no_grad():
        trainer._model.weights["weight_hh_l0"][0, 0] = float("nan")
    with pytest.raises(NonFiniteLoss, match="weight_hh_l0 became NaN"):
        trainer.step()


def oversized_torch() -> None:
    torch.empty(1 << 50)


def oversized_numpy() -> None:
    np.empty(1 << 50)


def cuda_out_of_memory() -> None:
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


@pytest.mark.fault(7)
@pytest.mark.parametrize("allocate", [oversized_torch, oversized_numpy, cuda_out_of_memory])
def test_running_out_of_memory_is_one_sentence(allocate) -> None:
    with pytest.raises(OutOfMemory, match="batch size 512; choose a smaller batch"), memory_guard("cpu", 512):
        allocate()


@pytest.mark.fault(7)
def test_the_gpu_sentence_offers_the_cpu_and_other_errors_pass() -> None:
    error = as_spec_error(torch.OutOfMemoryError("CUDA out of memory."), "cuda", 64)
    assert "GPU ran out of memory" in str(error)
    assert "or the CPU" in str(error)
    assert as_spec_error(RuntimeError("something else"), "cpu", 1) is None
    with pytest.raises(RuntimeError, match="something else"), memory_guard("cpu", 1):
        raise RuntimeError("something else")


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


@pytest.mark.fault(5)
@pytest.mark.parametrize("length", [0, 3])
def test_the_first_bad_state_is_named_with_layer_time_step_and_unit(length: int, monkeypatch) -> None:
    """One unit of the second layer turns infinite at the time step that reads token 2: an independent run finds it."""
    network, task, spec = make(ModelSpec(hidden=4, layers=2, activation="identity"), truncate_length=length)
    weights = {name: np.zeros_like(array) for name, array in network.weights.items()}
    weights["weight_ih_l0"][1, 2] = 1e30
    weights["weight_ih_l1"][3, 1] = 1e30  # 1e60 leaves the range of float32
    weights["weight_hh_l0"][0, 0] = 0.5
    trainer = Trainer(replace(network, weights=weights), task, spec)
    batch = task.batch(np.random.Generator(np.random.PCG64([spec.seed, 1])), spec.batch_size)
    with pytest.raises(NonFiniteLoss) as caught:
        trainer.step()
    bad = caught.value.bad
    assert (bad.layer, bad.unit, bad.kind) == ("l1", 3, "infinite")
    assert bad.time_step == int((batch.ids == 2).any(axis=0).argmax()) + 1
    assert f"layer l1 at time step {bad.time_step}, unit 4, became infinite" in str(caught.value)


@pytest.mark.fault(5)
def test_a_gradient_that_leaves_the_range_is_named_where_the_sweep_met_it() -> None:
    """States stay at 0 (zero input), the gradient grows by 1e20 a step back from the last loss."""
    network, task, spec = make(ModelSpec(hidden=3, activation="identity"), "parity")
    weights = {name: np.zeros_like(array) for name, array in network.weights.items()}
    weights["weight_hh_l0"][:] = 1e20 * np.eye(3)
    weights["readout.weight"][:] = [[1, 1, 1], [-1, -1, -1]]
    trainer = Trainer(replace(network, weights=weights), task, spec)
    batch = task.batch(np.random.Generator(np.random.PCG64([spec.seed, 1])), spec.batch_size)
    with pytest.raises(NonFiniteLoss) as caught:
        trainer.step()
    bad = caught.value.bad
    assert bad.tensor == "the gradient dC/dh of layer l0"
    assert bad.kind == "infinite"
    # 1e20 is still a float32, 1e40 is not: two steps before the latest answer (the deepest sweep is met first).
    assert bad.time_step == int(batch.lengths.max()) - 2


@pytest.mark.fault(5)
def test_the_reverse_direction_names_the_step_of_the_text() -> None:
    network, task, spec = make(ModelSpec(hidden=3, bidirectional=True, activation="identity"))
    weights = {name: np.zeros_like(array) for name, array in network.weights.items()}
    weights["weight_hh_l0_reverse"][:] = 1e30 * np.eye(3)
    weights["bias_ih_l0_reverse"][2] = 1e20
    with pytest.raises(NonFiniteLoss) as caught:
        Trainer(replace(network, weights=weights), task, spec).step()
    assert (caught.value.bad.layer, caught.value.bad.time_step, caught.value.bad.unit) == ("l0r", task.length - 1, 2)


@pytest.mark.fault(5)
def test_a_norm_whose_squares_overflow_names_where_the_gradient_is_largest() -> None:
    """All gradients are finite (about 1e30), the sum of their squares is not."""
    network, task, spec = make(ModelSpec(hidden=3, activation="identity"), "parity")
    weights = {name: np.zeros_like(array) for name, array in network.weights.items()}
    weights["weight_hh_l0"][:] = 1e15 * np.eye(3)
    weights["readout.weight"][:] = [[1, 1, 1], [-1, -1, -1]]
    spec = msgspec.structs.replace(spec, truncate_every=3, truncate_length=3)
    trainer = Trainer(replace(network, weights=weights), task, spec)
    with pytest.raises(NonFiniteLoss, match="the gradient norm, largest in dC/dh of layer l0 at time step") as caught:
        trainer.step()
    batch = task.batch(np.random.Generator(np.random.PCG64([spec.seed, 1])), spec.batch_size)
    first = {step: (step - 1) // 3 * 3 + 1 for step in batch.lengths.tolist()}  # of the block each loss is in
    furthest = max(step - low for step, low in first.items())
    assert caught.value.bad.time_step in {low for step, low in first.items() if step - low == furthest}
