"""A network that is parity is right at every length; one that knows nothing is right half of the time."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.errors import SpecError
from rnnviz.engine.generalisation import length_curve
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.spec import ModelSpec, TaskSpec
from rnnviz.engine.tasks import make_task


def parity_machine(task):
    """Two threshold units (x + s > 0.5, x + s > 1.5) carry s_t = x_t xor s_{t-1} as their difference, exactly."""
    sharp = 200.0
    one = task.vocabulary.tokens.index("1")
    spec = ModelSpec(cell="elman", hidden=2, activation="sigmoid")
    drawn = initialise(spec, task.input_size, task.output_size, 0).weights
    weights = {name: np.zeros_like(array) for name, array in drawn.items()}
    weights["weight_ih_l0"][:, one] = sharp
    weights["weight_hh_l0"][:] = [[sharp, -sharp], [sharp, -sharp]]
    weights["bias_ih_l0"][:] = [-0.5 * sharp, -1.5 * sharp]
    odd = task.output_labels.index("odd")
    weights["readout.weight"][odd] = [10, -10]
    weights["readout.bias"][odd] = -5
    return Network(spec, task.input_size, task.output_size, weights)


def test_a_machine_that_is_parity_is_right_at_every_length():
    task = make_task(TaskSpec(name="parity", length=8))
    curve = length_curve(parity_machine(task), task, sequences=300)
    assert curve.trained_to == 8
    assert curve.lengths.max() == 32
    assert (curve.accuracy == 1).all()
    assert curve.counts.sum() == 300


def test_a_machine_that_always_gives_one_answer_is_right_half_of_the_time():
    task = make_task(TaskSpec(name="parity", length=8))
    machine = parity_machine(task)
    weights = {name: array.copy() for name, array in machine.weights.items()}
    weights["readout.weight"][:] = 0
    weights["readout.bias"][:] = [1, 0]
    blind = length_curve(Network(machine.spec, machine.input_size, machine.output_size, weights), task, sequences=2000)
    assert abs(blind.share(9, 32) - 0.5) < 0.05
    assert np.isnan(blind.share(100, 200))


def test_a_task_that_changes_its_inputs_with_its_length_is_refused():
    task = make_task(TaskSpec(name="parity", length=8))
    other = make_task(TaskSpec(name="next-char"))
    network = initialise(ModelSpec(), other.input_size, other.output_size, 0)
    with pytest.raises(SpecError, match="no length curve"):
        length_curve(network, task)
    with pytest.raises(SpecError, match="at least 1"):
        length_curve(parity_machine(task), task, sequences=0)
