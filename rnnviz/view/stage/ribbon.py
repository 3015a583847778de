"""Far away the copies melt into one heat map: all units by all steps, one image, drawn once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPen

from rnnviz.view import math_text
from rnnviz.view.heat import draw_heat, image_from
from rnnviz.view.layer_names import is_reverse, state_symbol
from rnnviz.view.stage import chains, hatch, shapes
from rnnviz.view.stage.squares import GHOST_FILL

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.images import LayerImages
    from rnnviz.view.stage.layout import RowBand


def paint_ribbon(painter: QPainter, frame: Frame) -> None:
    """The heat map of every layer shown, over the full height between the outputs and the chips."""
    for row in frame.layout.rows:
        layer = frame.layer(row.name)
        if layer is not None:
            for part, rect in band_rects(frame, layer, row):
                paint_band(painter, frame, layer, part, rect, whole=is_reverse(row.name))


def paint_names(painter: QPainter, frame: Frame) -> None:
    """h_t and c_t beside their heat maps."""
    layout = frame.layout
    for row in layout.rows:
        layer = frame.layer(row.name)
        if layer is None:
            continue
        for part, rect in band_rects(frame, layer, row):
            math_text.paint(painter, frame.axis.gutter - layout.px(24), rect.center().y() + layout.px(5),
                            state_symbol(row.name, chains.names(frame), layer.parts[part][0]),
                            frame.look.font("maths"), frame.theme.ink2)  # fmt: skip


def band_rects(frame: Frame, layer: LayerImages, row: RowBand) -> list[tuple[int, QRectF]]:
    """Part and height of every heat map of a layer: h on top, as the folded cell writes it."""
    layout, count = frame.layout, len(layer.parts)
    top = row.top if row is not layout.top_row or frame.simple else ribbon_top(frame)
    gap = layout.px(6) if count > 1 else 0
    height = (row.bottom - top - gap * (count - 1)) / count
    return [
        (part, QRectF(0, round(top + place * (height + gap)), 0, round(height)))
        for place, part in enumerate(reversed(range(count)))
    ]


def ribbon_top(frame: Frame) -> float:
    """The heat map takes the room of the y boxes; a band for the gradient stays free above it."""
    layout = frame.layout
    return min(layout.top_row.top, layout.output_top + layout.px(28))


def paint_band(
    painter: QPainter, frame: Frame, layer: LayerImages, part: int, rect: QRectF, *, whole: bool = False
) -> None:
    """One heat map on the axis; steps after the cursor as a ghost, but of a chain from the end (``whole``)."""
    axis = frame.axis
    last = min(frame.valid, frame.length)
    if last < 1:
        return
    cut = last if frame.backward or whole else min(last, frame.time_step)
    opacity = painter.opacity()
    for start, stop, alpha in ((0, cut, 1.0), (cut, last, GHOST_FILL)):
        if start >= stop:
            continue
        left, right = axis.left_of(start + 1), axis.left_of(stop + 1)
        shown_left, shown_right = max(left, axis.gutter), min(right, axis.width)
        if shown_left >= shown_right:
            continue
        # Only the visible part is drawn, cut on whole steps so that it does not shimmer while scrolling.
        first = start + int((shown_left - left) // axis.pitch)
        final = min(stop, start + int(-(-(shown_right - left) // axis.pitch)))
        target = QRectF(round(axis.left_of(first + 1)), rect.top(), 0, rect.height())
        target.setRight(round(axis.left_of(final + 1)))
        painter.setOpacity(opacity * alpha)
        source = QRectF(first, 0, final - first, layer.image(part).height())
        draw_heat(painter, target, layer.image(part), source)
        bad = layer.bad(part)
        if bad is not None:
            hatch.paint_bad(painter, target, bad[first:final].T, frame.theme)
    painter.setOpacity(opacity)
    frame_rect = QRectF(max(axis.gutter, axis.left_of(1)), rect.top(), 0, rect.height())
    frame_rect.setRight(min(axis.width, axis.left_of(last + 1)))
    shapes.box(painter, frame_rect, 0, QPen(frame.theme.line2, 1), None)
    if last < frame.length:
        missing = QRectF(max(axis.gutter, frame_rect.right()), rect.top(), 0, rect.height())
        missing.setRight(min(axis.width, axis.left_of(frame.length + 1)))
        pen = shapes.dashed(frame.theme.line2, 1, shapes.GHOST_DASH, frame.layout.scale)
        shapes.box(painter, missing, 0, pen, None)
    _selected_row(painter, frame, rect, frame_rect)


def _selected_row(painter: QPainter, frame: Frame, rect: QRectF, span: QRectF) -> None:
    if frame.unit < 0 or frame.layout.hidden < 1:
        return
    height = rect.height() / frame.layout.hidden
    top = rect.top() + frame.unit * height
    painter.setPen(QPen(frame.theme.ink, 1.2))
    if height < 4:
        middle = top + height / 2
        painter.drawLine(QLineF(span.left() - frame.layout.px(7), middle, span.left(), middle))
        return
    shapes.box(painter, QRectF(span.left(), top, span.width(), height), 0, QPen(frame.theme.ink, 1.4), None)


def paint_reached(painter: QPainter, frame: Frame) -> None:
    """Backward at far zoom: a band over the heat map whose height is the gradient that arrives."""
    if not frame.backward or frame.gradient is None or not frame.gradient.loss_step:
        return
    layout, gradient = frame.layout, frame.gradient
    base = ribbon_top(frame) - layout.px(2)
    visible = frame.axis.visible()
    ends = [max(1, frame.time_step), gradient.loss_step]
    if gradient.rightward:
        ends = [gradient.loss_step, min(frame.length, gradient.front(frame.time_step))]
    steps = range(max(visible.start, ends[0]), min(visible.stop, ends[1] + 1))
    if not len(steps):
        return
    every = max(1, round(1.0 / frame.axis.pitch))
    strengths = gradient.strengths(steps)[::every]
    edges = np.rint(frame.axis.left_of(steps.start) + np.arange(strengths.size + 1) * every * frame.axis.pitch)
    edges = np.clip(edges, frame.axis.gutter, frame.axis.width + 1).astype(int)
    tallest = round(layout.px(23))
    heights = np.repeat(np.rint(layout.px(1.2 + 21 * strengths)), np.diff(edges))
    if not heights.size:
        return
    bars = np.arange(tallest, 0, -1)[:, None] <= heights[None, :]
    image = image_from(np.where(bars, np.uint32(frame.theme.grad.rgba()), np.uint32(0)))
    painter.drawImage(QPointF(edges[0], round(base) - tallest), image)
