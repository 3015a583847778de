"""Gradient vectors far outside the range of floating point: values with a power of two beside each.

A gradient that crosses 2,000 steps easily leaves the range of float32 (and of float64). Scaling by exact
powers of two loses nothing, so what is shown is never a zero or an infinity made by arithmetic.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnviz.engine.cells.base import FloatArray

Exponents: TypeAlias = NDArray[np.int32]

NO_EXPONENT = -(2**28)
"""The exponent of a vector of zeros: below that of any other."""
_SMALL_SQUARE = 2.0**-90
"""Between this and its inverse a sum of squares in float32 has lost nothing that counts."""


@dataclass(frozen=True, eq=False)
class Scaled:
    """Vectors ``values * 2**exponents``: values (..., N), exponents (...)."""

    values: FloatArray
    exponents: Exponents

    def part(self, columns: slice) -> Scaled:
        """The same vectors with only these of their N components."""
        return Scaled(self.values[..., columns], self.exponents)

    def flipped(self) -> Scaled:
        """The vectors in the opposite order along the first axis (time)."""
        return Scaled(self.values[::-1], self.exponents[::-1])


def peak_exponents(values: FloatArray) -> Exponents:
    """The e with ``2**(e−1) <= max |value| < 2**e`` of each vector (...).

    :data:`NO_EXPONENT` where all are zero, its opposite where one is infinite, 0 where one is not a number.
    """
    return exponents_of(np.abs(values).max(axis=-1, initial=0))


def exponents_of(peaks: FloatArray) -> Exponents:
    """The same of numbers >= 0."""
    exponents: Exponents = np.frexp(peaks)[1]
    exponents[peaks == 0] = NO_EXPONENT
    outside = ~np.isfinite(peaks)
    if outside.any():
        exponents[outside] = np.where(np.isnan(peaks[outside]), 0, -NO_EXPONENT)
    return exponents


def shift(values: FloatArray, exponents: Exponents) -> FloatArray:
    """``values * 2**exponents``, one exponent for each vector; exact unless the result leaves the range.

    A product with powers of two is many times faster than ``ldexp`` on every value; a power beyond the range
    of the type is applied in two halves.
    """
    reach = np.finfo(values.dtype).maxexp - 2
    if not exponents.size or (exponents.min() >= -reach and exponents.max() <= reach):
        return values * _powers(exponents, values.dtype)
    clipped = np.clip(exponents, -2 * reach, 2 * reach)
    half = clipped // 2
    return values * _powers(half, values.dtype) * _powers(clipped - half, values.dtype)


def _powers(exponents: Exponents, dtype: DTypeLike) -> FloatArray:
    return np.ldexp(np.ones(1, dtype), exponents)[..., None]


def normalise(values: FloatArray, exponents: Exponents | None = None) -> Scaled:
    """The same vectors with their largest component between one half and one."""
    peaks = peak_exponents(values)
    own = np.where(peaks == NO_EXPONENT, 0, -peaks)
    total = peaks if exponents is None else np.maximum(peaks + exponents, NO_EXPONENT)
    return Scaled(shift(values, own), total.astype(np.int32))


def without_infinities(values: FloatArray) -> FloatArray:
    """Infinite components as NaN: there is no gradient to be scaled any more, and NaN stays what it is."""
    return np.where(np.isinf(values), values.dtype.type(np.nan), values)


def add_scaled(parts: Sequence[Scaled]) -> Scaled:
    """The sum of vectors that carry different powers of two."""
    if len(parts) == 1:
        return parts[0]
    top = np.maximum.reduce([part.exponents for part in parts])
    return Scaled(sum_arrays([shift(part.values, part.exponents - top) for part in parts]), top)


def sum_arrays(arrays: Sequence[FloatArray]) -> FloatArray:
    """The sum of arrays of one shape."""
    if len(arrays) == 1:
        return arrays[0]
    total = arrays[0] + arrays[1]
    for array in arrays[2:]:
        total += array
    return total


def log2_norms(values: FloatArray, exponents: Exponents) -> NDArray[np.float64]:
    """``log2 ‖values * 2**exponents‖`` of each vector, −inf for a vector of zeros."""
    return log2_from_squares(squared_norms(values), exponents)


def squared_norms(values: FloatArray) -> FloatArray:
    """``‖values‖²`` of each vector; in float64 where one of them would lose digits in float32."""
    squares: FloatArray = np.einsum("...n,...n->...", values, values)  # never warns, unlike a ufunc
    if squares.size and not (squares.min() > _SMALL_SQUARE and squares.max() < 1 / _SMALL_SQUARE):
        outside = ~((squares > _SMALL_SQUARE) & (squares < 1 / _SMALL_SQUARE))
        squares, rows = squares.astype(np.float64), values[outside].astype(np.float64)
        squares[outside] = np.einsum("rn,rn->r", rows, rows)
    return squares


def log2_from_squares(squares: FloatArray, exponents: Exponents) -> NDArray[np.float64]:
    """``½ log2(square) + exponent``, −inf where the square is zero."""
    with np.errstate(divide="ignore"):
        return np.asarray(0.5 * np.log2(squares, dtype=np.float64) + exponents)


def join_log2(first: NDArray[np.float64], second: NDArray[np.float64]) -> NDArray[np.float64]:
    """``log2 sqrt(a² + b²)`` of norms given as log2, without leaving the range."""
    with np.errstate(invalid="ignore"):
        return np.asarray(0.5 * np.logaddexp2(2 * first, 2 * second))
