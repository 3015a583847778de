"""Values that are not finite are hatched, never coloured: a colour is a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF

from rnnviz.view.heat import HATCH_PERIOD, HATCH_WIDTH, image_from

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QPainter

    from rnnviz.view.theme import Theme


def hatched(height: int, width: int, theme: Theme) -> NDArray[np.uint32]:
    """(height, width) pixels of diagonal stripes on paper."""
    diagonal = np.add.outer(np.arange(height), np.arange(width)) % HATCH_PERIOD < HATCH_WIDTH
    return np.where(diagonal, np.uint32(theme.ink2.rgba()), np.uint32(theme.panel.rgba()))


def paint_bad(painter: QPainter, target: QRectF, bad: NDArray[np.bool_], theme: Theme) -> None:
    """Hatch the cells of ``target`` that ``bad`` (rows, columns) marks; one image however many there are."""
    if not bad.size or not bad.any():
        return
    ratio = painter.device().devicePixelRatio()
    height, width = max(1, round(target.height() * ratio)), max(1, round(target.width() * ratio))
    mask = _spread(_spread(bad, width).T, height).T
    image = image_from(np.where(mask, hatched(height, width, theme), np.uint32(0)))
    image.setDevicePixelRatio(ratio)
    painter.drawImage(QPointF(target.left(), target.top()), image)


def _spread(bad: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """Columns stretched to ``width`` pixels; a pixel that several share is bad if any of them is."""
    count = bad.shape[1]
    if count > width:
        return np.logical_or.reduceat(bad, np.arange(width) * count // width, axis=1)
    return bad[:, np.arange(width) * count // width]
