"""Short movements of the stage. Nothing loops: a timer runs only while something moves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEasingCurve, QEvent, QObject, QVariantAnimation, Signal, Slot
from PySide6.QtWidgets import QApplication

from rnnviz.session.values import Direction

if TYPE_CHECKING:
    from rnnviz.session.playback import Playback
    from rnnviz.session.session import Session
    from rnnviz.view.stage.model import StageModel

STILL_SPEED = 4.0  # from this playback speed on, or with more steps than these, nothing moves in between
STILL_LENGTH = 40
_EASING = {
    "step": (260, QEasingCurve.Type.OutCubic),
    "unfold": (900, QEasingCurve.Type.Linear),  # every copy eases on its own (Frame.step_share)
    "feed": (420, QEasingCurve.Type.InOutCubic),  # a token on its way from an output to the next input
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


class StepMotion:
    """Which movement a step of the cursor starts."""

    def __init__(self, *, motion: Motion, session: Session, playback: Playback, model: StageModel) -> None:
        self._motion, self._session, self._playback, self._model = motion, session, playback, model
        self._last_step = 0

    @property
    def _busy(self) -> bool:
        return self._playback.speed >= STILL_SPEED or len(self._model.tokens) > STILL_LENGTH

    def turned(self) -> None:
        """The direction has changed: the next step is counted from here."""
        self._last_step = self._session.time_step

    def moved(self) -> None:
        """The cursor stands on another step: one step on is a movement, a leap is not."""
        step, before = self._session.time_step, self._last_step
        self._last_step = step
        backward = self._session.direction is Direction.BACKWARD
        if self._busy or abs(step - before) != 1:
            self._motion.finish()
        elif backward and step < before:
            self._motion.start("sweep")
        elif not backward and step > before:
            if self._session.sub_step is None:
                self._motion.start("step")
            self._start_feed(step)

    def _start_feed(self, step: int) -> None:
        """Where the step reads an output, its token comes from there; part by part it does so at the first part."""
        if self._model.wiring.fed(step) and self._session.sub_step in (None, 0):
            self._motion.start("feed")
