"""The proof that what is on screen is right."""

from __future__ import annotations

import msgspec

from rnnviz.service.messages.base import Command, Reply


class Prove(Command, frozen=True, kw_only=True):
    """Check the network on show against independent ways of computing the same (slot)."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison: what was compared, the largest difference found, what is allowed."""

    title: str
    sentence: str
    difference: float
    allowed: float


class Proved(Reply, frozen=True, kw_only=True):
    """Answer to Prove."""

    checks: list[Check]
    training_step: int
