"""The real window without a display, driven from a script: it waits for replies and pictures, not for time to pass."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from time import monotonic, time
from typing import TYPE_CHECKING, Self

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, QObject, Qt, QTimer, Slot
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from rnnviz.engine.errors import SpecError
from rnnviz.service.messages import EngineState, Unrolled
from rnnviz.session.lab import EXPERIMENTS

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from PySide6.QtGui import QImage

    from rnnviz.session.engine_process import EngineProcess
    from rnnviz.session.session import Session
    from rnnviz.view.main_window import MainWindow

LOOK_EVERY_MS = 5
QUIET_S = 0.15
"""So long the engine must have said nothing, with nothing known to be missing, for the window to be settled."""
RESIGNED_S = 3.0
"""The same, when something that was asked for has not come (a text of one character has no credit map)."""


class Offscreen:
    """One window in memory with settings of its own, closed with its engine at the end of the ``with`` block."""

    def __init__(
        self, options: object = None, *, size: tuple[int, int] = (1600, 1000), patience_s: float = 120
    ) -> None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        self._folder = tempfile.TemporaryDirectory(prefix="rnnviz-offscreen-")
        from rnnviz.app import build  # after the platform is chosen

        self._built = build(options, Path(self._folder.name))
        self.window: MainWindow = self._built.window
        self.session: Session = self._built.session
        self.application = self._built.application
        self._patience_s = patience_s
        self._witness = _Witness(self._built.engine, self.session, self.window.middle.stage)
        self.window.settings.update_view(reduced_motion=True)
        self.window.resize(*size)

    def __enter__(self) -> Self:
        self.window.show()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._built.dispose()
        self._folder.cleanup()

    @property
    def processes(self) -> tuple[int, int]:
        """The process ids of window and engine."""
        return os.getpid(), self._built.engine.process_id

    # ------------------------------------------------------------------ waiting

    def wait(self, holds: Callable[[], bool], what: str) -> None:
        """Run the event loop until ``holds``; SpecError with ``what`` when patience ends."""
        loop, end = QEventLoop(), monotonic() + self._patience_s

        def look() -> None:
            if holds() or monotonic() > end:
                loop.quit()

        timer = QTimer()
        timer.timeout.connect(look)
        timer.start(LOOK_EVERY_MS)
        loop.exec()
        timer.stop()
        if not holds():
            raise SpecError(f"The window waited {self._patience_s:g} s for {what}; {self._reason()}")

    def _reason(self) -> str:
        notice = self.session.notice
        return notice.text if notice is not None else f"the engine is {self.session.engine_state}."

    def settle(self) -> None:
        """Wait until the engine is loaded and every reply is in and drawn."""
        self.wait(lambda: self.session.can_train, "PyTorch")
        self.wait(self._settled, "the engine's replies")

    def _settled(self) -> bool:
        if self.session.engine_state not in (EngineState.IDLE, EngineState.PAUSED) or not self._drawn():
            return False
        return self._witness.quiet_for() >= (QUIET_S if self._complete() else RESIGNED_S)

    def _complete(self) -> bool:
        """Whether everything that a visible track or panel asks for is there."""
        session = self.session
        shown = {"gradients": session.gradients, "credit": session.credit, "detail": session.detail}
        shown["history"] = session.history if self._history_is_new() else None
        if any(shown.get(topic, "") is None for topic in self._wanted_topics()):
            return False
        if any(session.lab.waiting(topic) for topic in EXPERIMENTS):
            return False
        whole = session.credit is None or session.credit.complete
        return whole and (session.detail is None or session.detail.time_step == session.time_step)

    def _history_is_new(self) -> bool:
        """Whether the gradient's history is of this text and reaches the newest snapshot (the last may be thinned)."""
        past, now = self.session.history, self.session.training.step
        if past is None or past.log2.shape[1] != self.session.length or not len(past.steps):
            return False
        return now - int(past.steps[-1]) <= max([*past.steps[1:] - past.steps[:-1], 0])

    def _wanted_topics(self) -> set[str]:
        widgets = [widget for widget in self.window.findChildren(QWidget) if widget.isVisible()]
        return {topic for widget in widgets for topic in getattr(widget, "topics", ())}

    def _drawn(self) -> bool:
        trace, middle = self.session.trace, self.window.middle
        if trace is None or trace.text != self.session.text or self.session.waits_for_trace:
            return False
        if middle.comparing:
            return middle.comparison is not None and middle.comparison.drawn
        return self._witness.painted is trace

    def wait_for_picture(self) -> float:
        """Wait until the stage has painted the trace of the present text; the clock (``time.time``) when it had."""
        self.wait(self._drawn, "the picture")
        return self._witness.painted_at

    @property
    def replied_at(self) -> float:
        """The clock (``time.time``) when the newest trace came from the engine."""
        return self._witness.replied_at

    def run_for(self, seconds: float) -> None:
        """Let the window live for a while (benchmarks only: a picture never waits for time)."""
        loop = QEventLoop()
        QTimer.singleShot(int(1000 * seconds), loop.quit)
        loop.exec()

    def every(self, milliseconds: int, act: Callable[[], None], seconds: float) -> None:
        """Call ``act`` at a steady pace for a while, as a hand with a mouse does."""
        timer = QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.timeout.connect(act)
        timer.start(milliseconds)
        self.run_for(seconds)
        timer.stop()

    # ------------------------------------------------------------------ acting

    def train(self, steps: int) -> None:
        """Train ``steps`` steps and wait for the picture after the last."""
        goal = self.session.training.step + steps
        self.session.train_steps(steps)
        self.wait(lambda: self.session.training.step >= goal or self._failed(), f"training step {goal}")
        self.settle()

    def _failed(self) -> bool:
        notice = self.session.notice
        return notice is not None and notice.kind == "error"

    def type_key(self, letter: str | None) -> None:
        """Press a key in the text field (None: backspace)."""
        field, before = self.window.middle.stage.text_field, self.session.text
        key = Qt.Key.Key_Backspace if letter is None else Qt.Key(ord(letter.upper()))
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            event = QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, letter or "\b")
            QCoreApplication.sendEvent(field, event)
        if self.session.text == before:
            raise SpecError(f"The key {letter or 'backspace'} did not change the text.")

    def grab(self) -> QImage:
        """The window as it is now, as a picture."""
        return self.window.grab().toImage()


class _Witness(QObject):
    """Knows when the engine last said something, and which trace the stage has painted when."""

    def __init__(self, engine: EngineProcess, session: Session, stage: QObject) -> None:
        super().__init__()
        self._session = session
        self._heard = monotonic()
        self.painted: object = None
        self.painted_at = self.replied_at = 0.0
        engine.received.connect(self._hear)
        stage.installEventFilter(self)

    @Slot(object)
    def _hear(self, reply: object) -> None:
        self._heard = monotonic()
        if isinstance(reply, Unrolled):
            self.replied_at = time()

    def quiet_for(self) -> float:
        """Seconds since the engine's last word."""
        return monotonic() - self._heard

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """See the stage painted; let everything pass."""
        del watched
        if event.type() == QEvent.Type.Paint and self._session.trace is not self.painted:
            QTimer.singleShot(0, self, self._note)  # after this paint
        return False

    @Slot()
    def _note(self) -> None:
        self.painted, self.painted_at = self._session.trace, time()
