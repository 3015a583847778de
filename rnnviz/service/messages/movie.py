"""One whole backward pass with all its numbers, and the update that follows from it."""

from __future__ import annotations

import msgspec
import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.service.messages.base import Command, Reply


class PlayBackward(Command, frozen=True, kw_only=True):
    """Every number of backpropagation through time on the typed text (slot).

    ``losses``: C is the "sum" of all losses, their "mean", or the "one" of ``loss_step`` (0: the last).
    ``weight``: whose contributions are wanted, W_hh, W_xh, W_hy or b.
    """

    layer: str = "l0"
    losses: str = "sum"
    loss_step: int = 0
    weight: str = "W_hh"


class LayerEdges(msgspec.Struct, frozen=True, kw_only=True):
    """What passes the edges of one layer; arrays (T,) are log2 norms per time step.

    ``log2_direct``: what comes down into h_t; ``log2_through``: what arrives from step t+1 (for the LSTM through h
    and c together, ``log2_through_hidden`` and ``log2_through_cell`` apart); ``log2_total``: both.
    """

    name: str
    log2_direct: np.ndarray
    log2_through: np.ndarray
    log2_through_hidden: np.ndarray
    log2_through_cell: np.ndarray | None
    log2_total: np.ndarray


class WeightSum(msgspec.Struct, frozen=True, kw_only=True):
    """What the copies give to one shared weight, and whether the sum is ``W.grad``.

    ``name`` is PyTorch's, ``key`` ours (W_hh ...). ``log2_norms`` (T,) of each ``dW_t``; ``log2_running`` (n,) of the
    sum over the copies the sweep has passed when it stands at ``steps`` (n,). ``norm`` is that of ``Σ_t dW_t``;
    ``reference_norm`` and ``difference`` (the largest, absolute) compare with another way of computing the same.
    """

    name: str
    key: str
    log2_norms: np.ndarray
    steps: np.ndarray
    log2_running: np.ndarray
    norm: float
    reference_norm: float
    difference: float


class UpdateReport(msgspec.Struct, frozen=True, kw_only=True):
    """What the last update of this network did to this text: every step's loss before and after it (NaN: none)."""

    learning_rate: float
    losses: str
    loss_before: np.ndarray
    loss_after: np.ndarray


class BackwardPlayed(Reply, frozen=True, kw_only=True):
    """Answer to PlayBackward: the edges of all layers, and one shared weight of ``layer`` (or of the read-out).

    ``losses``, ``loss_step``: as asked for, ``loss_count`` how many losses C is made of.
    ``reference``: what the sum is compared with ("nn.LSTM", or "one matrix product" with the reason in
    ``reference_note``). ``update``: the last update, while these weights are those that it made.
    """

    layer: str
    losses: str
    loss_step: int
    loss_count: int
    edges: list[LayerEdges]
    weight: WeightSum
    reference: str
    reference_note: str
    training_step: int
    update: UpdateReport | None = None


class ApplyUpdate(Command, frozen=True, kw_only=True):
    """One plain step ``W <- W - eta dW`` of all weights with the gradient of the typed text."""

    learning_rate: float
    losses: str = "sum"
    loss_step: int = 0


class UndoUpdate(Command, frozen=True, kw_only=True):
    """Put back the very weights that the last update has changed."""


class WeightsUpdated(Reply, frozen=True, kw_only=True):
    """Answer to ApplyUpdate and UndoUpdate; the numbers come with the next BackwardPlayed."""

    undone: bool
    training_step: int
