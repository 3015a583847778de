"""The confusion table of the network on show (see :mod:`rnnviz.service.messages.confusion`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from rnnviz.engine.confusion import Confusion, check_has_labels, confusion_slices, held_out_samples, training_samples
from rnnviz.engine.errors import SpecError
from rnnviz.service.lab.base import Experiment
from rnnviz.service.messages import ConfusionCounted, ConfusionCounts, ConfusionExample, CountConfusion

if TYPE_CHECKING:
    from collections.abc import Generator

    from rnnviz.engine.network import Network
    from rnnviz.engine.tasks.base import Sample, Task
    from rnnviz.service.lab.base import Laboratory
    from rnnviz.service.workbench import Workbench

    Array = np.ndarray[Any, np.dtype[Any]]

WHOLE = 20
"""So many labels are shown as a table."""
PAIRS = 30
EXAMPLES = 6
MOST_SEQUENCES, LEAST_SEQUENCES, MOST_STEPS = 400, 20, 5000
"""How many sequences of each kind are counted: fewer of long ones, so that an answer takes some 0.1 s."""


@dataclass
class _Kept:
    """The sequences of a task, and the answers of the network seen last: a click on a cell counts nothing anew."""

    task: Task
    seed: int
    training: list[Sample]
    held_out: list[Sample] | None
    network: Network | None = None
    counts: tuple[Confusion, Confusion | None] | None = None


_KEPT: WeakKeyDictionary[Workbench, _Kept] = WeakKeyDictionary()


def _answer(laboratory: Laboratory, command: CountConfusion) -> Generator[None, None, ConfusionCounted]:
    bench = laboratory.bench
    network, task, run, step = bench.network, bench.task, bench.run, bench.training_step
    check_has_labels(task)
    if max(command.wanted, command.answered) >= task.output_size:
        raise SpecError(f"The chosen cell has no label; give classes from 0 to {task.output_size - 1}.")
    kept = _KEPT.get(bench)
    if kept is None or kept.task is not task or kept.seed != run.training.seed:
        kept = yield from _drawn(task, run.training.seed, run.training.batch_size)
        _KEPT[bench] = kept
    if kept.network is not network or kept.counts is None:
        learned = yield from confusion_slices(network, task, kept.training)
        others = None
        if kept.held_out is not None:
            others = yield from confusion_slices(network, task, kept.held_out)
        kept.network, kept.counts = network, (learned, others)
    training, held_out = kept.counts
    pairs = (held_out if held_out is not None else training).confused(PAIRS)
    return ConfusionCounted(
        labels=list(task.output_labels),
        wanted=pairs[:, 0],
        answered=pairs[:, 1],
        held_out=None if held_out is None else _counts(held_out, pairs, len(kept.held_out or ())),
        training=_counts(training, pairs, len(kept.training)),
        fresh=task.makes_data,
        cell=(command.wanted, command.answered),
        cell_training=command.training,
        examples=_examples(task, kept, command),
        task=task.name,
        model=run.model,
        training_step=step,
    )


def _drawn(task: Task, seed: int, batch_size: int) -> Generator[None, None, _Kept]:
    """The sequences that are counted, the same for every network of the task."""
    training = training_samples(task, MOST_SEQUENCES, seed, batch_size)
    yield
    held_out = held_out_samples(task, MOST_SEQUENCES)
    yield
    return _Kept(task, seed, _affordable(training), None if held_out is None else _affordable(held_out))


def _affordable(samples: list[Sample]) -> list[Sample]:
    """The first ones, as many as have ``MOST_STEPS`` time steps together."""
    steps = np.cumsum([len(sample.ids) for sample in samples])
    return samples[: max(LEAST_SEQUENCES, int(np.searchsorted(steps, MOST_STEPS, side="right")))]


def _counts(found: Confusion, pairs: Array, sequences: int) -> ConfusionCounts:
    totals = found.totals()
    return ConfusionCounts(
        sequences=sequences,
        answers=len(found),
        right=found.right,
        most=int(totals.max()),
        table=found.table() if found.classes <= WHOLE else np.zeros((0, 0), np.int64),
        pairs=found.counts_of(pairs),
        pair_totals=totals[pairs[:, 0]],
    )


def _examples(task: Task, kept: _Kept, command: CountConfusion) -> list[ConfusionExample]:
    """Some sequences of the chosen cell."""
    assert kept.counts is not None
    learned, others = kept.counts
    found, samples = (learned, kept.training) if command.training or others is None else (others, kept.held_out or [])
    if command.wanted < 0 or command.answered < 0:
        return []
    shown = []
    for row, time_step in found.where(command.wanted, command.answered, EXAMPLES):
        text = samples[row].text
        shown.append(ConfusionExample(text=text, tokens=list(task.encode(text).tokens), time_step=time_step))
    return shown


EXPERIMENTS: tuple[Experiment, ...] = (Experiment(topic="confusion", command=CountConfusion, answer=_answer),)
