"""The engine's process as a QObject: frames out, messages in, restarted when it dies."""

from __future__ import annotations

import os
import sys
from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QProcess, QProcessEnvironment, QTimer, Signal, Slot

import rnnviz
from rnnviz.service.messages import Command, Ready, Reply, Stop
from rnnviz.service.wire import FrameReader, LinkError, MessageError, encode, reply_reader

if TYPE_CHECKING:
    from collections.abc import Sequence

BACK_OFF_MS = (0, 250, 500, 1000, 2000)
STEADY_MS = 10_000
STOP_MS = 1500
KILL_MS = 500
LOG_LINES = 300


def default_command() -> list[str]:
    """Our own Python, in safe-path mode: a numpy.py in the user's folder must not be taken for numpy."""
    return [sys.executable, "-P", "-m", "rnnviz.service"]


class EngineProcess(QObject):
    """Runs ``python -m rnnviz.service``.

    ``received`` carries each reply, ``died`` a sentence when the process ended by itself (it is started
    again after a growing pause), ``gave_up`` a sentence when it died too often in a row.
    """

    started = Signal()
    received = Signal(object)
    died = Signal(str)
    gave_up = Signal(str)

    def __init__(self, parent: QObject | None = None, *, command: Sequence[str] | None = None) -> None:
        super().__init__(parent)
        self._command = list(command or default_command())
        self._log: deque[str] = deque(maxlen=LOG_LINES)
        self._process: QProcess | None = None
        self._reader: FrameReader[Reply] = reply_reader()
        self._closing = False
        self._deaths = 0
        self._fault = ""
        self._uptime = QElapsedTimer()
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self.start)

    @property
    def process_id(self) -> int:
        """The id of the running process, 0 if there is none."""
        return self._process.processId() if self._process is not None else 0

    @property
    def running(self) -> bool:
        """Whether there is a process (it may still be starting)."""
        return self._process is not None and self._process.state() != QProcess.ProcessState.NotRunning

    def log_tail(self) -> str:
        """The last lines that the engine wrote to its standard error."""
        return "\n".join(self._log)

    @Slot()
    def start(self) -> None:
        """Start the process; does nothing while one runs or after :meth:`close`."""
        if self.running or self._closing:
            return
        self._reader = reply_reader()
        self._fault = ""
        process = QProcess(self)
        process.setProcessEnvironment(_environment())
        process.readyReadStandardOutput.connect(self._read)
        process.readyReadStandardError.connect(self._read_log)
        process.started.connect(self.started)
        process.finished.connect(self._on_finished)
        process.errorOccurred.connect(self._on_error)
        self._process = process
        self._uptime.start()
        process.start(self._command[0], self._command[1:])

    def restart(self) -> None:
        """Start once more after :attr:`gave_up`."""
        self._deaths = 0
        self.start()

    def send(self, command: Command) -> bool:
        """Queue ``command`` for the engine; False when there is no engine to take it."""
        if self._process is None or not self.running:
            return False
        self._process.write(encode(command))
        return True

    def close(self) -> None:
        """End the process within two seconds: ask, close its input, then kill."""
        self._closing = True
        self._again.stop()
        process, self._process = self._process, None
        if process is None:
            return
        process.readyReadStandardOutput.disconnect(self._read)
        process.finished.disconnect(self._on_finished)
        process.errorOccurred.disconnect(self._on_error)
        if process.state() != QProcess.ProcessState.NotRunning:
            process.write(encode(Stop()))
            process.closeWriteChannel()
            if not process.waitForFinished(STOP_MS):
                process.kill()
                process.waitForFinished(KILL_MS)
        process.deleteLater()

    @Slot()
    def _read(self) -> None:
        if self._process is None:
            return
        data = bytes(self._process.readAllStandardOutput().data())
        try:
            messages = list(self._reader.feed(data))
        except LinkError as error:
            self._break(str(error))
            return
        for message in messages:
            if isinstance(message, MessageError):
                self._break(f"The engine sent a message that is not understood: {message}")
                return
            if isinstance(message, Ready):
                self._log.append(f"engine {message.version}, process {message.process}")
            self.received.emit(message)

    def _break(self, sentence: str) -> None:
        """The link is of no more use: end the process; its death starts the next one."""
        self._fault = sentence
        if self._process is not None:
            self._process.kill()

    @Slot()
    def _read_log(self) -> None:
        if self._process is not None:
            text = bytes(self._process.readAllStandardError().data()).decode("utf-8", "replace")
            self._log.extend(text.splitlines())

    @Slot(QProcess.ProcessError)
    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self._end(f"The engine could not be started: {self._process.errorString()}.")

    @Slot(int, QProcess.ExitStatus)
    def _on_finished(self, code: int, status: QProcess.ExitStatus) -> None:
        crashed = status == QProcess.ExitStatus.CrashExit
        self._end(self._fault or ("The engine was killed." if crashed else f"The engine ended with code {code}."))

    def _end(self, sentence: str) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.deleteLater()
        self._deaths = 1 if self._uptime.elapsed() > STEADY_MS else self._deaths + 1
        self._log.append(sentence)
        if self._deaths > len(BACK_OFF_MS):
            self.gave_up.emit(sentence)
            return
        self.died.emit(sentence)
        if not self._closing:
            self._again.start(BACK_OFF_MS[self._deaths - 1])


def _environment() -> QProcessEnvironment:
    """Ours, with the folder that holds this package first on the path, and no output buffering."""
    environment = QProcessEnvironment.systemEnvironment()
    folders = [str(Path(rnnviz.__file__).parent.parent), environment.value("PYTHONPATH", "")]
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        # Small matrices: a second BLAS thread makes them slower. The user's own choice stays.
        if not environment.contains(variable):
            environment.insert(variable, "1")
    environment.insert("PYTHONPATH", os.pathsep.join(folder for folder in folders if folder))
    return environment
