"""The output boxes of a task on numbers: the answer, and in an outline what is wanted."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF
from PySide6.QtGui import QPen

from rnnviz.view.stage import outputs, shapes

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QPainter

    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.tiles import Tiles
    from rnnviz.view.stage.values import Values

    Place = tuple[float, float, str]

MOST = 3
"""Numbers of an answer that a box has room for."""
LINE = 11.5  # design px of a line in a box


def paint_boxes(painter: QPainter, frame: Frame, tiles: Tiles, steps: Sequence[int]) -> None:
    """The boxes, their numbers and the losses of ``steps``."""
    steps = [step for step in steps if frame.answers(step)]
    losses = [step for step in steps if outputs.shows_loss(frame, step)]
    lines = {step for step in losses if not outputs.is_chosen(frame, step)}
    if not outputs.as_bars(frame):
        for step in steps:
            kind = (outputs.has_output(frame, step), bool(_wanted(frame, step)), step in lines)
            _tile(painter, frame, tiles, step, kind)
        _paint_numbers(painter, frame, [step for step in steps if outputs.has_output(frame, step)])
        outputs.paint_loss_texts(painter, frame, losses)


def paint_box(painter: QPainter, frame: Frame, step: int) -> None:
    """The box of one step that moves."""
    if not frame.answers(step):
        return
    shown, line = outputs.has_output(frame, step), outputs.shows_loss(frame, step)
    _paint_ground(painter, frame, step, (shown, bool(_wanted(frame, step)), line))
    if shown:
        _paint_numbers(painter, frame, [step])
    if line:
        outputs.paint_loss_texts(painter, frame, [step])


def _wanted(frame: Frame, step: int) -> str:
    """What is wanted of a step, where the box has room for it: one number, or in a low box the signs of several."""
    values = frame.values
    if values is None or step > len(values.real.wanted):
        return ""
    row = values.real.wanted[step - 1]
    if not np.isfinite(row).all():
        return ""
    if len(row) == 1:
        return values.text(float(row[0]))
    return _signs(row) if _is_low(frame) else ""


def _answers(frame: Frame, values: Values, step: int) -> list[str]:
    """The lines of an answer."""
    row = values.real.outputs[step - 1]
    if len(row) > 1 and _is_low(frame):
        return [_signs(row)]
    return [values.text(float(value)) for value in row[:MOST]]


def _is_low(frame: Frame) -> bool:
    """Whether a box has no room for three lines (1280x720)."""
    layout = frame.layout
    return layout.output_bottom - layout.output_top < layout.px(MOST * LINE)


def _signs(row: NDArray[np.floating]) -> str:
    """Numbers by their sign, as pulses are typed; 0 for less than a half."""
    return "".join("0" if abs(value) < 0.5 else "+" if value > 0 else "−" for value in row.tolist())


def _tile(painter: QPainter, frame: Frame, tiles: Tiles, step: int, kind: tuple[bool, bool, bool]) -> None:
    if frame.single_output:  # wider than a column, which is all that a tile keeps
        _paint_ground(painter, frame, step, kind)
        return
    span = (frame.layout.loss - frame.layout.px(14), frame.layout.output_bottom + 3)
    tiles.draw(painter, frame, step, ("number box", *kind), partial(_paint_ground, kind=kind), span)


def _paint_ground(painter: QPainter, frame: Frame, step: int, kind: tuple[bool, bool, bool]) -> None:
    computed, wanted, line = kind
    layout, theme = frame.layout, frame.theme
    if not computed:
        outputs.paint_uncomputed(painter, frame, step)
    else:
        rect = layout.output(frame.x(step))
        shapes.box(painter, rect, layout.px(6), QPen(theme.line, layout.px(1)), theme.panel)
        if wanted:
            shapes.box(painter, _outline(frame, rect), layout.px(4.5), QPen(theme.ink, layout.px(1.3)), None)
    if line:
        outputs.paint_loss_line(painter, frame, step)


def _outline(frame: Frame, rect: QRectF) -> QRectF:
    """The lower half of the box."""
    aside, below = frame.layout.px(2.5), frame.layout.px(1.2)
    height = rect.height() / 2 - below
    return QRectF(rect.left() + aside, rect.bottom() - below - height, rect.width() - 2 * aside, height)


def _paint_numbers(painter: QPainter, frame: Frame, steps: Sequence[int]) -> None:
    """All answers in one go, then all wanted numbers."""
    if frame.values is None:
        return
    answers: list[Place] = []
    wanted: list[Place] = []
    lines = 1
    for step in steps:
        rect = frame.layout.output(frame.x(step))
        found, aim = _answers(frame, frame.values, step), _wanted(frame, step)
        lines = max(lines, len(found) + bool(aim))
        for place, text in enumerate(found):
            middle = rect.top() + rect.height() * (2 * place + 1) / (2 * (len(found) + bool(aim)))
            answers.append((rect.center().x(), middle, text))
        if aim:
            wanted.append((rect.center().x(), _outline(frame, rect).center().y(), aim))
    longest = max((text for *_, text in (*answers, *wanted)), key=len, default="")
    wide = max(1.0, frame.labels.width("number", "0" * max(5, len(longest))))
    factor = min(1.0, (frame.layout.output_width - frame.layout.px(4)) / wide)
    factor = min(factor, frame.layout.output(0).height() / (frame.layout.px(LINE) * lines))
    frame.labels.draw_all(painter, answers, "number*", frame.theme.wy, factor)
    frame.labels.draw_all(painter, wanted, "number", frame.theme.ink, factor)
