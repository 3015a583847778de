"""The chain of factors between one loss and one earlier step."""

from __future__ import annotations

import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.service.messages.base import Command, Reply


class TraceChain(Command, frozen=True, kw_only=True):
    """The factors dh_k/dh_{k-1} from ``loss_step`` (0: the last loss) back to ``time_step`` (0: step 1) (slot)."""

    layer: str = "l0"
    loss_step: int = 0
    time_step: int = 0


class Chained(Reply, frozen=True, kw_only=True):
    """Answer to TraceChain; ``steps`` (K,) are the time steps k of the factors, from the loss step down."""

    layer: str
    loss_step: int
    time_step: int
    steps: np.ndarray
    training_step: int
