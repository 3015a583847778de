"""A network that is parity is right at every length; one that knows nothing is right half of the time."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.errors import SpecError
from rnnviz.engine.generalisation import blind_guess, length_curve
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


@pytest.mark.parametrize(("name", "classes"), [("parity", 2), ("temporal-order", 4), ("dna", 2)])
def test_one_answer_is_guessed_in_one_of_the_classes(name, classes):
    task = make_task(TaskSpec(name=name))
    rng = np.random.default_rng(0)
    guesses = blind_guess(task, task.batch(rng, 5), rng)
    assert guesses.tolist() == [1 / classes] * 5


def test_a_counted_string_is_guessed_ever_more_rarely():
    """An a allows two of three signs (the third must be below both: 1/3), a b and the end one: 3^(-2n)."""
    task = make_task(TaskSpec(name="a-n-b-n"))
    for n in (1, 2):
        share = blind_guess(task, task.strings([n] * 4000), np.random.default_rng(n)).mean()
        assert abs(share - 3.0 ** (-2 * n)) < 4 * np.sqrt(3.0 ** (-2 * n) / 32_000)
