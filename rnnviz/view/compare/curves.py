"""The gradient curves of a column: this model thick, the others thin, the band over the seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from rnnviz.view.compare.pictures import BAND
from rnnviz.view.compare.scene import share_text
from rnnviz.view.marks import draw_course, draw_heads, draw_line, draw_rule, finite_runs, polygon
from rnnviz.view.scales import LogScale

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rnnviz.view.compare.geometry import Geometry
    from rnnviz.view.compare.pictures import Brush
    from rnnviz.view.compare.scene import Scene

HEADS_FROM = 9.0  # px of pitch: one arrowhead a step, below that every few steps
MANY_POINTS = 40


def plot_scale(geometry: Geometry, scene: Scene) -> LogScale:
    """Where a share is drawn: the same in every column."""
    area = geometry.plot
    inset = 5 * geometry.scale
    return LogScale(scene.low, scene.high, area.top() + inset, area.bottom() - inset)


def draw_grid(brush: Brush) -> None:
    """Paper, a hairline for every decade, the threshold dashed."""
    painter, look, geometry, scene = brush.painter, brush.look, brush.geometry, brush.scene
    theme, area, scale = look.theme, geometry.plot, plot_scale(geometry, scene)
    painter.fillRect(area, theme.panel)
    for decade in scale.ticks(look.px(16)):
        draw_rule(painter, area.left(), area.right(), float(scale.y(decade)), QPen(theme.line, 1))
    dashed = QPen(theme.ink2, 1)
    dashed.setDashPattern([4, 3])
    draw_rule(painter, area.left(), area.right(), float(scale.y(np.log10(scene.threshold))), dashed)


def draw_curves(brush: Brush) -> None:
    """The other models thin, this one thick with arrowheads where its gradient flows."""
    look, scene = brush.look, brush.scene
    scale = plot_scale(brush.geometry, scene)
    _draw_band(brush, scale)
    for index in brush.others:
        _draw_share(brush, scale, scene.shares[index], QPen(brush.thin, 1.0), heads=0.0)
    pen = QPen(look.theme.grad, look.px(2.2), c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin)
    _draw_share(brush, scale, scene.shares[brush.index], pen, heads=look.px(4.6))
    _mark_floor(brush, scale, pen)
    _name_others(brush, scale)


def _draw_band(brush: Brush, scale: LogScale) -> None:
    """From the smallest to the largest share over the seeds."""
    band = brush.scene.bands[brush.index]
    if band is None or not brush.scene.loss_step:
        return
    span = brush.scene.span(brush.index)
    xs = brush.geometry.left + (np.arange(brush.scene.length)[span] + 0.5) * brush.geometry.pitch
    low, high = (scale.y(np.maximum(edge[span], scale.low)) for edge in band)
    outline = polygon(np.concatenate([xs, xs[::-1]]), np.concatenate([high, low[::-1]]))
    brush.painter.setPen(Qt.PenStyle.NoPen)
    brush.painter.setBrush(brush.look.theme.faded("grad", BAND))
    brush.painter.drawPolygon(outline)


def _mark_floor(brush: Brush, scale: LogScale, pen: QPen) -> None:
    """Dots along the bottom where less arrives than the scale shows."""
    span, share = brush.scene.span(brush.index), brush.scene.shares[brush.index]
    below = np.arange(len(share))[span][share[span] < scale.low - 1e-9]
    if below.size:
        dotted = QPen(pen.color(), pen.widthF(), Qt.PenStyle.DotLine)
        geometry, y = brush.geometry, scale.bottom
        brush.painter.setPen(dotted)
        for run in np.split(below, np.flatnonzero(np.diff(below) > 1) + 1):
            ends = geometry.left_of(int(run[0]) + 1), geometry.left_of(int(run[-1]) + 2)
            brush.painter.drawLine(QPointF(ends[0], y), QPointF(ends[1], y))


def _draw_share(brush: Brush, scale: LogScale, share: NDArray[np.float64], pen: QPen, *, heads: float) -> None:
    geometry, rows = brush.geometry, np.arange(len(share))
    if len(share) > 2 * geometry.width:  # more steps than pixels: the highest of each stretch
        starts = np.linspace(0, len(share), int(geometry.width), endpoint=False).astype(int)
        share, rows = np.maximum.reduceat(share, starts), starts
    xs = geometry.left + (rows + 0.5) * geometry.pitch
    with np.errstate(invalid="ignore"):
        ys = np.where(np.isfinite(share) & (share >= scale.low - 1e-9), scale.y(share), np.nan)
    draw_curve(brush.painter, geometry.plot, xs, ys, pen)
    if heads:
        stride = max(1, int(np.ceil(brush.look.px(HEADS_FROM) / max(1e-6, geometry.pitch))))
        chosen = rows % stride == (brush.scene.loss_step - 1) % stride
        draw_heads(brush.painter, xs[chosen], ys[chosen], heads, pen.color(), left=not brush.scene.ahead(brush.index))


def draw_curve(painter: QPainter, area: QRectF, xs: NDArray, ys: NDArray, pen: QPen) -> None:
    """A line with gaps where a number is missing; a thick one of many points is drawn pixel column by pixel column."""
    if len(xs) < MANY_POINTS or pen.widthF() <= 1.0:  # lines of one pixel are quick by themselves
        draw_line(painter, xs, ys, pen)
        return
    for run in finite_runs(ys):
        draw_course(painter, area, xs[run], ys[run], pen)


def _name_others(brush: Brush, scale: LogScale) -> None:
    """The other models' names at the far ends of their lines, where they do not cover one another."""
    painter, look, geometry, scene = brush.painter, brush.look, brush.geometry, brush.scene
    painter.setFont(look.font("small"))
    height = QFontMetricsF(painter.font()).height()
    own, end = scene.shares[brush.index], -1 if scene.ahead(brush.index) else 0
    taken = [float(scale.y(own[end]))] if len(own) and np.isfinite(own[end]) else []
    for index in brush.others:
        share = scene.shares[index]
        if not len(share) or not np.isfinite(share[end]) or share[end] < scale.low:
            continue
        y = float(scale.y(share[end]))
        top = y - height - 1 if y - height > geometry.plot.top() else y + 1
        if any(abs(top + height / 2 - other) < height * 0.75 for other in taken):
            continue
        taken.append(top + height / 2)
        words = scene.titles[index]
        width = QFontMetricsF(painter.font()).horizontalAdvance(words)
        left = geometry.left + (look.px(3) if end == 0 else geometry.width - width - look.px(3))
        room = QRectF(left, top, width, height)
        painter.fillRect(room, look.theme.faded("panel", 0.75))
        painter.setPen(look.theme.ink2)
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)


def draw_ticks(brush: Brush, right: float) -> None:
    """The labels of the shares, right-aligned at ``right`` (first column only)."""
    scale = plot_scale(brush.geometry, brush.scene)
    painter, look = brush.painter, brush.look
    painter.setFont(look.font("small"))
    painter.setPen(look.theme.ink2)
    height = QFontMetricsF(painter.font()).height()
    for decade in scale.ticks(look.px(16)):
        target = QRectF(0, float(scale.y(decade)) - height / 2, right, height)
        painter.drawText(target, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, share_text(decade))
