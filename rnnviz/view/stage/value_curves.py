"""The curves over the stage: what is read in the colour of W_xh, what is answered in that of W_hy, wanted as outlines.

Only steps up to the cursor have an answer. Behind the last step stands what the network says when it goes on with its
own outputs, and what really follows where that is known.
"""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QPen

from rnnviz.view.marks import draw_columns, draw_course, draw_dots, draw_line, draw_rule, finite_runs, thick
from rnnviz.view.scales import column_extremes, rows_of_pixels
from rnnviz.view.stage import values as numbers
from rnnviz.view.stage.layout import Mode
from rnnviz.view.stage.value_legend import ANSWER_WIDTH, READ_WIDTH, dotted, paint_flag, paint_legend

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtGui import QColor, QPainter

    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.tiles import Tiles
    from rnnviz.view.stage.values import Lane, Values

    Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]

LEGEND = 16.0  # design px above the plot
CROWDED = 3.0  # design px a step; below that a curve is drawn column by column
FEW = 24  # points of a line that Qt draws as fast as we do
DOTTED_FROM = 9.0  # design px a step that dots need
AFTERWARDS = 0.38  # opacity of what is read after the cursor


def plot_rect(frame: Frame) -> QRectF:
    """The plot between legend and outputs, over all columns."""
    layout = frame.layout
    top = layout.values_top + layout.px(LEGEND * (1.5 if layout.mode is Mode.PRESENTER else 1.0))
    return QRectF(frame.axis.gutter, top, max(1.0, frame.right - frame.axis.gutter), layout.values_bottom - top)


def paint_values(painter: QPainter, frame: Frame, tiles: Tiles, steps: range) -> None:
    """Scale, curves, forecast and legend; nothing where the text has no numbers.

    What is typed is one kept picture: while a network trains only its answers are drawn anew.
    """
    values = frame.values
    if values is None or frame.layout.values_bottom <= 0 or frame.unfold < 1.0:
        return
    rect = plot_rect(frame)
    key = ("values", values.fingerprint, frame.time_step, frame.backward, frame.valid, frame.axis.scroll, frame.right,
           _shown_ahead(frame, values, rect))  # fmt: skip
    wide = rect.adjusted(-frame.layout.px(100), -frame.layout.px(6), 0, frame.layout.px(6)).toAlignedRect()
    tiles.picture(painter, key, wide, partial(_paint_typed, frame=frame, values=values, steps=steps))
    paint_legend(painter, frame, values)
    for lane, part in _parts(frame, values):
        with _clipped(painter, frame, part):
            _paint_answered(painter, frame, values, lane, part, steps)


def _parts(frame: Frame, values: Values) -> list[tuple[Lane, QRectF]]:
    """Every lane with its place, from top to bottom."""
    rect, count, gap = plot_rect(frame), len(values.lanes), frame.layout.px(4)
    height = (rect.height() - gap * (count - 1)) / count
    return [
        (lane, QRectF(rect.left(), rect.top() + place * (height + gap), rect.width(), height))
        for place, lane in enumerate(values.lanes)
    ]


@contextmanager
def _clipped(painter: QPainter, frame: Frame, rect: QRectF) -> Iterator[None]:
    painter.save()
    painter.setClipRect(rect.adjusted(0, -frame.layout.px(4), 0, frame.layout.px(4)))
    try:
        yield
    finally:
        painter.restore()


def _paint_typed(painter: QPainter, *, frame: Frame, values: Values, steps: range) -> None:
    """What does not change while a network trains: scale, what is read and wanted, what really follows."""
    below = -1e9
    crowded = _is_crowded(frame)
    for lane, part in _parts(frame, values):
        below = _paint_scale(painter, frame, lane, part, below, named=len(values.lanes) > 1)
        with _clipped(painter, frame, part):
            if crowded:
                _paint_crowded(painter, frame, values, lane, part)
            else:
                _paint_lane(painter, frame, values, lane, part, steps)


def _is_crowded(frame: Frame) -> bool:
    return frame.layout.pitch < CROWDED * frame.layout.scale


def _y(lane: Lane, rect: QRectF, found: Floats) -> Floats:
    share = (np.asarray(found, np.float64) - lane.low) / (lane.high - lane.low)
    return np.asarray(rect.bottom() - np.clip(share, -0.04, 1.04) * rect.height(), np.float64)


def _paint_scale(
    painter: QPainter, frame: Frame, lane: Lane, rect: QRectF, below: float, *, named: bool
) -> float:  # fmt: skip
    """Hairlines and round numbers that do not touch; the name of one lane among several. Where the last number is."""
    layout, theme = frame.layout, frame.theme
    room = frame.labels.metrics("tick").height() * 0.9
    for value in reversed(lane.ticks):
        y = float(_y(lane, rect, np.array(value)))
        draw_rule(painter, rect.left(), rect.right(), y, QPen(theme.line, 1))
        if y - below >= room:
            text = numbers.tick_text(value)
            frame.labels.draw(painter, rect.left() - layout.px(6), y, text, "tick", theme.ink2, align=1.0)
            below = y
    if named and layout.mode is not Mode.PRESENTER:
        x = rect.left() - layout.px(34)
        frame.labels.draw(painter, x, rect.center().y(), lane.name, "small", theme.ink2, align=1.0)
    return below


def _paint_lane(painter: QPainter, frame: Frame, values: Values, lane: Lane, rect: QRectF, steps: range) -> None:
    real, count = values.real, min(frame.valid, len(values.real.values))
    shown = range(max(1, steps.start - 1), min(count, steps.stop) + 1)
    ahead = _shown_ahead(frame, values, rect)
    if ahead:
        _paint_truth(painter, frame, values, lane, rect, ahead)
    for channel in lane.channels:
        draw = _paint_pulses if values.pulses else _paint_read
        draw(painter, frame, lane, rect, shown, real.values[:, channel])
    for channel in values.marks:
        _paint_marks(painter, frame, lane, rect, shown, real.values[:, channel], real.values[:, 0])
    if not values.ahead:
        _paint_wanted(painter, frame, lane, rect, shown, real.wanted[:, lane.output])


def _paint_answered(painter: QPainter, frame: Frame, values: Values, lane: Lane, rect: QRectF, steps: range) -> None:
    """What the network says."""
    count = min(frame.valid, len(values.real.values))
    answers = _answers(frame, values, lane, count)
    if _is_crowded(frame):
        row = np.concatenate((np.full(values.ahead, np.nan), answers))[: len(answers)]
        _paint_columns(painter, frame, values, lane, rect, [(row, frame.theme.wy, READ_WIDTH)])
        return
    shown = range(max(1, steps.start - 1), min(count, steps.stop) + 1)
    _paint_answers(painter, frame, values, lane, rect, shown, answers)
    ahead = _shown_ahead(frame, values, rect)
    if ahead:
        theme, px = frame.theme, frame.layout.px
        xs = _points(frame, range(frame.length + 1, frame.length + ahead + 1))
        ys = _y(lane, rect, values.real.forecast[:ahead, lane.output])
        draw_line(painter, xs, ys, QPen(theme.wy, px(ANSWER_WIDTH)))
        draw_dots(painter, xs, ys, px(2.8), QPen(theme.wy, px(1.6)), frame.ground)


def _answers(frame: Frame, values: Values, lane: Lane, count: int) -> Floats:
    """The answers of the steps that have one now; row t − 1 belongs to step t, NaN where there is none."""
    found = np.full(len(values.real.outputs), np.nan)
    last = count if frame.backward else min(count, frame.time_step)
    if last and last == frame.time_step and not frame.backward and not frame.has_output:
        last -= 1
    if frame.single_output:
        rows = slice(len(found) - 1, len(found)) if last == len(found) else slice(0, 0)
    else:
        rows = slice(0, last)
    found[rows] = values.real.outputs[rows, lane.output]
    return found


def _paint_read(painter: QPainter, frame: Frame, lane: Lane, rect: QRectF, steps: range, row: Floats) -> None:
    """A curve with dots; fainter after the cursor."""
    theme, px = frame.theme, frame.layout.px
    here = steps.stop - 1 if frame.backward else min(steps.stop - 1, frame.time_step)
    painter.save()
    for part, opacity in ((range(max(steps.start, here), steps.stop), AFTERWARDS), (range(steps.start, here + 1), 1.0)):
        if not len(part):
            continue
        painter.setOpacity(opacity)
        xs, ys = _points(frame, part), _y(lane, rect, row[part.start - 1 : part.stop - 1])
        if len(part) > 1:
            draw_line(painter, xs, ys, QPen(theme.wx, px(READ_WIDTH)))
        if frame.layout.pitch >= px(DOTTED_FROM):
            draw_dots(painter, xs, ys, px(2.2), QPen(theme.wx, px(1.2)), theme.wx)
    painter.restore()


def _paint_pulses(painter: QPainter, frame: Frame, lane: Lane, rect: QRectF, steps: range, row: Floats) -> None:
    """A short stroke for every number that is not 0, beside the middle, where answer and wanted number stand."""
    theme, px = frame.theme, frame.layout.px
    zero, ys = float(_y(lane, rect, np.array(0.0))), _y(lane, rect, row)
    painter.save()
    painter.setPen(QPen(theme.wx, px(4), c=Qt.PenCapStyle.FlatCap))
    for now, opacity in ((True, 1.0), (False, AFTERWARDS)):
        painter.setOpacity(opacity)
        places = [step for step in steps if row[step - 1] and now == (frame.backward or step <= frame.time_step)]
        xs = [frame.x(step) - 0.24 * frame.layout.pitch for step in places]
        painter.drawLines([QLineF(x, zero, x, float(ys[step - 1])) for x, step in zip(xs, places, strict=True)])
    painter.restore()


def _paint_marks(
    painter: QPainter, frame: Frame, lane: Lane, rect: QRectF, steps: range, row: Floats, read: Floats
) -> None:  # fmt: skip
    """A stem to the marked numbers and a flag at its foot."""
    theme, px = frame.theme, frame.layout.px
    places = [step for step in steps if row[step - 1]]
    if not places:
        return
    xs = np.array([frame.x(step) for step in places])
    ys = _y(lane, rect, read[np.array(places) - 1])
    painter.setPen(QPen(theme.wx, px(1.2)))
    painter.drawLines([QLineF(x, rect.bottom(), x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True)])
    for x in xs.tolist():
        paint_flag(painter, x, rect.bottom() - px(3), size=px(5), colour=theme.wx)
    draw_dots(painter, xs, ys, px(4.6), QPen(theme.wx, px(1.6)), theme.wx)


def _paint_wanted(painter: QPainter, frame: Frame, lane: Lane, rect: QRectF, steps: range, row: Floats) -> None:
    """What is wanted: outlines in ink, and a dotted line between neighbours."""
    theme, px = frame.theme, frame.layout.px
    xs, ys = _points(frame, steps), _y(lane, rect, row[steps.start - 1 : steps.stop - 1])
    if np.isfinite(ys).sum() > 1:
        draw_line(painter, xs, ys, dotted(theme.ink, px(1.2)))
    if frame.layout.pitch >= px(DOTTED_FROM):
        radius = 4.0 if rect.height() > px(40) else 3.2
        draw_dots(painter, xs, ys, px(radius), QPen(theme.ink, px(1.3)), frame.ground)


def _paint_answers(
    painter: QPainter, frame: Frame, values: Values, lane: Lane, rect: QRectF, steps: range, row: Floats
) -> None:  # fmt: skip
    """The answers so far; that of the cursor larger, with its distance to what is wanted."""
    theme, px, ahead = frame.theme, frame.layout.px, values.ahead
    part = range(max(1, steps.start - ahead), steps.stop)
    xs, ys = _points(frame, part) + ahead * frame.layout.pitch, _y(lane, rect, row[part.start - 1 : part.stop - 1])
    if np.isfinite(ys).sum() > 1:
        _draw_course(painter, rect, xs, ys, QPen(theme.wy, px(ANSWER_WIDTH)))
    if frame.layout.pitch >= px(DOTTED_FROM):
        draw_dots(painter, xs, ys, px(2.6 if rect.height() > px(40) else 1.6), QPen(theme.wy, px(1.2)), theme.wy)
    step = frame.time_step
    if step not in part or not np.isfinite(row[step - 1]):
        return
    x, y = frame.x(step + ahead), float(_y(lane, rect, row[step - 1 : step])[0])
    wanted = values.real.wanted[step - 1, lane.output]
    if np.isfinite(wanted):
        painter.setPen(QPen(theme.ink, px(1.2)))
        painter.drawLine(QLineF(x, y, x, float(_y(lane, rect, np.array(wanted)))))
    draw_dots(painter, np.array([x]), np.array([y]), px(4.4), QPen(theme.wy, px(2.0)), frame.ground)


def _shown_ahead(frame: Frame, values: Values, rect: QRectF) -> int:
    """How many steps of the forecast are on screen: none before the last step is revealed."""
    real, length = values.real, frame.length
    revealed = frame.valid == length == len(real.values) and frame.computed(length)
    if not revealed or _is_crowded(frame) or (frame.time_step == length and not frame.has_output):
        return 0
    return max(0, min(len(real.forecast), int((rect.right() - frame.x(length)) / frame.layout.pitch + 0.5)))


def _paint_truth(painter: QPainter, frame: Frame, values: Values, lane: Lane, rect: QRectF, ahead: int) -> None:
    """The ground of the forecast, and in outlines what really follows."""
    real, length, theme, px = values.real, frame.length, frame.theme, frame.layout.px
    edge = frame.x(length) + frame.layout.pitch / 2
    ground = QRectF(edge, rect.top(), rect.right() - edge, rect.height())
    painter.fillRect(ground, theme.faded("wy", 0.07))
    if len(real.truth):
        xs = _points(frame, range(length, length + ahead + 1))
        found = np.concatenate((real.values[length - 1 :, lane.output], real.truth[:ahead, lane.output]))
        ys = _y(lane, rect, found)
        draw_line(painter, xs, ys, dotted(theme.ink, px(1.2)))
        draw_dots(painter, xs[1:], ys[1:], px(3.6), QPen(theme.ink, px(1.3)), frame.ground)
    words = "forecast: it reads its own outputs"
    if frame.layout.mode is not Mode.PRESENTER and frame.labels.width("small", words) < ground.width() - px(8):
        frame.labels.draw(painter, edge + px(5), rect.top() + px(5), words, "small", theme.ink2, align=0.0)


def _paint_crowded(painter: QPainter, frame: Frame, values: Values, lane: Lane, rect: QRectF) -> None:
    """What is typed, where many steps share a pixel."""
    theme, real = frame.theme, values.real
    wanted = [] if values.ahead else [(real.wanted[:, lane.output], theme.faded("ink", 0.55), 1.0)]
    read = [(real.values[:, channel], theme.wx, READ_WIDTH) for channel in lane.channels]
    _paint_columns(painter, frame, values, lane, rect, [*read, *wanted])


def _paint_columns(
    painter: QPainter, frame: Frame, values: Values, lane: Lane, rect: QRectF, rows: list[tuple[Floats, QColor, float]]
) -> None:  # fmt: skip
    """Curves from the smallest to the largest number behind each pixel."""
    ratio = painter.device().devicePixelRatioF()
    behind = rows_of_pixels(frame.axis, rect, ratio, min(frame.valid, len(values.real.values)))
    for row, colour, width in rows:
        low, high = column_extremes(np.asarray(row, np.float64), behind)
        top, bottom = thick(_y(lane, rect, high), _y(lane, rect, low), frame.layout.px(width))
        draw_columns(painter, rect, top, bottom, colour, ratio)


def _draw_course(painter: QPainter, rect: QRectF, xs: Floats, ys: Floats, pen: QPen) -> None:
    """A line; many points that jump up and down cost no more than few."""
    if len(xs) <= FEW:
        draw_line(painter, xs, ys, pen)
        return
    for run in finite_runs(ys):
        draw_course(painter, rect.adjusted(0, -pen.widthF(), 0, pen.widthF()), xs[run], ys[run], pen)


def _points(frame: Frame, steps: range) -> Floats:
    if not len(steps):
        return np.empty(0)
    return frame.x(steps.start) + frame.layout.pitch * np.arange(len(steps), dtype=np.float64)
