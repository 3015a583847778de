"""The numbers of a real-valued text: what is read, wanted and answered, on which scale, in which words."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.view.look import number, significant

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rnnviz.service.messages import RealValues, TaskReport
    from rnnviz.view.stage.frame import Frame

    Floats = NDArray[np.float64]

LONGEST_NUMBER = 6
"""Signs that a number has room for in a chip; a longer one is rounded."""


@dataclass(frozen=True, eq=False)
class Lane:
    """One plot of the band: columns of what is read and of what is answered, and its limits."""

    name: str
    channels: tuple[int, ...]
    output: int
    low: float
    high: float
    ticks: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Values:
    """What a trace holds in numbers, with the names of its columns. ``notes``: what was not understood."""

    real: RealValues
    channels: tuple[str, ...]
    outputs: tuple[str, ...]
    notes: tuple[str, ...] = ()
    marks: tuple[int, ...] = field(default=())

    @property
    def ahead(self) -> int:
        """How many steps later than its own an output belongs."""
        return self.real.ahead

    @cached_property
    def lanes(self) -> tuple[Lane, ...]:
        """One plot; or one a channel where each has an output of its own."""
        read, wanted = self.real.values, self.real.wanted
        width = read.shape[1]
        if width == wanted.shape[1] > 1:
            low, high, ticks = limits(np.concatenate((read, wanted)).ravel())
            ends = tuple(dict.fromkeys((ticks[0], ticks[-1])))  # a low plot has room for no more
            return tuple(Lane(name, (k,), k, low, high, ends) for k, name in enumerate(self.channels))
        shown = tuple(k for k in range(width) if k not in self.marks)
        drawn = (read[:, list(shown)].ravel(), wanted.ravel(), self.real.truth.ravel())
        low, high, ticks = limits(np.concatenate(drawn))
        return (Lane(self.channels[0], shown, 0, low, high, ticks),)

    @cached_property
    def pulses(self) -> bool:
        """Whether what is read are rare pulses, which are drawn as such."""
        return len(self.lanes) > 1 and self.ahead == 0

    @cached_property
    def fingerprint(self) -> tuple[int, ...]:
        """The same for the same numbers typed and wanted, whatever the network says of them."""
        return tuple(hash(array.tobytes()) for array in (self.real.values, self.real.wanted, self.real.truth))

    @cached_property
    def digits(self) -> int:
        """Decimals that tell neighbouring numbers of the scale apart."""
        span = max(lane.high - lane.low for lane in self.lanes)
        return min(6, max(0, 2 - math.floor(math.log10(span)))) if span < 1000 else 0

    def text(self, value: float) -> str:
        """A number of this text."""
        return short(value, self.digits)

    def reads(self, step: int) -> str:
        """What ``step`` reads, in numbers."""
        return self._joined(self.real.values[step - 1])

    def answers(self, step: int) -> str:
        """What the network answers at ``step``."""
        return self._joined(self.real.outputs[step - 1])

    def wants(self, step: int) -> str:
        """What is wanted of it; '' where nothing is."""
        row = self.real.wanted[step - 1]
        return self._joined(row) if np.isfinite(row).all() else ""

    def _joined(self, row: NDArray[np.floating]) -> str:
        """Some numbers side by side."""
        return " ".join(self.text(float(value)) for value in row)


def values_of(real: RealValues | None, task: TaskReport | None, notes: list[str]) -> Values | None:
    """The numbers of a trace; None where it has none or they are another task's."""
    if real is None or task is None or task.kind != "numbers":
        return None
    if (real.values.shape[1], real.wanted.shape[1]) != (len(task.input_tokens), len(task.output_labels)):
        return None
    marks = tuple(k for k, name in enumerate(task.input_tokens) if k and name == "marker")
    return Values(real, tuple(task.input_tokens), tuple(task.output_labels), tuple(notes), marks)


def limits(numbers: Floats) -> tuple[float, float, tuple[float, ...]]:
    """The limits of a scale that holds the finite ``numbers``, and two to five round numbers on it."""
    finite = numbers[np.isfinite(numbers)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    if high - low <= 1e-9 * max(1.0, abs(high)):
        low, high = low - 1.0, high + 1.0
    step = _round_step((high - low) / 2)
    first, last = math.ceil(low / step - 0.1), math.floor(high / step + 0.1)
    ticks = tuple(step * k for k in range(first, last + 1))
    pad = 0.06 * (high - low)
    return min(low - pad, *ticks), max(high + pad, *ticks), ticks


def _round_step(span: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above ``span``."""
    power = 10.0 ** math.floor(math.log10(span))
    return next(factor * power for factor in (5.0, 2.0, 1.0) if factor * power <= span * (1 + 1e-9))


def short(value: float, digits: int = 2) -> str:
    """A number in the width of a chip: 0.43, −12.5, 1,500 as 1500, a million as its power of ten."""
    size = abs(value)
    if size >= 1e5 and math.isfinite(value):
        return significant(value, 2)
    return number(value, 0 if size >= 1000 else min(digits, 1) if size >= 100 else digits)


def tick_text(value: float) -> str:
    """A number beside the scale, with no more digits than it needs."""
    size = abs(value)
    if value == round(value) and size < 1e8:
        return number(value, 0)
    if 1 <= size < 1e5:
        return number(value, 4 if size < 1000 else 2).rstrip("0").rstrip(".")
    head, times, power = significant(value, 6).partition("×")
    return (head.rstrip("0").rstrip(".") if "." in head else head) + times + power


def token_text(token: str) -> str:
    """A typed number as its chip shows it: as it was typed, or rounded where it is long; other words unchanged."""
    if len(token) <= LONGEST_NUMBER:
        return token
    try:
        value = float(token.replace("−", "-").replace(",", "."))
    except ValueError:
        return token
    return short(value) if abs(value) >= 0.01 else significant(value, 2)


def number_forms(token: str) -> tuple[str, ...]:
    """A typed number as it is shown where there is room, and in ever fewer signs: 0.43, .43, .4."""
    shown = token_text(token)
    head, point, rest = shown.partition(".")
    if not point or head not in ("0", "-0", "−0") or not rest.isdecimal():
        return (shown,)
    bare = f"{head[:-1]}.{rest}"
    if len(rest) == 1:
        return (shown, bare)
    rounded = f"{float(f'0.{rest}'):.1f}"
    return shown, bare, head[:-1] + (rounded[1:] if rounded.startswith("0") else rounded)


def error_words(values: Values, step: int, loss: float) -> str:
    """The squared error of a step, with its unit where the series was scaled."""
    if not math.isfinite(loss):
        return "nothing is wanted here, so there is no loss"
    unit = f", in units of {significant(values.real.scale)} squared" if values.real.scale != 1.0 else ""
    return f"squared error {number(loss, 3)}{unit}"


def sentence(frame: Frame, step: int) -> str:
    """What a step reads, answers and should have answered."""
    values = frame.values
    if values is None or step > min(frame.valid, len(values.real.values)):
        return f"Step {step}: not computed yet."
    named = ", ".join(
        f"{name} {values.text(float(value))}"
        for name, value in zip(values.channels, values.real.values[step - 1], strict=True)
    )
    lines = [f"Step {step} reads {named}"]
    if frame.answers(step) and frame.computed(step):
        about = f" for step {step + values.ahead}" if values.ahead else ""
        wanted = values.wants(step)
        lines.append(f"answers {values.answers(step)}{about}" + (f", wanted {wanted}" if wanted else ""))
    return "\n".join((*lines, *values.notes))
