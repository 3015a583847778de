"""The optimisers against torch.optim, bit for bit, and their state through numpy and back."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import TrainingSpec
from rnnviz.engine.training_optimiser import make_optimiser

SHAPES = {"weight_hh_l0": (12, 5), "bias_hh_l0": (12,), "readout.weight": (7, 5)}


def weights() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(3)
    return {name: torch.randn(shape, generator=generator, requires_grad=True) for name, shape in SHAPES.items()}


def give_gradients(*sets: dict[str, torch.Tensor], seed: int) -> None:
    generator = torch.Generator().manual_seed(seed)
    for name, shape in SHAPES.items():
        gradient = torch.randn(shape, generator=generator)
        for named in sets:
            named[name].grad = gradient.clone()


@pytest.mark.parametrize("optimiser", ["adam", "sgd"])
def test_updates_are_those_of_torch_optim_bit_for_bit(optimiser: str) -> None:
    ours, theirs = weights(), weights()
    mine = make_optimiser(TrainingSpec(optimiser=optimiser, learning_rate=0.03), ours)
    kind = {"adam": torch.optim.Adam, "sgd": torch.optim.SGD}[optimiser]
    oracle = kind(list(theirs.values()), lr=0.03, **({"fused": True} if optimiser == "adam" else {}))
    for seed in range(20):
        give_gradients(ours, theirs, seed=seed)
        mine.step()
        oracle.step()
    for name in SHAPES:
        assert torch.equal(ours[name], theirs[name])


def test_the_state_survives_numpy_and_a_new_optimiser() -> None:
    first, second = weights(), weights()
    mine = make_optimiser(TrainingSpec(), first)
    give_gradients(first, seed=0)
    mine.step()
    with torch.no_grad():
        for name in SHAPES:
            second[name].copy_(first[name])
    again = make_optimiser(TrainingSpec(), second)
    again.restore(mine.arrays())
    give_gradients(first, second, seed=1)
    mine.step()
    again.step()
    assert all(torch.equal(first[name], second[name]) for name in SHAPES)


def test_weights_without_a_gradient_stay_as_they_are() -> None:
    named = weights()
    mine = make_optimiser(TrainingSpec(), named)
    give_gradients(named, seed=0)
    named["bias_hh_l0"].grad = None
    before = named["bias_hh_l0"].detach().clone()
    mine.step()
    assert torch.equal(named["bias_hh_l0"], before)
    assert "exp_avg/bias_hh_l0" not in mine.arrays()


def test_a_state_of_another_shape_is_refused_by_name() -> None:
    named = weights()
    arrays = {f"{key}/{name}": np.zeros(3) for name in SHAPES for key in ("step", "exp_avg", "exp_avg_sq")}
    with pytest.raises(SpecError, match="step of weight_hh_l0"):
        make_optimiser(TrainingSpec(), named).restore(arrays)
