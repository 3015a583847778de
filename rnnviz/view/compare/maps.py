"""The credit map of a column, its names and legend, and the training curves in its empty corner."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QFontMetricsF, QPen

from rnnviz.view import math_text
from rnnviz.view.compare.curves import draw_curve
from rnnviz.view.compare.scene import share_text
from rnnviz.view.heat import heat_indices, heat_pixels
from rnnviz.view.marks import blit_pixels, draw_legend, draw_line, draw_rule
from rnnviz.view.scales import LOG10_OF_2

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rnnviz.service.chain_choice import Way
    from rnnviz.service.messages import ComparedModel
    from rnnviz.view.compare.pictures import Brush

MAP_LOW = -3.0  # decades: colours from 0.1 % to 100 % of the start


def draw_map(brush: Brush) -> None:
    """Row = whose loss, column = the step it reaches, each row as a share of its own start."""
    painter, look, geometry, model = brush.painter, brush.look, brush.geometry, brush.model
    area, length = geometry.map, brush.scene.length
    if not len(model.rows) or not length or model.credit.shape[1] != length:
        return
    ratio = painter.device().devicePixelRatioF()
    across = np.arange(max(1, round(area.width() * ratio))) * length // max(1, round(area.width() * ratio))
    steps = np.arange(max(1, round(area.height() * ratio))) * length // max(1, round(area.height() * ratio)) + 1
    row = np.minimum(np.searchsorted(model.rows, steps), len(model.rows) - 1)
    own = model.credit[np.arange(len(model.rows)), model.rows - 1]
    credit, columns = model.credit, across
    if length > len(across):  # more steps than pixels: only those that are seen
        credit, columns = credit[:, across], np.arange(len(across))
    with np.errstate(invalid="ignore"):
        shares = credit - own[:, None]
    shares[np.isneginf(own)] = -np.inf  # a step without a loss has no row
    pixels = heat_pixels(
        heat_indices(shares, MAP_LOW / LOG10_OF_2, 0.0), np.asarray(look.lut("gradient")), columns, row,
        hatch=look.theme.ink2, background=look.theme.panel,
    )  # fmt: skip
    keep, edge = _triangle(len(across), len(steps), length, geometry.way)
    pixels &= keep
    pixels.flat[edge] = look.theme.line2.rgba()
    pixels[np.isneginf(own)[row]] = 0
    blit_pixels(painter, area, pixels, ratio)


@lru_cache(maxsize=8)
def _triangle(width: int, height: int, length: int, way: Way) -> tuple[NDArray[np.uint32], NDArray[np.intp]]:
    """A mask of the pixels that some loss reaches, and the places of the staircase's edge; the same for every map."""
    across, steps = np.arange(width) * length // width, np.arange(height) * length // height
    reached = {"left": across[None, :] <= steps[:, None], "right": across[None, :] >= steps[:, None]}
    inside = np.pad(reached.get(way, np.ones((height, width), np.bool_)), 1)
    middle = inside[1:-1, 1:-1]
    edge = middle & ~(inside[:-2, 1:-1] & inside[2:, 1:-1] & inside[1:-1, :-2] & inside[1:-1, 2:])
    keep = np.where(middle, np.uint32(0xFFFFFFFF), np.uint32(0))
    return keep, np.flatnonzero(edge)


def draw_row_names(brush: Brush, right: float) -> None:
    """C₁, C₅, C₁₀ ... and the chosen one, left of the map (first column only)."""
    painter, look, geometry, scene = brush.painter, brush.look, brush.geometry, brush.scene
    font, length = look.font("maths_small"), scene.length
    high = geometry.map.height() / max(1, length)
    stride = next((n for n in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if n * high >= look.px(22)), 1000)
    named = {step for step in range(1, length + 1) if step == 1 or step % max(5, stride) == 0}
    named = {step for step in named if scene.with_loss[step - 1]}
    if scene.loss_step:
        named = {step for step in named if abs(step - scene.loss_step) * high >= look.px(16)} | {scene.loss_step}
    for step in sorted(named):
        words = f"C_{{{step}}}"
        colour = look.theme.grad if step == scene.loss_step else look.theme.ink2
        y = geometry.map.top() + (step - 0.5) * high + look.px(4)
        math_text.paint(painter, right - math_text.width(words, font), y, words, font, colour)


def draw_row_outline(brush: Brush) -> None:
    """The row of the chosen loss."""
    if not brush.scene.loss_step:
        return
    painter, theme = brush.painter, brush.look.theme
    painter.setBrush(Qt.BrushStyle.NoBrush)
    band = brush.geometry.row(brush.scene.loss_step).adjusted(0.5, 0.5, -0.5, -0.5)
    for pen in (QPen(theme.panel, 3.2), QPen(theme.ink, 1.6)):
        painter.setPen(pen)
        painter.drawRect(band)


def draw_map_legend(brush: Brush) -> None:
    """Colours and limits of the map (last column only)."""
    rect, look = brush.geometry.legend, brush.look
    if rect.isEmpty():
        return
    painter = brush.painter
    painter.setFont(look.font("small"))
    painter.setPen(look.theme.ink2)
    words = QRectF(rect.left(), rect.top(), rect.width(), look.px(15))
    painter.drawText(words, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "credit, of own start")
    bar = QRectF(rect.left(), rect.top() + look.px(17), rect.width(), look.px(8))
    draw_legend(painter, look, bar, "gradient", share_text(int(MAP_LOW)), share_text(0))


def draw_losses(brush: Brush) -> None:
    """Training loss of all models on one scale, this column's thick, the blind guess dashed."""
    area = brush.geometry.losses
    if area.isEmpty():
        return
    painter, look, scene = brush.painter, brush.look, brush.scene
    theme, head = look.theme, look.px(17)
    painter.setFont(look.font("small"))
    painter.setPen(theme.ink2)
    title = QRectF(area.left(), area.top(), area.width(), head)
    painter.drawText(title, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "training loss")
    end = f"step {scene.last_step}" if scene.last_step else "not trained yet"
    painter.drawText(title, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, end)
    plot = QRectF(area.left(), area.top() + head, area.width(), area.height() - head)
    painter.fillRect(plot, theme.panel)
    most = min(scene.top_loss, 2.5 * scene.baseline) if scene.baseline else scene.top_loss  # one that explodes leaves
    top = 1.12 * max(most, scene.baseline, 1e-6)
    draw_rule(painter, plot.left(), plot.right(), plot.bottom() - 1, QPen(theme.line, 1))
    if scene.baseline:
        y = plot.bottom() - plot.height() * scene.baseline / top
        dashed = QPen(theme.ink2, 1)
        dashed.setDashPattern([4, 3])
        draw_rule(painter, plot.left(), plot.right(), y, dashed)
        if plot.height() >= look.px(50):
            # Curves begin high and end low: once they are low, the room is under the line at the right.
            newest = max((float(model.losses[-1]) for model in scene.models if len(model.losses)), default=top)
            low = newest < 0.5 * scene.baseline
            label = QRectF(
                plot.left() + look.px(4), y + 1 if low else plot.bottom() - head, plot.width() - look.px(8), head
            )
            side = Qt.AlignmentFlag.AlignRight if low else Qt.AlignmentFlag.AlignLeft
            painter.drawText(label, side | Qt.AlignmentFlag.AlignVCenter, f"dashed: guessing {scene.baseline:.2f}")
    for index in [*brush.others, brush.index]:
        own = index == brush.index
        pen = QPen(theme.ink, look.px(1.8)) if own else QPen(brush.thin, 1.0)
        _draw_loss(brush, plot, scene.models[index], top, pen)


def draw_horizons(brush: Brush) -> None:
    """The memory horizon of all models over training, this column's thick, what the data needs dashed."""
    area = brush.geometry.horizons
    if area.isEmpty() or not brush.scene.loss_step:
        return
    painter, look, scene = brush.painter, brush.look, brush.scene
    theme, head = look.theme, look.px(17)
    painter.setFont(look.font("small"))
    painter.setPen(theme.ink2)
    title = QRectF(area.left(), area.top(), area.width(), head)
    painter.drawText(title, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, "memory horizon")
    plot = QRectF(area.left(), area.top() + head, area.width(), area.height() - head)
    painter.fillRect(plot, theme.panel)
    most = max([1, scene.needed, *(max(model.horizon_course, default=0) for model in scene.models)])
    counted = f"0 to {most} steps {'ahead' if scene.ahead(brush.index) else 'back'}"
    metrics = QFontMetricsF(painter.font())
    if metrics.horizontalAdvance(f"memory horizon  {counted}") <= title.width():
        painter.drawText(title, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, counted)
    draw_rule(painter, plot.left(), plot.right(), plot.bottom() - 1, QPen(theme.line, 1))
    top = 1.12 * most
    if scene.needed:
        y = plot.bottom() - plot.height() * scene.needed / top
        dashed = QPen(theme.ink2, 1)
        dashed.setDashPattern([4, 3])
        draw_rule(painter, plot.left(), plot.right(), y, dashed)
        painter.drawText(QPointF(plot.left() + look.px(4), y + look.px(12)), f"needed: {scene.needed}")
    for index in [*brush.others, brush.index]:
        own = index == brush.index
        _draw_course(
            brush, plot, scene.models[index], top, QPen(theme.grad, look.px(1.8)) if own else QPen(brush.thin, 1)
        )


def _draw_course(brush: Brush, plot: QRectF, model: ComparedModel, top: float, pen: QPen) -> None:
    """Level from each measured training step to the next."""
    if not model.horizon_steps:
        return
    steps = np.array([*model.horizon_steps, max(brush.scene.last_step, model.horizon_steps[-1])], np.float64)
    values = np.array([*model.horizon_course, model.horizon_course[-1]], np.float64)
    xs = plot.left() + plot.width() * steps / max(1, brush.scene.last_step)
    ys = plot.bottom() - 1 - plot.height() * values / top
    draw_line(brush.painter, np.repeat(xs, 2)[1:], np.repeat(ys, 2)[:-1], pen)


def _draw_loss(brush: Brush, plot: QRectF, model: ComparedModel, top: float, pen: QPen) -> None:
    if not len(model.steps):
        return
    xs = plot.left() + plot.width() * np.asarray(model.steps) / max(1, brush.scene.last_step)
    ys = plot.bottom() - plot.height() * np.minimum(np.asarray(model.losses), top) / top
    draw_curve(brush.painter, plot, xs, ys, pen)
    if model.failure:
        end, size = QPointF(float(xs[-1]), float(ys[-1])), brush.look.px(4)
        brush.painter.setPen(QPen(brush.look.theme.err, brush.look.px(1.8)))
        brush.painter.drawLine(end + QPointF(-size, -size), end + QPointF(size, size))
        brush.painter.drawLine(end + QPointF(-size, size), end + QPointF(size, -size))
