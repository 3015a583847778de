"""Free running: a network that predicts the next number reads its own predictions, as far as one likes.

    outputs = free_run(network, values, steps=200)

Errors feed on themselves: how long the prediction stays near the truth says more than the error one step ahead
(Jaeger & Haas 2004, for the Mackey-Glass series).
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.advance import advance
from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import ArrayLike

    from rnnviz.engine.advance import State
    from rnnviz.engine.network import Network
    from rnnviz.engine.trace import Trace

    Array = np.ndarray[Any, np.dtype[Any]]


def free_run(network: Network, values: ArrayLike, steps: int) -> Array:
    """Read ``values (T, D)``, then feed every output back as the next input; the outputs ``(steps, D)``.

    ``x_{t+1} = y_t``. The first output is the prediction for the step after the last of ``values``; what has become too
    large to count with is infinite or NaN. Needs as many outputs as inputs, no embedding and one direction of reading.
    Raises SpecError.
    """
    given = np.array(values, network.dtype)
    _check(network, given, steps)
    state: State = {}
    with np.errstate(over="ignore", invalid="ignore"):
        first = advance(network, given, state)
    return np.array(list(islice(_feeding_back(network, first, state), steps)))


def run_on(unrolled: Trace) -> Iterator[Array]:
    """The outputs (K,) after the last step of a trace, one by one without end; the first is that of its last step.

    From the states that the trace holds, so nothing of the series is read again. Raises SpecError as :func:`free_run`.
    """
    _check(unrolled.network, unrolled.inputs, 1)
    state: State = {
        layer.name: (layer.hidden[-1], None if layer.cell is None else layer.cell[-1]) for layer in unrolled.layers
    }
    return _feeding_back(unrolled.network, unrolled.logits[-1], state)


def _feeding_back(network: Network, output: Array, state: State) -> Iterator[Array]:
    while True:
        yield output
        with np.errstate(over="ignore", invalid="ignore"):  # never across the yield: it would hold for others too
            output = advance(network, output[None], state)


def _check(network: Network, values: Array, steps: int) -> None:
    width = network.input_size
    if steps < 1:
        raise SpecError(f"The number of steps is {steps}; give at least 1.")
    if values.ndim != 2 or values.shape[1] != width or not len(values):
        raise SpecError(f"The values have the shape {values.shape}; expected (T, {width}), at least one time step.")
    if not np.isfinite(values).all():
        raise SpecError("The values hold NaN or infinite numbers; give finite ones.")
    if network.output_size != width:
        raise SpecError(
            f"The network reads {width} numbers and answers {network.output_size}; "
            "it can only go on with its own outputs where there are as many of both."
        )
    if network.spec.embedding:
        raise SpecError("The network has an embedding, so it reads tokens; numbers need a network without one.")
    if network.spec.bidirectional:
        raise SpecError(
            "A bidirectional network reads the series from its end too and cannot run ahead; use one direction."
        )
