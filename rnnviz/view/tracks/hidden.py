"""Hidden state: units x time, h or (LSTM) c, one row a unit, zero is the background."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.session.breakpoints import Breakpoint
from rnnviz.view import math_text
from rnnviz.view.look import number, signed
from rnnviz.view.marks import draw_legend
from rnnviz.view.scales import GrowingLevel
from rnnviz.view.tracks.base import FROM_THE_END, Track, TrackEntry, row_at
from rnnviz.view.tracks.header import HeaderLine
from rnnviz.view.tracks.heatmap import (
    LEAST_LEVEL,
    MOST_LEVEL,
    Levels,
    body_part,
    paint_frame,
    paint_heat,
    paint_row_outline,
    unit_order,
)

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QPainter

BOUNDED = {"tanh", "sigmoid"}  # activations that keep h within ±1


class HiddenTrack(Track):
    """The heat map of h_t (or c_t): hover reads a value, click picks (t, unit) everywhere."""

    facts = ("sub_step_changed",)
    collapsed_height = 26

    def __init__(self, **needs: object) -> None:
        super().__init__(**needs)
        self._part = "h"
        self._level = GrowingLevel(LEAST_LEVEL)
        self._order: tuple[Hashable, NDArray[np.intp]] = ((), np.arange(0))

    # ---- what is shown ------------------------------------------------------------------------

    def values(self) -> NDArray[np.floating] | None:
        """The shown state (T, H) of the selected layer."""
        layer = self.layer_arrays()
        if layer is None:
            return None
        return layer.cell if self.choice() == "c" else layer.hidden

    def levels(self) -> Levels:
        """±1 where the state is bounded; c as on the stage; else the rounded 99th percentile of the first run, held."""
        if self.choice() == "c":
            return Levels.signed(min(self.cell_limit(), MOST_LEVEL))
        model = self.session.run.model
        if self.choice() == "h" and (model.cell != "elman" or model.activation in BOUNDED):
            return Levels.signed(1.0)
        values = self.values()
        key = (self.data_key(), self.session.layer, self.choice())
        if values is None or not values.size:
            return Levels.signed(1.0)
        # The level is found once for a model and a text, then held while stepping and training.
        held = self._level.held(key)
        if held is None:
            finite = np.abs(values[np.isfinite(values)])
            held = self._level.fit(key, float(np.percentile(finite, 99)) if finite.size else 1.0)
        return Levels.signed(min(held, MOST_LEVEL))

    def order(self) -> NDArray[np.intp]:
        """Units from top to bottom; sorted once for a model, a text and a sort, so rows do not jump in training."""
        values = self.values()
        count = 0 if values is None else values.shape[1]
        key = (self.data_key(), self.session.layer, self.choice(), self.settings.view.sort, count)
        if key != self._order[0] and values is not None:
            self._order = (key, unit_order(values.T, self.settings.view.sort))
        return self._order[1]

    def choices(self) -> tuple[tuple[str, str], ...]:
        """H | c where the cell has a c."""
        layer = self.layer_arrays()
        return (("h", "h"), ("c", "c")) if layer is not None and layer.cell is not None else ()

    def choice(self) -> str:
        """The shown part; h when the cell has no c."""
        return self._part if self.choices() else "h"

    @property
    def letter(self) -> str:
        """The shown part as the notation in use calls it."""
        return math_text.plain(self.choice())

    def switched(self, value: str) -> None:
        """Show h or c."""
        self._part = value
        self.refresh()

    # ---- drawing ------------------------------------------------------------------------------

    def header_lines(self) -> tuple[HeaderLine, ...]:
        """Units, switch, the selected unit, the sort, the legend."""
        values, sort = self.values(), self.settings.view.sort
        units = 0 if values is None else values.shape[1]
        how = "one row each" if sort == "as is" else f"by {sort}"
        lines = [HeaderLine(f"{units} unit{'s' * (units != 1)}, {how}")]
        if self.choices():
            lines.append(HeaderLine("", "switch"))
        if self.reverse:
            lines.append(HeaderLine(FROM_THE_END))
        if self.session.unit >= 0:
            lines.append(HeaderLine(f"unit {self.session.unit + 1} selected"))
        lines.append(HeaderLine(f"{self.choice()} {self.levels().high}", "legend"))
        return tuple(lines)

    def paint_legend(self, painter: QPainter, rect: QRectF) -> None:
        """The signed map with its limits."""
        limit = self.levels().high
        digits = 0 if limit >= 1 else 2
        draw_legend(painter, self.look, rect, "signed", number(-limit, digits), signed(limit, digits), self.letter)

    def paint_body(self, painter: QPainter, rect: QRectF) -> None:
        """The map, pale after the cursor, and the outline of the selected row."""
        values = self.values()
        if values is None or not values.size:
            return
        levels, order = self.levels(), self.order()
        part = body_part(self.axis, rect)

        def draw(inner: QPainter, area: QRectF) -> None:
            paint_heat(inner, area, self.axis, self.look, values, levels, order=order, notches=True)

        self.draw_ghosted(painter, rect, "map", draw, self.same(values), self.same(order), levels)
        paint_frame(painter, part, self.look.theme.line)
        if 0 <= self.session.unit < len(order):
            row = int(np.flatnonzero(order == self.session.unit)[0])
            paint_row_outline(painter, self.look, part, row, len(order))

    def breakpoint_condition(self) -> Breakpoint | None:
        """Stop where the selected unit is nearly saturated (a bounded state), or beyond half the scale."""
        unit, limit = self.session.unit, self.levels().high
        return Breakpoint("unit", ">", 0.9 if limit == 1.0 else limit / 2, max(0, unit))

    # ---- acts ---------------------------------------------------------------------------------

    def unit_at(self, y: float) -> int:
        """The unit drawn at height ``y``."""
        order = self.order()
        return int(order[row_at(y, self.body_rect(), len(order))]) if len(order) else -1

    def clicked(self, step: int, y: float) -> None:
        """Pick the time step and the unit everywhere."""
        self.session.select(unit=self.unit_at(y), time_step=step)

    def readout(self, step: int, y: float) -> str:
        """Value, unit and token under the pointer."""
        values, unit = self.values(), self.unit_at(y)
        if values is None or unit < 0 or step > len(values):
            return ""
        name, token = self.letter, self.token(step)
        value = number(float(values[step - 1, unit]), 3)
        return f"{name} of unit {unit + 1} at t = {step} (“{token}”){self.whose}: {value}"

    def mean_text(self, rows: slice, y: float) -> str:
        """The mean of the unit under the pointer."""
        values, unit = self.values(), self.unit_at(y)
        return number(float(values[rows, unit].mean()), 3) if values is not None and unit >= 0 else ""

    def table(self) -> tuple[list[str], list[list[str]]]:
        """One row a time step, one column a unit."""
        values = self.values()
        if values is None:
            return [], []
        titles = ["t", "token", *(f"{self.letter} unit {unit + 1}" for unit in range(values.shape[1]))]
        rows = [
            [str(step), self.token(step), *(number(value, 4) for value in row)]
            for step, row in enumerate(values.tolist(), start=1)
        ]
        return titles, rows

    def description(self) -> str:
        """Size, part and limits of the map."""
        values, limit = self.values(), self.levels().high
        units = 0 if values is None else values.shape[1]
        return (
            f"Heat map of {'cell' if self.choice() == 'c' else 'hidden'} state {self.letter}{self.whose}: "
            f"{units} units in rows, "
            f"{self.session.length} time steps in columns, colours from {number(-limit)} to {signed(limit)}."
        )


ENTRY = TrackEntry(
    key="hidden", title="Hidden state", shortcut="Alt+1", icon="heat", factory=HiddenTrack,
    default_height=98, minimum_height=40, opens_with="",
)  # fmt: skip
