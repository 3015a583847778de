"""The inside of one copy: every vector a column of numbered squares, elementwise arithmetic reads straight across."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPen, QTransform

from rnnviz.view import math_text
from rnnviz.view.heat import heat_indices
from rnnviz.view.layer_names import is_reverse
from rnnviz.view.look import MINUS, number
from rnnviz.view.stage import hatch, header, inside_parts, minimap, shapes, tips
from rnnviz.view.stage.frame import Hit
from rnnviz.view.stage.inside_columns import Inside, in_words, make_columns
from rnnviz.view.stage.inside_layout import InsideLayout, make_inside_layout, minimap_rect, minimap_step
from rnnviz.view.stage.labels import display
from rnnviz.view.stage.squares import GHOST_FILL

if TYPE_CHECKING:
    from PySide6.QtGui import QImage, QPainter

    from rnnviz.service.messages import Inspected, OperationValue
    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.inside_columns import Column

PREACTIVATION_LEVEL = 2.0


def paint(
    painter: QPainter, frame: Frame, detail: Inspected | None, *, layer: str, grow: float, start: QRectF, zoom: str,
    legend: QImage, unit_legend: QImage,
) -> None:  # fmt: skip
    """The card of the present step, growing out of its copy (``start``) while ``grow`` goes to 1."""
    operations = operations_of(detail, layer)
    minimap.paint(painter, frame)
    header.paint_zoom(painter, frame, zoom, inside=True)
    content = make_columns(operations, reverse=is_reverse(layer))
    layout = make_inside_layout(frame, content)
    painter.save()
    if grow < 1.0:
        painter.setTransform(_between(start, layout.card, grow), combine=True)
    else:
        minimap.paint_funnel(painter, frame, layout)
        minimap.paint_neighbours(painter, frame, layout)
    _card(painter, frame, layout)
    if content.columns:
        _content(painter, frame, layout, content, operations, (legend, unit_legend))
        _origin(painter, frame, layout)
    else:
        middle = layout.card.center()
        text = "Nothing is computed yet: step forward to look inside." if frame.length else "Type something first."
        frame.labels.draw(painter, middle.x(), middle.y(), text, "button", frame.theme.ink2)
    painter.restore()


def _origin(painter: QPainter, frame: Frame, layout: InsideLayout) -> None:
    """Whose copy this is and where its input comes from, where that is not plain."""
    words, step = tips.source(frame, frame.time_step), frame.time_step
    if not words or layout.compact or not 0 < step <= frame.length:
        return
    text = f"Step {step} reads “{display(frame.tokens[step - 1])}”{words}."
    x, y = layout.card.left() + layout.px(24), layout.card.bottom() - layout.px(9)
    frame.labels.draw(painter, x, y, text, "small", frame.theme.ink2, align=0.0)


def operations_of(detail: Inspected | None, layer: str) -> list[OperationValue]:
    """The operations of the selected layer, else of the first."""
    if detail is None or not detail.layers:
        return []
    return detail.layers.get(layer) or next(iter(detail.layers.values()))


def _between(start: QRectF, end: QRectF, share: float) -> QTransform:
    left, top = (a + (b - a) * share for a, b in ((start.left(), end.left()), (start.top(), end.top())))
    width = start.width() + (end.width() - start.width()) * share
    height = start.height() + (end.height() - start.height()) * share
    transform = QTransform()
    transform.translate(left, top)
    transform.scale(max(0.02, width / end.width()), max(0.02, height / end.height()))
    transform.translate(-end.left(), -end.top())
    return transform


def _card(painter: QPainter, frame: Frame, layout: InsideLayout) -> None:
    pen = QPen(frame.theme.grad if frame.reached(frame.time_step) else frame.theme.ink, layout.px(2.2))
    shapes.box(painter, layout.card, layout.px(16), pen, frame.theme.panel)


def _content(
    painter: QPainter, frame: Frame, layout: InsideLayout, content: Inside, operations: list[OperationValue],
    legends: tuple[QImage, QImage],
) -> None:  # fmt: skip
    unit = shown_unit(frame, layout)
    free = not any(column.parts for column in content.columns)
    _selected_band(painter, frame, layout, unit, len(content.columns) if free else 0)
    if not layout.compact:
        _captions(painter, frame, layout, content)
    _unit_numbers(painter, frame, layout, unit)
    keys = {operation.symbol: operation.key for operation in operations}
    waiting = frozenset(
        index for index, column in enumerate(content.columns) if not frame.done(keys.get(_own(column.symbol), ""))
    )
    for index, column in enumerate(content.columns):
        opacity = painter.opacity()
        painter.setOpacity(opacity * (GHOST_FILL if index in waiting else 1.0))
        _column(painter, frame, layout, index, column, unit)
        if index:
            _sign(painter, frame, layout, index, column.sign, unit)
        painter.setOpacity(opacity)
        if frame.sub_step and keys.get(column.symbol) == frame.sub_step:
            _present_column(painter, frame, layout, index)
    inside_parts.paint_parts(painter, frame, layout, content, unit, waiting)
    if not layout.compact:
        words = in_words(operations, unit)
        inside_parts.paint_words(painter, frame, layout, content, unit, words, legends)


def _own(symbol: str) -> str:
    """The operation a column comes from: 1 − z_t is there with z_t."""
    return symbol.removeprefix("1 − ")


def _present_column(painter: QPainter, frame: Frame, layout: InsideLayout, index: int) -> None:
    """The part of the step that is being computed: its column framed."""
    x, half, edge = layout.column_x(index), layout.width / 2 + layout.px(7), layout.px(6)
    top = layout.rows_top - layout.px(36 if not layout.compact else 28)
    frame_rect = QRectF(x - half, top, 2 * half, layout.rows_bottom + edge - top)
    shapes.box(painter, frame_rect, layout.px(8), QPen(frame.theme.ink, layout.px(2.2)), None)


def shown_unit(frame: Frame, layout: InsideLayout) -> int:
    """The unit explained: the selected one, else the first."""
    return max(layout.first, min(frame.unit, layout.first + layout.rows - 1))


def _selected_band(painter: QPainter, frame: Frame, layout: InsideLayout, unit: int, columns: int) -> None:
    """The row of the selected unit; ``columns`` > 0: it ends behind the last column, where the words stand."""
    top = layout.rows_top + (unit - layout.first) * layout.row
    left = layout.card.left() + layout.px(14)
    right = layout.card.right() - layout.px(14)
    if columns:
        right = layout.column_x(columns - 1) + layout.width / 2 + layout.px(24)
    band = QRectF(left, top - layout.px(2.5), right - left, layout.row + layout.px(3))
    shapes.box(painter, band, layout.px(6), None, frame.theme.raised)


def _captions(painter: QPainter, frame: Frame, layout: InsideLayout, content: Inside) -> None:
    """What a group of columns does, over a bracket."""
    y = layout.card.top() + layout.px(27)
    half = layout.width / 2 + layout.px(8)
    for number_, caption in enumerate(content.captions):
        members = [index for index, column in enumerate(content.columns) if column.group == number_]
        if not members or not caption:
            continue
        left, right = layout.column_x(members[0]) - half, layout.column_x(members[-1]) + half
        room = right - left + layout.px(8)
        text = caption if frame.labels.width("label", caption) <= room else caption.split(":")[0]
        frame.labels.draw(painter, (left + right) / 2, y, text, "label", frame.theme.ink2)
        painter.setPen(QPen(frame.theme.line2, layout.px(1.2)))
        line, drop = y + layout.px(14), layout.px(5)
        corners = ((left, line + drop), (left, line), (right, line), (right, line + drop))
        painter.drawPolyline([QPointF(x, place) for x, place in corners])


def _unit_numbers(painter: QPainter, frame: Frame, layout: InsideLayout, unit: int) -> None:
    theme = frame.theme
    x = layout.column_x(0) - layout.width / 2 - layout.px(18)
    y = layout.rows_top - layout.px(15)
    frame.labels.draw(painter, x, y, "unit", "small", theme.ink2, align=1.0)
    for row in range(layout.first, layout.first + layout.rows):
        middle = layout.square(0, row).center().y()
        chosen = row == unit
        role, colour = ("label*", theme.ink) if chosen else ("small", theme.ink2)
        frame.labels.draw(painter, x, middle, str(row + 1), role, colour, align=1.0)
    if layout.rows < frame.layout.hidden:
        text = f"{layout.first + 1}–{layout.first + layout.rows} of {frame.layout.hidden}"
        frame.labels.draw(painter, x, y - layout.px(15), text, "small", theme.ink2, align=1.0)


def level_of(frame: Frame, kind: str) -> tuple[str, float, float]:
    """Map, low and high of a kind of number."""
    if kind == "gate":
        return "unit", 0.0, 1.0
    level = frame.images.cell_level if kind == "cell" and frame.images else 1.0
    if kind == "preactivation":
        level = PREACTIVATION_LEVEL
    return "signed", -level, level


def _column(painter: QPainter, frame: Frame, layout: InsideLayout, index: int, column: Column, unit: int) -> None:
    x = layout.column_x(index)
    font = frame.labels.font("maths_big", 0.96 if layout.spacing > layout.px(100) else 0.72)
    math_text.paint_centred(painter, x, layout.rows_top - layout.px(10), column.symbol, font, frame.theme.ink)
    kind, low, high = level_of(frame, column.kind)
    shown = column.values[layout.first : layout.first + layout.rows]
    colours = np.asarray(frame.look.lut(kind))[heat_indices(shown, low, high)].tolist()
    factor = min(1.3, layout.row / layout.px(24))
    for row, (value, packed) in enumerate(zip(shown.tolist(), colours, strict=True), start=layout.first):
        rect = layout.square(index, row)
        fill = QColor.fromRgb(packed) if np.isfinite(value) else frame.theme.panel
        shapes.box(
            painter, rect, layout.px(3), QPen(shapes.blended(frame.theme.line2, frame.theme.panel, 0.4), 1), fill
        )
        ink = frame.look.readable_on(fill)
        if not np.isfinite(value):
            hatch.paint_bad(painter, rect, np.ones((1, 1), np.bool_), frame.theme)
            ink = frame.theme.ink
        frame.labels.draw(painter, rect.center().x(), rect.center().y(), number(value), "number", ink,
                          factor=max(0.92, factor))  # fmt: skip
        if row == unit:
            edge = layout.px(1)
            pen = QPen(frame.theme.ink, layout.px(2.2))
            shapes.box(painter, rect.adjusted(-edge, -edge, edge, edge), layout.px(4), pen, None)


def _sign(painter: QPainter, frame: Frame, layout: InsideLayout, index: int, sign: str, unit: int) -> None:
    """⊙ + = or the name of a function, once, in the selected row."""
    if not sign:
        return
    x = (layout.column_x(index - 1) + layout.column_x(index)) / 2
    y = layout.square(index, unit).center().y()
    role = "title" if len(sign) == 1 else "label"
    factor = 0.95 if layout.spacing > layout.px(80) else 0.7
    frame.labels.draw(painter, x, y, sign, role, frame.theme.ink, factor=factor)


def hit_at(frame: Frame, detail: Inspected | None, layer: str, point: QPointF) -> Hit:
    """What is drawn at ``point`` of the inside view."""
    for name, rect in header.zoom_rects(frame, inside=True).items():
        if rect.contains(point):
            return Hit("zoom", name=name)
    strip = minimap_rect(frame)
    if strip.top() - 4 <= point.y() <= strip.bottom() + frame.layout.px(24):
        step = minimap_step(frame, point.x())
        if step:
            return Hit("column", step=step)
    content = make_columns(operations_of(detail, layer), reverse=is_reverse(layer))
    layout = make_inside_layout(frame, content)
    row = int((point.y() - layout.rows_top) // layout.row)
    if not 0 <= row < layout.rows or not layout.card.contains(point):
        return Hit()
    unit = layout.first + row
    for index in range(len(content.columns)):
        if abs(point.x() - layout.column_x(index)) <= layout.width / 2:
            return Hit("square", unit=unit, part=index, name=layer)
    return Hit("square", unit=unit, name=layer)


def tip(frame: Frame, detail: Inspected | None, layer: str, hit: Hit) -> str:
    """The number under the pointer with three digits."""
    if hit.kind == "column":
        return f"Step {hit.step}: “{display(frame.tokens[hit.step - 1])}”"
    if hit.kind != "square" or hit.part < 0:
        return ""
    columns = make_columns(operations_of(detail, layer), reverse=is_reverse(layer)).columns
    if hit.part >= len(columns):
        return ""
    column = columns[hit.part]
    value = float(column.values[hit.unit])
    text = f"{math_text.plain(column.symbol)} of unit {hit.unit + 1} = {number(value, 3)}"
    _, low, high = level_of(frame, column.kind)
    return text if low <= value <= high else f"{text}\nbeyond the colour limit {MINUS if low < 0 else ''}{high:g}"
