"""What can go wrong in a training step, each as one sentence with a way out (imports torch only when asked)."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch

    from rnnviz.engine.training_model import TorchModel


@dataclass(frozen=True)
class BadValue:
    """The first value that is not finite. ``time_step`` is 1-based; 0 and −1 where a tensor has no such place."""

    tensor: str
    kind: str
    layer: str = ""
    time_step: int = 0
    unit: int = -1

    @property
    def words(self) -> str:
        """The tensor with its place."""
        step = f" at time step {self.time_step}" if self.time_step else ""
        return f"{self.tensor}{step}{f', unit {self.unit + 1},' if self.unit >= 0 else ''}"


class NonFiniteLoss(SpecError):
    """Loss or gradient became NaN or infinite; the weights are still those before this training step."""

    def __init__(self, step: int, bad: BadValue) -> None:
        self.step, self.bad = step, bad
        self.tensor, self.kind = bad.tensor, bad.kind
        super().__init__(
            f"Training stopped at step {step}: {bad.words} became {bad.kind}; the last finite weights are kept, "
            "lower the learning rate or clip the gradient."
        )


class OutOfMemory(SpecError):
    """The device has no room for this batch and network."""

    def __init__(self, device: str, batch_size: int) -> None:
        self.device, self.batch_size = device, batch_size
        where, way_out = ("computer", "") if device == "cpu" else ("GPU", " or the CPU")
        super().__init__(
            f"The {where} ran out of memory at batch size {batch_size}; "
            f"choose a smaller batch, shorter sequences, a smaller network{way_out}."
        )


class DeviceLost(SpecError):
    """The device failed in a way that this process cannot recover from."""


def first_bad_tensor(model: TorchModel, logits: torch.Tensor, loss: torch.Tensor) -> BadValue:
    """Find the first value that is not finite, in the order of the computation: weights, states, loss, gradients."""
    weights = [(name, weight.detach()) for name, weight in model.weights.items()]
    for name, tensor in weights:
        if not bool(tensor.isfinite().all()):
            return BadValue(name, _kind(tensor))
    bad = _first_in_time(model)
    if bad is not None:
        return bad
    gradients = [(f"the gradient of {name}", w.grad) for name, w in model.weights.items() if w.grad is not None]
    for name, tensor in [("the logits", logits.detach()), ("the loss", loss.detach())]:
        if not bool(tensor.isfinite().all()):
            return BadValue(name, _kind(tensor))
    for layer, rows in model.bad_gradients().items():
        return BadValue(f"the gradient dC/dh of layer {layer}", rows[1], layer, rows[0])
    for name, tensor in gradients:
        if not bool(tensor.isfinite().all()):
            return BadValue(name, _kind(tensor))
    return _overflowing_norm(model)


def _overflowing_norm(model: TorchModel) -> BadValue:
    """Every value is finite, only the squares of the norm leave the range: where the gradient is largest."""
    largest = model.largest_gradient()
    if largest is None:
        return BadValue("the gradient norm", "infinite")
    layer, step = largest
    return BadValue(f"the gradient norm, largest in dC/dh of layer {layer}", "infinite", layer, step)


def _kind(tensor: torch.Tensor) -> str:
    return "NaN" if bool(tensor.isnan().any()) else "infinite"


def _first_in_time(model: TorchModel) -> BadValue | None:
    """The earliest hidden state that is not finite, in the order the layers read; of several layers, the lowest."""
    found: list[tuple[int, BadValue]] = []
    for name, hidden, steps in model.hidden_states():
        rows, sequences, units = np.nonzero(~np.isfinite(hidden.cpu().numpy()))
        if len(rows):
            order = rows + 1 if name.endswith("r") else steps[rows, sequences]
            k = int(order.argmin())
            row, sequence = int(rows[k]), int(sequences[k])
            words, kind = f"the hidden state of layer {name}", _kind(hidden[row, sequence])
            found.append((int(order[k]), BadValue(words, kind, name, int(steps[row, sequence]), int(units[k]))))
    return min(found, key=lambda each: each[0])[1] if found else None


def as_spec_error(error: BaseException, device: str, batch_size: int) -> SpecError | None:
    """Return the sentence for a memory or device failure, None for any other error."""
    import torch

    message = str(error).lower()
    if isinstance(error, MemoryError | torch.OutOfMemoryError):
        return OutOfMemory(device, batch_size)
    if isinstance(error, RuntimeError) and ("out of memory" in message or "can't allocate memory" in message):
        return OutOfMemory(device, batch_size)
    if isinstance(error, RuntimeError) and ("cuda error" in message or "cudnn" in message or "cublas" in message):
        return DeviceLost("The GPU failed; the engine must start again, then training continues from the last weights.")
    return None


@contextmanager
def memory_guard(device: str, batch_size: int) -> Iterator[None]:
    """Turn a memory or device failure into its sentence, after giving the memory back."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        told = as_spec_error(error, device, batch_size)
        if told is None:
            raise
        error.__traceback__ = None  # its frames hold the tensors that filled the memory
    else:
        return
    free_memory(device)
    raise told


def free_memory(device: str) -> None:
    """Give cached memory back to the device."""
    import torch

    gc.collect()
    if device == "cuda":
        torch.cuda.empty_cache()
    elif device == "mps":
        torch.mps.empty_cache()
