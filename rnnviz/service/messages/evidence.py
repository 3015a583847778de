"""The proof that what is on screen is right."""

from __future__ import annotations

import msgspec

from rnnviz.service.messages.base import Command, Reply


class Prove(Command, frozen=True, kw_only=True):
    """Check the network on show against independent ways of computing the same (slot)."""


class Check(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison: what was compared, the largest difference found, what is allowed.

    ``measure``: the difference is "absolute", "relative" or in "log2"; ``skipped`` says why nothing was compared.
    """

    title: str
    sentence: str
    difference: float
    allowed: float
    passed: bool
    measure: str = "absolute"
    seconds: float = 0.0
    skipped: str = ""


class Proved(Reply, frozen=True, kw_only=True):
    """Answer to Prove. ``steps`` of ``length`` time steps were compared; ``note`` says why not all.

    ``text``, ``training_step`` and ``checksum`` are those of the trace that was checked.
    """

    checks: list[Check]
    text: str
    steps: int
    length: int
    note: str
    seconds: float
    training_step: int
    checksum: int
