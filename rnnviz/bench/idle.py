"""The CPU time that window and engine use while nothing runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.bench.child import in_child
from rnnviz.bench.measure import Options, Result
from rnnviz.bench.processes import cpu_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS = 10.0
TARGET = 0.01


def run(options: Options) -> Iterator[Result]:
    """Milliseconds of CPU time in a second, window and engine together."""
    yield Result("idle", in_child(__name__, options)["milliseconds"], 1000.0, TARGET, note=f"over {SECONDS:.0f} s")


def measure(options: Options) -> dict[str, float]:
    """A settled window with every track open, torch loaded, left alone."""
    del options
    from rnnviz.offscreen import Offscreen

    with Offscreen() as offscreen:
        offscreen.window.first_use.show_full()
        offscreen.settle()
        before = sum(map(cpu_seconds, offscreen.processes))
        offscreen.run_for(SECONDS)
        used = sum(map(cpu_seconds, offscreen.processes)) - before
    return {"milliseconds": 1000 * used / SECONDS}
