"""What the task says of a text that has no loss: in the room of the losses and outputs that do not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QRectF, Qt

from rnnviz.view.stage.layout import Mode

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from rnnviz.view.stage.frame import Frame

LEAST_ROOM = 120.0  # design px; in less nothing can be read
LONGEST = 460.0  # design px of a line


def words(frame: Frame) -> str:
    """The sentences about the text on show; '' where it has a loss, or numbers, which say it beside their curves."""
    trace = frame.trace
    if trace is None or not trace.notes or frame.values is not None or frame.valid < frame.length:
        return ""
    return "" if np.isfinite(trace.loss).any() else " ".join(trace.notes)


def place(frame: Frame) -> QRectF:
    """Above the steps that have no output; where all have one, in the row of the losses."""
    layout, axis, px = frame.layout, frame.axis, frame.layout.px
    left = max(axis.left_of(1), axis.gutter) + px(6)
    if frame.wiring.switch or frame.single_output:
        last = frame.wiring.switch or frame.length - 1
        right = min(axis.left_of(last + 1) - px(14), layout.width, left + px(LONGEST))
        return QRectF(left, layout.output_top, right - left, layout.output_bottom - layout.output_top)
    right, height = min(frame.right, layout.width) - px(6), px(18)
    top = min(layout.loss - height / 2, layout.output_top - height - px(2))
    return QRectF(left, top, right - left, height)


def paint(painter: QPainter, frame: Frame) -> None:
    """The note in small type; cut at the end where there is too little room for all of it."""
    text = words(frame) if frame.layout.mode is not Mode.PRESENTER and frame.unfold >= 1.0 else ""
    if not text:
        return
    rect, look = place(frame), frame.look
    if rect.width() < frame.layout.px(LEAST_ROOM):
        return
    painter.setFont(look.font("small"))
    painter.setPen(frame.theme.ink2)
    if rect.height() < 2 * painter.fontMetrics().height():
        text = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(rect.width()))
    painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, text)
