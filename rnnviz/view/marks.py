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
    from rnnviz.view.time_axis import TimeAxis


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
        points = polygon(xs[run], ys[run])
        if len(points) == 1:
            points = QPolygonF([points[0] - QPointF(2, 0), points[0] + QPointF(2, 0)])
        painter.drawPolyline(points)


def draw_heads(painter: QPainter, xs: NDArray, ys: NDArray, size: float, colour: QColor, *, left: bool = True) -> None:
    """Arrowheads on the points: the gradient flows left (right in a reverse layer)."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    tip, tail = (-size, size * 0.75) if left else (size, -size * 0.75)
    head = QPolygonF([QPointF(tip, 0), QPointF(tail, -size * 0.9), QPointF(tail, size * 0.9)])
    good = np.isfinite(ys)
    for x, y in zip(xs[good].tolist(), ys[good].tolist(), strict=True):
        painter.drawPolygon(head.translated(x, y))


def draw_dots(painter: QPainter, xs: NDArray, ys: NDArray, radius: float, pen: QPen, fill: QColor) -> None:
    """Open dots on the points."""
    good = np.isfinite(ys)
    points = polygon(xs[good], ys[good])
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((pen.color(), 2 * radius + pen.widthF()), (fill, 2 * radius - pen.widthF())):
        # Round ends of a line without length: one call for all dots.
        painter.setPen(QPen(colour, width, c=Qt.PenCapStyle.RoundCap))
        painter.drawPoints(points)


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
    blit_pixels(painter, rect, np.where(mask, premultiplied(packed), np.uint32(0)), ratio)


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
    part, rect = rect, _band(rect, top, bottom)
    height = max(1, round(rect.height() * ratio))
    y = ((rect.top() - part.top()) + np.arange(height, dtype=np.float32) / np.float32(ratio))[:, None]
    high, low = _from_top(top, part, np.inf), _from_top(bottom, part, -np.inf)
    cover = np.minimum(low, y + np.float32(1 / ratio)) - np.maximum(high, y)
    cover = np.minimum(np.maximum(cover, 0, out=cover), 1 / ratio, out=cover)
    shades = (cover * np.float32(255.0 * ratio) + np.float32(0.5)).astype(np.uint8)
    colour = pen.color()
    alphas = np.arange(256, dtype=np.uint32) * colour.alpha() // 255
    ramp = premultiplied(alphas << 24 | np.uint32(colour.rgb() & 0xFFFFFF))
    blit_pixels(painter, rect, ramp[shades], ratio)


def _from_top(y: NDArray, part: QRectF, missing: float) -> NDArray[np.float32]:
    """``y`` counted from the top of ``part`` (so that single precision is enough), ``missing`` where there is none."""
    return np.where(np.isnan(y), missing, y - part.top()).astype(np.float32)


def premultiplied(colours: NDArray[np.uint32] | np.uint32) -> NDArray[np.uint32]:
    """Packed 0xAARRGGBB ``colours`` with red, green and blue times alpha, as Qt blends fastest."""
    colours = np.asarray(colours, dtype=np.uint32)
    alpha = colours >> 24
    if (alpha == 255).all():
        return colours
    channels = [((colours >> shift & 255) * alpha + 127) // 255 << shift for shift in (0, 8, 16)]
    return (alpha << 24) | channels[0] | channels[1] | channels[2]


def blit(painter: QPainter, rect: QRectF, image: QImage, ratio: float) -> None:
    """Draw an image made for ``rect`` pixel by pixel."""
    image.setDevicePixelRatio(ratio)
    painter.drawImage(QPointF(round(rect.left()), round(rect.top())), image)


def blit_pixels(painter: QPainter, rect: QRectF, pixels: NDArray[np.uint32], ratio: float) -> None:
    """Draw packed 0xAARRGGBB ``pixels`` made for ``rect``, without a copy (they outlive the drawing)."""
    pixels = np.ascontiguousarray(pixels)
    rows, columns = pixels.shape
    form = QImage.Format.Format_ARGB32_Premultiplied
    blit(painter, rect, QImage(pixels.data, columns, rows, 4 * columns, form), ratio)


def polygon(xs: NDArray, ys: NDArray) -> QPolygonF:
    """The points as Qt wants them."""
    return QPolygonF(list(map(QPointF, xs.tolist(), ys.tolist())))


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


def paint_selection(painter: QPainter, axis: TimeAxis, look: Look, top: float, bottom: float) -> None:
    """A tint over the dragged range of steps, with its two edges."""
    chosen = axis.selection
    if chosen is None:
        return
    left = max(axis.gutter, round(axis.left_of(chosen[0])))
    right = min(axis.width, round(axis.left_of(chosen[1] + 1)))
    if right <= left:
        return
    painter.fillRect(QRectF(left, top, right - left, bottom - top), look.theme.faded("ink", 0.09))
    for x in (left, right - 1):
        painter.fillRect(QRectF(x, top, 1, bottom - top), look.theme.ink2)
