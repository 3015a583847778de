"""The user's settings: one JSON file, saved whole or not at all."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QLockFile, QObject, QStandardPaths, QTimer, Signal, Slot

from rnnviz.engine.spec import RunSpec  # noqa: TC001 msgspec resolves the annotation
from rnnviz.engine.temporary import make_temporary, sweep_temporary
from rnnviz.session.view_state import ViewState

VERSION = 1
MAX_RECENT = 10
FOLDER_VARIABLE = "RNNVIZ_CONFIG_DIR"
FILE_NAME = "settings.json"
PLACE_NAME = "last.rnnviz"
LOCK_NAME = "settings.lock"
LOCK_TRIES, LOCK_TRY_MS = 100, 10
"""Another window holds the lock for one read and one write; a program that was killed holds nothing."""
MAX_TEXT = 100_000
WRITE_DELAY_MS = 500


class _Stored(msgspec.Struct, kw_only=True):
    """The file. ``last_corpus`` is not kept: a run's own text can be large and stays in session files."""

    version: int = VERSION
    view: ViewState = msgspec.field(default_factory=ViewState)
    recent: list[str] = []
    last_text: str | None = None
    last_run: RunSpec | None = None
    geometry: bytes = b""


@dataclass
class _Changes:
    """What was changed in this window since the file was last written."""

    fields: dict[str, Any] = field(default_factory=dict)
    view: dict[str, Any] = field(default_factory=dict)
    opened: list[str] = field(default_factory=list)
    forgotten: bool = False

    def __bool__(self) -> bool:
        return bool(self.fields or self.view or self.opened or self.forgotten)

    def merged(self, stored: _Stored) -> _Stored:
        """``stored``, which another window may have written, with these changes."""
        view = msgspec.structs.replace(stored.view, **self.view)
        recent = _newest(self.opened, [] if self.forgotten else stored.recent)
        return msgspec.structs.replace(stored, view=view, recent=recent, **self.fields)


def _newest(opened: list[str], before: list[str]) -> list[str]:
    return list(dict.fromkeys([*opened, *before]))[:MAX_RECENT]


def settings_folder() -> Path:
    """The platform's configuration folder of rnnviz, or the folder named by RNNVIZ_CONFIG_DIR."""
    if named := os.environ.get(FOLDER_VARIABLE):
        return Path(named)
    base = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericConfigLocation)
    return Path(base or Path.home()) / "rnnviz"


def write_atomically(path: Path, data: bytes) -> None:
    """Replace ``path`` by ``data``: other readers see the old file or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = make_temporary(path.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except OSError:
        with suppress(OSError):
            os.unlink(temporary)
        raise


class Settings(QObject):
    """Reads the file once; changes are written back a moment later (:meth:`flush`: now).

    Of two windows each writes only what was changed in it: the settings merge.
    A file that is no good is moved to ``.bad``.
    ``note`` is a sentence for the user when that happened, '' otherwise.
    """

    view_changed = Signal()
    recent_changed = Signal()

    def __init__(self, parent: QObject | None = None, *, folder: Path | None = None) -> None:
        super().__init__(parent)
        self._path = (folder or settings_folder()) / FILE_NAME
        self.note = ""
        self._unwritten = _Changes()
        self._stored = self._load() or _Stored()
        self._write_later = QTimer(self)
        self._write_later.setSingleShot(True)
        self._write_later.setInterval(WRITE_DELAY_MS)
        self._write_later.timeout.connect(self.flush)

    def _load(self) -> _Stored | None:
        """What the file holds; None where there is none, or none that is any good."""
        try:
            data = self._path.read_bytes()
        except OSError:
            return None
        try:
            stored = msgspec.json.decode(data, type=_Stored)
        except (msgspec.DecodeError, ValueError):
            self._set_aside("could not be read")
            return None
        if stored.version > VERSION:
            self._set_aside("are from a newer version")
            return None
        return stored

    def _set_aside(self, what: str) -> None:
        aside = self._path.with_suffix(".bad")
        with suppress(OSError):
            os.replace(self._path, aside)
        self.note = f"Your settings {what}; they were moved to {aside.name} and the defaults are used."

    def _store(self, **changes: Any) -> None:  # noqa: ANN401 passed on
        self._stored = msgspec.structs.replace(self._stored, **changes)
        self._unwritten.fields |= changes
        self._write_soon()

    def _write_soon(self) -> None:
        """A zoom changes the view sixty times a second; the disk hears of the last one."""
        self._write_later.start()

    @Slot()
    def flush(self) -> None:
        """Write what has changed now."""
        self._write_later.stop()
        if not self._unwritten:
            return
        lock = QLockFile(str(self.folder / LOCK_NAME))
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            # Without it the file is still whole, only a merge may be lost. Qt alone would wait longer with each try.
            any(lock.tryLock(LOCK_TRY_MS) for _ in range(LOCK_TRIES))
            stored = self._load()
            found = self._stored if stored is None else self._unwritten.merged(stored)
            write_atomically(self._path, msgspec.json.format(msgspec.json.encode(found)))
            self._unwritten = _Changes()
        except OSError as error:
            self.note = f"Your settings could not be saved in {self._path.parent}: {error.strerror}."
        finally:
            lock.unlock()

    @property
    def folder(self) -> Path:
        """Where the settings and the last state live."""
        return self._path.parent

    @property
    def view(self) -> ViewState:
        """The window's look."""
        return self._stored.view

    def update_view(self, **changes: Any) -> None:  # noqa: ANN401 the fields of ViewState
        """Change fields of the view; tells about it only when something differs."""
        view = msgspec.structs.replace(self._stored.view, **changes)
        if view != self._stored.view:
            self._stored = msgspec.structs.replace(self._stored, view=view)
            self._unwritten.view |= changes
            self._write_soon()
            self.view_changed.emit()

    @property
    def recent(self) -> tuple[Path, ...]:
        """The session files used last, newest first."""
        return tuple(Path(name) for name in self._stored.recent)

    def add_recent(self, path: Path) -> None:
        """Put ``path`` first among the recent files. Entries of a second window are kept."""
        stored = None if self._unwritten.forgotten else self._load()
        others = [*self._stored.recent, *(stored.recent if stored else [])]
        self._unwritten.opened = _newest([str(path)], self._unwritten.opened)
        self._stored = msgspec.structs.replace(self._stored, recent=_newest([str(path)], others))
        self._write_soon()
        self.recent_changed.emit()

    def clear_recent(self) -> None:
        """Forget the recent files."""
        self._stored = msgspec.structs.replace(self._stored, recent=[])
        self._unwritten.opened, self._unwritten.forgotten = [], True
        self._write_soon()
        self.recent_changed.emit()

    def sweep(self) -> None:
        """Remove what a killed program left unfinished beside our files and the recent ones."""
        for folder in {self.folder, *(path.parent for path in self.recent)}:
            with suppress(OSError):
                sweep_temporary(folder)

    @property
    def last_text(self) -> str | None:
        """The text of the last session, None at the first start."""
        return self._stored.last_text

    @property
    def last_run(self) -> RunSpec | None:
        """The run of the last session, None at the first start."""
        return self._stored.last_run

    def remember(self, text: str, run: RunSpec) -> None:
        """Keep text and run for the next start (a corpus of the user's own is left out: it can be large)."""
        if run.task.text is not None:
            run = msgspec.structs.replace(run, task=msgspec.structs.replace(run.task, text=None, source=""))
        self._store(last_text=text[:MAX_TEXT], last_run=run)

    @property
    def geometry(self) -> bytes:
        """The window's place on the screen, as Qt wrote it."""
        return self._stored.geometry

    def set_geometry(self, data: bytes) -> None:
        """Keep the window's place on the screen."""
        if data != self._stored.geometry:
            self._store(geometry=data)

    @property
    def place_path(self) -> Path:
        """The session file in which the last state is kept between two starts."""
        return self.folder / PLACE_NAME
