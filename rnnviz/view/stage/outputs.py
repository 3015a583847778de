"""Above the cells: the loss C_t of every step, and y with its three best guesses, the target outlined."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRect, QRectF
from PySide6.QtGui import QPen

from rnnviz.engine.tasks.typed import END_TOKEN
from rnnviz.view.heat import image_from
from rnnviz.view.look import number
from rnnviz.view.scales import decade_text
from rnnviz.view.stage import shapes
from rnnviz.view.stage.labels import display
from rnnviz.view.stage.wiring import TRANSLATOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QColor, QPainter

    from rnnviz.service.messages import Unrolled
    from rnnviz.view.stage.frame import Frame

GUESSES = 3
END_SIGN = "■"
"""The end where there is no room for the word."""
ROOM_OF_A_GUESS = 15.0
"""A lower row (1280x720) would cut its letter: two guesses then stand instead of three."""

_WORD_FACTOR = 0.9
"""Words are a little smaller than signs: more of each can be read beside its bar."""

Guess = tuple[str, float, bool]


@dataclass(frozen=True)
class GuessTable:
    """The best guesses of some steps, a row a step: labels, probabilities, and which one is the target (−1: none)."""

    labels: list[list[str]]
    shares: NDArray[np.floating]
    targets: list[int]


def guess_table(trace: Unrolled, steps: Sequence[int], count: int = GUESSES) -> GuessTable:
    """The best ``count`` of each of ``steps``; a target outside them takes the last place."""
    rows = np.asarray(steps, np.intp) - 1
    shares = np.array(trace.top_probabilities[rows, :count], np.float64)
    labels, places = [], []
    for place, row in enumerate(rows.tolist()):
        shown = trace.top_labels[row][:count]
        known = row < len(trace.targets) and row < len(trace.target_labels) and trace.targets[row] >= 0
        wanted = trace.target_labels[row] if known else None
        if wanted is not None and wanted not in shown:
            shown = [*shown[: count - 1], wanted]
            shares[place, -1] = trace.target_probabilities[row]
        labels.append(shown)
        places.append(-1 if wanted is None else shown.index(wanted))
    return GuessTable(labels, shares, places)


def guesses(trace: Unrolled, step: int, count: int = GUESSES) -> list[Guess]:
    """Label, probability and "is the target" of the best ``count`` of one step."""
    found = guess_table(trace, [step], count)
    named = zip(found.labels[0], found.shares[0].tolist(), strict=False)
    return [(label, share, place == found.targets[0]) for place, (label, share) in enumerate(named)]


def loss_at(frame: Frame, step: int) -> float:
    """C_t; NaN where this step has no loss or no number yet."""
    if frame.trace is None or step > frame.valid:
        return math.nan
    return float(frame.trace.loss[step - 1])


def paint_output(painter: QPainter, frame: Frame, step: int) -> None:
    """The output box and the loss of one step that moves; those that stand still are drawn by ``output_row``."""
    if not frame.answers(step):
        return
    _box(painter, frame, step)
    if shows_loss(frame, step):
        paint_loss_texts(painter, frame, [step])
        if not is_chosen(frame, step):
            paint_loss_line(painter, frame, step)


def has_output(frame: Frame, step: int) -> bool:
    """Whether the y of this step is computed at the cursor."""
    late = step == frame.time_step and not frame.backward and not frame.has_output
    return frame.computed(step) and not late and frame.trace is not None


def paint_ground(painter: QPainter, frame: Frame, step: int, *, ring: int = -1) -> None:
    """The box of a computed y with the grounds of its bars; ``ring`` is the guess that is the target."""
    layout, theme = frame.layout, frame.theme
    rect = layout.output(frame.x(step))
    shapes.box(painter, rect, layout.px(6), QPen(theme.line, layout.px(1)), theme.panel)
    places = guess_places(frame, rect)
    for place in places:
        painter.fillRect(bar_ground(frame, place), theme.raised)
    if 0 <= ring < len(places):
        place = places[ring]
        inset = place.width() * 0.035
        middle = place.center().y()
        outline = QRectF(place.left() + inset, middle - place.height() / 2 + 1, place.width() - 2 * inset,
                         place.height() - 2)  # fmt: skip
        shapes.box(painter, outline, layout.px(4.5), QPen(theme.ink, layout.px(1.4)), None)


def paint_uncomputed(painter: QPainter, frame: Frame, step: int) -> None:
    """The dashed box of a y that is not there yet."""
    layout, theme = frame.layout, frame.theme
    pen = shapes.dashed(theme.line if not frame.simple else theme.line2, layout.px(1.2), (3, 3), layout.scale)
    shapes.box(painter, layout.output(frame.x(step)), layout.px(6), pen, theme.panel)


def guess_places(frame: Frame, rect: QRectF) -> list[QRectF]:
    """Where the guesses stand in the y box ``rect``, the best on top."""
    pad = rect.height() * 0.085
    count = GUESSES if rect.height() - 2 * pad >= GUESSES * frame.layout.px(ROOM_OF_A_GUESS) else 2
    if frame.trace is not None and frame.trace.top_labels:
        count = max(1, min(count, len(frame.trace.top_labels[0])))  # parity has two classes
    height = (rect.height() - 2 * pad) / count
    return [QRectF(rect.left(), rect.top() + pad + index * height, rect.width(), height) for index in range(count)]


def bar_ground(frame: Frame, place: QRectF) -> QRect:
    """The whole length of a bar, on whole pixels: sharp, and ten times as fast as edges between pixels."""
    middle = place.center().y()
    half = min(place.height() * 0.3, frame.layout.px(6))
    left = _whole(place.left() + place.width() * _letter_shares(frame, place)[2])
    top, bottom = _whole(middle - half), _whole(middle + half)
    return QRect(left, top, _whole(place.right() - place.width() * 0.09) - left, bottom - top)


def bar_length(frame: Frame, ground: QRect, share: float) -> int:
    """The filled part of a bar, px; never nothing."""
    return max(_whole(frame.layout.px(1.5)), _whole(ground.width() * min(1.0, max(0.0, share))))


def bar_lengths(frame: Frame, ground: QRect, shares: NDArray[np.floating]) -> NDArray[np.intp]:
    """``bar_length`` of many bars."""
    wide = np.floor(ground.width() * np.clip(np.nan_to_num(shares), 0.0, 1.0) + 0.5).astype(np.intp)
    return np.maximum(wide, _whole(frame.layout.px(1.5)))


def bar_colour(frame: Frame, *, target: bool) -> QColor:
    """The target's bar is the stronger one."""
    return shapes.blended(frame.theme.prob, frame.theme.panel, 0.9 if target else 0.45)


def guess_label(frame: Frame, place: QRectF, label: str) -> tuple[float, str, float]:
    """The middle of a guess's letter, the letter cut to its room, and its size."""
    middle, room, _ = _letter_shares(frame, place)
    whole = display(label)
    if _has_words(frame) and not frame.single_output:
        factor = _WORD_FACTOR
        shown = frame.labels.begun("number", whole, place.width() * room, factor)
    else:
        factor = 1.2 if place.width() > frame.layout.px(70) and not frame.single_output else 1.0
        shown = frame.labels.elided("number", whole, place.width() * room, factor)
    if label == END_TOKEN and shown != whole:
        shown = END_SIGN
    return place.left() + place.width() * middle, shown, factor


def _letter_shares(frame: Frame, place: QRectF) -> tuple[float, float, float]:
    """Shares of a guess's width: the middle of its letter, the room of its letter, the start of its bar."""
    if frame.single_output:
        return 0.27, 0.42, 0.5
    if _has_words(frame):
        return 0.34, 0.62, 0.68
    return (0.14, 0.22, 0.285) if place.width() > frame.layout.px(70) else (0.21, 0.3, 0.37)


def _has_words(frame: Frame) -> bool:
    """Whether most guesses are words rather than signs (``<unk>`` stands among both)."""
    if frame.wiring.pattern == TRANSLATOR:
        return True
    labels = frame.trace.top_labels[0] if frame.trace is not None and frame.trace.top_labels else ()
    return sum(len(label) > 2 for label in labels) > 1


def _whole(value: float) -> int:
    # Halves go up, unlike round(): columns a whole number of pixels apart then round alike.
    return math.floor(value + 0.5)


def _box(painter: QPainter, frame: Frame, step: int) -> None:
    if not has_output(frame, step) or frame.trace is None:
        paint_uncomputed(painter, frame, step)
        return
    places = guess_places(frame, frame.layout.output(frame.x(step)))
    found = guesses(frame.trace, step, len(places))
    paint_ground(painter, frame, step, ring=target_place(found))
    grow = frame.fill if step == frame.time_step and not frame.backward else 1.0
    for place, (label, probability, target) in zip(places, found, strict=False):
        ground = bar_ground(frame, place)
        ground.setWidth(bar_length(frame, ground, min(1.0, max(0.0, probability)) * grow))
        painter.fillRect(ground, bar_colour(frame, target=target))
        x, shown, factor = guess_label(frame, place, label)
        colour, role = (frame.theme.ink, "number*") if target else (frame.theme.ink2, "number")
        frame.labels.draw(painter, x, place.center().y(), shown, role, colour, factor=factor)


def target_place(found: list[Guess]) -> int:
    """Which guess is the target; -1 when none is."""
    return next((index for index, (_, _, target) in enumerate(found) if target), -1)


def is_chosen(frame: Frame, step: int) -> bool:
    """Whether the gradient in force is of this loss."""
    return frame.backward and step == frame.loss_step


def shows_loss(frame: Frame, step: int) -> bool:
    """Whether the loss of this step is written above it."""
    late = step == frame.time_step and not frame.backward and not frame.has_loss
    return not frame.simple and frame.computed(step) and not late and not math.isnan(loss_at(frame, step))


def paint_loss_texts(painter: QPainter, frame: Frame, steps: Sequence[int]) -> None:
    """C_t above the boxes of ``steps``: those that look alike in one go."""
    theme, plain = frame.theme, []
    for step in steps:
        digits = 2 if frame.values is None else 3  # a squared error is small
        place = (frame.x(step), frame.layout.loss, loss_words(loss_at(frame, step), digits))
        hovered = frame.hover.kind == "loss" and frame.hover.step == step
        if is_chosen(frame, step):
            frame.labels.draw(painter, *place, "number*" if hovered else "number", theme.grad)
        elif hovered:
            frame.labels.draw(painter, *place, "number*", theme.ink)
        else:
            plain.append(place)
    frame.labels.draw_all(painter, plain, "number", theme.ink2 if frame.backward else theme.ink)


def loss_words(value: float, digits: int = 2) -> str:
    """A loss in the width of a column: few decimals, whole numbers from 100, the power of ten from 10,000."""
    if value < 10_000 or not math.isfinite(value):
        return number(value, (digits if value < 10 else min(digits, 2)) if value < 100 else 0)
    return decade_text(math.floor(math.log10(value)))


def paint_loss_line(painter: QPainter, frame: Frame, step: int) -> None:
    """From the box to its loss."""
    layout, x = frame.layout, frame.x(step)
    painter.setPen(QPen(frame.theme.line2, layout.px(1.5)))
    start = max(layout.output_top - layout.px(11), layout.loss + layout.px(8))
    painter.drawLine(QLineF(x, start, x, layout.output_top - layout.px(1)))


def as_bars(frame: Frame) -> bool:
    """Below 30 px a step y is one bar: the probability of the target, else of the best guess."""
    return frame.layout.pitch < frame.layout.px(30)


def paint_bars(painter: QPainter, frame: Frame, steps: range) -> None:
    """The bars of all computed ``steps`` as one image."""
    trace, layout = frame.trace, frame.layout
    shown = [step for step in steps if has_output(frame, step) and frame.answers(step)]
    if trace is None or not shown:
        return
    rows = np.array(shown) - 1
    has_target = np.asarray(trace.targets)[rows] >= 0
    best = np.asarray(trace.top_probabilities)[rows, 0]
    share = np.nan_to_num(np.where(has_target, np.asarray(trace.target_probabilities)[rows], best))
    high = max(1, round(layout.output_bottom) - round(layout.output_top))
    filled = np.arange(high, 0, -1)[:, None] <= np.maximum(1, np.rint(high * share))[None, :]
    strong, weak = (
        np.uint32(shapes.blended(frame.theme.prob, frame.theme.panel, alpha).rgba()) for alpha in (0.9, 0.45)
    )
    colours = np.where(filled, np.where(has_target, strong, weak)[None, :], np.uint32(frame.theme.raised.rgba()))
    left = round(frame.x(shown[0]) - layout.pitch / 2) + 1
    starts = np.rint(np.array([frame.x(step) for step in shown]) - layout.pitch / 2).astype(int) + 1 - left
    wide = max(1, round(layout.pitch) - 2)
    pixel = np.arange(int(starts[-1]) + wide)
    index = np.searchsorted(starts, pixel, side="right") - 1
    picture = np.where((pixel - starts[index] < wide)[None, :], colours[:, index], np.uint32(0))
    painter.drawImage(QPointF(left, round(layout.output_top)), image_from(picture))


def paint_far_losses(painter: QPainter, frame: Frame, steps: range) -> None:
    """At far zoom: the losses as bars, the largest of the steps that share a pixel."""
    if frame.trace is None or not len(steps):
        return
    layout = frame.layout
    last = min(frame.valid, steps.stop - 1 if frame.backward else min(steps.stop - 1, frame.time_step))
    losses = np.nan_to_num(frame.trace.loss[steps.start - 1 : last], nan=0.0, posinf=0.0)
    if not losses.size:
        return
    every = max(1, round(1.0 / frame.axis.pitch))
    peaks = np.maximum.reduceat(losses, np.arange(0, losses.size, every))
    high = round(layout.px(22 if not layout.caption else 17))
    heights = np.rint(peaks / max(1.0, float(peaks.max())) * high)
    left = round(frame.axis.left_of(steps.start))
    edges = left + np.rint(np.arange(heights.size + 1) * every * frame.axis.pitch).astype(int)
    column = np.repeat(np.arange(heights.size), np.diff(edges))
    bars = (np.arange(high, 0, -1)[:, None] <= heights[None, :])[:, column]
    if frame.axis.pitch > 4:
        bars[:, edges[1:] - left - 1] = False
    colours = np.full(heights.size, shapes.blended(frame.theme.prob, frame.theme.bg, 0.6).rgba(), np.uint32)
    chosen = (frame.loss_step - steps.start) // every
    if frame.backward and 0 <= chosen < colours.size:
        colours[chosen] = frame.theme.grad.rgba()
    image = image_from(np.where(bars, colours[column][None, :], np.uint32(0)))
    painter.drawImage(QPointF(left, round(layout.loss + layout.px(13)) - high), image)
