"""Counting parameters against real networks, and the size that makes two networks equally large against a full scan."""

from __future__ import annotations

import msgspec
import pytest

from rnnviz.engine.network import initialise
from rnnviz.engine.parameters import count_parameters, matched_hidden, same_change
from rnnviz.engine.spec import CELL_NAMES, MAX_HIDDEN, ModelSpec, TrainingSpec


@pytest.mark.parametrize("cell", CELL_NAMES)
@pytest.mark.parametrize("more", [{}, {"layers": 3}, {"bidirectional": True, "layers": 2}, {"embedding": 5}])
def test_the_count_is_that_of_the_network(cell, more):
    model = ModelSpec(cell=cell, hidden=7, **more)
    assert count_parameters(model, 12, 9) == initialise(model, 12, 9, 0).parameter_count


def test_the_formula_of_one_elman_layer():
    hidden, inputs, outputs = 16, 27, 27
    by_hand = hidden * hidden + hidden * (inputs + 2) + outputs * (hidden + 1)
    assert count_parameters(ModelSpec(hidden=hidden), inputs, outputs) == by_hand


@pytest.mark.parametrize("cell", CELL_NAMES)
@pytest.mark.parametrize("goal", [1, 60, 899, 2051, 2627, 40_000])
def test_the_matched_size_is_the_nearest_of_all(cell, goal):
    model = ModelSpec(cell=cell, layers=2)

    def distance(hidden):
        return abs(count_parameters(msgspec.structs.replace(model, hidden=hidden), 20, 11) - goal)

    assert matched_hidden(model, 20, 11, goal) == min(range(1, 200), key=distance)


def test_the_matched_size_stays_within_what_is_allowed():
    assert matched_hidden(ModelSpec(cell="lstm"), 20, 11, 10**12) == MAX_HIDDEN
    assert matched_hidden(ModelSpec(cell="lstm"), 20, 11, 0) == 1


def test_a_model_matches_itself():
    for hidden in (1, 2, 8, 100, MAX_HIDDEN):
        model = ModelSpec(cell="gru", hidden=hidden)
        assert matched_hidden(model, 30, 30, count_parameters(model, 30, 30)) == hidden


def test_the_same_change_leaves_other_settings_alone():
    before, other = TrainingSpec(learning_rate=0.01, clip=1.0), TrainingSpec(learning_rate=0.05, clip=0.0)
    after = msgspec.structs.replace(before, batch_size=4)
    assert same_change(before, after, other) == msgspec.structs.replace(other, batch_size=4)
    after = msgspec.structs.replace(before, learning_rate=0.1)
    assert same_change(before, after, other) == TrainingSpec(learning_rate=0.1, clip=0.0)
    assert same_change(before, before, other) is other
