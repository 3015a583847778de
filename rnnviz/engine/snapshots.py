"""Earlier moments of a training run: thinned weights to scrub through, exact states to undo with (no torch)."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rnnviz.engine.trainer_state import TrainerState

Weights = dict[str, np.ndarray[Any, np.dtype[Any]]]

MAX_SNAPSHOTS = 128
MAX_BYTES = 128 * 2**20
UNDO_STEPS = 32
UNDO_BYTES = 64 * 2**20


class SnapshotRing:
    """Weights at evenly spread training steps; when full, every second one goes and the stride doubles.

    The first snapshot stays, so the untrained network can always be looked at again.
    """

    def __init__(self, max_count: int = MAX_SNAPSHOTS, max_bytes: int = MAX_BYTES) -> None:
        self._max_count, self._max_bytes = max_count, max_bytes
        self._kept: dict[int, Weights] = {}
        self._stride = 1
        self._bytes = 0

    @property
    def steps(self) -> tuple[int, ...]:
        """The training steps kept, ascending."""
        return tuple(self._kept)

    @property
    def nbytes(self) -> int:
        """The memory in use."""
        return self._bytes

    def offer(self, step: int, copy_weights: Callable[[], Mapping[str, np.ndarray[Any, np.dtype[Any]]]]) -> None:
        """Keep this step if it falls on the stride; only then are its weights copied."""
        if (self._kept and step % self._stride) or step in self._kept:
            return
        weights = dict(copy_weights())
        size = sum(array.nbytes for array in weights.values())
        while self._kept and not self._has_room(size):
            self._thin()
            if step % self._stride or len(self._kept) == 1:
                break
        if not self._kept or (self._has_room(size) and step % self._stride == 0):
            self._kept[step] = weights
            self._bytes += size

    def _has_room(self, size: int) -> bool:
        return len(self._kept) < self._max_count and self._bytes + size <= self._max_bytes

    def _thin(self) -> None:
        self._stride *= 2
        first = next(iter(self._kept))
        self._kept = {step: w for step, w in self._kept.items() if step == first or step % self._stride == 0}
        self._bytes = sum(array.nbytes for weights in self._kept.values() for array in weights.values())

    def at(self, step: int) -> tuple[int, Weights]:
        """Return the newest kept step that is not after ``step``, and its weights."""
        if not self._kept:
            raise SpecError("There is no snapshot yet; train first.")
        nearest = max((kept for kept in self._kept if kept <= step), default=next(iter(self._kept)))
        return nearest, self._kept[nearest]

    def forget_after(self, step: int) -> None:
        """Drop what came after a training step (after an undo)."""
        self._kept = {kept: weights for kept, weights in self._kept.items() if kept <= step}
        self._bytes = sum(array.nbytes for weights in self._kept.values() for array in weights.values())


class RecentStates:
    """The exact states of the last training steps, optimiser included; fewer of them for a large network."""

    def __init__(self, count: int = UNDO_STEPS, max_bytes: int = UNDO_BYTES) -> None:
        self._count, self._max_bytes = count, max_bytes
        self._states: deque[TrainerState] = deque()
        self._size = 0

    @property
    def steps(self) -> tuple[int, ...]:
        """The training steps that can be returned to, ascending."""
        return tuple(state.step for state in self._states)

    def offer(self, step: int, copy_state: Callable[[], TrainerState]) -> None:
        """Keep the state of this step; a large network is copied only every few steps."""
        every = -(-self._size * self._count // self._max_bytes)
        if self._states and step - self._states[-1].step < every:
            return
        self._states.append(copy_state())
        self._size = self._states[-1].nbytes
        room = max(1, min(self._count + 1, self._max_bytes // max(1, self._size)))
        while len(self._states) > room:
            self._states.popleft()

    def back(self, step: int) -> TrainerState | None:
        """Return the newest kept state that is not after ``step`` (or the oldest), None if there is none."""
        earlier = [state for state in self._states if state.step <= step]
        return earlier[-1] if earlier else (self._states[0] if self._states else None)

    def forget_after(self, step: int) -> None:
        """Drop the states after a training step."""
        while self._states and self._states[-1].step > step:
            self._states.pop()
