"""Gradient norm over training steps x time steps: how the reach of the gradient grows while the network learns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QToolTip, QWidget

from rnnviz.view import math_text
from rnnviz.view.heat import block_means, heat_indices, heat_pixels, image_from
from rnnviz.view.marks import blit, draw_tick
from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.same import Same
from rnnviz.view.scales import GrowingLimits, decade_text, decades, norm_text, rows_of_height

if TYPE_CHECKING:
    from PySide6.QtGui import QImage, QMouseEvent, QPaintEvent

    from rnnviz.service.messages import HistoryMapped
    from rnnviz.session.session import Session
    from rnnviz.view.look import Look

DEEPEST = 4  # decades shown below the largest norm
TITLES = ("gradient norm at each time step, while training", "gradient norm at each time step", "gradient norm")
BOTTOM = 38.0  # room for the training steps and the legend, design px


class HistoryMap(QWidget):
    """Columns are training steps, rows time steps; the cursor's row is outlined, dragging scrubs snapshots."""

    scrubbed = Signal(int)

    def __init__(self, *, session: Session, look: Look, left: float) -> None:
        super().__init__()
        self._session, self._look, self._left = session, look, left
        self._limits = GrowingLimits(-1.0, 0.0)
        self._kept: tuple[tuple[object, ...], QImage] | None = None
        self.turn = Turn(self, self.update, weight=PANEL)
        self.setAccessibleName("Gradient norm over training steps and time steps")
        self.setMouseTracking(True)
        self.setMinimumHeight(round(look.px(150)))

    # ---- geometry ---------------------------------------------------------------------------

    def map_rect(self) -> QRectF:
        """Where the map is drawn."""
        left, look = round(self._look.px(self._left)), self._look
        return QRectF(left, round(look.px(18)), self.width() - left - 2, round(self.height() - look.px(18 + BOTTOM)))

    def _history(self) -> HistoryMapped | None:
        history = self._session.history
        return history if history is not None and len(history.steps) and history.log2.size else None

    def _reach(self, history: HistoryMapped) -> float:
        return float(max(1, self._session.training.step, int(history.steps[-1])))

    def levels(self, history: HistoryMapped) -> tuple[int, int]:
        """Whole decades that hold the newest norms, at most four, growing only for one text and model."""
        key = (self._session.run.model, history.log2.shape[1], self._session.text)
        low, high = self._limits.fit(key, [decades(history.log2)], span=DEEPEST)
        return low, high

    # ---- drawing ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Title, map, row and column of the cursor, axes, legend."""
        del event
        look, theme = self._look, self._look.theme
        with self.turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), theme.panel)
            painter.setFont(look.font("small"))
            painter.setPen(theme.ink2)
            history, rect = self._history(), self.map_rect()
            painter.drawText(QPointF(rect.left(), look.px(11)), self._title(painter, self.width() - rect.left()))
            if history is None or rect.width() < 4 or rect.height() < 4:
                painter.drawText(QPointF(rect.left(), rect.top() + look.px(16)), "Fills while the network trains.")
                return
            blit(painter, rect, self._image(history, rect), self.devicePixelRatioF())
            painter.setPen(QPen(theme.line2, 1))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
            self._paint_rows(painter, history, rect)
            self._paint_columns(painter, history, rect)
            self._paint_legend(painter, history, rect)

    @staticmethod
    def _title(painter: QPainter, room: float) -> str:
        """The longest title that fits."""
        metrics = painter.fontMetrics()
        fitting = (words for words in TITLES if metrics.horizontalAdvance(words) <= room)
        return next(fitting, metrics.elidedText(TITLES[-1], Qt.TextElideMode.ElideRight, int(room)))

    def _image(self, history: HistoryMapped, rect: QRectF) -> QImage:
        look, ratio = self._look, self.devicePixelRatioF()
        reach, levels = self._reach(history), self.levels(history)
        key = (Same(history), rect.width(), rect.height(), ratio, reach, levels, look.theme.name)
        if self._kept is None or self._kept[0] != key:
            width, height = max(1, round(rect.width() * ratio)), max(1, round(rect.height() * ratio))
            at = (np.arange(width) + 0.5) / width * reach
            columns = np.searchsorted(history.steps, at, side="right") - 1
            columns[at < history.steps[0]] = -1
            values = decades(history.log2).T
            values = block_means(values, max(1, values.shape[0] // height), 1)
            pixels = heat_pixels(
                heat_indices(values, *levels), np.asarray(look.lut("gradient")), columns,
                rows_of_height(values.shape[0], height), hatch=look.theme.ink2, background=look.theme.panel,
            )  # fmt: skip
            self._kept = (key, image_from(pixels))
        return self._kept[1]

    def _paint_rows(self, painter: QPainter, history: HistoryMapped, rect: QRectF) -> None:
        look, theme, count = self._look, self._look.theme, history.log2.shape[1]
        step, height = self._session.time_step, rect.height() / count
        right = rect.left() - look.px(9)
        stride = max(1, round(count / 3))
        taken = rect.top() + (step - 0.5) * height if 1 <= step <= count else -1e9
        for label in sorted({1, *range(stride, count - stride // 2, stride), count} - {step}):
            y = rect.top() + (label - 0.5) * height
            if abs(y - taken) > look.px(12):
                draw_tick(painter, look, right, min(max(y, rect.top() + 5), rect.bottom() - 5), str(label))
        math_text.paint(painter, 0, rect.center().y(), "t", look.font("maths_small"), theme.ink2)
        if 1 <= step <= count:
            band = QRectF(rect.left(), rect.top() + (step - 1) * height, rect.width(), max(3.0, height))
            for pen in (QPen(theme.panel, 3), QPen(theme.ink, 1.4)):
                painter.setPen(pen)
                painter.drawRect(band)
            draw_tick(painter, look, right, taken, str(step), theme.ink)
            y, size, x = band.center().y(), look.px(3), rect.left() - look.px(2)
            painter.setBrush(theme.ink)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawPolygon(
                QPolygonF([QPointF(x, y), QPointF(x - 1.7 * size, y - size), QPointF(x - 1.7 * size, y + size)])
            )

    def _paint_columns(self, painter: QPainter, history: HistoryMapped, rect: QRectF) -> None:
        look, theme, reach = self._look, self._look.theme, self._reach(history)
        painter.setFont(look.font("tick"))
        painter.setPen(theme.ink2)
        metrics = painter.fontMetrics()
        baseline = rect.bottom() + metrics.ascent() + look.px(4)
        for part in range(5):
            text = f"{reach * part / 4:.0f}"
            if reach < 4 and part not in (0, 4):
                continue
            x = rect.left() + rect.width() * part / 4 - metrics.horizontalAdvance(text) / 2
            painter.drawText(QPointF(min(x, self.width() - metrics.horizontalAdvance(text)), baseline), text)
        here = self._session.viewing_step
        x = rect.left() + rect.width() * min(1.0, (reach if here is None else here) / reach)
        painter.setPen(QPen(theme.ink, 1.3))
        painter.drawLine(QPointF(x, rect.top() - look.px(3)), QPointF(x, rect.bottom() + look.px(2)))

    def _paint_legend(self, painter: QPainter, history: HistoryMapped, rect: QRectF) -> None:
        look, (low, high) = self._look, self.levels(history)
        painter.setFont(look.font("tick"))
        metrics = painter.fontMetrics()
        y = self.height() - look.px(9)
        words = "training step"
        painter.setPen(look.theme.ink2)
        painter.drawText(QPointF(rect.left(), y + metrics.ascent() / 2 - 1), words)
        start, end = decade_text(low), decade_text(high)
        bar = QRectF(0, y - look.px(4), look.px(64), look.px(8))
        bar.moveRight(rect.right() - metrics.horizontalAdvance(end) - look.px(5))
        table = np.asarray(look.lut("gradient"))[:255]
        painter.drawImage(bar, image_from(np.repeat(table[None, :], 2, axis=0)))
        painter.drawText(QPointF(bar.right() + look.px(5), y + metrics.ascent() / 2 - 1), end)
        painter.drawText(
            QPointF(bar.left() - metrics.horizontalAdvance(start) - look.px(5), y + metrics.ascent() / 2 - 1), start
        )
        painter.setPen(QPen(look.theme.line2, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(bar)

    # ---- acts and words ---------------------------------------------------------------------

    def step_at(self, x: float) -> int:
        """The training step under ``x``."""
        history, rect = self._history(), self.map_rect()
        if history is None:
            return 0
        share = min(1.0, max(0.0, (x - rect.left()) / max(1.0, rect.width())))
        return round(share * self._reach(history))

    def readout(self, x: float, y: float) -> str:
        """Norm, time step and training step under the pointer."""
        history, rect = self._history(), self.map_rect()
        if history is None or not rect.contains(QPointF(x, y)):
            return ""
        time_step = int((y - rect.top()) / rect.height() * history.log2.shape[1]) + 1
        place = int(np.searchsorted(history.steps, self.step_at(x), side="right")) - 1
        if place < 0:
            return ""
        log2 = float(history.log2[place, min(time_step, history.log2.shape[1]) - 1])
        return f"training step {int(history.steps[place])}, t = {time_step}: gradient norm {norm_text(log2)}"

    def table(self) -> tuple[list[str], list[list[str]]]:
        """One row a saved training step, one column a time step."""
        history = self._history()
        if history is None:
            return [], []
        titles = ["training step", *(f"t = {t}" for t in range(1, history.log2.shape[1] + 1))]
        rows = zip(history.steps.tolist(), history.log2.tolist(), strict=True)
        return titles, [[str(int(step)), *map(norm_text, row)] for step, row in rows]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Scrub to the snapshot under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton and self._history() is not None:
            self.scrubbed.emit(self.step_at(event.position().x()))
        else:
            event.ignore()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub while the button is down, else show the number."""
        x, y = event.position().x(), event.position().y()
        if event.buttons() & Qt.MouseButton.LeftButton and self._history() is not None:
            self.scrubbed.emit(self.step_at(x))
        else:
            QToolTip.showText(event.globalPosition().toPoint(), self.readout(x, y), self)
