"""Eigenvalues of the recurrent weights in the complex plane, with the unit circle and the circle of radius ρ."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnnviz.view import math_text
from rnnviz.view.look import number, significant
from rnnviz.view.marks import polygon
from rnnviz.view.notation.tips import told
from rnnviz.view.paint_turns import PANEL, Turn

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from rnnviz.view.look import Look

EXTENTS = (1.25, 1.75, 2.5, 3.5, 5.0, 7.5, 12.0)
TIP = "Each dot is an eigenvalue λ of W_hh.\nInside the unit circle its direction fades, outside it grows.\nρ = max |λ|"
NEAR = 8.0  # px: an eigenvalue so near to the pointer is named


class EigenCircle(QWidget):
    """Dots in the colour of W_hh. The plane only grows while the same network is shown, so dots move, not the axes."""

    def __init__(self, *, look: Look, height: float) -> None:
        super().__init__()
        self.look, self._height = look, height
        self.values: NDArray[np.complex128] = np.zeros(0, np.complex128)
        self.radius = 0.0
        self.extent = EXTENTS[0]
        self._key: Hashable = None
        self.setAccessibleName("Eigenvalues on the unit circle")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._turn = Turn(self, self.update, weight=PANEL)
        look.changed.connect(self.updateGeometry)

    def show_values(self, values: NDArray[np.complex128], key: Hashable) -> None:
        """Draw these eigenvalues."""
        if key != self._key:
            self._key, self.extent = key, EXTENTS[0]
        self.values = values
        self.radius = float(np.abs(values).max(initial=0.0))
        wanted = self.radius * 1.06
        self.extent = max(self.extent, next((e for e in EXTENTS if e >= wanted), math.ceil(wanted)))
        inside = int((np.abs(values) < 1).sum())
        words = f"{len(values)} eigenvalues, {inside} inside the unit circle, the largest {significant(self.radius)}"
        self.setAccessibleDescription(words)
        self._turn.ask()

    def sizeHint(self) -> QSize:
        """The design height."""
        return QSize(self.look.ipx(200), self.look.ipx(self._height))

    # ---- geometry ----------------------------------------------------------------------------

    @property
    def _centre(self) -> QPointF:
        return QPointF(self.width() / 2, self.height() / 2)

    @property
    def unit(self) -> float:
        """Pixels of length 1, the same in both directions."""
        return (min(self.width(), self.height()) / 2 - self.look.px(10)) / self.extent

    def points(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Where the eigenvalues are drawn; the imaginary axis points up."""
        centre = self._centre
        return centre.x() + self.values.real * self.unit, centre.y() - self.values.imag * self.unit

    # ---- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Axes, unit circle, circle of ρ, dots."""
        del event
        with self._turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, px, centre = self.look.theme, self.look.px, self._centre
            self._paint_axes(painter, centre)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.ink, px(1.2)))
            painter.drawEllipse(centre, self.unit, self.unit)
            if not len(self.values):
                return
            pen = QPen(theme.wh, px(1.4))
            pen.setDashPattern([5.0, 3.0])
            painter.setPen(pen)
            painter.drawEllipse(centre, self.radius * self.unit, self.radius * self.unit)
            xs, ys = self.points()
            for colour, size in ((theme.panel, 9.0), (theme.wh, 7.0)):
                painter.setPen(QPen(colour, px(size), c=Qt.PenCapStyle.RoundCap))
                painter.drawPoints(polygon(xs, ys))

    def _paint_axes(self, painter: QPainter, centre: QPointF) -> None:
        look, theme, px = self.look, self.look.theme, self.look.px
        right, top = self.width() - px(1), px(1)
        painter.setPen(QPen(theme.line, 1))
        painter.drawLine(QPointF(0, centre.y()), QPointF(right, centre.y()))
        painter.drawLine(QPointF(centre.x(), top), QPointF(centre.x(), self.height() - top))
        painter.setFont(look.font("tick"))
        painter.setPen(theme.ink2)
        metrics = painter.fontMetrics()
        for value in (-1, 1):
            words, x = number(value, 0), centre.x() + value * self.unit
            at = x + px(5) if value > 0 else x - metrics.horizontalAdvance(words) - px(5)
            painter.drawText(QPointF(at, centre.y() + px(13)), words)
        painter.drawText(QPointF(right - metrics.horizontalAdvance("Re λ"), centre.y() - px(5)), "Re λ")
        painter.drawText(QPointF(centre.x() + px(6), top + px(9)), "Im λ")
        corner = QRectF(0, 0, centre.x() - px(20), px(16))
        painter.drawText(corner, Qt.AlignmentFlag.AlignLeft, "line: |λ| = 1")
        painter.setPen(theme.wh)
        painter.drawText(corner.translated(0, px(15)), Qt.AlignmentFlag.AlignLeft, "dashes: |λ| = ρ")

    # ---- words -------------------------------------------------------------------------------

    def words_at(self, at: QPointF) -> str:
        """The eigenvalue under the pointer, else what the picture shows."""
        if not len(self.values):
            return ""
        xs, ys = self.points()
        distance = np.hypot(xs - at.x(), ys - at.y())
        nearest = int(distance.argmin())
        if distance[nearest] > self.look.px(NEAR):
            return told(TIP, math_text.notation())
        value = self.values[nearest]
        sign = "+" if value.imag >= 0 else "−"
        real, imaginary = number(float(value.real), 3), number(abs(float(value.imag)), 3)
        return f"λ = {real} {sign} {imaginary} i, |λ| = {significant(abs(value))}"

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The eigenvalue under the pointer."""
        QToolTip.showText(event.globalPosition().toPoint(), self.words_at(event.position()), self)

    def event(self, event: QEvent) -> bool:
        """The words come with the pointer's moves; Qt's own tip would hide them."""
        return True if event.type() == QEvent.Type.ToolTip else super().event(event)
