"""The memory of the network on show, before and after its training (see :mod:`rnnviz.service.messages.probe`)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.probe import probe_slices
from rnnviz.engine.spec import check_range
from rnnviz.service.lab.base import Experiment
from rnnviz.service.messages import MemoryProbed, ProbeMemory
from rnnviz.service.workbench import fresh_network

if TYPE_CHECKING:
    from collections.abc import Generator

    from rnnviz.engine.network import Network
    from rnnviz.service.lab.base import Laboratory
    from rnnviz.service.workbench import Workbench

SEQUENCES = 128
MAX_DISTANCE = 200

_KEPT: WeakKeyDictionary[Workbench, tuple[Network, ProbeMemory, MemoryProbed]] = WeakKeyDictionary()
"""The last answer of each bench: another text does not change it."""


def _answer(laboratory: Laboratory, command: ProbeMemory) -> Generator[None, None, MemoryProbed]:
    bench = laboratory.bench
    network, run, task, step = bench.network, bench.run, bench.task, bench.training_step
    check_range("The number of steps back", command.furthest, 1, MAX_DISTANCE)
    kept = _KEPT.get(bench)
    if kept is not None and kept[0] is network and kept[1].furthest == command.furthest:
        return kept[2]
    if not task.input_size:
        raise SpecError(f"{task.title} reads numbers, not tokens; a probe reads out tokens, so choose another task.")
    distances = range(min(command.furthest, max(1, task.length - 1)) + 1)
    now = yield from probe_slices(network, task, distances, sequences=SEQUENCES)
    first = fresh_network(run, task)
    before = now
    if not _same_weights(first, network):
        before = yield from probe_slices(first, task, distances, sequences=SEQUENCES)
    reply = MemoryProbed(
        distances=now.distances,
        accuracy=now.accuracy,
        untrained=before.accuracy,
        chance=now.chance,
        sequences=now.fitted + now.judged,
        judged=now.judged,
        size=network.spec.hidden * network.directions,
        task=task.name,
        model=run.model,
        training_step=step,
    )
    _KEPT[bench] = network, command, reply
    return reply


def _same_weights(one: Network, other: Network) -> bool:
    """Whether nothing was learned yet."""
    return all(np.array_equal(array, other.weights[name]) for name, array in one.weights.items())


EXPERIMENTS: tuple[Experiment, ...] = (Experiment(topic="probe", command=ProbeMemory, answer=_answer),)
