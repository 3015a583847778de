"""An independent oracle: the network as an explicit loop over torch tensors, differentiated by autograd.

Every state is a tensor of its own, so that ``dC/dh_t`` and ``dC/dc_t`` are total gradients (a fused
``nn.LSTM`` gives the direct part only). The joint state of an LSTM is split before anything reads it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch

from rnnviz.engine.network import Network, initialise
from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.spec import ModelSpec


@dataclass
class Oracle:
    """The result of one explicit run: states by layer name and time step, and the loss of each step."""

    weights: dict[str, torch.Tensor]
    hidden: dict[str, list[torch.Tensor]] = field(default_factory=dict)
    cell: dict[str, list[torch.Tensor]] = field(default_factory=dict)
    used_weights: dict[str, list[torch.Tensor]] = field(default_factory=dict)
    losses: list[torch.Tensor] = field(default_factory=list)

    def gradient(self, loss: torch.Tensor, states: list[torch.Tensor]) -> np.ndarray:
        """(T, H): dC/dstate_t, zero where the loss does not depend on it."""
        found = torch.autograd.grad(loss, states, retain_graph=True, allow_unused=True)
        rows = [torch.zeros_like(s) if g is None else g for s, g in zip(states, found, strict=True)]
        return torch.stack(rows).numpy()

    def norms(self, loss: torch.Tensor, layer: str, part: str = "joint") -> np.ndarray:
        """(T,): the norms of the gradient of one loss, of one part."""
        hidden = np.linalg.norm(self.gradient(loss, self.hidden[layer]), axis=1)
        if part == "h" or not self.cell:
            return hidden
        cell = np.linalg.norm(self.gradient(loss, self.cell[layer]), axis=1)
        return cell if part == "c" else np.hypot(hidden, cell)


def run_oracle(network: Network, encoded: EncodedSequence) -> Oracle:
    """Run ``network`` in float64 as an explicit loop; every step has its own copy of the recurrent weights."""
    weights = {k: torch.tensor(v, dtype=torch.float64, requires_grad=True) for k, v in network.weights.items()}
    oracle = Oracle(weights)
    ids = torch.tensor(encoded.ids)
    below = [weights["embedding.weight"][i] if network.spec.embedding else _one_hot(i, network) for i in ids]
    for depth in range(network.spec.layers):
        both = []
        for ending in ("", "r") if network.spec.bidirectional else ("",):
            both.append(_run_layer(oracle, network, f"l{depth}{ending}", below, encoded.switch))
        below = [torch.cat(parts) for parts in zip(*both, strict=True)]
    for state, target in zip(below, torch.tensor(encoded.targets), strict=True):
        logits = weights["readout.weight"] @ state + weights["readout.bias"]
        loss = torch.zeros((), dtype=torch.float64)
        if target >= 0:
            loss = torch.nn.functional.cross_entropy(logits[None], target[None])
        oracle.losses.append(loss)
    return oracle


def _one_hot(index: torch.Tensor, network: Network) -> torch.Tensor:
    vector = torch.zeros(network.input_size, dtype=torch.float64)
    if index >= 0:
        vector[index] = 1
    return vector


def _run_layer(
    oracle: Oracle, network: Network, name: str, inputs: list[torch.Tensor], switch: int
) -> list[torch.Tensor]:
    spec, weights = network.spec, oracle.weights
    state = torch.zeros(spec.hidden, dtype=torch.float64, requires_grad=True)
    cell = torch.zeros(spec.hidden, dtype=torch.float64, requires_grad=True)
    hiddens, cells, copies = [], [], []
    for step, x in enumerate(inputs[::-1] if name.endswith("r") else inputs):
        suffix = f"_{name[:-1]}_reverse" if name.endswith("r") else f"_{name}"
        if spec.decoder and step >= switch:
            suffix += "_decoder"
        w_ih, b_ih, b_hh = (weights[key + suffix] for key in ("weight_ih", "bias_ih", "bias_hh"))
        w_hh = weights["weight_hh" + suffix] * 1
        state, cell = _step(spec, (w_ih @ x + b_ih, w_hh @ state, b_hh), state, cell)
        hiddens.append(state)
        cells.append(cell)
        copies.append(w_hh)
    if name.endswith("r"):
        hiddens, cells, copies = hiddens[::-1], cells[::-1], copies[::-1]
    oracle.hidden[name], oracle.used_weights[name] = hiddens, copies
    if spec.cell == "lstm":
        oracle.cell[name] = cells
    return hiddens


def _step(spec: ModelSpec, parts: tuple[torch.Tensor, ...], state: torch.Tensor, cell: torch.Tensor):
    from_input, from_state, b_hh = parts
    if spec.cell == "elman":
        functions = {"tanh": torch.tanh, "relu": torch.relu, "sigmoid": torch.sigmoid, "identity": lambda a: a}
        return functions[spec.activation](from_input + from_state + b_hh), cell
    if spec.cell == "lstm":
        i, f, g, o = (from_input + from_state + b_hh).chunk(4)
        inner = torch.sigmoid(f) * cell + torch.sigmoid(i) * torch.tanh(g)
        # h_t reads c_t through a copy, so that the gradient of the returned c_t is along the cell path only.
        return torch.sigmoid(o) * torch.tanh(inner * 1), inner * 1
    x_r, x_z, x_n = from_input.chunk(3)
    h_r, h_z, h_n = (from_state + b_hh).chunk(3)
    r, z = torch.sigmoid(x_r + h_r), torch.sigmoid(x_z + h_z)
    n = torch.tanh(x_n + r * h_n)
    return (1 - z) * n + z * state, cell


def make_network(seed: int = 0, *, classes: int = 5, gain: float = 1.0, **spec: object) -> Network:
    """A float64 network with weights ``gain`` times PyTorch's default."""
    network = initialise(ModelSpec(**spec), classes, classes, seed).astype(np.float64)  # type: ignore[arg-type]
    weights = {name: array * gain for name, array in network.weights.items()}
    return Network(network.spec, classes, classes, weights)


def make_sequence(steps: int, *, classes: int = 5, seed: int = 1, every: int = 1, switch: int = 0) -> EncodedSequence:
    """Random tokens; a target at every ``every``-th step, counted from the last; the encoder's steps have none."""
    generator = np.random.default_rng(seed)
    ids = generator.integers(0, classes, steps)
    targets = generator.integers(0, classes, steps)
    targets[(steps - 1 - np.arange(steps)) % every != 0] = -1
    targets[:switch] = -1
    return EncodedSequence(tuple(map(str, ids)), ids, targets, np.ones(steps, np.bool_), switch=switch)
