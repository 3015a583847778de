"""What the heat-map tracks share: one picture of values (units x time) on whole device pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from rnnviz.view.heat import block_means, heat_indices, heat_pixels
from rnnviz.view.marks import blit_pixels
from rnnviz.view.scales import rows_of_height, rows_of_pixels

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rnnviz.view.look import Look
    from rnnviz.view.time_axis import TimeAxis

LEAST_LEVEL = (
    2.0  # an unbounded state starts at ±2: the first, untrained run is no measure of what training makes of it
)
MOST_LEVEL = 100.0  # an exploding state saturates with notches instead of turning all that came before it white
NOTCH_ROOM = (10, 8)  # a square smaller than this (device px) is too small for the notch


@dataclass(frozen=True)
class Levels:
    """How values become colours: the map's name and its fixed limits."""

    kind: str
    low: float
    high: float

    @classmethod
    def signed(cls, limit: float) -> Levels:
        """Symmetric limits about zero."""
        return cls("signed", -limit, limit)


UNIT = Levels("unit", 0.0, 1.0)


def body_part(axis: TimeAxis, rect: QRectF) -> QRectF:
    """``rect`` cut to the columns 1..length, on whole pixels."""
    part = axis.body(rect.top(), rect.height())
    left, right = round(part.left()), round(part.right())
    return QRectF(left, round(rect.top()), max(0, right - left), max(1, round(rect.height())))


def paint_heat(
    painter: QPainter,
    rect: QRectF,
    axis: TimeAxis,
    look: Look,
    values: NDArray[np.floating],
    levels: Levels,
    *,
    order: NDArray[np.intp] | None = None,
    notches: bool = False,
) -> None:
    """Draw ``values`` (T, units) into ``rect``, units from top to bottom in ``order``.

    Every pixel shows its unit and step, or the mean of those it covers.
    """
    part, ratio = body_part(axis, rect), painter.device().devicePixelRatioF()
    if part.width() < 1 or not values.size:
        return
    columns = rows_of_pixels(axis, part, ratio, len(values))
    height = max(1, round(part.height() * ratio))
    across = max(1, int(1 / max(1e-9, axis.pitch * ratio)))
    shown, columns = _visible(values, columns, 64 if across > 1 else 1)
    shown = block_means(shown, across, 1).T
    if across > 1:
        columns = np.where(columns >= 0, columns // across, -1)
    shown = block_means(shown if order is None else shown[order], max(1, shown.shape[0] // height), 1)
    rows = rows_of_height(shown.shape[0], height)
    roomy = axis.pitch * ratio >= NOTCH_ROOM[0] and height / shown.shape[0] >= NOTCH_ROOM[1]
    pixels = heat_pixels(
        heat_indices(shown, levels.low, levels.high),
        np.asarray(look.lut(levels.kind)),
        columns,
        rows,
        hatch=look.theme.ink2,
        background=look.theme.panel,
        notch=np.abs(shown) > levels.high if notches and roomy else None,
        notch_colour=look.theme.panel,
    )
    blit_pixels(painter, part, pixels, ratio)


def _visible(values: NDArray[np.floating], columns: NDArray[np.intp], whole: int) -> tuple[NDArray, NDArray[np.intp]]:
    """The rows of ``values`` on screen, from a multiple of ``whole`` so that blocks do not shimmer while scrolling."""
    inside = columns[columns >= 0]
    if not inside.size:
        return values[:1], columns
    start = int(inside[0]) // whole * whole
    stop = (int(inside[-1]) // whole + 1) * whole
    return values[start:stop], np.where(columns >= 0, columns - start, -1)


def paint_row_outline(
    painter: QPainter, look: Look, part: QRectF, row: int, count: int, *, marker: bool = True
) -> None:
    """The outline of the chosen row, with a small pointer at its left."""
    height = part.height() / max(1, count)
    band = QRectF(part.left(), part.top() + row * height, part.width(), height)
    if band.height() < 4:
        band.adjust(0, -(4 - band.height()) / 2, 0, (4 - band.height()) / 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(look.theme.panel, 3.2))
    painter.drawRect(band)
    painter.setPen(QPen(look.theme.ink, 1.4))
    painter.drawRect(band)
    if marker:
        x, y, size = part.left() - look.px(4), band.center().y(), look.px(3.5)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.theme.ink)
        painter.drawPolygon(
            QPolygonF([QPointF(x, y), QPointF(x - 1.6 * size, y - size), QPointF(x - 1.6 * size, y + size)])
        )


def paint_frame(painter: QPainter, part: QRectF, colour: QColor) -> None:
    """A hairline around a map, so that white squares at the edge have an edge."""
    painter.setPen(QPen(colour, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(part.adjusted(-0.5, -0.5, 0.5, 0.5))


def unit_order(values: NDArray[np.floating], sort: str) -> NDArray[np.intp]:
    """The order in which units are drawn: "as is", by "mean" (largest first) or by "similarity".

    Similarity is a chain: after the unit of largest mean comes always the one whose course over
    time correlates most with the last. At most 256 time steps are compared.
    """
    units = values.shape[0]
    if sort == "mean":
        return np.argsort(-np.nan_to_num(values).mean(axis=1), kind="stable")
    if sort != "similarity" or units < 3:
        return np.arange(units)
    sample = np.nan_to_num(values[:, :: max(1, values.shape[1] // 256)]).astype(np.float64)
    sample = sample - sample.mean(axis=1, keepdims=True)
    norms = np.linalg.norm(sample, axis=1)
    unit_vectors = sample / np.where(norms > 0, norms, 1.0)[:, None]
    alike = unit_vectors @ unit_vectors.T
    order, left = [int(np.argmax(np.nan_to_num(values).mean(axis=1)))], np.ones(units, dtype=bool)
    left[order[0]] = False
    while len(order) < units:
        following = int(np.argmax(np.where(left, alike[order[-1]], -np.inf)))
        order.append(following)
        left[following] = False
    return np.array(order)
