"""What goes wrong in a training step: named with tensor, layer, time step and unit, and one way out each."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice

import msgspec
import numpy as np
import pytest
import torch

from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.training import Trainer
from rnnviz.engine.training_errors import NonFiniteLoss, OutOfMemory, as_spec_error, memory_guard
from tests.engine.test_training import make, weights_of


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


@pytest.mark.fault(5)
def test_a_gradient_that_overflows_in_the_encoder_is_named_there() -> None:
    """The decoder hands on what it got, the encoder multiplies it by 1e25 a step: infinite two steps below its end."""
    network, task, spec = make(ModelSpec(hidden=3, activation="identity", decoder=True), "translation")
    weights = {name: np.zeros_like(array) for name, array in network.weights.items()}
    weights["weight_hh_l0"][:] = 1e25 * np.eye(3)
    weights["weight_hh_l0_decoder"][:] = np.eye(3)
    weights["readout.weight"][0] = 1.0
    batch = task.batch(np.random.Generator(np.random.PCG64([spec.seed, 1])), spec.batch_size)
    with pytest.raises(NonFiniteLoss) as caught:
        Trainer(replace(network, weights=weights), task, spec).step()
    bad = caught.value.bad
    assert (bad.tensor, bad.kind) == ("the gradient dC/dh of layer l0", "infinite")
    assert bad.time_step == batch.switch - 2
