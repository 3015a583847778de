"""One recurrent layer on a GPU: torch's fused modules train, a sweep on the device measures dC/dh_t.

The gradient that autograd leaves at the output of a fused module is only the direct part ``e_t``; the sweep adds
what comes back through time (formulas in training_kernels.py, without the rescaling).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F

from rnnviz.engine.training_functions import Probe
from rnnviz.engine.training_model import NumpyRunner

if TYPE_CHECKING:
    from rnnviz.engine.spec import ModelSpec
    from rnnviz.engine.training_model import State, Weights

Array = np.ndarray[Any, np.dtype[Any]]
FUSED: dict[str, Callable[..., Any]] = {
    "lstm": torch.lstm,
    "gru": torch.gru,
    "tanh": torch.rnn_tanh,
    "relu": torch.rnn_relu,
}
PARAMETERS = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
Activation = Callable[[torch.Tensor], torch.Tensor]
ACTIVATIONS: dict[str, Activation] = {"sigmoid": torch.sigmoid, "identity": lambda x: x}
FACTORS: dict[str, Activation] = {
    "tanh": lambda h: 1.0 - h * h,
    "relu": lambda h: (h > 0.0).to(h.dtype),
    "sigmoid": lambda h: h * (1.0 - h),
    "identity": torch.ones_like,
}


class TorchRunner:
    """Fused modules for what torch has, an explicit loop for Elman's other activations."""

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec

    def run(self, inputs: torch.Tensor, suffix: str, weights: Weights, probe: Probe, start: State = ()) -> torch.Tensor:
        """Run the layer and keep the gradient of its output for the sweep."""
        inputs, parameters = self._prepared(inputs, suffix, weights)
        hidden, _ = self._from(inputs, parameters, start)
        hidden.retain_grad()
        probe.inputs, probe.hidden, probe.parameters = inputs.detach(), hidden, parameters
        return hidden

    def run_both(
        self, inputs: torch.Tensor, switch: int, suffixes: tuple[str, str], weights: Weights, probe: Probe
    ) -> torch.Tensor:
        """Run the encoder, then the decoder from its last state."""
        read, first = self._prepared(inputs[:switch], suffixes[0], weights)
        before, state = self._from(read, first, ())
        written, second = self._prepared(inputs[switch:], suffixes[1], weights)
        after, _ = self._from(written, second, state)
        hidden = torch.cat((before, after))
        hidden.retain_grad()
        probe.inputs, probe.hidden, probe.switch = inputs.detach(), hidden, switch
        probe.parameters = [*first, *second]
        return hidden

    def states_before(
        self, inputs: torch.Tensor, suffix: str, weights: Weights, rows: list[int]
    ) -> tuple[torch.Tensor, State]:
        """The fused modules give the cell state at their end only: run from each row to the next."""
        inputs, parameters = self._prepared(inputs, suffix, weights)
        state: State = tuple(inputs.new_zeros(inputs.shape[1], self._spec.hidden) for _ in self._parts)
        found, hidden = [], []
        for first, end in zip([0, *rows], [*rows, len(inputs)], strict=True):
            if end > first:
                part, state = self._from(inputs[first:end], parameters, state)
                hidden.append(part)
            found.append(state)
        return torch.cat(hidden), tuple(torch.cat([each[k] for each in found[:-1]]) for k in self._parts)

    @property
    def _parts(self) -> range:
        return range(2 if self._spec.cell == "lstm" else 1)

    @staticmethod
    def _prepared(inputs: torch.Tensor, suffix: str, weights: Weights) -> tuple[torch.Tensor, list[torch.Tensor]]:
        parameters = [weights[name + suffix] for name in PARAMETERS]
        if not inputs.is_floating_point():
            inputs = F.one_hot(inputs, parameters[0].shape[1]).to(parameters[0].dtype)
        return inputs, parameters

    def _from(self, inputs: torch.Tensor, parameters: list[torch.Tensor], start: State) -> tuple[torch.Tensor, State]:
        """Hidden states and the last state, from ``start``."""
        kind = self._spec.cell if self._spec.cell != "elman" else self._spec.activation
        run = self._fused if kind in FUSED else self._loop
        return run(inputs, kind, parameters, start)

    def _fused(
        self, inputs: torch.Tensor, kind: str, parameters: list[torch.Tensor], start: State
    ) -> tuple[torch.Tensor, State]:
        zero = inputs.new_zeros(1, inputs.shape[1], self._spec.hidden)
        first = [part[None] for part in start] or [zero, zero]
        state: Any = tuple(first) if kind == "lstm" else first[0]
        output, *last = FUSED[kind](inputs, state, parameters, True, 1, 0.0, True, False, False)
        return output, tuple(part[0] for part in last)

    def _loop(
        self, inputs: torch.Tensor, kind: str, parameters: list[torch.Tensor], start: State
    ) -> tuple[torch.Tensor, State]:
        weight_ih, weight_hh, bias_ih, bias_hh = parameters
        projected = F.linear(inputs, weight_ih, bias_ih + bias_hh)
        state, states = start[0] if start else projected.new_zeros(projected.shape[1:]), []
        for row in projected:
            state = ACTIVATIONS[kind](torch.addmm(row, state, weight_hh.t()))
            states.append(state)
        return torch.stack(states), (state,)

    @torch.no_grad()
    def measure(self, probe: Probe) -> Array | None:
        """Sweep ``e_t`` back over the hidden states of the last forward pass; one transfer at the end."""
        if probe.hidden is None or probe.inputs is None or probe.hidden.grad is None:
            return None
        if probe.switch:
            return self._measure_both(probe, probe.inputs, probe.hidden.grad)
        sweep = {"elman": self._sweep_elman, "lstm": sweep_lstm, "gru": sweep_gru}[self._spec.cell]
        return sweep(probe.inputs, probe.hidden.detach(), probe.hidden.grad, probe.parameters).cpu().double().numpy()

    def _measure_both(self, probe: Probe, inputs: torch.Tensor, direct: torch.Tensor) -> Array | None:
        """Let the CPU's kernels run and sweep an encoder-decoder once more: its sequences are short."""
        suffixes = "_encoder", "_decoder"
        names = [name + suffix for suffix in suffixes for name in PARAMETERS]
        weights = {
            name: each.detach().cpu().requires_grad_() for name, each in zip(names, probe.parameters, strict=True)
        }
        kept = Probe()
        with torch.enable_grad():
            hidden = NumpyRunner(self._spec).run_both(inputs.cpu(), probe.switch, suffixes, weights, kept)
            torch.autograd.backward(hidden, direct.cpu())
        return kept.log2_norms

    def _sweep_elman(
        self, _: torch.Tensor, hidden: torch.Tensor, direct: torch.Tensor, parameters: list[torch.Tensor]
    ) -> torch.Tensor:
        factors = FACTORS[self._spec.activation](hidden)
        total = direct.clone()
        for t in range(len(total) - 1, 0, -1):
            total[t - 1].addmm_(total[t] * factors[t], parameters[1])
        return log2_norms(total)


def log2_norms(total: torch.Tensor) -> torch.Tensor:
    """Return the log2 norm over the last axis; squares of scaled values, so that only a true zero gives -inf."""
    peak = total.abs().amax(-1, keepdim=True)
    scaled = total / peak.where(peak > 0, torch.ones_like(peak))
    return 0.5 * scaled.square().sum(-1).log2() + peak[..., 0].log2().clamp(min=-1e4)


def _previous(states: torch.Tensor) -> torch.Tensor:
    """Return the states one step earlier, zero at the start."""
    return torch.cat((torch.zeros_like(states[:1]), states[:-1]))


def sweep_lstm(
    inputs: torch.Tensor, hidden: torch.Tensor, direct: torch.Tensor, parameters: list[torch.Tensor]
) -> torch.Tensor:
    """Return log2 of the joint norm of ``dC/dh_t`` and ``dC/dc_t`` ``(T, B)``; gates need one GEMM, c a recurrence."""
    weight_ih, weight_hh, bias_ih, bias_hh = parameters
    gates = F.linear(inputs, weight_ih, bias_ih + bias_hh) + F.linear(_previous(hidden), weight_hh)
    i, f, g, o = gates.chunk(4, -1)
    i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
    cells = i * g
    for t in range(1, len(cells)):
        cells[t].addcmul_(f[t], cells[t - 1])
    tanh_cells = cells.tanh()
    to_cell = o * (1.0 - tanh_cells * tanh_cells)
    by_cell = torch.stack((g * i * (1 - i), _previous(cells) * f * (1 - f), i * (1 - g * g)), 2)
    by_hidden = tanh_cells * o * (1 - o)
    total_h, total_c = direct.clone(), torch.zeros_like(direct)
    for t in range(len(direct) - 1, -1, -1):
        total_c[t].addcmul_(total_h[t], to_cell[t])
        if t:
            gate = torch.cat(((by_cell[t] * total_c[t][:, None]).flatten(1), by_hidden[t] * total_h[t]), 1)
            total_h[t - 1].addmm_(gate, weight_hh)
            torch.mul(total_c[t], f[t], out=total_c[t - 1])
    return log2_norms(torch.cat((total_h, total_c), -1))


def sweep_gru(
    inputs: torch.Tensor, hidden: torch.Tensor, direct: torch.Tensor, parameters: list[torch.Tensor]
) -> torch.Tensor:
    """Return log2 of the norm of ``dC/dh_t`` ``(T, B)``; gates are recomputed in one GEMM each."""
    weight_ih, weight_hh, bias_ih, bias_hh = parameters
    before = _previous(hidden)
    x_r, x_z, x_n = F.linear(inputs, weight_ih, bias_ih).chunk(3, -1)
    h_r, h_z, h_n = F.linear(before, weight_hh, bias_hh).chunk(3, -1)
    r, z = (x_r + h_r).sigmoid(), (x_z + h_z).sigmoid()
    n = (x_n + r * h_n).tanh()
    q = (1 - z) * (1 - n * n)
    factors = torch.stack((q * h_n * r * (1 - r), (before - n) * z * (1 - z), q * r), 2)
    total = direct.clone()
    for t in range(len(total) - 1, 0, -1):
        total[t - 1].addcmul_(total[t], z[t])
        total[t - 1].addmm_((factors[t] * total[t][:, None]).flatten(1), weight_hh)
    return log2_norms(total)
