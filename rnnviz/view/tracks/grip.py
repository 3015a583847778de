"""The lower edge of a track, by which it is made higher or lower."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from rnnviz.view.cursor import paint_cursor
from rnnviz.view.tracks.base import ground

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look
    from rnnviz.view.time_axis import TimeAxis

GRIP = 5


class Grip(QWidget):
    """The lower edge of a track: drag for its height, double-click for the default."""

    dragged = Signal(str, float)
    released = Signal(str)
    reset = Signal(str)

    def __init__(
        self, *, key: str, look: Look, axis: TimeAxis, session: Session, settings: Settings, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._key, self._look, self._from = key, look, QPoint()
        self._axis, self._session, self._settings = axis, session, settings
        look.changed.connect(self.refresh)  # the track above says when cursor or axis have moved
        self.setCursor(Qt.CursorShape.SplitVCursor)
        self.setFixedHeight(GRIP)
        self.setToolTip("Drag for the height, double-click for the default height.")

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Start a drag."""
        self._from = event.globalPosition().toPoint()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Grow or shrink the track above."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            here = event.globalPosition().toPoint()
            self.dragged.emit(self._key, float(here.y() - self._from.y()))
            self._from = here

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """The height is chosen: keep it."""
        del event
        self.released.emit(self._key)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Back to the default height."""
        del event
        self.reset.emit(self._key)

    def enterEvent(self, event: QEvent) -> None:
        """Show the edge."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Hide the edge."""
        super().leaveEvent(event)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Nothing, or a line under the pointer."""
        del event
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), ground(self._look, self._settings))
            if self.underMouse():
                painter.setPen(QPen(self._look.theme.line2, 2))
                painter.drawLine(0, GRIP // 2, self.width(), GRIP // 2)
            # The cursor's outline runs through, so that it is one column from the stage to the last track.
            painter.setClipRect(round(self._axis.gutter), 0, self.width(), GRIP)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            paint_cursor(painter, self._axis, self._look, self._session.time_step, 0, GRIP)

    @Slot()
    def refresh(self) -> None:
        """Follow cursor and axis while on screen."""
        if self.isVisible():
            self.update()
