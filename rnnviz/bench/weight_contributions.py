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

LENGTH, HIDDEN, CALLS = 1000, 64, 5
TARGET = 0.01
CELLS = ("elman", "gru", "lstm")


def run(options: Options) -> Iterator[Result]:
    """Both sides start from the same sweep; the baseline builds the (T, kH, H) array of all shares."""
    for cell in CELLS:
        network = initialise(ModelSpec(cell=cell, hidden=HIDDEN), VOCABULARY, VOCABULARY, options.seed)
        traced = trace(network, all_losses(LENGTH, options.seed))
        swept = next(sweep_down(traced, normalise(output_gradients(traced)[:, None])))
        deltas = np.ldexp(swept.sweep.deltas[:, 0], swept.sweep.exponents)
        before = swept.layer.previous_hidden

        def build(deltas: np.ndarray = deltas, before: np.ndarray = before) -> object:
            return np.linalg.norm(deltas[:, :, None] * before[:, None, :], axis=(1, 2))

        measured = interleave(_often(lambda swept=swept: contributions(swept)), _often(build), rounds=12, warm_up=1)
        note = f"T={LENGTH} H={HIDDEN}, {CALLS} calls in a row"
        yield from measured.results(f"weight-contributions-{cell}", TARGET, note)


def _often(call: Callable[[], object]) -> Callable[[], object]:
    """Several calls timed together: after the baseline's tens of megabytes the first one meets a cold cache."""

    def calls() -> None:
        for _ in range(CALLS):
            call()

    return calls
