"""The numpy kernels as one torch operation, so that autograd and torch's optimisers train them (CPU)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

if TYPE_CHECKING:
    from rnnviz.engine.training_kernels import Array, Gradients, Kernel


class Probe:
    """Receives log2 norms ``(T, B)`` of ``dC/dh_t`` from a layer's backward pass, or what measuring them needs."""

    def __init__(self) -> None:
        self.log2_norms: Array | None = None
        self.switch = 0
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
        return (*_tensors(gradients), None, None)


class HandedOver(torch.autograd.Function):
    """Encoder and decoder as one layer: the second kernel begins at the last state of the first.

    The sweep takes ``dC/d(h, c)`` from the decoder's start to the encoder's last state, with its power of two.
    """

    @staticmethod
    def forward(
        ctx: Any,  # noqa: ANN401 - torch gives no public type for it
        kernels: tuple[Kernel, Kernel],
        probe: Probe,
        *flat: torch.Tensor | None,
    ) -> torch.Tensor:
        """Run both kernels; ``flat`` is projected, weight_hh and bias_hh of the first, then of the second."""
        ctx.kernels, ctx.probe = kernels, probe
        arrays: Any = [None if each is None else each.detach().numpy() for each in flat]
        first, second = kernels
        with np.errstate(over="ignore", invalid="ignore"):
            before = first.forward(*arrays[:3])
            second.start = tuple(states[-1] for states in first.states())
            after = second.forward(*arrays[3:])
        ctx.switch = len(before) - 1
        return torch.from_numpy(np.concatenate((before[1:], after[1:])))

    @staticmethod
    def backward(ctx: Any, *direct: torch.Tensor) -> tuple[torch.Tensor | None, ...]:  # noqa: ANN401
        """Sweep the decoder, then the encoder from where the decoder's gradient leaves."""
        entering = direct[0].contiguous().numpy()
        first, second = ctx.kernels
        with np.errstate(over="ignore", invalid="ignore"):
            after = second.backward(entering[ctx.switch :])
            first.arriving = after.leaving
            before = first.backward(entering[: ctx.switch])
        ctx.probe.log2_norms = np.concatenate((before.log2_norms, after.log2_norms))
        return (None, None, *_tensors(before), *_tensors(after))


def _tensors(gradients: Gradients) -> tuple[torch.Tensor | None, ...]:
    bias = None if gradients.bias_hh is None else torch.from_numpy(gradients.bias_hh)
    return torch.from_numpy(gradients.projected), torch.from_numpy(gradients.weight_hh), bias


def recurrent_layer(
    projected: torch.Tensor, weight_hh: torch.Tensor, bias_hh: torch.Tensor | None, kernel: Kernel, probe: Probe
) -> torch.Tensor:
    """Run a kernel as a differentiable operation."""
    hidden: torch.Tensor = RecurrentLayer.apply(  # type: ignore[no-untyped-call]  # torch leaves it untyped
        projected, weight_hh, bias_hh, kernel, probe
    )
    return hidden


def handed_over(
    parts: tuple[tuple[torch.Tensor | None, ...], tuple[torch.Tensor | None, ...]],
    kernels: tuple[Kernel, Kernel],
    probe: Probe,
) -> torch.Tensor:
    """Run encoder and decoder, each ``(projected, weight_hh, bias_hh)``, as one differentiable operation."""
    hidden: torch.Tensor = HandedOver.apply(kernels, probe, *parts[0], *parts[1])  # type: ignore[no-untyped-call]
    return hidden
