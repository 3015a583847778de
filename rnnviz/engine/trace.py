"""The unrolled network: every hidden state, gate, output and loss of one sequence."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.cells import get_cell
from rnnviz.engine.cells.base import previous_rows
from rnnviz.engine.errors import SpecError
from rnnviz.engine.scaled import squared_norms
from rnnviz.engine.segments import segments, weights_at
from rnnviz.engine.sequence import NO_TARGET, UNKNOWN_ID, EncodedSequence

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike, NDArray

    from rnnviz.engine.cells.base import CellRun, FloatArray
    from rnnviz.engine.network import Network
    from rnnviz.engine.operations import Operation

__all__ = ["EncodedSequence", "LayerTrace", "StepDetail", "Trace", "step_detail", "trace", "trace_arrays"]


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """One layer in one direction; row t−1 of every array is time step t of the text.

    Attributes:
        name: ``l0``, ``l1`` ..., the reverse direction ``l0r`` ...
        inputs: (T, D), what the layer reads.
        hidden: (T, H).
        cell: (T, H) for the LSTM, None otherwise.
        gates: name to (T, H); the names are ``Cell.gates``.
        input_part: (T, kH), ``W_ih x_t``, without bias.
        recurrent_part: (T, kH), ``W_hh h_{t−1}``, without bias.
        h0: (H,), the hidden state before the first step processed.
        c0: (H,), the cell state before it; None without cell state.
        reverse: True where the layer reads the text from its end.
    """

    name: str
    inputs: FloatArray
    hidden: FloatArray
    cell: FloatArray | None
    gates: Mapping[str, FloatArray]
    input_part: FloatArray
    recurrent_part: FloatArray
    h0: FloatArray
    c0: FloatArray | None
    reverse: bool

    def __post_init__(self) -> None:
        own = [getattr(self, field.name) for field in fields(self)]
        for array in (*own, *self.gates.values()):
            if isinstance(array, np.ndarray):
                array.setflags(write=False)

    def part(self, rows: slice) -> LayerTrace:
        """Some consecutive steps, which begin at the state before them; only of a layer that reads forward."""
        first = rows.start
        return replace(
            self,
            inputs=self.inputs[rows],
            hidden=self.hidden[rows],
            cell=None if self.cell is None else self.cell[rows],
            gates={name: values[rows] for name, values in self.gates.items()},
            input_part=self.input_part[rows],
            recurrent_part=self.recurrent_part[rows],
            h0=self.hidden[first - 1] if first else self.h0,
            c0=self.c0 if self.cell is None or not first else self.cell[first - 1],
        )

    def in_order(self, array: FloatArray) -> FloatArray:
        """``array`` in the order the layer processed its rows; applied twice it gives the array back."""
        return array[::-1] if self.reverse else array

    @cached_property
    def previous_hidden(self) -> FloatArray:
        """(T, H): the hidden state each step started from (of the step after it, in a reverse layer)."""
        return self.in_order(previous_rows(self.in_order(self.hidden), self.h0))

    @cached_property
    def previous_squares(self) -> FloatArray:
        """(T,): ``‖h_{t−1}‖²`` of the state each step started from."""
        return self.in_order(previous_rows(self.in_order(squared_norms(self.hidden)), self.h0 @ self.h0))

    @property
    def cell_state(self) -> FloatArray:
        """(T, H): the cell state; SpecError where the cell has none."""
        if self.cell is None:
            raise SpecError(f"The layer {self.name} has no cell state; only the LSTM has one.")
        return self.cell

    @cached_property
    def previous_cell(self) -> FloatArray:
        """(T, H): the cell state each step started from."""
        first = np.zeros_like(self.h0) if self.c0 is None else self.c0
        return self.in_order(previous_rows(self.in_order(self.cell_state), first))


@dataclass(frozen=True, eq=False)
class Trace:
    """A network unrolled over one sequence of T steps.

    Attributes:
        network: the network that was run.
        tokens: T strings.
        ids: (T,) int64.
        inputs: (T, D), one-hot vectors, embedding rows or real inputs.
        layers: from the input up, in the order of ``network.layer_names``.
        logits: (T, V), the read-out before the softmax.
        targets: (T,) int64, −1 where there is none.
        loss: (T,), cross-entropy ``C_t = −ln softmax(logits_t)[target_t]`` in nats, NaN where there is no target.
            Where real outputs are wanted: the squared error ``C_t = (1/K) Σ_k (y_tk − wanted_tk)²`` of ``y = logits``.
        wanted: (T, K), the real outputs wanted, NaN where there is no loss; None where classes are wanted.
        switch: how many steps the encoder reads; the others use the decoder's weights. 0 without a decoder.
    """

    network: Network
    tokens: tuple[str, ...]
    ids: NDArray[np.int64]
    inputs: FloatArray
    layers: tuple[LayerTrace, ...]
    logits: FloatArray
    targets: NDArray[np.int64]
    loss: FloatArray
    wanted: FloatArray | None = None
    switch: int = 0

    def __post_init__(self) -> None:
        for array in (self.ids, self.inputs, self.logits, self.targets, self.loss):
            array.setflags(write=False)

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def probabilities(self) -> FloatArray:
        """(T, V): the softmax of the logits."""
        probabilities = np.exp(_log_softmax(self.logits))
        probabilities.setflags(write=False)
        return probabilities

    @cached_property
    def loss_steps(self) -> tuple[int, ...]:
        """The time steps (1-based) that have a target, so a loss."""
        return tuple(int(row) + 1 for row in np.flatnonzero(self.targets != NO_TARGET))

    def layer(self, name: str) -> LayerTrace:
        """The layer of this name; SpecError where there is none."""
        self.network.check_layer(name)
        return self.layers[self.network.layer_names.index(name)]

    def check_step(self, time_step: int) -> None:
        """Raise SpecError unless ``time_step`` is one of 1..T."""
        if not 1 <= time_step <= len(self):
            raise SpecError(f"The time step is {time_step}; give one from 1 to {len(self)}.")


@dataclass(frozen=True, eq=False)
class StepDetail:
    """All that happened at one time step; ``target`` is None and ``loss`` NaN where there is no target."""

    time_step: int
    layers: Mapping[str, tuple[Operation, ...]]
    logits: FloatArray
    probabilities: FloatArray
    target: int | None
    loss: float


def trace(network: Network, encoded: EncodedSequence) -> Trace:
    """Run ``network`` over a sequence of tokens and keep every intermediate value.

    Everything is computed in the weights' type, from zero initial states. An empty sequence gives a trace
    of zero steps. With one-hot inputs ``W_ih x_t`` is a column look-up, not a product.
    """
    if encoded.values is not None:
        return _trace(network, encoded, _checked_inputs(network, encoded.values), None)
    inputs = network.encode(encoded.ids)
    look_up = None if network.spec.embedding else encoded.ids
    return _trace(network, encoded, inputs, look_up)


def trace_arrays(network: Network, inputs: ArrayLike, targets: ArrayLike | None = None) -> Trace:
    """Run ``network`` over real input vectors (T, D), with optional target classes (T,), −1 for none."""
    array = _checked_inputs(network, inputs)
    steps = len(array)
    wanted = np.full(steps, NO_TARGET) if targets is None else np.asarray(targets)
    tokens = tuple(f"x{step}" for step in range(1, steps + 1))
    encoded = EncodedSequence(tokens, np.full(steps, UNKNOWN_ID), wanted, np.ones(steps, np.bool_))
    return _trace(network, encoded, array, None)


def _checked_inputs(network: Network, inputs: ArrayLike) -> FloatArray:
    """A copy of real input vectors (T, D) in the weights' type."""
    array = np.array(inputs, network.dtype)
    width = network.layer_weights("l0").ih.shape[1]
    if array.ndim != 2 or array.shape[1] != width:
        raise SpecError(f"The inputs have the shape {array.shape}; expected (T, {width}), one row a time step.")
    return array


def _trace(network: Network, encoded: EncodedSequence, inputs: FloatArray, look_up: NDArray[np.int64] | None) -> Trace:
    switch = encoded.switch if network.spec.decoder else 0
    layers: list[LayerTrace] = []
    below = inputs
    for depth in range(network.spec.layers):
        names = network.layer_names[depth * network.directions : (depth + 1) * network.directions]
        both = [_trace_layer(network, name, below, look_up if depth == 0 else None, switch) for name in names]
        below = both[0].hidden if len(both) == 1 else np.concatenate([layer.hidden for layer in both], axis=1)
        layers += both
    logits = below @ network.weights["readout.weight"].T + network.weights["readout.bias"]
    wanted = None if encoded.wanted is None else encoded.wanted.astype(network.dtype)
    loss = _losses(logits, encoded.targets) if wanted is None else _squared_errors(logits, wanted)
    return Trace(
        network, encoded.tokens, encoded.ids, inputs, tuple(layers), logits, encoded.targets, loss, wanted, switch
    )


def _trace_layer(
    network: Network, name: str, inputs: FloatArray, look_up: NDArray[np.int64] | None, switch: int
) -> LayerTrace:
    """One layer, segment after segment: each begins at the last state of the one before it, the first at zero."""
    reverse, cell = name.endswith("r"), get_cell(network.spec.cell)
    h0 = np.zeros(network.spec.hidden, network.dtype)
    c0 = np.zeros_like(h0) if cell.has_cell_state else None
    state, runs, parts = (h0, c0), [], []
    for segment in segments(network, name, len(inputs), switch):
        weights, ids = segment.weights, None if look_up is None else look_up[segment.span]
        part = inputs[segment.span] @ weights.ih.T if ids is None else _columns(weights.ih, ids)
        run = cell.forward(part[::-1] if reverse else part, weights, *state, network.spec.activation)
        if len(part):
            state = run.hidden[-1], None if run.cell is None else run.cell[-1]
        runs.append(_reversed(run) if reverse else run)
        parts.append(part)
    run, input_part = _joined(runs), parts[0] if len(parts) == 1 else np.concatenate(parts)
    return LayerTrace(
        name, inputs, run.hidden, run.cell, run.gates, input_part, run.recurrent_part, h0, c0, reverse=reverse
    )


def _joined(runs: list[CellRun]) -> CellRun:
    """The values of consecutive segments as those of one chain."""
    if len(runs) == 1:
        return runs[0]
    gates = {name: np.concatenate([run.gates[name] for run in runs]) for name in runs[0].gates}
    cells = [run.cell for run in runs if run.cell is not None]
    hidden, recurrent = (np.concatenate([getattr(run, key) for run in runs]) for key in ("hidden", "recurrent_part"))
    return type(runs[0])(hidden, np.concatenate(cells) if cells else None, gates, recurrent)


def _reversed(run: CellRun) -> CellRun:
    """The same values in the order of the text."""
    gates = {name: values[::-1] for name, values in run.gates.items()}
    cell = None if run.cell is None else run.cell[::-1]
    return type(run)(run.hidden[::-1], cell, gates, run.recurrent_part[::-1])


def _columns(weight_ih: FloatArray, ids: NDArray[np.int64]) -> FloatArray:
    """``W_ih x_t`` for one-hot x: column ``ids[t]`` of the weight, zero for the id −1."""
    part = np.ascontiguousarray(weight_ih.T)[ids]
    part[ids < 0] = 0
    return part


def _log_softmax(logits: FloatArray) -> FloatArray:
    shifted: FloatArray = logits - logits.max(axis=1, keepdims=True)
    shifted -= np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return shifted


def _losses(logits: FloatArray, targets: NDArray[np.int64]) -> FloatArray:
    classes = logits.shape[1]
    if targets.size and not (targets.min() >= NO_TARGET and targets.max() < classes):
        raise SpecError(
            f"The targets run from {targets.min()} to {targets.max()}; give 0 to {classes - 1}, or -1 for none."
        )
    loss = np.full(len(logits), np.nan, logits.dtype)
    rows = np.flatnonzero(targets != NO_TARGET)
    loss[rows] = -_log_softmax(logits)[rows, targets[rows]]
    return loss


def _squared_errors(outputs: FloatArray, wanted: FloatArray) -> FloatArray:
    if wanted.shape != outputs.shape:
        raise SpecError(f"The wanted outputs have the shape {wanted.shape}; the network gives {outputs.shape}.")
    errors: FloatArray = np.square(outputs - wanted).mean(axis=1)
    return errors


def step_detail(trace: Trace, time_step: int) -> StepDetail:
    """The operations of every layer at one time step (1-based), with the output and the loss there."""
    trace.check_step(time_step)
    network, row = trace.network, time_step - 1
    cell, activation = get_cell(network.spec.cell), network.spec.activation
    layers = {
        layer.name: tuple(cell.operations(layer, weights_at(trace, layer.name, row), activation, row))
        for layer in trace.layers
    }
    target = int(trace.targets[row])
    return StepDetail(
        time_step=time_step,
        layers=layers,
        logits=trace.logits[row],
        probabilities=trace.probabilities[row],
        target=None if target == NO_TARGET else target,
        loss=float(trace.loss[row]),
    )
