"""The optimisers, and their state as named numpy arrays."""

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

STATE_KEYS = {"adam": ("step", "exp_avg", "exp_avg_sq"), "sgd": ()}


def make_optimiser(spec: TrainingSpec, weights: Weights) -> torch.optim.Optimizer:
    """Return Adam (Kingma & Ba 2015) or plain SGD; torch's fused kernels are the fastest on every device."""
    if spec.optimiser == "adam":
        return torch.optim.Adam(list(weights.values()), lr=spec.learning_rate, fused=True)
    return torch.optim.SGD(list(weights.values()), lr=spec.learning_rate, fused=True)


def optimiser_arrays(optimiser: torch.optim.Optimizer, weights: Weights) -> dict[str, Array]:
    """Return copies of the optimiser's state as ``exp_avg/weight_hh_l0``; empty before the first step."""
    return {
        f"{key}/{name}": value.detach().cpu().numpy().copy()
        for name, weight in weights.items()
        for key, value in optimiser.state[weight].items()
        if isinstance(value, torch.Tensor)
    }


def restore_optimiser(optimiser: torch.optim.Optimizer, weights: Weights, arrays: Mapping[str, Array]) -> None:
    """Put a state from :func:`optimiser_arrays` back, on the weights' own device."""
    if not arrays:
        return
    keys = {array.partition("/")[0] for array in arrays}
    state: dict[int, dict[str, torch.Tensor]] = {}
    for index, (name, weight) in enumerate(weights.items()):
        state[index] = {}
        for key in keys:
            array = arrays.get(f"{key}/{name}")
            expected = () if key == "step" else tuple(weight.shape)
            if array is None or array.shape != expected:
                found = "nothing" if array is None else f"the shape {array.shape}"
                raise SpecError(f"The optimiser's {key} of {name} should have the shape {expected}; found {found}.")
            state[index][key] = torch.from_numpy(np.array(array))
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
