"""One matrix, one rail: each shared weight is one dashed line with a knot in every copy; and the forward arrows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF
from PySide6.QtGui import QPen

from rnnviz.view import math_text
from rnnviz.view.layer_names import is_reverse
from rnnviz.view.stage import chains, handover, shapes
from rnnviz.view.stage.layout import Mode

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPainter

    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.layout import RowBand

MARKUP = {"W_xh": "W_{xh}", "W_hh": "W_{hh}", "W_hy": "W_{hy}"}


def rail_y(frame: Frame, name: str) -> float:
    """Height of the rail of weight ``name`` (of the lowest layer for W_hh)."""
    layout = frame.layout
    return {"W_xh": layout.wxh, "W_hy": layout.why, "W_hh": layout.bottom_row.hh}[name]


def rail_start(frame: Frame, name: str) -> float:
    """Where the rail leaves the folded cell."""
    if frame.simple:
        return max(frame.axis.gutter, frame.axis.left_of(1) + frame.layout.px(15))
    half = 34 if name == "W_hh" else 27
    return frame.layout.folded_x + frame.layout.px(half)


def rail_reach(frame: Frame) -> float:
    """How far a rail goes on behind the middle of the last column."""
    half = frame.layout.pitch / 2 - frame.layout.px(4)
    return min(half, frame.layout.px(46)) if frame.simple else half


def rail_end(frame: Frame) -> float:
    """Where the rails end: behind the last copy, or the one that has come furthest while the cell unfolds."""
    if frame.unfold >= 1.0:
        return frame.x(frame.length) + rail_reach(frame)
    return max((frame.x(step) for step in frame.axis.visible()), default=0.0) + rail_reach(frame)


def paint_rails(painter: QPainter, frame: Frame) -> None:
    """The three dashed lines, behind everything else."""
    if not frame.length:
        return
    right = min(frame.axis.width, rail_end(frame))
    for name in MARKUP:
        rows = {"W_hh": [row.hh for row in frame.layout.rows], "W_xh": chains.entries(frame)}
        heights = rows.get(name, [rail_y(frame, name)])
        lit = frame.hover.kind == "weight" and frame.hover.name == name
        alpha = (1.0 if lit else 0.8) * frame.weight_opacity(name)
        colour = shapes.faded(getattr(frame.theme, shapes.RAIL_TOKENS[name]), alpha)
        width = frame.layout.px(2.4 if lit else 1.5)
        painter.setPen(shapes.dashed(colour, width, shapes.RAIL_DASHES[name], frame.layout.scale))
        for y in heights:
            for start, end in _stretches(frame, name, right):
                painter.drawLine(QLineF(start, y, end, y))


def _stretches(frame: Frame, name: str, right: float) -> list[tuple[float, float]]:
    """From where to where a rail goes: that of an encoder ends where the decoder has its own; y is read there only."""
    start = rail_start(frame, name)
    if not handover.exists(frame) or name == "W_hy":
        return [(start, right)] if start < right else []  # folded, there is nothing yet to lead through
    edge, gap = handover.boundary(frame), frame.layout.px(5)
    return [(first, last) for first, last in ((start, min(right, edge - gap)), (max(start, edge + gap), right))
            if first < last]  # fmt: skip


def paint_rail_names(painter: QPainter, frame: Frame) -> None:
    """W_xh, W_hh, W_hy beside their rails."""
    layout, font = frame.layout, frame.look.font("maths")
    chains.paint_names(painter, frame)
    end = rail_end(frame) if frame.simple and frame.length else layout.gutter
    if end < layout.gutter:  # the copies are still in the folded cell
        return
    for name, shared in MARKUP.items():
        markup = shared
        colour = shapes.faded(getattr(frame.theme, shapes.RAIL_TOKENS[name]), frame.weight_opacity(name))
        y = rail_y(frame, name)
        if frame.simple:
            if name in handover.OWN and frame.wiring.decodes(frame.length):
                markup = handover.markup(name, own=True)  # the end of the line is the decoder's
            room = max(layout.px(42), math_text.width(markup, font) + layout.px(8))
            x = min(end + layout.px(10), layout.width - room)
            math_text.paint(painter, x, y + layout.px(5), markup, font, colour)
        else:
            x = layout.folded_x + layout.px(46 if layout.gutter > layout.px(200) else 38)
            label, opened, shape = math_text.notation().translate(markup).partition(" (")
            math_text.paint(painter, x, y - layout.px(8), label, font, colour)
            if opened and _has_room_below(frame, name):  # side by side they would run into the first copy
                small = frame.look.font("maths_small")
                first = layout.cell(frame.axis.x_of(0), layout.bottom_row).left() - layout.px(3)
                before = first - math_text.width(f"({shape}", small)
                x = min(x, before) if before > layout.folded_x + layout.px(28) else x  # else h_0 is scrolled away
                math_text.paint(painter, x, y + layout.px(15), f"({shape}", small, colour)


def _has_room_below(frame: Frame, name: str) -> bool:
    """Whether a second line fits under a rail's name: in low rows the next name, or a chain's state, is there."""
    if name == "W_hy":
        return len(frame.layout.rows) == 1
    return name != "W_hh" or rail_y(frame, "W_xh") - rail_y(frame, "W_hh") >= frame.layout.px(36)


def paint_vertical(painter: QPainter, frame: Frame, step: int) -> None:
    """The token into the cell, the cell into y: one arrow per column with its knot on the rail."""
    x = frame.x(step)
    on = frame.computed(step)
    rise = frame.fill if step == frame.time_step and not frame.backward else 1.0
    own = frame.wiring.decodes(step)
    ends = frame.layout.chip_top, frame.layout.bottom_row.bottom
    _column_arrow(painter, frame, x, "W_xh", *ends, on, rise, own_weights=own)
    chains.paint_wires(painter, frame, x, step)
    if not frame.answers(step) or not shows_rails(frame):
        return
    on = on and (step != frame.time_step or frame.has_output or frame.backward)
    _column_arrow(painter, frame, x, "W_hy", frame.layout.top_row.top, frame.layout.output_bottom, on, rise)


def _column_arrow(
    painter: QPainter, frame: Frame, x: float, name: str, start: float, end: float, on: bool, rise: float,
    *, own_weights: bool = False,
) -> None:  # fmt: skip
    layout, theme = frame.layout, frame.theme
    colour = chains.line_colour(frame, on)
    head = layout.px(8 if not frame.simple else 10)
    tip = end + layout.px(2)
    reach = start + (tip - start) * rise
    painter.setPen(QPen(colour, layout.px(1.5)))
    painter.drawLine(QLineF(x, start, x, min(start, reach + head * 0.8)))
    if rise > 0.3:
        shapes.arrow_up(painter, x, reach, head, colour)
    own = name == "W_xh" and own_weights
    _knot(painter, frame, x, rail_y(frame, name), name, on and rise > 0.4, theme.bg, own=own)


def paint_horizontal(painter: QPainter, frame: Frame, step: int) -> None:
    """State from the copy before: through W_hh with a knot, the c path of an LSTM with none."""
    if step == 1 and frame.axis.first == 1:
        return
    for row in frame.layout.rows:
        layer = frame.layer(row.name)
        has_cell = layer is not None and len(layer.parts) > 1
        reverse = is_reverse(row.name)
        if step > 1 or not reverse:
            paint_gap(painter, frame, row, step, has_cell=has_cell, reverse=reverse)


def paint_gap(painter: QPainter, frame: Frame, row: RowBand, step: int, *, has_cell: bool, reverse: bool) -> None:
    """The states of one row on their way between the copies ``step`` − 1 and ``step``."""
    layout = frame.layout
    left = frame.x(step - 1) + layout.cell_width / 2
    right = frame.x(step) - layout.cell_width / 2
    if right - left < layout.px(3):
        return
    on = chains.done(frame, row, min(step, frame.length))
    colour = chains.line_colour(frame, on)
    flow = frame.flow(row.name)
    swept = step > 1 and frame.crossed(row.name, step - 1)
    through_cell = flow is not None and flow.through_cell
    handed = 0 < frame.wiring.switch == step - 1  # what the decoder is given
    if has_cell:
        swept_cell = swept and through_cell
        _flow(painter, frame, left, right, row.cc, colour, heads=not frame.backward, hide=swept_cell, reverse=reverse,
              handed=handed)  # fmt: skip
    hide = swept and not through_cell
    _flow(painter, frame, left, right, row.hh, colour, heads=not frame.backward, hide=hide, reverse=reverse,
          handed=handed)  # fmt: skip
    own = frame.wiring.decodes(step)
    if not frame.backward and layout.pitch < layout.px(30):
        _knot(painter, frame, (left + right) / 2, row.hh, "W_hh", on, frame.theme.bg, own=own)
    elif not frame.backward:
        offset = layout.px(4.5) if right - left < layout.px(30) else (right - left) / 2 - layout.px(8)
        x = right - offset if reverse else left + offset
        _knot(painter, frame, x, row.hh, "W_hh", on, frame.theme.bg, own=own)


def _flow(
    painter: QPainter, frame: Frame, left: float, right: float, y: float, colour: QColor,
    *, heads: bool, hide: bool, reverse: bool, handed: bool = False,
) -> None:  # fmt: skip
    if hide:
        return
    layout = frame.layout
    painter.setPen(QPen(shapes.faded(colour, 1.0 if heads else 0.5), layout.px(3 if handed else 1.5)))
    painter.drawLine(QLineF(left, y, right - (layout.px(2) if heads else 0), y))
    heads = heads and layout.pitch >= layout.px(30)
    if heads and reverse:
        shapes.arrow_left(painter, left, y, layout.px(8), colour)
    elif heads:
        shapes.arrow_right(painter, right, y, layout.px(8 if not frame.simple else 9), colour)


def _knot(
    painter: QPainter, frame: Frame, x: float, y: float, name: str, on: bool, inside: QColor, *, own: bool = False
) -> None:
    if not shows_rails(frame):
        return
    lit = frame.hover.kind == "weight" and frame.hover.name == name
    lit = lit and (name == "W_hy" or frame.wiring.decodes(frame.hover.step) == own)
    colour = shapes.faded(getattr(frame.theme, shapes.RAIL_TOKENS[name]), frame.weight_opacity(name))
    large = frame.simple and frame.layout.pitch > frame.layout.px(90)
    radius = frame.layout.px(5.2 if large else 4.2) * min(1.0, frame.layout.pitch / frame.layout.px(40))
    if lit:
        shapes.knot(painter, x, y, radius * 2.1, shapes.faded(colour, 0.25), None)
        radius *= 1.25
    handover.knot(painter, x, y, radius, colour, None if on else inside, own=own)


def shows_wires(frame: Frame) -> bool:
    """Whether arrows lead from copy to copy and from chain to chain: on a projector where there are several chains."""
    if shows_rails(frame):
        return True
    return len(chains.names(frame)) > 1 or frame.wiring.switch > 0


def shows_ways(frame: Frame) -> bool:
    """Whether the forward way of the states is drawn: on a projector the sweep has the gaps to itself."""
    return shows_rails(frame) or (not frame.backward and shows_wires(frame))


def shows_rails(frame: Frame) -> bool:
    """Presenter pictures have no rails: there the gradient is the story."""
    return frame.layout.mode is not Mode.PRESENTER
