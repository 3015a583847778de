"""Tokens as rows of a table."""

from __future__ import annotations

import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.service.messages.base import Command, Reply


class LookUp(Command, frozen=True, kw_only=True):
    """Show the table of tokens and the neighbours of ``token`` (−1: of the one at ``time_step``) (slot)."""

    token: int = -1
    time_step: int = 0
    count: int = 5


class LookedUp(Reply, frozen=True, kw_only=True):
    """Answer to LookUp: the token's own row (D,) and the whole table (V, columns).

    ``table`` is the embedding, or W_xhᵀ where there is none; where it is too wide or long for a screen,
    columns or rows are means of blocks. ``token`` is −1 where the token is not in the vocabulary or the cursor on none:
    then there are no neighbours and ``row`` is zero, as the input is. ``parts``: the gates side by side in a row.
    """

    embedded: bool
    tokens: list[str]
    token: int
    row: np.ndarray
    table: np.ndarray
    limit: float
    parts: list[str]
    nearest: np.ndarray
    cosines: np.ndarray
    training_step: int
