"""The gradient track in the lecture hall: share of the start in %, the band of the forgotten, one line, a horizon."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPen

from rnnviz.view.marks import draw_rule
from rnnviz.view.scales import LogScale, percent_text

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from rnnviz.service.messages import LayerFlow
    from rnnviz.view.theme import Theme
    from rnnviz.view.tracks.gradient import GradientTrack

FLOOR = -4  # 0.01 % of the start; lower shares stand on the floor
HIGHEST = 4  # a gradient may also grow on its way: the scale follows up to 10⁴ times its start


def paint_presenter(track: GradientTrack, painter: QPainter, rect: QRectF, flow: LayerFlow) -> None:
    """Draw the norm as a share of its start at the loss, at sizes for the back row."""
    look = track.look
    total = track.log10(track.total(flow))
    start = total[track.loss_step - 1] if track.loss_step else np.nan
    with np.errstate(invalid="ignore"):
        share = total - start
    part, room = _part(track, rect)
    scale = LogScale(FLOOR, _top(share), part.top(), part.bottom() - room * 0.3)
    _ground(track, painter, part, scale)
    painter.save()
    painter.setClipRect(part.adjusted(-look.px(1), -room, 0, room))  # a scrolled curve ends where its ticks stand
    _line(track, painter, part, scale, share)
    x = _horizon(track, flow)
    painter.setPen(QPen(look.theme.grad, look.px(1.6)))
    painter.drawLine(QLineF(x, part.top(), x, part.bottom()))
    painter.restore()


def _part(track: GradientTrack, rect: QRectF) -> tuple[QRectF, float]:
    """Where the curve is drawn, and the room above it."""
    room = QFontMetrics(track.look.font("label")).height() * 0.6
    part = track.plot_rect(rect).adjusted(0, room, 0, -room * 0.4)
    part.setRight(max(part.right(), rect.right()))
    return part, room


def _top(share: np.ndarray) -> float:
    """Where the scale ends, in decades of the start: at 100 %, or half a decade or more above the largest share."""
    most = float(np.max(share, initial=0.0, where=np.isfinite(share)))
    return min(float(HIGHEST), np.ceil(2 * most - 0.01) / 2)


def _ground(track: GradientTrack, painter: QPainter, part: QRectF, scale: LogScale) -> None:
    look, theme = track.look, track.look.theme
    limit = float(scale.y(np.log10(track.session.threshold)))
    painter.fillRect(QRectF(part.left(), limit, part.width(), part.bottom() - limit), theme.raised)
    painter.setFont(look.font("label"))
    for decade in (4, 2, 0, -2, -4):
        if decade > scale.high:
            continue
        y = float(scale.y(decade))
        pen = QPen(theme.line2, max(1.0, look.px(0.8)))
        draw_rule(painter, part.left(), part.right(), y, pen)
        height = painter.fontMetrics().height()
        words = QRectF(0, y - height / 2, part.left() - look.px(8), height)
        painter.setPen(theme.ink2)
        painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, percent_text(10.0**decade))
    pen = QPen(theme.ink2, look.px(0.9))
    pen.setDashPattern([6, 4])
    draw_rule(painter, part.left(), part.right(), limit, pen)


def _line(track: GradientTrack, painter: QPainter, part: QRectF, scale: LogScale, share: np.ndarray) -> None:
    look = track.look
    if track.backward and track.session.time_step:
        reached = np.arange(1, len(share) + 1)
        behind = reached < track.reached if track.leftward else reached > track.reached
        share = np.where(behind, np.nan, share)
    pen = QPen(look.theme.grad, look.px(3.4), c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin)
    track.draw_curve(painter, part, scale, share, pen, heads=look.px(7.5))


def _horizon(track: GradientTrack, flow: LayerFlow) -> float:
    """X of the line behind which the gradient is forgotten."""
    count = track.horizon_steps(flow)
    if track.leftward:
        return track.axis.left_of(track.loss_step - count)
    return track.axis.left_of(track.loss_step + count + 1)


def paint_words(track: GradientTrack, painter: QPainter, rect: QRectF, flow: LayerFlow) -> None:
    """The horizon in words, on a ground of their own: the lines of the cursor must not cross them."""
    look, theme, count = track.look, track.look.theme, track.horizon_steps(flow)
    part, x = _part(track, rect)[0], _horizon(track, flow)
    baseline = part.bottom() - look.px(10)
    painter.setFont(look.font("strong"))
    words = f"memory horizon: {count} step{'s' * (count != 1)}"
    width = painter.fontMetrics().horizontalAdvance(words)
    start = x + look.px(8)
    if start + width > part.right():
        start = max(part.left() + look.px(4), x - look.px(8) - width)
    _on_ground(painter, theme, start, baseline, words, theme.grad)
    painter.setFont(look.font("label"))
    caption = f"below {percent_text(track.session.threshold)}: forgotten"
    length = painter.fontMetrics().horizontalAdvance(caption)
    left = part.right() - length - look.px(8)
    if left > start + width + look.px(16) or left + length < x:
        _on_ground(painter, theme, left, baseline, caption, theme.ink2)


def _on_ground(painter: QPainter, theme: Theme, x: float, baseline: float, words: str, colour: QColor) -> None:
    metrics = painter.fontMetrics()
    box = QRectF(x - 3, baseline - metrics.ascent(), metrics.horizontalAdvance(words) + 6, metrics.height())
    painter.fillRect(box, theme.raised)
    painter.setPen(colour)
    painter.drawText(QPointF(x, baseline), words)
