"""What the engine answers and tells."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np

from rnnviz.engine.spec import RunSpec  # noqa: TC001  same reason
from rnnviz.service.messages.base import PROTOCOL, EngineState, Reply


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
    feeds_back: bool = False
    kind: str = "classes"
    metric: str = "accuracy"
    lower_is_better: bool = False


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


class RealValues(msgspec.Struct, frozen=True, kw_only=True):
    """The numbers of a real-valued sequence: ``values`` (T, D) read, ``wanted`` (T, K), ``outputs`` (T, K).

    ``forecast`` (F, K): what the network says after the last step, reading its own outputs, and ``truth`` (F, K) what
    really follows where the task knows it, NaN beyond (both (0, K) where there is none). All are in the units of what
    is typed; the network reads them, and the loss is their squared error, divided by ``scale``. An output is about the
    input ``ahead`` steps later (0: about its own step).
    """

    values: np.ndarray
    wanted: np.ndarray
    outputs: np.ndarray
    forecast: np.ndarray
    truth: np.ndarray
    ahead: int = 0
    scale: float = 1.0


class Unrolled(Reply, frozen=True, kw_only=True):
    """The trace of the typed text. ``thumbnails``: W_xh, W_hh, W_hy at most 64 x 64 (block means).

    ``answered`` (T,) bool: the steps whose output exists (an acceptor's last, a decoder's own). ``fed`` (T,) bool: the
    steps that read the output before them; ``own``: that output is the network's own, not the wanted one.
    ``written`` is how many of the tokens are those of the text; the rest are outputs. ``switch``: the steps of the
    encoder, 0 without one. ``real``: numbers in place of tokens. ``checksum`` is of the text, all h_t and logits:
    what was computed from a trace with the same one belongs to these very numbers.
    """

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
    checksum: int
    viewing_snapshot: bool = False
    answered: np.ndarray = msgspec.field(default_factory=lambda: np.empty(0, np.bool_))
    fed: np.ndarray = msgspec.field(default_factory=lambda: np.empty(0, np.bool_))
    own: bool = False
    written: int = -1
    switch: int = 0
    real: RealValues | None = None


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
    before clipping, ``clips`` (n,) the limit of each (0: none), ``clipped`` how many of them were clipped.
    """

    frame: int
    steps: np.ndarray
    losses: np.ndarray
    accuracies: np.ndarray
    gradient_norms: np.ndarray
    clips: np.ndarray
    clipped: int
    steps_per_second: float
    device: str
    unrolled: Unrolled | None = None
    differentiated: Differentiated | None = None
    inspected: Inspected | None = None
    credit: CreditMapped | None = None


class HistoryMapped(Reply, frozen=True, kw_only=True):
    """Answer to MapHistory: ``steps`` (n,) training steps, ``log2`` (n, T) of the last loss, joint, of ``layer``.

    ``horizons`` (n,): the memory horizon of each row at ``threshold``; ``loss_step`` 0: this text has no loss.
    """

    steps: np.ndarray
    log2: np.ndarray
    horizons: np.ndarray = msgspec.field(default_factory=lambda: np.empty(0, np.int64))
    threshold: float = 0.01
    loss_step: int = 0
    layer: str = "l0"


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


class HeldOut(Reply, frozen=True, kw_only=True):
    """The task's metric on sequences kept apart from training or drawn afresh, a few times a second while it runs."""

    training_step: int
    score: float


class NotFinite(Reply, frozen=True, kw_only=True):
    """Training stopped by itself: the first bad value; last finite weights kept. See FirstBad for its place."""

    training_step: int
    tensor: str
    sentence: str
    layer: str = ""
    time_step: int = 0
    unit: int = -1


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
