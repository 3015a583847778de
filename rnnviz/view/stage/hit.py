"""What lies under the pointer: the geometry of the painters read backwards."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.view.stage import chips, feedback, folded_cell, handover, header, rails
from rnnviz.view.stage.frame import Frame, Hit
from rnnviz.view.stage.layout import Mode
from rnnviz.view.time_axis import Level

if TYPE_CHECKING:
    from PySide6.QtCore import QPointF

    from rnnviz.view.stage.layout import RowBand

NEAR = 6.0  # design px around a rail that count as on it
CARET_SHARE = 0.2  # the outer share of a column where a click sets the caret only


def hit_at(frame: Frame, point: QPointF, *, far: bool = False) -> Hit:
    """What is drawn at ``point`` of the stage."""
    found = _furniture(frame, point) or _folded(frame, point)
    if found is not None:
        return found
    step = frame.axis.step_at(point.x())
    if _in_chip_row(frame, point.y()):
        return _text_hit(frame, point, step)
    if not step or point.x() > frame.axis.x_of(frame.length) + frame.layout.pitch:
        return Hit()
    return _column(frame, point, step, far=far)


def _in_chip_row(frame: Frame, y: float) -> bool:
    return frame.layout.chip_top - frame.layout.px(4) <= y <= frame.layout.chip_bottom + frame.layout.px(4)


def _furniture(frame: Frame, point: QPointF) -> Hit | None:
    if frame.layout.mode is Mode.FULL:
        for name, rect in header.zoom_rects(frame).items():
            if rect.contains(point):
                return Hit("zoom", name=name)
    if not frame.tokens and frame.layout.mode is not Mode.PRESENTER:
        for text, rect in chips.sample_rects(frame):
            if rect.contains(point):
                return Hit("sample", name=text)
    if frame.layer_label and folded_cell.layer_rect(frame).contains(point):
        return Hit("layer")
    return None


def _folded(frame: Frame, point: QPointF) -> Hit | None:
    if frame.layout.mode is Mode.PRESENTER:
        return None
    for name, rect in folded_cell.thumbnail_rects(frame).items():
        if rect.contains(point):
            return Hit("weight", name=name)
    return None


def _text_hit(frame: Frame, point: QPointF, step: int) -> Hit:
    if not frame.tokens or point.x() < frame.axis.gutter:
        return Hit("caret", step=0, unit=0)
    if point.x() > frame.axis.left_of(frame.length + 1):
        return Hit("caret", unit=frame.length)
    if step < 1:
        return Hit("caret", unit=0)
    if not frame.wiring.typed(step):
        return Hit("drawn", step=step)
    share = (point.x() - frame.axis.left_of(step)) / frame.layout.pitch
    place = step if share > 0.5 else step - 1
    if frame.layout.pitch > frame.layout.px(30) and not CARET_SHARE <= share <= 1 - CARET_SHARE:
        return Hit("caret", unit=place)
    return Hit("chip", step=step, unit=place)


def _column(frame: Frame, point: QPointF, step: int, *, far: bool) -> Hit:
    layout, y = frame.layout, point.y()
    detailed = not far and frame.axis.level in (Level.CELLS, Level.BARS)
    if detailed and rails.shows_rails(frame):
        weight = _rail(frame, point, step)
        if weight is not None:
            return weight
    if detailed and (fed := feedback.hit(frame, point.x(), y)):
        return Hit("feedback", step=fed)
    if handover.exists(frame) and abs(point.x() - handover.boundary(frame)) <= layout.px(3) and y > layout.caption:
        return Hit("boundary", step=step)
    if step < 1:
        return Hit()
    if layout.mode is not Mode.PRESENTER and not far:
        if abs(y - layout.loss) <= layout.px(12) and not frame.simple and frame.answers(step):
            return Hit("loss", step=step)
        if layout.output_top <= y <= layout.output_bottom and frame.answers(step):
            return Hit("output", step=step)
    for row in layout.rows:
        if row.top <= y <= row.bottom:
            return _cell(frame, point, step, row, detailed=detailed)
    return Hit("column", step=step)


def _rail(frame: Frame, point: QPointF, step: int) -> Hit | None:
    layout = frame.layout
    near = layout.px(NEAR)
    for name in ("W_xh", "W_hy"):
        if abs(point.y() - rails.rail_y(frame, name)) <= near:
            return Hit("weight", step=step, name=name)
    in_gap = abs(point.x() - frame.axis.x_of(step)) > layout.cell_width / 2
    if in_gap and any(abs(point.y() - row.hh) <= near for row in layout.rows):
        return Hit("weight", step=step, name="W_hh")
    return None


def _cell(frame: Frame, point: QPointF, step: int, row: RowBand, *, detailed: bool) -> Hit:
    layer = frame.layer(row.name)
    parts = len(layer.parts) if layer is not None else 1
    layout = frame.layout
    if not detailed:
        return _band(frame, point, step, row, parts)
    if abs(point.x() - frame.axis.x_of(step)) > layout.cell_width / 2:
        return Hit("column", step=step)
    unit = layout.unit_at(point.y(), row)
    if unit < 0:
        return Hit("cell", step=step, name=row.name)
    for part in range(parts):
        left, width = layout.square_span(frame.axis.x_of(step), part, parts)
        if left - 1 <= point.x() <= left + width + 1:
            return Hit("square", step=step, unit=unit, part=part, name=row.name)
    return Hit("cell", step=step, name=row.name)


def _band(frame: Frame, point: QPointF, step: int, row: RowBand, parts: int) -> Hit:
    share = (point.y() - row.top) / max(1.0, row.height) * parts
    place = min(parts - 1, int(share))
    unit = min(frame.layout.hidden - 1, int((share - place) * frame.layout.hidden))
    return Hit("square", step=step, unit=unit, part=parts - 1 - place, name=row.name)
