"""The boundary of an encoder-decoder: left of it the encoder's copies, right of it others with weights of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF
from PySide6.QtGui import QPen, QPolygonF

from rnnviz.view import math_text
from rnnviz.view.layer_names import primed
from rnnviz.view.stage import shapes
from rnnviz.view.stage.layout import Mode

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPainter

    from rnnviz.view.stage.frame import Frame

LONG_DASH = (7.0, 4.0)
OWN = {"W_xh": "W_{xh}", "W_hh": "W_{hh}"}


def tip() -> str:
    """What the line means."""
    return (
        "The last state of the encoder is all that the decoder is given: it is the state that the decoder begins with."
        "\nLeft and right of this line the copies use other weights; each side shares its own.\n"
        + ", ".join(f"{math_text.plain(markup(name, own=False))} ≠ {math_text.plain(markup(name, own=True))}"
                    for name in (*OWN, "b"))
    )  # fmt: skip


def boundary(frame: Frame) -> float:
    """The height line's x: the edge between the last column of the encoder and the first of the decoder."""
    return round(frame.axis.left_of(frame.wiring.switch + 1))


def exists(frame: Frame) -> bool:
    """Whether there is a boundary to draw."""
    return frame.wiring.switch > 0 and frame.unfold >= 1.0


def paint(painter: QPainter, frame: Frame) -> None:
    """The line, and over it the words with the names of the weights of each side."""
    if not exists(frame):
        return
    layout, theme, x = frame.layout, frame.theme, boundary(frame)
    y = layout.caption
    if frame.axis.gutter <= x <= layout.width:
        painter.setPen(shapes.dashed(theme.ink2, layout.px(1.4), LONG_DASH, layout.scale))
        painter.drawLine(QLineF(x, y - layout.px(8), x, layout.chip_bottom + layout.px(4)))
    _encoder(painter, frame, x, y)
    if frame.wiring.switch < frame.length or x < layout.width:
        _decoder(painter, frame, x, y)


def _encoder(painter: QPainter, frame: Frame, x: float, y: float) -> None:
    """Right-aligned at the line; gone when it is scrolled away."""
    layout, labels = frame.layout, frame.labels
    right = min(x - layout.px(9), layout.width - layout.px(9))
    room = right - frame.axis.gutter
    if room < labels.width("strong", "encoder"):
        return
    labels.draw(painter, right, y, "encoder", "strong", frame.theme.ink, align=1.0)
    right -= labels.width("strong", "encoder") + layout.px(10)
    _names(painter, frame, right, y, room=right - frame.axis.gutter, own=False)


def _decoder(painter: QPainter, frame: Frame, x: float, y: float) -> None:
    layout, labels = frame.layout, frame.labels
    left = max(x, frame.axis.gutter) + layout.px(9)
    width = labels.width("strong", "decoder")
    if left + width > layout.width:
        return
    labels.draw(painter, left, y, "decoder", "strong", frame.theme.ink, align=0.0)
    left += width + layout.px(10)
    _names(painter, frame, left, y, room=layout.width - left, own=True)


def _names(painter: QPainter, frame: Frame, x: float, y: float, *, room: float, own: bool) -> None:
    """The knots of one side and the names of its two matrices; ``x`` is the edge next to the word."""
    layout, font = frame.layout, frame.look.font("maths_small")
    parts = [(name, markup(name, own=own)) for name in OWN]
    widths = [layout.px(11) + math_text.width(text, font) + layout.px(9) for _, text in parts]
    if sum(widths) > room or layout.mode is Mode.PRESENTER:
        return
    left = x if own else x - sum(widths)
    for (name, text), width in zip(parts, widths, strict=True):
        colour = getattr(frame.theme, shapes.RAIL_TOKENS[name])
        knot(painter, left + layout.px(4), y, layout.px(3.6), colour, None, own=own)
        math_text.paint(painter, left + layout.px(11), y + layout.px(4.5), text, font, colour)
        left += width


def markup(name: str, *, own: bool) -> str:
    """The name of a matrix or bias in the notation in use; primed where it is the decoder's own."""
    label, _, _ = math_text.notation().translate(OWN.get(name, name)).partition(" (")
    return primed(label) if own else label


def knot(
    painter: QPainter, x: float, y: float, radius: float, colour: QColor, hollow: QColor | None, *, own: bool
) -> None:
    """A knot of a rail: round for the shared set of weights, a diamond for those of the decoder."""
    if not own:
        shapes.knot(painter, x, y, radius, colour, hollow)
        return
    if hollow is None:
        painter.setPen(QPen(colour, radius * 0.2))
        painter.setBrush(colour)
    else:
        radius *= 0.9
        painter.setPen(QPen(colour, radius * 0.34))
        painter.setBrush(hollow)
    radius *= 1.22
    painter.drawPolygon(QPolygonF([QPointF(x - radius, y), QPointF(x, y - radius), QPointF(x + radius, y),
                                   QPointF(x, y + radius)]))  # fmt: skip
