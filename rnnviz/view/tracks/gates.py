"""Gates: every gate of the cell on the time axis, one row each for one unit, or a whole map each."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from PySide6.QtCore import QPointF, QRectF

from rnnviz.view import math_text
from rnnviz.view.look import number, signed
from rnnviz.view.marks import draw_legend
from rnnviz.view.scales import GrowingLevel
from rnnviz.view.tracks.base import FROM_THE_END, Track, TrackEntry, row_at
from rnnviz.view.tracks.header import HeaderLine
from rnnviz.view.tracks.heatmap import (
    LEAST_LEVEL,
    MOST_LEVEL,
    UNIT,
    Levels,
    body_part,
    paint_frame,
    paint_heat,
    paint_row_outline,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPainter

BETWEEN_0_AND_1 = frozenset("iforz")  # gates behind a sigmoid
BETWEEN_ONES = frozenset("gn")  # candidates behind a tanh
WORDS = {
    "i": "input gate", "f": "forget gate", "g": "candidate", "o": "output gate", "c": "cell state",
    "r": "reset gate", "z": "update gate", "n": "candidate", "preactivation": "pre-activation",
}  # fmt: skip
ROW = 10.5  # height of a gate collapsed to one row, design px
GAP = 3.0  # between the maps of two gates


class Gate(NamedTuple):
    """One map: its name in the trace, its letter on screen, its values (T, H)."""

    name: str
    letter: str
    values: NDArray[np.floating]


class GatesTrack(Track):
    """Collapsed: one row a gate for the selected unit. Open: units x time for every gate."""

    def __init__(self, **needs: object) -> None:
        super().__init__(**needs)
        self._level = GrowingLevel(LEAST_LEVEL)

    # ---- values -------------------------------------------------------------------------------

    def gates(self) -> list[Gate]:
        """The gates of the selected layer in the cell's own order, then the cell state."""
        layer = self.layer_arrays()
        if layer is None:
            return []
        named = [(name, values) for name, values in layer.gates.items() if name != "c"]
        if layer.cell is not None:
            named.append(("c", layer.cell))
        return [Gate(name, name if len(name) == 1 else "a", values) for name, values in named]

    def levels(self, gate: Gate) -> Levels:
        """0..1 behind a sigmoid, ±1 behind a tanh, c as on the stage, else the rounded 99th percentile, held."""
        if gate.name in BETWEEN_0_AND_1:
            return UNIT
        if gate.name in BETWEEN_ONES:
            return Levels.signed(1.0)
        if gate.name == "c":
            return Levels.signed(min(self.cell_limit(), MOST_LEVEL))
        key = (self.data_key(), self.session.layer, gate.name)
        held = self._level.held(key)
        if held is None:
            finite = np.abs(gate.values[np.isfinite(gate.values)])
            held = self._level.fit(key, float(np.percentile(finite, 99)) if finite.size else 1.0)
        return Levels.signed(min(held, MOST_LEVEL))

    @property
    def unit(self) -> int:
        """The unit of the thin rows: the selected one, else the first."""
        return max(0, self.session.unit)

    @property
    def collapsed_height(self) -> int:
        """One thin row a gate."""
        return round(ROW * max(1, len(self.gates()))) + 8

    def empty_reason(self) -> str:
        """Say when the cell has no gates."""
        return super().empty_reason() or ("" if self.gates() else "This cell has no gates.")

    # ---- drawing ------------------------------------------------------------------------------

    def header_lines(self) -> tuple[HeaderLine, ...]:
        """What the rows are, and the levels of the two maps."""
        gates, lines = self.gates(), []
        if self.reverse:
            lines.append(HeaderLine(FROM_THE_END))
        lines += [HeaderLine(f"{gate.letter}: {WORDS.get(gate.name, gate.name)}") for gate in gates]
        limits = " ".join(str(self.levels(gate).high) for gate in gates)
        return (*lines, HeaderLine(limits, "legend"))

    def collapsed_lines(self) -> tuple[HeaderLine, ...]:
        """Whose gates the thin rows show."""
        return (HeaderLine(f"of unit {self.unit + 1}"),)

    def paint_legend(self, painter: QPainter, rect: QRectF) -> None:
        """The map of the gates; signed ones print their limit at their row."""
        bounded = any(gate.name in BETWEEN_0_AND_1 for gate in self.gates())
        limit = max((self.levels(gate).high for gate in self.gates()), default=1.0)
        ends = ("0", "1") if bounded else (number(-limit, 0), signed(limit, 0))
        draw_legend(painter, self.look, rect, "unit" if bounded else "signed", *ends, "gates" if bounded else "a")

    def rows(self, rect: QRectF) -> list[tuple[Gate, QRectF]]:
        """Where every gate is drawn."""
        gates = self.gates()
        gap = 1.0 if self.collapsed else self.look.px(GAP)
        height = (rect.height() + gap) / max(1, len(gates))
        return [(gate, QRectF(rect.left(), round(rect.top() + n * height), rect.width(),
                              round(rect.top() + (n + 1) * height) - round(rect.top() + n * height) - round(gap)))
                for n, gate in enumerate(gates)]  # fmt: skip

    def paint_body(self, painter: QPainter, rect: QRectF) -> None:
        """All gates, pale after the cursor; letters at the left; the selected unit outlined in the open maps."""
        rows = self.rows(rect)
        shown = [(self._chosen(gate), area, self.levels(gate)) for gate, area in rows]

        def draw(inner: QPainter, _: QRectF) -> None:
            for values, area, levels in shown:
                paint_heat(inner, area, self.axis, self.look, values, levels, notches=True)

        key = (self.same(self.layer_arrays()), self.collapsed, self.unit if self.collapsed else -1,
               tuple(levels for _, _, levels in shown))  # fmt: skip
        self.draw_ghosted(painter, rect, "gates", draw, *key)
        self.draw_still(painter, self.tick_room(rect), "letters", lambda p: self._paint_letters(p, rows),
                        tuple((gate.letter, area.getRect()) for gate, area in rows), key[1], key[3])  # fmt: skip
        for gate, area in rows:
            part = body_part(self.axis, area)
            if not self.collapsed:
                paint_frame(painter, part, self.look.theme.line)
                if 0 <= self.session.unit < gate.values.shape[1]:
                    paint_row_outline(painter, self.look, part, self.session.unit, gate.values.shape[1], marker=False)

    def _chosen(self, gate: Gate) -> NDArray[np.floating]:
        if not self.collapsed:
            return gate.values
        unit = min(self.unit, gate.values.shape[1] - 1)
        return gate.values[:, unit : unit + 1]

    def _paint_letters(self, painter: QPainter, rows: list[tuple[Gate, QRectF]]) -> None:
        for gate, area in rows:
            self._paint_letter(painter, gate, area)

    def _paint_letter(self, painter: QPainter, gate: Gate, area: QRectF) -> None:
        look, font = self.look, self.look.font("maths_small")
        right = max(area.left(), body_part(self.axis, area).left()) - look.px(6)
        baseline = area.center().y() + look.px(4)
        math_text.paint(
            painter, right - math_text.width(gate.letter, font), baseline, gate.letter, font, look.theme.ink2
        )
        limit = self.levels(gate)
        if limit.kind == "signed" and not self.collapsed and area.height() > look.px(26):
            painter.setFont(look.font("tick"))
            words = f"±{number(limit.high, 0 if limit.high >= 1 else 2)}"
            painter.drawText(
                QPointF(right - painter.fontMetrics().horizontalAdvance(words), baseline + look.px(13)), words
            )

    # ---- acts and words -----------------------------------------------------------------------

    def _under(self, y: float) -> tuple[Gate, int] | None:
        rows = self.rows(self.body_rect())
        if not rows:
            return None
        gate, area = rows[row_at(y, self.body_rect(), len(rows))]
        return gate, self.unit if self.collapsed else row_at(y, area, gate.values.shape[1])

    def clicked(self, step: int, y: float) -> None:
        """Put the cursor there; in the open maps pick the unit too."""
        under = self._under(y)
        if under and not self.collapsed:
            self.session.select(unit=under[1], time_step=step)
        else:
            self.session.move_to(step)

    def readout(self, step: int, y: float) -> str:
        """Gate, unit, step and value."""
        under = self._under(y)
        if not under or step > len(under[0].values):
            return ""
        gate, unit = under
        value = number(float(gate.values[step - 1, min(unit, gate.values.shape[1] - 1)]), 3)
        name = WORDS.get(gate.name, gate.name)
        return f"{name} {gate.letter} of unit {unit + 1} at t = {step} (“{self.token(step)}”){self.whose}: {value}"

    def mean_text(self, rows: slice, y: float) -> str:
        """The mean of the gate and unit under the pointer."""
        under = self._under(y)
        if under is None:
            return ""
        gate, unit = under
        return number(float(gate.values[rows, min(unit, gate.values.shape[1] - 1)].mean()), 3)

    def table(self) -> tuple[list[str], list[list[str]]]:
        """One row a time step: every gate of the unit (collapsed) or of all units."""
        gates = self.gates()
        if not gates:
            return [], []
        units = [min(self.unit, gates[0].values.shape[1] - 1)] if self.collapsed else range(gates[0].values.shape[1])
        titles = ["t", "token", *(f"{gate.letter} unit {unit + 1}" for gate in gates for unit in units)]
        stacked = np.concatenate([gate.values[:, list(units)] for gate in gates], axis=1)
        rows = [
            [str(t), self.token(t), *(number(v, 4) for v in row)] for t, row in enumerate(stacked.tolist(), start=1)
        ]
        return titles, rows

    def description(self) -> str:
        """The gates in order and their levels."""
        names = ", ".join(f"{gate.letter} ({WORDS.get(gate.name, gate.name)})" for gate in self.gates())
        whose = f"of unit {self.unit + 1}, one row each" if self.collapsed else "of all units, one map each"
        return f"Gates {names} {whose}{self.whose}; gates from 0 to 1, signed values with symmetric limits."


ENTRY = TrackEntry(
    key="gates", title="Gates", shortcut="Alt+2", icon="gates", factory=GatesTrack,
    default_height=240, minimum_height=60, opens_with="",
)  # fmt: skip
