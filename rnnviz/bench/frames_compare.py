"""How long one frame keeps the window busy while three models train side by side, all gradient views open."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from rnnviz.bench.child import in_child
from rnnviz.bench.frames import BUDGET_MS, TRAINING_SECONDS, long_text
from rnnviz.bench.measure import Options, Result, percentile

if TYPE_CHECKING:
    from collections.abc import Iterator

LENGTH, HIDDEN = 100, 64
WARM_UP_SECONDS = 2.0


def run(options: Options) -> Iterator[Result]:
    """95th percentile against one frame at 60 Hz: on the clock, and of the CPU time of the window's thread."""
    found = in_child(__name__, options)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    note = f"T={LENGTH} H={HIDDEN}, {found['frames']:.0f} frames, {found['pictures']:.0f} pictures of three models"
    clock = f"{note}, median {found['median']:.1f}, load {load:.1f} on {os.cpu_count()} cores"
    yield Result("frames-compare", found["clock"], BUDGET_MS, target=1.0, note=clock)
    note = f"the same frames, median {found['cpu_median']:.1f}: what other programs take is not in it"
    yield Result("frames-compare-cpu", found["cpu"], BUDGET_MS, target=1.0, note=note)


def measure(options: Options) -> dict[str, float]:
    """Elman, LSTM and GRU in one real window: curves, credit maps, horizons and training curves of all three."""
    from rnnviz.bench.busy import FrameTimes
    from rnnviz.offscreen import Offscreen

    with Offscreen() as offscreen:
        session, window = offscreen.session, offscreen.window
        window.first_use.show_full()
        session.set_model(cell="elman", hidden=HIDDEN)
        session.set_training(seed=options.seed)
        session.set_text(long_text(LENGTH))
        offscreen.settle()
        window.settings.update_view(compare=True, rivals=[])
        offscreen.settle()
        session.train()
        offscreen.run_for(WARM_UP_SECONDS)
        pictures = _Count()
        session.lab.changed.connect(pictures.add)
        times = FrameTimes(offscreen.application)
        offscreen.run_for(TRAINING_SECONDS)
        times.stop()
        session.lab.changed.disconnect(pictures.add)
        return {
            "clock": percentile(times.clock, 0.95),
            "cpu": percentile(times.cpu, 0.95),
            "frames": float(len(times.clock)),
            "pictures": float(pictures.count),
            "median": percentile(times.clock, 0.5),
            "cpu_median": percentile(times.cpu, 0.5),
        }


class _Count:
    """How many pictures of the comparison came meanwhile: without them the frames would mean nothing."""

    def __init__(self) -> None:
        self.count = 0

    def add(self, topic: str) -> None:
        """One answer."""
        self.count += topic == "compare"
