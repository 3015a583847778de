"""Outputs fed back as inputs: the sequence that a network goes on to write.

Where a text gives the wanted outputs they are read (teacher forcing); otherwise the network reads its own. The result
is a sequence like any other, so that its trace and its gradients are those of the chain that really ran: the choice of
a token is not differentiated, its loss is.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.generation import Sampling, generate
from rnnviz.engine.sequence import NO_TARGET

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rnnviz.engine.feeding import Feeding
    from rnnviz.engine.network import Network
    from rnnviz.engine.sequence import EncodedSequence
    from rnnviz.engine.tasks.base import Task

LONGEST = 60
"""Own outputs end here where the network does not end them itself."""


def feeds_itself(task: Task, encoded: EncodedSequence, feeding: Feeding) -> bool:
    """Whether the steps of ``encoded`` go on with the network's own outputs."""
    return task.feeds is not None and len(encoded) > 0 and (feeding.own or encoded.open)


def prompt_length(encoded: EncodedSequence) -> int:
    """How many tokens are read before the network goes on: those before the first fed one, or all.

    What a label or a sentence to translate has behind it is what was wanted; the network writes its own there.
    """
    return int(encoded.fed.argmax()) if encoded.fed is not None and encoded.fed.any() else len(encoded)


def feed_back(network: Network, task: Task, encoded: EncodedSequence, feeding: Feeding) -> EncodedSequence:
    """The sequence that ``network`` reads: ``encoded`` as it is, or from its first fed step on its own outputs.

    ``x_{t+1} = feeds[o_t]`` with o_t drawn from the softmax of ``logits_t``; the steps of the text keep their targets,
    later ones have none. Ends with the output ``task.end_class``, or after so many as ``feeding`` says.
    """
    if not feeds_itself(task, encoded, feeding):
        return encoded
    begin = prompt_length(encoded)
    limit = feeding.count if task.end_class is None else LONGEST
    sampling = Sampling(feeding.temperature, feeding.top_k)
    drawing = generate(
        network, encoded.ids[:begin], sampling, seed=feeding.seed, feeds=task.feeds, switch=encoded.switch
    )
    drawn = [step.token for step in islice(drawing, limit)]
    if drawn and drawn[-1] == task.end_class:
        drawn.pop()
    return _continued(task, encoded, begin, drawn)


def _continued(task: Task, encoded: EncodedSequence, begin: int, drawn: list[int]) -> EncodedSequence:
    assert task.feeds is not None
    ids = [task.feeds[token] for token in drawn]
    length = begin + len(drawn)
    targets = np.full(length, NO_TARGET)
    kept = min(length, len(encoded))
    targets[:kept] = encoded.targets[:kept]
    return replace(
        encoded,
        tokens=(*encoded.tokens[:begin], *(task.output_labels[token] for token in drawn)),
        ids=np.concatenate((encoded.ids[:begin], np.array(ids, np.int64))),
        targets=targets,
        known=np.concatenate((encoded.known[:begin], np.ones(len(drawn), np.bool_))),
        fed=np.arange(length) >= begin,
        open=False,
    )


def answered(pattern: str, length: int, switch: int) -> NDArray[np.bool_]:
    """(length,) bool: the steps whose output exists: an acceptor's last one, a decoder's own, otherwise all."""
    rows = np.arange(length)
    if pattern == "acceptor":
        return np.asarray(rows == length - 1, np.bool_)
    return np.asarray(rows >= switch, np.bool_)
