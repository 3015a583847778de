"""From process start to the first picture of the unrolled text, against ``python -c "import torch"``.

Both sides are fresh processes, in turn. A side prints the clock when it is done; what it does then does not count.
"""

from __future__ import annotations

import sys
from time import time
from typing import TYPE_CHECKING

from rnnviz.bench.child import output_of
from rnnviz.bench.measure import Interleaved, Options, Result

if TYPE_CHECKING:
    from collections.abc import Iterator

ROUNDS = 7
TARGET = 1.0
TORCH = "import torch, time; print(time.time())"
PICTURE = "from rnnviz.bench.start import print_first_picture; print_first_picture()"


def run(options: Options) -> Iterator[Result]:
    """The comparison and its control."""
    del options
    rounds = [(_seconds(PICTURE), _seconds(TORCH), _seconds(TORCH)) for _ in range(ROUNDS)]
    ours, base, again = zip(*rounds, strict=True)
    yield from Interleaved(ours, base, again).results("start", TARGET, f"median of {ROUNDS}")


def _seconds(program: str) -> float:
    begin = time()
    return float(output_of([sys.executable, "-c", program])) - begin


def print_first_picture() -> None:
    """Open the window as the program does, and print the clock when the unrolled text has been painted."""
    from rnnviz.offscreen import Offscreen  # in the child only

    with Offscreen() as offscreen:
        print(offscreen.wait_for_picture(), flush=True)
