"""The time cursor as every view on the axis draws it: the outline of one whole column, never a line through data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter

if TYPE_CHECKING:
    from rnnviz.view.look import Look
    from rnnviz.view.time_axis import TimeAxis


def paint_cursor(painter: QPainter, axis: TimeAxis, look: Look, step: int, top: float, bottom: float) -> None:
    """Outline column ``step`` (1.3 px both sides, 5 % tint) between ``top`` and ``bottom``."""
    if step < 1 or step > axis.length:
        return
    rect = axis.column(step, top, bottom - top)
    rect.setWidth(max(2.0, rect.width()))
    rect.translate(axis.slide * axis.pitch, 0)
    if rect.right() < axis.gutter or rect.left() > axis.width:
        return
    painter.save()
    # Whole pixels without antialiasing: sharp, and much cheaper than a tall antialiased shape.
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.fillRect(rect, look.theme.faded("ink", 0.05))
    width = max(1, round(look.px(1.8 if look.presenter else 1.3)))
    for x in (rect.left(), rect.right()):
        painter.fillRect(QRectF(round(x - width / 2), top, width, bottom - top), look.theme.ink)
    painter.restore()


def paint_hover(painter: QPainter, axis: TimeAxis, look: Look, top: float, bottom: float) -> None:
    """A faint tint on the hovered column, the crosshair shared by all tracks."""
    paint_path(painter, axis, look, top, bottom)
    if axis.hover:
        painter.fillRect(QRectF(axis.column(axis.hover, top, bottom - top)), look.theme.faded("ink", 0.06))


def paint_path(painter: QPainter, axis: TimeAxis, look: Look, top: float, bottom: float) -> None:
    """The columns from a loss back to a step, tinted in the colour of the gradient that takes this way."""
    if axis.path is None:
        return
    first, last = axis.path
    left, right = max(axis.gutter, axis.left_of(first)), min(axis.width, axis.left_of(last + 1))
    if right > left:
        painter.fillRect(QRectF(left, top, right - left, bottom - top), look.theme.faded("grad", 0.1))
