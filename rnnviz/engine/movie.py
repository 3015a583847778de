"""Backpropagation through time as a film: what passes each edge, and what each copy gives to the shared weight.

The loss is ``C = Σ_t C_t``, its mean over the steps that have a loss, or one C_k. At every step the gradient of a
state has two parts: the *direct* one, which comes down to h_t at the step itself (from y_t, in a lower layer from the
layer above), and the one *through time*, which arrives from step t+1. Their sum is the total ``dC/d(h_t, c_t)``.
Every copy t of the cell gives ``dW_t`` to the one shared weight, and ``Σ_t dW_t`` is what a framework calls ``W.grad``.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.backward import factors_of, input_deltas, input_gradients, logit_gradients, sweep_down
from rnnviz.engine.cells import get_cell
from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import READOUT_BIAS, READOUT_WEIGHT
from rnnviz.engine.scaled import Scaled, add_scaled, join_log2, log2_norms, normalise, shift
from rnnviz.engine.segments import recurrent_spans, segments_of, through_states
from rnnviz.engine.sequence import NO_TARGET
from rnnviz.engine.spec import check_choice
from rnnviz.engine.summed import summed_loss

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Mapping

    from numpy.typing import NDArray

    from rnnviz.engine.backward import SweptLayer
    from rnnviz.engine.cells.base import FloatArray
    from rnnviz.engine.trace import Trace

LOSSES = ("sum", "mean", "one")
"""What C is: the sum of all losses, their mean, or the loss of one step."""
GRAM_STEPS = 512
"""Up to so many steps the norm of every partial sum comes from Gram matrices, without building the sums."""
OPERATIONS_PER_SLICE = 1e7
BLOCKS = 256
"""In a longer text the partial sums are built, at so many steps."""


@dataclass(frozen=True, eq=False)
class Edges:
    """The gradient vectors of one layer at every step (T, H), in the order of the text.

    ``direct`` + ``through`` = ``total``, element by element; ``through_cell`` is what arrives along the cell state
    (all of ``dC/dc_t``: nothing comes down to c_t directly), None without one.
    """

    direct: Scaled
    through: Scaled
    total: Scaled
    through_cell: Scaled | None

    @property
    def log2_direct(self) -> NDArray[np.float64]:
        """``log2 ‖e_t‖`` (T,): the edge from y_t (or the layer above) down into h_t."""
        return _norms(self.direct)

    @property
    def log2_through(self) -> NDArray[np.float64]:
        """``log2`` norm (T,) of what arrives at step t from step t+1, through h and, for the LSTM, c."""
        return self._joined(self.through)

    @property
    def log2_total(self) -> NDArray[np.float64]:
        """``log2 ‖dC/d(h_t, c_t)‖`` (T,)."""
        return self._joined(self.total)

    def _joined(self, hidden: Scaled) -> NDArray[np.float64]:
        norms = _norms(hidden)
        return norms if self.through_cell is None else join_log2(norms, _norms(self.through_cell))


@dataclass(frozen=True, eq=False)
class Contributions:
    """What the copies of the cell give to one shared weight.

    Attributes:
        name: PyTorch's name of the weight.
        log2_norms: (T,), ``log2 ‖dW_t‖_F`` of each copy.
        steps: (n,), time steps (1-based, rising) of ``log2_running``: all, or a few hundred in a long text.
        log2_running: (n,), ``log2 ‖Σ dW_s‖_F`` over the copies s that the sweep has passed when it has passed t.
        total: ``Σ_t dW_t``, the gradient itself.
    """

    name: str
    log2_norms: NDArray[np.float64]
    steps: NDArray[np.int64]
    log2_running: NDArray[np.float64]
    total: FloatArray


@dataclass(frozen=True, eq=False)
class Bptt:
    """One backward pass with all its numbers: the edges of every layer, the weights of ``layer``.

    ``losses`` is one of :data:`LOSSES`, ``loss_step`` 0 but for "one".
    """

    layer: str
    losses: str
    loss_step: int
    loss_count: int
    layers: Mapping[str, Edges]
    weights: tuple[Contributions, ...]

    @property
    def edges(self) -> Edges:
        """Those of the layer whose weights are looked at."""
        return self.layers[self.layer]

    def weight(self, name: str) -> Contributions:
        """The contributions to the weight of this name; SpecError where there is none."""
        for found in self.weights:
            if found.name == name:
                return found
        raise SpecError(f"There is no weight {name!r}; choose one of {', '.join(each.name for each in self.weights)}.")


def bptt(trace: Trace, layer: str = "l0", losses: str = "sum", loss_step: int = 0) -> Bptt:
    """Backpropagation through time of one layer: direct and through-time parts, and every copy's contribution.

    ``losses``: "sum" is ``C = Σ_t C_t``, "mean" its mean over the steps with a loss, "one" is C of ``loss_step``
    (0: the last). Contributions in closed form, ``‖dW_t‖_F = ‖da_t‖ ‖h_{t−1}‖`` (Werbos 1990). Raises SpecError
    where the text has no such loss.
    """
    slices = bptt_slices(trace, layer, losses, loss_step)
    while True:
        try:
            next(slices)
        except StopIteration as finished:
            result: Bptt = finished.value
            return result


def bptt_slices(
    trace: Trace, layer: str = "l0", losses: str = "sum", loss_step: int = 0, only: str = ""
) -> Generator[None, None, Bptt]:
    """As :func:`bptt`, but pausing (``yield``) after a few milliseconds of work; returns the result.

    ``only``: the name of the one weight whose contributions are wanted ('': all of them).
    """
    trace.network.check_layer(layer)
    steps = chosen_losses(trace, losses, loss_step)
    errors = np.zeros_like(trace.logits)
    rows = np.array(steps) - 1
    errors[rows] = logit_gradients(trace)[rows]
    if losses == "mean":
        errors /= errors.dtype.type(len(steps))
    layers: dict[str, Edges] = {}
    pairs: dict[str, _Pair] = {}
    for swept, entering in _sweeps(trace, errors @ trace.network.weights[READOUT_WEIGHT]):
        layers[swept.layer.name] = _edges(trace, swept, entering)
        if swept.layer.name == layer:
            pairs = _outer_products(trace, swept, errors)
        yield
    weights = []
    for name in [only] if only in pairs else pairs:
        pair = pairs[name]
        weights.append((yield from _contributions(name, pair, reverse=trace.layer(layer).reverse)))
        yield
    return Bptt(layer, losses, steps[0] if losses == "one" else 0, len(steps), layers, tuple(weights))


def chosen_losses(trace: Trace, losses: str, loss_step: int = 0) -> tuple[int, ...]:
    """The time steps (1-based) whose losses C is made of; SpecError where there are none."""
    check_choice("The loss", losses, LOSSES)
    steps = trace.loss_steps
    if not steps:
        raise SpecError("No time step of this text has a loss; type a longer text or choose another task.")
    if losses != "one":
        return steps
    if loss_step and loss_step not in steps:
        raise SpecError(f"Time step {loss_step} has no loss; choose one from {steps[0]} to {steps[-1]} that has one.")
    return (loss_step or steps[-1],)


def loss_gradients(trace: Trace, losses: str = "sum", loss_step: int = 0) -> dict[str, FloatArray]:
    """``dC/dW`` of every weight of the network, for the loss that ``losses`` names; the update needs all of them."""
    steps = chosen_losses(trace, losses, loss_step)
    if losses == "one":
        targets = np.full_like(trace.targets, NO_TARGET)
        targets[steps[0] - 1] = trace.targets[steps[0] - 1]
        trace = replace(trace, targets=targets)
    direct = logit_gradients(trace) @ trace.network.weights[READOUT_WEIGHT]
    gradients = dict(summed_loss(trace, direct).gradients)
    if losses == "mean":
        gradients = {name: array / array.dtype.type(len(steps)) for name, array in gradients.items()}
    return gradients


def _sweeps(trace: Trace, direct: FloatArray) -> Iterator[tuple[SweptLayer, Scaled]]:
    """Sweep one loss down through all layers: each with what enters it from above at every step (T, 1, H)."""
    network, size = trace.network, trace.network.spec.hidden
    entering = normalise(direct[:, None])
    below: list[Scaled] = []
    for swept in sweep_down(trace, entering):
        position = len(below)
        yield swept, entering.part(slice(position * size, (position + 1) * size))
        below.append(normalise(input_gradients(trace, swept), swept.sweep.exponents))
        if len(below) == network.directions:
            entering, below = add_scaled(below), []


def _edges(trace: Trace, swept: SweptLayer, entering: Scaled) -> Edges:
    sweep = swept.sweep
    cell = None if sweep.cell is None else Scaled(sweep.cell[:, 0], sweep.exponents[:, 0])
    return Edges(
        direct=Scaled(entering.values[:, 0], entering.exponents[:, 0]),
        through=_through(trace, swept),
        total=Scaled(sweep.hidden[:, 0], sweep.exponents[:, 0]),
        through_cell=cell,
    )


def _through(trace: Trace, swept: SweptLayer) -> Scaled:
    """``da_{t+1} W_hh`` (and the GRU's ``dh_{t+1} z_{t+1}``): computed, not taken as total minus direct."""
    layer, cell = swept.layer, get_cell(trace.network.spec.cell)
    sweep = swept.sweep.flipped() if layer.reverse else swept.sweep
    leaving = through_states(sweep.deltas[:, 0], recurrent_spans(trace, layer.name))
    carry = factors_of(trace, layer.name).carry
    if carry.size and not cell.has_cell_state:
        leaving += sweep.hidden[:, 0] * carry
    arriving, exponents = np.zeros_like(leaving), np.zeros_like(sweep.exponents[:, 0])
    arriving[:-1], exponents[:-1] = leaving[1:], sweep.exponents[1:, 0]
    found = Scaled(arriving, exponents)
    return found.flipped() if layer.reverse else found


_Pair = tuple[Scaled, "FloatArray"]


def _outer_products(trace: Trace, swept: SweptLayer, errors: FloatArray) -> dict[str, _Pair]:
    """The two factors of every ``dW_t`` of the layer and of the read-out: ``dW_t = leftᵀ right``, one row a step."""
    layer, exponents = swept.layer, swept.sweep.exponents[:, 0]
    recurrent = Scaled(swept.sweep.deltas[:, 0], exponents)
    entering = Scaled(input_deltas(trace, swept)[:, 0], exponents)
    error = Scaled(errors, np.zeros(len(errors), np.int32))
    top = trace.layers[-trace.network.directions :]
    ones = np.ones((len(errors), 1), errors.dtype)
    pairs: dict[str, _Pair] = {}
    for rows, _, suffix in segments_of(trace, layer.name):
        pairs |= {
            f"weight_hh{suffix}": (_only(recurrent, rows), layer.previous_hidden),
            f"weight_ih{suffix}": (_only(entering, rows), layer.inputs),
            f"bias_ih{suffix}": (_only(entering, rows), ones),
            f"bias_hh{suffix}": (_only(recurrent, rows), ones),
        }
    pairs[READOUT_WEIGHT] = error, np.concatenate([each.hidden for each in top], axis=1)
    pairs[READOUT_BIAS] = error, ones
    return pairs


def _only(vectors: Scaled, rows: slice) -> Scaled:
    """The vectors of the steps that use one weight, zero elsewhere."""
    if rows == slice(0, len(vectors.values)):
        return vectors
    values = np.zeros_like(vectors.values)
    values[rows] = vectors.values[rows]
    return Scaled(values, vectors.exponents)


def _contributions(name: str, pair: _Pair, *, reverse: bool) -> Generator[None, None, Contributions]:
    left, right = pair
    norms = _norms(left) + log2_norms(right, np.zeros(len(right), np.int32))
    highest = left.exponents.max()
    values = shift(left.values, left.exponents - highest)
    with np.errstate(over="ignore"):
        total = np.ldexp(values.T @ right, highest) if highest else values.T @ right
    if name.startswith("bias") or name == READOUT_BIAS:
        total = total[:, 0]
    # In float64 all that counts of a gradient lies within 2**±1000 of its largest step.
    wide = shift(left.values.astype(np.float64), left.exponents - highest), right.astype(np.float64)
    steps, running = yield from _running(*(array[::-1] for array in wide) if reverse else wide)
    if reverse:
        steps, running = (len(right) + 1 - steps)[::-1], running[::-1]
    return Contributions(name, norms, steps, running + highest, total)


def _running(
    left: NDArray[np.float64], right: NDArray[np.float64]
) -> Generator[None, None, tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """``log2 ‖Σ_{s>=t} left_sᵀ right_s‖_F`` with the steps t (1-based) it is known at.

    ``‖Σ_s l_s ⊗ r_s‖² = Σ_{s,s'} (l_s · l_s')(r_s · r_s')``: for all t a cumulative sum over two Gram matrices.
    """
    length = len(left)
    if length <= GRAM_STEPS:
        gram = (left @ left.T) * (right @ right.T)
        squares = gram[::-1, ::-1].cumsum(axis=0).cumsum(axis=1).diagonal()[::-1]
        return np.arange(1, length + 1), _half_log2(squares)
    total = np.zeros((left.shape[1], right.shape[1]))
    starts = np.unique(np.linspace(0, length, BLOCKS + 1).astype(np.int64))
    found, work = np.empty(len(starts) - 1), 0
    for block in range(len(found) - 1, -1, -1):
        span = slice(starts[block], starts[block + 1])
        total += left[span].T @ right[span]
        found[block] = np.einsum("ab,ab->", total, total)
        work += total.size * (span.stop - span.start + 1)
        if work > OPERATIONS_PER_SLICE:
            work = 0
            yield
    return starts[:-1] + 1, _half_log2(found)


def _half_log2(squares: NDArray[np.float64]) -> NDArray[np.float64]:
    with np.errstate(divide="ignore"):
        return np.asarray(0.5 * np.log2(np.maximum(squares, 0.0)))


def _norms(vectors: Scaled) -> NDArray[np.float64]:
    return log2_norms(vectors.values, vectors.exponents)
