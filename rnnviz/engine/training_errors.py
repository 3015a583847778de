"""What can go wrong in a training step, each as one sentence with a way out (imports torch only when asked)."""

from __future__ import annotations

import gc
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

    import torch

    from rnnviz.engine.training_model import TorchModel


class NonFiniteLoss(SpecError):
    """Loss or gradient became NaN or infinite; the weights are still those before this training step."""

    def __init__(self, step: int, tensor: str, kind: str) -> None:
        self.step, self.tensor, self.kind = step, tensor, kind
        super().__init__(
            f"Training stopped at step {step}: {tensor} became {kind}; the last finite weights are kept, "
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


def first_bad_tensor(model: TorchModel, logits: torch.Tensor, loss: torch.Tensor) -> tuple[str, str]:
    """Name the first tensor, in the order of the computation, that is not finite, and what it became."""
    candidates = [(name, weight.detach()) for name, weight in model.weights.items()]
    candidates += [*model.hidden_states(), ("the logits", logits.detach()), ("the loss", loss.detach())]
    candidates += [
        (f"the gradient of {name}", weight.grad) for name, weight in model.weights.items() if weight.grad is not None
    ]
    for name, tensor in candidates:
        if not bool(tensor.isfinite().all()):
            return name, "NaN" if bool(tensor.isnan().any()) else "infinite"
    return "the gradient norm", "infinite"


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
