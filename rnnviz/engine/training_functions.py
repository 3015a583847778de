"""The numpy kernels as one torch operation, so that autograd and torch's optimisers train them (CPU)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from rnnviz.engine.training_kernels import Array, Kernel


class Probe:
    """Receives log2 norms ``(T, B)`` of ``dC/dh_t`` from a layer's backward pass, or what measuring them needs."""

    def __init__(self) -> None:
        self.log2_norms: Array | None = None
        self.inputs: torch.Tensor | None = None
        self.hidden: torch.Tensor | None = None
        self.parameters: list[torch.Tensor] = []


class RecurrentLayer(torch.autograd.Function):
    """hidden ``(T, B, H)`` = recurrent layer of projected ``(T, B, kH)``; the backward pass is the kernel's sweep."""

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401 - torch gives no public type for it
        projected: torch.Tensor,
        weight_hh: torch.Tensor,
        bias_hh: torch.Tensor | None,
        kernel: Kernel,
        probe: Probe,
    ) -> torch.Tensor:
        """Run the kernel; torch and numpy share the memory."""
        ctx.kernel, ctx.probe = kernel, probe
        bias = None if bias_hh is None else bias_hh.detach().numpy()
        with np.errstate(over="ignore", invalid="ignore"):  # told as NonFiniteLoss, not as a warning
            hidden = kernel.forward(projected.detach().numpy(), weight_hh.detach().numpy(), bias)
        return torch.from_numpy(hidden[1:])

    @staticmethod
    def backward(ctx: Any, *direct: torch.Tensor) -> tuple[torch.Tensor | None, ...]:  # noqa: ANN401
        """Sweep the direct gradient back, and leave the norms in the probe."""
        with np.errstate(over="ignore", invalid="ignore"):
            gradients = ctx.kernel.backward(direct[0].contiguous().numpy())
        ctx.probe.log2_norms = gradients.log2_norms
        bias = None if gradients.bias_hh is None else torch.from_numpy(gradients.bias_hh)
        return torch.from_numpy(gradients.projected), torch.from_numpy(gradients.weight_hh), bias, None, None


def recurrent_layer(
    projected: torch.Tensor, weight_hh: torch.Tensor, bias_hh: torch.Tensor | None, kernel: Kernel, probe: Probe
) -> torch.Tensor:
    """Run a kernel as a differentiable operation."""
    hidden: torch.Tensor = RecurrentLayer.apply(  # type: ignore[no-untyped-call]  # torch leaves it untyped
        projected, weight_hh, bias_hh, kernel, probe
    )
    return hidden
