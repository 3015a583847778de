"""Health of the units on one text: which gates and states are saturated, which units do nothing.

Where a squashing function is flat it passes hardly any gradient. A gate counts as saturated below 0.1 or above 0.9
(left- and right-saturated in Karpathy, Johnson & Fei-Fei 2016, "Visualizing and understanding recurrent networks"),
a tanh beyond ±0.95: at both limits the local slope is just below 0.1 (σ' = 0.09, 1 − tanh² = 0.0975).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rnnviz.engine.trace import LayerTrace, Trace

    Shares = NDArray[np.float64]

GATE_LOW, GATE_HIGH = 0.1, 0.9
STATE_LIMIT = 0.95
STILL = 1e-6
"""A unit whose values differ by less (relative to the largest) is constant over the text."""

SIGMOID, TANH, RELU = "sigmoid", "tanh", "relu"


@dataclass(frozen=True, eq=False)
class GateHealth:
    """One gate or state: for each unit (H,) the share of time steps at which it is saturated.

    ``kind`` sigmoid: ``low`` below 0.1, ``high`` above 0.9. tanh: ``low`` below −0.95, ``high`` above 0.95.
    relu: ``low`` at zero, where no gradient passes; nothing is too high.
    """

    name: str
    kind: str
    low: Shares
    high: Shares

    @property
    def saturated(self) -> float:
        """The share of all unit-steps."""
        return float((self.low + self.high).mean()) if self.low.size else 0.0


@dataclass(frozen=True, eq=False)
class LayerHealth:
    """One layer: its gates, and the units (H,) whose hidden state never moves (relu: is never above zero)."""

    name: str
    gates: tuple[GateHealth, ...]
    dead: NDArray[np.bool_]


def health(trace: Trace) -> tuple[LayerHealth, ...]:
    """The health of every layer over the text of ``trace``; of an empty text nothing is saturated or dead."""
    spec = trace.network.spec
    return tuple(_layer_health(layer, spec.cell, spec.activation) for layer in trace.layers)


def _layer_health(layer: LayerTrace, cell: str, activation: str) -> LayerHealth:
    found = tuple(_gate_health(name, kind, values) for name, kind, values in _measured(layer, cell, activation))
    silent = cell == "elman" and activation == RELU
    return LayerHealth(layer.name, found, _never_active(layer.hidden) if silent else _constant(layer.hidden))


def _measured(layer: LayerTrace, cell: str, activation: str) -> list[tuple[str, str, NDArray[Any]]]:
    """Name, kind and values (T, H) of all that squashes."""
    if cell == "elman":
        return [] if activation == "identity" else [("h", activation, layer.hidden)]
    if cell == "lstm":
        gates = [(name, TANH if name == "g" else SIGMOID, layer.gates[name]) for name in ("i", "f", "o", "g")]
        return [*gates, ("tanh c", TANH, np.tanh(layer.cell_state))]
    return [(name, TANH if name == "n" else SIGMOID, layer.gates[name]) for name in ("r", "z", "n")]


def _gate_health(name: str, kind: str, values: NDArray[Any]) -> GateHealth:
    low, high = {
        SIGMOID: (values < GATE_LOW, values > GATE_HIGH),
        TANH: (values < -STATE_LIMIT, values > STATE_LIMIT),
        RELU: (values <= 0, np.zeros(values.shape, np.bool_)),
    }[kind]
    return GateHealth(name, kind, _share(low), _share(high))


def _share(true: NDArray[np.bool_]) -> Shares:
    """(H,): the share of the T steps."""
    return true.mean(axis=0) if len(true) else np.zeros(true.shape[1])


def _never_active(hidden: NDArray[Any]) -> NDArray[np.bool_]:
    """(H,): whether a relu unit is at zero at every step."""
    return np.asarray((hidden <= 0).all(axis=0) & (len(hidden) > 0))


def _constant(hidden: NDArray[Any]) -> NDArray[np.bool_]:
    """(H,): whether a unit keeps one value; one step alone says nothing."""
    if len(hidden) < 2:
        return np.zeros(hidden.shape[1], np.bool_)
    return np.asarray(np.ptp(hidden, axis=0) <= STILL * np.maximum(1.0, np.abs(hidden).max(axis=0)))
