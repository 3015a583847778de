"""The transport: first, back, step, play, last; in the reverse sweep the same buttons run the other way."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal, Slot

from rnnviz.session.values import Direction, Notice

if TYPE_CHECKING:
    from rnnviz.session.breakpoints import Breakpoint
    from rnnviz.session.session import Session

STEP_MS = 700
SPEEDS = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)


class Playback(QObject):
    """Moves the session's cursor, by hand or by a timer. "On" is the direction of the pass on show."""

    playing_changed = Signal()
    speed_changed = Signal()
    breakpoints_changed = Signal()

    def __init__(self, parent: QObject | None = None, *, session: Session) -> None:
        super().__init__(parent)
        self._session = session
        self._speed = 1.0
        self._breakpoints: tuple[Breakpoint, ...] = ()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(STEP_MS)
        self._timer.timeout.connect(self._tick)
        session.direction_changed.connect(self.pause)
        session.text_changed.connect(self.pause)

    @property
    def playing(self) -> bool:
        """Whether the cursor moves by itself."""
        return self._timer.isActive()

    @property
    def speed(self) -> float:
        """How many times faster than one step in 700 ms."""
        return self._speed

    @property
    def breakpoints(self) -> tuple[Breakpoint, ...]:
        """The conditions at which playing stops."""
        return self._breakpoints

    @property
    def _backward(self) -> bool:
        return self._session.direction is Direction.BACKWARD

    @property
    def _end(self) -> int:
        return min(1, self._session.length) if self._backward else self._session.length

    @property
    def _start(self) -> int:
        return (self._session.effective_loss_step or self._session.length) if self._backward else 0

    @property
    def at_end(self) -> bool:
        """Whether there is nothing more to play."""
        step = self._session.time_step
        return self._session.sub_step is None and (step <= self._end if self._backward else step >= self._end)

    @Slot()
    def first(self) -> None:
        """To the start of the pass: before step 1, or to the loss of the sweep."""
        self.pause()
        self._session.move_to(self._start)

    @Slot()
    def last(self) -> None:
        """To the end of the pass: the last step, or step 1 of the sweep."""
        self.pause()
        self._session.move_to(self._end)

    @Slot()
    def step(self) -> None:
        """One step on (a step that is half done is finished first)."""
        self.pause()
        self._advance()

    @Slot()
    def back(self) -> None:
        """One step back."""
        self.pause()
        session = self._session
        target = session.time_step + (1 if self._backward else -1)
        session.move_to(min(target, self._start) if self._backward else target)

    @Slot()
    def step_inside(self) -> None:
        """One part of a step on."""
        self.pause()
        self._session.move_sub_step(1)

    @Slot()
    def back_inside(self) -> None:
        """One part of a step back."""
        self.pause()
        self._session.move_sub_step(-1)

    @Slot()
    def play(self) -> None:
        """Let the cursor run; from the end it starts again."""
        if self._session.length == 0 or self.playing:
            return
        if self.at_end:
            self._session.move_to(self._start)
        self._timer.start()
        self.playing_changed.emit()

    @Slot()
    def pause(self) -> None:
        """Stop the cursor."""
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit()

    @Slot()
    def toggle(self) -> None:
        """Play or pause."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def set_speed(self, speed: float) -> None:
        """Choose one of 0.25, 0.5, 1, 2, 4, 8 (the nearest is taken)."""
        nearest = min(SPEEDS, key=lambda known: abs(known - speed))
        if nearest != self._speed:
            self._speed = nearest
            self._timer.setInterval(round(STEP_MS / nearest))
            self.speed_changed.emit()

    def add_breakpoint(self, condition: Breakpoint) -> None:
        """Stop playing where ``condition`` holds."""
        if condition not in self._breakpoints:
            self._breakpoints = (*self._breakpoints, condition)
            self.breakpoints_changed.emit()

    def remove_breakpoint(self, condition: Breakpoint) -> None:
        """No longer stop there."""
        if condition in self._breakpoints:
            self._breakpoints = tuple(kept for kept in self._breakpoints if kept != condition)
            self.breakpoints_changed.emit()

    def _advance(self) -> None:
        session = self._session
        if session.sub_step is not None and not self._backward:
            session.move_to(session.time_step)
        elif not self.at_end:
            session.move_to(session.time_step + (-1 if self._backward else 1))

    @Slot()
    def _tick(self) -> None:
        self._advance()
        session = self._session
        reached = next((each for each in self._breakpoints if each.holds(session, session.time_step)), None)
        if reached is not None:
            self.pause()
            session.tell(Notice(f"Stopped at step {session.time_step}: {reached}."))
        elif self.at_end:
            self.pause()
