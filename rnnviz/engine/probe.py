"""What a hidden state still knows: a linear probe that reads out the token k steps back.

The hidden state h_t is a summary of x_1..x_t of fixed size, so it has to lose something. A probe tells what: for each
distance k a linear map is fitted from h_t to the token x_{t−k}, and judged on sequences it has not seen (diagnostic
classifiers: Alain & Bengio 2016; Hupkes, Veldhoen & Zuidema 2018). A task with short sequences draws the same one again
and again, so every sequence is used once; where the task holds out a part of its text, the probe is judged on that: two
pieces of one text may share all but a word.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.trace import trace

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    from rnnviz.engine.network import Network
    from rnnviz.engine.tasks.base import Batch, Task

    Array = np.ndarray[Any, np.dtype[Any]]
    _Sequence = tuple[Array, int]
    _Sequences = list[_Sequence]
    _Key = tuple[int, bytes]

RIDGE = 1e-3
HELD_OUT = 0.5
MOST_DRAWS = 16
"""So many batches are drawn, at most, for sequences of which none is another's copy."""
STEPS_AT_ONCE = 64
"""Time steps traced without a pause."""
PRODUCTS_AT_ONCE = 2e7
"""Multiplications of a matrix product without a pause: some milliseconds."""


@dataclass(frozen=True, eq=False)
class ProbeResult:
    """Accuracy of the probes on held-out sequences.

    Attributes:
        distances: (K,) k, the steps back; 0 is the token just read.
        accuracy: (K,) share of held-out tokens read out correctly; NaN where the sequences are too short for k.
        chance: share of the most frequent token in the fitting half: what a probe that knows nothing reaches.
        tokens: (K,) how many held-out tokens each accuracy was measured on.
        fitted: how many sequences the probes were fitted to.
        judged: how many they were judged on, all different from those and from each other; 0 where the task has only
            one sequence.
    """

    distances: Array
    accuracy: Array
    chance: float
    tokens: Array
    fitted: int
    judged: int


def probe(
    network: Network, task: Task, distances: Sequence[int], *, sequences: int = 128, seed: int = 0, layer: str = ""
) -> ProbeResult:
    """Fit and judge one linear probe for each distance on ``sequences`` different ones of ``task``, or all it has.

    ``layer`` is the layer whose states are read (default: the uppermost, in both directions if it has two). Half of the
    sequences fit the probes by ridge regression on one-hot tokens, ``W = (XᵀX + λ n I)⁻¹ XᵀY`` with X the states and a
    constant 1, λ = 1e-3; the other half, none of which was fitted to, judges them. Where the task has fewer sequences
    (or they are too rare to be drawn), so do both halves. Raises SpecError for a distance below 0 or fewer than 2
    sequences.
    """
    slices = probe_slices(network, task, distances, sequences=sequences, seed=seed, layer=layer)
    while True:
        try:
            next(slices)
        except StopIteration as finished:
            found: ProbeResult = finished.value
            return found


def probe_slices(
    network: Network, task: Task, distances: Sequence[int], *, sequences: int = 128, seed: int = 0, layer: str = ""
) -> Generator[None, None, ProbeResult]:
    """:func:`probe` in slices of a few milliseconds: pauses (``yield``) in between."""
    if sequences < 2:
        raise SpecError(f"The number of sequences is {sequences}; give at least 2, one to fit and one to judge.")
    if task.kind == "numbers":
        raise SpecError(f"{task.title} reads numbers, not tokens; a probe reads out tokens, so choose another task.")
    if any(distance < 0 for distance in distances):
        raise SpecError(f"A distance is {min(distances)}; give steps back from 0 on.")
    to_fit, to_judge = yield from _halves(task, sequences, seed)
    fitting = yield from _runs(network, to_fit, layer)
    judging = yield from _runs(network, to_judge, layer)
    found = []
    for distance in distances:
        found.append((yield from _accuracy(fitting, judging, distance, len(task.vocabulary))))
        yield
    counts = np.bincount(np.concatenate([ids for _, ids in fitting]), minlength=1)
    return ProbeResult(
        np.asarray(distances, np.int64),
        np.array([accuracy for accuracy, _ in found]),
        float(counts.max() / counts.sum()),
        np.array([count for _, count in found], np.int64),
        len(fitting),
        len(judging),
    )


def _halves(task: Task, wanted: int, seed: int) -> Generator[None, None, tuple[_Sequences, _Sequences]]:
    """The sequences to fit to and those to judge on, ``wanted`` in all or what the task has, none twice."""
    rng = np.random.default_rng([seed, 2])
    written = task.written(rng, wanted, held_out=False)
    first = max(1, round(wanted * HELD_OUT))
    if written is None and not task.makes_data and task.validation_batch(rng, 1) is not None:
        fitting = yield from _different(partial(task.batch, rng), first, {})
        held_out = partial(task.validation_batch, rng)
        judging = yield from _different(held_out, wanted - first, dict(fitting))
        return list(fitting.values()), list(judging.values())
    if written is None:
        found = yield from _different(partial(task.batch, rng), wanted, {})
    else:  # as they stand in the data: a batch drops words by chance, and one sentence would come as two
        found = {(0, each.ids.tobytes()): (each.ids, 0) for each in written}
        yield
    together = list(found.values())
    first = max(1, round(len(together) * HELD_OUT))
    return together[:first], together[first:]


def _different(
    draw: Callable[[int], Batch | None], wanted: int, known: dict[_Key, _Sequence]
) -> Generator[None, None, dict[_Key, _Sequence]]:
    """Ids and switch of ``wanted`` sequences in the order of their draw, none twice and none of those ``known``."""
    found: dict[_Key, _Sequence] = {}
    for _ in range(MOST_DRAWS):
        drawn = draw(wanted)
        assert drawn is not None
        for row in range(len(drawn)):
            ids = drawn.ids[row, : drawn.row_length(row)]
            key = (drawn.switch, ids.tobytes())
            if key not in known and len(found) < wanted:
                found.setdefault(key, (ids, drawn.switch))
        yield
        if len(found) >= wanted:
            break
    return found


def _runs(network: Network, sequences: _Sequences, layer: str) -> Generator[None, None, list[tuple[Array, Array]]]:
    """States (T, H + 1) and ids (T,) of every sequence."""
    runs, traced = [], 0
    for ids, switch in sequences:
        runs.append((_states(network, ids, layer, switch), ids))
        traced += len(ids)
        if traced >= STEPS_AT_ONCE:
            traced = 0
            yield
    return runs


def _states(network: Network, ids: Array, layer: str, switch: int) -> Array:
    """The hidden states (T, H) of one sequence, an encoder's and then a decoder's; the last column is a constant 1."""
    nothing = np.full(len(ids), -1)
    encoded = EncodedSequence(tuple(map(str, ids)), ids, nothing, np.ones(len(ids), np.bool_), switch=switch)
    run = trace(network, encoded)
    names = (layer,) if layer else network.layer_names[-network.directions :]
    return np.concatenate([*(run.layer(name).hidden for name in names), np.ones((len(ids), 1))], axis=1)


def _pairs(runs: list[tuple[Array, Array]], distance: int) -> tuple[Array, Array]:
    """States and the tokens ``distance`` steps before them, over all sequences that are long enough."""
    if not runs:
        return np.zeros((0, 0)), np.zeros(0, np.int64)
    states = [hidden[distance:] for hidden, _ in runs]
    tokens = [ids[: max(0, len(ids) - distance)] for _, ids in runs]
    return np.concatenate(states), np.concatenate(tokens)


def _accuracy(
    fitting: list[tuple[Array, Array]], judging: list[tuple[Array, Array]], distance: int, classes: int
) -> Generator[None, None, tuple[float, int]]:
    states, tokens = _pairs(fitting, distance)
    unseen, wanted = _pairs(judging, distance)
    if not len(states) or not len(unseen):
        return float("nan"), 0
    width = states.shape[1]
    gram, seen = RIDGE * len(states) * np.eye(width) / width, np.zeros((width, classes))
    stride = max(1, int(PRODUCTS_AT_ONCE / (width * (width + classes))))
    for first in range(0, len(states), stride):
        some = states[first : first + stride].astype(np.float64)
        targets = np.zeros((len(some), classes))
        targets[np.arange(len(some)), tokens[first : first + stride]] = 1
        gram += some.T @ some
        seen += some.T @ targets
        yield
    weights = np.linalg.solve(gram, seen)
    return float(((unseen @ weights).argmax(axis=1) == wanted).mean()), len(wanted)
