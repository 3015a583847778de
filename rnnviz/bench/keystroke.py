"""From a key press in the text to the picture of the new trace, T = 200, H = 64."""

from __future__ import annotations

import statistics
from time import time
from typing import TYPE_CHECKING

from rnnviz.bench.child import in_child
from rnnviz.bench.frames import BUDGET_MS, prepare
from rnnviz.bench.measure import Options, Result

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUND_TRIP_MS = 16.0
KEYS = 40


def run(options: Options) -> Iterator[Result]:
    """The median key, against a round trip of 16 ms and one frame."""
    found = in_child(__name__, options)
    reply, picture = found["reply"], found["picture"]
    note = (
        f"T=200 H=64, {KEYS} keys: reply after {reply:.1f}, painted {picture:.1f} later; slowest {found['slowest']:.1f}"
    )
    yield Result("keystroke", found["median"], ROUND_TRIP_MS + BUDGET_MS, target=1.0, note=note)


def measure(options: Options) -> dict[str, float]:
    """Type and delete a letter at the end of the text, with every track open."""
    from rnnviz.offscreen import Offscreen

    with Offscreen() as offscreen:
        prepare(offscreen, options)
        milliseconds, replies, pictures = [], [], []
        for number in range(KEYS):
            begin = time()
            offscreen.type_key("h" if number % 2 == 0 else None)
            painted = offscreen.wait_for_picture()
            milliseconds.append(1000 * (painted - begin))
            replies.append(1000 * (offscreen.replied_at - begin))
            pictures.append(1000 * (painted - offscreen.replied_at))
            offscreen.settle()
        return {
            "median": statistics.median(milliseconds),
            "slowest": max(milliseconds),
            "reply": statistics.median(replies),
            "picture": statistics.median(pictures),
        }
