"""Everything a training run needs to go on bit for bit, as plain values that can be saved (imports no torch)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Mapping

Array = np.ndarray[Any, np.dtype[Any]]

HISTORY_LIMIT = 8192


class LossHistory:
    """Loss and gradient norm per training step, thinned by doubling its stride so that it never outgrows its limit."""

    columns = ("step", "loss", "gradient_norm", "accuracy")

    def __init__(self, limit: int = HISTORY_LIMIT) -> None:
        self._rows = np.empty((limit, len(self.columns)))
        self._count = 0
        self._stride = 1

    def add(self, step: int, loss: float, gradient_norm: float, accuracy: float | None) -> None:
        """Keep this training step if it falls on the stride."""
        if step % self._stride:
            return
        if self._count == len(self._rows):
            self._stride *= 2
            kept = self._rows[self._rows[:, 0] % self._stride == 0]
            self._rows[: len(kept)] = kept
            self._count = len(kept)
            if step % self._stride:
                return
        self._rows[self._count] = (step, loss, gradient_norm, np.nan if accuracy is None else accuracy)
        self._count += 1

    def arrays(self) -> dict[str, Array]:
        """Return one array per column, NaN where a task has no accuracy."""
        return {name: self._rows[: self._count, k].copy() for k, name in enumerate(self.columns)}

    def restore(self, arrays: Mapping[str, Array]) -> None:
        """Replace the content by arrays from :meth:`arrays`."""
        self._count, self._stride = 0, 1
        values = [np.asarray(arrays[name], dtype=np.float64) for name in self.columns if name in arrays]
        if len(values) != len(self.columns) or len({len(column) for column in values}) != 1:
            raise SpecError("The loss history is incomplete; open another file.")
        for step, loss, norm, accuracy in zip(*values, strict=True):
            self.add(int(step), loss, norm, None if np.isnan(accuracy) else accuracy)

    def forget_after(self, step: int) -> None:
        """Drop what came after a training step (after an undo)."""
        self._count = int((self._rows[: self._count, 0] <= step).sum())


@dataclass(frozen=True, eq=False)
class TrainerState:
    """A training run between two steps; every array is a copy, never a live tensor.

    ``optimiser_arrays`` are named ``exp_avg/weight_hh_l0`` and so on; ``rng`` is the state of the batch generator
    as JSON values (128-bit numbers as decimal strings).
    """

    step: int
    weights: Mapping[str, Array]
    optimiser: str
    optimiser_arrays: Mapping[str, Array]
    rng: Mapping[str, Any]
    history: Mapping[str, Array] = field(default_factory=dict)

    @property
    def nbytes(self) -> int:
        """The memory of weights and optimiser state."""
        return sum(a.nbytes for group in (self.weights, self.optimiser_arrays) for a in group.values())


def rng_to_json(rng: np.random.Generator) -> dict[str, Any]:
    """Return a PCG64 generator's state with its 128-bit numbers as strings."""
    state: Any = rng.bit_generator.state
    return {
        "bit_generator": state["bit_generator"],
        "state": str(state["state"]["state"]),
        "inc": str(state["state"]["inc"]),
        "has_uint32": int(state["has_uint32"]),
        "uinteger": int(state["uinteger"]),
    }


def rng_from_json(value: Mapping[str, Any]) -> np.random.Generator:
    """Return the generator that :func:`rng_to_json` described."""
    rng = np.random.Generator(np.random.PCG64(0))
    try:
        if value["bit_generator"] != "PCG64":
            raise SpecError(f"The random generator is {value['bit_generator']!r}; only PCG64 can be continued.")
        rng.bit_generator.state = {
            "bit_generator": "PCG64",
            "state": {"state": int(value["state"]), "inc": int(value["inc"])},
            "has_uint32": int(value["has_uint32"]),
            "uinteger": int(value["uinteger"]),
        }
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        if isinstance(error, SpecError):
            raise
        raise SpecError("The state of the random generator is damaged; training cannot continue from it.") from error
    return rng
