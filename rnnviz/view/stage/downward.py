"""The gradient on its way down: from the outputs into the chains of a layer, and from every layer to the one below.

An arrow into a copy is drawn when the sweep has reached that copy; in a lower layer of both directions the losses come
to every step, so each chain is swept from its own end. In the film it is as wide as what comes down there.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt

from rnnviz.view.stage import chains, shapes
from rnnviz.view.stage.gradient_arrows import arrow_width
from rnnviz.view.stage.layout import JOIN
from rnnviz.view.stage.movie import MovieFlow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter

    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.layout import RowBand

PLAIN = 2.0  # design px of an arrow that has no number
HEAD = 7.0
BRANCH = 2.4


def paint_between(painter: QPainter, frame: Frame, steps: Sequence[int]) -> None:
    """From the states of a layer into the chains of the one below, in every column that the sweep has reached."""
    for below, above in pairwise(chains.groups(frame)):
        paint_into(painter, frame, below, steps, above[0].bottom + frame.layout.px(1), HEAD)


def paint_into(
    painter: QPainter, frame: Frame, rows: Sequence[RowBand], steps: Sequence[int], start: float, head: float
) -> None:
    """From the height ``start`` into the chains ``rows`` of one layer, the lower one first."""
    rects: list[QRectF] = []
    tips: list[tuple[float, float, float]] = []
    for step in steps:
        widths = [arriving(frame, row.name, step) for row in rows]
        if any(widths):
            _column(frame, rows, frame.x(step), start, (widths, min(frame.layout.px(head), frame.layout.pitch * 0.6)),
                    rects, tips)  # fmt: skip
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(frame.theme.grad)
    painter.drawRects(rects)
    for x, y, size in tips:
        shapes.arrow_down(painter, x, y, size, frame.theme.grad)


def arriving(frame: Frame, name: str, step: int) -> float:
    """Width in px of the arrow that comes down into one copy; 0 where none does (yet)."""
    flow = frame.flow(name)
    if flow is None or not flow.reached(step, frame.time_step):
        return 0.0
    if not isinstance(flow, MovieFlow):
        return frame.layout.px(PLAIN)
    if not math.isfinite(flow.direct[step - 1]):
        return 0.0
    # Half as wide as an arrow through time of the same norm: there are many of them.
    return frame.layout.px(arrow_width(float(flow.direct_strengths[step - 1])) * 0.5)


def _column(
    frame: Frame, rows: Sequence[RowBand], x: float, start: float, sizes: tuple[list[float], float],
    rects: list[QRectF], tips: list[tuple[float, float, float]],
) -> None:  # fmt: skip
    """The pieces of one column: the trunk to the upper chain, and the branch past it into the lower one."""
    layout, (widths, head) = frame.layout, sizes
    upper, tip = rows[-1], rows[-1].top - layout.px(1)
    fork = upper.top - layout.px(JOIN)
    trunk = max(widths)
    end = tip - head + 1 if widths[-1] else fork
    rects.append(QRectF(x - trunk / 2, start, trunk, max(0.0, end - start)))
    if widths[-1]:
        tips.append((x, tip, head))
    if len(rows) < 2 or not widths[0]:
        return
    # Beside the cell it crosses the states' own arrows: there it stays thin.
    wide, right, low = min(widths[0], layout.px(BRANCH)), x + chains.side(frame), rows[0].top - layout.px(JOIN + 3)
    rects += [
        QRectF(x, fork - wide / 2, right - x, wide),
        QRectF(right - wide / 2, fork - wide / 2, wide, low - fork + wide),
        QRectF(x, low - wide / 2, right - x, wide),
    ]
    tips.append((x, rows[0].top - layout.px(1), layout.px(HEAD)))
