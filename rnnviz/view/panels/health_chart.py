"""The gates of one layer as rows of bars, one bar a unit: up for saturated high, down for saturated low."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnnviz.view import math_text
from rnnviz.view.layer_names import layer_words
from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.scales import percent_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from rnnviz.service.messages.health import GateReport, HealthReport
    from rnnviz.view.look import Look

HEAD, ROW, DEAD = 24.0, 38.0, 20.0
NAME, VALUE = 46.0, 62.0
SYMBOLS = {"tanh c": "tanh c_t"}


class HealthChart(QWidget):
    """One layer. A click chooses the unit under the pointer in the whole window."""

    #: layer and unit (counted from 0)
    chosen = Signal(str, int)

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self.look = look
        self.report: HealthReport | None = None
        self._selected, self.title = -1, ""
        self._turn = Turn(self, self.update, weight=PANEL)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.updateGeometry)

    def show_report(self, report: HealthReport, selected: int, names: Sequence[str] = ()) -> None:
        """The newest numbers of one layer of ``names``; ``selected`` is the unit chosen in the window."""
        resized = self.report is None or len(self.report.gates) != len(report.gates)
        self.report, self._selected, self.title = report, selected, layer_words(report.name, names)
        self.setAccessibleName(f"Health of {self.title}")
        self.setAccessibleDescription("; ".join((*map(_gate_words, report.gates), dead_words(report))))
        if resized:
            self.updateGeometry()
        self._turn.ask()

    def sizeHint(self) -> QSize:
        """Head, a row a gate, the dead units."""
        rows = len(self.report.gates) if self.report is not None else 0
        return QSize(self.look.ipx(220), self.look.ipx(HEAD + ROW * rows + DEAD))

    # ---- geometry --------------------------------------------------------------------------

    def bars(self, row: int) -> QRectF:
        """Where the bars of gate ``row`` stand; one row beyond the gates: the marks of the dead units."""
        px = self.look.px
        left, width = px(NAME), self.width() - px(NAME + VALUE)
        rows = len(self.report.gates) if self.report is not None else 0
        if row >= rows:
            return QRectF(left, px(HEAD + ROW * rows), width, px(DEAD - 6))
        return QRectF(left, px(HEAD + ROW * row + 3), width, px(ROW - 8))

    def place_at(self, point: QPointF) -> tuple[int, int] | None:
        """Row (a gate, or beyond them the dead units) and unit under ``point``."""
        if self.report is None or not len(self.report.dead):
            return None
        for row in range(len(self.report.gates) + 1):
            rect = self.bars(row)
            if rect.contains(point):
                return row, min(
                    len(self.report.dead) - 1, int((point.x() - rect.left()) / rect.width() * len(self.report.dead))
                )
        return None

    # ---- painting --------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Name of the layer, then a row for each gate and the dead units."""
        del event
        with self._turn, QPainter(self) as painter:
            report = self.report
            if report is None:
                return
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            look, theme = self.look, self.look.theme
            painter.setFont(look.font("strong"))
            painter.setPen(theme.ink)
            painter.drawText(QPointF(0, look.px(15)), self.title[0].upper() + self.title[1:])
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
            for row, gate in enumerate(report.gates):
                self._paint_gate(painter, gate, self.bars(row))
            self._paint_dead(painter, report)
            self._paint_selected(painter, report)

    def _paint_gate(self, painter: QPainter, gate: GateReport, rect: QRectF) -> None:
        look, theme, px = self.look, self.look.theme, self.look.px
        middle = round(rect.center().y())
        painter.fillRect(QRectF(rect.left(), rect.top(), rect.width(), rect.height()), theme.raised)
        for shares, up in ((gate.high, True), (gate.low, False)):
            edges, tallest = columns(shares, max(1, int(rect.width())))
            xs = rect.left() + edges / len(shares) * rect.width()
            gap = 1 if rect.width() / len(shares) >= 4 else 0
            for left, right, share in zip(xs[:-1].tolist(), xs[1:].tolist(), tallest.tolist(), strict=True):
                height = max(1, round(share * (rect.height() / 2 - 1))) if share > 0 else 0
                top = middle - height if up else middle + 1
                if height:
                    painter.fillRect(
                        QRectF(round(left), top, max(1, round(right) - round(left) - gap), height), theme.prob
                    )
        painter.fillRect(QRectF(rect.left(), middle, rect.width(), 1), theme.line2)
        symbol = SYMBOLS.get(gate.name, f"{gate.name}_t")
        math_text.paint(painter, 0, rect.center().y() + px(5), symbol, look.font("maths_small"), theme.ink)
        painter.setFont(look.font("number"))
        painter.setPen(theme.ink)
        target = QRectF(rect.right(), rect.top(), px(VALUE), rect.height())
        painter.drawText(
            target, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, percent_text(saturated(gate))
        )

    def _paint_dead(self, painter: QPainter, report: HealthReport) -> None:
        """A cross under every dead unit, and how many there are."""
        look, theme, px = self.look, self.look.theme, self.look.px
        rect, units = self.bars(len(report.gates)), len(report.dead)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(theme.ink, px(1.4)))
        arm = min(px(3), rect.width() / max(1, units) / 2)
        for unit in np.flatnonzero(report.dead).tolist():
            x, y = rect.left() + (unit + 0.5) / units * rect.width(), rect.center().y()
            painter.drawLine(QPointF(x - arm, y - arm), QPointF(x + arm, y + arm))
            painter.drawLine(QPointF(x - arm, y + arm), QPointF(x + arm, y - arm))
        painter.setFont(look.font("small"))
        painter.setPen(theme.ink2)
        painter.drawText(QPointF(0, rect.center().y() + px(4)), "dead")
        target = QRectF(rect.right(), rect.top(), px(VALUE), rect.height())
        words = f"{int(report.dead.sum())} of {units}"
        painter.drawText(target, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)

    def _paint_selected(self, painter: QPainter, report: HealthReport) -> None:
        """The outline of the chosen unit, through all rows."""
        if not 0 <= self._selected < len(report.dead):
            return
        first, last, units = self.bars(0), self.bars(len(report.gates)), len(report.dead)
        width = first.width() / units
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.look.theme.ink, 1.3))
        left = round(first.left() + self._selected * width) - 0.5
        painter.drawRect(QRectF(left, first.top() - 1.5, max(3.0, round(width)), last.bottom() - first.top() + 2))

    # ---- pointer ---------------------------------------------------------------------------

    def tip_at(self, point: QPointF) -> str:
        """The unit under the pointer in words."""
        place = self.place_at(point)
        if place is None or self.report is None:
            return ""
        row, unit = place
        if row >= len(self.report.gates):
            return f"Unit {unit + 1} of {self.title} {'is dead.' if self.report.dead[unit] else 'moves.'}"
        gate = self.report.gates[row]
        low, high = percent_text(float(gate.low[unit])), percent_text(float(gate.high[unit]))
        ends = (
            f"at zero in {low} of the time steps"
            if gate.kind == "relu"
            else f"low in {low}, high in {high} of the time steps"
        )
        return f"{gate.name}, unit {unit + 1} of {self.title}: {ends}.\nA click chooses the unit everywhere."

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The numbers under the pointer."""
        QToolTip.showText(event.globalPosition().toPoint(), self.tip_at(event.position()), self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the unit."""
        place = self.place_at(event.position())
        if place is not None and self.report is not None and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.report.name, place[1])

    def event(self, event: QEvent) -> bool:
        """The words come with the pointer's moves; Qt's own tip would hide them."""
        return True if event.type() == QEvent.Type.ToolTip else super().event(event)


def saturated(gate: GateReport) -> float:
    """The share of all units and steps."""
    return float((gate.low + gate.high).mean()) if len(gate.low) else 0.0


def columns(shares: NDArray[np.float64], room: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Edges (in units) and heights of at most ``room`` bars; many units share a bar, the tallest shows."""
    edges = np.linspace(0, len(shares), min(len(shares), room) + 1).astype(np.intp)
    return edges.astype(np.float64), np.maximum.reduceat(np.asarray(shares, np.float64), edges[:-1])


def dead_words(report: HealthReport) -> str:
    """How many units are dead, and which."""
    dead = (np.flatnonzero(report.dead) + 1).tolist()
    if not dead:
        return "no dead unit"
    shown = ", ".join(map(str, dead[:12])) + (" ..." if len(dead) > 12 else "")
    return f"{len(dead)} dead unit{'s' if len(dead) > 1 else ''}: {shown}"


def _gate_words(gate: GateReport) -> str:
    return f"{math_text.plain(gate.name)} saturated in {percent_text(saturated(gate))} of all unit-steps"
