"""The scissors of truncated BPTT: a cut in the chain, behind the last step that the chosen loss reaches.

Dragged along the chain they set k2; the Remedies tab has the same number as a field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPen

from rnnviz.engine.truncation import truncation_of
from rnnviz.view.math_text import plain
from rnnviz.view.stage import shapes
from rnnviz.view.stage.layout import Mode
from rnnviz.view.time_axis import Level

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from rnnviz.engine.truncation import Truncation
    from rnnviz.session.session import Session
    from rnnviz.view.stage.frame import Frame

BADGE = 19.0  # design px, the disc the scissors lie on
LABEL_PITCH = 44.0  # design px; with narrower columns the words "k2 = 8" would touch them


class Scissors:
    """Where the cut lies, and what a drag makes of it."""

    def __init__(self, *, session: Session) -> None:
        self._session = session
        self.dragging = False

    @property
    def cut(self) -> Truncation | None:
        """The cut in force."""
        return truncation_of(self._session.run)

    def lowest(self, frame: Frame) -> int:
        """The lowest step that the chosen loss reaches; 0 where nothing is cut or no copies are drawn."""
        cut, copies = self.cut, frame.axis.level in (Level.CELLS, Level.BARS) and frame.unfold >= 1.0
        if cut is None or not copies or not frame.loss_step:
            return 0
        # The film of the Backward tab is of all losses, and of the whole way: no cut in it.
        return 0 if self._session.lab.wanted("movie") else cut.lowest(frame.loss_step)

    def badge(self, frame: Frame) -> QRectF:
        """The disc on the W_hh rail; empty where there is none."""
        lowest = self.lowest(frame)
        if not lowest:
            return QRectF()
        size = frame.layout.px(BADGE)
        x, y = _x(frame, lowest), frame.layout.bottom_row.hh
        return QRectF(x - size / 2, y - size / 2, size, size)

    def hit(self, frame: Frame, point: QPointF) -> bool:
        """Whether ``point`` is on the scissors or their line."""
        badge = self.badge(frame)
        if badge.isEmpty() or point.x() < frame.axis.gutter - badge.width():
            return False
        line = QRectF(badge.center().x() - 3, frame.layout.top_row.top, 6, _bottom(frame) - frame.layout.top_row.top)
        return badge.adjusted(-2, -2, 2, 2).contains(point) or line.contains(point)

    def drag_to(self, frame: Frame, x: float) -> None:
        """Cut at the gap nearest to ``x``, as far as k1 allows."""
        cut, loss_step = self.cut, frame.loss_step
        if cut is None or not loss_step:
            return
        lowest = round((x - frame.axis.left_of(1)) / frame.axis.pitch) + 1
        length = cut.length_for(loss_step, min(max(1, lowest), loss_step))
        if length != cut.length:
            self._session.set_training(truncate_length=length)

    def tip(self, frame: Frame) -> str:
        """Two sentences and the rule."""
        cut, lowest = self.cut, self.lowest(frame)
        if cut is None:
            return ""
        loss = plain(f"C_{{{frame.loss_step}}}")
        where = f"The sweep of {loss} ends at step {lowest}: k1 = {cut.every}, k2 = {cut.length}."
        return f"{where}\nDrag the scissors along the chain to set k2.\nL(τ) = ⌈τ/k1⌉·k1 − k2 + 1"

    def paint(self, painter: QPainter, frame: Frame) -> None:
        """A dashed line across the chain, the scissors on it, and k2."""
        cut, badge = self.cut, self.badge(frame)
        if cut is None or badge.isEmpty():
            return
        layout, theme, x = frame.layout, frame.theme, badge.center().x()
        painter.save()
        left = frame.axis.gutter - badge.width()
        painter.setClipRect(QRectF(left, 0, frame.right - left, layout.height))
        painter.setPen(shapes.dashed(theme.ink, layout.px(1.6), (4, 3), layout.scale))
        painter.drawLine(QLineF(x, layout.top_row.top - layout.px(4), x, _bottom(frame)))
        painter.setPen(QPen(theme.ink, layout.px(2.2 if frame.hover.kind == "scissors" or self.dragging else 1.3)))
        painter.setBrush(theme.panel)
        painter.drawEllipse(badge)
        _draw_scissors(painter, badge, QPen(theme.ink, layout.px(1.3)))
        if layout.pitch >= layout.px(LABEL_PITCH):
            self._paint_label(painter, frame, x, f"k2 = {cut.length}")
        painter.restore()

    @staticmethod
    def _paint_label(painter: QPainter, frame: Frame, x: float, words: str) -> None:
        layout, theme = frame.layout, frame.theme
        painter.setFont(frame.look.font("tick"))
        metrics = painter.fontMetrics()
        width, height = metrics.horizontalAdvance(words) + layout.px(6), metrics.height()
        rect = QRectF(x - width / 2, layout.top_row.top - layout.px(4) - height, width, height)
        painter.fillRect(rect, theme.bg if layout.mode is Mode.FULL else theme.panel)
        painter.setPen(theme.ink)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)


def _x(frame: Frame, lowest: int) -> float:
    """The middle of the gap before column ``lowest``."""
    return frame.x(lowest) - frame.axis.pitch / 2


def _bottom(frame: Frame) -> float:
    return frame.layout.bottom_row.bottom + frame.layout.px(4)


def _draw_scissors(painter: QPainter, rect: QRectF, pen: QPen) -> None:
    """Two blades that cross, a ring at the lower end of each; upright, so that they cut along the line."""
    unit = rect.width() / 19.0
    painter.save()
    painter.translate(rect.center())
    painter.scale(unit, unit)
    pen.setWidthF(pen.widthF() / unit)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for side in (-1, 1):
        painter.drawLine(QPointF(side * 2.6, -6.2), QPointF(-side * 1.9, 2.2))
        painter.drawEllipse(QPointF(-side * 2.7, 4.0), 1.9, 1.9)
    painter.restore()
