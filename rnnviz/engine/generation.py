"""Generation: the network's own outputs, one token at a time, each fed back as the next input.

    for step in generate(network, prompt=ids, sampling=Sampling(temperature=0.8, top_k=5), seed=1):
        print(step.token, step.probabilities)

At every step a token is drawn from ``p = softmax(logits / temperature)``; whoever holds the generator decides how long
it goes on (Graves 2013; top-k: Fan, Lewis & Dauphin 2018).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.advance import advance
from rnnviz.engine.errors import SpecError
from rnnviz.engine.feeding import MAX_TEMPERATURE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rnnviz.engine.advance import State
    from rnnviz.engine.network import Network

    Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Sampling:
    """How a token is drawn: ``temperature`` 0 always takes the most probable one (greedy); ``top_k`` 0 allows all."""

    temperature: float = 1.0
    top_k: int = 0

    def __post_init__(self) -> None:
        if not 0 <= self.temperature <= MAX_TEMPERATURE:
            raise SpecError(
                f"The temperature is {self.temperature:g}; give one from 0 (greedy) to {MAX_TEMPERATURE:g}."
            )
        if self.top_k < 0:
            raise SpecError(f"top-k is {self.top_k}; give the number of tokens to choose from, or 0 for all.")

    def distribution(self, logits: Array) -> Array:
        """The probabilities (V,) that a token is drawn with; float64, they add up to 1."""
        logits = np.asarray(logits, np.float64)
        if not np.isfinite(logits).all():
            raise SpecError("The network's outputs are not finite, so nothing can be drawn from them; train it anew.")
        if self.temperature == 0:
            chosen = np.zeros(len(logits))
            chosen[logits.argmax()] = 1
            return chosen
        if 0 < self.top_k < len(logits):
            kept = np.argsort(-logits, kind="stable")[: self.top_k]
            allowed = np.full(len(logits), -np.inf)
            allowed[kept] = logits[kept]
            logits = allowed
        weights = np.exp((logits - logits.max()) / self.temperature)
        total: Array = weights / weights.sum()
        return total


@dataclass(frozen=True, eq=False)
class GeneratedStep:
    """One generated token: its index, the distribution it was drawn from, the states of the step that gave it."""

    token: int
    probabilities: Array
    hidden: dict[str, Array]


def generate(
    network: Network,
    prompt: Sequence[int] | Array,
    sampling: Sampling | None = None,
    *,
    seed: int = 0,
    feeds: Sequence[int] | None = None,
    switch: int = 0,
) -> Iterator[GeneratedStep]:
    """Read ``prompt`` (token ids, at least one), then draw and feed back tokens, until one that cannot be read.

    ``feeds``: the input id of each output class, −1 for one that ends the text; None where both have one vocabulary.
    ``switch``: of an encoder-decoder, how many steps of the prompt the encoder reads. Needs one direction of reading:
    a network that also reads from the end cannot know an end that is not there yet. The same seed draws the same
    tokens. Raises SpecError.
    """
    ids = np.asarray(prompt, np.int64)
    if not len(ids):
        raise SpecError("There is nothing to begin with; give at least one token.")
    if not 0 <= switch < len(ids):
        raise SpecError(f"The encoder reads {switch} of {len(ids)} steps; leave at least one for the decoder.")
    if feeds is None and network.input_size != network.output_size:
        raise SpecError(
            f"The network reads {network.input_size} different tokens and answers {network.output_size}; "
            "it can only go on with its own outputs where both are the same."
        )
    if network.spec.bidirectional:
        raise SpecError(
            "A bidirectional network reads the text from its end too and cannot generate; use one direction."
        )
    known = range(network.output_size) if feeds is None else feeds
    return _generate(network, (ids[:switch], ids[switch:]), sampling or Sampling(), seed, known)


def _generate(
    network: Network, prompt: tuple[Array, Array], sampling: Sampling, seed: int, feeds: Sequence[int]
) -> Iterator[GeneratedStep]:
    generator = np.random.default_rng([seed, 4])
    state: State = {}
    encoded, ids = prompt
    if len(encoded):
        advance(network, network.encode(encoded), state)
    while True:
        logits = advance(network, network.encode(ids), state, decoder=network.spec.decoder)
        probabilities = sampling.distribution(logits)
        token = int(generator.choice(len(probabilities), p=probabilities))
        yield GeneratedStep(token, probabilities, {name: hidden for name, (hidden, _) in state.items()})
        if feeds[token] < 0:
            return
        ids = np.array([feeds[token]])
