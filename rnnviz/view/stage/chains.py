"""The wires between chains: who reads the tokens, how two directions are joined, what one layer hands to the next.

The chains of one layer stand over one another, the one that reads from the end above. Both read the same input, so a
wire passes the lower one on its left to the upper one; both states are joined, so a wire passes the upper one on its
right. Every chain has weights of its own: each entry has its own knot on its own rail.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF
from PySide6.QtGui import QPen

from rnnviz.view import math_text
from rnnviz.view.facts import chains_of
from rnnviz.view.layer_names import depth, is_reverse, layer_words, state_symbol, whose
from rnnviz.view.stage import handover, shapes
from rnnviz.view.stage.layout import ENTRY, JOIN, WIDE_GUTTER, Mode

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPainter

    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.layout import RowBand

GHOST_LINE, ASIDE_LINE = 0.28, 0.45
CROSSING = 6.0  # design px that a wire leaves free where it crosses the way of a state


def done(frame: Frame, row: RowBand, step: int) -> bool:
    """Whether the copy is drawn at full strength: a chain from the end is whole before the first output."""
    return frame.known(step) if is_reverse(row.name) else frame.computed(step)


def names(frame: Frame) -> tuple[str, ...]:
    """All chains of the network, shown or not, the lowest first."""
    return chains_of(frame.trace)


def groups(frame: Frame) -> list[list[RowBand]]:
    """The rows on show, layer by layer from the bottom; in each the lower chain first."""
    return [list(rows) for _, rows in groupby(reversed(frame.layout.rows), lambda row: depth(row.name))]


def entry(frame: Frame, row: RowBand) -> float:
    """Height of the rail of the input weights of ``row``."""
    return frame.layout.wxh if row is frame.layout.bottom_row else row.bottom + frame.layout.px(ENTRY)


def entries(frame: Frame) -> list[float]:
    """The heights of all these rails."""
    return [entry(frame, row) for row in frame.layout.rows]


def paint_wires(painter: QPainter, frame: Frame, x: float, step: int) -> None:
    """All wires of one column but the lowest entry and the way to the output."""
    layout, shown = frame.layout, groups(frame)
    for rows in shown:
        if len(rows) > 1:
            start = layout.chip_top - layout.px(6) if rows[0] is layout.bottom_row else _below(shown, rows)
            _input_of_upper(painter, frame, x, (start, rows[0], rows[1]), on=done(frame, rows[1], step))
            _joined(painter, frame, x, rows, on=done(frame, rows[0], step))
    for below, above in pairwise(shown):
        on = done(frame, below[0], step)
        _line(painter, frame, on, x, below[-1].top, x, above[0].bottom + layout.px(8))
        _enter(painter, frame, x, above[0], on=on)


def _below(shown: list[list[RowBand]], rows: list[RowBand]) -> float:
    """Where the joined states of the layer below are one wire."""
    return shown[shown.index(rows) - 1][-1].top


def side(frame: Frame) -> float:
    """How far beside the middle of a column a wire passes a cell."""
    width = frame.layout.cell_width
    return width / 2 + min(frame.layout.px(4), (frame.layout.pitch - width) / 3)


def _input_of_upper(
    painter: QPainter, frame: Frame, x: float, way: tuple[float, RowBand, RowBand], *, on: bool
) -> None:
    """From where the input is one wire, left of the lower cell, into the upper one."""
    layout, (start, lower, upper) = frame.layout, way
    left, corner = x - side(frame), entry(frame, upper)
    if lower is not layout.bottom_row:
        start -= layout.px(JOIN)
    _line(painter, frame, on, x, start, left, start)
    _pass(painter, frame, left, start, corner, lower, on=on)
    _line(painter, frame, on, left, corner, x, corner)
    _enter(painter, frame, x, upper, on=on)


def _joined(painter: QPainter, frame: Frame, x: float, rows: list[RowBand], *, on: bool) -> None:
    """The lower state passes the upper cell on its right; above it both are one vector: a bar across."""
    layout, (lower, upper) = frame.layout, rows
    right, low, high = x + side(frame), lower.top - layout.px(JOIN), upper.top - layout.px(JOIN)
    _line(painter, frame, on, x, lower.top, x, low)
    _line(painter, frame, on, x, low, right, low)
    _pass(painter, frame, right, low, high, upper, on=on)
    _line(painter, frame, on, right, high, x, high)
    painter.setPen(QPen(line_colour(frame, on), layout.px(2.6)))
    painter.drawLine(QLineF(x - layout.px(5), high, right, high))


def _pass(painter: QPainter, frame: Frame, x: float, start: float, end: float, row: RowBand, *, on: bool) -> None:
    """Upwards beside a cell; broken where the states of ``row`` go from copy to copy."""
    free, y = frame.layout.px(CROSSING), start
    layer = frame.layer(row.name)
    crossed = [row.hh, row.cc] if layer is not None and len(layer.parts) > 1 else [row.hh]
    for way in crossed if frame.layout.pitch >= frame.layout.px(30) else ():
        _line(painter, frame, on, x, y, x, way + free)
        y = way - free
    _line(painter, frame, on, x, y, x, end)


def _enter(painter: QPainter, frame: Frame, x: float, row: RowBand, *, on: bool) -> None:
    """The knot of the row's own input weights, and the head of the wire."""
    layout, y = frame.layout, entry(frame, row)
    _line(painter, frame, on, x, y, x, row.bottom + layout.px(4))
    shapes.arrow_up(painter, x, row.bottom + layout.px(1), layout.px(7), line_colour(frame, on))
    if layout.mode is Mode.PRESENTER:
        return
    colour = shapes.faded(frame.theme.wx, frame.weight_opacity("W_xh"))
    radius = layout.px(3.6) * min(1.0, layout.pitch / layout.px(40))
    handover.knot(painter, x, y, radius, colour, None if on else frame.theme.bg, own=False)


def _line(painter: QPainter, frame: Frame, on: bool, x1: float, y1: float, x2: float, y2: float) -> None:
    painter.setPen(QPen(line_colour(frame, on), frame.layout.px(1.3)))
    painter.drawLine(QLineF(x1, y1, x2, y2))


def line_colour(frame: Frame, on: bool) -> QColor:
    """Ink for what has happened, faint for what has not; on a projector the sweep has the ink to itself."""
    aside = frame.backward and frame.layout.mode is Mode.PRESENTER
    share = GHOST_LINE if not on else ASIDE_LINE if aside else 1.0
    return frame.theme.ink if share == 1.0 else shapes.blended(frame.theme.ink, frame.theme.bg, share)


# ---- words ------------------------------------------------------------------------------------


def whose_words(frame: Frame, name: str) -> str:
    """The words ", layer 2, right to left" behind a number of the chain ``name``; '' in a network of one chain."""
    return whose(name, names(frame))


def inside_words(frame: Frame) -> str:
    """Whose cell is open; of a chain from the end, which step its formulas mean by the one before."""
    chains, chosen = names(frame), frame.chosen or frame.layout.top_row.name
    if len(chains) < 2:
        return ""
    words = layer_words(chosen, chains)
    if is_reverse(chosen) and frame.time_step:
        words += f"; read before: step {frame.time_step + 1}, which t−1 stands for"
    return words[0].upper() + words[1:]


def paint_names(painter: QPainter, frame: Frame) -> None:
    """The symbol of every row's state at the edge of the gutter, and what lies between the rows and the text or y."""
    layout, chains = frame.layout, names(frame)
    if len(chains) < 2 or layout.mode is Mode.PRESENTER:
        return
    font, right, lift = frame.look.font("maths_small"), frame.axis.gutter - layout.px(5), -layout.px(3)
    if layout.gutter < layout.px(WIDE_GUTTER):  # there the name of a rail stands above the row
        right, lift = frame.x(0) - layout.cell_width / 2 - layout.px(4), layout.px(13)
    for row in layout.rows:
        if lift > 0 and row is layout.top_row and frame.layer_label:
            continue  # the switch of layers stands there
        words = state_symbol(row.name, chains)
        x = right - math_text.width(words, font)
        ink = frame.theme.ink if row is frame.chosen_row else frame.theme.ink2
        math_text.paint(painter, x, row.top + lift, words, font, ink)
    if not frame.simple:
        _hidden_layers(painter, frame, chains)


def _hidden_layers(painter: QPainter, frame: Frame, chains: tuple[str, ...]) -> None:
    """Which layers stand between the rows on show and the text below, or the outputs above."""
    layout, lowest = frame.layout, depth(frame.layout.bottom_row.name)
    highest, last = depth(layout.top_row.name), depth(chains[-1])
    roomy = layout.gutter >= layout.px(WIDE_GUTTER)  # there it must end before the symbols of the rows
    x = layout.folded_x + layout.px(30 if roomy else 38)
    for shown, y, words in (
        (lowest > 1, layout.wxh + layout.px(11), f"from layer {lowest - 1}"),
        (highest < last, layout.why + layout.px(11), f"to layer {highest + 1}"),
    ):
        if shown:
            frame.labels.draw(painter, x, y, words, "small", frame.theme.ink2, align=0.0)


# ---- gradient ---------------------------------------------------------------------------------


def paint_source(painter: QPainter, frame: Frame, x: float) -> None:
    """The gradient of the joined states: down into the upper chain, and past it into the lower one."""
    rows, layout = groups(frame)[-1], frame.layout
    if len(rows) < 2:
        return
    lower, upper = rows
    right, high, low = x + side(frame), upper.top - layout.px(JOIN), lower.top - layout.px(JOIN + 3)
    painter.setPen(QPen(frame.theme.grad, layout.px(2.2)))
    for line in ((x, high, right, high), (right, high, right, low), (right, low, x, low)):
        painter.drawLine(QLineF(*line))
    shapes.arrow_down(painter, x, lower.top - layout.px(1), layout.px(7), frame.theme.grad)
