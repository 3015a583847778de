"""What the painted sliders share: the handle comes to the hand, and the wheel scrolls the page."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QSlider

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QWheelEvent


class PulledSlider(QSlider):
    """A level slider; ``pull`` says what a place of the mouse means."""

    def __init__(self) -> None:
        super().__init__(Qt.Orientation.Horizontal)

    @abstractmethod
    def pull(self, x: float) -> None:
        """The handle is held at ``x``."""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the handle."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(True)
            self.pull(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The number follows the hand."""
        if self.isSliderDown():
            self.pull(event.position().x())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Let go."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.setSliderDown(False)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Numbers do not change by accident."""
        event.ignore()
