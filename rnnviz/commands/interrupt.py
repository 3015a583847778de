"""Ctrl+C while Qt's event loop runs: an exception in a slot would be printed and forgotten, so the loop is ended."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Self

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier, Slot

if TYPE_CHECKING:
    from types import FrameType, TracebackType

INTERRUPTED = 130


class ExitOnInterrupt(QObject):
    """Within the ``with`` block Ctrl+C ends every event loop with the exit code 130; ``asked`` tells that it came.

    Python runs a signal's handler when it runs at all, which an idle window does not: the signal also writes a byte
    that wakes the loop.
    """

    def __init__(self) -> None:
        super().__init__()
        self.asked = False
        self._reader, self._writer = socket.socketpair()
        for end in (self._reader, self._writer):
            end.setblocking(False)
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self.on_woken)

    def __enter__(self) -> Self:
        self._previous = signal.signal(signal.SIGINT, self._note)
        self._previous_fd = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(self._previous_fd)
        signal.signal(signal.SIGINT, self._previous)
        self._notifier.setEnabled(False)
        self._reader.close()
        self._writer.close()

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        QCoreApplication.exit(INTERRUPTED)

    @Slot()
    def on_woken(self) -> None:
        """Take the byte away; the handler has run before this line, but maybe before the loop did."""
        with suppress(BlockingIOError):
            self._reader.recv(64)
        if self.asked:
            QCoreApplication.exit(INTERRUPTED)
