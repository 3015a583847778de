"""The same network computed by PyTorch: what every number on screen is compared with.

Two independent ways, neither of which shares a line with the numpy engine: torch's own fused ``nn.RNN``, ``nn.LSTM``
and ``nn.GRU`` with the same weights, and an explicit loop of cells whose every state is a node of autograd's graph.
(``retain_grad`` on the output of a fused module would give the direct part of a gradient only.)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from rnnviz.engine.network import EMBEDDING, READOUT_BIAS, READOUT_WEIGHT, weight_suffix
from rnnviz.engine.sequence import NO_TARGET

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rnnviz.engine.network import Network
    from rnnviz.engine.spec import ModelSpec
    from rnnviz.engine.trace import Trace

Array = np.ndarray[Any, np.dtype[Any]]
Tensors = dict[str, torch.Tensor]

FUSED = {"elman": "nn.RNN", "lstm": "nn.LSTM", "gru": "nn.GRU"}
_ACTIVATIONS: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "identity": torch.clone,
}


def reference_name(spec: ModelSpec) -> str:
    """What the network is compared with, as people call it; torch has no ``nn.RNN`` for every activation."""
    if spec.cell == "elman" and spec.activation not in ("tanh", "relu"):
        return "a cell loop"
    return FUSED[spec.cell]


@dataclass
class Run:
    """One run in torch: the weights it differentiates, and states by layer in the order of the text.

    ``hidden`` (T, H); ``last_cell`` (H,) c after the last step processed; in a run of cells also ``states`` and
    ``cells`` (lists of T tensors, nodes of the graph) and ``gates``.
    """

    weights: Tensors
    hidden: dict[str, torch.Tensor] = field(default_factory=dict)
    last_cell: dict[str, torch.Tensor] = field(default_factory=dict)
    states: dict[str, list[torch.Tensor]] = field(default_factory=dict)
    cells: dict[str, list[torch.Tensor]] = field(default_factory=dict)
    gates: dict[str, dict[str, torch.Tensor]] = field(default_factory=dict)
    logits: torch.Tensor = field(default_factory=lambda: torch.empty(0))

    def losses(self, targets: Array, answers: Array | None = None) -> torch.Tensor:
        """The cross-entropy (n,) of every step that has a target; with real ``answers`` (T, K) the squared error."""
        rows = np.flatnonzero(targets != NO_TARGET)
        if answers is not None:
            numbers = torch.from_numpy(np.array(answers[rows])).to(self.logits.dtype)
            return (self.logits[torch.from_numpy(rows)] - numbers).square().mean(1)
        wanted = torch.from_numpy(np.array(targets[rows], np.int64))
        return F.cross_entropy(self.logits[torch.from_numpy(rows)], wanted, reduction="none")

    def weight_gradients(self, loss: torch.Tensor) -> dict[str, Array]:
        """``dloss/dW`` of every weight."""
        found = torch.autograd.grad(loss, list(self.weights.values()), retain_graph=True, allow_unused=True)
        return {
            name: np.zeros(weight.shape, np.float64) if gradient is None else gradient.numpy()
            for (name, weight), gradient in zip(self.weights.items(), found, strict=True)
        }

    def state_norms(self, loss: torch.Tensor, layer: str) -> Array:
        """``‖dloss/d(h_t, c_t)‖`` (T,), from a run of cells."""
        states = [*self.states[layer], *self.cells.get(layer, [])]
        found = torch.autograd.grad(loss, states, retain_graph=True, allow_unused=True)
        squares = torch.stack([torch.zeros((), dtype=loss.dtype) if g is None else g.dot(g) for g in found])
        return squares.reshape(-1, len(self.states[layer])).sum(0).sqrt().numpy()


def fused_run(trace: Trace, dtype: torch.dtype = torch.float32) -> Run:
    """Run the network of ``trace`` over its text with torch's own modules, one layer after the other."""
    network = trace.network
    if reference_name(network.spec) == "a cell loop":
        return cell_run(trace, dtype)
    run, below = _begin(trace, dtype)
    for depth in range(network.spec.layers):
        names = network.layer_names[depth * network.directions : (depth + 1) * network.directions]
        width, parts = below.shape[1], []
        state: Any = None
        for rows, decoder in _stretches(trace):
            module = _module(network, width, dtype)
            # Its parameters are replaced by ours, so that autograd differentiates with respect to them.
            for own in [own for own, _ in module.named_parameters()]:
                delattr(module, own)
                ours = own.replace("_l0", f"_l{depth}") + ("_decoder" if decoder else "")
                setattr(module, own, run.weights[ours])
            part, state = module(below[rows], state)
            parts.append(part)
        below = torch.cat(parts)
        for name, part in zip(names, below.chunk(len(names), dim=1), strict=True):
            run.hidden[name] = part
        if network.spec.cell == "lstm":
            run.last_cell |= dict(zip(names, state[1], strict=True))
    return _read_out(run, below)


def _stretches(trace: Trace) -> list[tuple[slice, bool]]:
    """The rows that the encoder and the decoder read; all of them one chain where there is no decoder."""
    if not trace.network.spec.decoder:
        return [(slice(0, len(trace)), False)]
    both = [(slice(0, trace.switch), False), (slice(trace.switch, len(trace)), True)]
    return [(rows, decoder) for rows, decoder in both if rows.stop > rows.start]


def _module(network: Network, width: int, dtype: torch.dtype) -> nn.Module:
    spec = network.spec
    options: dict[str, Any] = {"bidirectional": spec.bidirectional, "dtype": dtype}
    if spec.cell == "elman":
        return nn.RNN(width, spec.hidden, nonlinearity=spec.activation, **options)
    kind = nn.LSTM if spec.cell == "lstm" else nn.GRU
    return kind(width, spec.hidden, **options)


def cell_run(trace: Trace, dtype: torch.dtype = torch.float64) -> Run:
    """Run the network of ``trace`` over its text cell by cell; every state is a node of the graph."""
    network = trace.network
    run, below = _begin(trace, dtype)
    for depth in range(network.spec.layers):
        names = network.layer_names[depth * network.directions : (depth + 1) * network.directions]
        below = torch.cat([_cell_layer(run, trace, name, below) for name in names], dim=1)
    return _read_out(run, below)


def _begin(trace: Trace, dtype: torch.dtype) -> tuple[Run, torch.Tensor]:
    """The weights as leaves of the graph, and the inputs (T, D)."""
    weights = {
        name: torch.tensor(np.array(array), dtype=dtype).requires_grad_()
        for name, array in trace.network.weights.items()
    }
    if not trace.network.spec.embedding:
        return Run(weights), torch.tensor(np.array(trace.inputs), dtype=dtype)
    ids = torch.from_numpy(np.array(trace.ids))
    known = (ids >= 0).to(dtype)[:, None]
    return Run(weights), F.embedding(ids.clamp(min=0), weights[EMBEDDING]) * known


def _read_out(run: Run, top: torch.Tensor) -> Run:
    run.logits = F.linear(top, run.weights[READOUT_WEIGHT], run.weights[READOUT_BIAS])
    return run


def _cell_layer(run: Run, trace: Trace, name: str, inputs: torch.Tensor) -> torch.Tensor:
    spec = trace.network.spec
    used = [_cell_weights(run, name, decoder=decoder) for rows, decoder in _stretches(trace) for _ in inputs[rows]]
    entering = [F.linear(row, weights[0], weights[2]) for row, weights in zip(inputs, used, strict=True)]
    order = list(range(len(inputs)))[:: -1 if name.endswith("r") else 1]
    step, zero = _STEPS[spec.cell], torch.zeros(spec.hidden, dtype=inputs.dtype)
    state, cell = zero, zero
    states, cells = [zero] * len(order), [zero] * len(order)
    gates: list[tuple[torch.Tensor, ...]] = [()] * len(order)
    for row in order:
        recurrent = torch.mv(used[row][1], state) + used[row][3]
        state, cell, gates[row] = step(entering[row], recurrent, state, cell, spec.activation)
        states[row], cells[row] = state, cell
    run.states[name], run.hidden[name] = states, torch.stack(states)
    if spec.cell == "lstm":
        run.cells[name], run.last_cell[name] = cells, cell
    run.gates[name] = _named(spec.cell, gates)
    return run.hidden[name]


def _cell_weights(run: Run, name: str, *, decoder: bool) -> list[torch.Tensor]:
    suffix = weight_suffix(name, decoder=decoder)
    return [run.weights[kind + suffix] for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]


def _named(cell: str, rows: Sequence[tuple[torch.Tensor, ...]]) -> dict[str, torch.Tensor]:
    names = {"elman": ("preactivation",), "lstm": ("i", "f", "g", "o"), "gru": ("r", "z", "n")}[cell]
    return {name: torch.stack([row[k] for row in rows]) for k, name in enumerate(names)}


_Stepped = tuple[torch.Tensor, torch.Tensor, tuple[torch.Tensor, ...]]


def _elman(
    entering: torch.Tensor, recurrent: torch.Tensor, state: torch.Tensor, cell: torch.Tensor, activation: str
) -> _Stepped:
    del state
    total = entering + recurrent
    return _ACTIVATIONS[activation](total), cell, (total,)


def _lstm(
    entering: torch.Tensor, recurrent: torch.Tensor, state: torch.Tensor, cell: torch.Tensor, activation: str
) -> _Stepped:
    del state, activation
    i, f, g, o = (entering + recurrent).chunk(4)
    i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
    inner = f * cell + i * g
    # h_t reads c_t by a node of its own: the gradient of the c_t that is handed on is that of the cell path alone.
    return o * torch.tanh(inner), inner.clone(), (i, f, g, o)


def _gru(
    entering: torch.Tensor, recurrent: torch.Tensor, state: torch.Tensor, cell: torch.Tensor, activation: str
) -> _Stepped:
    del activation
    (x_r, x_z, x_n), (h_r, h_z, h_n) = entering.chunk(3), recurrent.chunk(3)
    r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    return (1 - z) * n + z * state, cell, (r, z, n)


_STEPS = {"elman": _elman, "lstm": _lstm, "gru": _gru}


def torch_gradients(trace: Trace, losses: str = "sum", loss_step: int = 0) -> dict[str, Array]:
    """``W.grad`` of every weight as torch finds it, in the network's own type, for C as in :mod:`.movie`."""
    dtype = torch.float64 if trace.network.dtype == np.float64 else torch.float32
    run = fused_run(trace, dtype)
    each = run.losses(trace.targets)
    if losses == "one":
        loss = each[trace.loss_steps.index(loss_step or trace.loss_steps[-1])]
    else:
        loss = each.mean() if losses == "mean" else each.sum()
    return run.weight_gradients(loss)
