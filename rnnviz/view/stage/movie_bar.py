"""The one bar at the folded cell: every copy that the sweep has passed drops its dW_t into it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPen

from rnnviz.view import math_text
from rnnviz.view.scales import norm_text
from rnnviz.view.stage import shapes
from rnnviz.view.stage.folded_cell import layer_rect
from rnnviz.view.stage.layout import WIDE_GUTTER, Mode
from rnnviz.view.stage.movie import MovieFlow

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPainter

    from rnnviz.service.messages import WeightSum
    from rnnviz.view.stage.frame import Frame

LEAST_HEIGHT = 40.0
TOKENS = {"W_xh": "wx", "W_hh": "wh", "W_hy": "wy", "b": "line2"}
CHANGE = "d\u200a"  # the d of dW, apart from its W, so that a notation with other letters finds it
MARKUP = {"W_xh": "W_{xh}", "W_hh": "W_{hh}", "W_hy": "W_{hy}", "b": "b"}


def passed(weight: WeightSum, time_step: int, source: int, *, rightward: bool, front: int) -> NDArray[np.intp]:
    """The rows of the copies that the sweep from ``source`` has passed at ``time_step``, in the order of the sweep."""
    length = len(weight.log2_norms)
    if rightward:
        return np.arange(0, min(front, length))
    return np.arange(min(source, length) - 1, max(time_step, 1) - 2, -1)


def running_norm(weight: WeightSum, front: int, *, rightward: bool) -> float:
    """``log2`` norm of the vector sum when the sweep has come to ``front`` (in a long text: to a step near it)."""
    place = int(np.searchsorted(weight.steps, front, side="left" if not rightward else "right"))
    place = min(max(place - (1 if rightward else 0), 0), len(weight.steps) - 1)
    return float(weight.log2_running[place])


def lengths(weight: WeightSum, rows: NDArray[np.intp]) -> tuple[NDArray[np.float64], float]:
    """``‖dW_t‖`` of ``rows`` as shares of ``Σ‖dW_t‖`` over all copies, and the log2 of that sum."""
    logs = weight.log2_norms
    top = float(logs.max(initial=-np.inf))
    if not np.isfinite(top):
        return np.zeros(len(rows)), -np.inf
    total = float(np.exp2(logs - top).sum())
    return np.exp2(logs[rows] - top) / total, top + float(np.log2(total))


def paint_bar(painter: QPainter, frame: Frame) -> None:
    """A bar that fills from below while the sweep goes; a mark shows the length of the vector sum."""
    film, layout = frame.movie, frame.layout
    flow = frame.flow(film.layer) if film is not None else None
    if not isinstance(flow, MovieFlow) or film is None or layout.mode is not Mode.FULL or frame.unfold < 1.0:
        return
    roomy = layout.gutter >= layout.px(WIDE_GUTTER)
    left = layout.folded_x + layout.px(52 if roomy else 36)
    top, bottom = layout.top_row.top + layout.px(20), layout.bottom_row.hh - layout.px(26)
    if frame.layer_label:  # the switch of layers stands there
        top = layer_rect(frame).bottom() + layout.px(18)
    if bottom - top < layout.px(LEAST_HEIGHT) or not frame.time_step:
        return
    well = QRectF(round(left), round(top), round(layout.px(12)), round(bottom - top))
    front = min(max(flow.front(frame.time_step), 1), frame.length)
    rows = passed(film.weight, frame.time_step, flow.source, rightward=flow.rightward, front=front)
    shares, total = lengths(film.weight, rows)
    painter.fillRect(well, frame.theme.raised)
    _segments(painter, frame, well, shares)
    colour = getattr(frame.theme, TOKENS[film.weight.key])
    shapes.box(painter, well.adjusted(-1.5, -1.5, 1.5, 1.5), layout.px(3), QPen(colour, layout.px(1.5)), None)
    _name(painter, frame, well, film.weight.key)
    log2 = running_norm(film.weight, front, rightward=flow.rightward)
    if np.isfinite(log2) and np.isfinite(total):
        _mark(painter, frame, well, float(np.exp2(min(0.0, log2 - total))), log2 if roomy else None)


def _name(painter: QPainter, frame: Frame, well: QRectF, key: str) -> None:
    font = frame.look.font("maths_small")
    math_text.paint_kept(
        painter, well.left(), well.top() - frame.layout.px(7), f"∑ {CHANGE}{MARKUP[key]}", font, frame.theme.ink
    )


def _segments(painter: QPainter, frame: Frame, well: QRectF, shares: NDArray[np.float64]) -> None:
    """One piece for each copy, the newest at the top; pieces thinner than 3 px melt together."""
    edges = well.bottom() - np.concatenate(([0.0], np.cumsum(shares))) * well.height()
    painter.fillRect(QRectF(well.left(), edges[-1], well.width(), well.bottom() - edges[-1]), frame.theme.grad)
    painter.setPen(QPen(frame.theme.panel, 1))
    for low, high in zip(edges[1:-1].tolist(), edges[2:].tolist(), strict=True):
        if low - high >= 3:
            painter.drawLine(QLineF(well.left(), round(low) + 0.5, well.right(), round(low) + 0.5))


def _mark(painter: QPainter, frame: Frame, well: QRectF, share: float, log2: float | None) -> None:
    """The length of the vector sum so far: a line across the bar, with its number where the gutter has room."""
    layout, theme = frame.layout, frame.theme
    y = round(well.bottom() - share * well.height()) + 0.5
    painter.setPen(QPen(theme.ink, layout.px(2)))
    painter.drawLine(QLineF(well.left() - layout.px(4), y, well.right() + layout.px(4), y))
    if log2 is not None:
        y = min(max(y, well.top() + layout.px(6)), well.bottom() - layout.px(6))
        for row in layout.rows[1:]:  # the symbol of its state stands above a lower row
            symbol = row.top - layout.px(7)
            y = symbol - layout.px(14) if abs(y - symbol) < layout.px(14) else y
        text = norm_text(log2)
        frame.labels.draw(painter, well.right() + layout.px(8), y, text, "small", theme.ink, align=0.0)
