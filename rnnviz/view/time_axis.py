"""One time axis for stage, tracks and scrubber: 1 unit = 1 time step, one pitch, one scroll, one hover.

Column ``step`` is 1-based; column 0 holds h_0 when ``first`` is 0. All lengths are widget pixels.
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QObject, QRectF, Signal

# Below these pitches (design px) the drawing gives up detail (visual.md, section 8).
RIBBON_BELOW = 6.0
STRIPS_BELOW = 18.0
BARS_BELOW = 30.0
MAX_PITCH = 160.0


class Level(StrEnum):
    """How much one column can show at the present pitch."""

    RIBBON = "ribbon"
    STRIPS = "strips"
    BARS = "bars"
    CELLS = "cells"


class TimeAxis(QObject):
    """Maps time steps to x and back; every view on the axis shares one instance."""

    changed = Signal()
    hover_changed = Signal()
    selection_changed = Signal()
    zoom_asked = Signal(int)  # wider (1) or narrower (−1) steps, asked of the owner of the pitch

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._gutter, self._pitch, self._scroll = 221.0, 54.0, 0.0
        self._width, self._length, self._first, self._scale = 1000.0, 0, 0, 1.0
        self._hover, self._slide, self._tail = 0, 0.0, 0
        self._path: tuple[int, int] | None = None
        self._selection: tuple[int, int] | None = None

    @property
    def gutter(self) -> float:
        """Width of the label column at the left, px."""
        return self._gutter

    @property
    def pitch(self) -> float:
        """Width of one time step, px."""
        return self._pitch

    @property
    def scroll(self) -> float:
        """How far the axis is scrolled to the left, px."""
        return self._scroll

    @property
    def length(self) -> int:
        """Number of time steps."""
        return self._length

    @property
    def width(self) -> float:
        """Width of the widgets on the axis, gutter included, px."""
        return self._width

    @property
    def first(self) -> int:
        """The first column: 0 when h_0 is shown, else 1."""
        return self._first

    @property
    def hover(self) -> int:
        """The column under the pointer; 0 when there is none."""
        return self._hover

    @property
    def slide(self) -> float:
        """How far the drawn cursor still is from its column, in columns (0 when it stands)."""
        return self._slide

    @property
    def scale(self) -> float:
        """Widget pixels per design pixel."""
        return self._scale

    @property
    def level(self) -> Level:
        """The level of detail for the present pitch."""
        pitch = self._pitch / self._scale
        if pitch < RIBBON_BELOW:
            return Level.RIBBON
        if pitch < STRIPS_BELOW:
            return Level.STRIPS
        return Level.BARS if pitch < BARS_BELOW else Level.CELLS

    def left_of(self, step: int) -> float:
        """Left edge of column ``step``."""
        return self._gutter + (step - self._first) * self._pitch - self._scroll

    def x_of(self, step: float) -> float:
        """Centre of column ``step`` (fractions move between columns)."""
        return self._gutter + (step - self._first + 0.5) * self._pitch - self._scroll

    def column(self, step: int, top: float, height: float) -> QRectF:
        """The rectangle of column ``step``, on whole pixels so that neighbours touch."""
        left, right = round(self.left_of(step)), round(self.left_of(step + 1))
        return QRectF(left, top, right - left, height)

    def step_at(self, x: float) -> int:
        """The time step under ``x``, kept within 1..length; 0 in the gutter or without text."""
        if x < self._gutter or not self._length:
            return 0
        step = int((x - self._gutter + self._scroll) // self._pitch) + self._first
        return min(self._length, step)

    def visible(self) -> range:
        """The time steps (1..length) at least partly on screen."""
        start = int(self._scroll // self._pitch) + self._first
        stop = int((self._scroll + self._width - self._gutter) // self._pitch) + self._first + 1
        return range(max(1, start), min(self._length, stop) + 1)

    def body(self, top: float, height: float) -> QRectF:
        """The rectangle of all time steps 1..length as scrolled, cut to the width."""
        left = max(self._gutter, self.left_of(1))
        right = min(self._width, self.left_of(self._length + 1))
        return QRectF(left, top, max(0.0, right - left), height)

    @property
    def fit_pitch(self) -> float:
        """The pitch at which the whole text fits the width."""
        columns = max(1, self._length + 1 - self._first)
        return (self._width - self._gutter) / columns

    def configure(
        self,
        *,
        gutter: float | None = None,
        width: float | None = None,
        length: int | None = None,
        first: int | None = None,
        scale: float | None = None,
        tail: int | None = None,
    ) -> None:
        """Change the frame of the axis; one ``changed`` for all. ``tail``: columns behind the last step."""
        before = (self._gutter, self._width, self._length, self._first, self._scale, self._scroll)
        self._tail = self._tail if tail is None else tail
        self._gutter = self._gutter if gutter is None else gutter
        self._width = self._width if width is None else width
        self._length = self._length if length is None else length
        self._first = self._first if first is None else first
        self._scale = self._scale if scale is None else scale
        self._scroll = self._clamped(self._scroll)
        if before != (self._gutter, self._width, self._length, self._first, self._scale, self._scroll):
            self.changed.emit()

    def set_pitch(self, pitch: float, anchor_x: float | None = None) -> None:
        """Zoom to ``pitch`` px a step, keeping what is under ``anchor_x`` where it is."""
        low = max(0.05, min(self.fit_pitch, RIBBON_BELOW * self._scale / 2))
        pitch = min(MAX_PITCH * self._scale, max(low, pitch))
        anchor = self._gutter if anchor_x is None else anchor_x
        position = (anchor - self._gutter + self._scroll) / self._pitch
        if pitch != self._pitch:
            self._pitch = pitch
            self._scroll = self._clamped(position * pitch - (anchor - self._gutter))
            self.changed.emit()

    def set_scroll(self, scroll: float) -> None:
        """Scroll so that ``scroll`` px of the axis are hidden at the left."""
        scroll = self._clamped(scroll)
        if scroll != self._scroll:
            self._scroll = scroll
            self.changed.emit()

    def ensure_visible(self, step: int) -> None:
        """Scroll as little as needed to show column ``step``."""
        if not 0 <= step <= self._length:
            return
        left, right = self.left_of(step), self.left_of(step + 1)
        if step == self._length and self._tail:
            right += min(self._tail * self._pitch, 0.6 * (self._width - self._gutter))
        if left < self._gutter:
            self.set_scroll(self._scroll - (self._gutter - left))
        elif right > self._width:
            self.set_scroll(self._scroll + (right - self._width))

    @property
    def path(self) -> tuple[int, int] | None:
        """First and last column of the path under the pointer, from a loss back to a step; None when there is none."""
        return self._path

    def set_hover(self, step: int, path: tuple[int, int] | None = None) -> None:
        """Put the crosshair on column ``step`` (0 removes it), and mark a ``path`` of columns in every view."""
        if (step, path) != (self._hover, self._path):
            self._hover, self._path = step, path
            self.hover_changed.emit()

    @property
    def selection(self) -> tuple[int, int] | None:
        """First and last step of the range that the user has dragged; None when there is none (any more)."""
        chosen = self._selection
        return chosen if chosen is not None and chosen[1] <= self._length else None

    def select(self, first: int, last: int) -> None:
        """Choose the steps between ``first`` and ``last``, in either order; 0, 0 for none."""
        chosen = (min(first, last), max(first, last)) if min(first, last) > 0 else None
        if chosen != self._selection:
            self._selection = chosen
            self.selection_changed.emit()

    def set_slide(self, columns: float) -> None:
        """Let the cursor stand ``columns`` beside its column while it moves there."""
        if columns != self._slide:
            self._slide = columns
            self.hover_changed.emit()

    def _clamped(self, scroll: float) -> float:
        # Half a column of room at the right end keeps the caret after the last token visible.
        columns = self._length + 1 - self._first + 0.75 + self._tail
        return min(max(0.0, columns * self._pitch - (self._width - self._gutter)), max(0.0, scroll))
