"""The network on show on ever longer sequences (see :mod:`rnnviz.service.messages.lengths`)."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import msgspec
import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.generalisation import FACTOR, length_curve
from rnnviz.engine.spec import check_range
from rnnviz.engine.tasks import make_task
from rnnviz.service.lab.base import Experiment
from rnnviz.service.messages import LengthsMeasured, MeasureLengths

if TYPE_CHECKING:
    from collections.abc import Generator

    from rnnviz.engine.generalisation import LengthCurve
    from rnnviz.engine.network import Network
    from rnnviz.engine.tasks.base import Task
    from rnnviz.service.lab.base import Laboratory
    from rnnviz.service.workbench import Workbench

STEPS_AT_ONCE = 240
"""Time steps of a slice, at most: a few milliseconds."""
MAX_STEPS = 300_000
"""Of all sequences together; where they are long, there are fewer of them."""
MAX_SEQUENCES = 10_000

_KEPT: WeakKeyDictionary[Workbench, tuple[Network, MeasureLengths, LengthsMeasured]] = WeakKeyDictionary()
"""The last answer of each bench: another text does not change it."""


def _answer(laboratory: Laboratory, command: MeasureLengths) -> Generator[None, None, LengthsMeasured]:
    bench = laboratory.bench
    network, run, task, step = bench.network, bench.run, bench.task, bench.training_step
    check_range("The number of sequences", command.sequences, 1, MAX_SEQUENCES)
    kept = _KEPT.get(bench)
    if kept is not None and kept[0] is network and kept[1].sequences == command.sequences:
        return kept[2]
    lengths, accuracy, counts = yield from _measured(network, task, command.sequences)
    reply = LengthsMeasured(
        lengths=lengths,
        accuracy=accuracy,
        counts=counts,
        trained_to=task.length,
        task=task.name,
        model=run.model,
        training_step=step,
    )
    _KEPT[bench] = network, command, reply
    return reply


def _measured(network: Network, task: Task, sequences: int) -> Generator[None, None, tuple[np.ndarray, ...]]:
    """Lengths, shares and numbers: a few sequences at a time, up to N, 2 N, 3 N and 4 N in turn."""
    tasks = _of_every_length(task)
    sequences = max(2 * FACTOR, min(sequences, MAX_STEPS // (FACTOR * task.length)))
    few = max(1, STEPS_AT_ONCE // (FACTOR * task.length))
    curves: list[LengthCurve] = []
    for seed in range(max(FACTOR, sequences // few)):
        curves.append(length_curve(network, tasks[seed % len(tasks)], sequences=few, seed=seed))
        if seed == 3 * len(tasks):
            _check_longer(curves, task)
        yield
    _check_longer(curves, task)
    lengths, back = np.unique(np.concatenate([curve.lengths for curve in curves]), return_inverse=True)
    counts = np.concatenate([curve.counts for curve in curves])
    right = np.concatenate([curve.accuracy for curve in curves]) * counts
    total = np.bincount(back, weights=counts)
    return lengths, np.bincount(back, weights=right) / total, total.astype(np.int64)


def _of_every_length(task: Task) -> list[Task]:
    """The task as :func:`length_curve` wants it to draw up to N, 2 N, 3 N and 4 N; or why it draws no longer ones."""
    if task.kind != "classes":
        raise SpecError(f"{task.title} answers with numbers, which are near or far but not right or wrong.")
    if not task.makes_data:
        raise SpecError(f"{task.title} learns from a given text, which has no longer sequences to test on. {CHOOSE}")
    found = []
    for times in range(1, FACTOR + 1):
        spec = msgspec.structs.replace(task.spec, length=max(1, round(times * task.length / FACTOR)))
        try:
            found.append(make_task(spec))
        except SpecError:
            continue  # too short for this task: only the longer ones are drawn
    return found


def _check_longer(curves: list[LengthCurve], task: Task) -> None:
    """Refuse a task whose sequences do not get longer when they may."""
    if max(int(curve.lengths.max()) for curve in curves) <= task.length:
        raise SpecError(f"The sequences of {task.title} do not get longer than {task.length}. {CHOOSE}")


CHOOSE = "Choose parity or aⁿbⁿ, whose sequences can have any length."
EXPERIMENTS: tuple[Experiment, ...] = (Experiment(topic="lengths", command=MeasureLengths, answer=_answer),)
