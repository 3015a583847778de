"""The composition root: builds engine process, session, playback, look and window, in the order that shows first."""

from __future__ import annotations

import faulthandler
import logging
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication

from rnnviz.session.engine_process import EngineProcess
from rnnviz.session.playback import Playback
from rnnviz.session.session import Session
from rnnviz.session.settings import Settings
from rnnviz.view.mishaps import Mishaps

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QPaintEvent

    from rnnviz.view.look import Look
    from rnnviz.view.main_window import MainWindow

log = logging.getLogger(__name__)


@dataclass
class App:
    """Everything of one window. ``close`` ends the engine; call it before letting go."""

    application: QApplication
    settings: Settings
    engine: EngineProcess
    session: Session
    playback: Playback
    look: Look
    window: MainWindow

    def close(self) -> None:
        """Close the window without questions and end the engine within two seconds."""
        self.playback.pause()
        self.window.close_now()
        self.session.close()

    def dispose(self) -> None:
        """``close``, then delete every Qt object in the order that is safe: widgets first."""
        self.close()
        self.window.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        for thing in (self.playback, self.session, self.engine, self.settings, self.look):
            thing.deleteLater()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def application() -> QApplication:
    """The one QApplication, with the style that our palette is made for."""
    existing = QApplication.instance()
    if isinstance(existing, QApplication):
        return existing
    QCoreApplication.setApplicationName("rnnviz")
    QCoreApplication.setOrganizationName("rnnviz")
    app = QApplication(sys.argv[:1])
    app.setStyle("Fusion")
    app.setDesktopFileName("rnnviz")
    return app


def build(options: object = None, settings_dir: Path | None = None, *, start: bool = True) -> App:
    """Build the program; ``options`` has the window's flags (text, task, cell, open, theme, seed) or none of them.

    The engine is started first: it loads while the window is being made.
    """
    qt = application()
    settings = Settings(folder=settings_dir) if settings_dir is not None else Settings()
    engine = EngineProcess()
    session = Session(engine=engine, settings=settings)
    if start:
        session.start()
    playback = Playback(session=session)
    _apply(options, session, settings)
    # Only now: the engine loads on its own core while the widgets are imported.
    from rnnviz.view.look import Look
    from rnnviz.view.main_window import MainWindow

    look = Look()
    window = MainWindow(session=session, playback=playback, settings=settings, look=look)
    return App(qt, settings, engine, session, playback, look, window)


def _apply(options: object, session: Session, settings: Settings) -> None:
    """What the command line asks for; a file given wins over text, task and cell."""
    if theme := getattr(options, "theme", None):
        settings.update_view(theme=theme)
    if path := getattr(options, "open", None):
        session.open(Path(path))
        return
    if task := getattr(options, "task", None):
        session.set_task(task)
    fields = ("cell", "hidden", "initialiser", "radius", "forget_bias")
    model = {name: getattr(options, name, None) for name in fields}
    if changes := {key: value for key, value in model.items() if value is not None}:
        session.set_model(**changes)
    if (seed := getattr(options, "seed", None)) is not None:
        session.set_training(seed=seed)
    if (text := getattr(options, "text", None)) is not None:
        session.set_text(text)


class FirstPaint(QObject):
    """Notes when the window was painted for the first time, in seconds after the process began."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self.seconds = 0.0
        self._window = window
        window.middle.stage.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent | QPaintEvent) -> bool:
        """The first paint event is enough."""
        if event.type() == QEvent.Type.Paint and not self.seconds:
            self.seconds = process_age()
            log.info("first paint %.3f s after the process began", self.seconds)
            self._window.middle.stage.removeEventFilter(self)
        return super().eventFilter(watched, event)


def process_age() -> float:
    """Seconds since this process began; 0 where the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        ticks = float(Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
        import os

        return time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")
    return 0.0


def run_window(options: object = None, *, opened: Callable[[Session], None] | None = None) -> int:
    """Open the window and stay until it is closed; the exit code. ``opened`` is called once the window lives."""
    app = build(options)
    _log_faults(app.settings.folder)
    mishaps = Mishaps(session=app.session, folder=app.settings.folder)
    mishaps.install()
    first = FirstPaint(app.window)
    app.window.show()
    if getattr(options, "presenter", False):
        QTimer.singleShot(0, app.window.toggle_presenter)
    if opened is not None:
        QTimer.singleShot(0, partial(opened, app.session))
    code = app.application.exec()
    log.info("ended after a first paint at %.3f s", first.seconds)
    mishaps.uninstall()
    app.dispose()
    return code


def _log_faults(folder: Path) -> None:
    """A crash of Qt itself leaves its trace in a file beside the settings."""
    with suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        faulthandler.enable((folder / "crash.log").open("w"))
