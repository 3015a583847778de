"""What the hidden state still knows of earlier tokens."""

from __future__ import annotations

import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.engine.spec import ModelSpec  # noqa: TC001  as above
from rnnviz.service.messages.base import Command, Reply


class ProbeMemory(Command, frozen=True, kw_only=True):
    """Fit a linear probe from h_t to the token k steps back, for k from 0 to ``furthest`` (slot)."""

    furthest: int = 20


class MemoryProbed(Reply, frozen=True, kw_only=True):
    """Answer to ProbeMemory: for each of ``distances`` (K,) the share of held-out tokens read out right.

    The probes were fitted to all but ``judged`` of the ``sequences`` different ones that were drawn, and judged on
    those; with none left to judge, all of ``accuracy`` is NaN.
    ``accuracy`` (K,) is of the network on show, ``untrained`` (K,) of the same network before its training; NaN where
    no sequence is long enough. ``chance`` is the share of the most frequent token. ``task`` is a name.
    """

    distances: np.ndarray
    accuracy: np.ndarray
    untrained: np.ndarray
    chance: float
    sequences: int
    judged: int
    size: int
    task: str
    model: ModelSpec
    training_step: int
