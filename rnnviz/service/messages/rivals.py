"""Several models side by side."""

from __future__ import annotations

import msgspec
import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.engine.spec import ModelSpec, TrainingSpec
from rnnviz.service.messages.base import Command, Reply


class RivalSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A model beside the one on show. Task, seed and device are those of the model on show, whatever stands here."""

    model: ModelSpec = ModelSpec()
    training: TrainingSpec = TrainingSpec()


class Compare(Command, frozen=True, kw_only=True):
    """Put the models of ``rivals`` (at most two) beside the one on show, on the same text and trained as far (slot).

    ``equal_parameters``: every rival gets the number of units with which it comes nearest to the parameter
    count of the model on show. ``loss_step`` 0 is the last loss; a rival without ``layer`` shows its first.
    ``seeds``: so many runs of every model, from the seed on show upwards; those beside the first give a band.
    ``paused``: nobody looks; the rivals are kept, do not train, and the answer has no models.
    """

    rivals: list[RivalSpec] = msgspec.field(default_factory=list)
    equal_parameters: bool = False
    loss_step: int = 0
    threshold: float = 0.01
    layer: str = "l0"
    paused: bool = False
    seeds: int = 1


class ComparedModel(msgspec.Struct, frozen=True, kw_only=True):
    """One of the models. Norms are log2, joint over (h, c) for an LSTM, −inf where nothing arrives.

    ``log2`` (T,) gradient of the chosen loss, empty where the text has none; ``credit`` (R, T) with row r the loss
    of step ``rows[r]``; ``steps`` and ``losses`` (n <= 500) the training curve, thinned; ``training_step`` of
    ``target_step`` are done; ``failure`` says why it trains no further ('' while it can).
    With several seeds ``lowest`` and ``highest`` (T,) are the extremes over all of them of what arrives as a share
    of the own start (log2), ``horizons`` those of all seeds, ``seeds_behind`` how many still catch up.
    ``horizon_steps`` and ``horizon_course`` (m,): the memory horizon at the training steps it was measured at.
    """

    model: ModelSpec
    training: TrainingSpec
    parameter_count: int
    training_step: int
    target_step: int
    loss: float | None
    steps: np.ndarray
    losses: np.ndarray
    log2: np.ndarray
    horizon: int
    rows: np.ndarray
    credit: np.ndarray
    failure: str = ""
    lowest: np.ndarray | None = None
    highest: np.ndarray | None = None
    horizons: list[int] = msgspec.field(default_factory=list)
    seeds_behind: int = 0
    horizon_steps: list[int] = msgspec.field(default_factory=list)
    horizon_course: list[int] = msgspec.field(default_factory=list)


class Compared(Reply, frozen=True, kw_only=True):
    """Answer to Compare: the model on show first, then the rivals in the order asked for.

    ``asked`` is the command it answers, with the number 0; ``loss_step`` the loss it is of (0: there is none).
    """

    models: list[ComparedModel]
    asked: Compare
    loss_step: int = 0
