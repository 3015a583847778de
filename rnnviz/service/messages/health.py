"""Whether the units still do something."""

from __future__ import annotations

import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.service.messages.base import Command, Reply


class CheckHealth(Command, frozen=True, kw_only=True):
    """Saturated and dead units and gates of every layer on the typed text (slot)."""


class HealthChecked(Reply, frozen=True, kw_only=True):
    """Answer to CheckHealth: ``saturated`` maps "layer/gate" to the share of saturated steps of each unit (H,)."""

    saturated: dict[str, np.ndarray]
    training_step: int
