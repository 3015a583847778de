"""Saturated and dead units: counted by hand on networks built to have them."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.health import GATE_HIGH, GATE_LOW, STATE_LIMIT, health
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.trace import trace
from tests.engine.oracle import make_network, make_sequence


def blank(**spec: object) -> Network:
    """A network of zeros; tests put a few numbers in."""
    network = initialise(ModelSpec(**spec), 5, 5, 0)  # type: ignore[arg-type]
    return Network(network.spec, 5, 5, {name: np.zeros_like(a) for name, a in network.weights.items()})


def changed(network: Network, name: str, place: object, value: float) -> Network:
    array = network.weights[name].copy()
    array[place] = value
    return Network(network.spec, 5, 5, {**network.weights, name: array})


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("gain", [1.0, 6.0])
def test_shares_are_counted_step_by_step(cell: str, gain: float) -> None:
    unrolled = trace(make_network(3, cell=cell, hidden=6, layers=2, gain=gain), make_sequence(17))
    for found, layer in zip(health(unrolled), unrolled.layers, strict=True):
        assert found.name == layer.name
        values = {"h": layer.hidden, **layer.gates}
        if cell == "lstm":
            values["tanh c"] = np.tanh(layer.cell_state)
        names = {"elman": ["h"], "lstm": ["i", "f", "o", "g", "tanh c"], "gru": ["r", "z", "n"]}[cell]
        assert [gate.name for gate in found.gates] == names
        for gate in found.gates:
            low, high = (GATE_LOW, GATE_HIGH) if gate.kind == "sigmoid" else (-STATE_LIMIT, STATE_LIMIT)
            for unit in range(6):
                column = values[gate.name][:, unit].tolist()
                assert gate.low[unit] == sum(v < low for v in column) / 17
                assert gate.high[unit] == sum(v > high for v in column) / 17
            assert gate.saturated == pytest.approx((gate.low + gate.high).sum() / 6)
    total = sum(gate.saturated for layer in health(unrolled) for gate in layer.gates)
    assert (total > 1.0) == (gain > 1.0)


def test_a_forget_gate_that_is_always_open_is_saturated_high() -> None:
    network = changed(blank(cell="lstm", hidden=4), "bias_ih_l0", 4 + 2, 5.0)  # i f g o: the forget gate of unit 3
    (layer,) = health(trace(network, make_sequence(9)))
    forget = next(gate for gate in layer.gates if gate.name == "f")
    assert forget.high.tolist() == [0, 0, 1, 0]
    assert forget.low.tolist() == [0, 0, 0, 0]


def test_a_relu_unit_that_never_fires_is_dead_and_one_that_fires_once_is_not() -> None:
    network = changed(blank(cell="elman", hidden=3, activation="relu"), "bias_ih_l0", 0, -1.0)
    network = changed(changed(network, "weight_ih_l0", (1, 2), 1.0), "bias_ih_l0", 2, 0.5)
    encoded = make_sequence(12)
    count = int((encoded.ids == 2).sum())
    assert 0 < count < 12
    (layer,) = health(trace(network, encoded))
    assert layer.dead.tolist() == [True, False, False]
    assert layer.gates[0].low.tolist() == [1.0, pytest.approx(1 - count / 12), 0.0]
    assert layer.gates[0].high.tolist() == [0, 0, 0]


def test_a_unit_that_keeps_one_value_is_dead() -> None:
    network = changed(changed(blank(hidden=3), "bias_ih_l0", 0, 0.7), "weight_ih_l0", (2, 1), 1.0)
    (layer,) = health(trace(network, make_sequence(12)))
    assert layer.dead.tolist() == [True, True, False]


@pytest.mark.parametrize("steps", [0, 1])
def test_of_no_step_or_one_nothing_is_said(steps: int) -> None:
    for spec in ({}, {"activation": "relu"}, {"cell": "gru"}, {"activation": "identity"}):
        (layer,) = health(trace(blank(hidden=3, **spec), make_sequence(steps)))
        assert layer.dead.any() == (steps == 1 and spec.get("activation") == "relu")
        assert all(np.isfinite(gate.saturated) for gate in layer.gates)
