"""The speed of playing: 0.25 to 8 times."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtGui import QAction

from rnnviz.view.controls.choice import ChoiceButton

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from rnnviz.session.playback import Playback
    from rnnviz.view.look import Look

SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


def speed_text(speed: float) -> str:
    """``1 ×``, ``0.25 ×``."""
    return f"{speed:g}\u2005×"


class SpeedChoice(ChoiceButton):
    """Shows and sets the playback's speed."""

    def __init__(self, *, playback: Playback, look: Look, parent: QWidget) -> None:
        super().__init__(look=look, actions=(), name="Speed", width=76, parent=parent)
        self._playback = playback
        for speed in SPEEDS:
            action = QAction(speed_text(speed), self)
            action.setData(speed)
            action.triggered.connect(self.on_triggered)
            self.popup.addAction(action)
        self.setToolTip("How fast playing walks through the steps.\nCtrl ↑ and Ctrl ↓ change it.")
        playback.speed_changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def on_triggered(self) -> None:
        """A speed was picked."""
        self._playback.set_speed(self.sender().data())

    @Slot()
    def refresh(self) -> None:
        """Show the present speed."""
        self.show_text(speed_text(self._playback.speed))
