"""The session: the one object views talk to. Its verbs change things, its facts (signals) tell what changed.

::

    view --verb--> Session --command--> engine process
    view <--fact-- Session <--reply---- engine process
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from PySide6.QtCore import QTimer, Signal, Slot

from rnnviz.engine.errors import SpecError
from rnnviz.engine.feeding import Feeding
from rnnviz.service.messages import DataPreviewed, Opened, Ready, Refused, RunChanged, Saved, Superseded
from rnnviz.service.wire import FrameTooLarge
from rnnviz.session.cursor import Cursor
from rnnviz.session.derived import Derived
from rnnviz.session.document import DocumentControl
from rnnviz.session.facts import FIRST_STEP, SessionFacts, State
from rnnviz.session.incoming import Incoming
from rnnviz.session.lab import EXPERIMENTS, Lab
from rnnviz.session.own_data import OwnData
from rnnviz.session.recovery import Recovery
from rnnviz.session.requests import PATIENCE_S, Requests
from rnnviz.session.settings import write_atomically
from rnnviz.session.training_control import TrainingControl
from rnnviz.session.typed_text import acceptable
from rnnviz.session.values import Direction, Notice

if TYPE_CHECKING:
    from PySide6.QtCore import QObject

    from rnnviz.service.messages import Command
    from rnnviz.session.engine_process import EngineProcess
    from rnnviz.session.settings import Settings

STALE_AFTER_MS = 150
"""A trace that is newer within this time never looks stale: nothing flickers while somebody types."""


class Session(SessionFacts):
    """Text, network, cursor and training of one window. Views read its properties and call its verbs."""

    save_elsewhere_asked = Signal()

    def __init__(self, *, engine: EngineProcess, settings: Settings, parent: QObject | None = None) -> None:
        super().__init__(State(), parent)
        self._engine = engine
        self._settings = settings
        self._stale_later = QTimer(self)
        self._stale_later.setSingleShot(True)
        self._stale_later.setInterval(STALE_AFTER_MS)
        self._build()
        self._connect()
        if settings.last_text is not None:
            self._state.text, self._state.wanted_step = settings.last_text, None
            self._recovery.choose_text()
        if settings.note:
            self._incoming.tell(Notice(settings.note))

    def _build(self) -> None:
        self._overdue = QTimer(self)
        self._overdue.setSingleShot(True)
        self._overdue.setInterval(round(PATIENCE_S * 1000) + 1)
        self._requests = Requests(self._send, waits=self._start_overdue)
        base: dict[str, Any] = {"state": self._state, "requests": self._requests}
        self._derived = Derived(**base, facts=self)
        self.lab = Lab(**base, facts=self)
        self._cursor = Cursor(state=self._state, facts=self, derived=self._derived)
        self._incoming = Incoming(self, **base, facts=self, derived=self._derived, cursor=self._cursor)
        self._recovery = Recovery(
            self, **base, incoming=self._incoming, derived=self._derived, place=self._settings.place_path
        )
        base |= {"facts": self, "incoming": self._incoming, "recovery": self._recovery}
        self._control = TrainingControl(**base)
        self.own_data = OwnData(
            state=self._state, facts=self, requests=self._requests, incoming=self._incoming, control=self._control
        )
        self._document = DocumentControl(**base, cursor=self._cursor, settings=self._settings)

    def _connect(self) -> None:
        self._engine.received.connect(self._on_received)
        self._engine.died.connect(self._recovery.died)
        self._engine.gave_up.connect(self._recovery.gave_up)
        self._stale_later.timeout.connect(self._mark_stale)
        self._overdue.timeout.connect(self._send_overdue)

    def _start_overdue(self) -> None:
        self._overdue.start()

    @Slot()
    def _send_overdue(self) -> None:
        self._requests.send_overdue()

    def _send(self, command: Any) -> bool:  # noqa: ANN401 any Command
        try:
            return self._engine.send(command)
        except FrameTooLarge as error:
            self._incoming.tell(Notice(str(error), "error"))
            return False

    @Slot(object)
    def _on_received(self, reply: object) -> None:
        match reply:
            case Ready():
                self._recovery.ready(reply)
                self.own_data.engine_ready()
                self._settings.sweep()  # while the engine computes
            case RunChanged():
                self._incoming.take(reply)
                self._recovery.run_changed(reply)
                self._show_learned(self.own_data.learned(reply))
            case Saved():
                self._document.on_saved(reply)
            case Opened():
                self._document.on_opened(reply)
            case Refused():
                if not (self.own_data.refused(reply) or self.lab.refused(reply)):
                    self._document.on_refused(reply)
                self._incoming.take(reply)
            case DataPreviewed():
                self.own_data.take(reply)
            case Superseded():
                self.own_data.superseded(reply)
                self._incoming.take(reply)
            case _:
                self.lab.take(reply)  # type: ignore[arg-type]
                self._incoming.take(reply)  # type: ignore[arg-type]

    def _show_learned(self, example: str | None) -> None:
        """Data of the user's own are in force: show an example of them; the text before it can come back."""
        if example is not None:
            self._take_up(example)

    def _take_up(self, text: str) -> None:
        """Read what goes with another task; the text and the feeding before it come back with their network."""
        state = self._state
        typed, feeding = state.text, state.feeding
        self.set_feeding(own=False)  # what one task goes on with means nothing to the next
        state.replaced_feeding = feeding
        if text != typed:
            self.set_text(text)
            state.replaced_text = typed

    @Slot()
    def _mark_stale(self) -> None:
        if self._requests.is_open("unroll") and self._state.trace is not None:
            self._state.trace_stale = True
            self.trace_changed.emit()

    # ------------------------------------------------------------------ text and cursor

    def set_text(self, text: str) -> None:
        """Type: unroll over another text. Cut at 5,000 characters, with a notice; training pauses."""
        text, notice = acceptable(text)
        if text == self._state.text:
            if notice is not None:
                self._incoming.tell(notice)
            return
        self._control.pause()
        self._state.text, self._state.dirty = text, True
        self._recovery.choose_text()
        if self._recovery.begun:
            self._incoming.unroll()
            self._stale_later.start()
        self.text_changed.emit()
        self.path_changed.emit()
        if notice is not None:
            self._incoming.tell(notice)

    @property
    def waits_for_trace(self) -> bool:
        """Whether a newer trace than the one on show is on its way."""
        return self._requests.is_open("unroll")

    def set_feeding(self, **changes: Any) -> None:  # noqa: ANN401 the fields of Feeding
        """Read the wanted outputs (teacher forcing) or the network's own, and how those are drawn; unrolls again."""
        try:
            feeding = msgspec.structs.replace(self._state.feeding, **changes)
        except (SpecError, TypeError) as error:
            self._incoming.tell(Notice(str(error), "error"))
            return
        if feeding != self._state.feeding:
            self._state.feeding = feeding
            if self._recovery.begun:
                self._incoming.unroll()
            self.feeding_changed.emit()

    def move_to(self, time_step: int) -> None:
        """Put the cursor on a time step (0..length)."""
        self._cursor.move_to(time_step)

    def move_sub_step(self, delta: int) -> None:
        """Move inside the step."""
        self._cursor.move_sub_step(delta)

    def select(self, unit: int | None = None, layer: str | None = None, time_step: int | None = None) -> None:
        """Choose a unit (−1: none), a layer, a time step."""
        self._cursor.select(unit, layer, time_step)

    def choose_loss(self, step: int) -> None:
        """Choose the loss C_k whose gradient is shown (0: the last)."""
        self._cursor.choose_loss(step)

    def set_direction(self, direction: Direction) -> None:
        """Forward pass or reverse sweep."""
        self._cursor.set_direction(Direction(direction))

    def set_part(self, part: str) -> None:
        """Show the joint gradient, or that of h or c alone."""
        self._cursor.set_part(part)

    def set_threshold(self, threshold: float) -> None:
        """Choose the share at which a gradient counts as vanished."""
        self._cursor.set_threshold(threshold)

    # ------------------------------------------------------------------ model, task, training

    def set_model(self, **changes: Any) -> None:  # noqa: ANN401 the fields of ModelSpec
        """Change the network (cell, hidden, layers ...): fresh weights."""
        self._control.change("model", changes)

    def set_task(self, name: str, text: str | None = None, source: str = "") -> None:
        """Learn another task (``text``: data of the user's own) with the network and the training that learn it.

        A typed text that means nothing in it gives way to its example, and comes back with the earlier network.
        """
        before, typed = self._state.run.task, self._state.text
        wanted = self._control.change_task(name, typed, text, source)
        if wanted != typed or self._state.run.task != before:
            self._take_up(wanted)

    def set_training(self, **changes: Any) -> None:  # noqa: ANN401 the fields of TrainingSpec
        """Change rate, batch, clipping, optimiser or device live; a new seed means fresh weights."""
        self._control.set_training(changes)

    def set_device(self, name: str) -> None:
        """Train on another device; the weights move there."""
        self._control.set_training({"device": name})

    def train(self) -> None:
        """Train until paused."""
        self._control.train()

    def pause(self) -> None:
        """Pause training."""
        self._control.pause()

    def toggle_training(self) -> None:
        """Train or pause."""
        self._control.toggle()

    def train_one_step(self) -> None:
        """One optimiser step."""
        self._control.train(1)

    def train_steps(self, steps: int) -> None:
        """Train for some steps, then pause."""
        self._control.train(steps)

    def reset(self) -> None:
        """The untrained network again."""
        self._control.reset()

    def restore_previous(self) -> None:
        """Bring back the trained network that the last new one has replaced, with its text and feeding."""
        state = self._state
        text, feeding, present, fed = state.replaced_text, state.replaced_feeding, state.text, state.feeding
        self._control.restore_previous()
        if feeding is not None:
            self.set_feeding(**msgspec.structs.asdict(feeding))
            state.replaced_feeding = fed
        if text is not None:
            self.set_text(text)
            state.replaced_text = present

    def undo(self, steps: int = 20) -> None:
        """Back by some training steps."""
        self._control.undo(steps)

    def clip_gradients(self) -> None:
        """Limit the gradient norm."""
        self._control.clip_gradients()

    def smaller_batch(self) -> None:
        """Halve the batch."""
        self._control.smaller_batch()

    def use_cpu(self) -> None:
        """Train on the CPU."""
        self.set_device("cpu")

    def lower_rate(self) -> None:
        """Lower the learning rate."""
        self._control.lower_rate()

    def view_training_step(self, step: int | None) -> None:
        """Show the network of a saved training step; None: the live one."""
        self._control.view_training_step(step)

    def measure_devices(self) -> None:
        """Measure this model on every device."""
        self._control.measure_devices()

    # ------------------------------------------------------------------ the gradient laboratory

    def change_weights(self, slot: str, command: Command) -> None:
        """Let an experiment change the live weights (dial, update); the picture follows."""
        self._control.pause()
        self._state.dirty = True
        self.path_changed.emit()
        self.lab.do(slot, command)
        self._incoming.unroll()

    # ------------------------------------------------------------------ what views want

    def want(self, topic: str, key: str) -> None:
        """The view ``key`` shows a picture (see derived.TOPICS) or an experiment (lab.EXPERIMENTS) from now on."""
        (self.lab if topic in EXPERIMENTS else self._derived).want(topic, key)

    def unwant(self, topic: str, key: str) -> None:
        """The view ``key`` no longer shows ``topic``: it costs nothing any more."""
        (self.lab if topic in EXPERIMENTS else self._derived).unwant(topic, key)

    # ------------------------------------------------------------------ files and life

    def start(self) -> None:
        """Start the engine."""
        self._engine.start()

    def save(self, path: Path | str, view: dict[str, Any]) -> None:
        """Save the session file, with the window's own JSON."""
        self._document.save(Path(path), view)

    def save_elsewhere(self) -> None:
        """Ask the window for another place to save."""
        self.save_elsewhere_asked.emit()

    def open(self, path: Path | str) -> None:
        """Open a session file; before the engine is ready: begin with it."""
        self._document.open(Path(path))

    def new_session(self) -> None:
        """Begin again with the shipped start, the cursor where it stood at the very first start."""
        self._control.pause()
        self.set_direction(Direction.FORWARD)
        self.select(unit=-1, layer="l0")
        self.choose_loss(0)
        self.set_part("joint")
        self.set_feeding(**msgspec.structs.asdict(Feeding()))
        self._state.wanted_step = FIRST_STEP
        self._recovery.start_over()

    def tell(self, notice: Notice) -> None:
        """Show one line to the user."""
        self._incoming.tell(notice)

    def dismiss_notice(self) -> None:
        """The user has read the notice."""
        self._incoming.tell(None)

    def restart_engine(self) -> None:
        """Start the engine once more after it gave up."""
        self._engine.restart()

    def close(self) -> None:
        """Remember the place, end the engine (in less than two seconds)."""
        self._stale_later.stop()
        self._overdue.stop()
        self._derived.rest()
        self.lab.rest()
        self._incoming.forget_frames()
        self._engine.close()
        self._document.release()
        self._settings.remember(self._state.text, self._state.run)
        self._settings.flush()
        if self._state.restore_point:
            with suppress(OSError):  # a place that cannot be kept is no reason not to close
                write_atomically(self._settings.place_path, self._state.restore_point)
