"""The optimisers: torch's fused update kernels, called directly, and their state as named numpy arrays.

``torch.optim`` wraps the same kernels, but its first use imports ``torch._dynamo`` (2 to 3.4 s, measured),
and every step costs 190 us instead of 40: a live trainer of small networks feels both. The tests hold
the updates against ``torch.optim`` bit for bit.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnnviz.engine.spec import TrainingSpec

Array = np.ndarray[Any, np.dtype[Any]]
Weights = dict[str, torch.Tensor]


class Optimiser:
    """Plain SGD: ``W <- W - eta dC/dW`` for every weight that has a gradient. State: none."""

    state_keys: tuple[str, ...] = ()

    def __init__(self, weights: Weights, rate: float) -> None:
        self.weights = weights
        self.rate = rate
        self.state: dict[str, dict[str, torch.Tensor]] = {}

    def zero_grad(self) -> None:
        """Forget the gradients of the last step."""
        for weight in self.weights.values():
            weight.grad = None

    @torch.no_grad()
    def step(self) -> None:
        """Apply one update in place."""
        pairs = [(weight, weight.grad) for weight in self.weights.values() if weight.grad is not None]
        torch._foreach_add_([w for w, _ in pairs], [g for _, g in pairs], alpha=-self.rate)

    def arrays(self) -> dict[str, Array]:
        """Return copies of the state as ``exp_avg/weight_hh_l0``; empty before the first step."""
        return {
            f"{key}/{name}": value.detach().cpu().numpy().copy()
            for name, values in self.state.items()
            for key, value in values.items()
        }

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Put a state from :meth:`arrays` back, on the weights' own device."""
        if not arrays:
            return
        for name, weight in self.weights.items():
            for key in self.state_keys:
                array = arrays.get(f"{key}/{name}")
                expected = () if key == "step" else tuple(weight.shape)
                if array is None or array.shape != expected:
                    found = "nothing" if array is None else f"the shape {array.shape}"
                    raise SpecError(f"The optimiser's {key} of {name} should have the shape {expected}; found {found}.")
                self.state.setdefault(name, {})[key] = torch.from_numpy(np.array(array)).to(weight.device)


class Adam(Optimiser):
    """Adam (Kingma & Ba 2015, algorithm 1): beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8.

    State: ``step`` (), and ``exp_avg``, ``exp_avg_sq`` of the weight's shape.
    """

    state_keys = ("step", "exp_avg", "exp_avg_sq")

    def _state_of(self, name: str) -> dict[str, torch.Tensor]:
        if name not in self.state:
            weight = self.weights[name]
            step = torch.zeros((), dtype=torch.float32, device=weight.device)
            self.state[name] = {
                "step": step,
                "exp_avg": torch.zeros_like(weight, requires_grad=False),
                "exp_avg_sq": torch.zeros_like(weight, requires_grad=False),
            }
        return self.state[name]

    @torch.no_grad()
    def step(self) -> None:
        """Apply one update in place."""
        named = [(name, weight) for name, weight in self.weights.items() if weight.grad is not None]
        states = [self._state_of(name) for name, _ in named]
        steps = [state["step"] for state in states]
        torch._foreach_add_(steps, 1)
        torch._fused_adam_(  # the kernel behind torch.optim.Adam(fused=True); there is no public name
            [weight for _, weight in named],
            [weight.grad for _, weight in named if weight.grad is not None],
            [state["exp_avg"] for state in states],
            [state["exp_avg_sq"] for state in states],
            [],
            steps,
            amsgrad=False,
            lr=self.rate,
            beta1=0.9,
            beta2=0.999,
            weight_decay=0.0,
            eps=1e-8,
            maximize=False,
        )


OPTIMISERS: dict[str, type[Optimiser]] = {"adam": Adam, "sgd": Optimiser}


def make_optimiser(spec: TrainingSpec, weights: Weights) -> Optimiser:
    """Return the optimiser of ``spec`` for ``weights`` (updated in place)."""
    return OPTIMISERS[spec.optimiser](weights, spec.learning_rate)
