"""Below the columns: what went into the selected unit's gates, what it does in words, and the legends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPen

from rnnviz.view import math_text
from rnnviz.view.heat import draw_heat
from rnnviz.view.layer_names import ahead, primed
from rnnviz.view.look import MINUS, number, signed
from rnnviz.view.stage import shapes

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QImage, QPainter

    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.inside_columns import Inside, Parts
    from rnnviz.view.stage.inside_layout import InsideLayout

_LINES = (("W_{x·} x_t", "wx", "W_xh"), ("W_{h·} h_{t-1}", "wh", "W_hh"), ("b", "ink2", ""))


def paint_parts(
    painter: QPainter, frame: Frame, layout: InsideLayout, content: Inside, unit: int,
    waiting: frozenset[int] = frozenset(),
) -> None:  # fmt: skip
    """σ, the three parts and their sum below every gate; ``waiting`` columns have none yet."""
    gated = [(index, column.parts) for index, column in enumerate(content.columns) if column.parts is not None]
    if not gated:
        return
    last = layout.column_x(gated[-1][0]) + layout.width / 2 + layout.px(16)
    _rails(painter, frame, layout, last, reverse=content.reverse)
    x = layout.column_x(0) - layout.width / 2
    if gated[0][0] > 0 and not layout.compact:
        frame.labels.draw(painter, x + layout.px(4), layout.part_y(0) - layout.px(7), "before the gate,", "small",
                          frame.theme.ink2, align=0.0)  # fmt: skip
        frame.labels.draw(painter, x + layout.px(4), layout.part_y(0) + layout.px(8), f"unit {unit + 1}", "small*",
                          frame.theme.ink2, align=0.0)  # fmt: skip
    for index, parts in gated:
        if index not in waiting:
            _stack(painter, frame, layout, layout.column_x(index), parts, unit)


def _rails(painter: QPainter, frame: Frame, layout: InsideLayout, right: float, *, reverse: bool) -> None:
    left = layout.column_x(0) - layout.width / 2
    font = frame.look.font("maths" if not layout.compact else "maths_small")
    for line, (markup, token, rail) in enumerate(_LINES, start=1):
        colour = getattr(frame.theme, token)
        y = layout.part_y(line)
        label = markup
        if frame.wiring.decodes(frame.time_step):
            label = primed(math_text.notation().translate(markup))
        label = ahead(label) if reverse else label
        x = left - layout.px(8) - math_text.width(label, font)
        math_text.paint(painter, x, y + layout.px(5), label, font, colour)
        if rail:
            painter.setPen(shapes.dashed(colour, layout.px(1.5), shapes.RAIL_DASHES[rail], layout.scale))
            painter.drawLine(QLineF(left - layout.px(2), y, right, y))


def _stack(painter: QPainter, frame: Frame, layout: InsideLayout, x: float, parts: Parts, unit: int) -> None:
    theme = frame.theme
    painter.setPen(QPen(theme.ink, layout.px(1.4)))
    painter.drawLine(QLineF(x, layout.rows_bottom + layout.px(6), x, layout.part_y(4)))
    shapes.arrow_up(painter, x, layout.rows_bottom + layout.px(1), layout.px(8), theme.ink)
    wide = min(layout.px(62), layout.spacing * 0.66)
    high = min(layout.px(26), layout.part_step * 0.82)
    _pill(painter, frame, layout, x, layout.part_y(0), (wide, high * 1.05), parts.function, theme.ink, high / 2)
    values = (parts.input, parts.recurrent, parts.bias)
    for line, (value, (_, token, _rail)) in enumerate(zip(values, _LINES, strict=True), start=1):
        colour = getattr(theme, token)
        _pill(
            painter,
            frame,
            layout,
            x,
            layout.part_y(line),
            (wide, high),
            signed(float(value[unit])),
            colour,
            layout.px(5),
        )
    if parts.gated_by:
        text = f"{parts.gated_by} ⊙"
        font = frame.look.font("maths_small")
        math_text.paint(painter, x - wide / 2 - math_text.width(text, font) - layout.px(4),
                        layout.part_y(2) - layout.px(4), text, font, theme.ink2)  # fmt: skip
    total = QRectF(x - wide * 0.87, layout.part_y(4) - high / 2, wide * 1.74, high)
    shapes.box(painter, total, layout.px(5), None, theme.raised)
    frame.labels.draw(painter, x, layout.part_y(4), f"sum {number(float(parts.total[unit]))}", "number", theme.ink)


def _pill(
    painter: QPainter, frame: Frame, layout: InsideLayout, x: float, y: float, size: tuple[float, float], text: str,
    border: QColor, radius: float,
) -> None:  # fmt: skip
    width, height = size
    rect = QRectF(x - width / 2, y - height / 2, width, height)
    shapes.box(painter, rect, radius, QPen(border, layout.px(1.5)), frame.theme.panel)
    role = "number" if text[:1] in f"+{MINUS}0123456789–" else "button"
    frame.labels.draw(painter, x, y, text, role, frame.theme.ink)


def paint_words(
    painter: QPainter, frame: Frame, layout: InsideLayout, content: Inside, unit: int, words: list[str],
    legends: tuple[QImage, QImage],
) -> None:  # fmt: skip
    """The unit's doing in sentences, and the two maps."""
    theme = frame.theme
    left = layout.card.right() - layout.px(212)
    gated = [index for index, column in enumerate(content.columns) if column.parts is not None]
    y = max(layout.rows_bottom + layout.px(32), layout.part_y(0))
    if not gated:
        left = layout.column_x(len(content.columns) - 1) + layout.width / 2 + layout.px(70)
        y = layout.rows_top + layout.px(12)
    elif layout.column_x(gated[-1]) + layout.width / 2 + layout.px(8) > left:
        return
    if layout.card.bottom() - y < layout.px(60):
        return
    frame.labels.draw(painter, left, y, f"Unit {unit + 1} in words", "strong", theme.ink, align=0.0)
    for index, sentence in enumerate(words, start=1):
        frame.labels.draw(painter, left, y + layout.px(4 + 21 * index), sentence, "label", theme.ink2, align=0.0)
    y += layout.px(21 * len(words) + 46)
    if y + layout.px(30) > layout.card.bottom():
        return
    level = frame.images.cell_level if frame.images else 1.0
    has_cell = any(column.kind == "cell" for column in content.columns)
    signed_words = f"signed (c: ±{level:g})" if has_cell else "signed"
    _legend(painter, frame, layout, left, y, (f"{MINUS}1", "+1"), signed_words, legends[0])
    if gated:
        _legend(painter, frame, layout, left, y + layout.px(22), ("0", "1"), "gate", legends[1])


def _legend(
    painter: QPainter, frame: Frame, layout: InsideLayout, left: float, y: float, ends: tuple[str, str], text: str,
    image: QImage,
) -> None:  # fmt: skip
    theme = frame.theme
    colours = (theme.neg, theme.pos) if ends[0] != "0" else (theme.ink2, theme.ink2)
    frame.labels.draw(painter, left + layout.px(14), y, ends[0], "small", colours[0], align=1.0)
    rect = QRectF(round(left + layout.px(18)), round(y - layout.px(5)), round(layout.px(74)), round(layout.px(10)))
    draw_heat(painter, rect, image)
    shapes.box(painter, rect, 0, QPen(theme.line2, 1), None)
    frame.labels.draw(painter, rect.right() + layout.px(5), y, ends[1], "small", colours[1], align=0.0)
    frame.labels.draw(painter, rect.right() + layout.px(28), y, text, "small", theme.ink2, align=0.0)
