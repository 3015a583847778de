"""Columns drawn once and kept: while the cursor moves only the columns that change are drawn again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QPainter, QPixmap

from rnnviz.view import math_text

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from PySide6.QtCore import QRect

    from rnnviz.view.stage.frame import Frame

    Key = tuple[Hashable, ...]

KEPT = 400
MARGIN = 4


def _columns(frame: Frame) -> tuple[tuple[str, int], ...]:
    """How many states a copy of each chain shows: c and h, or h alone.

    Another cell is in force (and named by the notation) some frames before its first trace is there.
    """
    return tuple((name, len(each.parts)) for name, each in frame.images.layers.items()) if frame.images else ()


class Tiles:
    """A cache of column pictures for one geometry; another geometry or theme empties it."""

    def __init__(self) -> None:
        self._tiles: dict[Key, QPixmap] = {}
        self._pictures: dict[Hashable, tuple[Key, QPixmap]] = {}
        self._epoch: Hashable = None
        self._ratio = 1.0

    def begin(self, frame: Frame, ratio: float) -> None:
        """Start a frame: forget tiles that no longer fit."""
        self._ratio = ratio
        epoch = (frame.layout, frame.theme.name, frame.axis.first, ratio, frame.single_output,
                 math_text.notation(), _columns(frame))  # fmt: skip
        if epoch != self._epoch or len(self._tiles) > KEPT:
            self._tiles.clear()
            self._pictures.clear()
            self._epoch = epoch

    def draw(
        self, painter: QPainter, frame: Frame, step: int, key: Key, paint: Callable[[QPainter, Frame, int], None],
        span: tuple[float, float],
    ) -> None:  # fmt: skip
        """Draw column ``step`` between the heights ``span`` from its tile; ``paint`` makes it the first time."""
        origin = math.floor(frame.x(step) - frame.layout.pitch) - MARGIN
        tile = self._tiles.get(key)
        if tile is None:
            tile = self._tiles[key] = self._make(frame, step, origin, paint, span)
        painter.drawPixmap(QPointF(origin, math.floor(span[0])), tile)

    def picture(self, painter: QPainter, key: Key, rect: QRect, paint: Callable[[QPainter], None]) -> None:
        """Draw what ``paint`` draws inside ``rect``: one picture is kept for each name, the first part of ``key``."""
        kept, tile = self._pictures.get(key[0], (None, None))
        if kept != key or tile is None:
            tile = QPixmap(math.ceil(rect.width() * self._ratio), math.ceil(rect.height() * self._ratio))
            tile.setDevicePixelRatio(self._ratio)
            tile.fill(Qt.GlobalColor.transparent)
            with QPainter(tile) as inner:
                inner.setRenderHint(QPainter.RenderHint.Antialiasing)
                inner.translate(-rect.left(), -rect.top())
                paint(inner)
            self._pictures[key[0]] = (key, tile)
        painter.drawPixmap(QPointF(rect.topLeft()), tile)

    def _make(
        self, frame: Frame, step: int, origin: int, paint: Callable[[QPainter, Frame, int], None],
        span: tuple[float, float],
    ) -> QPixmap:  # fmt: skip
        top = math.floor(span[0])
        height = math.ceil(span[1]) - top
        width = math.ceil(frame.layout.pitch * 1.5) + 2 * MARGIN + 1
        tile = QPixmap(math.ceil(width * self._ratio), math.ceil(height * self._ratio))
        tile.setDevicePixelRatio(self._ratio)
        tile.fill(Qt.GlobalColor.transparent)
        with QPainter(tile) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(-origin, -top)
            paint(painter, frame, step)
        return tile
