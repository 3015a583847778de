"""Where the parts of one column lie, and which time step is under which pixel."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF

if TYPE_CHECKING:
    from rnnviz.service.chain_choice import Way

TITLE, LINE = 32.0, 18.0
BAR_TOP, BAR = 78.0, 7.0
FLAG = 24.0
CHIPS = 30.0
PLOT_SHARE = 0.33
BOTTOM = 14.0
LEAST_CURVE = 54.0
STRIP_SHARE = 0.3


@dataclass(frozen=True)
class Geometry:
    """One column, in widget pixels: ``left`` is where step 1 begins, ``scale`` widget pixels per design pixel.

    ``way``: the losses reach to the left (a triangle with a free corner above), to the right (the same turned by
    180 degrees), or to both sides (no free corner: the training curves stand in a strip below the map).
    """

    left: float
    width: float
    height: float
    length: int
    scale: float
    way: Way = "left"

    @cached_property
    def pitch(self) -> float:
        """Width of one time step."""
        return self.width / max(1, self.length)

    def left_of(self, step: float) -> float:
        """Left edge of ``step``."""
        return self.left + (step - 1) * self.pitch

    def x_of(self, step: float) -> float:
        """Centre of ``step``."""
        return self.left + (step - 0.5) * self.pitch

    def step_at(self, x: float) -> int:
        """The time step under ``x``; 0 beside the text."""
        if not self.length or not self.left <= x < self.left + self.width:
            return 0
        return min(self.length, int((x - self.left) / self.pitch) + 1)

    def column(self, step: int, top: float, bottom: float) -> QRectF:
        """The rectangle of ``step`` on whole pixels."""
        left, right = round(self.left_of(step)), round(self.left_of(step + 1))
        return QRectF(left, top, max(2, right - left), bottom - top)

    @cached_property
    def _room(self) -> float:
        fixed = (BAR_TOP + BAR + 6 + FLAG + 8 + CHIPS + 10 + BOTTOM) * self.scale
        return max(40.0, self.height - fixed)

    def _at(self, top: float, height: float) -> QRectF:
        return QRectF(self.left, round(top), self.width, max(1, round(height)))

    @cached_property
    def bar(self) -> QRectF:
        """The memory horizon."""
        return self._at(BAR_TOP * self.scale, BAR * self.scale)

    @cached_property
    def flag_top(self) -> float:
        """Upper edge of the flag that shows the share at the cursor."""
        return round(self.bar.bottom() + 6 * self.scale)

    @cached_property
    def plot(self) -> QRectF:
        """The gradient curves."""
        return self._at(self.flag_top + FLAG * self.scale, PLOT_SHARE * self._room)

    @cached_property
    def chips(self) -> QRectF:
        """The text."""
        return self._at(self.plot.bottom() + 8 * self.scale, CHIPS * self.scale)

    @cached_property
    def map(self) -> QRectF:
        """The credit map."""
        top = self.chips.bottom() + 10 * self.scale
        room = self.height - BOTTOM * self.scale - top
        return self._at(top, room - self._strip_height(room))

    def _strip_height(self, room: float) -> float:
        """What the strip below the map takes from ``room``; 0 where there is none."""
        wanted = max(STRIP_SHARE * room, (LEAST_CURVE + 10) * self.scale)
        return wanted if self.way == "both" and room >= 2.5 * wanted else 0.0

    @property
    def lower(self) -> QRectF:
        """The map with everything in its corner or below it."""
        return self.map.united(self._strip) if not self._strip.isEmpty() else self.map

    @cached_property
    def _strip(self) -> QRectF:
        """Below the map, for the training curves."""
        top, end = self.map.bottom() + 10 * self.scale, self.height - BOTTOM * self.scale
        return self._at(top, end - top) if end - top >= LEAST_CURVE * self.scale else QRectF()

    def _strip_part(self, start: float, end: float, least: float) -> QRectF:
        """A share of the width of the strip; empty where it is narrower than ``least`` design px."""
        strip = self._strip
        part = QRectF(strip.left() + start * strip.width(), strip.top(), (end - start) * strip.width(), strip.height())
        return part if part.width() >= least * self.scale else QRectF()

    def _turned(self, rect: QRectF) -> QRectF:
        """``rect`` of the triangle to the left, where it stands in that to the right."""
        if self.way != "right" or rect.isEmpty():
            return rect
        area = self.map
        left, top = area.left() + area.right() - rect.right(), area.top() + area.bottom() - rect.bottom()
        return QRectF(left, top, rect.width(), rect.height())

    def row_of(self, y: float) -> int:
        """The loss step whose row of the map is at ``y``; 0 beside the map."""
        area = self.map
        if not self.length or not area.top() <= y < area.bottom():
            return 0
        return min(self.length, int((y - area.top()) / area.height() * self.length) + 1)

    def row(self, loss_step: int) -> QRectF:
        """The band of the map that belongs to the loss of ``loss_step``, as far as it reaches."""
        area = self.map
        high = area.height() / max(1, self.length)
        top = round(area.top() + (loss_step - 1) * high)
        left = self.left if self.way != "right" else round(self.left_of(loss_step))
        right = round(self.left_of((loss_step if self.way == "left" else self.length) + 1))
        return QRectF(left, top, right - left, max(4.0, round(high)))

    def reaches(self, row: int, step: int) -> bool:
        """Whether the map has a cell for the loss of ``row`` at ``step``."""
        return self.way == "both" or (step <= row if self.way == "left" else step >= row)

    @cached_property
    def _corner(self) -> QRectF:
        """The corner of the map that no loss reaches; empty where there is no room."""
        area = self.map
        share = 0.5 if 0.25 * area.height() >= LEAST_CURVE * self.scale else 0.36
        bottom = area.top() + share * area.height()
        left = max(area.left() + 0.54 * area.width(), self._clear_of_triangle(bottom))
        corner = QRectF(left, area.top(), area.right() - left, share * area.height())
        enough = corner.width() >= 110 * self.scale and corner.height() >= LEAST_CURVE * self.scale
        return corner if enough else QRectF()

    def _clear_of_triangle(self, bottom: float) -> float:
        """Where the staircase of the map ends above ``bottom``: few steps make it coarse."""
        return self.left_of(self.row_of(bottom - 1) + 1) + 6 * self.scale

    @cached_property
    def horizons(self) -> QRectF:
        """The memory horizon over training, in the lower half of the corner; empty where only one plot fits."""
        if self.way == "both":
            return self._strip_part(0.38, 0.72, 110)
        return self._turned(self._lower_corner)

    @cached_property
    def _lower_corner(self) -> QRectF:
        corner = self._corner
        half = corner.height() / 2
        if half < LEAST_CURVE * self.scale:
            return QRectF()
        return corner.adjusted(0, half + 3 * self.scale, 0, 0)

    @cached_property
    def losses(self) -> QRectF:
        """The training curves, in the corner or in its upper half."""
        if self.way == "both":
            return self._strip_part(0.0, 0.34, 110)
        corner, below = self._corner, self._lower_corner
        upper = corner if below.isEmpty() else corner.adjusted(0, 0, 0, -corner.height() / 2 - 3 * self.scale)
        return self._turned(upper)

    @cached_property
    def legend(self) -> QRectF:
        """The colours of the map, under the training curves; empty where there is no room."""
        if self.way == "both":
            return self._strip_part(0.76, 1.0, 90)
        area, above = self.map, self._corner
        if above.isEmpty():
            return QRectF()
        top, height = above.bottom() + 12 * self.scale, 40 * self.scale
        left = self._clear_of_triangle(min(top + height, area.bottom()))
        width = min(area.right() - left, 150 * self.scale)
        place = QRectF(area.right() - width, top, width, height)
        return self._turned(place) if width >= 90 * self.scale else QRectF()
