"""How long the event loop is busy at a time, told by a heartbeat that beats once in every turn of the loop."""

from __future__ import annotations

from time import perf_counter, process_time

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer, Slot


class BusyTurns(QObject):
    """Collects the milliseconds of every turn of the event loop in which a widget was painted.

    The heartbeat keeps the loop from waiting, so that the time between two beats is work and nothing else.
    """

    def __init__(self, application: QCoreApplication) -> None:
        super().__init__()
        self._milliseconds: list[float] = []
        self._cpu_milliseconds: list[float] = []
        self._application = application
        self._last, self._last_cpu = perf_counter(), process_time()
        self._painted = False
        self._beat = QTimer(self)
        self._beat.timeout.connect(self._on_beat)
        self._beat.start(0)
        application.installEventFilter(self)

    @Slot()
    def _on_beat(self) -> None:
        now, cpu = perf_counter(), process_time()
        if self._painted:
            self._milliseconds.append(1000 * (now - self._last))
            self._cpu_milliseconds.append(1000 * (cpu - self._last_cpu))
            self._painted = False
        self._last, self._last_cpu = now, cpu

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note that something is painted; let everything pass."""
        del watched
        if event.type() == QEvent.Type.UpdateRequest:
            self._painted = True
        return False

    def stop(self) -> tuple[list[float], list[float]]:
        """End the measurement; the milliseconds of each painted turn, on the clock and of this process's CPU time."""
        self._beat.stop()
        self._application.removeEventFilter(self)
        return self._milliseconds, self._cpu_milliseconds
