"""The line over the curves: their names, each with its number at the cursor, and what was not understood."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, Qt
from PySide6.QtGui import QPen, QPolygonF

from rnnviz.view.marks import draw_dots
from rnnviz.view.stage.layout import Mode

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QColor, QPainter

    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.values import Values

    Entry = tuple[str, str, Callable[[QPainter, float, float], None]]

TRUTH = ("wanted", "truth")
READ_WIDTH, ANSWER_WIDTH = 1.5, 2.2


def dotted(colour: QColor, width: float) -> QPen:
    """The pen of what is wanted."""
    pen = QPen(colour, width)
    pen.setDashPattern([1.5, 2.5])
    return pen


def paint_legend(painter: QPainter, frame: Frame, values: Values) -> None:
    """The curves by name, each with its number at the cursor; at the end what was not understood."""
    layout, theme, px = frame.layout, frame.theme, frame.layout.px
    presenter = layout.mode is Mode.PRESENTER
    y = layout.values_top + px(10 if presenter else 6)
    x = frame.axis.gutter + (0 if presenter else px(2))
    end = min(frame.right, layout.width) - px(6)
    for words, found, sample in _entries(frame, values):
        wide = frame.labels.width("small", words)
        mono = frame.labels.width("number", found) if found else 0.0
        if x + px(25) + wide + mono > end:
            break
        sample(painter, x + px(10), y)
        frame.labels.draw(painter, x + px(24), y, words, "small", theme.ink2, align=0.0)
        x += px(24) + wide + px(5)
        if found:
            frame.labels.draw(painter, x, y, found, "number", theme.ink, align=0.0)
            x += max(mono, frame.labels.width("number", "−0.00")) + px(14)
    if values.notes and end - x > px(90):
        text = frame.labels.elided("small*", f"! {values.notes[0]}", end - x)
        frame.labels.draw(painter, end, y, text, "small*", theme.err, align=1.0)


def _entries(frame: Frame, values: Values) -> list[Entry]:
    """Name, number at the cursor and sample of each curve."""
    step = frame.time_step
    here = 0 < step <= min(frame.valid, len(values.real.values))
    theme, px = frame.theme, frame.layout.px
    read = partial(_sample, pen=QPen(theme.wx, px(READ_WIDTH)), radius=px(2.4), fill=theme.wx)
    found = [("pulses" if values.pulses else "read", values.reads(step) if here else "", read)]
    if values.marks:
        row = values.real.values[step - 1] if here else ()
        found = [
            (name, values.text(float(row[k])) if here else "", partial(paint_flag, size=px(5), colour=theme.wx))
            if k in values.marks
            else (name, values.text(float(row[k])) if here else "", read)
            for k, name in enumerate(values.channels)
        ]
    return [*found, *_answer_entries(frame, values, here=here)]


def _answer_entries(frame: Frame, values: Values, *, here: bool) -> list[Entry]:
    step, theme, px = frame.time_step, frame.theme, frame.layout.px
    answer = partial(_sample, pen=QPen(theme.wy, px(ANSWER_WIDTH)), radius=px(2.8), fill=theme.wy)
    wanted = partial(_sample, pen=dotted(theme.ink, px(1.2)), radius=px(3.6), fill=frame.ground)
    if values.ahead:
        wanted = partial(_sample, pen=QPen(theme.wx, px(READ_WIDTH)), radius=px(2.4), fill=theme.wx)
    late = here and frame.answers(step) and (frame.backward or frame.has_output)
    aim = values.wants(step) if here and frame.answers(step) else ""
    none = "–" if here else ""
    name = "prediction" if values.ahead else "output"
    after = f" of step {step + 1}" if values.ahead and here else ""
    given = (name + after, values.answers(step) if late else none, answer)
    return [given, (TRUTH[values.ahead > 0], aim or none, wanted)]


def _sample(painter: QPainter, x: float, y: float, *, pen: QPen, radius: float, fill: QColor) -> None:
    painter.setPen(pen)
    half = 2.2 * radius + pen.widthF()
    painter.drawLine(QLineF(x - half, y, x + half, y))
    draw_dots(painter, np.array([x]), np.array([y]), radius, QPen(pen.color(), 0.5 * radius), fill)


def paint_flag(painter: QPainter, x: float, y: float, *, size: float, colour: QColor) -> None:
    """The sign of a marked number."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    corners = (QPointF(x - size, y + 0.8 * size), QPointF(x + size, y + 0.8 * size), QPointF(x, y - 0.8 * size))
    painter.drawPolygon(QPolygonF(corners))
