"""Everything that crosses the pipe between the window and the engine, as tagged msgspec structs.

Commands go from the window to the engine, replies and events come back. Time steps are 1-based
(0 = before the first); rows of time arrays are 0-based (row ``t - 1`` is time step ``t``).
Arrays travel as dtype + shape + raw bytes (see :mod:`rnnviz.service.wire`), never as pickles.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec
import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.engine.spec import RunSpec, TrainingSpec  # noqa: TC001  same reason

PROTOCOL = 1


class EngineState(StrEnum):
    """What the engine is doing; the window shows it and enables its buttons by it."""

    STARTING = "starting"
    IDLE = "idle"
    TRAINING = "training"
    PAUSED = "paused"
    FAILED = "failed"


class Message(msgspec.Struct, frozen=True, kw_only=True, tag=True, forbid_unknown_fields=True):
    """Base of every frame. The tag is the class name."""


# --------------------------------------------------------------------------- commands


class Command(Message, frozen=True, kw_only=True):
    """A frame from the window. ``request`` numbers are echoed in the reply."""

    request: int = 0


class SetRun(Command, frozen=True, kw_only=True):
    """Make a new network for ``run`` (weights by the seed); drops training history."""

    run: RunSpec


class SetTraining(Command, frozen=True, kw_only=True):
    """Change rate, batch, clipping, optimiser or device of the present network, live."""

    training: TrainingSpec


class Unroll(Command, frozen=True, kw_only=True):
    """Tokenise ``text`` and unroll the network over it (slot: newest wins)."""

    text: str


class Inspect(Command, frozen=True, kw_only=True):
    """Every operation of one time step with its numbers (slot)."""

    time_step: int


class Differentiate(Command, frozen=True, kw_only=True):
    """The gradient flow of one loss (``loss_step`` 0: the last step that has one) (slot)."""

    loss_step: int = 0
    threshold: float = 0.01


class MapCredit(Command, frozen=True, kw_only=True):
    """The credit map of one layer (slot; sliced, coarse first, then refined)."""

    layer: str = "l0"
    part: str = "joint"


class Train(Command, frozen=True, kw_only=True):
    """Train until paused; ``steps`` > 0 stops after that many steps."""

    steps: int = 0


class Pause(Command, frozen=True, kw_only=True):
    """Stop training after the running step."""


class Reset(Command, frozen=True, kw_only=True):
    """Fresh weights from the same seed; step 0."""


class Undo(Command, frozen=True, kw_only=True):
    """Go back ``steps`` training steps (as far as the engine remembers)."""

    steps: int = 20


class ViewTrainingStep(Command, frozen=True, kw_only=True):
    """Show the saved snapshot nearest to ``step`` in every reply; None: the live network."""

    step: int | None = None


class MapHistory(Command, frozen=True, kw_only=True):
    """Gradient norm per time step of the typed text, one row for each saved training step (slot)."""


class MeasureDevices(Command, frozen=True, kw_only=True):
    """Measure steps/s of the present model on every device found."""


class Save(Command, frozen=True, kw_only=True):
    """Write the session file; ``view`` is the window's own JSON."""

    path: str
    view: dict[str, Any] = {}


class Open(Command, frozen=True, kw_only=True):
    """Read a session file and continue from it."""

    path: str


class OpenCorpus(Command, frozen=True, kw_only=True):
    """Train ``next-char`` on the UTF-8 text file at ``path``."""

    path: str


class Restore(Command, frozen=True, kw_only=True):
    """Continue from ``document`` (bytes of a session file kept by the window) after a restart."""

    document: bytes
    view: bool = False


class Acknowledge(Command, frozen=True, kw_only=True):
    """The window has drawn training frame ``frame``; the engine may send the next."""

    frame: int


class Subscribe(Command, frozen=True, kw_only=True):
    """Which pictures a training frame carries besides the trace: "gradients", "credit", "detail".

    Their parameters are those of the newest Differentiate, MapCredit and Inspect.
    """

    topics: list[str]


class Stop(Command, frozen=True, kw_only=True):
    """End the engine process in good order."""


# --------------------------------------------------------------------------- replies and events


class Reply(Message, frozen=True, kw_only=True):
    """A frame from the engine. ``request`` is that of the command it answers (0: an event)."""

    request: int = 0


class DeviceReport(msgspec.Struct, frozen=True, kw_only=True):
    """One device: whether it can be used, why not, and its measured speed (0: not measured)."""

    name: str
    label: str
    available: bool
    reason: str = ""
    steps_per_second: float = 0.0


class Ready(Reply, frozen=True, kw_only=True):
    """The engine's loop runs: numpy analysis works; torch may still be loading (see TorchReady)."""

    protocol: int = PROTOCOL
    version: str = ""
    process: int = 0


class TorchReady(Reply, frozen=True, kw_only=True):
    """torch is imported: training is possible."""

    version: str
    devices: list[DeviceReport]


class TaskReport(msgspec.Struct, frozen=True, kw_only=True):
    """The task as the window shows it."""

    name: str
    title: str
    sentence: str
    pattern: str
    example: str
    baseline: float
    baseline_label: str
    has_accuracy: bool
    input_tokens: list[str]
    output_labels: list[str]
    required_memory: int | None = None
    notes: list[str] = []


class RunChanged(Reply, frozen=True, kw_only=True):
    """The network in force: sent after SetRun, Open, Restore, Reset and live changes."""

    run: RunSpec
    task: TaskReport
    parameters: dict[str, list[int]]
    parameter_count: int
    training_step: int
    fresh: bool = True


class LayerArrays(msgspec.Struct, frozen=True, kw_only=True):
    """One layer and direction of a trace. ``gates`` keeps the cell's own order and names."""

    name: str
    hidden: np.ndarray
    cell: np.ndarray | None
    gates: dict[str, np.ndarray]


class Unrolled(Reply, frozen=True, kw_only=True):
    """The trace of the typed text. ``thumbnails``: W_xh, W_hh, W_hy at most 64 x 64 (block means)."""

    text: str
    tokens: list[str]
    known: np.ndarray
    notes: list[str]
    targets: np.ndarray
    target_labels: list[str]
    loss: np.ndarray
    layers: list[LayerArrays]
    top_labels: list[list[str]]
    top_probabilities: np.ndarray
    target_probabilities: np.ndarray
    thumbnails: dict[str, np.ndarray]
    training_step: int
    viewing_snapshot: bool = False


class TermValue(msgspec.Struct, frozen=True, kw_only=True):
    """One operand of an operation: its symbol in math markup, its role, its value for every unit."""

    symbol: str
    role: str
    values: np.ndarray


class OperationValue(msgspec.Struct, frozen=True, kw_only=True):
    """One operation of a cell at one step (see :mod:`rnnviz.engine.operations`)."""

    key: str
    title: str
    symbol: str
    equation: str
    pattern: str
    kind: str
    function: str
    values: np.ndarray
    terms: list[TermValue]


class Inspected(Reply, frozen=True, kw_only=True):
    """Answer to Inspect. ``layers`` maps a layer name to its operations in order of computation."""

    time_step: int
    token: str
    layers: dict[str, list[OperationValue]]
    probabilities: np.ndarray
    output_labels: list[str]
    target: int
    target_label: str
    loss: float | None
    training_step: int


class LayerFlow(msgspec.Struct, frozen=True, kw_only=True):
    """Gradient norms of one layer as log2 (−inf where nothing arrives), one entry per time step.

    ``log2_total`` joint total of C_k; ``log2_hidden`` / ``log2_cell`` its h and c parts;
    ``log2_direct`` own direct part of every loss; ``log2_summed`` total of the summed loss;
    ``log2_jacobian`` Frobenius norm of dh_t/dh_{t-1}; ``log2_gain`` that norm over √n, the mean stretch of
    one step; ``log2_product`` the running product of the gains back from k;
    ``log2_weight`` norm of each copy's contribution to dC/dW_hh of the summed loss;
    horizons for joint, h, c.
    """

    name: str
    log2_total: np.ndarray
    log2_hidden: np.ndarray
    log2_cell: np.ndarray | None
    log2_direct: np.ndarray
    log2_summed: np.ndarray
    log2_summed_hidden: np.ndarray
    log2_summed_cell: np.ndarray | None
    log2_jacobian: np.ndarray
    log2_gain: np.ndarray
    log2_product: np.ndarray
    log2_weight: np.ndarray
    horizons: dict[str, int]


class Differentiated(Reply, frozen=True, kw_only=True):
    """Answer to Differentiate. ``loss_step`` 0: this text has no loss, ``layers`` is empty."""

    loss_step: int
    threshold: float
    layers: list[LayerFlow]
    training_step: int


class CreditMapped(Reply, frozen=True, kw_only=True):
    """Answer to MapCredit: ``log2`` (R, T), row r is the loss of time step ``rows[r]``."""

    layer: str
    part: str
    rows: np.ndarray
    log2: np.ndarray
    length: int
    complete: bool
    training_step: int


class TrainingFrame(Reply, frozen=True, kw_only=True):
    """Training since the last acknowledged frame: every loss point, and the newest picture.

    ``steps`` (n,), ``losses`` (n,), ``accuracies`` (n,) NaN where none, ``gradient_norms`` (n,)
    before clipping, ``clipped`` how many of them were clipped.
    """

    frame: int
    steps: np.ndarray
    losses: np.ndarray
    accuracies: np.ndarray
    gradient_norms: np.ndarray
    clipped: int
    steps_per_second: float
    device: str
    unrolled: Unrolled | None = None
    differentiated: Differentiated | None = None
    inspected: Inspected | None = None
    credit: CreditMapped | None = None


class HistoryMapped(Reply, frozen=True, kw_only=True):
    """Answer to MapHistory: ``steps`` (n,) training steps, ``log2`` (n, T) of the last loss, layer l0 joint."""

    steps: np.ndarray
    log2: np.ndarray


class StateChanged(Reply, frozen=True, kw_only=True):
    """The engine's state machine moved; ``reason`` is a sentence for people ('' if none)."""

    state: EngineState
    training_step: int
    reason: str = ""
    out_of_memory: bool = False


class LossHistory(Reply, frozen=True, kw_only=True):
    """The whole curve, sent once after Open, Restore, Undo and Reset."""

    steps: np.ndarray
    losses: np.ndarray
    accuracies: np.ndarray
    gradient_norms: np.ndarray


class NotFinite(Reply, frozen=True, kw_only=True):
    """Training stopped by itself: the first bad tensor at ``training_step``; last finite weights kept."""

    training_step: int
    tensor: str
    sentence: str


class Devices(Reply, frozen=True, kw_only=True):
    """Answer to MeasureDevices; ``sentence`` says which is faster for this model."""

    devices: list[DeviceReport]
    best: str
    sentence: str


class Saved(Reply, frozen=True, kw_only=True):
    """The session file is whole on disk."""

    path: str
    size: int


class Opened(Reply, frozen=True, kw_only=True):
    """A session file was read; RunChanged and LossHistory come before it."""

    path: str
    text: str
    view: dict[str, Any]


class Autosave(Reply, frozen=True, kw_only=True):
    """A restore point for the window to keep in memory: bytes of a session file."""

    training_step: int
    document: bytes


class Superseded(Reply, frozen=True, kw_only=True):
    """A newer command of the same slot took this one's place before it was answered."""


class Refused(Reply, frozen=True, kw_only=True):
    """A command could not be done: ``sentence`` says what was given, what is allowed, what to do."""

    command: str
    sentence: str


AnyCommand = (
    SetRun | SetTraining | Unroll | Inspect | Differentiate | MapCredit | Train | Pause | Reset | Undo
    | ViewTrainingStep | MapHistory | MeasureDevices | Save | Open | OpenCorpus | Restore | Acknowledge | Subscribe
    | Stop
)  # fmt: skip
AnyReply = (
    Ready | TorchReady | RunChanged | Unrolled | Inspected | Differentiated | CreditMapped | TrainingFrame
    | HistoryMapped | StateChanged | LossHistory | NotFinite | Devices | Saved | Opened | Autosave | Superseded
    | Refused
)  # fmt: skip
