"""The gradient of one loss at every step, from the tokens on, against an autograd cell loop with ``retain_grad``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.bench.measure import Options, Result, interleave
from rnnviz.engine.gradients import gradient_flow
from rnnviz.engine.network import initialise
from rnnviz.engine.sequence import NO_TARGET, EncodedSequence
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.trace import trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import torch

    from rnnviz.engine.network import Network

LENGTH, HIDDEN, VOCABULARY = 1000, 64, 19
TARGETS = {"elman": 0.12, "gru": 0.13, "lstm": 0.12}
ROUNDS = 12


def run(options: Options) -> Iterator[Result]:
    """One comparison and one control a cell: the last step's loss, forward and backward, one thread."""
    for cell, target in TARGETS.items():
        ours, base = pair(cell, LENGTH, HIDDEN, options.seed)
        measured = interleave(ours, base, rounds=ROUNDS, warm_up=2)
        yield from measured.results(f"gradient-{cell}", target, f"T={LENGTH} H={HIDDEN}, end to end")


def pair(cell: str, length: int, hidden: int, seed: int) -> tuple[Callable[[], object], Callable[[], object]]:
    """Ours and the baseline for one cell and size."""
    encoded = last_loss_only(length, seed)
    network = initialise(ModelSpec(cell=cell, hidden=hidden), VOCABULARY, VOCABULARY, seed)
    return lambda: gradient_flow(trace(network, encoded)), cell_loop(network, encoded)


def last_loss_only(length: int, seed: int) -> EncodedSequence:
    """Random tokens with a target at the last step alone."""
    generator = np.random.default_rng(seed)
    ids = generator.integers(0, VOCABULARY, length)
    targets = np.full(length, NO_TARGET)
    targets[-1] = generator.integers(0, VOCABULARY)
    return EncodedSequence(tuple(map(str, ids)), ids, targets, np.ones(length, np.bool_))


def cell_loop(network: Network, encoded: EncodedSequence) -> Callable[[], object]:
    """``nn.RNNCell`` (``GRUCell``, ``LSTMCell``) step by step, the gradient of every state retained."""
    import torch  # only this side of the comparison needs it

    torch.set_num_threads(1)
    module, readout = modules(network)
    inputs = torch.from_numpy(network.encode(encoded.ids).copy())[:, None]
    target = torch.tensor([int(encoded.targets[-1])])
    is_lstm = network.spec.cell == "lstm"

    def norms() -> object:
        module.zero_grad()
        readout.zero_grad()
        state: torch.Tensor | tuple[torch.Tensor, torch.Tensor] | None = None
        hidden = []
        for entering in inputs:
            state = module(entering, state)
            parts = state if is_lstm else (state,)
            for part in parts:
                part.retain_grad()
            hidden.append(parts)
        torch.nn.functional.cross_entropy(readout(hidden[-1][0]), target).backward()
        return [torch.stack([parts[k].grad for parts in hidden[:-1]]).norm(dim=2) for k in range(len(hidden[0]))]

    return norms


def modules(network: Network) -> tuple[torch.nn.Module, torch.nn.Module]:
    """The torch cell and read-out with the weights of ``network``."""
    import torch

    kinds = {"elman": torch.nn.RNNCell, "gru": torch.nn.GRUCell, "lstm": torch.nn.LSTMCell}
    module = kinds[network.spec.cell](network.input_size, network.spec.hidden)
    readout = torch.nn.Linear(network.spec.hidden, network.output_size)
    weights = {name: torch.from_numpy(array.copy()) for name, array in network.weights.items()}
    module.load_state_dict({name.removesuffix("_l0"): w for name, w in weights.items() if name.endswith("_l0")})
    readout.load_state_dict({"weight": weights["readout.weight"], "bias": weights["readout.bias"]})
    return module, readout
