"""The curves of the training card: loss with the blind guess, accuracy, gradient norm, one above the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.view.look import number, significant
from rnnviz.view.marks import draw_line, draw_tick
from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.panels.training_decimation import decimated
from rnnviz.view.scales import decade_text, percent_text, round_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray
    from PySide6.QtGui import QColor, QMouseEvent, QPaintEvent

    from rnnviz.session.values import TrainingRecord
    from rnnviz.view.look import Look

LEFT_AXIS = 40  # design px, the same for all plots and the map below, so that training steps line up
TITLE, FOOT = 18.0, 2.5  # design px above and below a plot
LEAST_ROW = 48.5  # design px; what is left over is shared out by weight


@dataclass
class Plot:
    """One row: a curve, its last point with its value, the scale it is drawn in."""

    kind: str
    title: str
    share: int
    steps: NDArray[np.floating] = field(default_factory=lambda: np.zeros(0))
    values: NDArray[np.floating] = field(default_factory=lambda: np.zeros(0))
    low: float = 0.0
    high: float = 1.0
    ticks: tuple[tuple[float, str], ...] = ()
    here: float | None = None
    last: tuple[float, float] | None = None
    broken: bool = False
    words: str = ""

    def show(self, steps: NDArray, values: NDArray, at: int | None) -> None:
        """The curve up to now, and the value at training step ``at`` (the newest when None)."""
        plain = values
        if self.kind == "log":
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.log10(values)
        self.steps, self.values = steps, np.where(np.isfinite(values), values, np.nan)
        self.here = self.last = None
        self.words = ""
        if len(steps) == 0:
            return
        place = len(steps) - 1 if at is None else int(np.clip(np.searchsorted(steps, at), 0, len(steps) - 1))
        self.here = float(steps[place])
        self._mark(place, float(plain[place]))

    def _mark(self, place: int, plain: float) -> None:
        finite = np.flatnonzero(np.isfinite(self.values[: place + 1]))
        self.broken = not np.isfinite(self.values[place])
        words = {"share": percent_text(plain), "log": significant(plain)}.get(self.kind, number(plain, 3))
        self.words = "not finite" if self.broken else words
        if finite.size:
            self.last = (float(self.steps[place]), float(self.values[finite[-1]]))

    def scale(self, low: float, high: float, padding: float, ticks: tuple[tuple[float, str], ...]) -> None:
        """Show ``low`` to ``high`` and a ``padding`` share more on both sides."""
        room = padding * (high - low)
        self.low, self.high, self.ticks = low - room, high + room, ticks

    def y(self, box: QRectF, value: float | NDArray) -> float | NDArray:
        """Where ``value`` lies in ``box``."""
        return box.bottom() - (value - self.low) / (self.high - self.low) * box.height()


class TrainingCurves(QWidget):
    """The small multiples of a training run; dragging on them scrubs the saved snapshots."""

    #: the training step under the pointer while it drags
    scrubbed = Signal(int)

    def __init__(self, *, look: Look, begin: Callable[[], None]) -> None:
        super().__init__()
        self._look = look
        self.turn = Turn(self, begin, weight=PANEL)
        self._reach = 1.0
        self._baseline = "blind guess"
        self._loss_top, self._norm_span = 0.0, (0.0, 0.0)
        self.guess: tuple[float, tuple[str, ...]] | None = None
        self.setAccessibleName("Training curves")
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.loss = Plot("plain", "loss, nats", 5)
        self.accuracy = Plot("share", "accuracy of the batch", 2)
        self.norm = Plot("log", "gradient norm, all weights, log", 3)
        self.plots: tuple[Plot, ...] = (self.loss, self.accuracy, self.norm)

    # ---- what is shown ----------------------------------------------------------------------

    def name_loss(self, title: str, baseline: str) -> None:
        """What the loss and the dashed line are called."""
        self.loss.title, self._baseline = title, baseline

    def show_record(self, record: TrainingRecord, viewing: int | None) -> None:
        """Draw ``record``; the cursor stands at the snapshot ``viewing`` or at the newest step."""
        accurate = bool(np.isfinite(record.accuracies).any())
        self.plots = (self.loss, self.accuracy, self.norm) if accurate else (self.loss, self.norm)
        self._reach = float(max(record.step, 1))
        self._scale_loss(record)
        self._scale_norm(record)
        self.loss.show(record.steps, record.losses, viewing)
        self.accuracy.scale(0.0, 1.0, 0.04, tuple((v, percent_text(v)) for v in (0.0, 0.5, 1.0)))
        self.accuracy.show(record.steps, record.accuracies, viewing)
        self.norm.show(record.steps, record.gradient_norms, viewing)
        known = bool(np.isfinite(record.baseline) and record.baseline > 0)
        short = f"{record.baseline_label} = {number(record.baseline)}"
        words = (f"{self._baseline}: {short}", short, f"guess = {number(record.baseline)}")
        self.guess = (record.baseline, words) if known else None
        self.update()

    def _scale_loss(self, record: TrainingRecord) -> None:
        # The blind guess stands near the top; the scale grows with the losses, never shrinks within a run.
        if record.step <= 1:
            self._loss_top, self._norm_span = 0.0, (0.0, 0.0)
        finite = record.losses[np.isfinite(record.losses)]
        start = 1.06 * record.baseline if record.baseline > 0 else 1.0
        most = float(np.percentile(finite, 99.5)) if finite.size else 0.0
        top = self._loss_top = max(self._loss_top or start, round_up(most) if most > start else 0.0)
        step = next((s for s in (0.5, 1, 2, 5, 10, 20, 50, 100) if top / s <= 4), round_up(top / 4))
        self.loss.scale(0.0, top, 0.0, tuple((float(v), f"{v:g}") for v in np.arange(0, top + 1e-9, step)))

    def _scale_norm(self, record: TrainingRecord) -> None:
        norms = record.gradient_norms
        good = norms[np.isfinite(norms) & (norms > 0)]
        low, high = (float(np.log10(good.min())), float(np.log10(good.max()))) if good.size else (-1.0, 0.0)
        bottom, top = self._norm_span if self._norm_span[1] > self._norm_span[0] else (np.floor(low), np.floor(low) + 1)
        bottom, top = min(float(np.floor(low)), bottom), max(float(np.ceil(high)), top)
        self._norm_span = (bottom, top)
        every = max(1, -(-int(top - bottom) // 2))
        ticks = range(int(bottom), int(top) + 1, every)
        self.norm.scale(bottom, top, 0.06, tuple((float(tick), decade_text(tick)) for tick in ticks))

    # ---- geometry ---------------------------------------------------------------------------

    def boxes(self) -> list[QRectF]:
        """Where each plot's curve is drawn, from top to bottom."""
        px = self._look.px
        spare = max(0.0, self.height() - len(self.plots) * px(LEAST_ROW)) / sum(plot.share for plot in self.plots)
        top, found = 0.0, []
        for plot in self.plots:
            row = px(LEAST_ROW) + plot.share * spare
            left = round(px(LEFT_AXIS)) + 1
            found.append(QRectF(left, round(top + px(TITLE)), self.width() - left - 0.5, round(row - px(TITLE + FOOT))))
            top += row
        return found

    # ---- drawing ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Titles, scales, curves, newest values."""
        del event
        with self.turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), self._look.theme.panel)
            for plot, box in zip(self.plots, self.boxes(), strict=True):
                self._paint_scale(painter, plot, box)
                painter.save()
                painter.setClipRect(box)
                self._paint_curve(painter, plot, box)
                painter.restore()
                self._paint_words(painter, plot, box)

    def _paint_scale(self, painter: QPainter, plot: Plot, box: QRectF) -> None:
        look = self._look
        for value, text in plot.ticks:
            draw_tick(painter, look, box.left() - look.px(5), float(plot.y(box, value)), text)
        painter.fillRect(QRectF(box.left(), round(box.bottom()), box.width(), 1), look.theme.line)

    def _colour(self, plot: Plot) -> QColor:
        return self._look.theme.grad if plot.kind == "log" else self._look.theme.ink

    def _paint_curve(self, painter: QPainter, plot: Plot, box: QRectF) -> None:
        look, theme = self._look, self._look.theme
        if plot is self.loss and self.guess is not None:
            y = float(plot.y(box, self.guess[0]))
            pen = QPen(theme.ink, 1)
            pen.setDashPattern([4, 3])
            painter.setPen(pen)
            painter.drawLine(QLineF(box.left(), round(y) + 0.5, box.right(), round(y) + 0.5))
        # Two points a pixel column are all that can be seen.
        steps, values = decimated(plot.steps, plot.values, max(8, round(box.width() * self.devicePixelRatioF())))
        xs = box.left() + steps / self._reach * box.width()
        draw_line(painter, xs, np.asarray(plot.y(box, values)), QPen(self._colour(plot), look.px(1.8)))
        if plot.here is not None:
            x = box.left() + min(1.0, plot.here / self._reach) * box.width()
            painter.setPen(QPen(theme.ink, 1.3))
            painter.drawLine(QLineF(x, box.top(), x, box.bottom()))
        if plot.last is not None:
            self._paint_dot(painter, plot, self._at(plot, box, plot.last))

    def _at(self, plot: Plot, box: QRectF, point: tuple[float, float]) -> QPointF:
        return QPointF(box.left() + point[0] / self._reach * box.width(), float(plot.y(box, point[1])))

    def _paint_dot(self, painter: QPainter, plot: Plot, at: QPointF) -> None:
        """The newest point; a cross where from here on the loss is not finite."""
        look, size = self._look, self._look.px(4)
        if plot.broken:
            painter.setPen(QPen(self._colour(plot), look.px(2)))
            for up in (1, -1):
                painter.drawLine(QLineF(at.x() - size, at.y() - up * size, at.x() + size, at.y() + up * size))
            return
        painter.setPen(QPen(look.theme.panel, 1))
        painter.setBrush(self._colour(plot))
        painter.drawEllipse(at, size, size)
        painter.setBrush(Qt.BrushStyle.NoBrush)

    # ---- words ------------------------------------------------------------------------------

    def _paint_words(self, painter: QPainter, plot: Plot, box: QRectF) -> None:
        look, theme = self._look, self._look.theme
        painter.setFont(look.font("small"))
        painter.setPen(theme.ink2)
        baseline = box.top() - look.px(5)
        painter.drawText(QPointF(box.left(), baseline), plot.title)
        if plot.kind == "plain":
            self._paint_guess(painter, box)
            if plot.last is not None:
                self._paint_value(painter, plot.words, self._at(plot, box, plot.last), box)
            return
        painter.setFont(look.font("number"))
        painter.setPen(self._colour(plot))
        painter.drawText(
            QPointF(box.right() - painter.fontMetrics().horizontalAdvance(plot.words), baseline), plot.words
        )

    def _paint_guess(self, painter: QPainter, box: QRectF) -> None:
        if self.guess is None:
            return
        look, baseline = self._look, box.top() - self._look.px(5)
        width = painter.fontMetrics().horizontalAdvance
        room = box.width() - width(self.loss.title) - look.px(12)
        words = next((each for each in self.guess[1] if width(each) <= room), self.guess[1][-1])
        x = box.right() - width(words)
        painter.drawText(QPointF(x, baseline), words)
        if x - look.px(30) < box.left() + painter.fontMetrics().horizontalAdvance(self.loss.title):
            return  # no room for the sample of the dashed line
        pen = QPen(look.theme.ink, 1.2)
        pen.setDashPattern([4, 3])
        painter.setPen(pen)
        painter.drawLine(
            QPointF(x - look.px(24), baseline - look.px(4)), QPointF(x - look.px(5), baseline - look.px(4))
        )

    def _paint_value(self, painter: QPainter, words: str, at: QPointF, box: QRectF) -> None:
        look = self._look
        painter.setFont(look.font("number"))
        painter.setPen(look.theme.ink)
        metrics = painter.fontMetrics()
        x = at.x() - metrics.horizontalAdvance(words) - look.px(6)
        below = at.y() + look.px(20)
        y = below if below < box.bottom() - look.px(2) else at.y() - look.px(10)
        painter.drawText(QPointF(x if x > box.left() else at.x() + look.px(6), y), words)

    # ---- scrubbing --------------------------------------------------------------------------

    def _scrub(self, event: QMouseEvent) -> None:
        box = self.boxes()[0]
        self.scrubbed.emit(max(0, round((event.position().x() - box.left()) / box.width() * self._reach)))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start scrubbing."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._scrub(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub while the button is down."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._scrub(event)
