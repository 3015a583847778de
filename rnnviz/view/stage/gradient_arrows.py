"""Gradient flows visibly left (in a reverse layer right): one colour, always with a head.

The width is the log of the norm that arrives.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPen

from rnnviz.view.stage import chains, shapes
from rnnviz.view.stage.layout import Mode

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from rnnviz.view.stage.frame import Frame, Gradient
    from rnnviz.view.stage.layout import RowBand

THINNEST, THICKEST = 1.2, 10.0


def arrow_width(strength: float, *, presenter: bool = False) -> float:
    """Design px of an arrow of ``strength`` 0..1; presenter: 2 to 24 px at 1080p."""
    low, high = (1.15, 13.6) if presenter else (THINNEST, THICKEST)
    return low + (high - low) * strength


def paint_gradient(painter: QPainter, frame: Frame, steps: range) -> None:
    """The source at the loss, then one arrow in every gap the sweep has crossed."""
    if not frame.backward or frame.gradient is None or not frame.gradient.loss_step:
        return
    if frame.gradient.loss_step in steps and frame.layout.mode is not Mode.PRESENTER and frame.movie is None:
        _source(painter, frame, frame.gradient.loss_step)
    if frame.layout.mode is Mode.PRESENTER:
        _waiting(painter, frame, steps)
    for row in frame.layout.rows:
        flow = frame.flow(row.name)
        for step in steps if flow is not None else ():
            if flow.crossed(step, frame.time_step) and step < frame.length:
                _arrow(painter, frame, row, step, flow)


def _waiting(painter: QPainter, frame: Frame, steps: range) -> None:
    """A dotted line where the sweep of a row has not arrived yet."""
    layout, half = frame.layout, frame.layout.cell_width / 2
    painter.setPen(shapes.dashed(frame.theme.line2, layout.px(1.2), (2.5, 2.5), layout.scale))
    for row in layout.rows:
        flow = frame.flow(row.name)
        for step in steps if flow is not None else ():
            ahead = step >= flow.front(frame.time_step) if flow.rightward else step < frame.time_step
            if ahead and step < frame.length:
                painter.drawLine(QLineF(frame.x(step) + half, row.hh, frame.x(step + 1) - half, row.hh))


def _source(painter: QPainter, frame: Frame, step: int) -> None:
    """From the loss through y down into the last copy."""
    layout, theme = frame.layout, frame.theme
    x = frame.x(step)
    width = layout.px(4.5)
    painter.setPen(QPen(theme.grad, width))
    if not frame.simple:
        start = max(layout.output_top - layout.px(12), layout.loss + layout.px(8))
        painter.drawLine(QLineF(x, start, x, layout.output_top - layout.px(1)))
    head = layout.px(9)
    tip = layout.top_row.top - layout.px(1)
    painter.drawLine(QLineF(x, layout.output_bottom + layout.px(1), x, tip - head + 1))
    shapes.arrow_down(painter, x, tip, head, theme.grad)
    chains.paint_source(painter, frame, x)


def _arrow(painter: QPainter, frame: Frame, row: RowBand, step: int, flow: Gradient) -> None:
    """The arrow in the gap behind ``step``: from the copy it leaves to the copy it arrives at."""
    layout = frame.layout
    right = frame.x(step + 1) - layout.cell_width / 2
    left = frame.x(step) + layout.cell_width / 2
    room = right - left
    if room < 2:
        return
    arrives = step + 1 if flow.rightward else step
    presenter = layout.mode is Mode.PRESENTER
    width = min(layout.px(arrow_width(flow.strength(arrives), presenter=presenter)), room * 0.75)
    reach = room * (frame.sweep if arrives == flow.front(frame.time_step) else 1.0)
    half = min(max(layout.px(3.2), width), layout.px(16))
    head = min(half * 1.25, room * 0.7, reach)
    y = row.cc if flow.through_cell else row.hh
    if reach > head:
        start = left if flow.rightward else right - reach + head - 1
        painter.fillRect(QRectF(start, y - width / 2, reach - head + 1, width), frame.theme.grad)
    if reach > 1 and flow.rightward:
        shapes.arrow_right(painter, left + reach, y, head, frame.theme.grad, half=half)
    elif reach > 1:
        shapes.arrow_left(painter, right - reach, y, head, frame.theme.grad, half=half)
