"""The network on show on ever longer sequences (see :mod:`rnnviz.service.messages.lengths`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import msgspec
import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.generalisation import FACTOR, blind_guess
from rnnviz.engine.spec import MAX_LENGTH, check_range
from rnnviz.engine.tasks import make_task
from rnnviz.engine.tasks.held_out import batch_probabilities
from rnnviz.service.lab.base import Experiment
from rnnviz.service.messages import LengthsMeasured, MeasureLengths

if TYPE_CHECKING:
    from collections.abc import Generator

    from rnnviz.engine.network import Network
    from rnnviz.engine.tasks.base import Task
    from rnnviz.service.lab.base import Laboratory
    from rnnviz.service.workbench import Workbench

    Array = np.ndarray[Any, np.dtype[Any]]
    Measured = tuple[Array, Array, Array, Array, int]

STEPS_AT_ONCE = 240
"""Time steps of a slice, at most: a few milliseconds."""
MAX_STEPS = 300_000
"""Of all sequences together; where they are long, there are fewer of them."""
MAX_SEQUENCES = 10_000
CHOOSE = "Choose parity or aⁿbⁿ, whose sequences can have any length."
SHORTER = "Choose a shorter training length."

_KEPT: WeakKeyDictionary[Workbench, tuple[Network, MeasureLengths, LengthsMeasured]] = WeakKeyDictionary()
"""The last answer of each bench: another text does not change it."""


def _answer(laboratory: Laboratory, command: MeasureLengths) -> Generator[None, None, LengthsMeasured]:
    bench = laboratory.bench
    network, run, task, step = bench.network, bench.run, bench.task, bench.training_step
    check_range("The number of sequences", command.sequences, 1, MAX_SEQUENCES)
    kept = _KEPT.get(bench)
    if kept is not None and kept[0] is network and kept[1].sequences == command.sequences:
        return kept[2]
    lengths, accuracy, chance, counts, trained_to = yield from _measured(network, task, command.sequences)
    reply = LengthsMeasured(
        lengths=lengths,
        accuracy=accuracy,
        counts=counts,
        chance=chance,
        trained_to=trained_to,
        task=task.name,
        model=run.model,
        training_step=step,
    )
    _KEPT[bench] = network, command, reply
    return reply


def _measured(network: Network, task: Task, sequences: int) -> Generator[None, None, Measured]:
    """Lengths, shares, those of a blind guess, numbers, longest length of training.

    Tasks of N, 2 N, 3 N and 4 N steps draw a few in turn.
    """
    tasks = _of_every_length(network, task)
    sequences = max(2 * FACTOR, min(sequences, MAX_STEPS // (FACTOR * task.length)))
    few = max(1, STEPS_AT_ONCE // (FACTOR * task.length))
    rng, guessing = np.random.default_rng([0, 3]), np.random.default_rng([0, 9])
    found: list[Array] = []
    rights: list[Array] = []
    guesses: list[Array] = []
    for turn in range(max(FACTOR, -(-sequences // few))):
        drawn = tasks[turn % FACTOR].batch(rng, few)
        found.append(np.array([drawn.row_length(row) for row in range(few)]))
        rights.append(task.right(batch_probabilities(network, drawn), drawn))
        guesses.append(blind_guess(tasks[turn % FACTOR], drawn, guessing))
        if turn == 3 * FACTOR:
            _check_longer(found, task)
        yield
    _check_longer(found, task)
    lengths, back, counts = np.unique(np.concatenate(found), return_inverse=True, return_counts=True)
    trained_to = max(int(each.max()) for each in found[::FACTOR])
    shares, chance = (np.bincount(back, weights=np.concatenate(each)) / counts for each in (rights, guesses))
    return lengths, shares, chance, counts, trained_to


def _of_every_length(network: Network, task: Task) -> list[Task]:
    """The task with sequences of up to N, 2 N, 3 N and 4 N steps; or why it has no longer ones."""
    if not task.makes_data:
        raise SpecError(f"{task.title!r} learns from a given text, which has no longer sequences to test on. {CHOOSE}")
    longest = FACTOR * task.length
    if longest > MAX_LENGTH:
        raise SpecError(f"Four times {task.length} steps are {longest}; a task takes at most {MAX_LENGTH}. {SHORTER}")
    spec = task.spec
    tasks = [make_task(msgspec.structs.replace(spec, length=k * task.length)) for k in range(1, FACTOR + 1)]
    if any((one.input_size, one.output_size) != (network.input_size, network.output_size) for one in tasks):
        raise SpecError(f"The task {task.title!r} has other inputs when it is longer. {CHOOSE}")
    return tasks


def _check_longer(found: list[Array], task: Task) -> None:
    """Refuse a task whose sequences do not get longer when they may."""
    if max(int(lengths.max()) for lengths in found) <= task.length:
        raise SpecError(f"The sequences of {task.title!r} do not get longer than {task.length}. {CHOOSE}")


EXPERIMENTS: tuple[Experiment, ...] = (Experiment(topic="lengths", command=MeasureLengths, answer=_answer),)
