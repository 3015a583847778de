"""Training inside the engine's loop: one step a turn, frames for the window at its own pace.

::

    IDLE --train--> TRAINING --pause / steps done / not finite--> PAUSED --train--> TRAINING
      ^-------------------- reset, new network --------------------'

torch is imported by nobody before :meth:`TrainingLoop.trainer` is needed.
"""

from __future__ import annotations

from dataclasses import replace
from time import monotonic
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.service.messages import EngineState, LossHistory, NotFinite, StateChanged, TrainingFrame
from rnnviz.service.messages.health import FirstBad

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rnnviz.engine.network import Network
    from rnnviz.engine.spec import TrainingSpec
    from rnnviz.engine.trainer_state import TrainerState
    from rnnviz.engine.training import Trainer, TrainingReport
    from rnnviz.engine.training_errors import NonFiniteLoss
    from rnnviz.service.messages import Reply
    from rnnviz.service.pictures import Pictures
    from rnnviz.service.workbench import Workbench

FRAME_S = 0.05
FRAME_SHARE = 4.0
"""Making pictures takes at most one part in this many plus one of the engine's time."""
MAX_PENDING = 100_000
RATE_SMOOTHING = 0.3


class TrainingLoop:
    """Owns the trainer, the points that the window has not got yet, and the frame in flight."""

    def __init__(self, *, bench: Workbench, pictures: Pictures, send: Callable[[Reply], None]) -> None:
        self._bench = bench
        self._pictures = pictures
        self._send = send
        self._trainer: Trainer | None = None
        self._saved: TrainerState | None = None
        self.state = EngineState.IDLE
        self._remaining = 0
        self._pending: list[TrainingReport] = []
        self._frame = self._acknowledged = 0
        self._frame_due = 0.0
        self._rate = 0.0
        self._rate_since, self._rate_steps = 0.0, 0
        self.first_bad: FirstBad | None = None

    # ------------------------------------------------------------------ the run in force

    def forget(self, saved: TrainerState | None = None) -> None:
        """Another network is in force; ``saved`` is the training it comes with."""
        self._trainer, self._saved, self.first_bad = None, saved, None
        self._pending.clear()
        self._remaining, self._rate = 0, 0.0

    @property
    def active(self) -> bool:
        """Whether a training step is to be done."""
        return self.state is EngineState.TRAINING

    @property
    def steps_done(self) -> int:
        """Training steps of the live network."""
        if self._trainer is not None:
            return self._trainer.steps_done
        return self._saved.step if self._saved is not None else 0

    @property
    def device(self) -> str:
        """Where training runs, or would."""
        return self._trainer.device if self._trainer is not None else self._bench.run.training.device

    @property
    def started(self) -> Trainer | None:
        """The trainer, if one was needed so far."""
        return self._trainer

    def trainer(self) -> Trainer:
        """The trainer of the run in force; the first call imports torch."""
        if self._trainer is None:
            from rnnviz.engine.training import Trainer

            bench = self._bench
            self._trainer = Trainer(self.live_network(), bench.task, bench.run.training, self._saved)
            # Nobody in the window looks at the norms inside the batch: they are measured on the typed text.
            self._trainer.probe = False
        return self._trainer

    def live_network(self) -> Network:
        """The network as training left it (not the snapshot on show)."""
        if self._trainer is not None:
            return self._trainer.network()
        if self._saved is not None:
            return replace(self._bench.network, weights=dict(self._saved.weights))
        return self._bench.network

    def saved_state(self) -> TrainerState | None:
        """Copies of all that continuing needs; None before the first training step."""
        return self._trainer.state() if self._trainer is not None else self._saved

    def set_spec(self, spec: TrainingSpec) -> None:
        """Change the training live."""
        if self._trainer is not None:
            self._trainer.set_spec(spec)

    def history(self) -> LossHistory:
        """The whole curve (thinned, if it is long)."""
        state = self.saved_state()
        columns = dict(state.history) if state is not None else {}
        empty = np.empty(0)
        return LossHistory(
            steps=columns.get("step", empty),
            losses=columns.get("loss", empty),
            accuracies=columns.get("accuracy", empty),
            gradient_norms=columns.get("gradient_norm", empty),
        )

    # ------------------------------------------------------------------ run and pause

    def begin(self, steps: int) -> None:
        """Train ``steps`` steps, 0: until paused."""
        from rnnviz.engine.training_errors import OutOfMemory

        try:
            trainer = self.trainer()
        except OutOfMemory as error:
            self._enter(EngineState.PAUSED if self.steps_done else EngineState.IDLE, str(error), out_of_memory=True)
            return
        self._remaining, self.first_bad = steps, None
        self._frame_due = 0.0
        self._rate_since, self._rate_steps = monotonic(), trainer.steps_done
        self._enter(EngineState.TRAINING, trainer.device_note)

    def pause(self, reason: str = "", *, out_of_memory: bool = False) -> None:
        """Stop; what has not been sent yet is sent now."""
        if self.active:
            self._send_frame()
            self._enter(EngineState.PAUSED, reason, out_of_memory=out_of_memory)

    def settle(self) -> None:
        """After another network: idle if it is untrained, else paused."""
        self._enter(EngineState.PAUSED if self.steps_done else EngineState.IDLE)

    def _enter(self, state: EngineState, reason: str = "", *, out_of_memory: bool = False) -> None:
        self.state = state
        self._send(StateChanged(state=state, training_step=self.steps_done, reason=reason, out_of_memory=out_of_memory))

    def undo(self, steps: int) -> None:
        """Back by some training steps."""
        self.pause()
        if self._trainer is None:
            raise SpecError("There is no training step to undo; train first.")
        self._trainer.undo(steps)
        self._pending.clear()
        self.first_bad = None
        self._bench.show(self.live_network(), self.steps_done)

    def change_weights(self, weights: Mapping[str, np.ndarray[Any, np.dtype[Any]]]) -> None:
        """Put other weights into the live network: not a training step; optimiser state and curve stay."""
        network = replace(self.live_network(), weights=dict(weights))
        if self._trainer is not None:
            self._trainer.change_weights(network.weights)
        elif self._saved is not None:
            self._saved = replace(self._saved, weights=dict(network.weights))
        self._bench.show(network, self.steps_done)

    def view(self, step: int | None) -> None:
        """Show a saved training step; None: the live network."""
        if step is None or self._trainer is None:
            self._bench.show(self.live_network(), self.steps_done)
            return
        nearest, weights = self._trainer.snapshots.at(step)
        self._bench.show(replace(self._bench.network, weights=weights), nearest, viewing=True)

    # ------------------------------------------------------------------ one turn of the loop

    def advance(self) -> None:
        """One training step, and a frame when one is due and the window has drawn the last."""
        if not self.active:
            return
        if len(self._pending) < MAX_PENDING and not self._step():
            return
        if self._acknowledged == self._frame and monotonic() >= self._frame_due:
            self._send_frame()

    def _step(self) -> bool:
        from rnnviz.engine.training_errors import DeviceLost, NonFiniteLoss, OutOfMemory

        try:
            report = self.trainer().step()
        except NonFiniteLoss as error:
            self._stop_at(error)
            return False
        except DeviceLost:
            raise
        except SpecError as error:
            self.pause(str(error), out_of_memory=isinstance(error, OutOfMemory))
            return False
        self._pending.append(report)
        if self._remaining:
            self._remaining -= 1
            if not self._remaining:
                self.pause()
                return False
        return True

    def _stop_at(self, error: NonFiniteLoss) -> None:
        """Training meets a value that is not finite: stop, remember where, tell."""
        bad = error.bad
        place: dict[str, Any] = {"layer": bad.layer, "time_step": bad.time_step, "unit": bad.unit}
        self.first_bad = FirstBad(training_step=error.step, tensor=bad.tensor, kind=bad.kind, **place)
        self.pause()
        self._send(NotFinite(training_step=error.step, tensor=bad.tensor, sentence=str(error), **place))

    def acknowledge(self, frame: int) -> None:
        """The window has drawn ``frame``."""
        self._acknowledged = max(self._acknowledged, min(frame, self._frame))

    @property
    def waiting(self) -> bool:
        """Whether training has to wait for the window."""
        return len(self._pending) >= MAX_PENDING and self._acknowledged != self._frame

    def _send_frame(self) -> None:
        started = monotonic()
        self._measure_rate(started)
        if not self._bench.viewing:
            self._bench.show(self.live_network(), self.steps_done)
        reports, self._pending = self._pending, []
        self._frame += 1
        pictures: dict[str, Any] = {} if self._bench.viewing else self._pictures.of_frame()
        self._send(
            TrainingFrame(
                frame=self._frame,
                steps=np.array([report.step for report in reports], np.int64),
                losses=np.array([report.loss for report in reports]),
                accuracies=np.array([np.nan if r.accuracy is None else r.accuracy for r in reports]),
                gradient_norms=np.array([report.gradient_norm for report in reports]),
                clips=np.array([report.clip for report in reports]),
                clipped=sum(report.clipped for report in reports),
                steps_per_second=self._rate,
                device=self.device,
                **pictures,
            )
        )
        took = monotonic() - started
        self._frame_due = started + max(FRAME_S, took * (1 + FRAME_SHARE))

    def _measure_rate(self, now: float) -> None:
        passed = now - self._rate_since
        if passed <= 0 or self.steps_done == self._rate_steps:
            return
        rate = (self.steps_done - self._rate_steps) / passed
        self._rate = rate if not self._rate else self._rate + RATE_SMOOTHING * (rate - self._rate)
        self._rate_since, self._rate_steps = now, self.steps_done
