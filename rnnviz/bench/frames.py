"""How long one frame keeps the window busy: while training at full speed, and while scrubbing a long text.

A frame is one turn of the event loop in which something was painted, with all else that was done in that turn.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.bench.child import in_child
from rnnviz.bench.measure import Options, Result, percentile

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rnnviz.session.session import Session

BUDGET_MS = 16.7
TRAINING_SECONDS = 8.0
SCRUB_SECONDS = 8.0
SENTENCE = "the wind is cold, the hill is low, "


def run(options: Options) -> Iterator[Result]:
    """95th percentile against one frame at 60 Hz."""
    found = in_child(__name__, options)
    for name, length in (("training", 200), ("scrubbing", 5000)):
        frames, median, cpu = (found[f"{name}_{what}"] for what in ("frames", "median", "cpu"))
        note = f"T={length} H=64, {frames:.0f} frames, median {median:.1f}, CPU time of the 95th percentile {cpu:.1f}"
        yield Result(f"frames-{name}", found[name], BUDGET_MS, target=1.0, note=note)


def measure(options: Options) -> dict[str, float]:
    """Both situations in one real window with every track open."""
    from rnnviz.bench.busy import BusyTurns
    from rnnviz.offscreen import Offscreen

    with Offscreen() as offscreen:
        offscreen.window.first_use.show_full()
        offscreen.session.set_model(cell="lstm", hidden=64)
        offscreen.session.set_training(seed=options.seed)
        offscreen.session.set_text(long_text(200))
        offscreen.settle()
        offscreen.session.train()
        turns = BusyTurns(offscreen.application)
        offscreen.run_for(TRAINING_SECONDS)
        result = _described("training", turns.stop())
        offscreen.session.pause()
        offscreen.session.set_text(long_text(5000))
        offscreen.settle()
        turns = BusyTurns(offscreen.application)
        offscreen.every(16, _Scrub(offscreen.session).move, SCRUB_SECONDS)
        return result | _described("scrubbing", turns.stop())


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


def _described(name: str, turns: tuple[list[float], list[float]]) -> dict[str, float]:
    clock, cpu = turns
    return {
        name: percentile(clock, 0.95),
        f"{name}_cpu": percentile(cpu, 0.95),
        f"{name}_frames": float(len(clock)),
        f"{name}_median": percentile(clock, 0.5),
    }
