"""The scrubber: the cursor on the time axis, filled from the left, or from the right in backward mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from rnnviz.view.facts import is_backward, unknown_words
from rnnviz.view.marks import draw_dots

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPaintEvent

    from rnnviz.session.session import Session
    from rnnviz.view.look import Look
    from rnnviz.view.time_axis import TimeAxis

MARGIN = 24
TICK_ROOM = 9


class Scrubber(QWidget):
    """Below the columns while the whole text fits on screen; else it maps the whole text to its own width."""

    def __init__(self, *, session: Session, axis: TimeAxis, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session, self._axis, self._look = session, axis, look
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName("Time step")
        self._ticks: tuple[tuple[object, ...], QPixmap] | None = None
        for signal in (axis.changed, look.changed, session.time_step_changed, session.trace_changed,
                       session.direction_changed, session.loss_step_changed, session.gradients_changed):  # fmt: skip
            signal.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Redraw; hidden it does nothing."""
        if self.isVisible():
            self.update()

    # ---- geometry --------------------------------------------------------------------------

    @property
    def _fits(self) -> bool:
        """True when every step has its place on screen, so that thumb and column stay in line."""
        axis = self._axis
        room = self.x() + self.width() - self._look.px(9)
        return axis.scroll == 0 and axis.x_of(axis.length) <= min(room, axis.width)

    def x_of(self, step: int) -> float:
        """Where ``step`` lies on the line, in this widget's pixels."""
        axis = self._axis
        if self._fits:
            return axis.x_of(step) - self.x()
        left, right = self._ends()
        return left + (step - 1) / max(1, axis.length - 1) * (right - left)

    def _ends(self) -> tuple[float, float]:
        left = self._axis.gutter - self.x() + self._look.px(MARGIN)
        return left, min(self.width(), self._axis.width - self.x()) - self._look.px(MARGIN)

    def step_at(self, x: float) -> int:
        """The step whose place is nearest to ``x``."""
        length = self._axis.length
        if not length:
            return 0
        first, last = self.x_of(1), self.x_of(length)
        share = (x - first) / (last - first) if last > first else 0.0
        return min(length, max(1, round(1 + share * (length - 1))))

    # ---- painting --------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Line, fill, ticks, thumb, flag."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            length = self._axis.length
            if not length:
                return
            middle = self.height() / 2
            backward = is_backward(self._session)
            colour = self._look.theme.grad if backward else self._look.theme.ink
            self._paint_line(painter, middle, backward, colour)
            self._paint_ticks(painter, middle)
            if not self._fits:
                self._paint_ends(painter, middle)
            step = self._session.time_step
            x = self.x_of(step) if step else self.x_of(1)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawEllipse(QPointF(x, middle), self._look.px(8.5), self._look.px(8.5))
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(colour, 2))
                painter.drawEllipse(QPointF(x, middle), self._look.px(12), self._look.px(12))
            self._paint_flag(painter, x, middle, f"t = {step} of {length}{unknown_words(self._session)}", colour)

    def _paint_line(self, painter: QPainter, middle: float, backward: bool, colour: QColor) -> None:
        theme, px, session = self._look.theme, self._look.px, self._session
        first, last = self.x_of(1), self.x_of(self._axis.length)
        here = self.x_of(max(1, session.time_step))
        start, end = (here, self.x_of(session.effective_loss_step or self._axis.length)) if backward else (first, here)
        round_end = Qt.PenCapStyle.RoundCap
        painter.setPen(QPen(theme.line2, px(3), Qt.PenStyle.SolidLine, round_end))
        painter.drawLine(QPointF(first, middle), QPointF(last, middle))
        painter.setPen(QPen(colour, px(4), Qt.PenStyle.SolidLine, round_end))
        painter.drawLine(QPointF(start, middle), QPointF(max(start, end), middle))

    def _paint_ticks(self, painter: QPainter, middle: float) -> None:
        """The ticks are kept as a picture: a hundred circles would cost more than all else here."""
        length, ratio = self._axis.length, self.devicePixelRatioF()
        key = (self.width(), self.height(), length, self.x_of(1), self.x_of(length), self._look.theme.name,
               self._look.scale, ratio)  # fmt: skip
        if self._ticks is None or self._ticks[0] != key:
            picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            with QPainter(picture) as inner:
                inner.setRenderHint(QPainter.RenderHint.Antialiasing)
                self._draw_ticks(inner, middle)
            self._ticks = (key, picture)
        painter.drawPixmap(0, 0, self._ticks[1])

    def _draw_ticks(self, painter: QPainter, middle: float) -> None:
        length, theme = self._axis.length, self._look.theme
        gap = (self.x_of(length) - self.x_of(1)) / max(1, length - 1)
        every = max(1, round(self._look.px(TICK_ROOM) / max(gap, 1e-6) + 0.5)) if gap < self._look.px(TICK_ROOM) else 1
        if every > 10:
            return
        xs = self.x_of(1) + gap * np.arange(0, length, every)
        draw_dots(painter, xs, np.full(len(xs), middle), self._look.px(2.5), QPen(theme.ink2, 1), theme.panel)

    def _paint_ends(self, painter: QPainter, middle: float) -> None:
        """Out of line with the columns it says its own scale: the first and the last step below the ends."""
        painter.setFont(self._look.font("tick"))
        painter.setPen(self._look.theme.ink2)
        top, size = middle + self._look.px(9), self._look.px(60)
        for step in {1, self._axis.length}:
            box = QRectF(self.x_of(step) - size / 2, top, size, self._look.px(14))
            painter.drawText(box, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, f"{step:,}")

    def _paint_flag(self, painter: QPainter, x: float, middle: float, text: str, colour: QColor) -> None:
        px, font = self._look.px, self._look.font("strong")
        metrics = QFontMetricsF(font)
        width, height = metrics.horizontalAdvance(text) + px(14), px(18)
        left = min(max(x - width / 2, 1.0), self.width() - width - 1)
        box = QRectF(left, middle - px(11) - height, width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawRoundedRect(box, px(4), px(4))
        painter.setPen(self._look.theme.panel)
        painter.setFont(font)
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)

    # ---- acts ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the step under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._session.move_to(self.step_at(event.position().x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._session.move_to(self.step_at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left, right, page keys, Home and End move the cursor."""
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_PageUp: 10, Qt.Key.Key_PageDown: -10}
        length, step = self._axis.length, self._session.time_step
        if event.key() in moves:
            step += moves[Qt.Key(event.key())]
        elif event.key() == Qt.Key.Key_Home:
            step = 1
        elif event.key() == Qt.Key.Key_End:
            step = length
        else:
            super().keyPressEvent(event)
            return
        self._session.move_to(min(length, max(0, step)))
