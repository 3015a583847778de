"""Memory horizon over training: how many steps back the gradient still arrives, as a step curve per model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPen, QPolygonF

from rnnviz.view.marks import draw_rule, draw_tick
from rnnviz.view.panels.remedies_plot import SmallPlot

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QPainter

    from rnnviz.view.look import Look

DASHES: tuple[tuple[float, ...], ...] = ((), (6, 3), (1.5, 2.5))
"""Model 1, 2, 3: told apart by the line, since the colour says gradient."""


@dataclass(frozen=True, eq=False)
class HorizonLine:
    """One model: its horizon (steps back, n) at each of n saved training ``steps``, rising; ``label`` may be ''."""

    label: str
    steps: NDArray[np.integer]
    horizons: NDArray[np.integer]


class HorizonPlot(SmallPlot):
    """Step curves on one scale; ``needed`` is the number of steps back that the data asks for (None: not known)."""

    title = "memory horizon, steps back"
    below = "training step"
    height_px = 170.0

    def __init__(self, *, look: Look) -> None:
        super().__init__(look=look)
        self.lines: tuple[HorizonLine, ...] = ()
        self.needed: int | None = None

    def show_lines(self, lines: Sequence[HorizonLine], needed: int | None) -> None:
        """The models, at most three, and what the data needs."""
        self.lines = tuple(line for line in lines if len(line.steps))
        self.needed = needed
        self.value = " · ".join(str(int(line.horizons[-1])) for line in self.lines)
        self.soon()

    def words(self) -> str:
        """The newest horizon of every model."""
        found = [
            f"{line.label or 'horizon'} {int(line.horizons[-1])} at training step {int(line.steps[-1])}"
            for line in self.lines
        ]
        needed = "what the data needs is not known" if self.needed is None else f"the data needs {self.needed}"
        return "; ".join([*found, needed])

    @property
    def top(self) -> int:
        """The largest number on the scale."""
        return max(1, self.needed or 0, *(int(line.horizons.max()) for line in self.lines))

    @property
    def last(self) -> int:
        """The newest training step."""
        return max(1, *(int(line.steps[-1]) for line in self.lines)) if self.lines else 1

    def paint_plot(self, painter: QPainter, rect: QRectF) -> None:
        """Grid, what is needed, a step curve for each model with its newest value."""
        if not self.lines:
            self.paint_reason(painter, rect, "The horizon of every saved training step is drawn here.")
            return
        for value in self._ticks():
            y = self._y(value, rect)
            draw_rule(painter, rect.left(), rect.right(), y, QPen(self.look.theme.line, 1))
            draw_tick(painter, self.look, rect.left() - self.look.px(6), y, str(value))
        if self.needed is not None:
            self._paint_needed(painter, rect, self._y(self.needed, rect))
        for index, line in enumerate(self.lines):
            self._paint_line(painter, rect, line, DASHES[index % len(DASHES)])
        self.paint_foot(painter, rect, "0", str(self.last))

    def _ticks(self) -> list[int]:
        stride = next(s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if self.top / s <= 4)
        return list(range(0, self.top + 1, stride))

    def _y(self, value: float, rect: QRectF) -> float:
        return rect.bottom() - value / self.top * rect.height()

    def _paint_needed(self, painter: QPainter, rect: QRectF, y: float) -> None:
        painter.setPen(self.dashed(self.look.theme.ink))
        painter.drawLine(QLineF(rect.left(), y, rect.right(), y))
        painter.setFont(self.look.font("tick"))
        below = y + self.look.px(12) < rect.bottom()
        place = QPointF(rect.left() + self.look.px(3), y + self.look.px(12) if below else y - self.look.px(4))
        painter.drawText(place, f"needed: {self.needed}")

    def _paint_line(self, painter: QPainter, rect: QRectF, line: HorizonLine, dash: tuple[float, ...]) -> None:
        """Level from each saved step to the next, since nothing is known between them."""
        look, px = self.look, self.look.px
        xs = rect.left() + np.asarray(line.steps, np.float64) / self.last * rect.width()
        ys = np.array([self._y(float(value), rect) for value in line.horizons.tolist()])
        corners = np.repeat(xs, 2)[1:], np.repeat(ys, 2)[:-1]
        pen = QPen(look.theme.grad, px(2.0))
        if dash:
            pen.setDashPattern(list(dash))
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setRenderHint(painter.RenderHint.Antialiasing, on=False)  # level and upright lines only
        painter.drawPolyline(QPolygonF([QPointF(x, y) for x, y in zip(*(c.tolist() for c in corners), strict=True)]))
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        painter.setPen(QPen(look.theme.panel, 1))
        painter.setBrush(look.theme.grad)
        painter.drawEllipse(QPointF(float(xs[-1]), float(ys[-1])), px(4), px(4))
        if line.label:
            painter.setFont(look.font("tick"))
            painter.setPen(look.theme.ink)
            wide = painter.fontMetrics().horizontalAdvance(line.label)
            y = max(float(ys[-1]) - px(6), rect.top() + px(9))
            painter.drawText(QPointF(float(xs[-1]) - wide - px(7), y), line.label)
