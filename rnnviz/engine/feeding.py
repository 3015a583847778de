"""Whether and how a network reads its own outputs: teacher forcing, greedy or drawn, how many."""

from __future__ import annotations

import msgspec

from rnnviz.engine.spec import MAX_SEED, check_range

MAX_TEMPERATURE = 100.0
MAX_COUNT = 1000


class Feeding(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is read where a step reads the output before it.

    ``own`` False: the wanted output where the text gives one (teacher forcing, Williams & Zipser 1989), and the
    network's own where it gives none. True: always its own; a text without an end of its own (next-char) goes on for
    ``count`` tokens. Own outputs are drawn from ``softmax(logits / temperature)`` of the ``top_k`` most probable ones
    (0: all); temperature 0 always takes the most probable one (greedy).
    """

    own: bool = False
    temperature: float = 0.0
    top_k: int = 0
    seed: int = 0
    count: int = 20

    def __post_init__(self) -> None:
        check_range("The temperature", self.temperature, 0.0, MAX_TEMPERATURE)
        check_range("top-k", self.top_k, 0, 1_000_000)
        check_range("The seed", self.seed, 0, MAX_SEED)
        check_range("The number of tokens", self.count, 1, MAX_COUNT)
