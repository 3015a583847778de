"""The order of painting for each level of detail."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF

from rnnviz.view.stage import (
    cells,
    chips,
    downward,
    feedback,
    folded_cell,
    gradient_arrows,
    handover,
    movie_bar,
    movie_numbers,
    note,
    output_row,
    outputs,
    rails,
    ribbon,
    squares,
    value_boxes,
    value_curves,
)
from rnnviz.view.stage.layout import Mode
from rnnviz.view.time_axis import Level

if TYPE_CHECKING:
    from collections.abc import Hashable

    from PySide6.QtGui import QPainter

    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.tiles import Tiles

STALE_OPACITY = 0.4
ARRIVED = 0.97


def paint_steps(painter: QPainter, frame: Frame, tiles: Tiles, *, far: bool) -> None:
    """The unrolled network (or its ribbon), the chips, and the folded cell beside it."""
    visible = frame.axis.visible()
    shown = range(visible.start, min(visible.stop, frame.length + 1))
    copies = not far and frame.axis.level in (Level.CELLS, Level.BARS)
    painter.save()
    _clip(painter, frame)
    if frame.stale:
        painter.setOpacity(painter.opacity() * STALE_OPACITY)
    if copies:
        _copies(painter, frame, tiles, _unfolded(frame, shown))
    elif frame.tokens:
        _melted(painter, frame, shown)
    handover.paint(painter, frame)
    if not far:
        note.paint(painter, frame)
    painter.restore()
    value_curves.paint_values(painter, frame, tiles, shown)
    _text(painter, frame, tiles, shown)
    if copies:
        feedback.paint_moving(painter, frame)
    if frame.layout.mode is not Mode.PRESENTER:
        named = copies and bool(frame.tokens)
        _gutter(painter, frame, tiles, named=named and not frame.simple)
        movie_bar.paint_bar(painter, frame)
        if named and frame.simple:
            rails.paint_rail_names(painter, frame)
        elif not named and frame.tokens and frame.unfold >= 1.0:
            ribbon.paint_names(painter, frame)
    chips.paint_focus(painter, frame)


def _gutter(painter: QPainter, frame: Frame, tiles: Tiles, *, named: bool) -> None:
    """The folded cell hardly ever changes: one kept picture, with the names of the rails where they start there."""
    weight = frame.hover.name if frame.hover.kind == "weight" else ""
    start = max(round(frame.axis.gutter), round(frame.axis.left_of(1)))  # scrolled away it no longer matters
    key = ("folded", weight, frame.hover.kind == "layer", frame.layer_label, frame.unfold >= 1.0,
           frame.unfold <= 0.0 and frame.length, bool(frame.tokens), start, named,
           frame.images.weights if frame.images else 0, frame.wiring.feeds and 1 + frame.wiring.own,
           frame.wiring.switch, frame.chosen_row.name)  # fmt: skip
    # Wide enough for the words below h_0, which stand right of the gutter.
    end = max(frame.axis.gutter, frame.axis.x_of(0)) + frame.layout.px(60)
    width = frame.layout.width if frame.unfold <= 0.0 else end
    rect = QRect(0, 0, round(width), round(frame.layout.height))
    tiles.picture(painter, key, rect, partial(_paint_gutter, frame=frame, named=named))


def _paint_gutter(painter: QPainter, *, frame: Frame, named: bool) -> None:
    folded_cell.paint_folded(painter, frame)
    if named:
        rails.paint_rail_names(painter, frame)


def _text(painter: QPainter, frame: Frame, tiles: Tiles, shown: range) -> None:
    painter.save()
    left = frame.axis.gutter - frame.layout.px(3)
    painter.setClipRect(QRectF(left, 0, frame.right - left, frame.layout.height))
    if chips.boxed(frame):
        span = (frame.layout.chip_top - 3, frame.layout.chip_bottom + 3)
        plain = frame.wiring.plain
        for step in shown:
            key = ("chip", frame.tokens[step - 1], frame.computed(step), step == frame.time_step,
                   chips.is_selected(frame, step), chips.is_unknown(frame, step), not plain and (
                       frame.wiring.typed(step), frame.wiring.drawn(step), frame.arriving(step)))  # fmt: skip
            if frame.unfold < 1.0:
                chips.paint_chip(painter, frame, step)
            else:
                tiles.draw(painter, frame, step, key, chips.paint_chip, span)
    chips.paint_chips(painter, frame, shown)
    painter.restore()


def _unfolded(frame: Frame, shown: range) -> range:
    if frame.unfold >= 1.0:
        return shown
    stop = next((step for step in shown if frame.step_share(step) <= 0), shown.stop)
    return range(min(shown.start, stop), stop)


def _clip(painter: QPainter, frame: Frame) -> None:
    left = 0.0 if frame.unfold < 1.0 else frame.axis.gutter
    painter.setClipRect(QRectF(left, 0, frame.right - left, frame.layout.height))


def _copies(painter: QPainter, frame: Frame, tiles: Tiles, steps: range) -> None:
    rails_shown = rails.shows_rails(frame)
    if rails_shown:
        painter.save()
        left = frame.layout.folded_x
        painter.setClipRect(QRectF(left, 0, frame.right - left, frame.layout.height))
        rails.paint_rails(painter, frame)
        painter.restore()
    cells.paint_initial_state(painter, frame)
    for step in steps:
        _column(painter, frame, tiles, step)
    if rails_shown and frame.unfold >= 1.0 and not outputs.as_bars(frame):
        paint = output_row.paint_outputs if frame.values is None else value_boxes.paint_boxes
        paint(painter, frame, tiles, [step for step in steps if not _moves(frame, step)])
    if rails_shown and outputs.as_bars(frame) and frame.unfold >= 1.0 and frame.values is None:
        outputs.paint_bars(painter, frame, steps)
    if rails.shows_ways(frame) and steps and steps.stop <= frame.length and frame.unfold >= 1.0:
        rails.paint_horizontal(painter, frame, steps.stop)
    for row in frame.layout.rows:
        layer = frame.layer(row.name)
        if layer is None:
            continue
        for part in [steps] if frame.unfold >= 1.0 else [range(step, step + 1) for step in steps]:
            squares.paint_squares(painter, frame, row, layer, part)
        if cells.has_numbers(frame, layer):
            cells.paint_numbers(painter, frame, row, layer, steps)
        if frame.time_step in steps:
            cells.paint_selected(painter, frame, row, layer)
    if frame.sub_step and frame.time_step in steps:
        cells.paint_sub_step(painter, frame)
    swept = range(max(1, steps.start - 1), steps.stop)
    movie_numbers.paint_sources(painter, frame, swept)
    downward.paint_between(painter, frame, swept)
    gradient_arrows.paint_gradient(painter, frame, swept)
    movie_numbers.paint_numbers(painter, frame, swept)
    movie_numbers.paint_earlier_losses(painter, frame)


def _moves(frame: Frame, step: int) -> bool:
    """Whether column ``step`` looks different in the next frame: it is drawn without tiles."""
    return frame.unfold < 1.0 or (step == frame.time_step and (frame.fill < 1.0 or frame.sweep < 1.0))


def _column(painter: QPainter, frame: Frame, tiles: Tiles, step: int) -> None:
    """The body of one copy from its tile; body and output of a moving one."""
    if _moves(frame, step):
        _body(painter, frame, step)
        if (frame.step_share(step) >= ARRIVED or frame.unfold >= 1.0) and not outputs.as_bars(frame):
            _output(painter, frame, step)
        return
    layout = frame.layout
    span = (min(layout.output_bottom, layout.top_row.top) - 4, layout.chip_top + 1)
    tiles.draw(painter, frame, step, _body_key(frame, step), _body, span)


def _body_key(frame: Frame, step: int) -> tuple[Hashable, ...]:
    weight = frame.hover.name if frame.hover.kind == "weight" else ""
    gradient = frame.gradient
    names = [row.name for row in frame.layout.rows] if frame.flows else []
    swept = (*((frame.reached_in(name, step), step > 1 and frame.crossed(name, step - 1)) for name in names),
             gradient is not None and gradient.through_cell)  # fmt: skip
    widths = names if frame.layout.mode is Mode.PRESENTER else ()  # there the outline is as heavy as the gradient
    strengths = tuple(round(frame.flows[name].strength(step), 2) for name in widths if name in frame.flows)
    first = step == 1 or step == frame.length
    current = step == frame.time_step
    return ("body", first and step, frame.computed(step), current, current and frame.has_output, frame.known(step),
            frame.backward, swept, weight, strengths, _fraction(frame, step), _wired(frame, step))  # fmt: skip


def _wired(frame: Frame, step: int) -> tuple[Hashable, ...]:
    """What the pattern makes of a column."""
    wiring = frame.wiring
    if wiring.plain:
        return ()
    fed = wiring.fed(step)
    pointed = frame.hover.kind == "weight" and wiring.decodes(frame.hover.step)
    return (pointed, frame.answers(step), wiring.decodes(step), step == wiring.switch + 1,
            fed and (wiring.own, feedback.is_lit(frame, step)))  # fmt: skip


def _fraction(frame: Frame, step: int) -> float:
    """Where the column stands between two pixels: bodies are shared only by columns that fall alike."""
    if frame.layout.pitch.is_integer():
        return 0.0
    return round((frame.x(step) - frame.x(step - 1)) - frame.layout.pitch, 2)


def _body(painter: QPainter, frame: Frame, step: int) -> None:
    if frame.unfold >= 1.0 or frame.step_share(step) >= ARRIVED:
        feedback.paint_arrow(painter, frame, step)
    if rails.shows_wires(frame):
        rails.paint_vertical(painter, frame, step)
    for row in frame.layout.rows:
        cells.paint_box(painter, frame, row, step)
    if rails.shows_ways(frame) and (frame.unfold >= 1.0 or frame.step_share(step) >= ARRIVED):
        rails.paint_horizontal(painter, frame, step)


def _output(painter: QPainter, frame: Frame, step: int) -> None:
    if rails.shows_rails(frame):
        (outputs.paint_output if frame.values is None else value_boxes.paint_box)(painter, frame, step)


def _melted(painter: QPainter, frame: Frame, steps: range) -> None:
    ribbon.paint_ribbon(painter, frame)
    feedback.paint_far(painter, frame, steps)
    if frame.layout.mode is not Mode.PRESENTER:
        outputs.paint_far_losses(painter, frame, steps)
        ribbon.paint_reached(painter, frame)
