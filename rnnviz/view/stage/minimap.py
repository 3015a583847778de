"""All steps above the inside of one, and the two neighbours at its sides."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPen, QPolygonF

from rnnviz.view import math_text
from rnnviz.view.heat import draw_heat
from rnnviz.view.layer_names import is_reverse
from rnnviz.view.stage import chains, hatch, shapes
from rnnviz.view.stage.inside_layout import minimap_rect
from rnnviz.view.stage.labels import display
from rnnviz.view.stage.squares import GHOST_FILL

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.inside_layout import InsideLayout


def paint(painter: QPainter, frame: Frame) -> None:
    """The far zoom of all steps with the present one framed."""
    layout, theme = frame.layout, frame.theme
    rect = minimap_rect(frame)
    frame.labels.draw(
        painter, layout.px(24), rect.center().y() - layout.px(7), "All steps", "strong", theme.ink, align=0.0
    )
    if rect.left() > layout.px(105):
        frame.labels.draw(painter, layout.px(24), rect.center().y() + layout.px(10), "far zoom", "small", theme.ink2,
                          align=0.0)  # fmt: skip
    if not frame.length:
        return
    right = layout.width - layout.px(20)
    frame.labels.draw(painter, right, layout.px(54), chains.inside_words(frame), "label", theme.ink2, align=1.0)
    _band(painter, frame, rect)
    pitch = rect.width() / frame.length
    if pitch >= layout.px(9):
        for step, token in enumerate(frame.tokens, start=1):
            text = frame.labels.elided("number", display(token), pitch)
            x = rect.left() + (step - 0.5) * pitch
            colour = theme.ink if step == frame.time_step else theme.ink2
            frame.labels.draw(painter, x, rect.bottom() + layout.px(12), text, "number", colour)
    if frame.time_step:
        shapes.box(painter, _present(frame, rect), layout.px(4), QPen(theme.ink, layout.px(2)), None)


def _present(frame: Frame, rect: QRectF) -> QRectF:
    pitch = rect.width() / frame.length
    width = max(frame.layout.px(7), pitch + frame.layout.px(2))
    x = rect.left() + (frame.time_step - 0.5) * pitch
    return QRectF(x - width / 2, rect.top() - frame.layout.px(3), width, rect.height() + frame.layout.px(25))


def paint_presenter(painter: QPainter, frame: Frame) -> None:
    """More steps than a projector can show: all of them as a thin ribbon, the window on show outlined."""
    layout, visible = frame.layout, frame.axis.visible()
    if not layout.ribbon or not len(visible):
        return
    left = round(frame.axis.gutter)
    rect = QRectF(left, round(layout.ribbon), round(layout.width - layout.px(14)) - left, round(layout.px(11)))
    cover = rect.adjusted(-layout.px(4), -layout.px(4), layout.width, layout.px(12))
    painter.fillRect(cover, frame.theme.panel)  # the cursor's outline does not run through another axis
    _band(painter, frame, rect)
    first = max(1.0, (frame.axis.scroll / layout.pitch) + frame.axis.first)
    count = min(frame.length + 1 - first, (frame.axis.width - frame.axis.gutter) / layout.pitch)
    pitch, edge = rect.width() / frame.length, layout.px(1.5)
    window = QRectF(left + (first - 1) * pitch, rect.top(), max(layout.px(4), count * pitch), rect.height())
    shapes.box(painter, window.adjusted(-edge, -edge, edge, edge), layout.px(2), QPen(frame.theme.ink, 2 * edge), None)
    here = left + (frame.time_step - 0.5) * pitch
    if frame.time_step:
        colour = frame.theme.grad if frame.backward else frame.theme.ink
        shapes.arrow_up(painter, here, rect.bottom() + 2.2 * edge, layout.px(7), colour)


def _band(painter: QPainter, frame: Frame, rect: QRectF) -> None:
    layer = frame.layer(frame.chosen or frame.layout.top_row.name)
    if layer is None:
        return
    part = len(layer.parts) - 1
    whole = frame.backward or is_reverse(frame.chosen_row.name)
    cut = frame.valid if whole else min(frame.valid, frame.time_step)
    opacity = painter.opacity()
    for start, stop, alpha in ((0, cut, 1.0), (cut, frame.valid, GHOST_FILL)):
        if start < stop:
            pitch = rect.width() / frame.length
            target = QRectF(round(rect.left() + start * pitch), rect.top(), 0, rect.height())
            target.setRight(round(rect.left() + stop * pitch))
            painter.setOpacity(opacity * alpha)
            image = layer.image(part)
            draw_heat(painter, target, image, QRectF(start, 0, stop - start, image.height()))
            bad = layer.bad(part)
            if bad is not None:
                hatch.paint_bad(painter, target, bad[start:stop].T, frame.theme)
    painter.setOpacity(opacity)
    shapes.box(painter, rect, 0, QPen(frame.theme.line2, 1), None)


def paint_funnel(painter: QPainter, frame: Frame, layout: InsideLayout) -> None:
    """The faint wedge from the present column of the minimap to the card."""
    if not frame.time_step or not frame.length:
        return
    present = _present(frame, minimap_rect(frame))
    painter.setPen(QColor(0, 0, 0, 0))
    painter.setBrush(shapes.blended(frame.theme.ink, frame.theme.bg, 0.05))
    corner = layout.px(16)
    top, bottom = present.bottom(), layout.card.top()
    left, right = layout.card.left() + corner, layout.card.right() - corner
    corners = ((present.left(), top), (present.right(), top), (right, bottom), (left, bottom))
    painter.drawPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))


def paint_neighbours(painter: QPainter, frame: Frame, layout: InsideLayout) -> None:
    """The copies before and after, half out of the picture."""
    theme, card = frame.theme, layout.card
    high = card.adjusted(0, layout.px(20), 0, -layout.px(20))
    width, gap = layout.px(200), layout.px(24)
    before = QRectF(card.left() - gap - width, high.top(), width, high.height())
    after = QRectF(card.right() + gap, high.top(), width, high.height())
    font = frame.look.font("maths_small")
    for step, rect, x in (
        (frame.time_step - 1, before, (card.left() - gap) / 2),
        (frame.time_step + 1, after, (card.right() + gap + frame.layout.width) / 2),
    ):
        if not 1 <= step <= frame.length:
            continue
        on = chains.done(frame, frame.chosen_row, step)
        pen = (
            QPen(theme.line2, layout.px(1.3))
            if on
            else shapes.dashed(theme.line2, layout.px(1.3), (4, 4), layout.scale)
        )
        shapes.box(painter, rect, layout.px(12), pen, theme.panel)
        math_text.paint_centred(painter, x, layout.rows_top - layout.px(10), f"h_{{{step}}}", font, theme.ink2)
        _strip(painter, frame, layout, step, x, on=on)


def _strip(painter: QPainter, frame: Frame, layout: InsideLayout, step: int, x: float, *, on: bool) -> None:
    layer = frame.layer(frame.chosen or frame.layout.top_row.name)
    if layer is None or step > frame.valid:
        return
    colours = layer.colours(len(layer.parts) - 1)[step - 1].tolist()
    opacity = painter.opacity()
    painter.setOpacity(opacity * (1.0 if on else GHOST_FILL))
    for row in range(layout.first, layout.first + layout.rows):
        square = layout.square(0, row)
        painter.fillRect(QRectF(round(x - layout.px(11)), square.top(), round(layout.px(22)), square.height()),
                         QColor.fromRgb(colours[row]))  # fmt: skip
    painter.setOpacity(opacity)
