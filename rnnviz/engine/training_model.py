"""A network as torch tensors: logits of a batch, and the gradient norms of its backward pass.

The layers, directions, embedding and read-out are wired here; how one recurrent layer runs is a :class:`LayerRunner`:
numpy kernels on the CPU (training_functions.py), torch's own modules elsewhere (training_device.py).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F

from rnnviz.engine.network import EMBEDDING, READOUT_BIAS, READOUT_WEIGHT, weight_shapes, weight_suffix
from rnnviz.engine.training_functions import Probe, handed_over, recurrent_layer
from rnnviz.engine.training_kernels import joint_log2, make_kernel

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnnviz.engine.network import Network
    from rnnviz.engine.spec import ModelSpec
    from rnnviz.engine.training_kernels import Kernel

Array = np.ndarray[Any, np.dtype[Any]]
Weights = dict[str, torch.Tensor]
State = tuple[torch.Tensor, ...]
"""h ``(B, H)``, and for the LSTM c; () for zeros."""


@dataclass(frozen=True, eq=False)
class Starts:
    """Where the sequences of a cut batch begin: ``rows (B,)`` (0-based), and each layer's constant first state."""

    rows: Array
    states: Mapping[str, State]

    def part(self, chosen: slice) -> Starts:
        """Those of some of the sequences."""
        states = {name: tuple(each[chosen] for each in state) for name, state in self.states.items()}
        return Starts(self.rows[chosen], states)


class LayerRunner(Protocol):
    """Runs one recurrent layer in one direction, forward in time, and remembers how to measure it."""

    def run(self, inputs: torch.Tensor, suffix: str, weights: Weights, probe: Probe, start: State = ()) -> torch.Tensor:
        """Return hidden ``(T, B, H)``; ``inputs`` are ids ``(T, B)`` or vectors ``(T, B, D)``."""

    def run_both(
        self, inputs: torch.Tensor, switch: int, suffixes: tuple[str, str], weights: Weights, probe: Probe
    ) -> torch.Tensor:
        """Run the encoder over the first ``switch`` steps and the decoder from its last state over the others."""

    def states_before(
        self, inputs: torch.Tensor, suffix: str, weights: Weights, rows: list[int]
    ) -> tuple[torch.Tensor, State]:
        """Return hidden ``(T, B, H)``, and the state that each of ``rows`` (rising) starts from, ``(G B, H)``."""

    def measure(self, probe: Probe) -> Array | None:
        """Return log2 norms of ``dC/dh_t`` ``(T, B)`` after the backward pass."""


class NumpyRunner:
    """One layer on the CPU: torch projects the inputs, a numpy kernel does the recurrence and its sweep."""

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec

    def run(self, inputs: torch.Tensor, suffix: str, weights: Weights, probe: Probe, start: State = ()) -> torch.Tensor:
        """Project and recur; biases that need not stay inside the recurrence are added with the projection."""
        kernel = make_kernel(self._spec.cell, self._spec.activation)
        kernel.start = tuple(part.numpy() for part in start)
        return self._run(inputs, suffix, weights, probe, kernel)

    def states_before(
        self, inputs: torch.Tensor, suffix: str, weights: Weights, rows: list[int]
    ) -> tuple[torch.Tensor, State]:
        """Every state is kept by the kernel anyway."""
        kernel = make_kernel(self._spec.cell, self._spec.activation)
        hidden = self._run(inputs, suffix, weights, Probe(), kernel)
        return hidden, tuple(torch.from_numpy(states[rows]).flatten(0, 1) for states in kernel.states())

    def run_both(
        self, inputs: torch.Tensor, switch: int, suffixes: tuple[str, str], weights: Weights, probe: Probe
    ) -> torch.Tensor:
        """Two kernels and one sweep over both."""
        kernels = tuple(make_kernel(self._spec.cell, self._spec.activation) for _ in suffixes)
        first = self._parts(inputs[:switch], suffixes[0], weights)
        second = self._parts(inputs[switch:], suffixes[1], weights)
        return handed_over((first, second), (kernels[0], kernels[1]), probe)

    def _run(self, inputs: torch.Tensor, suffix: str, weights: Weights, probe: Probe, kernel: Kernel) -> torch.Tensor:
        return recurrent_layer(*self._parts(inputs, suffix, weights), kernel, probe)

    def _parts(
        self, inputs: torch.Tensor, suffix: str, weights: Weights
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """What a kernel takes: the projected inputs, W_hh, and the bias that stays inside the recurrence."""
        weight, bias, inner = weights[f"weight_ih{suffix}"], weights[f"bias_ih{suffix}"], weights[f"bias_hh{suffix}"]
        if self._spec.cell != "gru":
            bias = bias + inner
        if inputs.is_floating_point():
            projected = F.linear(inputs, weight, bias)
        else:  # a one-hot input times a matrix is a row of its transpose
            projected = F.embedding(inputs, weight.t() + bias)
        gru_bias = inner if self._spec.cell == "gru" else None
        return projected, weights[f"weight_hh{suffix}"], gru_bias

    def measure(self, probe: Probe) -> Array | None:
        """The sweep has left the norms in the probe."""
        return probe.log2_norms


class TorchModel:
    """The live weights of a network on one device."""

    def __init__(self, network: Network, device: str) -> None:
        self.spec, self.layer_names, self.device = network.spec, network.layer_names, torch.device(device)
        dtype = torch.float64 if network.dtype == np.float64 and device != "mps" else torch.float32
        self.weights: Weights = {
            name: torch.tensor(array, dtype=dtype, device=self.device).requires_grad_()
            for name, array in self._in_order(network)
        }
        self._runner = self._make_runner()
        self._probes: dict[str, Probe] = {}
        self._hidden: dict[str, torch.Tensor] = {}
        self._starts: Starts | None = None
        self._switch = 0
        self._order: torch.Tensor | None = None

    @staticmethod
    def _in_order(network: Network) -> list[tuple[str, Array]]:
        """Return the weights in PyTorch's order: the order of the sums in the gradient norm must survive a file."""
        names = weight_shapes(network.spec, network.input_size, network.output_size)
        return [(name, network.weights[name]) for name in names]

    def _make_runner(self) -> LayerRunner:
        if self.device.type == "cpu":
            return NumpyRunner(self.spec)
        from rnnviz.engine.training_device import TorchRunner  # only where there is such a device

        return TorchRunner(self.spec)

    def logits(
        self,
        ids: Array,
        lengths: Array | None,
        starts: Starts | None = None,
        values: Array | None = None,
        switch: int = 0,
    ) -> torch.Tensor:
        """Return logits ``(T, B, V)`` of ids ``(B, T)``; padding never reaches a real time step.

        ``switch``: of an encoder-decoder, how many steps the encoder reads.

        ``values (B, T, D)``: real inputs, read in place of the ids.
        ``starts``: the sequences are windows that begin there (see :meth:`starts`); None: at the first step, at zero.
        """
        self._probes = {name: Probe() for name in self.layer_names}
        self._starts, self._switch = starts, switch
        self._order = self._reversal(ids.shape, lengths) if self.spec.bidirectional else None
        inputs = self._entering(ids, values)
        for layer in range(self.spec.layers):
            forward = self._direction(inputs, f"l{layer}")
            inputs = (
                torch.cat((forward, self._direction(inputs, f"l{layer}r")), -1) if self.spec.bidirectional else forward
            )
        return F.linear(inputs, self.weights[READOUT_WEIGHT], self.weights[READOUT_BIAS])

    @property
    def step_size(self) -> int:
        """Numbers that one time step of one sequence keeps for the backward pass, roughly."""
        gates = self.weights["weight_hh_l0"].shape[0]
        return int(gates) * 4 * len(self.layer_names)

    def _entering(self, ids: Array, values: Array | None) -> torch.Tensor:
        """What the lowest layer reads: ids ``(T, B)``, or vectors ``(T, B, D)`` of an embedding or of real inputs."""
        if values is not None:
            dtype = self.weights[READOUT_BIAS].dtype
            return torch.from_numpy(np.array(values.swapaxes(0, 1))).to(dtype).to(self.device)
        inputs = torch.from_numpy(np.array(ids.T)).to(self.device)
        return F.embedding(inputs, self.weights[EMBEDDING]) if self.spec.embedding else inputs

    @torch.no_grad()
    def starts(self, ids: Array, rows: list[int], values: Array | None = None) -> Starts:
        """Run ids ``(B, T)`` (or real inputs); return the states (G B) that each of ``rows`` (G,) starts from."""
        inputs, found = self._entering(ids, values), {}
        for name in self.layer_names:
            inputs, found[name] = self._runner.states_before(inputs, weight_suffix(name), self.weights, rows)
        return Starts(np.repeat(rows, len(ids)), found)

    def _direction(self, inputs: torch.Tensor, name: str) -> torch.Tensor:
        """Run one layer in one direction; the reverse one reads each sequence from its own last step."""
        reverse = name.endswith("r")
        if reverse:
            inputs = self._turn(inputs)
        hidden = self._run(inputs, name)
        self._hidden[name] = hidden.detach()
        return self._turn(hidden) if reverse else hidden

    def _run(self, inputs: torch.Tensor, name: str) -> torch.Tensor:
        probe = self._probes[name]
        if self.spec.decoder:
            suffixes = weight_suffix(name), weight_suffix(name, decoder=True)
            return self._runner.run_both(inputs, self._switch, suffixes, self.weights, probe)
        start = self._starts.states[name] if self._starts is not None else ()
        return self._runner.run(inputs, weight_suffix(name), self.weights, probe, start)

    def _turn(self, tensor: torch.Tensor) -> torch.Tensor:
        assert self._order is not None
        order = self._order if tensor.dim() == 2 else self._order[..., None].expand(-1, -1, tensor.shape[-1])
        return tensor.gather(0, order)

    def _reversal(self, shape: tuple[int, ...], lengths: Array | None) -> torch.Tensor:
        """Return for each row the time order ``(T, B)`` that reverses its real part; it is its own inverse."""
        batch, steps = shape
        times = np.arange(steps)[:, None]
        ends = np.full(batch, steps) if lengths is None else lengths
        self._order_array = np.where(times < ends, ends - 1 - times, times)
        return torch.from_numpy(self._order_array).to(self.device)

    def log2_norms(self) -> dict[str, Array]:
        """Return per layer the log2 norm of ``dC/dh_t`` (LSTM: of ``(h, c)``) over the batch, ``(T,)``.

        Empty for windows of truncated BPTT: several of them hold the same time step, with a gradient each.
        """
        found: dict[str, Array] = {}
        if self._starts is not None:
            return found
        for name, probe in self._probes.items():
            norms = self._runner.measure(probe)
            if norms is not None:
                if name.endswith("r"):
                    norms = np.take_along_axis(norms, self._order_array, axis=0)
                found[name] = joint_log2(norms)
        return found

    def hidden_states(self) -> list[tuple[str, torch.Tensor, Array]]:
        """Return layer, hidden states ``(T, B, H)`` and their time steps ``(T, B)`` (1-based) of the last batch."""
        return [(name, hidden, self._time_steps(name, hidden.shape[:2])) for name, hidden in self._hidden.items()]

    def _time_steps(self, name: str, shape: tuple[int, ...]) -> Array:
        if name.endswith("r"):
            return self._order_array + 1
        first = np.zeros(shape[1], np.int64) if self._starts is None else self._starts.rows
        return np.asarray(np.arange(1, shape[0] + 1)[:, None] + first)

    def bad_gradients(self) -> dict[str, tuple[int, str]]:
        """Return the layers, top first, whose ``dC/dh_t`` is not finite: where the sweep met it first, and its kind.

        Known where the layer's own sweep measures it, on the CPU.
        """
        found: dict[str, tuple[int, str]] = {}
        for name, probe in reversed(self._probes.items()):
            norms = probe.log2_norms
            if norms is None or not (bad := np.isnan(norms) | np.isposinf(norms)).any():
                continue
            row = int(np.flatnonzero(bad.any(axis=1))[-1])
            steps = self._time_steps(name, norms.shape)[row][bad[row]]
            step = int(steps.min() if name.endswith("r") else steps.max())
            found[name] = step, "NaN" if np.isnan(norms[row]).any() else "infinite"
        return found

    def largest_gradient(self) -> tuple[str, int] | None:
        """Return layer and time step of the largest ``dC/dh_t``; None where no sweep has measured it."""
        known = {name: probe.log2_norms for name, probe in self._probes.items() if probe.log2_norms is not None}
        if not known:
            return None
        name = max(known, key=lambda each: float(known[each].max()))
        place = np.unravel_index(int(known[name].argmax()), known[name].shape)
        return name, int(self._time_steps(name, known[name].shape)[place])

    def arrays(self) -> dict[str, Array]:
        """Return a numpy copy of the live weights."""
        return {name: weight.detach().cpu().numpy().copy() for name, weight in self.weights.items()}
