"""Resident memory of window and engine at T = 5000, H = 64 after training; and that it does not grow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.bench.child import in_child
from rnnviz.bench.frames import long_text
from rnnviz.bench.measure import Options, Result
from rnnviz.bench.processes import resident_mb

if TYPE_CHECKING:
    from collections.abc import Iterator

    from rnnviz.offscreen import Offscreen

LIMITS_MB = {"window": 250.0, "engine": 500.0}
FLAT = 1.05
"""Growth that still counts as flat: allocators keep some slack."""
EDITS = 1000
WARM_UP_EDITS = 100
WARM_UP_SHARE = 0.2


def run(options: Options) -> Iterator[Result]:
    """Sizes, then growth over edits and over training."""
    found = in_child(__name__, options)
    for name, limit in LIMITS_MB.items():
        yield Result(f"memory-{name}-mb", found[name], limit, target=1.0, note="T=5000 H=64, after training")
        note = f"{EDITS} edits of a text of 200"
        yield Result(f"memory-edits-{name}-mb", found[f"edits_{name}"], found[f"before_edits_{name}"], FLAT, note=note)
        note = f"{options.minutes:g} minutes of training"
        yield Result(
            f"memory-training-{name}-mb", found[f"training_{name}"], found[f"before_training_{name}"], FLAT, note=note
        )


def measure(options: Options) -> dict[str, float]:
    """Train at T = 5000, then edit, then train for the wanted time, each after a warm-up of the same kind."""
    from rnnviz.offscreen import Offscreen

    with Offscreen() as offscreen:
        offscreen.window.first_use.show_full()
        offscreen.session.set_model(cell="lstm", hidden=64)
        offscreen.session.set_text(long_text(5000))
        offscreen.settle()
        offscreen.train(20)
        found = _resident(offscreen, "")
        _edit(offscreen, WARM_UP_EDITS)
        found |= _resident(offscreen, "before_edits_")
        _edit(offscreen, EDITS)
        found |= _resident(offscreen, "edits_")
        offscreen.session.train()
        offscreen.run_for(60 * options.minutes * WARM_UP_SHARE)
        found |= _resident(offscreen, "before_training_")
        offscreen.run_for(60 * options.minutes)
        found |= _resident(offscreen, "training_")
    return found


def _resident(offscreen: Offscreen, prefix: str) -> dict[str, float]:
    window, engine = offscreen.processes
    return {f"{prefix}window": resident_mb(window), f"{prefix}engine": resident_mb(engine)}


def _edit(offscreen: Offscreen, count: int) -> None:
    """So many different texts, each unrolled and drawn."""
    text = long_text(200)
    for number in range(count):
        offscreen.session.set_text(text[number % 100 :] + text[: number % 90])
        offscreen.wait_for_picture()
