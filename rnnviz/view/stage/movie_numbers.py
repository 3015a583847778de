"""The measured norms beside the arrows of the backward pass, and the arrows that come down from each loss."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPen

from rnnviz.view.look import number
from rnnviz.view.scales import LOG10_OF_2, decade_text, norm_text
from rnnviz.view.stage import chains, downward
from rnnviz.view.stage.layout import Mode
from rnnviz.view.stage.movie import MovieFlow
from rnnviz.view.time_axis import Level

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from rnnviz.view.stage.frame import Frame, Gradient
    from rnnviz.view.stage.labels import Labels

LEAST_PITCH = 48.0
"""Design px of a column below which no number fits beside its edge; tooltips have them all the same."""
LEAST_ROOM, TIGHT = 11.0, 15.0
ROLE = "tick"


def paint_numbers(painter: QPainter, frame: Frame, steps: range) -> None:
    """What passes the edges that the sweep has crossed, in three digits, where there is room."""
    layout = frame.layout
    if not frame.backward or layout.mode is Mode.PRESENTER or layout.pitch < layout.px(LEAST_PITCH):
        return
    if frame.axis.level is not Level.CELLS or frame.unfold < 1.0:
        return
    bottom, top = frame.flow(layout.bottom_row.name), frame.flow(layout.top_row.name)
    if bottom is not None:
        _through(painter, frame, bottom, steps)
    if isinstance(top, MovieFlow):
        _direct(painter, frame, top, steps)


def _through(painter: QPainter, frame: Frame, flow: Gradient, steps: range) -> None:
    """Under the gap that it crosses, between the cells and the rail of W_xh."""
    layout = frame.layout
    room = layout.wxh - layout.bottom_row.bottom
    if room < layout.px(LEAST_ROOM):
        return
    y = layout.bottom_row.bottom + room / 2 - layout.px(1)
    places = []
    for left in steps:
        arrives = left + 1 if flow.rightward else left
        if left < frame.length and flow.crossed(left, frame.time_step) and not _is_moving(frame, flow, arrives):
            text = edge_text(float(flow.log2[arrives - 1]), frame.labels, layout.pitch - layout.px(14))
            places.append((frame.x(left) + layout.pitch / 2, y, text))
    if room < layout.px(TIGHT):
        _clear(painter, frame, places)
    frame.labels.draw_all(painter, places, ROLE, frame.theme.grad)


def _clear(painter: QPainter, frame: Frame, places: list[tuple[float, float, str]]) -> None:
    """In a low stage the rail runs close by: it is interrupted behind each number."""
    half = frame.layout.px(6)
    for x, y, text in places:
        width = frame.labels.width(ROLE, text) / 2 + frame.layout.px(2)
        painter.fillRect(QRectF(x - width, y - half, 2 * width, 2 * half + frame.layout.px(2)), frame.theme.bg)


def _direct(painter: QPainter, frame: Frame, flow: MovieFlow, steps: range) -> None:
    """Beside the arrow from y_t, between the rail of W_hy and the cell."""
    layout = frame.layout
    room = layout.top_row.top - layout.why
    if room < layout.px(LEAST_ROOM + 3):
        return
    y = layout.top_row.top - room / 2 + layout.px(1)
    for step in steps:
        if flow.reached(step, frame.time_step) and math.isfinite(flow.direct[step - 1]):
            width = downward.arriving(frame, layout.top_row.name, step) / 2
            text = edge_text(float(flow.direct[step - 1]), frame.labels, layout.pitch / 2 + layout.px(2))
            frame.labels.draw(painter, frame.x(step) + width + layout.px(5), y, text, ROLE, frame.theme.grad, align=0.0)


def _is_moving(frame: Frame, flow: Gradient, step: int) -> bool:
    """An arrow that is still growing has no number yet."""
    return frame.sweep < 1.0 and step == flow.front(frame.time_step)


def edge_text(log2: float, labels: Labels, room: float) -> str:
    """A norm in three digits, in fewer where they do not fit into ``room`` px, at least its power of ten."""
    choices = _choices(log2)
    return next((text for text in choices[:-1] if labels.width(ROLE, text) <= room), choices[-1])


@lru_cache(maxsize=4096)
def _choices(log2: float) -> tuple[str, ...]:
    """Ways to write a norm, the longest first."""
    if not math.isfinite(log2):
        return (norm_text(log2),)
    exponent = math.floor(log2 * LOG10_OF_2)
    choices = [norm_text(log2)]
    if -3 <= exponent < 0:
        choices += [number(2.0**log2, -exponent + 1), number(2.0**log2, -exponent)]
    elif 0 <= exponent < 4:
        choices.append(number(2.0**log2, max(0, 1 - exponent)))
    return (*choices, decade_text(exponent))


def paint_sources(painter: QPainter, frame: Frame, steps: range) -> None:
    """From every loss that the sweep has passed down into the copies of its column: the direct parts."""
    if not isinstance(frame.gradient, MovieFlow):
        return
    layout, top = frame.layout, chains.groups(frame)[-1]
    low, high = layout.output_bottom + layout.px(1), layout.output_top - layout.px(1)
    if frame.is_below:  # what comes down is of the layer above, which is not on show
        low = layout.why + layout.px(3)
    downward.paint_into(painter, frame, top, steps, low, 9)
    if frame.simple or frame.is_below:
        return
    start = max(layout.output_top - layout.px(12), layout.loss + layout.px(8))
    for step in steps:
        width = max(downward.arriving(frame, row.name, step) for row in top)
        painter.fillRect(QRectF(frame.x(step) - width / 2, start, width, high - start), frame.theme.grad)


def paint_earlier_losses(painter: QPainter, frame: Frame) -> None:
    """After an update, in the forward pass: every loss as it was before, struck out above the new one."""
    update = frame.movie.update if frame.movie is not None else None
    layout = frame.layout
    if update is None or frame.backward or frame.simple or layout.mode is Mode.PRESENTER:
        return
    y = layout.loss - layout.px(12)
    if y < layout.header + layout.px(17) or layout.pitch < layout.px(LEAST_PITCH):
        return
    for step in frame.axis.visible():
        if step <= min(frame.time_step, len(update.loss_before)) and not math.isnan(update.loss_before[step - 1]):
            text = number(float(update.loss_before[step - 1]))
            frame.labels.draw(painter, frame.x(step), y, text, ROLE, frame.theme.ink2)
            half = frame.labels.width(ROLE, text) / 2 + layout.px(2)
            painter.setPen(QPen(frame.theme.ink3, layout.px(0.8)))
            painter.drawLine(QLineF(frame.x(step) - half, y, frame.x(step) + half, y))
