"""Devices as the window shows them. Everything here imports torch; it runs in helper threads."""

from __future__ import annotations

import ctypes
import importlib.util
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.engine.devices import DeviceInfo, available_devices, fastest, measure_devices
from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks import make_task
from rnnviz.service.messages import DeviceReport, Devices, Refused, Reply, TorchReady

if TYPE_CHECKING:
    from rnnviz.engine.network import Network
    from rnnviz.engine.tasks.base import Task


def preload_torch() -> None:
    """Map torch's largest library (half a second of relocations) without holding the interpreter lock.

    ``import torch`` would do the same inside the lock, and a keystroke would wait for it. Calling the C
    function ``dlopen`` through ctypes gives the lock away. Where this is not possible nothing is lost.
    """
    found = importlib.util.find_spec("torch")
    if sys.platform == "win32" or found is None or found.origin is None:
        return
    suffix = "dylib" if sys.platform == "darwin" else "so"
    library = Path(found.origin).parent / "lib" / f"libtorch_cpu.{suffix}"
    if library.exists():
        with suppress(OSError, AttributeError):
            dlopen = ctypes.CDLL(None).dlopen
            dlopen.restype, dlopen.argtypes = ctypes.c_void_p, (ctypes.c_char_p, ctypes.c_int)
            dlopen(os.fsencode(library), os.RTLD_NOW | os.RTLD_LOCAL)


def warm_up() -> None:
    """One training step of the smallest network: what torch does only once is done before anybody waits for it."""
    from rnnviz.engine.training import Trainer

    task = make_task(TaskSpec(name="parity", length=2))
    network = initialise(ModelSpec(hidden=1), len(task.vocabulary), len(task.output_labels), seed=0)
    Trainer(network, task, TrainingSpec(batch_size=1), record=False).step()


def device_reports() -> TorchReady:
    """Import torch and what trains with it, and say which devices there are."""
    preload_torch()
    import torch

    warm_up()
    return TorchReady(version=str(torch.__version__), devices=[_report(device) for device in available_devices()])


def _report(device: DeviceInfo, rate: float = 0.0) -> DeviceReport:
    return DeviceReport(
        name=device.name, label=device.label, available=True, reason=device.reason, steps_per_second=rate
    )


def measured(network: Network, task: Task, spec: TrainingSpec, request: int) -> Reply:
    """Steps per second of this network on every device, and which is faster."""
    try:
        rates = measure_devices(network, task, spec)
    except (SpecError, RuntimeError, MemoryError) as error:
        return Refused(request=request, command="MeasureDevices", sentence=f"The devices were not measured: {error}")
    devices = available_devices()
    reports = [_report(device, rates.get(device.name, 0.0)) for device in devices]
    if len(devices) == 1:
        only = devices[0]
        sentence = f"{only.label}: {rates[only.name]:,.0f} training steps/s. {only.reason}".strip()
        return Devices(request=request, devices=reports, best=only.name, sentence=sentence)
    best, sentence = fastest(rates)
    return Devices(request=request, devices=reports, best=best, sentence=sentence)
