"""A network as torch tensors: logits of a batch, and the gradient norms of its backward pass.

The layers, directions, embedding and read-out are wired here; how one recurrent layer runs is a :class:`LayerRunner`:
numpy kernels on the CPU (training_functions.py), torch's own modules elsewhere (training_device.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import torch
import torch.nn.functional as F

from rnnviz.engine.network import EMBEDDING, READOUT_BIAS, READOUT_WEIGHT, weight_shapes, weight_suffix
from rnnviz.engine.training_functions import Probe, recurrent_layer
from rnnviz.engine.training_kernels import joint_log2, make_kernel

if TYPE_CHECKING:
    from rnnviz.engine.network import Network
    from rnnviz.engine.spec import ModelSpec

Array = np.ndarray[Any, np.dtype[Any]]
Weights = dict[str, torch.Tensor]


class LayerRunner(Protocol):
    """Runs one recurrent layer in one direction, forward in time, and remembers how to measure it."""

    def run(self, inputs: torch.Tensor, suffix: str, weights: Weights, probe: Probe) -> torch.Tensor:
        """Return hidden ``(T, B, H)``; ``inputs`` are ids ``(T, B)`` or vectors ``(T, B, D)``."""

    def measure(self, probe: Probe) -> Array | None:
        """Return log2 norms of ``dC/dh_t`` ``(T, B)`` after the backward pass."""


class NumpyRunner:
    """One layer on the CPU: torch projects the inputs, a numpy kernel does the recurrence and its sweep."""

    def __init__(self, spec: ModelSpec) -> None:
        self._spec = spec

    def run(self, inputs: torch.Tensor, suffix: str, weights: Weights, probe: Probe) -> torch.Tensor:
        """Project and recur; biases that need not stay inside the recurrence are added with the projection."""
        weight, bias, inner = weights[f"weight_ih{suffix}"], weights[f"bias_ih{suffix}"], weights[f"bias_hh{suffix}"]
        if self._spec.cell != "gru":
            bias = bias + inner
        if inputs.is_floating_point():
            projected = F.linear(inputs, weight, bias)
        else:  # a one-hot input times a matrix is a row of its transpose
            projected = F.embedding(inputs, weight.t() + bias)
        kernel = make_kernel(self._spec.cell, self._spec.activation)
        gru_bias = inner if self._spec.cell == "gru" else None
        return recurrent_layer(projected, weights[f"weight_hh{suffix}"], gru_bias, kernel, probe)

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

    def logits(self, ids: Array, lengths: Array | None) -> torch.Tensor:
        """Return logits ``(T, B, V)`` of ids ``(B, T)``; padding never reaches a real time step."""
        self._probes = {name: Probe() for name in self.layer_names}
        self._order = self._reversal(ids.shape, lengths) if self.spec.bidirectional else None
        inputs = torch.from_numpy(np.array(ids.T)).to(self.device)
        if self.spec.embedding:
            inputs = F.embedding(inputs, self.weights[EMBEDDING])
        for layer in range(self.spec.layers):
            forward = self._direction(inputs, f"l{layer}")
            inputs = (
                torch.cat((forward, self._direction(inputs, f"l{layer}r")), -1) if self.spec.bidirectional else forward
            )
        return F.linear(inputs, self.weights[READOUT_WEIGHT], self.weights[READOUT_BIAS])

    def _direction(self, inputs: torch.Tensor, name: str) -> torch.Tensor:
        """Run one layer in one direction; the reverse one reads each sequence from its own last step."""
        reverse = name.endswith("r")
        if reverse:
            inputs = self._turn(inputs)
        hidden = self._runner.run(inputs, weight_suffix(name), self.weights, self._probes[name])
        self._hidden[name] = hidden.detach()
        return self._turn(hidden) if reverse else hidden

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
        """Return per layer the log2 norm of ``dC/dh_t`` (LSTM: of ``(h, c)``) over the batch, ``(T,)``."""
        found: dict[str, Array] = {}
        for name, probe in self._probes.items():
            norms = self._runner.measure(probe)
            if norms is not None:
                if name.endswith("r"):
                    norms = np.take_along_axis(norms, self._order_array, axis=0)
                found[name] = joint_log2(norms)
        return found

    def hidden_states(self) -> list[tuple[str, torch.Tensor]]:
        """Return the hidden states of the last batch, to look for the first that is not finite."""
        return [(f"the hidden state of layer {name}", hidden) for name, hidden in self._hidden.items()]

    def arrays(self) -> dict[str, Array]:
        """Return a numpy copy of the live weights."""
        return {name: weight.detach().cpu().numpy().copy() for name, weight in self.weights.items()}
