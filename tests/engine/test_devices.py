"""Devices: what is here, what is refused, and the sentence that "auto" gives."""

from __future__ import annotations

import pytest
import torch

from rnnviz.engine.devices import available_devices, fastest, measure_devices, resolve_device
from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.training import Trainer

TASK = make_task(TaskSpec(length=8))
NETWORK = initialise(ModelSpec(), TASK.input_size, TASK.output_size, 0)
SPEC = TrainingSpec(batch_size=4)


def test_the_cpu_is_always_there_and_says_why_it_is_alone() -> None:
    devices = available_devices()
    assert devices[0].name == "cpu"
    assert bool(devices[0].reason) == (len(devices) == 1)
    assert ("cuda" in [device.name for device in devices]) == torch.cuda.is_available()


def test_every_device_is_measured() -> None:
    rates = measure_devices(NETWORK, TASK, SPEC)
    assert list(rates) == [device.name for device in available_devices()]
    assert all(rate > 0 for rate in rates.values())


def test_a_device_that_is_not_here_is_refused_and_training_stays_where_it_is() -> None:
    missing = next(name for name in ("mps", "cuda") if name not in [d.name for d in available_devices()])
    with pytest.raises(SpecError, match="cpu"):
        resolve_device(missing, NETWORK, TASK, SPEC)
    trainer = Trainer(NETWORK, TASK, SPEC)
    with pytest.raises(SpecError, match="does not offer"):
        trainer.to(missing)
    assert trainer.device == "cpu"
    assert trainer.step().step == 1


def test_auto_gives_a_device_and_a_sentence() -> None:
    name, sentence = resolve_device("auto", NETWORK, TASK, SPEC)
    assert name in [device.name for device in available_devices()]
    assert sentence.endswith(".")


def test_auto_compares_and_names_the_faster() -> None:
    assert fastest({"cpu": 900.0, "cuda": 300.0}) == (
        "cpu",
        "CPU is faster for this network: 900 training steps/s, GPU (CUDA) 300.",
    )
    assert fastest({"cpu": 0.0, "mps": 300.0})[0] == "mps"


def test_moving_to_the_same_device_changes_nothing() -> None:
    moved, stayed = Trainer(NETWORK, TASK, SPEC), Trainer(NETWORK, TASK, SPEC)
    for trainer in (moved, stayed):
        trainer.step()
    moved.to("cpu")
    assert [moved.step().loss for _ in range(3)] == [stayed.step().loss for _ in range(3)]
