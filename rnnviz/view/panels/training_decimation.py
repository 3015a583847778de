"""Long training histories, thinned for the screen without losing a peak."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def decimated(
    steps: NDArray[np.floating], values: NDArray[np.floating], columns: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """At most 2 x ``columns`` points: the smallest and largest value of each block, in their order of time.

    NaN values are passed over; a block of nothing but NaN stays a gap.
    """
    steps, values = np.asarray(steps, np.float64), np.asarray(values, np.float64)
    if len(values) <= 2 * columns:
        return steps, values
    size = -(-len(values) // columns)
    padded = np.full(size * -(-len(values) // size), np.nan)
    padded[: len(values)] = values
    blocks = padded.reshape(-1, size)
    empty = np.isnan(blocks).all(axis=1)
    low = np.argmin(np.where(np.isnan(blocks), np.inf, blocks), axis=1)
    high = np.argmax(np.where(np.isnan(blocks), -np.inf, blocks), axis=1)
    places = np.sort(np.stack([low, high], axis=1), axis=1) + np.arange(len(blocks))[:, None] * size
    places = np.minimum(places, len(values) - 1).ravel()
    picked = values[places]
    picked[np.repeat(empty, 2)] = np.nan
    return steps[places], picked
