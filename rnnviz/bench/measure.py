"""Timing that survives a busy machine: both sides interleaved in one process, medians, and an A/A control."""

from __future__ import annotations

import gc
import statistics
from dataclasses import dataclass
from itertools import cycle, islice, permutations
from time import perf_counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

CONTROL = (0.9, 1.1)
"""Where the ratio of the baseline to itself must lie for a measurement to be trusted."""


@dataclass(frozen=True)
class Options:
    """What the command line says about all benchmarks."""

    minutes: float = 0.5
    seed: int = 0


@dataclass(frozen=True)
class Result:
    """One line: ``name ours base ratio target PASS|FAIL``; ratios up to ``target`` pass.

    ``ours`` and ``base`` are milliseconds unless the name ends in ``-mb``; ``low`` is the least ratio that
    passes (of a control), ``note`` what a reader should know about how it was measured.
    """

    name: str
    ours: float
    base: float
    target: float
    low: float = 0.0
    note: str = ""

    @property
    def ratio(self) -> float:
        """Ours over the baseline."""
        return self.ours / self.base

    @property
    def passed(self) -> bool:
        """Whether the ratio is within the target."""
        return self.low <= self.ratio <= self.target

    def line(self) -> str:
        """The line that is printed."""
        target = f"{self.low:g}..{self.target:g}" if self.low else f"{self.target:g}"
        verdict = "PASS" if self.passed else "FAIL"
        text = f"{self.name:<24} {self.ours:>10.3f} {self.base:>10.3f} {self.ratio:>8.3f} {target:>9} {verdict}"
        return f"{text}  # {self.note}" if self.note else text


@dataclass(frozen=True)
class Interleaved:
    """Seconds of each round; ``again`` is the baseline measured a second time in the same round."""

    ours: tuple[float, ...]
    base: tuple[float, ...]
    again: tuple[float, ...]

    def results(self, name: str, target: float, note: str = "") -> tuple[Result, Result]:
        """The comparison, and the baseline against itself."""
        ours, base, again = (1000 * statistics.median(values) for values in (self.ours, self.base, self.again))
        control = Result(f"{name}/control", again, base, target=CONTROL[1], low=CONTROL[0])
        return Result(name, ours, base, target, note=note), control


def interleave(
    ours: Callable[[], object], base: Callable[[], object], *, rounds: int = 42, warm_up: int = 5
) -> Interleaved:
    """Run ours, baseline and baseline again, in every order equally often: whoever runs next finds a warm cache."""
    sides: list[Callable[[], object]] = [ours, base, base]
    seconds: list[list[float]] = [[], [], []]
    for _ in range(warm_up):
        for side in sides:
            side()
    gc.collect()
    for order in islice(cycle(permutations(range(3))), rounds):
        for which in order:
            seconds[which].append(_seconds(sides[which]))
    return Interleaved(*(tuple(values) for values in seconds))


def _seconds(call: Callable[[], object]) -> float:
    start = perf_counter()
    call()
    return perf_counter() - start


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least ``share`` of ``values`` do not exceed."""
    ordered = sorted(values)
    rank = max(0, -int(-share * len(ordered) // 1) - 1)
    return ordered[min(rank, len(ordered) - 1)]
