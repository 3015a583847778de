"""Whether the units still do something."""

from __future__ import annotations

import msgspec
import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.service.messages.base import Command, Reply


class CheckHealth(Command, frozen=True, kw_only=True):
    """Saturated gates and dead units of every layer on the typed text (slot)."""


class GateReport(msgspec.Struct, frozen=True, kw_only=True):
    """One gate or state: the share of time steps at which each unit (H,) is saturated at its low or high end.

    ``kind``: "sigmoid", "tanh" or "relu" (``low``: at zero).
    """

    name: str
    kind: str
    low: np.ndarray
    high: np.ndarray


class HealthReport(msgspec.Struct, frozen=True, kw_only=True):
    """One layer; ``dead`` (H,) bool: the unit keeps one value over the text (relu: never above zero)."""

    name: str
    gates: list[GateReport]
    dead: np.ndarray


class FirstBad(msgspec.Struct, frozen=True, kw_only=True):
    """The value that stopped the training: the first one that was not finite.

    ``time_step`` 0 and ``unit`` −1 (counted from 0) where the tensor has no such place.
    """

    training_step: int
    tensor: str
    kind: str
    layer: str = ""
    time_step: int = 0
    unit: int = -1


class HealthChecked(Reply, frozen=True, kw_only=True):
    """Answer to CheckHealth, with the limits that were used; ``steps`` is the length of the text."""

    layers: list[HealthReport]
    steps: int
    gate_low: float
    gate_high: float
    state_limit: float
    training_step: int
    first_bad: FirstBad | None = None
