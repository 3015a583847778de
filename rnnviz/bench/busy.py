"""How long the window's thread works for one frame, told by the event loop itself.

A frame begins with the first event after a rest, or with the end of the frame before, and ends when everything
that an UpdateRequest had to paint is painted. Nothing beats or polls: on a small machine a heartbeat would take
from the engine the core that it needs.
"""

from __future__ import annotations

from time import perf_counter, thread_time

from PySide6.QtCore import QAbstractEventDispatcher, QCoreApplication, QEvent, QObject, Slot

REST_S = 0.0005
"""glib's loop says that it is about to wait even where it does not; a shorter pause than this was none."""
_NEXT = frozenset((QEvent.Type.Timer, QEvent.Type.SockAct, QEvent.Type.MetaCall, QEvent.Type.UpdateRequest))
"""Events that never happen inside the painting of a window: what came before them is done."""


class FrameTimes(QObject):
    """Collects the milliseconds of every frame, on the clock and of this thread's CPU time."""

    def __init__(self, application: QCoreApplication) -> None:
        super().__init__()
        self.clock: list[float] = []
        self.cpu: list[float] = []
        self._application = application
        self._began: tuple[float, float] | None = None
        self._paused_at = 0.0
        self._painting = False
        QAbstractEventDispatcher.instance().aboutToBlock.connect(self._rest)
        application.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note when work begins, is painted, and has been painted; let everything pass."""
        kind = event.type()
        if self._paused_at:
            rested, self._paused_at = perf_counter() - self._paused_at > REST_S, 0.0
            if rested:
                self._began = None
        if self._began is None:
            self._began = perf_counter(), thread_time()
        if self._painting and kind in _NEXT:
            self._end()
        if kind == QEvent.Type.UpdateRequest and watched.isWidgetType():
            self._painting = True
        return False

    def _end(self) -> None:
        now = perf_counter(), thread_time()
        if self._began is not None:
            self.clock.append(1000 * (now[0] - self._began[0]))
            self.cpu.append(1000 * (now[1] - self._began[1]))
        self._began, self._painting = now, False

    @Slot()
    def _rest(self) -> None:
        if self._painting:
            self._end()
        self._paused_at = perf_counter()

    def stop(self) -> None:
        """End the measurement."""
        QAbstractEventDispatcher.instance().aboutToBlock.disconnect(self._rest)
        self._application.removeEventFilter(self)
