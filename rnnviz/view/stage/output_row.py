"""All outputs that stand still in one go: a kept box for each, all bars in two calls, the letters over them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter

from rnnviz.view.stage import outputs

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.tiles import Tiles

Letter = tuple[float, float, str]


@dataclass(frozen=True)
class _Place:
    """One guess of the column that all the others are a whole number of pixels away from."""

    ground: QRect
    x: float
    y: float


class _Row:
    """What is drawn over the boxes: all columns have one geometry, so it is worked out once."""

    def __init__(self, frame: Frame, step: int) -> None:
        self._frame, self._origin = frame, frame.x(step)
        rects = outputs.guess_places(frame, frame.layout.output(self._origin))
        self._room = rects[0]
        self._places = [
            _Place(outputs.bar_ground(frame, rect), outputs.guess_label(frame, rect, "")[0], rect.center().y())
            for rect in rects
        ]
        self._shown: dict[str, str] = {}
        self.factor = outputs.guess_label(frame, self._room, "")[2]
        self.bars: dict[bool, list[QRect]] = {True: [], False: []}
        self.letters: dict[bool, list[Letter]] = {True: [], False: []}

    def add(self, steps: Sequence[int]) -> list[int]:
        """Put down bars and letters of the boxes of ``steps``; which guess of each is the target."""
        found = outputs.guess_table(self._frame.trace, steps, len(self._places))
        asides = [round(self._frame.x(step) - self._origin) for step in steps]
        widths = outputs.bar_lengths(self._frame, self._places[0].ground, found.shares).T.tolist()
        for number, place in enumerate(self._places):
            left, top, _, high = place.ground.getRect()
            for aside, labels, ring, width in zip(asides, found.labels, found.targets, widths[number], strict=True):
                target = ring == number
                self.bars[target].append(QRect(left + aside, top, width, high))
                self.letters[target].append((place.x + aside, place.y, self._letter(labels[number])))
        return found.targets

    def _letter(self, label: str) -> str:
        if label not in self._shown:
            self._shown[label] = outputs.guess_label(self._frame, self._room, label)[1]
        return self._shown[label]


def paint_outputs(painter: QPainter, frame: Frame, tiles: Tiles, steps: Sequence[int]) -> None:
    """The y boxes and the losses of ``steps``: every new trace shows other numbers in the same few boxes."""
    if not frame.wiring.plain:
        steps = [step for step in steps if frame.answers(step)]
    if not steps:
        return
    row = _Row(frame, steps[0])
    computed = [step for step in steps if outputs.has_output(frame, step)]
    rings = dict(zip(computed, row.add(computed), strict=True)) if computed else {}
    losses = [step for step in steps if outputs.shows_loss(frame, step)]
    lines = {step for step in losses if not outputs.is_chosen(frame, step)}
    for step in steps:
        _box(painter, frame, tiles, step, (step in rings, rings.get(step, -1), step in lines))
    _bars(painter, frame, row.bars)
    for target, role, colour in ((True, "number*", frame.theme.ink), (False, "number", frame.theme.ink2)):
        frame.labels.draw_all(painter, row.letters[target], role, colour, row.factor)
    outputs.paint_loss_texts(painter, frame, losses)


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
    if frame.single_output:  # wider than a column, which is all that a tile keeps
        _paint_box(painter, frame, step, kind)
        return
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
