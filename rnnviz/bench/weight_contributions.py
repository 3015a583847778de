"""The norm of every copy's share of dW_hh in closed form, against building each share and taking its norm."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.bench.credit_map import all_losses
from rnnviz.bench.gradient import VOCABULARY
from rnnviz.bench.measure import Options, Result, interleave
from rnnviz.engine.backward import output_gradients, sweep_down
from rnnviz.engine.network import initialise
from rnnviz.engine.scaled import normalise
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.summed import contributions
from rnnviz.engine.trace import trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LENGTH, HIDDEN, CALLS, ROUNDS = 1000, 64, 20, 6
TARGET = 0.01
CELLS = ("elman", "gru", "lstm")


def run(options: Options) -> Iterator[Result]:
    """Both sides start from the same sweep; the baseline builds the (T, kH, H) array of all shares."""
    for cell in CELLS:
        ours, base = pair(cell, LENGTH, HIDDEN, options.seed)
        measured = interleave(_often(ours), _often(base), rounds=ROUNDS, warm_up=1)
        note = f"T={LENGTH} H={HIDDEN}, {CALLS} calls in a row"
        yield from measured.results(f"weight-contributions-{cell}", TARGET, note)


def pair(cell: str, length: int, hidden: int, seed: int) -> tuple[Callable[[], object], Callable[[], object]]:
    """Ours and the baseline for one cell and size."""
    network = initialise(ModelSpec(cell=cell, hidden=hidden), VOCABULARY, VOCABULARY, seed)
    traced = trace(network, all_losses(length, seed))
    swept = next(sweep_down(traced, normalise(output_gradients(traced)[:, None])))
    deltas = np.ldexp(swept.sweep.deltas[:, 0], swept.sweep.exponents)
    before = swept.layer.previous_hidden

    def build() -> object:
        return np.linalg.norm(deltas[:, :, None] * before[:, None, :], axis=(1, 2))

    return lambda: contributions(swept), build


def _often(call: Callable[[], object]) -> Callable[[], object]:
    """Several calls timed together, both sides alike: in steady state, not after the other side emptied the cache."""

    def calls() -> None:
        for _ in range(CALLS):
            call()

    return calls
