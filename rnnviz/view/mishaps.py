"""A mistake in our own code ends neither the program nor the lecture: it is written down and said once."""

from __future__ import annotations

import logging
import sys
import traceback
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QObject, Qt, Signal, Slot

from rnnviz.session.values import Notice

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from rnnviz.session.session import Session

log = logging.getLogger(__name__)

FILE_NAME = "errors.log"
MAX_BYTES = 1_000_000
INTERRUPTED = 130
_WHILE = {
    "paint": "drawing",
    "resize": "arranging the window",
    "mouse": "following the mouse",
    "key": "taking a key",
    "wheel": "zooming",
    "close": "closing",
    "_on_received": "taking the engine's answer",
}


class Mishaps(QObject):
    """Stands in for ``sys.excepthook``: log and one notice for each place in the code, however often it fails there."""

    happened = Signal(str)

    def __init__(self, *, session: Session, folder: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._path = session, folder / FILE_NAME
        self._seen: set[str] = set()
        self._before = sys.excepthook
        # Queued: the mistake may have come up in the middle of a paint event, which a new notice would disturb.
        self.happened.connect(self.tell, Qt.ConnectionType.QueuedConnection)

    @property
    def path(self) -> Path:
        """The file in which mistakes are kept."""
        return self._path

    def install(self) -> None:
        """Take every exception that nobody has caught from now on."""
        self._before, sys.excepthook = sys.excepthook, self.take

    def uninstall(self) -> None:
        """Give the place back."""
        sys.excepthook = self._before

    def take(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """Write the exception down and have it said; Ctrl+C in the terminal ends the program."""
        if issubclass(kind, KeyboardInterrupt):
            QCoreApplication.exit(INTERRUPTED)
            return
        frames = traceback.extract_tb(trace)
        place = f"{kind.__name__} {frames[-1].filename}:{frames[-1].lineno}" if frames else kind.__name__
        if place in self._seen:
            return
        self._seen.add(place)
        self._write("".join(traceback.format_exception(kind, error, trace)))
        self.happened.emit(_activity([frame.name for frame in frames]))

    def _write(self, text: str) -> None:
        log.error("%s", text)
        with suppress(OSError):  # nowhere to write is no reason to fail once more
            self._path.parent.mkdir(parents=True, exist_ok=True)
            fresh = not self._path.exists() or self._path.stat().st_size > MAX_BYTES
            with self._path.open("w" if fresh else "a", encoding="utf-8") as file:
                file.write(f"{datetime.now():%Y-%m-%d %H:%M:%S}\n{text}\n")

    @Slot(str)
    def tell(self, activity: str) -> None:
        """One line for the user; the program goes on."""
        self._session.tell(Notice(f"Something went wrong while {activity}; it was written to {self._path}.", "error"))


def _activity(names: list[str]) -> str:
    """What the program was doing, from the names of the functions on the stack, outermost first."""
    for name in names:
        for start, words in _WHILE.items():
            if name.startswith(start):
                return words
    return "doing that"
