"""The stage on a projector: a title at the left, one readout at the right, cells, chips, few numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF

from rnnviz.view import math_text
from rnnviz.view.cursor import paint_cursor
from rnnviz.view.facts import gradient_symbol
from rnnviz.view.layer_names import state_symbol
from rnnviz.view.look import THIN, number
from rnnviz.view.stage import chains, minimap, shapes
from rnnviz.view.stage.labels import display
from rnnviz.view.stage.outputs import guesses

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from rnnviz.session.session import Session
    from rnnviz.view.stage.frame import Frame


def paint(painter: QPainter, frame: Frame, session: Session) -> None:
    """Everything around the cells."""
    layout = frame.layout
    if frame.length:
        painter.save()
        painter.setClipRect(QRectF(frame.axis.gutter, 0, layout.width, layout.height))
        top = layout.top_row.top - layout.px(11)
        paint_cursor(painter, frame.axis, frame.look, frame.time_step, top, layout.height)
        painter.restore()
    _title(painter, frame, session)
    _rows(painter, frame)
    minimap.paint_presenter(painter, frame)
    if frame.length:
        (_gradient_readout if frame.backward else _forward_readout)(painter, frame)


def _title(painter: QPainter, frame: Frame, session: Session) -> None:
    layout, theme = frame.layout, frame.theme
    left = layout.px(21)
    title = "Backward through time" if frame.backward else "Forward, step by step"
    frame.labels.draw(painter, left, layout.px(34), title, "title", theme.ink, align=0.0)
    model, step = session.run.model, session.training.step
    cell = {"elman": "Elman", "lstm": "LSTM", "gru": "GRU"}.get(model.cell, model.cell)
    trained = f"after {step} training steps" if step else "untrained"
    frame.labels.draw(
        painter, left, layout.px(64), f"{cell}, {model.hidden} units, {trained}", "label", theme.ink2, align=0.0
    )


def _rows(painter: QPainter, frame: Frame) -> None:
    layout, theme = frame.layout, frame.theme
    font = frame.look.font("maths")
    left = layout.px(21)
    down = layout.px(6)
    names = chains.names(frame)
    for row in layout.rows:
        words = state_symbol(row.name, names) if len(names) > 1 else "h_t"
        math_text.paint(painter, left, (row.top + row.bottom) / 2 + down, words, font, theme.ink)
    math_text.paint(painter, left, (layout.chip_top + layout.chip_bottom) / 2 + down, "x_t", font, theme.ink)
    math_text.paint(painter, left, layout.number + down, "t", font, theme.ink2)


def _gradient_readout(painter: QPainter, frame: Frame) -> None:
    flow = frame.chosen_flow
    if flow is None or not frame.time_step:
        return
    layout, theme, loss = frame.layout, frame.theme, flow.loss_step
    right = layout.width - layout.px(21)
    step = min(max(1, flow.front(frame.time_step)), frame.length)
    markup = gradient_symbol(flow.part, step, loss)
    font = frame.look.font("maths_big")
    math_text.paint(painter, right - math_text.width(markup, font), layout.px(46), markup, font, theme.grad)
    left = 100 * flow.share(step)
    text = f"{_percent(left)}{THIN}% of the start is left"
    before = step < loss if flow.rightward else step > loss
    if step == loss or (before and not flow.both_sides):
        text = "the source of the gradient"
    text += chains.whose_words(frame, frame.chosen_row.name)
    frame.labels.draw(painter, right, layout.px(68), text, "label*", theme.grad, align=1.0)
    _source(painter, frame, loss)


def _percent(value: float) -> str:
    if value >= 10:
        return number(value, 0)
    return number(value, 1) if value >= 0.1 else ("<0.1" if value >= 0 else number(value))


def _source(painter: QPainter, frame: Frame, step: int) -> None:
    layout, theme = frame.layout, frame.theme
    several = len(chains.names(frame)) > 1  # there the bar of the joined states stands over the cell
    x, tip = frame.axis.x_of(step), layout.top_row.top - layout.px(8 if several else 5)
    if not frame.axis.gutter <= x <= layout.width:
        return
    shapes.arrow_down(painter, x, tip, layout.px(9), theme.grad)
    if step in frame.axis.visible():
        chains.paint_source(painter, frame, x)
    font = frame.look.font("maths")
    markup = f"C_{{{step}}}"
    start = x - layout.px(14) - math_text.width(markup, font)
    math_text.paint(painter, start, tip - layout.px(6), markup, font, theme.grad)


def _forward_readout(painter: QPainter, frame: Frame) -> None:
    layout, theme, step = frame.layout, frame.theme, frame.time_step
    if not step or frame.trace is None or not frame.computed(step):
        return
    right = layout.width - layout.px(21)
    markup = f"t = {step}"
    font = frame.look.font("maths_big")
    math_text.paint(painter, right - math_text.width(markup, font), layout.px(46), markup, font, theme.ink)
    found = guesses(frame.trace, step) if frame.values is None else []
    if found and frame.answers(step):
        label, probability, _ = found[0]
        text = f"next: {display(label)}  {number(100 * probability, 0)}{THIN}%"
        frame.labels.draw(painter, right, layout.px(68), text, "label*", theme.ink, align=1.0)
