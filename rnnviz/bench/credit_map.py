"""The credit map of T losses against T autograd passes, and against autograd's own batch of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.bench.gradient import VOCABULARY
from rnnviz.bench.measure import Options, Result, interleave
from rnnviz.engine.credit import credit_map
from rnnviz.engine.network import initialise
from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.trace import trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import torch

    from rnnviz.engine.network import Network

LENGTH, HIDDEN = 200, 64
PASSES_TARGET, BATCHED_TARGET = 0.02, 0.12
CELLS = ("elman", "gru", "lstm")


def run(options: Options) -> Iterator[Result]:
    """Both baselines for each cell; every side has its graph or trace ready and makes the (T, T) norms of dC/dh."""
    for cell in CELLS:
        ours, graph = sides(cell, LENGTH, HIDDEN, options.seed)
        note = f"T={LENGTH} H={HIDDEN}"
        one_by_one = interleave(ours, graph.passes, rounds=6, warm_up=1)
        yield from one_by_one.results(f"credit-map-{cell}", PASSES_TARGET, f"{note}, T autograd passes")
        batched = interleave(ours, graph.batched, rounds=6, warm_up=1)
        yield from batched.results(f"credit-map-batched-{cell}", BATCHED_TARGET, f"{note}, is_grads_batched")


def sides(cell: str, length: int, hidden: int, seed: int) -> tuple[Callable[[], object], AutogradMap]:
    """Ours and the graph of the same network; the h part, so that all sides make the same numbers."""
    encoded = all_losses(length, seed)
    network = initialise(ModelSpec(cell=cell, hidden=hidden), VOCABULARY, VOCABULARY, seed)
    traced = trace(network, encoded)
    return lambda: credit_map(traced, part="h", rows=range(1, length + 1)), AutogradMap(network, encoded)


def all_losses(length: int, seed: int) -> EncodedSequence:
    """Random tokens with a random target at every step."""
    generator = np.random.default_rng(seed)
    ids, targets = generator.integers(0, VOCABULARY, (2, length))
    return EncodedSequence(tuple(map(str, ids)), ids, targets, np.ones(length, np.bool_))


class AutogradMap:
    """The same map from an explicit loop of ``nn.*Cell``; the loop itself runs once and is not timed."""

    def __init__(self, network: Network, encoded: EncodedSequence) -> None:
        import torch  # only this side of the comparison needs it

        from rnnviz.bench.gradient import modules

        torch.set_num_threads(1)
        module, readout = modules(network)
        self._hidden: list[torch.Tensor] = []
        state: torch.Tensor | tuple[torch.Tensor, torch.Tensor] | None = None
        for entering in torch.from_numpy(network.encode(encoded.ids).copy())[:, None]:
            state = module(entering, state)
            self._hidden.append(state[0] if isinstance(state, tuple) else state)
        targets = torch.from_numpy(encoded.targets.copy())
        logits = readout(torch.cat(self._hidden))
        self._losses = torch.nn.functional.cross_entropy(logits, targets, reduction="none")

    def passes(self) -> object:
        """One ``autograd.grad`` a loss, over the states up to it."""
        import torch

        rows = []
        for step, loss in enumerate(self._losses, start=1):
            found = torch.autograd.grad(loss, self._hidden[:step], retain_graph=True)
            rows.append(torch.cat(found).norm(dim=1))
        return rows

    def batched(self) -> object:
        """All losses in one vectorised call."""
        import torch

        every = torch.eye(len(self._hidden))
        found = torch.autograd.grad(self._losses, self._hidden, every, retain_graph=True, is_grads_batched=True)
        return torch.stack(found).norm(dim=3)
