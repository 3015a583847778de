"""The text as the ruler: one chip per token in its column, the caret between chips, step numbers below."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPen

from rnnviz.view.stage import shapes
from rnnviz.view.stage.labels import display
from rnnviz.view.stage.layout import Mode
from rnnviz.view.stage.values import number_forms
from rnnviz.view.stage.wiring import GENERATOR

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QColor, QPainter

    from rnnviz.view.stage.frame import Frame

SAMPLES = ("hello", "abcabc", "hello world, hello")
BOXED_FROM = 14.0  # design px of pitch: narrower chips lose their box
LEGIBLE_FROM = 8.0  # narrower ones become ticks


def paint_chips(painter: QPainter, frame: Frame, steps: range) -> None:
    """Chips, numbers and caret; with no text one dashed chip and samples to start from."""
    if not frame.tokens:
        paint_empty(painter, frame)
        return
    design = frame.layout.pitch / frame.layout.scale
    if design < LEGIBLE_FROM:
        _ticks(painter, frame, steps)
    elif design < BOXED_FROM:
        for step in steps:
            _letter(painter, frame, step)
    _numbers(painter, frame, steps)
    _caret(painter, frame)


def boxed(frame: Frame) -> bool:
    """Whether tokens stand in chips; else they are letters or ticks."""
    return frame.layout.pitch >= BOXED_FROM * frame.layout.scale


def is_unknown(frame: Frame, step: int) -> bool:
    """Whether the vocabulary lacks this token."""
    return step <= frame.valid and frame.trace is not None and not bool(frame.trace.known[step - 1])


def is_selected(frame: Frame, step: int) -> bool:
    """Whether this token is part of the selection."""
    start, stop = frame.selection
    return start < step <= stop


def _column_x(frame: Frame, step: int) -> float:
    """Chips stay in their columns while the copies unfold."""
    return frame.x(step) if frame.unfold >= 1.0 else frame.axis.x_of(step)


def paint_chip(painter: QPainter, frame: Frame, step: int) -> None:
    """The chip of one token."""
    layout, theme = frame.layout, frame.theme
    rect = layout.chip(_column_x(frame, step))
    on, current = frame.computed(step), step == frame.time_step
    unknown = is_unknown(frame, step)
    radius = min(layout.px(7 if not frame.simple else 10), rect.width() / 3)
    fill = theme.ink if current else theme.panel
    if not current and not frame.wiring.typed(step):
        fill = theme.raised  # a well, not a field: nobody has typed it
    if is_selected(frame, step) and not current:
        fill = shapes.blended(theme.ink, theme.panel, 0.18)
    if unknown:
        border = QPen(theme.err, layout.px(2))
    elif on or current:
        border = QPen(theme.ink, layout.px(1.4))
    else:
        border = shapes.dashed(theme.line2, layout.px(1.3), shapes.GHOST_DASH, layout.scale)
    shapes.box(painter, rect, radius, border, fill)
    colour = theme.panel if current else (theme.ink if on else theme.ink3)
    if not frame.arriving(step):
        _token(painter, frame, step, rect, colour)
    if frame.wiring.drawn(step) and rect.width() > layout.px(12):
        line = QRectF(rect.left() + rect.width() * 0.24, round(rect.bottom() - layout.px(6)), rect.width() * 0.52,
                      max(1, round(layout.px(2))))  # fmt: skip
        painter.fillRect(line, colour)
    if unknown and rect.width() > layout.px(24):
        mark = rect.topRight()
        frame.labels.draw(painter, mark.x() - layout.px(7), mark.y() + layout.px(9), "?", "small*", theme.err)


def _token(painter: QPainter, frame: Frame, step: int, rect: QRectF, colour: QColor) -> None:
    layout = frame.layout
    text = display(frame.tokens[step - 1])
    if layout.values_bottom:
        _number(painter, frame, text, rect, colour)
        return
    factor = 1.0
    if frame.simple:
        factor = min(1.43, rect.height() / layout.px(42))
    label = frame.wiring.pattern == GENERATOR and step > 1  # a word before characters
    if len(text) > 2 or stand_among_words(frame.tokens[max(int(label), step - 4) : step + 3]):
        factor *= 0.66
    factor = min(factor, max(0.5, rect.width() / layout.px(25)))
    room = rect.width() - layout.px(4)
    if len(text) > 2:  # a long word is written smaller before it is cut
        sizes = (factor, factor * 0.84, factor * 0.7)
        factor = next((size for size in sizes if frame.labels.width("token", text, size) <= room), factor)
    shown = frame.labels.elided("token", text, room, factor)
    frame.labels.draw(painter, rect.center().x(), rect.center().y(), shown, "token", colour, factor=factor)


def _number(painter: QPainter, frame: Frame, token: str, rect: QRectF, colour: QColor) -> None:
    """A number whole, in smaller figures or with fewer of them, never cut in its middle."""
    room = rect.width() - frame.layout.px(6)
    least = 0.72 if frame.layout.mode is Mode.PRESENTER else 0.5
    forms = number_forms(token)
    wide = [frame.labels.width("token", form) for form in forms]
    place = next((place for place, each in enumerate(wide) if each * least <= room), len(forms) - 1)
    factor = min(0.95 if frame.simple else 0.66, room / max(1.0, wide[place]))
    if frame.layout.mode is Mode.PRESENTER:
        factor = max(least, factor)
    shown = frame.labels.elided("token", forms[place], room + frame.layout.px(4), factor)
    frame.labels.draw(painter, rect.center().x(), rect.center().y(), shown, "token", colour, factor=factor)


def stand_among_words(tokens: Sequence[str]) -> bool:
    """Whether these are words with gaps between them, which are all written in one size."""
    return any(len(token) > 2 for token in tokens)


def _letter(painter: QPainter, frame: Frame, step: int) -> None:
    layout, theme = frame.layout, frame.theme
    current = step == frame.time_step
    middle = (layout.chip_top + layout.chip_bottom) / 2
    if current:
        painter.fillRect(frame.axis.column(step, middle - layout.px(10), layout.px(20)), theme.ink)
    colour = theme.panel if current else (theme.ink if frame.computed(step) else theme.ink3)
    text = frame.labels.elided("number", display(frame.tokens[step - 1]), layout.pitch + 2)
    frame.labels.draw(painter, frame.axis.x_of(step), middle, text, "number", colour)


def _ticks(painter: QPainter, frame: Frame, steps: range) -> None:
    """Too narrow for letters: a tick per token, thinned out to at least two px apart, longer at spaces."""
    layout, theme = frame.layout, frame.theme
    every = max(1, round(4 * layout.scale / layout.pitch))
    short: list[QLineF] = []
    tall: list[QLineF] = []
    for step in range(steps.start, steps.stop, every):
        x = frame.axis.x_of(step)
        high = frame.tokens[step - 1].isspace()
        line = QLineF(x, layout.chip_top, x, layout.chip_top + layout.px(12 if high else 6))
        (tall if high else short).append(line)
    painter.setPen(QPen(theme.line2, 1))
    painter.drawLines(short)
    painter.setPen(QPen(theme.ink2, 1))
    painter.drawLines(tall)
    _words(painter, frame)


def _words(painter: QPainter, frame: Frame) -> None:
    """The text around the cursor, readable, under the ticks."""
    layout, theme = frame.layout, frame.theme
    middle = max(1, frame.time_step)
    around = frame.tokens[max(0, middle - 25) : middle + 24]
    here = min(24, middle - 1)
    gap = " " if stand_among_words(around) else ""
    before, after = (gap.join(map(display, part)) for part in (around[:here], around[here + 1 :]))
    token = display(around[here]) if here < len(around) else ""
    x = min(max(frame.axis.x_of(middle), frame.axis.gutter + layout.px(190)), frame.axis.width - layout.px(190))
    y = layout.chip_bottom - layout.px(11)
    half = frame.labels.width("number*", token) / 2 + layout.px(6 if gap else 3)
    painter.fillRect(QRectF(x - half, y - layout.px(9), 2 * half, layout.px(18)), theme.ink)
    frame.labels.draw(painter, x, y, token, "number*", theme.panel)
    frame.labels.draw(painter, x - half - 1, y, before, "number", theme.ink2, align=1.0)
    frame.labels.draw(painter, x + half + 1, y, after, "number", theme.ink3, align=0.0)


def _numbers(painter: QPainter, frame: Frame, steps: range) -> None:
    if frame.simple:
        return
    layout, theme = frame.layout, frame.theme
    every = label_spacing(frame)
    if frame.axis.first == 0 and frame.axis.left_of(1) > frame.axis.gutter and layout.mode is Mode.FULL:
        frame.labels.draw(painter, frame.axis.x_of(0), layout.number, "0", "label", theme.ink2)
    room = frame.labels.width("label*", "0000") if every > 1 else 0
    widest = frame.labels.width("label*", "0" * len(str(frame.length)))
    here, end = (frame.axis.x_of(step) for step in (frame.time_step, frame.length))
    plain = []
    regular = range(-(-steps.start // every) * every, steps.stop, every)
    for step in sorted({*regular, *(step for step in (1, frame.time_step, frame.length) if step in steps)}):
        current = step == frame.time_step
        x = frame.axis.x_of(step)
        if not current and every > 1 and (abs(x - here) < room or (1 < step < frame.length and end - x < room)):
            continue
        # Only a number near the edge is measured: laying out a text takes longer than drawing it.
        half = frame.labels.width("label*", str(step)) / 2 if x + widest > layout.width else 0.0
        if x + half > layout.width:
            if step != frame.length:
                continue
            x = layout.width - half - 2
        if current:
            frame.labels.draw(painter, x, layout.number, str(step), "label*", theme.ink)
        else:
            plain.append((x, layout.number, str(step)))
    frame.labels.draw_all(painter, plain, "label", theme.ink2)


def label_spacing(frame: Frame) -> int:
    """Every how many steps a number is written."""
    if frame.layout.mode is Mode.PRESENTER:
        return 5
    room = frame.labels.width("label", str(frame.length)) + frame.layout.px(8)
    wanted = room / frame.layout.pitch
    if wanted <= 1:
        return 1
    power = 1
    while True:
        for factor in (2, 5, 10):
            if power * factor >= wanted:
                return power * factor
        power *= 10


def typed_end(frame: Frame) -> int:
    """The last step whose token stands in the text."""
    return frame.length if frame.wiring.written < 0 else min(frame.length, frame.wiring.written)


def caret_x(frame: Frame) -> float:
    """Where the caret stands: in the gap before token ``caret``."""
    if not frame.tokens:
        return frame.axis.x_of(1)
    if frame.caret >= frame.length:
        last = frame.layout.chip(frame.axis.x_of(frame.length)).right()
        return last + frame.layout.px(3.5 if not frame.simple else 16)
    return (frame.axis.x_of(frame.caret) + frame.axis.x_of(frame.caret + 1)) / 2


def _caret(painter: QPainter, frame: Frame) -> None:
    layout, theme = frame.layout, frame.theme
    if layout.mode is Mode.PRESENTER and not frame.focused:
        return
    x = caret_x(frame)
    grow = layout.px(1)
    width = layout.px(2.4 if frame.focused else 1.6)
    painter.setPen(QPen(theme.ink, width))
    painter.drawLine(QLineF(x, layout.chip_top - (grow if frame.focused else -2), x,
                            layout.chip_bottom + (grow if frame.focused else -2)))  # fmt: skip
    middle = (layout.chip_top + layout.chip_bottom) / 2
    if frame.simple and frame.caret >= frame.length and x + layout.px(90) < layout.width:
        frame.labels.draw(painter, x + layout.px(12), middle, "type here", "button", theme.ink2, align=0.0)


def paint_focus(painter: QPainter, frame: Frame) -> None:
    """A ring around the text while it takes the keys."""
    if not frame.focused:
        return
    layout = frame.layout
    left = max(frame.axis.gutter - layout.px(2), frame.axis.left_of(1) - layout.px(3))
    right = min(
        layout.width - layout.px(2),
        (frame.axis.x_of(max(1, typed_end(frame))) if frame.tokens else frame.axis.x_of(1)) + layout.pitch * 0.62,
    )
    ring = QRectF(
        left, layout.chip_top - layout.px(4.5), right - left, layout.chip_bottom - layout.chip_top + layout.px(9)
    )
    shapes.box(painter, ring, layout.px(9), QPen(frame.theme.ink, layout.px(1.6)), None)


def paint_empty(painter: QPainter, frame: Frame) -> None:
    """No text: one dashed chip with the caret, and three samples."""
    layout, theme = frame.layout, frame.theme
    x = frame.axis.x_of(1)
    rect = layout.chip(x)
    pen = shapes.dashed(theme.line2, layout.px(1.3), shapes.GHOST_DASH, layout.scale)
    shapes.box(painter, rect, layout.px(8), pen, theme.panel)
    painter.setPen(QPen(theme.ink, layout.px(2)))
    painter.drawLine(QLineF(x, rect.top() + layout.px(8), x, rect.bottom() - layout.px(8)))
    frame.labels.draw(
        painter, rect.right() + layout.px(12), rect.center().y(), "type here", "button", theme.ink2, align=0.0
    )
    if layout.mode is Mode.PRESENTER:
        return
    for text, place in sample_rects(frame):
        border = QPen(theme.line2 if frame.hover.name != text else theme.ink, layout.px(1.2))
        shapes.box(painter, place, layout.px(6), border, theme.panel)
        frame.labels.draw(painter, place.center().x(), place.center().y(), text, "number", theme.ink)
    first = sample_rects(frame)[0][1]
    frame.labels.draw(
        painter, first.left(), first.top() - layout.px(13), "or start with", "small", theme.ink2, align=0.0
    )


def sample_rects(frame: Frame) -> list[tuple[str, QRectF]]:
    """The three sample texts and where they are drawn while there is no text."""
    layout = frame.layout
    x = layout.chip(frame.axis.x_of(1)).right() + layout.px(100)
    height = layout.px(30)
    top = (layout.chip_top + layout.chip_bottom - height) / 2
    places = []
    for text in frame.samples or SAMPLES:
        width = frame.labels.width("number", text) + layout.px(22)
        places.append((text, QRectF(x, top, width, height)))
        x += width + layout.px(8)
    return places
