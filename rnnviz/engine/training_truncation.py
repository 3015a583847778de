"""Truncated BPTT in training: a batch is cut into windows, each swept back by itself from a constant first state.

The windows lie side by side as more sequences of one batch, so that all of them are swept at once. Every loss is in
exactly one window, so the mean loss is that of the whole sequences; only the gradient is cut.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.tasks.base import Batch

if TYPE_CHECKING:
    from rnnviz.engine.truncation import Windows

NO_TARGET = -1


PIECE = 2**25
"""Numbers kept at once: 128 MB in float32, whatever the length of the sequences."""


def pieces(windows: Windows, batch: int, step_size: int) -> list[range]:
    """The windows in a few ranges, each of which fits into memory; one range where all of them do."""
    at_once = max(1, PIECE // (batch * windows.width * step_size))
    count = len(windows.starts)
    return [range(first, min(first + at_once, count)) for first in range(0, count, at_once)]


def cut_batch(batch: Batch, windows: Windows, chosen: range) -> Batch:
    """``(B, T)`` as ``(G B, width)``: window by window, a target only where its loss belongs to that window.

    What a window holds behind its last loss (or behind the end) is there to make all equally long: no gradient
    comes from it.
    """
    steps = batch.ids.shape[1]
    wanted = windows.starts[chosen.start : chosen.stop, None] + np.arange(windows.width)
    rows = np.minimum(wanted, steps - 1)
    own = (wanted < steps) & (windows.owner[rows] == np.arange(chosen.start, chosen.stop)[:, None])
    ids = batch.ids[:, rows]
    targets = np.where(own, batch.targets[:, rows], NO_TARGET)
    inputs, answers = (None if real is None else _side_by_side(real[:, rows]) for real in (batch.inputs, batch.wanted))
    return Batch(_side_by_side(ids), _side_by_side(targets), inputs=inputs, wanted=answers)


def _side_by_side(array: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """(B, G, W) as (G B, W); (B, G, W, D) as (G B, W, D)."""
    return np.ascontiguousarray(array.swapaxes(0, 1)).reshape(-1, *array.shape[2:])
