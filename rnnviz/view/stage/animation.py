"""Short movements of the stage. Nothing loops: a timer runs only while something moves."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QVariantAnimation, Signal, Slot
from PySide6.QtWidgets import QApplication

_EASING = {
    "step": (260, QEasingCurve.Type.OutCubic),
    "unfold": (900, QEasingCurve.Type.Linear),  # every copy eases on its own (Frame.step_share)
    "sweep": (220, QEasingCurve.Type.Linear),
    "zoom": (320, QEasingCurve.Type.InOutCubic),
}


class Motion(QObject):
    """The running movements by name; each goes from 0 to 1 once. Any key finishes all of them at once."""

    moved = Signal()

    def __init__(self, *, parent: QObject) -> None:
        super().__init__(parent)
        self._running: dict[str, QVariantAnimation] = {}
        self.enabled = True

    def start(self, name: str) -> None:
        """Start movement ``name`` from the beginning; with motion switched off nothing happens."""
        if not self.enabled:
            return
        self.stop(name)
        duration, easing = _EASING[name]
        animation = QVariantAnimation(self)
        animation.setStartValue(0.0)
        animation.setEndValue(1.0)
        animation.setDuration(duration)
        animation.setEasingCurve(easing)
        animation.valueChanged.connect(self.moved)
        animation.finished.connect(partial(self.stop, name))
        self._listen(on=True)
        self._running[name] = animation
        animation.start()

    def value(self, name: str) -> float:
        """How far ``name`` has come; 1 when it does not run."""
        animation = self._running.get(name)
        return float(animation.currentValue()) if animation is not None else 1.0

    def is_running(self, name: str) -> bool:
        """Whether ``name`` moves now."""
        return name in self._running

    @property
    def active(self) -> bool:
        """Whether anything moves."""
        return bool(self._running)

    def stop(self, name: str) -> None:
        """End ``name`` at its end."""
        animation = self._running.pop(name, None)
        if animation is None:
            return
        animation.stop()
        animation.deleteLater()
        if not self._running:
            self._listen(on=False)
        self.moved.emit()

    @Slot()
    def finish(self) -> None:
        """End everything that moves."""
        for name in tuple(self._running):
            self.stop(name)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While something moves, any key press ends it (and is then handled as usual)."""
        if event.type() == QEvent.Type.KeyPress:
            self.finish()
        return super().eventFilter(watched, event)

    def _listen(self, *, on: bool) -> None:
        app = QApplication.instance()
        if app is None:
            return
        if on and not self._running:
            app.installEventFilter(self)
        elif not on:
            app.removeEventFilter(self)
