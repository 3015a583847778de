"""Outputs fed back: from the output y_t round to the input x_{t+1}, through the gap between the two copies.

A solid arrow carries what the network itself has answered; a dashed one with a hollow head carries the wanted output,
whatever the network has answered (teacher forcing). Neither carries a gradient: a choice is not differentiated.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPen, QPolygonF

from rnnviz.view import math_text
from rnnviz.view.look import number
from rnnviz.view.stage import shapes
from rnnviz.view.stage.labels import display
from rnnviz.view.stage.layout import Mode

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPainter

    from rnnviz.view.stage.frame import Frame

HINTED = (4.0, 3.0)
ASIDE = 3.0  # design px from the edge of the column, where the outline of the cursor stands
ARRIVED = 0.85  # share of the way from which a token counts as arrived
NEAR = 4.5  # design px around the line that count as on it


class Route(NamedTuple):
    """Where the arrow begins, the height of the cells it passes beside, and where it ends."""

    start: QPointF
    gap: float
    top: float
    bottom: float
    end: QPointF


def route(frame: Frame, step: int) -> Route:
    """The way of what ``step`` reads; beside the cells it keeps to the gap before them."""
    layout = frame.layout
    left, right = frame.x(step - 1), frame.x(step)
    aside = 0.0 if frame.simple else min(layout.px(ASIDE), (layout.pitch - layout.cell_width) / 4)
    gap = right - layout.pitch / 2 + aside if frame.unfold >= 1.0 else (left + right) / 2
    end = QPointF(right - layout.chip_width * 0.34, layout.chip_top - layout.px(1))
    bottom = layout.bottom_row.bottom
    if layout.mode is Mode.PRESENTER:  # no y is drawn: the arrow leaves the cell where y would
        top = layout.top_row.top
        return Route(QPointF(left + layout.cell_width * 0.3, top - layout.px(1)), gap, top, bottom, end)
    width = min(layout.output_width, layout.pitch * 0.85)
    return Route(QPointF(left + width * 0.36, layout.output_bottom), gap, layout.top_row.top, bottom, end)


def way(place: Route, mode: Mode) -> QPainterPath:
    """The line of a route, without its head."""
    path = QPainterPath(place.start)
    if mode is Mode.PRESENTER:
        rise = place.start.y() - (place.gap - place.start.x()) * 0.45
        path.cubicTo(QPointF(place.start.x(), rise), QPointF(place.gap, rise), QPointF(place.gap, place.top + 4))
    else:
        middle = (place.start.y() + place.top) / 2
        path.cubicTo(QPointF(place.start.x(), middle), QPointF(place.gap, middle), QPointF(place.gap, place.top))
    path.lineTo(place.gap, place.bottom)
    middle = (place.bottom + place.end.y()) / 2
    path.cubicTo(QPointF(place.gap, middle), QPointF(place.end.x(), middle), place.end)
    return path


def paint_arrow(painter: QPainter, frame: Frame, step: int) -> None:
    """The arrow into ``step``, where it reads an output."""
    if not frame.wiring.fed(step) or step < 2:
        return
    layout, own = frame.layout, frame.wiring.own
    place, colour = route(frame, step), _colour(frame, step)
    head = min(layout.px(7.5), layout.chip_width * 0.3)
    line = way(place._replace(end=place.end - QPointF(0, head * 0.8)), layout.mode)
    wide = layout.px(2.4 if is_lit(frame, step) else 1.5)
    pen = QPen(colour, wide) if own else shapes.dashed(colour, wide, HINTED, layout.scale)
    painter.strokePath(line, pen)
    _head(painter, place.end, head, colour, None if own else frame.theme.panel)
    if own and layout.pitch >= layout.px(30):
        shapes.knot(painter, place.start.x(), place.start.y(), layout.px(2.2), colour, None)


def paint_loop(painter: QPainter, frame: Frame, start: QPointF, end: QPointF, right: float, delay: float) -> None:
    """Folded: out of y, through one step of delay at the height ``delay``, back in as x; solid for own outputs."""
    layout, ink, own = frame.layout, frame.theme.ink, frame.wiring.own
    bend, low = layout.px(6), end.y()
    path = QPainterPath(start)
    path.lineTo(right - bend, start.y())
    path.quadTo(right, start.y(), right, start.y() + bend)
    path.lineTo(right, low - bend)
    path.quadTo(right, low, right - bend, low)
    path.lineTo(end.x() + layout.px(5), low)
    wide = layout.px(1.5)
    painter.strokePath(path, QPen(ink, wide) if own else shapes.dashed(ink, wide, HINTED, layout.scale))
    _head(painter, end, layout.px(7), ink, None if own else frame.theme.panel, leftward=True)
    half = layout.px(5)
    painter.fillRect(QRectF(right - half, delay - half, 2 * half, 2 * half), ink)


def is_lit(frame: Frame, step: int) -> bool:
    """Whether the arrow into ``step`` is pointed at, or is the part of the step being computed."""
    pointed = frame.hover.kind == "feedback" and frame.hover.step == step
    return pointed or (step == frame.time_step and frame.sub_step == "input")


def _colour(frame: Frame, step: int) -> QColor:
    theme = frame.theme
    if not frame.computed(step):
        return shapes.blended(theme.ink, theme.bg, 0.32)
    return shapes.blended(theme.ink, theme.bg, 0.45) if frame.backward else theme.ink


def _head(
    painter: QPainter, tip: QPointF, size: float, colour: QColor, hollow: QColor | None, *, leftward: bool = False
) -> None:  # fmt: skip
    """The head of an arrow that comes from above, or from the right."""
    half = size * 0.58
    corners = ((size, -half), (size, half)) if leftward else ((-half, -size), (half, -size))
    points = QPolygonF([tip, *(tip + QPointF(*corner) for corner in corners)])
    painter.setPen(QPen(colour, size * 0.17) if hollow is not None else Qt.PenStyle.NoPen)
    painter.setBrush(hollow if hollow is not None else colour)
    painter.drawPolygon(points)


def paint_moving(painter: QPainter, frame: Frame) -> None:
    """The token on its way from y to the next x, while a step begins."""
    step = frame.time_step
    if not frame.arriving(step) or frame.feed >= ARRIVED or step not in frame.axis.visible():
        return
    layout, theme = frame.layout, frame.theme
    path = way(route(frame, step), layout.mode)
    at = path.pointAtPercent(min(1.0, frame.feed / ARRIVED))
    text = display(frame.tokens[step - 1])
    width = frame.labels.width("number*", text) + layout.px(10)
    rect = QRectF(at.x() - width / 2, at.y() - layout.px(9), width, layout.px(18))
    shapes.box(painter, rect, layout.px(5), QPen(theme.panel, layout.px(1.2)), theme.ink)
    frame.labels.draw(painter, at.x(), at.y(), text, "number*", theme.panel)


def paint_far(painter: QPainter, frame: Frame, steps: range) -> None:
    """Where copies have melted into a heat map: a line over the chips that were fed back, with its head at the first.

    Solid for the network's own outputs, dashed for the wanted ones.
    """
    layout, theme = frame.layout, frame.theme
    y = round(layout.chip_top - layout.px(6)) + 0.5
    for run in frame.wiring.runs:
        first, last = max(run.start, steps.start), min(run.stop - 1, steps.stop - 1)
        if first > last:
            continue
        left = max(frame.axis.gutter, frame.axis.left_of(first))
        right = min(frame.axis.width, frame.axis.left_of(last + 1))
        wide = layout.px(2)
        pen = QPen(theme.ink, wide) if frame.wiring.own else shapes.dashed(theme.ink, wide, HINTED, layout.scale)
        painter.setPen(pen)
        painter.drawLine(QLineF(left, y, right, y))
        if first == run.start:
            _head(painter, QPointF(left + layout.px(5), y + layout.px(7)), layout.px(7), theme.ink,
                  None if frame.wiring.own else theme.panel)  # fmt: skip


def hit(frame: Frame, x: float, y: float) -> int:
    """The step whose arrow lies under the pointer; 0: none."""
    layout = frame.layout
    for step in (frame.axis.step_at(x), frame.axis.step_at(x) + 1):
        if step > frame.length or not frame.wiring.fed(step):
            continue
        place = route(frame, step)
        if place.start.y() < y < place.end.y() and abs(x - _at(place, y)) <= layout.px(NEAR):
            return step
    return 0


def _at(place: Route, y: float) -> float:
    """Where the line stands at the height ``y``."""
    if y < place.top:
        share = (y - place.start.y()) / max(1.0, place.top - place.start.y())
        return place.start.x() + (place.gap - place.start.x()) * share * share * (3 - 2 * share)
    if y > place.bottom:
        share = (y - place.bottom) / max(1.0, place.end.y() - place.bottom)
        return place.gap + (place.end.x() - place.gap) * share * share * (3 - 2 * share)
    return place.gap


def words(frame: Frame, step: int) -> str:
    """What the arrow into ``step`` means, in two sentences and a formula."""
    token = display(frame.tokens[step - 1])
    if not frame.wiring.own:
        text = (f"Teacher forcing: step {step} reads “{token}”, the wanted output of step {step - 1}, whatever the "
                "network has answered.\nIt is a part of the data: no gradient flows through this arrow.")  # fmt: skip
        return f"{text}\n{math_text.plain('x_{t+1}')} = the wanted {math_text.plain('y_t')}"
    given = _given(frame, step)
    text = (f"Step {step} reads “{token}”, which the network itself has answered at step {step - 1}{given}.\nThe "
            "choice of a token is not differentiated: no gradient flows through this arrow, only through "
            f"{math_text.plain('h_t')}.")  # fmt: skip
    return f"{text}\n{math_text.plain('x_{t+1}')} ∼ softmax(z / T), T = 0: the most probable"


def _given(frame: Frame, step: int) -> str:
    trace = frame.trace
    if trace is None or step > frame.valid:
        return ""
    labels, token = trace.top_labels[step - 2], frame.tokens[step - 1]
    if token not in labels:
        return ""
    share = float(trace.top_probabilities[step - 2][labels.index(token)])
    return f" (given {number(100 * share, 1)} %)"
