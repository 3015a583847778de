"""How wrong forecasts are at every step ahead, and how long they are right.

    judged = judge_forecasts(errors, repeated, spread=1.0, tolerance=0.4)
    print(judged.within, judged.half_within, judged.worthless)

How far ahead a forecast stays within a tolerance is its valid time (Jaeger & Haas 2004 judge by the error at one
horizon; 0.4 standard deviations is the tolerance of Pathak et al. 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True, eq=False)
class JudgedForecasts:
    """What the errors of N forecasts over F steps say.

    Attributes:
        error: (F,) root mean square error at each step ahead.
        repeated: (F,) that of repeating the last number read.
        within: over so many steps from the first on ``error`` stays within the tolerance.
        half_within: the most steps that at least half of the forecasts stay within it.
        worthless: the first step ahead (1-based) whose error is not below the spread of the series, so that its mean is
            no worse a guess; 0 where there is none.
    """

    error: NDArray[np.float64]
    repeated: NDArray[np.float64]
    within: int
    half_within: int
    worthless: int


def judge_forecasts(errors: ArrayLike, repeated: ArrayLike, *, spread: float, tolerance: float) -> JudgedForecasts:
    """Judge forecasts by their ``errors (N, F)``, beside those of repeating the last number, ``repeated (N, F)``.

    All in the units of the series, ``spread`` (its standard deviation) and ``tolerance`` too. An error that is no
    number is outside every tolerance. Raises SpecError where the shapes differ or hold no forecast.
    """
    rows, naive = np.asarray(errors, np.float64), np.asarray(repeated, np.float64)
    if rows.ndim != 2 or not rows.size or rows.shape != naive.shape:
        raise SpecError(
            f"The errors have the shapes {rows.shape} and {naive.shape}; expected (N, F) twice, at least one forecast."
        )
    curve = root_mean_square(rows)
    lost = np.flatnonzero(~(curve < spread))
    reached = sorted((steps_within(row, tolerance) for row in rows), reverse=True)
    return JudgedForecasts(
        error=curve,
        repeated=root_mean_square(naive),
        within=steps_within(curve, tolerance),
        half_within=reached[(len(reached) - 1) // 2],
        worthless=int(lost[0]) + 1 if lost.size else 0,
    )


def root_mean_square(errors: Array) -> NDArray[np.float64]:
    """``E_k = √(1/N Σ_n e_nk²)`` of ``errors (N, F)``: (F,), in their units; infinite where a square is too large."""
    with np.errstate(over="ignore", invalid="ignore"):
        return np.asarray(np.sqrt(np.square(errors, dtype=np.float64).mean(axis=0)))


def steps_within(errors: Array, tolerance: float) -> int:
    """How many leading ``errors (F,)`` are at most ``tolerance`` in size; one that is no number is not."""
    good = np.abs(errors) <= tolerance
    return int(len(good) if good.all() else np.argmin(good))
