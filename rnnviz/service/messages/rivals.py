"""Several models side by side."""

from __future__ import annotations

import msgspec

from rnnviz.engine.spec import RunSpec  # noqa: TC001  msgspec resolves the annotations
from rnnviz.service.messages.base import Command, Reply


class Compare(Command, frozen=True, kw_only=True):
    """Put the models of ``rivals`` beside the one on show, on the same text and trained as far (slot)."""

    rivals: list[RunSpec] = msgspec.field(default_factory=list)


class ComparedModel(msgspec.Struct, frozen=True, kw_only=True):
    """One of the models."""

    run: RunSpec
    parameter_count: int
    training_step: int


class Compared(Reply, frozen=True, kw_only=True):
    """Answer to Compare: the model on show first, then the rivals."""

    models: list[ComparedModel]
    training_step: int
