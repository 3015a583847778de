"""The slider of the spectral radius: logarithmic from 0.1 to 3, with a detent at 1."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QAbstractSlider, QSizePolicy

from rnnviz.view.controls.pulled_slider import PulledSlider
from rnnviz.view.look import significant

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from rnnviz.view.look import Look

LOW, HIGH, PARTS = 0.1, 3.0, 1000
DETENT = 0.025  # the share of 1 within which a dragged handle stays at 1
MARKS = (0.1, 0.2, 0.5, 1.0, 2.0, 3.0)
MARGIN, HANDLE = 10.0, 7.0


def part_of(radius: float) -> int:
    """The slider's whole number that stands for ``radius``."""
    inside = min(HIGH, max(LOW, radius))
    return round(PARTS * math.log(inside / LOW) / math.log(HIGH / LOW))


def radius_of(share: float) -> float:
    """The radius at ``share`` (0..1) of the track, 1 where it is near."""
    radius = LOW * (HIGH / LOW) ** min(1.0, max(0.0, share))
    return 1.0 if abs(radius - 1.0) <= DETENT else radius


class RadiusSlider(PulledSlider):
    """Says ``turned`` with the radius under the hand; ``show_radius`` follows the engine, but not while it is held."""

    turned = Signal(float)

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self.look, self.radius = look, 1.0
        self.setRange(0, PARTS)
        self.setSingleStep(1)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Spectral radius")
        self.setToolTip(
            "Multiplies W_hh so that its largest eigenvalue has this size.\n"
            "Always from the weights as they were, so nothing adds up.\nW_hh ← W_hh · ρ′ / ρ"
        )
        self.actionTriggered.connect(self.on_action)
        look.changed.connect(self.updateGeometry)

    def show_radius(self, radius: float) -> None:
        """Move the handle without telling anybody."""
        if not self.isSliderDown():
            self._hold(radius)

    def _hold(self, radius: float) -> None:
        self.radius = radius
        blocked = self.blockSignals(True)
        self.setValue(part_of(radius))
        self.blockSignals(blocked)
        self.setAccessibleDescription(f"ρ = {significant(radius)}")
        self.update()

    def _turn(self, radius: float) -> None:
        if radius != self.radius:
            self._hold(radius)
            self.turned.emit(radius)

    def on_action(self, action: int) -> None:
        """Keys: 1 % with an arrow, a tenth of the track with Page Up and Down, the ends with Home and End."""
        steps = {
            QAbstractSlider.SliderAction.SliderSingleStepAdd.value: 1.01,
            QAbstractSlider.SliderAction.SliderSingleStepSub.value: 1 / 1.01,
            QAbstractSlider.SliderAction.SliderPageStepAdd.value: 1.4,
            QAbstractSlider.SliderAction.SliderPageStepSub.value: 1 / 1.4,
        }
        ends = {
            QAbstractSlider.SliderAction.SliderToMinimum.value: LOW,
            QAbstractSlider.SliderAction.SliderToMaximum.value: HIGH,
        }
        start = min(HIGH, max(LOW, self.radius))
        radius = min(HIGH, max(LOW, start * steps.get(action, 1.0)))
        if (start - 1.0) * (radius - 1.0) < 0:
            radius = 1.0  # a step never jumps over the detent
        self._turn(ends.get(action, radius))
        self.setSliderPosition(part_of(self.radius))

    # ---- mouse -------------------------------------------------------------------------------

    def track(self) -> QRectF:
        """The line that the handle runs on."""
        margin = self.look.px(MARGIN)
        return QRectF(margin, self.look.px(13), max(1.0, self.width() - 2 * margin), 0)

    def x_of(self, radius: float) -> float:
        """X of the handle at ``radius``."""
        inside = min(HIGH, max(LOW, radius))
        return self.track().left() + self.track().width() * math.log(inside / LOW) / math.log(HIGH / LOW)

    def pull(self, x: float) -> None:
        """The radius there, 1 where it is near."""
        track = self.track()
        self._turn(radius_of((x - track.left()) / track.width()))

    # ---- painting ----------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Handle and marks."""
        return QSize(self.look.ipx(160), self.look.ipx(38))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track, marks, handle."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, px, track = self.look.theme, self.look.px, self.track()
            colour = theme.ink if self.isEnabled() else theme.ink3
            painter.setPen(QPen(theme.line2, px(2)))
            painter.drawLine(track.topLeft(), track.topRight())
            painter.setFont(self.look.font("tick"))
            for mark in MARKS:
                x, words = self.x_of(mark), f"{mark:g}"
                painter.setPen(QPen(colour if mark == 1.0 else theme.line2, px(1.4)))
                painter.drawLine(QPointF(x, track.top() - px(6)), QPointF(x, track.top() + px(6)))
                painter.setPen(theme.ink2)
                wide = painter.fontMetrics().horizontalAdvance(words)
                painter.drawText(QPointF(x - wide / 2, track.top() + px(20)), words)
            handle = QPointF(self.x_of(self.radius), track.top())
            if self.hasFocus():
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.setPen(QPen(theme.ink, 2))
                painter.drawEllipse(handle, px(HANDLE + 3), px(HANDLE + 3))
            painter.setPen(QPen(theme.panel, px(1.5)))
            painter.setBrush(colour)
            painter.drawEllipse(handle, px(HANDLE), px(HANDLE))
