"""Start and restart of the engine: what it is told first, and how the session gets back to where it was."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from rnnviz.resources import resource_bytes
from rnnviz.service.messages import Command, EngineState, Open, Restore, SetRun
from rnnviz.session.values import Notice

if TYPE_CHECKING:
    from pathlib import Path

    from rnnviz.engine.spec import RunSpec
    from rnnviz.service.messages import Ready, RunChanged
    from rnnviz.session.derived import Derived
    from rnnviz.session.facts import State
    from rnnviz.session.incoming import Incoming
    from rnnviz.session.requests import Requests

START_DOCUMENT = "start/hello.rnnviz"
MAX_PLACE = 64 * 1024 * 1024


class Recovery(QObject):
    """Opens the first state, and after a death the newest restore point; text and cursor never leave the window."""

    def __init__(
        self, parent: QObject, *, state: State, requests: Requests, incoming: Incoming, derived: Derived, place: Path
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._requests = requests
        self._incoming = incoming
        self._derived = derived
        self._place = place
        self._chosen: Path | RunSpec | None = None
        self._text_chosen = False
        self._in_force: RunSpec | None = None
        self._recovering = False
        self._attempts: list[Command] = []
        self._pending = 0

    @property
    def begun(self) -> bool:
        """Whether the engine has been given its first state."""
        return self._in_force is not None

    @property
    def text_chosen(self) -> bool:
        """Whether the text is the user's, so that the first document must not replace it."""
        return self._text_chosen

    def choose_text(self) -> None:
        """Keep the typed text when the first state comes."""
        self._text_chosen = True

    def start_with(self, first: Path | RunSpec) -> None:
        """Before the engine is ready: begin with this file or this run instead of the last place."""
        self._chosen = first

    def ready(self, reply: Ready) -> None:
        """The engine's loop runs: give it its first state, or the state it died with."""
        del reply
        self._requests.reset()
        self._incoming.forget_frames()
        self._derived.subscribe()
        state = self._state
        self._recovering = self.begun
        if self._recovering:
            fresh = SetRun(run=state.run)
            changed = self._in_force is not None and (state.run.model, state.run.task) != (
                self._in_force.model,
                self._in_force.task,
            )
            usable = bool(state.restore_point) and not changed
            self._attempts = [Restore(document=state.restore_point), fresh] if usable else [fresh]
        else:
            self._attempts = self._first_states()
        self._try_next()

    def _first_states(self) -> list[Command]:
        """What to begin with, in order of preference; the last never fails."""
        attempts: list[Command] = []
        if self._chosen is None:
            attempts += [Restore(document=data, view=True) for data in (self._last_place(), start_document()) if data]
        elif isinstance(self._chosen, type(self._state.run)):
            attempts.append(SetRun(run=self._chosen))
        else:
            attempts.append(Open(path=str(self._chosen)))
        return [*attempts, SetRun(run=self._state.run)]

    def _last_place(self) -> bytes:
        try:
            return self._place.read_bytes() if self._place.stat().st_size <= MAX_PLACE else b""
        except OSError:
            return b""

    def start_over(self) -> None:
        """Begin again with the shipped start (a new session)."""
        self._text_chosen = False
        data = start_document()
        self._attempts = [Restore(document=data, view=True)] if data else []
        self._attempts.append(SetRun(run=type(self._state.run)()))
        self._try_next()

    def _try_next(self) -> None:
        self._pending = self._requests.post(self._attempts.pop(0)) if self._attempts else 0

    def refused(self, number: int) -> bool:
        """Whether ``number`` was an attempt of ours; the next one is made."""
        if number != self._pending or not self._attempts:
            return False
        self._try_next()
        return True

    def run_changed(self, reply: RunChanged) -> None:
        """A network is in force; after a recovery say where we are."""
        self._in_force = reply.run
        if reply.request != self._pending:
            return
        self._pending, self._attempts = 0, []
        if self._recovering:
            self._recovering = False
            where = f" at step {reply.training_step}" if reply.training_step else ""
            self._incoming.tell(Notice(f"The engine stopped and was started again; the network is as it was{where}."))

    @Slot(str)
    def died(self, sentence: str) -> None:
        """The engine ended by itself: everything in flight is lost, the text and the place are not."""
        del sentence
        self._down(EngineState.STARTING, "The engine stopped; starting it again.")
        self._incoming.tell(Notice("The engine stopped; starting it again.", "busy"))

    @Slot(str)
    def gave_up(self, sentence: str) -> None:
        """The engine died too often in a row."""
        self._down(EngineState.FAILED, f"The engine does not stay alive. {sentence}")
        action = (("Start it again", "restart_engine"),)
        self._incoming.tell(Notice(f"The engine does not stay alive. {sentence}", "error", action))

    def _down(self, engine_state: EngineState, note: str) -> None:
        self._state.engine_state, self._state.engine_note = engine_state, note
        self._state.torch_ready = self._state.replacing = False
        self._requests.reset()
        self._incoming.forget_frames()
        self._incoming.engine_down()


def start_document() -> bytes:
    """The shipped first state; empty where it is missing (a checkout before `rnnviz train` made it)."""
    try:
        return resource_bytes(START_DOCUMENT)
    except OSError:
        return b""
