"""From values to pixels: which step a pixel shows, logarithmic scales, levels that only grow.

Nothing here draws. Values arrive as log2 norms; scales work in decades (log10), so that norms far
outside the range of a float (2^−5000) need no special case.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.view.look import MINUS, significant

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from numpy.typing import ArrayLike, NDArray
    from PySide6.QtCore import QRectF

    from rnnviz.view.time_axis import TimeAxis

LOG10_OF_2 = math.log10(2.0)
DEEPEST = 12  # decades from 1 beyond which a norm is only marked at the edge of the scale
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def decades(log2: ArrayLike) -> NDArray[np.float64]:
    """log2 norms as log10; ±inf and NaN pass through."""
    return np.asarray(log2, dtype=np.float64) * LOG10_OF_2


def rows_of_pixels(axis: TimeAxis, rect: QRectF, ratio: float, length: int) -> NDArray[np.intp]:
    """The 0-based time row that every device pixel column of ``rect`` shows; −1 beside the ``length`` rows.

    ``length`` is that of the data: while a reply is under way the axis may already show a longer text.
    """
    count = max(1, round(rect.width() * ratio))
    start = rect.left() - axis.gutter + axis.scroll
    return _rows_of_pixels(start, count, ratio, axis.pitch, axis.first - 1, length)


@lru_cache(maxsize=16)
def _rows_of_pixels(start: float, count: int, ratio: float, pitch: float, first: int, length: int) -> NDArray[np.intp]:
    # All tracks ask for the same axis: the answer is kept, and nobody may write to it.
    rows = np.floor((start + (np.arange(count) + 0.5) / ratio) / pitch).astype(np.intp) + first
    rows = np.where((rows >= 0) & (rows < length), rows, -1)
    rows.setflags(write=False)
    return rows


def rows_of_height(count: int, height: int) -> NDArray[np.intp]:
    """Which of ``count`` rows each of ``height`` pixels shows, in equal shares."""
    return (np.arange(height) * count // max(1, height)).astype(np.intp)


def column_extremes(values: NDArray[np.float64], rows: NDArray[np.intp]) -> tuple[NDArray, NDArray]:
    """Smallest and largest value behind each pixel column (``rows`` from :func:`rows_of_pixels`).

    A pixel at far zoom covers the steps from its own row to that of the next pixel, so that no
    peak is lost; columns beside the text are NaN. NaN values are passed over.
    """
    low, high = np.full(len(rows), np.nan), np.full(len(rows), np.nan)
    inside = np.flatnonzero(rows >= 0)
    if inside.size:
        starts = rows[inside]
        end = min(len(values), int(starts[-1]) + max(1, int(np.ceil((starts[-1] - starts[0] + 1) / inside.size))))
        part = values[:end]
        low[inside] = np.fmin.reduceat(part, starts)
        high[inside] = np.fmax.reduceat(part, starts)
    return low, high


@dataclass(frozen=True)
class LogScale:
    """A vertical log10 scale: decade ``high`` at ``top``, decade ``low`` at ``bottom`` (widget px)."""

    low: float
    high: float
    top: float
    bottom: float

    def y(self, values: ArrayLike) -> NDArray[np.float64]:
        """Y of log10 ``values``; below the scale is at the floor, above it (and inf) at the top; NaN stays."""
        share = (np.asarray(values, dtype=np.float64) - self.low) / max(1, self.high - self.low)
        return self.bottom - np.clip(share, 0.0, 1.0) * (self.bottom - self.top)

    def ticks(self, room: float) -> list[int]:
        """Decades to label, largest first: all of them, or every 2nd, 3rd ... counted from 1, ``room`` px apart."""
        low, high = math.ceil(self.low), math.floor(self.high)
        span = max(1, high - low)
        stride = max(1, math.ceil(room * span / max(1.0, self.bottom - self.top)))
        return [decade for decade in range(high, low - 1, -1) if decade % stride == 0]


class GrowingLimits:
    """Limits of a scale that only ever grow while the same thing is shown, so that nothing jumps."""

    def __init__(self, low: float, high: float) -> None:
        self._start = (low, high)
        self._key: Hashable = None
        self._seen: tuple[object, ...] = ()
        self._low, self._high = low, high

    def fit(
        self, key: Hashable, values: Iterable[NDArray], *, around: float = DEEPEST, span: float = 2 * DEEPEST
    ) -> tuple[int, int]:
        """Whole decades that hold the finite ``values`` and all those seen before under ``key``.

        Never further than ``around`` decades from 1, nor ``span`` below the top: what lies beyond is marked, not drawn.
        """
        values = tuple(values)
        if key != self._key:
            self._key, (self._low, self._high) = key, self._start
            self._seen = ()
        known, self._seen = self._seen, values
        for array in () if _identical(values, known) else values:
            finite = array[np.isfinite(array)]
            if finite.size:
                self._low = min(self._low, float(finite.min()))
                self._high = max(self._high, float(finite.max()))
        high = math.ceil(min(self._high, around) - 1e-9)
        return max(high - int(span), math.floor(max(self._low, -around) + 1e-9)), high


def _identical(left: tuple[object, ...], right: tuple[object, ...]) -> bool:
    return len(left) == len(right) and all(a is b for a, b in zip(left, right, strict=True))


class GrowingLevel:
    """The symmetric limit (or top) of a linear scale: 1, 2, 5, 10 ... of the data, growing only."""

    def __init__(self, least: float = 0.0) -> None:
        self._least, self._key, self._level = least, None, 0.0

    def held(self, key: Hashable) -> float | None:
        """The level that stands for ``key``, None when there is none yet."""
        return self._level or None if key == self._key else None

    def fit(self, key: Hashable, value: float) -> float:
        """The level that holds ``value`` and all those seen before under ``key``."""
        if key != self._key:
            self._key, self._level = key, self._least
        if math.isfinite(value) and value > self._level:
            self._level = round_up(value)
        return self._level or 1.0


def round_up(value: float) -> float:
    """``value`` rounded up to 1, 2, 5 times a power of ten."""
    if value <= 0 or not math.isfinite(value):
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1.0, 2.0, 5.0, 10.0) if value <= step * power * (1 + 1e-6))


def decade_text(decade: int) -> str:
    """A tick label: 10, 1, 0.1, 0.01, then 10⁻³ and so on."""
    if -2 <= decade <= 2:
        return f"{10.0**decade:g}"
    return "10" + str(decade).translate(_SUPERSCRIPT)


def norm_text(log2: float) -> str:
    """A norm given as log2, with 3 significant digits; −inf is 0, values beyond a float keep their power."""
    if math.isnan(log2):
        return "not a number"
    if math.isinf(log2):
        return "0" if log2 < 0 else "overflow"
    if abs(log2) < 1000:
        return significant(2.0**log2)
    exponent = math.floor(log2 * LOG10_OF_2)
    return f"{10 ** (log2 * LOG10_OF_2 - exponent):.2f}×10{str(exponent).translate(_SUPERSCRIPT)}"


def percent_text(share: float) -> str:
    """A share (1 = 100 %) as print wants it: four-per-em space before %, few digits."""
    percent = 100.0 * share
    if not math.isfinite(percent):
        return f"{'−' if percent < 0 else ''}∞\u2005%"
    digits = 0 if percent >= 9.95 else 1 if percent >= 0.95 else 2 if percent >= 0.095 else 3
    text = f"{percent:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return f"{'< 0.001' if percent > 0 and text == '0' else text}\u2005%".replace("-", MINUS)
