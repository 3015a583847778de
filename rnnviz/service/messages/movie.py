"""One whole backward pass with all its numbers, and the update that follows from it."""

from __future__ import annotations

import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.service.messages.base import Command, Reply


class PlayBackward(Command, frozen=True, kw_only=True):
    """Every number of backpropagation through time of the summed (or mean) loss of the typed text (slot)."""

    layer: str = "l0"
    average: bool = False


class BackwardPlayed(Reply, frozen=True, kw_only=True):
    """Answer to PlayBackward: per time step (T,) log2 norms of the direct and the through-time part."""

    layer: str
    average: bool
    log2_direct: np.ndarray
    log2_through: np.ndarray
    training_step: int


class ApplyUpdate(Command, frozen=True, kw_only=True):
    """One plain step ``W <- W - eta dW`` with the gradient of the typed text."""

    learning_rate: float
    average: bool = False
