"""The network goes on with the typed text."""

from __future__ import annotations

import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.service.messages.base import Command, Reply


class Generate(Command, frozen=True, kw_only=True):
    """Draw ``count`` tokens after the typed text (slot); the same seed and network begin with the same tokens."""

    temperature: float = 1.0
    top_k: int = 0
    seed: int = 0
    count: int = 40


class Generated(Reply, frozen=True, kw_only=True):
    """Answer to Generate: what was drawn after ``text``, and the distributions it was drawn from.

    Row n of ``labels`` and ``probabilities`` (count, K): the K most probable tokens, best first, and last the drawn one
    where it is none of them; ``drawn`` (count,) is its place in the row. ``pieces`` put behind the text one by one are
    what was typed and drawn; empty where the text cannot go on so. ``ended``: the last token ends the text.
    """

    text: str
    tokens: list[str]
    pieces: list[str]
    labels: list[list[str]]
    probabilities: np.ndarray
    drawn: np.ndarray
    temperature: float
    top_k: int
    seed: int
    training_step: int
    ended: bool = False
