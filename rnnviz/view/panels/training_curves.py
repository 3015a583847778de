"""The curves of the training card, drawn by pyqtgraph: loss with the blind guess, accuracy, gradient norm.

This module imports pyqtgraph (0.65 s), so only the training card imports it, when it is first built.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QPen

from rnnviz.view.look import number, significant
from rnnviz.view.panels.training_decimation import decimated
from rnnviz.view.scales import decade_text, percent_text, round_up

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QPainter

    from rnnviz.session.values import TrainingRecord
    from rnnviz.view.look import Look

POINTS = 700  # a curve is never drawn with more pixel columns than this
LEFT_AXIS = 40  # design px, the same for all plots and the map below, so that training steps line up


class _Axis(pg.AxisItem):
    """A left axis whose numbers are written as everywhere else in the window."""

    def __init__(self, kind: str) -> None:
        super().__init__("left")
        self.kind = kind

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Plain numbers, percent, or powers of ten."""
        del scale, spacing
        if self.kind == "log":
            return [decade_text(round(v)) if abs(v - round(v)) < 1e-6 else "" for v in values]
        if self.kind == "share":
            return [percent_text(v) for v in values]
        return [f"{v:g}" for v in values]


class _Plot:
    """One row: a curve, its last point with its value, optionally a dashed reference."""

    def __init__(self, *, view: pg.GraphicsLayoutWidget, row: int, kind: str, title: str) -> None:
        self.kind = kind
        self.axis = _Axis(kind)
        self.item = view.addPlot(row=row, col=0, axisItems={"left": self.axis})
        self.title = title
        for switch in (self.item.hideButtons, lambda: self.item.setMenuEnabled(False)):
            switch()
        self.item.setMouseEnabled(x=False, y=False)
        self.item.getAxis("bottom").setStyle(showValues=False, tickLength=0)
        self.item.getAxis("bottom").setTicks([[], []])
        self.axis.setStyle(tickLength=0, autoExpandTextSpace=False, tickTextOffset=5, tickAlpha=0)
        self.item.vb.setDefaultPadding(0)
        self.curve = self.item.plot(antialias=True, connect="finite")
        self.guess = pg.InfiniteLine(angle=0, movable=False)
        self.item.addItem(self.guess, ignoreBounds=True)
        self.guess.hide()
        self.here = pg.InfiniteLine(angle=90, movable=False)
        self.item.addItem(self.here, ignoreBounds=True)
        self.dot = pg.ScatterPlotItem(pxMode=True)
        self.item.addItem(self.dot, ignoreBounds=True)
        self.words = ""
        self.last: tuple[float, float] | None = None

    def restyle(self, look: Look) -> None:
        """Colours and type of the theme."""
        theme = look.theme
        self.item.layout.setRowFixedHeight(0, look.px(17))
        self.axis.setWidth(look.px(LEFT_AXIS))
        self.axis.setTickFont(look.font("tick"))
        self.axis.setTextPen(theme.ink2)
        self.axis.setPen(QPen(Qt.PenStyle.NoPen))
        self.axis.setTickPen(QPen(Qt.PenStyle.NoPen))
        self.item.getAxis("bottom").setPen(pg.mkPen(theme.line, width=1))
        self.item.getAxis("bottom").setHeight(2)
        colour = theme.grad if self.kind == "log" else theme.ink
        # Lines wider than one pixel are slow to stroke; at most POINTS columns are drawn, so 2 px are affordable.
        self.curve.setPen(pg.mkPen(colour, width=look.px(1.8)))
        self.guess.setPen(pg.mkPen(theme.ink, width=1, dash=[4, 3]))
        self.here.setPen(pg.mkPen(theme.ink, width=1.3))
        self.dot.setBrush(pg.mkBrush(colour))
        self.dot.setPen(pg.mkPen(theme.panel, width=1))
        self.dot.setSize(look.px(8))

    def show(self, steps: NDArray, values: NDArray, at: int | None, reach: float) -> None:
        """The curve up to now, and the value at training step ``at`` (the newest when None)."""
        plain = values
        if self.kind == "log":
            with np.errstate(divide="ignore", invalid="ignore"):
                values = np.log10(values)
        xs, ys = decimated(steps, np.where(np.isfinite(values), values, np.nan), POINTS)
        self.curve.setData(xs, ys)
        self.item.setXRange(0, reach, padding=0)
        place = len(steps) - 1 if at is None else int(np.clip(np.searchsorted(steps, at), 0, max(0, len(steps) - 1)))
        if len(steps) == 0:
            self.dot.setData([], [])
            self.words, self.last = "", None
            return
        self._mark(float(steps[place]), values, place, float(plain[place]))
        self.here.setValue(float(steps[place]))

    def _mark(self, x: float, values: NDArray, place: int, plain: float) -> None:
        finite = np.isfinite(values[: place + 1])
        last = int(np.flatnonzero(finite)[-1]) if finite.any() else None
        broken = not finite[-1]
        self.dot.setSymbol("x" if broken else "o")  # a cross: from here on the loss is not finite
        words = {"share": percent_text(plain), "log": significant(plain)}.get(self.kind, number(plain, 3))
        self.words = "not finite" if broken else words
        if last is None:
            self.dot.setData([], [])
            self.last = None
            return
        self.last = (x, float(values[last]))
        self.dot.setData([x], [self.last[1]])


class TrainingCurves(pg.GraphicsLayoutWidget):
    """The small multiples of a training run; dragging on them scrubs the saved snapshots."""

    #: the training step under the pointer while it drags
    scrubbed = Signal(int)

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self._look = look
        self._tops: dict[str, float] = {}
        self._bottom: float | None = None
        self._guess: tuple[float, str] | None = None
        self.setAccessibleName("Training curves")
        self.ci.layout.setContentsMargins(0, 0, 0, 0)
        self.ci.layout.setSpacing(0)
        self._loss = _Plot(view=self, row=0, kind="plain", title="loss, nats")
        self._accuracy = _Plot(view=self, row=1, kind="share", title="accuracy of the batch")
        self._norm = _Plot(view=self, row=2, kind="log", title="gradient norm, all weights, log")
        self._plots = (self._loss, self._accuracy, self._norm)
        self._loss.guess.show()
        self._has_accuracy = True
        self.restyle()

    def restyle(self) -> None:
        """Follow theme and scale."""
        self.setBackground(self._look.theme.panel)
        for plot in self._plots:
            plot.restyle(self._look)
        layout = self.ci.layout
        for row, share in enumerate((5, 2, 3)):
            layout.setRowStretchFactor(row, share)

    def show_record(self, record: TrainingRecord, viewing: int | None) -> None:
        """Draw ``record``; the cursor stands at the snapshot ``viewing`` or at the newest step."""
        self._show_accuracy(bool(np.isfinite(record.accuracies).any()))
        reach = float(max(record.step, 1))
        self._scale_loss(record)
        self._scale_norm(record)
        self._loss.show(record.steps, record.losses, viewing, reach)
        if self._has_accuracy:
            self._accuracy.item.setYRange(0.0, 1.0, padding=0.04)
            self._accuracy.axis.setTicks([[(v, percent_text(v)) for v in (0.0, 0.5, 1.0)], []])
            self._accuracy.show(record.steps, record.accuracies, viewing, reach)
        self._norm.show(record.steps, record.gradient_norms, viewing, reach)
        known = bool(np.isfinite(record.baseline) and record.baseline > 0)
        self._loss.guess.setVisible(known)
        self._guess = (
            (record.baseline, f"blind guess: {record.baseline_label} = {number(record.baseline)}") if known else None
        )
        if known:
            self._loss.guess.setValue(record.baseline)

    # ---- words: drawn over the picture, where pyqtgraph's own labels would be cut or collide ------------

    def drawForeground(self, painter: QPainter, rect: QRectF) -> None:
        """Titles, newest values and the blind guess, in widget pixels."""
        super().drawForeground(painter, rect)
        painter.save()
        painter.resetTransform()
        for plot in self._plots:
            if plot.item.scene() is not None and plot.item.isVisible():
                self._paint_words(painter, plot)
        painter.restore()

    def _paint_words(self, painter: QPainter, plot: _Plot) -> None:
        look, theme = self._look, self._look.theme
        box = QRectF(self.mapFromScene(plot.item.vb.sceneBoundingRect()).boundingRect())
        painter.setFont(look.font("small"))
        painter.setPen(theme.ink2)
        baseline = box.top() - look.px(5)
        painter.drawText(QPointF(box.left(), baseline), plot.title)
        colour = theme.grad if plot.kind == "log" else theme.ink
        if plot.kind == "plain":
            self._paint_guess(painter, box)
            if plot.last is not None:
                at = QPointF(self.mapFromScene(plot.item.vb.mapViewToScene(QPointF(*plot.last))))
                self._paint_value(painter, plot.words, at, box)
            return
        painter.setFont(look.font("number"))
        painter.setPen(colour)
        painter.drawText(
            QPointF(box.right() - painter.fontMetrics().horizontalAdvance(plot.words), baseline), plot.words
        )

    def _paint_guess(self, painter: QPainter, box: QRectF) -> None:
        if self._guess is None:
            return
        look, words, baseline = self._look, self._guess[1], box.top() - self._look.px(5)
        x = box.right() - painter.fontMetrics().horizontalAdvance(words)
        painter.drawText(QPointF(x, baseline), words)
        if x - look.px(30) < box.left() + painter.fontMetrics().horizontalAdvance(self._loss.title):
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

    def _scale_loss(self, record: TrainingRecord) -> None:
        # The blind guess stands near the top; the scale grows with the losses, never shrinks within a run.
        if record.step <= 1:
            self._tops.clear()
            self._bottom = None
        finite = record.losses[np.isfinite(record.losses)]
        start = 1.06 * record.baseline if record.baseline > 0 else 1.0
        most = float(np.percentile(finite, 99.5)) if finite.size else 0.0
        top = max(self._tops.get("loss", start), round_up(most) if most > start else 0.0)
        self._tops["loss"] = top
        self._loss.item.setYRange(0.0, top, padding=0)
        step = next((s for s in (0.5, 1, 2, 5, 10, 20, 50, 100) if top / s <= 4), round_up(top / 4))
        self._loss.axis.setTicks([[(v, f"{v:g}") for v in np.arange(0, top + 1e-9, step)], []])

    def _scale_norm(self, record: TrainingRecord) -> None:
        norms = record.gradient_norms
        good = norms[np.isfinite(norms) & (norms > 0)]
        low, high = (float(np.log10(good.min())), float(np.log10(good.max()))) if good.size else (-1.0, 0.0)
        self._bottom = min(np.floor(low), self._bottom if self._bottom is not None else np.floor(low))
        self._tops["norm"] = max(np.ceil(high), self._tops.get("norm", self._bottom + 1), self._bottom + 1)
        span = int(self._tops["norm"] - self._bottom)
        ticks = [int(self._bottom) + k for k in range(0, span + 1, max(1, -(-span // 2)))]
        self._norm.item.setYRange(self._bottom, self._tops["norm"], padding=0.06)
        self._norm.axis.setTicks([[(t, decade_text(t)) for t in ticks], []])

    def _show_accuracy(self, shown: bool) -> None:
        if shown == self._has_accuracy:
            return
        self._has_accuracy = shown
        if shown:
            self.addItem(self._accuracy.item, row=1, col=0)
        else:
            self.removeItem(self._accuracy.item)
        self.ci.layout.setRowStretchFactor(1, 2 if shown else 0)

    # ---- scrubbing --------------------------------------------------------------------------

    def _scrub(self, event: QMouseEvent) -> None:
        point = self._loss.item.vb.mapSceneToView(self.mapToScene(event.position().toPoint()))
        self.scrubbed.emit(max(0, round(point.x())))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start scrubbing."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._scrub(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Scrub while the button is down; pyqtgraph's own hover is not needed."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._scrub(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Stop scrubbing."""
        event.accept()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Nothing: a double click is two clicks."""
        event.accept()

    def wheelEvent(self, event: object) -> None:
        """The curves do not zoom; the panel scrolls."""
        event.ignore()
