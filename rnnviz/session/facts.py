"""What views may read of a session: its facts (signals) and its values (read-only properties)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rnnviz.engine.feeding import Feeding
from rnnviz.engine.spec import RunSpec
from rnnviz.service.messages import EngineState
from rnnviz.session.values import SUB_STEPS, Direction, Notice, TrainingRecord

if TYPE_CHECKING:
    from pathlib import Path

    from rnnviz.service.messages import (
        CreditMapped,
        DeviceReport,
        Differentiated,
        HistoryMapped,
        Inspected,
        TaskReport,
        Unrolled,
    )

FIRST_TEXT = "hello"
FIRST_STEP = 3


@dataclass
class State:
    """The one mutable record of a session; only the session package writes to it, and only whole values."""

    engine_state: EngineState = EngineState.STARTING
    engine_note: str = "Starting the engine"
    torch_ready: bool = False
    run: RunSpec = field(default_factory=RunSpec)
    task: TaskReport | None = None
    parameter_count: int = 0
    parameters: dict[str, list[int]] = field(default_factory=dict)
    text: str = FIRST_TEXT
    feeding: Feeding = field(default_factory=Feeding)
    trace: Unrolled | None = None
    trace_stale: bool = False
    trace_epoch: int = 0
    time_step: int = 0
    wanted_step: int | None = FIRST_STEP
    sub_step: int | None = None
    unit: int = -1
    layer: str = "l0"
    direction: Direction = Direction.FORWARD
    loss_step: int = 0
    part: str = "joint"
    threshold: float = 0.01
    gradients: Differentiated | None = None
    credit: CreditMapped | None = None
    detail: Inspected | None = None
    training: TrainingRecord = field(default_factory=TrainingRecord)
    history: HistoryMapped | None = None
    viewing_step: int | None = None
    devices: tuple[DeviceReport, ...] = ()
    device_sentence: str = ""
    path: Path | None = None
    dirty: bool = False
    notice: Notice | None = None
    restore_point: bytes = b""
    previous: bytes = b""
    replacing: bool = False
    made: str = ""
    replaced_text: str | None = None
    replaced_feeding: Feeding | None = None


class SessionFacts(QObject):
    """The reading half of :class:`rnnviz.session.session.Session`. Every value is immutable and replaced whole."""

    engine_changed = Signal()
    run_changed = Signal()
    text_changed = Signal()
    feeding_changed = Signal()
    trace_changed = Signal()
    time_step_changed = Signal()
    sub_step_changed = Signal()
    selection_changed = Signal()
    direction_changed = Signal()
    loss_step_changed = Signal()
    gradients_changed = Signal()
    credit_changed = Signal()
    detail_changed = Signal()
    training_changed = Signal()
    history_changed = Signal()
    devices_changed = Signal()
    path_changed = Signal()
    notice_changed = Signal()
    opened = Signal(dict)

    def __init__(self, state: State, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._state = state

    @property
    def engine_state(self) -> EngineState:
        """What the engine is doing."""
        return self._state.engine_state

    @property
    def engine_note(self) -> str:
        """What to say about the engine while it cannot be used ('' when it can)."""
        return self._state.engine_note

    @property
    def torch_ready(self) -> bool:
        """Whether the engine has loaded torch."""
        return self._state.torch_ready

    @property
    def training_now(self) -> bool:
        """Whether training runs."""
        return self._state.engine_state is EngineState.TRAINING

    @property
    def can_train(self) -> bool:
        """Whether Train does something now."""
        return self.why_not_train == ""

    @property
    def why_not_train(self) -> str:
        """Why Train is disabled; '' when it is not."""
        if self._state.engine_state in (EngineState.STARTING, EngineState.FAILED):
            return self._state.engine_note
        return "" if self._state.torch_ready else "Starting the engine: PyTorch is still being loaded."

    @property
    def run(self) -> RunSpec:
        """Model, task and training."""
        return self._state.run

    @property
    def task(self) -> TaskReport | None:
        """The task in words, None before the engine has told."""
        return self._state.task

    @property
    def parameter_count(self) -> int:
        """Numbers that training adjusts."""
        return self._state.parameter_count

    @property
    def parameters(self) -> dict[str, list[int]]:
        """Name and shape of every weight."""
        return self._state.parameters

    @property
    def text(self) -> str:
        """What is typed."""
        return self._state.text

    @property
    def feeding(self) -> Feeding:
        """Whether the network reads the wanted outputs or its own, and how those are drawn."""
        return self._state.feeding

    @property
    def trace(self) -> Unrolled | None:
        """The newest trace."""
        return self._state.trace

    @property
    def trace_stale(self) -> bool:
        """Whether text or model have changed since the trace, and the new one keeps us waiting."""
        return self._state.trace_stale

    @property
    def length(self) -> int:
        """Time steps of the trace, 0 when there is none."""
        return len(self._state.trace.tokens) if self._state.trace is not None else 0

    @property
    def time_step(self) -> int:
        """The cursor, 0 to length. Forward: steps up to it are computed. Backward: the sweep has reached it."""
        return self._state.time_step

    @property
    def sub_step(self) -> int | None:
        """The part of the step that has been reached (index into ``sub_steps``), None: the whole step."""
        return self._state.sub_step

    @property
    def sub_steps(self) -> tuple[str, ...]:
        """The named parts of a step of the present cell."""
        return SUB_STEPS[self._state.run.model.cell]

    @property
    def unit(self) -> int:
        """The selected unit, counted from 0; −1 for none."""
        return self._state.unit

    @property
    def layer(self) -> str:
        """The selected layer ("l0", "l0r", "l1" ...)."""
        return self._state.layer

    @property
    def direction(self) -> Direction:
        """Forward pass or reverse sweep."""
        return self._state.direction

    @property
    def loss_step(self) -> int:
        """The chosen loss C_k; 0 is the last one."""
        return self._state.loss_step

    @property
    def effective_loss_step(self) -> int:
        """The loss that the gradients are of (0: this text has none)."""
        gradients, trace = self._state.gradients, self._state.trace
        if gradients is not None and (self._state.loss_step in (0, gradients.loss_step)):
            return gradients.loss_step
        if trace is None:
            return 0
        with_loss = (trace.targets >= 0).nonzero()[0] + 1
        if self._state.loss_step in with_loss:
            return self._state.loss_step
        return int(with_loss[-1]) if len(with_loss) else 0

    @property
    def part(self) -> str:
        """Which LSTM gradient is shown: "joint", "h" or "c"."""
        return self._state.part

    @property
    def threshold(self) -> float:
        """The share of its start that a gradient must keep to count as remembered."""
        return self._state.threshold

    @property
    def gradients(self) -> Differentiated | None:
        """The gradient flow of the chosen loss."""
        return self._state.gradients

    @property
    def credit(self) -> CreditMapped | None:
        """The credit map of the selected layer."""
        return self._state.credit

    @property
    def detail(self) -> Inspected | None:
        """The operations of one step (its ``time_step`` may lag one reply behind)."""
        return self._state.detail

    @property
    def training(self) -> TrainingRecord:
        """The curve so far."""
        return self._state.training

    @property
    def can_restore(self) -> bool:
        """Whether the present network would be kept in memory if another one took its place."""
        return bool(self._state.restore_point)

    @property
    def can_bring_back(self) -> bool:
        """Whether a trained network that was replaced is still in memory."""
        return bool(self._state.previous)

    @property
    def history(self) -> HistoryMapped | None:
        """Gradient norms over training steps and time steps."""
        return self._state.history

    @property
    def viewing_step(self) -> int | None:
        """The saved training step on show, None: the live network."""
        return self._state.viewing_step

    @property
    def devices(self) -> tuple[DeviceReport, ...]:
        """The devices found, with their measured speed."""
        return self._state.devices

    @property
    def device_sentence(self) -> str:
        """Which device is faster for this model."""
        return self._state.device_sentence

    @property
    def path(self) -> Path | None:
        """The session file, None when it was never saved."""
        return self._state.path

    @property
    def dirty(self) -> bool:
        """Whether something is not saved."""
        return self._state.dirty

    @property
    def notice(self) -> Notice | None:
        """The line to show the user now."""
        return self._state.notice
