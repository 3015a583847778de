"""The folded cell in the gutter: the loop with its one-step delay, and the one set of weights as thumbnails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPen

from rnnviz.view import math_text
from rnnviz.view.heat import draw_heat
from rnnviz.view.stage import feedback, shapes
from rnnviz.view.stage.layout import WIDE_GUTTER
from rnnviz.view.stage.rails import rail_y

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from rnnviz.view.stage.frame import Frame


def paint_folded(painter: QPainter, frame: Frame) -> None:
    """The cell as one node with a loop."""
    if frame.unfold <= 0.0 and frame.tokens:
        _composition(painter, frame)
    if frame.simple:
        _simple(painter, frame)
        return
    _stalks(painter, frame)
    _output_box(painter, frame)
    _cell_box(painter, frame)
    _loop(painter, frame)
    _fed_back(painter, frame)
    for name, rect in thumbnail_rects(frame).items():
        _thumbnail(painter, frame, name, rect)
    _gutter_words(painter, frame)
    paint_layer(painter, frame)


def _composition(painter: QPainter, frame: Frame) -> None:
    """Folded: what the loop means, and what unfolding would show."""
    layout, theme = frame.layout, frame.theme
    x = (frame.axis.gutter + layout.width) / 2
    y = (layout.top_row.top + layout.bottom_row.bottom) / 2
    font = frame.labels.font("maths_big", 1.25)
    math_text.paint_centred(painter, x, y - layout.px(6), "h_t = f(h_{t-1}, x_t; θ)", font, theme.ink)
    text = f"one cell, used once for each of the {frame.length} steps"
    if switch := frame.wiring.switch:
        text = f"two cells: the encoder’s, used {switch} times, and the decoder’s, used {frame.length - switch} times"
    frame.labels.draw(painter, x, y + layout.px(28), text, "button", theme.ink2)
    frame.labels.draw(painter, x, y + layout.px(50), "unfold it to see every copy (U)", "label", theme.ink2)


def thumbnail_rects(frame: Frame) -> dict[str, QRectF]:
    """Where the three shared weights are shown, by name."""
    layout = frame.layout
    if frame.simple:
        return {}
    x = layout.folded_x
    row = layout.bottom_row
    side = min(layout.px(52), row.height * 0.32)
    centre = min(row.hh, row.bottom - side / 2 - layout.px(8))
    wide, low = layout.px(26), min(layout.px(11.5), (layout.chip_top - layout.bottom_row.bottom) * 0.32)
    return {
        "W_hy": QRectF(x - wide, rail_y(frame, "W_hy") - low, 2 * wide, 2 * low),
        "W_hh": QRectF(x - side / 2, centre - side / 2, side, side),
        "W_xh": QRectF(x - wide, rail_y(frame, "W_xh") - low, 2 * wide, 2 * low),
    }


def _thumbnail(painter: QPainter, frame: Frame, name: str, rect: QRectF) -> None:
    layout, theme = frame.layout, frame.theme
    lit = frame.hover.kind == "weight" and frame.hover.name == name
    painter.save()
    painter.setOpacity(painter.opacity() * max(0.45, frame.weight_opacity(name)))
    colour = getattr(theme, shapes.RAIL_TOKENS[name])
    shapes.box(painter, rect, layout.px(4), None, theme.panel)
    image = frame.images.thumbnails.get(name) if frame.images else None
    if image is not None:
        inner = rect.adjusted(*(layout.px(d) for d in (2.5, 2.5, -2.5, -2.5)))
        draw_heat(painter, inner, image)
    shapes.box(painter, rect, layout.px(4), QPen(colour, layout.px(3 if lit else 1.8)), None)
    painter.restore()


def _stalks(painter: QPainter, frame: Frame) -> None:
    layout, theme = frame.layout, frame.theme
    x = layout.folded_x
    painter.setPen(QPen(theme.ink, layout.px(1.5)))
    painter.drawLines(
        [
            QLineF(x, layout.output_bottom, x, layout.top_row.top),
            QLineF(x, layout.bottom_row.bottom, x, layout.chip_top),
            QLineF(x, layout.output_top - layout.px(6), x, layout.output_top),
        ]
    )


def _output_box(painter: QPainter, frame: Frame) -> None:
    layout, theme = frame.layout, frame.theme
    x = layout.folded_x
    pen = QPen(theme.line2, layout.px(1.4))
    rect = QRectF(x - layout.px(22), layout.output_top, layout.px(44), layout.output_bottom - layout.output_top)
    shapes.box(painter, rect, layout.px(6), pen, theme.panel)
    font = frame.look.font("maths")
    down = min(layout.px(25), 0.62 * rect.height())  # numbers have lower boxes
    math_text.paint_centred(painter, x, layout.output_top + down, "y_t", font, theme.ink)
    above = min(layout.output_top - layout.px(9), layout.loss + layout.px(5))
    math_text.paint_centred(painter, x, above, "C_t", font, theme.ink)
    chip = QRectF(x - layout.px(24), layout.chip_top, layout.px(48), layout.chip_bottom - layout.chip_top)
    shapes.box(painter, chip, layout.px(7), pen, theme.panel)
    math_text.paint_centred(painter, x, chip.center().y() + layout.px(4), "x_t", font, theme.ink)


def _roomy(frame: Frame) -> bool:
    return frame.layout.gutter >= frame.layout.px(WIDE_GUTTER)


def _cell_rect(frame: Frame) -> QRectF:
    layout = frame.layout
    half = layout.px(36 if _roomy(frame) else 28)
    return QRectF(layout.folded_x - half, layout.top_row.top, 2 * half, layout.bottom_row.bottom - layout.top_row.top)


def _cell_box(painter: QPainter, frame: Frame) -> None:
    layout, theme = frame.layout, frame.theme
    rect = _cell_rect(frame)
    shapes.box(painter, rect, layout.px(9), QPen(theme.ink, layout.px(1.7)), theme.panel)
    top = rect.top()
    room = thumbnail_rects(frame)["W_hh"].top() - top
    font = frame.look.font("maths")
    math_text.paint_centred(
        painter, layout.folded_x, top + min(layout.px(28), room * 0.5 + layout.px(5)), "h_t", font, theme.ink
    )
    layer = frame.layer(layout.bottom_row.name)
    if layer is not None and len(layer.parts) > 1 and room > layout.px(60):
        small = frame.look.font("maths_small")
        math_text.paint_centred(painter, layout.folded_x, top + layout.px(54), "c_t", small, theme.ink2)


def _loop(painter: QPainter, frame: Frame) -> None:
    """Out of the cell, through the black square (one step of delay), back in where W_hh is used."""
    layout, theme = frame.layout, frame.theme
    rect = _cell_rect(frame)
    left = rect.left() - layout.px(34 if _roomy(frame) else 26)
    high = rect.top() + rect.height() * 0.15
    low = thumbnail_rects(frame)["W_hh"].center().y()
    _loop_path(painter, frame, rect.left(), left, high, low)
    middle = (high + low) / 2
    half = layout.px(7)
    painter.fillRect(QRectF(left - half, middle - half, 2 * half, 2 * half), theme.ink)
    y = low + layout.px(17)
    frame.labels.draw(painter, max(layout.px(3), left - layout.px(10)), y, "1 step", "small", theme.ink2, align=0.0)
    frame.labels.draw(painter, max(layout.px(3), left - layout.px(10)), y + layout.px(14), "later", "small", theme.ink2,
                      align=0.0)  # fmt: skip


def _is_fed(frame: Frame) -> bool:
    """Whether the one cell reads its outputs: an encoder, which is what the folded cell shows, reads none."""
    return frame.wiring.feeds and not frame.wiring.switch


def _fed_back(painter: QPainter, frame: Frame) -> None:
    """On the right of the cell: from the side of its y to the side of its x."""
    if not _is_fed(frame):
        return
    layout = frame.layout
    start = QPointF(layout.folded_x + layout.px(22), layout.output_bottom - layout.px(9))
    end = QPointF(layout.folded_x + layout.px(24), (layout.chip_top + layout.chip_bottom) / 2)
    right, delay = _cell_rect(frame).right() + layout.px(5), layout.top_row.top + layout.px(14)
    feedback.paint_loop(painter, frame, start, end, right, delay)


def _loop_path(painter: QPainter, frame: Frame, right: float, left: float, high: float, low: float) -> None:
    layout, theme = frame.layout, frame.theme
    bend = layout.px(9)
    path = QPainterPath(QPointF(right, high))
    path.lineTo(left + bend, high)
    path.quadTo(left, high, left, high + bend)
    path.lineTo(left, low - bend)
    path.quadTo(left, low, left + bend, low)
    path.lineTo(right - layout.px(4), low)
    shapes.box(painter, QRectF(), 0, None, None)
    painter.strokePath(path, QPen(theme.ink, layout.px(1.6)))
    shapes.arrow_right(painter, right, low, layout.px(9), theme.ink)


def _gutter_words(painter: QPainter, frame: Frame) -> None:
    layout, theme = frame.layout, frame.theme
    if frame.axis.first == 0 and frame.tokens and layout.pitch >= layout.px(44):
        x, middle = frame.axis.x_of(0), (layout.chip_top + layout.chip_bottom) / 2
        if frame.axis.left_of(1) > frame.axis.gutter + layout.px(20):
            math_text.paint_centred(
                painter, x, middle + layout.px(5), "h_0 = 0", frame.look.font("maths_small"), theme.ink2
            )
    if _roomy(frame):
        x, middle = layout.px(138), (layout.chip_top + layout.chip_bottom) / 2
        frame.labels.draw(painter, x, middle - layout.px(7), "Text", "strong", theme.ink, align=0.0)
        frame.labels.draw(painter, x, middle + layout.px(9), "click and type", "small", theme.ink2, align=0.0)
    frame.labels.draw(painter, layout.px(20), layout.number, "step", "small", theme.ink2, align=0.0)
    x = layout.px(20) + frame.labels.width("small", "step ")
    math_text.paint(painter, x, layout.number + layout.px(4), "t", frame.look.font("maths_small"), theme.ink2)


def _simple(painter: QPainter, frame: Frame) -> None:
    """First meeting: x in, y out, one loop, and "=" before the copies."""
    layout, theme = frame.layout, frame.theme
    x, row = layout.folded_x, layout.bottom_row
    middle = (layout.top_row.top + row.bottom) / 2
    # Where a track leaves the stage little height, all that stands above and below the middle shrinks alike.
    tall = layout.px(min(1.0, middle / layout.px(190), (layout.height - middle) / layout.px(198)))
    rect = QRectF(x - layout.px(34), middle - 82 * tall, layout.px(68), 164 * tall)
    pen = QPen(theme.ink, layout.px(1.7))
    painter.setPen(pen)
    painter.drawLines(
        [
            QLineF(x, rect.top(), x, rect.top() - 54 * tall),
            QLineF(x, rect.bottom() + 76 * tall, x, rect.bottom() + layout.px(6)),
        ]
    )
    shapes.arrow_up(painter, x, rect.top() - 62 * tall, layout.px(10), theme.ink)
    shapes.arrow_up(painter, x, rect.bottom(), layout.px(10), theme.ink)
    shapes.box(painter, rect, layout.px(12), pen, theme.panel)
    left = x - layout.px(72)
    _loop_path(painter, frame, rect.left(), left, middle - 40 * tall, middle + 40 * tall)
    half = layout.px(7)
    painter.fillRect(QRectF(left - half, middle - half, 2 * half, 2 * half), theme.ink)
    for text, y in (
        ("y", rect.top() - 74 * tall),
        ("h", middle + layout.px(10)),
        ("x", rect.bottom() + 106 * tall),
    ):
        math_text.paint_centred(painter, x, y, text, frame.labels.font("maths_big", 1.3), theme.ink)
    for index, word in enumerate(("one step", "later")):
        place = middle + 40 * tall + layout.px(20 + 17 * index)
        frame.labels.draw(painter, x - layout.px(98), place, word, "button", theme.ink2, align=0.0)
    if _is_fed(frame):
        aside, up = x + layout.px(17), layout.px(6)  # beside the letters, at half their height
        start, end = QPointF(aside, rect.top() - 74 * tall - up), QPointF(aside, rect.bottom() + 106 * tall - up)
        feedback.paint_loop(painter, frame, start, end, rect.right() + layout.px(22), middle)
    if frame.tokens and frame.unfold >= 1.0:
        aside = layout.px(86 if _is_fed(frame) else 70)
        frame.labels.draw(painter, x + aside, middle - layout.px(3), "=", "big", theme.ink3)


def layer_rect(frame: Frame) -> QRectF:
    """The small layer switch under the W_hy label, shown when not all layers fit."""
    layout = frame.layout
    width = frame.labels.width("small", frame.layer_label) + layout.px(14)
    x = min(layout.folded_x + layout.px(42), layout.gutter - width - layout.px(2))
    return QRectF(x, layout.top_row.top + layout.px(6), width, layout.px(22))


def paint_layer(painter: QPainter, frame: Frame) -> None:
    """Which layer is on show, where only one fits."""
    if not frame.layer_label:
        return
    layout, theme = frame.layout, frame.theme
    rect = layer_rect(frame)
    lit = frame.hover.kind == "layer"
    shapes.box(painter, rect, layout.px(5), QPen(theme.ink if lit else theme.line2, layout.px(1)), theme.panel)
    frame.labels.draw(painter, rect.center().x(), rect.center().y(), frame.layer_label, "small", theme.ink)
