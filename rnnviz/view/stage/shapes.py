"""Small shapes shared by the painters: arrowheads, knots, dashed pens."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPen, QPolygonF

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

RAIL_DASHES = {"W_xh": (2.0, 3.5), "W_hh": (8.0, 4.0), "W_hy": (9.0, 3.0, 2.0, 3.0)}
RAIL_TOKENS = {"W_xh": "wx", "W_hh": "wh", "W_hy": "wy"}
GHOST_DASH = (3.0, 3.0)


def dashed(colour: QColor, width: float, pattern: tuple[float, ...], scale: float = 1.0) -> QPen:
    """A pen whose dashes are ``pattern`` design px long."""
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    pen.setDashPattern([length * scale / width for length in pattern])
    return pen


def arrow_up(painter: QPainter, x: float, tip: float, size: float, colour: QColor) -> None:
    """A solid head pointing up, its tip at ``tip``."""
    _head(painter, colour, (x, tip), (x - size * 0.62, tip + size), (x + size * 0.62, tip + size))


def arrow_down(painter: QPainter, x: float, tip: float, size: float, colour: QColor) -> None:
    """A solid head pointing down, its tip at ``tip``."""
    _head(painter, colour, (x, tip), (x - size * 0.62, tip - size), (x + size * 0.62, tip - size))


def arrow_right(
    painter: QPainter, tip: float, y: float, size: float, colour: QColor, half: float | None = None
) -> None:
    """A solid head pointing right, its tip at ``tip``; ``half`` is half its height."""
    half = size * 0.58 if half is None else half
    _head(painter, colour, (tip, y), (tip - size, y - half), (tip - size, y + half))


def arrow_left(painter: QPainter, tip: float, y: float, size: float, colour: QColor, half: float | None = None) -> None:
    """A solid head pointing left, its tip at ``tip``; ``half`` is half its height."""
    half = size * 0.58 if half is None else half
    _head(painter, colour, (tip, y), (tip + size, y - half), (tip + size, y + half))


def _head(painter: QPainter, colour: QColor, *points: tuple[float, float]) -> None:
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    painter.drawPolygon(QPolygonF([QPointF(*point) for point in points]))


def knot(painter: QPainter, x: float, y: float, radius: float, colour: QColor, hollow: QColor | None) -> None:
    """A knot of a rail: filled where the weight is used, ``hollow`` (the colour inside) where it is not yet."""
    if hollow is None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawEllipse(QPointF(x, y), radius, radius)
        return
    painter.setPen(QPen(colour, radius * 0.34))
    painter.setBrush(hollow)
    painter.drawEllipse(QPointF(x, y), radius * 0.86, radius * 0.86)


def box(painter: QPainter, rect: QRectF, radius: float, border: QPen | None, fill: QColor | None) -> None:
    """A rounded rectangle."""
    painter.setPen(border or Qt.PenStyle.NoPen)
    painter.setBrush(fill or Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(rect, radius, radius)


def faded(colour: QColor, alpha: float) -> QColor:
    """``colour`` with opacity ``alpha``."""
    result = QColor(colour)
    result.setAlphaF(colour.alphaF() * alpha)
    return result


def blended(over: QColor, under: QColor, alpha: float) -> QColor:
    """The opaque colour of ``over`` at ``alpha`` on ``under``."""
    share = [
        (alpha * top + (1 - alpha) * low)
        for top, low in (
            (over.redF(), under.redF()), (over.greenF(), under.greenF()), (over.blueF(), under.blueF()),
        )
    ]  # fmt: skip
    return QColor.fromRgbF(*share)
