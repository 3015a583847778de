"""The devices found here, and which is faster for a given network (torch is imported only when asked)."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from rnnviz.engine.network import Network
    from rnnviz.engine.spec import TrainingSpec
    from rnnviz.engine.tasks.base import Task

WARM_UP_STEPS = 3
MEASURE_SECONDS = 0.3
LABELS = {"cpu": "CPU", "cuda": "GPU (CUDA)", "mps": "GPU (Apple)"}


@dataclass(frozen=True)
class DeviceInfo:
    """One device: its name for specs, its label for people, and why it is (or others are not) offered."""

    name: str
    label: str
    reason: str = ""


def available_devices() -> list[DeviceInfo]:
    """Return the devices that training can use here, the CPU first; its reason tells why a GPU is missing."""
    import torch

    found = []
    if torch.cuda.is_available():
        found.append(DeviceInfo("cuda", LABELS["cuda"], torch.cuda.get_device_name(0)))
    if torch.backends.mps.is_available():
        found.append(DeviceInfo("mps", LABELS["mps"], "Apple's Metal"))
    return [DeviceInfo("cpu", LABELS["cpu"], "" if found else _why_no_gpu()), *found]


def _why_no_gpu() -> str:
    import torch

    if torch.version.cuda is None and not torch.backends.mps.is_built():
        return "No GPU is used: this PyTorch was built for the CPU only."
    return "No GPU is used: PyTorch finds no CUDA or Apple GPU on this computer."


def measure_devices(network: Network, task: Task, spec: TrainingSpec) -> dict[str, float]:
    """Return training steps per second of each available device, from about 0.3 s of real training on a copy."""
    return {device.name: _measure(device.name, network, task, spec) for device in available_devices()}


def _measure(device: str, network: Network, task: Task, spec: TrainingSpec) -> float:
    from rnnviz.engine.training import Trainer

    try:
        trainer = Trainer(network, task, msgspec.structs.replace(spec, device=device), record=False)
        for _ in range(WARM_UP_STEPS):
            trainer.step()
        start, steps = time.perf_counter(), 0
        while time.perf_counter() - start < MEASURE_SECONDS or steps < WARM_UP_STEPS:
            trainer.step()
            steps += 1
    except SpecError:
        return 0.0
    return steps / (time.perf_counter() - start)


def resolve_device(name: str, network: Network, task: Task, spec: TrainingSpec) -> tuple[str, str]:
    """Turn "auto" into the faster device, with a sentence that says so; refuse a device that is not here."""
    devices = available_devices()
    names = [device.name for device in devices]
    if name != "auto":
        if name not in names:
            raise SpecError(f"The device is {name!r}, which this computer does not offer; choose {' or '.join(names)}.")
        return name, ""
    if len(names) == 1:
        return "cpu", f"The CPU is used. {devices[0].reason}"
    return fastest(measure_devices(network, task, spec))


def fastest(rates: dict[str, float]) -> tuple[str, str]:
    """Return the device with the most steps per second, and the sentence that compares it with the next."""
    ranked = sorted(rates, key=lambda device: -rates[device])
    best, second = ranked[0], ranked[1]
    others = f"{LABELS[second]} {rates[second]:,.0f}" if rates[second] else f"{LABELS[second]} failed"
    return best, f"{LABELS[best]} is faster for this network: {rates[best]:,.0f} training steps/s, {others}."
