"""Sequences longer than those of the training."""

from __future__ import annotations

import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.engine.spec import ModelSpec  # noqa: TC001  as above
from rnnviz.service.messages.base import Command, Reply


class MeasureLengths(Command, frozen=True, kw_only=True):
    """Test the network on show on fresh sequences up to four times as long as in training (slot)."""

    sequences: int = 1200


class LengthsMeasured(Reply, frozen=True, kw_only=True):
    """Answer to MeasureLengths: of each of ``lengths`` (K,), rising, the share of right sequences and their number.

    ``chance`` (K,) is the share that a blind guess gets right. ``trained_to`` is N, the longest length in
    training. ``task`` is a name.
    """

    lengths: np.ndarray
    accuracy: np.ndarray
    counts: np.ndarray
    chance: np.ndarray
    trained_to: int
    task: str
    model: ModelSpec
    training_step: int
