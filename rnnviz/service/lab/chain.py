"""See :mod:`rnnviz.service.messages.chain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.chain import MAX_SLOPES, chain_slices, checked_ends
from rnnviz.engine.gradients import gradient_flow
from rnnviz.service.lab.base import Experiment
from rnnviz.service.lab.spectrum import spectra_slices
from rnnviz.service.messages import Chained, TraceChain

if TYPE_CHECKING:
    from collections.abc import Generator

    from numpy.typing import NDArray

    from rnnviz.engine.chain import Chain
    from rnnviz.engine.trace import Trace
    from rnnviz.service.lab.base import Laboratory


def _answer(laboratory: Laboratory, command: TraceChain) -> Generator[None, None, Chained]:
    bench = laboratory.bench
    trace = bench.trace
    layer = trace.layer(command.layer)
    loss_step = command.loss_step if command.loss_step in trace.loss_steps else 0
    loss_step, furthest = checked_ends(trace, layer, loss_step, 0)
    low, high = sorted((loss_step, furthest))
    time_step = command.time_step if low <= command.time_step <= high else furthest
    return _chained(trace, command.layer, (loss_step, time_step), bench.training_step)


def _chained(trace: Trace, layer: str, ends: tuple[int, int], training_step: int) -> Generator[None, None, Chained]:
    chain = yield from chain_slices(trace, layer, *ends)
    spectra = yield from spectra_slices(trace.network, layer)
    spec = trace.network.spec
    return Chained(
        layer=layer,
        loss_step=chain.loss_step,
        time_step=chain.time_step,
        size=chain.size,
        steps=chain.steps,
        log2_gain=chain.log2_gain,
        log2_measured=chain.log2_measured,
        log2_total=_total(trace, chain),
        log2_largest=chain.log2_largest,
        log2_spectra=chain.log2_spectra.astype(np.float32),
        log2_product=chain.log2_product,
        radius={name: each.radius for name, each in spectra.items()},
        largest={name: each.largest for name, each in spectra.items()},
        max_slope=MAX_SLOPES[spec.activation] if spec.cell == "elman" else float("nan"),
        mean_slope=chain.mean_slope,
        log2_carry=chain.log2_carry,
        training_step=training_step,
    )


def _total(trace: Trace, chain: Chain) -> NDArray[np.float64]:
    """The whole gradient of the same loss, all paths through the layers above included."""
    names = trace.network.layer_names
    if chain.layer in names[-trace.network.directions :]:
        return chain.log2_measured
    steps = np.concatenate((np.array([chain.loss_step]), chain.steps + (-1 if not chain.layer.endswith("r") else 1)))
    row = gradient_flow(trace, chain.loss_step).layer(chain.layer).log2_total
    return np.asarray(row[steps - 1] - row[chain.loss_step - 1])


EXPERIMENTS: tuple[Experiment, ...] = (Experiment(topic="chain", command=TraceChain, answer=_answer),)
