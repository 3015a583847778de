"""The numpy sweeps against a float64 autograd loop written step by step."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch

from rnnviz.engine.training_functions import Probe, RecurrentLayer
from rnnviz.engine.training_kernels import joint_log2, make_kernel

if TYPE_CHECKING:
    from collections.abc import Callable

T, B, H = 13, 3, 5
GATES = {"elman": 1, "lstm": 4, "gru": 3}
ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "identity": lambda x: x,
}
CASES = [("elman", name) for name in ACTIVATIONS] + [("lstm", "tanh"), ("gru", "tanh")]

Step = tuple[torch.Tensor, ...]


def oracle_step(cell: str, activation: str, x: torch.Tensor, w: torch.Tensor, b: torch.Tensor, state: Step) -> Step:
    """One step of PyTorch's published equations."""
    h = state[0]
    if cell == "elman":
        return (ACTIVATIONS[activation](x + h @ w.T),)
    if cell == "lstm":
        i, f, g, o = (x + h @ w.T).chunk(4, -1)
        c = f.sigmoid() * state[1] + i.sigmoid() * g.tanh()
        return o.sigmoid() * c.tanh(), c
    xr, xz, xn = x.chunk(3, -1)
    hr, hz, hn = (h @ w.T + b).chunk(3, -1)
    r, z = (xr + hr).sigmoid(), (xz + hz).sigmoid()
    return ((1 - z) * (xn + r * hn).tanh() + z * h,)


def oracle(cell: str, activation: str, x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> list[Step]:
    zero = torch.zeros(B, H, dtype=x.dtype)
    state: Step = (zero, zero) if cell == "lstm" else (zero,)
    states = []
    for row in x:
        state = oracle_step(cell, activation, row, w, b, state)
        for part in state:
            part.retain_grad()
        states.append(state)
    return states


def random_inputs(cell: str, seed: int = 0) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    k = GATES[cell]

    def draw(*shape: int) -> torch.Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    return draw(T, B, k * H), draw(k * H, H) * 0.5, draw(k * H) * 0.5, draw(T, B, H)


@pytest.mark.parametrize(("cell", "activation"), CASES)
def test_states_gradients_and_norms_match_autograd(cell: str, activation: str) -> None:
    x, w, b, readout = random_inputs(cell)
    ours = [tensor.clone().requires_grad_() for tensor in (x, w, b)]
    theirs = [tensor.clone().requires_grad_() for tensor in (x, w, b)]
    probe = Probe()
    bias = ours[2] if cell == "gru" else None
    hidden = RecurrentLayer.apply(ours[0], ours[1], bias, make_kernel(cell, activation), probe)
    states = oracle(cell, activation, *theirs)
    expected = torch.stack([state[0] for state in states])
    torch.testing.assert_close(hidden, expected, rtol=1e-12, atol=1e-12)
    (hidden.tanh() * readout).sum().backward()
    (expected.tanh() * readout).sum().backward()
    for mine, reference in zip(ours[: 3 if cell == "gru" else 2], theirs, strict=False):
        torch.testing.assert_close(mine.grad, reference.grad, rtol=1e-9, atol=1e-12)
    joint = [sum(part.grad.square().sum() for part in state) ** 0.5 for state in states]
    assert probe.log2_norms is not None
    np.testing.assert_allclose(joint_log2(probe.log2_norms), np.log2([float(n) for n in joint]), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("cell", GATES)
def test_a_gradient_far_below_float32_keeps_its_norm(cell: str) -> None:
    """A loss on the last of 400 steps only: float32 must give the float64 norms, not zero."""
    generator = np.random.default_rng(1)
    k, steps = GATES[cell], 400
    projected = generator.standard_normal((steps, 2, k * H))
    weight = generator.standard_normal((k * H, H)) * 0.05
    if cell == "lstm":
        projected[:, :, H : 2 * H] -= 2.0  # the forget gate nearly shut
    if cell == "gru":
        projected[:, :, H : 2 * H] -= 2.0
    direct = np.zeros((steps, 2, H))
    direct[-1] = 1.0
    norms = []
    for dtype in (np.float64, np.float32):
        kernel = make_kernel(cell, "tanh")
        kernel.forward(projected.astype(dtype), weight.astype(dtype), np.zeros(k * H, dtype))
        norms.append(joint_log2(kernel.backward(direct.astype(dtype)).log2_norms))
    assert norms[0][0] < -160
    np.testing.assert_allclose(norms[1], norms[0], atol=0.01)


def test_new_losses_after_a_rescale_are_added_at_the_right_scale() -> None:
    """A loss at the end and one in the middle: the gradient is the sum of both, seen from the start."""
    kernel = make_kernel("elman", "identity")
    steps = 100
    weight = np.full((1, 1), 0.25, dtype=np.float32)
    kernel.forward(np.zeros((steps, 1, 1), np.float32), weight, None)
    direct = np.zeros((steps, 1, 1), np.float32)
    direct[-1] = 1.0
    direct[49] = 3.0
    log2 = joint_log2(kernel.backward(direct).log2_norms)
    np.testing.assert_allclose(log2[50:], -2.0 * np.arange(49, -1, -1), atol=1e-6)
    np.testing.assert_allclose(log2[:50], np.log2(3.0) - 2.0 * np.arange(49, -1, -1), atol=1e-6)


def test_joint_log2_survives_the_extremes() -> None:
    values = np.array([[-3000.0, -3000.0], [2000.0, 0.0], [-np.inf, 1.0], [-np.inf, -np.inf]])
    np.testing.assert_allclose(joint_log2(values), [-2999.5, 2000.0, 1.0, -np.inf])
