"""Heat maps as indexed images: values -> 8-bit indices -> one QImage, drawn on whole pixels.

Two ways to draw: :func:`heat_image` (one image pixel per value, scaled by the painter) and
:func:`heat_pixels` (every device pixel decided here, for the tracks: exact edges, hatch, notches).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter

from rnnviz.view.colormaps import LEVELS, NOT_FINITE

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

HATCH_PERIOD, HATCH_WIDTH = 6, 2
NOTCH = 4  # side of the corner notch of a saturated square, device px


def heat_indices(values: ArrayLike, low: float, high: float) -> NDArray[np.uint8]:
    """Indices 0..254 of ``values`` between ``low`` and ``high`` (clamped); 255 where not finite.

    Minus infinity counts as "below range" (index 0): a log norm of nothing is nothing, not an error.
    """
    array = np.asarray(values, dtype=np.float32)
    with np.errstate(invalid="ignore", over="ignore"):
        scaled = (array - np.float32(low)) * np.float32((LEVELS - 1) / (high - low))
        # NaN and +inf are the only values that are not below +inf.
        finite = array < np.inf
        scaled = np.minimum(np.maximum(scaled, 0, out=scaled), LEVELS - 1, out=scaled)
        np.add(scaled, np.float32(0.5), out=scaled)
        indices = scaled.astype(np.uint8)
    if not finite.all():
        indices[~finite] = NOT_FINITE
    return indices


def heat_image(values: ArrayLike, table: NDArray[np.uint32], low: float, high: float) -> QImage:
    """An image one pixel per value, row 0 on top; it owns its memory."""
    return image_from(table[heat_indices(values, low, high)], QImage.Format.Format_RGB32)


def image_from(pixels: NDArray[np.uint32], form: QImage.Format = QImage.Format.Format_ARGB32_Premultiplied) -> QImage:
    """A QImage of packed 0xAARRGGBB ``pixels`` (rows, columns); it owns its memory."""
    pixels = np.ascontiguousarray(pixels, dtype=np.uint32)
    rows, columns = pixels.shape
    return QImage(pixels.data, columns, rows, columns * 4, form).copy()


def draw_heat(painter: QPainter, target: QRectF | QRect, image: QImage, source: QRectF | None = None) -> None:
    """Draw ``image`` (or its part ``source``) without smoothing: a value is a crisp rectangle."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.drawImage(QRectF(target), image, source or QRectF(image.rect()))
    painter.restore()


def draw_hatch(painter: QPainter, target: QRectF, colour: QColor) -> None:
    """The diagonal hatch that marks a value that is not finite."""
    painter.fillRect(target, QBrush(colour, Qt.BrushStyle.BDiagPattern))


def block_means(values: NDArray[np.floating], rows: int, columns: int) -> NDArray[np.floating]:
    """``values`` (R, C) averaged over blocks of ``rows`` x ``columns`` (the last block may be smaller).

    Far zoom shows several values in one pixel: their mean is what the eye would see from there.
    """
    values = _means_down(values, rows)
    return _means_down(values.T, columns).T


def _means_down(values: NDArray[np.floating], size: int) -> NDArray[np.floating]:
    full = len(values) // max(1, size) * size
    if size <= 1 or len(values) == 0:
        return values
    with np.errstate(invalid="ignore"):
        # Adding whole strided slices is six times as fast as np.add.reduceat.
        means = np.array(values[0:full:size], copy=True)
        for offset in range(1, size):
            means += values[offset:full:size]
        means /= size
        if full < len(values):
            means = np.concatenate([means, values[full:].mean(axis=0, keepdims=True)])
    return means


def heat_pixels(
    colours: NDArray[np.uint8],
    table: NDArray[np.uint32],
    column_of: NDArray[np.intp],
    row_of: NDArray[np.intp],
    *,
    hatch: QColor,
    background: QColor,
    notch: NDArray[np.bool_] | None = None,
    notch_colour: QColor | None = None,
) -> NDArray[np.uint32]:
    """Device pixels of a heat map: pixel (y, x) shows ``colours[row_of[y], column_of[x]]``.

    ``column_of`` or ``row_of`` of −1 leaves the pixel empty; index 255 becomes a diagonal hatch;
    cells marked in ``notch`` (saturated) get their right upper corner cut off.
    """
    # Look colours up while the map is small; then widen it, then repeat whole rows.
    columns, rows = np.maximum(column_of, 0), np.maximum(row_of, 0)
    pixels = table[colours].take(columns, axis=1).take(rows, axis=0)
    bad = colours == NOT_FINITE
    if bad.any():
        bad = bad.take(columns, axis=1).take(rows, axis=0)
        diagonal = np.add.outer(np.arange(len(row_of)), np.arange(len(column_of))) % HATCH_PERIOD < HATCH_WIDTH
        pixels[bad] = np.where(diagonal[bad], np.uint32(hatch.rgba()), np.uint32(background.rgba()))
    if notch is not None and notch_colour is not None and notch.any():
        cut = notch.take(columns, axis=1).take(rows, axis=0)
        corner = np.add.outer(_from_start(row_of), _from_start(column_of[::-1])[::-1]) < NOTCH
        pixels[cut & corner] = notch_colour.rgba()
    if (column_of < 0).any():
        pixels[:, column_of < 0] = 0
    if (row_of < 0).any():
        pixels[row_of < 0] = 0
    return pixels


def _from_start(index: NDArray[np.intp]) -> NDArray[np.intp]:
    """How many pixels each one lies behind the first of its own cell."""
    first = np.flatnonzero(np.diff(index, prepend=index[:1] - 1))
    return np.arange(len(index)) - np.repeat(first, np.diff(np.append(first, len(index))))
