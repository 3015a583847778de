"""Small immutable values of the session."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from rnnviz.service.messages import LossHistory, TrainingFrame

    Array = np.ndarray[Any, np.dtype[Any]]

SUB_STEPS = {
    "elman": ("input", "a", "h", "output", "loss"),
    "lstm": ("input", "f", "i", "o", "g", "c", "tanh_c", "h", "output", "loss"),
    "gru": ("input", "r", "z", "n", "h", "output", "loss"),
}
"""The named parts of one time step, in order of computation (the middle ones are operation keys)."""


class Direction(StrEnum):
    """Which way the cursor reveals: the forward pass or the reverse sweep."""

    FORWARD = "forward"
    BACKWARD = "backward"


@dataclass(frozen=True)
class Notice:
    """One line for the user. ``kind`` is "info", "error" or "busy"; ``actions`` are (label, verb name)."""

    text: str
    kind: str = "info"
    actions: tuple[tuple[str, str], ...] = ()


def _empty() -> Array:
    return _frozen(np.empty(0))


def _frozen(array: Array) -> Array:
    view = array.view()
    view.setflags(write=False)
    return view


@dataclass(frozen=True)
class TrainingRecord:
    """The training curve so far: five arrays (n,) of equal length, and the newest numbers.

    ``accuracies`` is NaN where the task has none; ``clips`` is the clipping norm of each step, 0 where there was
    none, NaN where it is not known (a reopened run); ``clipped`` counts the clipped steps. ``held_out`` is the task's
    metric on sequences kept apart from training or drawn afresh, None while it is not known.
    """

    steps: Array = field(default_factory=_empty)
    losses: Array = field(default_factory=_empty)
    accuracies: Array = field(default_factory=_empty)
    gradient_norms: Array = field(default_factory=_empty)
    clips: Array = field(default_factory=_empty)
    step: int = 0
    steps_per_second: float = 0.0
    device: str = "cpu"
    clipped: int = 0
    baseline: float = 0.0
    baseline_label: str = ""
    held_out: float | None = None

    @property
    def loss(self) -> float | None:
        """The newest loss, None before the first step."""
        return float(self.losses[-1]) if len(self.losses) else None

    @property
    def accuracy(self) -> float | None:
        """The newest accuracy, None where the task has none."""
        if len(self.accuracies) and not np.isnan(self.accuracies[-1]):
            return float(self.accuracies[-1])
        return None


class Curve:
    """Grows a TrainingRecord: appending costs a copy of the new points, not of the whole curve."""

    FIELDS = ("steps", "losses", "accuracies", "gradient_norms", "clips")

    def __init__(self) -> None:
        self._arrays: dict[str, Array] = {name: np.empty(256) for name in self.FIELDS}
        self._size = 0

    def replace(self, history: LossHistory, record: TrainingRecord, step: int) -> TrainingRecord:
        """The record with the whole curve of ``history``."""
        # New arrays: records handed out before keep the numbers they had.
        unknown = np.full(len(history.steps), np.nan)
        self._arrays = {name: np.array(getattr(history, name, unknown), np.float64) for name in self.FIELDS}
        self._size = len(history.steps)
        return self._record(record, step=step, clipped=0)

    def append(self, frame: TrainingFrame, record: TrainingRecord) -> TrainingRecord:
        """The record with the points of ``frame`` after its own."""
        count = len(frame.steps)
        self._reserve(self._size + count)
        for name in self.FIELDS:
            self._arrays[name][self._size : self._size + count] = getattr(frame, name)
        self._size += count
        return self._record(
            record,
            step=int(frame.steps[-1]) if count else record.step,
            steps_per_second=frame.steps_per_second,
            device=frame.device,
            clipped=record.clipped + frame.clipped,
        )

    def _reserve(self, size: int) -> None:
        for name, array in self._arrays.items():
            if size > len(array):
                grown = np.empty(max(2 * len(array), size))
                grown[: self._size] = array[: self._size]
                self._arrays[name] = grown

    def _record(self, record: TrainingRecord, **changes: Any) -> TrainingRecord:  # noqa: ANN401 passed on
        changes |= {name: _frozen(array[: self._size]) for name, array in self._arrays.items()}
        return replace(record, **changes)
