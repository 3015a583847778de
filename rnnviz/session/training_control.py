"""The verbs of training: run, pause, change it while it runs, look back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from rnnviz.engine.errors import SpecError
from rnnviz.engine.sequence import NO_TARGET
from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks import make_task, task_class
from rnnviz.engine.truncation import truncation_of
from rnnviz.service.messages import (
    EngineState,
    MeasureDevices,
    Pause,
    Reset,
    Restore,
    SetRun,
    SetTraining,
    Train,
    Undo,
    ViewTrainingStep,
)
from rnnviz.session.values import Notice

if TYPE_CHECKING:
    from rnnviz.engine.sequence import EncodedSequence
    from rnnviz.session.facts import SessionFacts, State
    from rnnviz.session.incoming import Incoming
    from rnnviz.session.recovery import Recovery
    from rnnviz.session.requests import Requests

MAX_CLIP = 1.0
RATE_STEP = 3.0


class TrainingControl:
    """Model, task and training, and the loop that trains."""

    def __init__(
        self, *, state: State, facts: SessionFacts, requests: Requests, incoming: Incoming, recovery: Recovery
    ) -> None:
        self._state = state
        self._facts = facts
        self._requests = requests
        self._incoming = incoming
        self._recovery = recovery

    def set_run(self, run: RunSpec) -> None:
        """Make a new network: fresh weights, no history."""
        if run != self._state.run:
            self.begin_replacing()
            self._state.run = run
            self._changed()
            self._put(SetRun(run=run))

    def begin_replacing(self) -> None:
        """Another network is about to be asked for: pause (the engine then sends a last restore point)."""
        self.pause()
        self._state.replacing = self._recovery.begun
        self._state.made, self._state.replaced_text, self._state.replaced_feeding = "", None, None

    def restore_previous(self) -> None:
        """Bring back the network that the last change has replaced; the present one takes its place in memory."""
        if self._state.previous:
            self.begin_replacing()
            self._state.dirty = True
            self._facts.path_changed.emit()
            self._requests.post(Restore(document=self._state.previous))

    def change(self, part: str, changes: dict[str, Any]) -> None:
        """Change fields of ``run.model`` or ``run.task``; what is not allowed becomes a notice."""
        run = self._changed_run(part, changes)
        if run is not None:
            self.set_run(run)

    def change_task(self, name: str, typed: str, own: str | None, source: str) -> str:
        """Make the network that learns ``name``; the text to read: ``typed``, or the example where it knows no better.

        Seed and device stay as they are.
        """
        state = self._state
        try:
            chosen = task_class(name)
            task, training = TaskSpec(name=name, text=own, source=source), state.run.training
            run = RunSpec(
                model=ModelSpec(**chosen.default_model),
                task=task,
                training=TrainingSpec(seed=training.seed, device=training.device, **chosen.default_training),
            )
            text = typed if own is not None or _means_something(typed, task, state.run.task) else chosen.example
        except SpecError as error:
            self._incoming.tell(Notice(str(error), "error"))
            return typed
        before = state.run
        self.set_run(run)
        if run != before:
            state.made = f" for the task {chosen.title}: {_words(run.model)}"
            if self._recovery.begun and run.model != before.model and not state.training.step:
                self._incoming.tell(Notice(f"This made a new network{state.made}."))
        return text

    def set_training(self, changes: dict[str, Any]) -> None:
        """Change the training live; another seed means another network."""
        run = self._changed_run("training", changes)
        if run is None or run == self._state.run:
            return
        fresh = run.training.seed != self._state.run.training.seed
        if fresh or isinstance(self._requests.waiting("run"), SetRun):
            self.set_run(run)
            return
        cut = truncation_of(run) != truncation_of(self._state.run)
        self._state.run = run
        self._changed()
        self._put(SetTraining(training=run.training))
        if cut and self._recovery.begun:
            # Gradients, credit map and horizons end elsewhere now; the answers are those after the new training.
            self._incoming.unroll()

    def _changed_run(self, part: str, changes: dict[str, Any]) -> RunSpec | None:
        run = self._state.run
        try:
            return msgspec.structs.replace(run, **{part: msgspec.structs.replace(getattr(run, part), **changes)})
        except (SpecError, TypeError) as error:
            self._incoming.tell(Notice(str(error), "error"))
            return None

    def _changed(self) -> None:
        self._state.dirty = True
        self._facts.path_changed.emit()
        self._facts.run_changed.emit()

    def _put(self, command: SetRun | SetTraining) -> None:
        if self._recovery.begun:
            self._requests.ask("run", command)
        else:
            self._recovery.start_with(self._state.run)

    def train(self, steps: int = 0) -> None:
        """Train until paused, or for some steps."""
        if self._facts.can_train:
            self.view_training_step(None)
            self._requests.post(Train(steps=steps))
        else:
            self._incoming.tell(Notice(self._facts.why_not_train, "busy"))

    def pause(self) -> None:
        """Stop after the running step."""
        if self._state.engine_state is EngineState.TRAINING:
            self._requests.post(Pause())

    def toggle(self) -> None:
        """Train or pause."""
        if self._state.engine_state is EngineState.TRAINING:
            self.pause()
        else:
            self.train()

    def reset(self) -> None:
        """The untrained network of the same seed."""
        self.begin_replacing()
        self._requests.post(Reset())

    def undo(self, steps: int) -> None:
        """Back by some training steps."""
        self._requests.post(Undo(steps=steps))
        self._incoming.unroll()

    def clip_gradients(self) -> None:
        """Limit the gradient norm to 1 (or to half of its present limit)."""
        clip = self._state.run.training.clip
        self.set_training({"clip": MAX_CLIP if clip == 0 or clip > MAX_CLIP else clip / 2})

    def smaller_batch(self) -> None:
        """Half the sequences per step."""
        self.set_training({"batch_size": max(self._state.run.training.batch_size // 2, 1)})

    def lower_rate(self) -> None:
        """A third of the learning rate."""
        self.set_training({"learning_rate": max(self._state.run.training.learning_rate / RATE_STEP, 1e-6)})

    def view_training_step(self, step: int | None) -> None:
        """Show the network as it was at a saved training step; None: as it is."""
        if step == self._state.viewing_step:
            return
        self._state.viewing_step = step
        self._requests.post(ViewTrainingStep(step=step))
        self._incoming.unroll()
        self._facts.training_changed.emit()

    def measure_devices(self) -> None:
        """Measure the speed of this model on every device."""
        self._incoming.tell(Notice("Measuring the devices", "busy"))
        self._requests.post(MeasureDevices())


def _means_something(text: str, task: TaskSpec, before: TaskSpec) -> bool:
    """Whether a task reads all of a text that was typed for another one, has nothing to remark and wants an answer.

    What the numbers of one task stand for (a value, a pulse) is nothing to another.
    """
    made, earlier = make_task(task), task_class(before.name)
    if made.kind == earlier.kind == "numbers" and made.name != earlier.name:
        return False
    encoded = made.encode(text)
    return len(encoded.tokens) > 0 and bool(encoded.known.all()) and not encoded.notes and _has_loss(encoded)


def _has_loss(encoded: EncodedSequence) -> bool:
    """Whether an output is wanted anywhere."""
    return bool((encoded.targets != NO_TARGET).any())


def _words(model: ModelSpec) -> str:
    """The network in a few words: ``LSTM, 16 units, embedding 8``."""
    name = "Elman" if model.cell == "elman" else model.cell.upper()
    units = f"{model.hidden} unit{'s' if model.hidden != 1 else ''}"
    more = (f"embedding {model.embedding}" if model.embedding else "", "encoder and decoder" if model.decoder else "")
    return ", ".join((name, units, *filter(None, more)))
