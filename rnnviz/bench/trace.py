"""Our full trace (states, gates, logits, loss) against the outputs alone of ``nn.RNN``, ``nn.GRU``, ``nn.LSTM``."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.bench.measure import Options, Result, interleave
from rnnviz.engine.network import initialise
from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.trace import trace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

LENGTH, HIDDEN, VOCABULARY = 1000, 64, 19  # as many characters as the shipped text has
TARGETS = {"elman": 0.5, "gru": 0.8, "lstm": 5.0}


def run(options: Options) -> Iterator[Result]:
    """One comparison and one control a cell; batch 1, one thread, no autograd on torch's side."""
    generator = np.random.default_rng(options.seed)
    ids = generator.integers(0, VOCABULARY, LENGTH)
    encoded = EncodedSequence(tuple(map(str, ids)), ids, np.roll(ids, -1), np.ones(LENGTH, np.bool_))
    for cell, target in TARGETS.items():
        network = initialise(ModelSpec(cell=cell, hidden=HIDDEN), VOCABULARY, VOCABULARY, options.seed)
        inputs = network.encode(ids)
        measured = interleave(partial(trace, network, encoded), _torch_outputs(cell, inputs))
        yield from measured.results(f"trace-{cell}", target, f"T={LENGTH} H={HIDDEN} V={VOCABULARY}")


def _torch_outputs(cell: str, inputs: np.ndarray) -> Callable[[], object]:
    import torch  # only this side of the comparison needs it

    torch.set_num_threads(1)
    kinds = {"elman": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
    module = kinds[cell](VOCABULARY, HIDDEN)
    sequence = torch.from_numpy(inputs.copy())

    def outputs() -> object:
        with torch.no_grad():
            return module(sequence)

    return outputs
