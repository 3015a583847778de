"""The line above the stage: what is folded, what is unrolled, the zoom switch and the legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QRectF
from PySide6.QtGui import QPen

from rnnviz.view.facts import chains_of
from rnnviz.view.heat import draw_heat, heat_image
from rnnviz.view.look import MINUS
from rnnviz.view.stage import shapes

if TYPE_CHECKING:
    from PySide6.QtGui import QImage, QPainter

    from rnnviz.view.look import Look
    from rnnviz.view.stage.frame import Frame

ZOOMS = (("far", "Far"), ("steps", "Steps"), ("inside", "Inside"))
SENTENCE = "the same cell and the same three matrices, once per step"
OF_SEVERAL = "every chain uses its own matrices again at every step"
_SEGMENT = 61.0
FEEDING = 252.0


def zoom_rects(frame: Frame, *, inside: bool = False) -> dict[str, QRectF]:
    """The three segments of the zoom switch by name; at the right end while inside a cell."""
    layout = frame.layout
    width, height = layout.px(_SEGMENT), layout.px(24)
    if inside:
        left = layout.width - layout.px(20) - 3 * width
        return {name: QRectF(left + i * width, layout.px(14), width, height) for i, (name, _) in enumerate(ZOOMS)}
    left = layout.width - layout.px(409) - 3 * width
    if left < title_end(frame, sentence=not frame.feeds_back) + (layout.px(FEEDING) if frame.feeds_back else 0):
        left = max(title_end(frame, sentence=False), layout.width - 3 * width - layout.px(200))
    top = layout.header - height / 2
    return {name: QRectF(left + index * width, top, width, height) for index, (name, _) in enumerate(ZOOMS)}


def feeding_rect(frame: Frame) -> QRectF:
    """Where the switch between wanted and own outputs stands: in the place of the sentence, if there is room."""
    layout = frame.layout
    left = title_end(frame, sentence=False)
    width = min(layout.px(FEEDING), zoom_rects(frame)["far"].left() - layout.px(12) - left)
    return QRectF(left, layout.header - layout.px(13), width, layout.px(26))


def sentence_of(frame: Frame) -> str:
    """What all copies share: three matrices in a network of one chain, else those of each chain."""
    return SENTENCE if len(chains_of(frame.trace)) < 2 else OF_SEVERAL


def title_end(frame: Frame, *, sentence: bool = True) -> float:
    """Where the title at the left ends."""
    start = frame.axis.gutter
    start += frame.labels.width("strong", "Unrolled")
    if sentence:
        start += frame.layout.px(10) + frame.labels.width("label", sentence_of(frame))
    return start + frame.layout.px(14)


def paint_header(painter: QPainter, frame: Frame, zoom: str, legend: QImage) -> None:
    """Titles, switch, legend; what does not fit is left out from the right."""
    layout, theme, labels = frame.layout, frame.theme, frame.labels
    y = layout.header
    labels.draw(painter, layout.px(20), y, "Folded", "strong", theme.ink2, align=0.0)
    segments = zoom_rects(frame)
    left = segments["far"].left()
    x = frame.axis.gutter
    labels.draw(painter, x, y, "Unrolled", "strong", theme.ink2, align=0.0)
    if title_end(frame) <= left and not frame.feeds_back:
        x += labels.width("strong", "Unrolled") + layout.px(10)
        labels.draw(painter, x, y, sentence_of(frame), "label", theme.ink2, align=0.0)
    paint_zoom(painter, frame, zoom)
    x = segments["inside"].right() + layout.px(34)
    if layout.width - x > layout.px(330):
        _arrows(painter, frame, x)
    paint_scale(painter, frame, layout.width - layout.px(155), y, legend)


def paint_zoom(painter: QPainter, frame: Frame, zoom: str, *, inside: bool = False) -> None:
    """Far | Steps | Inside."""
    layout, theme = frame.layout, frame.theme
    segments = zoom_rects(frame, inside=inside)
    whole = segments["far"].united(segments["inside"])
    edge = layout.px(1.5)
    shapes.box(
        painter, whole.adjusted(-edge, -edge, edge, edge), layout.px(7), QPen(theme.line, layout.px(1)), theme.raised
    )
    for name, title in ZOOMS:
        rect = segments[name]
        chosen = name == zoom
        if chosen:
            shapes.box(painter, rect.adjusted(edge, edge, -edge, -edge), layout.px(5), None, theme.ink)
        elif frame.hover.kind == "zoom" and frame.hover.name == name:
            shapes.box(painter, rect.adjusted(edge, edge, -edge, -edge), layout.px(5), None, theme.line)
        colour = theme.panel if chosen else theme.ink2
        frame.labels.draw(painter, rect.center().x(), rect.center().y(), title, "label*" if chosen else "label", colour)


def _arrows(painter: QPainter, frame: Frame, x: float) -> None:
    layout, theme, y = frame.layout, frame.theme, frame.layout.header
    painter.setPen(QPen(theme.ink, layout.px(1.6)))
    painter.drawLine(QLineF(x, y, x + layout.px(20), y))
    shapes.arrow_right(painter, x + layout.px(26), y, layout.px(8), theme.ink)
    frame.labels.draw(painter, x + layout.px(33), y, "forward", "label", theme.ink2, align=0.0)
    x += layout.px(43) + frame.labels.width("label", "forward")
    painter.setPen(QPen(theme.grad, layout.px(3)))
    painter.drawLine(QLineF(x + layout.px(6), y, x + layout.px(27), y))
    shapes.arrow_left(painter, x, y, layout.px(9), theme.grad)
    frame.labels.draw(painter, x + layout.px(34), y, "gradient", "label*", theme.grad, align=0.0)


def paint_scale(painter: QPainter, frame: Frame, left: float, y: float, legend: QImage) -> None:
    """−1 [ramp] +1, and the wider limit of c where there is one."""
    layout, theme = frame.layout, frame.theme
    frame.labels.draw(painter, left - layout.px(5), y, f"{MINUS}1", "small*", theme.neg, align=1.0)
    ramp = QRectF(round(left), round(y - layout.px(5)), round(layout.px(90)),
                  round(layout.px(10)))  # fmt: skip
    draw_heat(painter, ramp, legend)
    shapes.box(painter, ramp, 0, QPen(theme.line2, 1), None)
    right = ramp.right() + layout.px(5)
    frame.labels.draw(painter, right, y, "+1", "small*", theme.pos, align=0.0)
    if frame.images and frame.images.cell_level != 1.0 and frame.layer(layout.top_row.name):
        layer = frame.layer(layout.top_row.name)
        if layer is not None and len(layer.parts) > 1:
            text = f"c ±{frame.images.cell_level:g}"
            frame.labels.draw(painter, right + layout.px(20), y, text, "small", theme.ink2, align=0.0)


def legend_image(look: Look, kind: str = "signed") -> QImage:
    """The ramp of a map, low to high, one pixel high."""
    import numpy as np

    return heat_image(np.linspace(-1, 1, 181)[None, :], np.asarray(look.lut(kind)), -1, 1)
