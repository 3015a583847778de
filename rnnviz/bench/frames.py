"""How long one frame keeps the window busy: while training at full speed, and while scrubbing a long text.

A frame lasts from the first event that led to it to the end of painting, with all else that is done in between.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rnnviz.bench.child import in_child
from rnnviz.bench.measure import Options, Result, percentile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rnnviz.bench.busy import FrameTimes
    from rnnviz.offscreen import Offscreen
    from rnnviz.session.session import Session

BUDGET_MS = 16.7
TRAINING_SECONDS = 8.0
SCRUB_SECONDS = 8.0
WARM_UP_SECONDS = 1.0
SENTENCE = "the wind is cold, the hill is low, "


def run(options: Options) -> Iterator[Result]:
    """95th percentile against one frame at 60 Hz: on the clock, and of the CPU time of the window's thread."""
    found = in_child(__name__, options)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    for name, length in (("training", 200), ("scrubbing", 5000)):
        frames = f"T={length} H=64, {found[f'{name}_frames']:.0f} frames"
        note = f"{frames}, median {found[f'{name}_median']:.1f}, load {load:.1f} on {os.cpu_count()} cores"
        yield Result(f"frames-{name}", found[name], BUDGET_MS, target=1.0, note=note)
        note = f"the same frames, median {found[f'{name}_cpu_median']:.1f}: what other programs take is not in it"
        yield Result(f"frames-{name}-cpu", found[f"{name}_cpu"], BUDGET_MS, target=1.0, note=note)


def measure(options: Options) -> dict[str, float]:
    """Both situations in one real window with every track open."""
    from rnnviz.bench.busy import FrameTimes
    from rnnviz.offscreen import Offscreen

    with Offscreen() as offscreen:
        prepare(offscreen, options)
        offscreen.session.train()
        offscreen.run_for(WARM_UP_SECONDS)
        times = FrameTimes(offscreen.application)
        offscreen.run_for(TRAINING_SECONDS)
        result = _described("training", times)
        offscreen.session.pause()
        offscreen.session.set_text(long_text(5000))
        offscreen.settle()
        scrub = _Scrub(offscreen.session)
        offscreen.every(16, scrub.move, WARM_UP_SECONDS)
        times = FrameTimes(offscreen.application)
        offscreen.every(16, scrub.move, SCRUB_SECONDS)
        return result | _described("scrubbing", times)


def prepare(offscreen: Offscreen, options: Options) -> None:
    """Every track and panel open, an LSTM with H = 64, a text with T = 200."""
    offscreen.window.first_use.show_full()
    offscreen.session.set_model(cell="lstm", hidden=64)
    offscreen.session.set_training(seed=options.seed)
    offscreen.session.set_text(long_text(200))
    offscreen.settle()


def long_text(length: int) -> str:
    """A text of exactly this many characters, all in the shipped sample."""
    return (SENTENCE * (length // len(SENTENCE) + 1))[:length]


class _Scrub:
    """A hand that drags the scrubber from one end to the other and back."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._stride = max(1, session.length // 200)

    def move(self) -> None:
        """One mouse move of the drag."""
        there = self._session.time_step + self._stride
        if not 1 <= there <= self._session.length:
            self._stride = -self._stride
            there = self._session.time_step + self._stride
        self._session.move_to(there)


def _described(name: str, times: FrameTimes) -> dict[str, float]:
    times.stop()
    return {
        name: percentile(times.clock, 0.95),
        f"{name}_cpu": percentile(times.cpu, 0.95),
        f"{name}_frames": float(len(times.clock)),
        f"{name}_median": percentile(times.clock, 0.5),
        f"{name}_cpu_median": percentile(times.cpu, 0.5),
    }
