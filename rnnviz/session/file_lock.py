"""A session file belongs to the window that had it first; the locks lie in the settings folder, not beside it."""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from PySide6.QtCore import QLockFile

if TYPE_CHECKING:
    from pathlib import Path

FOLDER_NAME = "locks"


class FileLock:
    """Holds the session file that one window shows. The lock of a program that was killed holds nothing."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER_NAME
        self._held: QLockFile | None = None

    def take(self, path: Path) -> bool:
        """Let go of the file before and hold ``path``; False where another window has it."""
        self.release()
        self._held = self._lock(path)
        return _had(self._held)

    def is_free(self, path: Path) -> bool:
        """Whether no other window has ``path``."""
        lock = self._lock(path)
        free = _had(lock)
        lock.unlock()
        return free

    def release(self) -> None:
        """Hold no file."""
        if self._held is not None:
            self._held.unlock()
            self._held = None

    def _lock(self, path: Path) -> QLockFile:
        with suppress(OSError):  # a folder that takes no files takes no locks: then nobody has anything
            self._folder.mkdir(parents=True, exist_ok=True)
        name = sha256(os.fsencode(path.resolve())).hexdigest()[:20]
        lock = QLockFile(str(self._folder / f"{name}.lock"))
        lock.setStaleLockTime(0)  # a window may be open for days; one whose process has ended is seen all the same
        return lock


def _had(lock: QLockFile) -> bool:
    """Whether ``lock`` is ours now, or of this process already, or cannot be made at all."""
    if lock.tryLock(0) or lock.error() != QLockFile.LockError.LockFailedError:
        return True
    owner, *_ = lock.getLockInfo()
    return owner == os.getpid()
