"""What the engine says, put into the session's state."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace as replace_struct
from PySide6.QtCore import QObject, QTimer, Slot

from rnnviz.service import messages as wire
from rnnviz.session.values import Curve, Notice, TrainingRecord

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.session.cursor import Cursor
    from rnnviz.session.derived import Derived
    from rnnviz.session.facts import SessionFacts, State
    from rnnviz.session.requests import Requests

MAX_RESTORE_POINT = 64 * 1024 * 1024


class Incoming(QObject):
    """One handler for each kind of reply about model, text and training."""

    def __init__(
        self,
        parent: QObject,
        *,
        state: State,
        facts: SessionFacts,
        requests: Requests,
        derived: Derived,
        cursor: Cursor,
    ) -> None:
        super().__init__(parent)
        self._state = state
        self._facts = facts
        self._requests = requests
        self._derived = derived
        self._cursor = cursor
        self._curve = Curve()
        self._undrawn = 0
        self._later: wire.TrainingFrame | None = None
        self._drawn = QTimer(self)
        self._drawn.setSingleShot(True)
        self._drawn.timeout.connect(self._acknowledge)
        self._handlers: dict[type[wire.Reply], Callable[[Any], None]] = {
            wire.TorchReady: self._on_torch,
            wire.RunChanged: self._on_run,
            wire.StateChanged: self._on_state,
            wire.Unrolled: self._on_unrolled,
            wire.Differentiated: derived.on_differentiated,
            wire.Inspected: derived.on_inspected,
            wire.CreditMapped: derived.on_credit,
            wire.HistoryMapped: derived.on_history,
            wire.TrainingFrame: self._on_frame,
            wire.LossHistory: self._on_history,
            wire.HeldOut: self._on_held_out,
            wire.NotFinite: self._on_not_finite,
            wire.Devices: self._on_devices,
            wire.Autosave: self._on_autosave,
        }

    def take(self, reply: wire.Reply) -> None:
        """Apply ``reply``; what waited for it goes out."""
        if handler := self._handlers.get(type(reply)):
            handler(reply)
        if reply.request:
            self._requests.answered(reply.request)

    def _on_torch(self, reply: wire.TorchReady) -> None:
        self._state.torch_ready = True
        if not self._state.devices:
            self._state.devices = tuple(reply.devices)
        self._facts.engine_changed.emit()
        self._facts.devices_changed.emit()

    def _on_run(self, reply: wire.RunChanged) -> None:
        state = self._state
        if not (reply.request and self._requests.is_outdated("run", reply.request)):
            state.run = reply.run  # else the user has chosen something newer, which is on its way
        state.task = reply.task
        state.parameters, state.parameter_count = reply.parameters, reply.parameter_count
        if reply.fresh:
            self._set_aside(reply)
            state.history, state.viewing_step = None, None
            self._curve = Curve()
        record = TrainingRecord(step=reply.training_step) if reply.fresh else state.training
        state.training = replace(
            record,
            baseline=reply.task.baseline,
            baseline_label=reply.task.baseline_label,
            device=record.device if len(record.steps) else reply.run.training.device,
        )
        self._cursor.stay_in_model()
        self._facts.run_changed.emit()
        self._facts.training_changed.emit()
        if reply.fresh:
            self.unroll()

    def _set_aside(self, reply: wire.RunChanged) -> None:
        """Keep the restore point of a trained network that the user has just replaced; it can be brought back.

        The engine sends a restore point when training pauses and one for the new network after this reply,
        so the one at hand is that of the old network.
        """
        state, done = self._state, self._state.training.step
        replacing, state.replacing = state.replacing, False
        if not replacing:
            return
        state.previous = state.restore_point if done else b""
        steps = f"{done} training step{'s' if done != 1 else ''}"
        aside = f"{steps} {'were' if done != 1 else 'was'} set aside"
        if reply.training_step:
            sentence = f"The earlier network is back at step {reply.training_step}"
            sentence += f"; of the other one, {aside}." if done else "."
        else:
            sentence = f"This made a new network{state.made}; {aside}."
        if done or reply.training_step:
            self.tell(Notice(sentence, actions=(("Bring it back", "restore_previous"),) if state.previous else ()))

    def unroll(self) -> None:
        """Ask for the trace of the typed text, and for what the views show of it."""
        self._requests.ask("unroll", wire.Unroll(text=self._state.text, feeding=self._state.feeding))

    def _on_state(self, reply: wire.StateChanged) -> None:
        was = self._state.engine_state
        self._state.engine_state, self._state.engine_note = reply.state, ""
        if reply.state is wire.EngineState.FAILED:
            self._state.engine_note = reply.reason
        self._facts.engine_changed.emit()
        if reply.reason:
            self.tell(self._room_needed(reply) if reply.out_of_memory else Notice(reply.reason))
        if was is wire.EngineState.TRAINING and reply.state is not wire.EngineState.TRAINING:
            self._derived.ask_all()

    def _room_needed(self, reply: wire.StateChanged) -> Notice:
        """What to do where the memory does not suffice."""
        record, spec = self._state.training, self._state.run.training
        device = record.device if len(record.steps) else spec.device
        smaller = (("Smaller batch", "smaller_batch"),) if spec.batch_size > 1 else ()
        away = (("Use the CPU", "use_cpu"),) if device != "cpu" else ()
        return Notice(reply.reason, "error", (*smaller, *away))

    def _on_unrolled(self, reply: wire.Unrolled) -> None:
        epoch = self._requests.epoch_of("unroll", reply.request)
        if epoch is None:
            return
        state = self._state
        old = state.trace
        old_length = -1 if old is not None and old.text == reply.text else self._facts.length
        state.trace, state.trace_epoch, state.trace_stale = reply, epoch, False
        state.viewing_step = reply.training_step if reply.viewing_snapshot else None
        same_length = old is not None and len(old.tokens) == len(reply.tokens)
        self._derived.drop_other_texts(same_length=same_length)
        self._cursor.follow(old_length)
        self._facts.trace_changed.emit()
        self._derived.ask_all()
        if state.feeding.own and reply.tokens and not reply.own and self._requests.waiting("unroll") is None:
            self._refuse_own(reply)

    def _refuse_own(self, reply: wire.Unrolled) -> None:
        """The network cannot read its own outputs here: say why, and go on with the wanted ones."""
        self._state.feeding = replace_struct(self._state.feeding, own=False)
        self._facts.feeding_changed.emit()
        self.tell(Notice(reply.notes[-1] if reply.notes else "The outputs of this task cannot be read as its inputs."))

    def _on_frame(self, frame: wire.TrainingFrame) -> None:
        state = self._state
        state.training = self._curve.append(frame, state.training)
        picture = frame.unrolled
        if picture is not None and picture.text == state.text and not state.trace_stale and state.trace is not None:
            if len(picture.tokens) == len(state.trace.tokens):
                state.trace = picture
                self._facts.trace_changed.emit()
                self._later = frame
            elif picture.own:
                self._take_longer_or_shorter(picture)
        if len(frame.steps) and not state.dirty:
            state.dirty = True
            self._facts.path_changed.emit()
        self._facts.training_changed.emit()
        if state.engine_state is not wire.EngineState.TRAINING:
            self._derived.ask_all()
        self._undrawn = frame.frame
        # The timer fires after the paint events that the signals have just asked for.
        self._drawn.start(0)

    def _take_longer_or_shorter(self, picture: wire.Unrolled) -> None:
        """The network's own outputs end elsewhere than before: what was derived belongs to other steps."""
        self._state.trace = picture
        self._derived.drop_other_texts(same_length=False)
        self._cursor.follow(-1)
        self._facts.trace_changed.emit()
        self._derived.ask_all()

    @Slot()
    def _acknowledge(self) -> None:
        frame, self._later = self._later, None
        if frame is not None and frame.unrolled is self._state.trace:
            # Gradients, credit and detail are a window frame of their own: all at once would take more than 16 ms.
            self._derived.on_frame(frame)
            self._drawn.start(0)
            return
        self._requests.post(wire.Acknowledge(frame=self._undrawn))

    def _on_history(self, reply: wire.LossHistory) -> None:
        step = int(reply.steps[-1]) if len(reply.steps) else 0
        self._state.training = self._curve.replace(reply, self._state.training, step)
        self._facts.training_changed.emit()

    def _on_held_out(self, reply: wire.HeldOut) -> None:
        if reply.training_step <= self._state.training.step:  # else of a network that was replaced meanwhile
            self._state.training = replace(self._state.training, held_out=reply.score)
            self._facts.training_changed.emit()

    def _on_not_finite(self, reply: wire.NotFinite) -> None:
        actions = (("Undo 20 steps", "undo"), ("Clip gradients", "clip_gradients"), ("Lower rate", "lower_rate"))
        self.tell(Notice(reply.sentence, "error", actions))

    def _on_devices(self, reply: wire.Devices) -> None:
        self._state.devices, self._state.device_sentence = tuple(reply.devices), reply.sentence
        self._facts.devices_changed.emit()
        self.tell(Notice(reply.sentence) if reply.sentence else None)

    def _on_autosave(self, reply: wire.Autosave) -> None:
        if len(reply.document) <= MAX_RESTORE_POINT:
            self._state.restore_point = reply.document

    def tell(self, notice: Notice | None) -> None:
        """Show one line to the user."""
        self._state.notice = notice
        self._facts.notice_changed.emit()

    def forget_frames(self) -> None:
        """The engine that waits for an acknowledgement is gone."""
        self._drawn.stop()
        self._later = None

    def engine_down(self) -> None:
        """Tell the views that there is no engine now."""
        self._facts.engine_changed.emit()
