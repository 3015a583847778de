"""The copies of the cell: outlines, h_0, the selected unit, and numbers where squares are wide enough."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPen

from rnnviz.view import math_text
from rnnviz.view.layer_names import is_reverse
from rnnviz.view.look import number
from rnnviz.view.stage import chains, rails, shapes
from rnnviz.view.stage.layout import Mode

if TYPE_CHECKING:
    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.images import LayerImages
    from rnnviz.view.stage.layout import RowBand

NUMBER_WIDTH = 40.0  # design px: squares this wide carry their number


def paint_initial_state(painter: QPainter, frame: Frame) -> None:
    """h_0 = 0: an empty copy before the first; a chain from the end starts behind the last."""
    if not frame.tokens:
        return
    before = frame.axis.first == 0 and frame.axis.left_of(1) > frame.axis.gutter
    for row in frame.layout.rows:
        if is_reverse(row.name):
            _paint_end(painter, frame, row)
        elif before:
            _paint_start(painter, frame, row, 0)


def _paint_start(painter: QPainter, frame: Frame, row: RowBand, step: int) -> None:
    layout, layer = frame.layout, frame.layer(row.name)
    pen = shapes.dashed(frame.theme.line2, layout.px(1.2), shapes.GHOST_DASH, layout.scale)
    shapes.box(painter, layout.cell(frame.x(step), row), layout.px(8), pen, frame.theme.panel)
    _empty_squares(painter, frame, row, frame.x(step), len(layer.parts) if layer else 1)


def _paint_end(painter: QPainter, frame: Frame, row: RowBand) -> None:
    """The state that a chain from the end starts with: zeros, on their way into the last copy."""
    layout, layer, end = frame.layout, frame.layer(row.name), frame.length + 1
    if frame.unfold < 1.0 or frame.x(end) - layout.pitch > frame.right:
        return
    _paint_start(painter, frame, row, end)
    if rails.shows_ways(frame):
        rails.paint_gap(painter, frame, row, end, has_cell=layer is not None and len(layer.parts) > 1, reverse=True)
    if row is layout.top_row and layout.pitch >= layout.px(44) and layout.mode is not Mode.PRESENTER:
        font, words = frame.look.font("maths_small"), f"h_{{{end}}} = 0"
        math_text.paint_centred(painter, frame.x(end), row.bottom + layout.px(13), words, font, frame.theme.ink2)


def paint_box(painter: QPainter, frame: Frame, row: RowBand, step: int) -> None:
    """The body of one copy, without its numbers."""
    layout, theme = frame.layout, frame.theme
    rect = layout.cell(frame.x(step), row)
    on, current = chains.done(frame, row, step), step == frame.time_step
    radius = min(layout.px(9 if not frame.simple else 13), rect.width() / 3)
    fill = theme.panel if on else shapes.faded(theme.panel, 0.8)
    shapes.box(painter, rect, radius, outline(frame, step, row, on=on, current=current), fill)
    if not frame.known(step):
        layer = frame.layer(row.name)
        _empty_squares(painter, frame, row, frame.x(step), len(layer.parts) if layer else 1)


def outline(frame: Frame, step: int, row: RowBand, *, on: bool, current: bool) -> QPen:
    """The border of a copy: dashed while uncomputed, heavy at the cursor, in grad once the sweep has reached it."""
    layout, theme = frame.layout, frame.theme
    flow = frame.flow(row.name)
    arriving = flow is not None and step == flow.front(frame.time_step) and frame.sweep < 1.0
    if flow is not None and flow.reached(step, frame.time_step) and not arriving:
        width = 2.4 if layout.mode is not Mode.PRESENTER else 1.0 + 2.4 * flow.strength(step)
        return QPen(theme.grad, layout.px(width))
    if not on:
        return shapes.dashed(theme.line2, layout.px(1.2), shapes.GHOST_DASH, layout.scale)
    ink = theme.ink if not frame.backward else shapes.blended(theme.ink, theme.panel, 0.7)
    return QPen(ink, layout.px(2.4 if current else 1.3))


def _empty_squares(painter: QPainter, frame: Frame, row: RowBand, x: float, parts: int) -> None:
    layout = frame.layout
    if not layout.squares:
        return
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(QPen(frame.theme.line, 1))
    painter.setBrush(frame.theme.panel)
    painter.drawRects(
        [
            layout.square(x, row, unit, part, parts).adjusted(0, 0, -1, -1)
            for part in range(parts)
            for unit in range(layout.hidden)
        ]
    )
    painter.restore()


def has_numbers(frame: Frame, layer: LayerImages) -> bool:
    """Whether the squares are large enough for their numbers."""
    layout = frame.layout
    square = layout.square(0.0, layout.rows[0], 0, 0, len(layer.parts))
    return square.width() >= layout.px(NUMBER_WIDTH) and square.height() >= layout.px(13)


def paint_numbers(painter: QPainter, frame: Frame, row: RowBand, layer: LayerImages, steps: range) -> None:
    """The value in every square of the computed steps."""
    layout, parts = frame.layout, len(layer.parts)
    height = layout.square(0.0, row, 0, 0, parts).height()
    factor = max(0.92, min(1.0, height / layout.px(17)))
    for step in steps:
        if not chains.done(frame, row, step) or step > frame.valid:
            continue
        for part in range(parts):
            for unit, packed in enumerate(layer.colours(part)[step - 1].tolist()):
                middle = layout.square(frame.x(step), row, unit, part, parts).center()
                ink = frame.look.readable_on(QColor.fromRgb(packed))
                text = number(layer.value(part, step, unit))
                frame.labels.draw(painter, middle.x(), middle.y(), text, "number", ink, factor=factor)


def sub_step_symbol(key: str) -> str:
    """A part of a step in math markup."""
    return {"input": "x_t", "tanh_c": "tanh c_t", "output": "y_t", "loss": "C_t"}.get(key, f"{key}_t")


def paint_sub_step(painter: QPainter, frame: Frame) -> None:
    """Inside a step: a flag with the part that is being computed, at the place where it happens."""
    layout, theme = frame.layout, frame.theme
    row = layout.top_row
    places = {"input": layout.wxh, "output": layout.why, "loss": layout.output_top - layout.px(7)}
    y = places.get(frame.sub_step, (row.top + row.bottom) / 2)
    font, markup = frame.look.font("maths"), sub_step_symbol(frame.sub_step)
    wide, high = math_text.width(markup, font) + layout.px(14), layout.px(22)
    x = frame.x(frame.time_step)
    flag = QRectF(x - wide / 2, y - high / 2, wide, high)
    shapes.box(painter, flag, layout.px(6), QPen(theme.panel, layout.px(1.5)), theme.ink)
    math_text.paint_centred(painter, x, y + layout.px(5), markup, font, theme.panel)


def paint_selected(painter: QPainter, frame: Frame, row: RowBand, layer: LayerImages) -> None:
    """The selected unit's square at the cursor."""
    if row is not frame.chosen_row:
        return
    if frame.unit < 0 or frame.unit >= frame.layout.hidden or not frame.time_step or not frame.layout.squares:
        return
    parts = len(layer.parts)
    rect = frame.layout.square(frame.x(frame.time_step), row, frame.unit, parts - 1, parts)
    grow = frame.layout.px(1.5)
    pen = QPen(frame.theme.ink, frame.layout.px(2))
    shapes.box(painter, rect.adjusted(-grow, -grow, grow, grow), frame.layout.px(3), pen, None)
