"""The marks that tracks draw: lines with gaps, arrowheads, dots, columns, tick labels, legends."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from rnnviz.view.heat import image_from

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from rnnviz.view.look import Look


def finite_runs(values: NDArray[np.floating]) -> Iterator[slice]:
    """Stretches of finite values: a line is broken where a number is missing."""
    good = np.concatenate([[False], np.isfinite(values), [False]]).astype(np.int8)
    edges = np.flatnonzero(np.diff(good))
    for start, stop in zip(edges[::2], edges[1::2], strict=True):
        yield slice(int(start), int(stop))


def draw_line(painter: QPainter, xs: NDArray, ys: NDArray, pen: QPen) -> None:
    """A line through the points with gaps at non-finite ones; a lone point becomes a short dash."""
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for run in finite_runs(ys):
        points = [QPointF(x, y) for x, y in zip(xs[run].tolist(), ys[run].tolist(), strict=True)]
        if len(points) == 1:
            points = [points[0] - QPointF(2, 0), points[0] + QPointF(2, 0)]
        painter.drawPolyline(QPolygonF(points))


def draw_heads(painter: QPainter, xs: NDArray, ys: NDArray, size: float, colour: QColor, *, left: bool = True) -> None:
    """Arrowheads on the points: the gradient flows left (right in a reverse layer)."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    tip, tail = (-size, size * 0.75) if left else (size, -size * 0.75)
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        if y == y:  # NaN is a gap
            corners = [QPointF(x + tip, y), QPointF(x + tail, y - size * 0.9), QPointF(x + tail, y + size * 0.9)]
            painter.drawPolygon(QPolygonF(corners))


def draw_dots(painter: QPainter, xs: NDArray, ys: NDArray, radius: float, pen: QPen, fill: QColor) -> None:
    """Open dots on the points."""
    painter.setPen(pen)
    painter.setBrush(fill)
    for x, y in zip(xs.tolist(), ys.tolist(), strict=True):
        if y == y:  # NaN is a gap
            painter.drawEllipse(QPointF(x, y), radius, radius)


def draw_columns(
    painter: QPainter,
    rect: QRectF,
    top: NDArray[np.floating],
    bottom: NDArray[np.floating],
    colour: QColor | NDArray[np.uint32],
    ratio: float,
) -> None:
    """One filled stretch per device pixel column of ``rect`` from ``top`` to ``bottom`` (widget y, NaN: none).

    Thousands of bars or a decimated curve cost one numpy mask and one blit.
    """
    rect = _band(rect, top, bottom)
    height = max(1, round(rect.height() * ratio))
    y = rect.top() + (np.arange(height) + 0.5) / ratio
    with np.errstate(invalid="ignore"):
        mask = (y[:, None] >= top[None, :]) & (y[:, None] <= bottom[None, :])
    packed = np.uint32(colour.rgba()) if isinstance(colour, QColor) else np.asarray(colour, dtype=np.uint32)[None, :]
    image = image_from(np.where(mask, packed, np.uint32(0)), QImage.Format.Format_ARGB32)
    blit(painter, rect, image, ratio)


def _band(rect: QRectF, top: NDArray, bottom: NDArray) -> QRectF:
    """The part of ``rect`` between the highest ``top`` and the lowest ``bottom``: the rest is empty anyway."""
    good = np.isfinite(top) & np.isfinite(bottom)
    if not good.any():
        return QRectF(rect.left(), rect.top(), rect.width(), 1)
    high = max(rect.top(), float(np.floor(top[good].min())) - 1)
    low = min(rect.bottom() + 1, float(np.ceil(bottom[good].max())) + 1)
    return QRectF(rect.left(), round(high), rect.width(), max(1, round(low) - round(high)))


def draw_course(painter: QPainter, rect: QRectF, xs: NDArray, ys: NDArray, pen: QPen) -> None:
    """A line without gaps drawn column by column with soft edges: many points cost no more than few."""
    ratio = painter.device().devicePixelRatioF()
    count = max(1, round(rect.width() * ratio))
    edges = np.interp(rect.left() + np.arange(count + 1) / ratio, xs, ys, left=np.nan, right=np.nan)
    half = max(0.5, pen.widthF() / 2)
    steep = half * np.hypot(1.0, np.diff(edges) * ratio)  # as thick across a slope as along a level stretch
    top = np.minimum(edges[:-1], edges[1:]) / 2 + (edges[:-1] + edges[1:]) / 4 - steep
    bottom = np.maximum(edges[:-1], edges[1:]) / 2 + (edges[:-1] + edges[1:]) / 4 + steep
    rect = _band(rect, top, bottom)
    height = max(1, round(rect.height() * ratio))
    y = (rect.top() + np.arange(height) / ratio)[:, None]
    with np.errstate(invalid="ignore"):
        cover = np.clip((np.minimum(bottom, y + 1 / ratio) - np.maximum(top, y)) * ratio, 0.0, 1.0)
    colour = pen.color()
    alpha = np.rint(np.nan_to_num(cover) * colour.alpha()).astype(np.uint32)
    packed = (alpha << 24) | np.uint32(colour.rgb() & 0xFFFFFF)
    blit(painter, rect, image_from(packed, QImage.Format.Format_ARGB32), ratio)


def blit(painter: QPainter, rect: QRectF, image: QImage, ratio: float) -> None:
    """Draw an image made for ``rect`` pixel by pixel."""
    image.setDevicePixelRatio(ratio)
    painter.drawImage(QPointF(round(rect.left()), round(rect.top())), image)


def thick(low: NDArray, high: NDArray, width: float) -> tuple[NDArray, NDArray]:
    """A decimated curve's columns at least ``width`` px tall and touching their neighbours."""
    top, bottom = np.fmin(low, high) - width / 2, np.fmax(low, high) + width / 2
    if len(top) > 1:
        # A neighbour wholly above or below is reached half-way, or steep stretches would fall apart.
        gap = (bottom[:-1] + top[1:]) / 2
        gap_up = (top[:-1] + bottom[1:]) / 2
        bottom = bottom.copy()
        top = top.copy()
        with np.errstate(invalid="ignore"):
            falls, climbs = bottom[:-1] < top[1:], top[:-1] > bottom[1:]
        bottom[:-1][falls], top[1:][falls] = gap[falls], gap[falls]
        top[:-1][climbs], bottom[1:][climbs] = gap_up[climbs], gap_up[climbs]
    return top, bottom


def draw_tick(painter: QPainter, look: Look, right: float, y: float, text: str, colour: QColor | None = None) -> None:
    """A tick label that ends at ``right`` and is centred on ``y``."""
    painter.setFont(look.font("tick"))
    painter.setPen(QPen(colour or look.theme.ink2))
    height = painter.fontMetrics().height()
    target = QRectF(right - look.px(120), y - height / 2, look.px(120), height)
    painter.drawText(target, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)


def draw_rule(painter: QPainter, left: float, right: float, y: float, pen: QPen) -> None:
    """A horizontal hairline on a whole pixel."""
    if pen.style() == Qt.PenStyle.SolidLine and pen.widthF() <= 1.0:
        painter.fillRect(QRectF(left, round(y), right - left, 1), pen.color())  # ten times as fast as a soft line
        return
    painter.setPen(pen)
    painter.drawLine(QPointF(left, round(y) + 0.5), QPointF(right, round(y) + 0.5))


def draw_legend(painter: QPainter, look: Look, rect: QRectF, kind: str, low: str, high: str, middle: str = "") -> None:
    """A colour bar with its limits printed: ``low`` and ``high`` below the ends, ``middle`` beside the bar."""
    table = np.asarray(look.lut(kind))[:255]
    bar = QRectF(round(rect.left()), round(rect.top()), round(rect.width()), max(4.0, round(look.px(8))))
    pixels = np.repeat(table[None, :], 2, axis=0)
    painter.drawImage(bar, image_from(pixels, QImage.Format.Format_RGB32))
    painter.setPen(QPen(look.theme.line2, 1))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRect(bar.adjusted(0.5, 0.5, -0.5, -0.5))
    painter.setFont(look.font("tick"))
    painter.setPen(QPen(look.theme.ink2))
    height = painter.fontMetrics().height()
    words = QRectF(bar.left(), bar.bottom() + 1, bar.width(), height)
    painter.drawText(words, Qt.AlignmentFlag.AlignLeft, low)
    painter.drawText(words, Qt.AlignmentFlag.AlignRight, high)
    if middle:
        beside = QRectF(bar.right() + look.px(6), bar.center().y() - height / 2, look.px(110), height)
        painter.drawText(beside, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, middle)


def draw_overflow(painter: QPainter, xs: NDArray, y: float, size: float, colour: QColor, *, up: bool) -> None:
    """Small wedges at the edge of a scale: the value lies beyond it (or is infinite)."""
    painter.setPen(QPen(colour, 1.2))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    tip = -size if up else size
    for x in xs.tolist():
        painter.drawPolyline(QPolygonF([QPointF(x - size, y), QPointF(x, y + tip), QPointF(x + size, y)]))
