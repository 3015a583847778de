"""All outputs that stand still in one go: a kept box for each, all bars in two calls, the letters over them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter

from rnnviz.view.stage import outputs

if TYPE_CHECKING:
    from collections.abc import Iterable

    from PySide6.QtCore import QRect

    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.tiles import Tiles

Letter = tuple[float, float, str]


def paint_outputs(painter: QPainter, frame: Frame, tiles: Tiles, steps: Iterable[int]) -> None:
    """The y boxes and the losses of ``steps``: every new trace shows other numbers in the same few boxes."""
    bars: dict[bool, list[QRect]] = {True: [], False: []}
    letters: dict[bool, list[Letter]] = {True: [], False: []}
    factor, losses = 1.0, []
    for step in steps:
        if frame.single_output and step != frame.length:
            continue
        ring, computed = -1, outputs.has_output(frame, step)
        if computed:
            ring, factor = _collect(frame, step, bars, letters)
        shown = outputs.shows_loss(frame, step)
        losses += [step] if shown else []
        _box(painter, frame, tiles, step, (computed, ring, shown and not outputs.is_chosen(frame, step)))
    _bars(painter, frame, bars)
    for target, role, colour in ((True, "number*", frame.theme.ink), (False, "number", frame.theme.ink2)):
        frame.labels.draw_all(painter, letters[target], role, colour, factor)
    for step in losses:
        outputs.paint_loss_text(painter, frame, step)


def _collect(
    frame: Frame, step: int, bars: dict[bool, list[QRect]], letters: dict[bool, list[Letter]]
) -> tuple[int, float]:  # fmt: skip
    """Put down the bars and letters of one box; which guess has the ring, and the size of the letters."""
    places = outputs.guess_places(frame, frame.layout.output(frame.x(step)))
    found = outputs.guesses(frame.trace, step, len(places))
    factor = 1.0
    for place, (label, probability, target) in zip(places, found, strict=False):
        ground = outputs.bar_ground(frame, place)
        ground.setWidth(outputs.bar_length(frame, ground, probability))
        bars[target].append(ground)
        x, shown, factor = outputs.guess_label(frame, place, label)
        letters[target].append((x, place.center().y(), shown))
    return outputs.target_place(found), factor


def _bars(painter: QPainter, frame: Frame, bars: dict[bool, list[QRect]]) -> None:
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
    painter.setPen(Qt.PenStyle.NoPen)
    for target, rects in bars.items():
        if rects:
            painter.setBrush(outputs.bar_colour(frame, target=target))
            painter.drawRects(rects)
    painter.restore()


def _box(painter: QPainter, frame: Frame, tiles: Tiles, step: int, kind: tuple[bool, int, bool]) -> None:
    layout = frame.layout
    span = (layout.loss - layout.px(14), layout.output_bottom + 3)
    tiles.draw(painter, frame, step, ("box", *kind), partial(_paint_box, kind=kind), span)


def _paint_box(painter: QPainter, frame: Frame, step: int, kind: tuple[bool, int, bool]) -> None:
    computed, ring, line = kind
    if computed:
        outputs.paint_ground(painter, frame, step, ring=ring)
    else:
        outputs.paint_uncomputed(painter, frame, step)
    if line:
        outputs.paint_loss_line(painter, frame, step)
