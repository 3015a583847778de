"""Gradient flows by layer: to the left, in a reverse layer to the right; each from its own loss step."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.view.stage.frame import Gradient


def flow(*, rightward=False, loss_step=5, length=9):
    distance = np.abs(np.arange(1, length + 1) - loss_step)
    return Gradient(loss_step, -distance.astype(float), rightward=rightward)


def test_a_forward_layer_is_swept_to_the_left():
    made = flow()
    assert [step for step in range(1, 10) if made.reached(step, 3)] == [3, 4, 5]
    assert [step for step in range(1, 9) if made.crossed(step, 3)] == [3, 4]
    assert made.front(3) == 3


def test_a_reverse_layer_is_swept_to_the_right_as_far():
    made = flow(rightward=True)
    assert [step for step in range(1, 10) if made.reached(step, 3)] == [5, 6, 7]
    assert [step for step in range(1, 9) if made.crossed(step, 3)] == [5, 6]
    assert made.front(3) == 7


@pytest.mark.parametrize("rightward", [False, True])
def test_a_sweep_that_has_not_started_has_reached_only_its_source(rightward):
    made = flow(rightward=rightward)
    assert [step for step in range(1, 10) if made.reached(step, 5)] == [5]
    assert not any(made.crossed(step, 5) for step in range(1, 9))
    assert made.share(5) == 1.0
    assert made.share(7) == pytest.approx(0.25)
