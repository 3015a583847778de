"""Our training step, with exact gradient norms per time step, against the bare loop around torch's own layers.

Both sides draw the same kind of batch, clip, and use Adam; the bare side is what one writes by hand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.bench.measure import Options, Result, interleave
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks import make_task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rnnviz.engine.tasks.base import Task

BATCH, LENGTH, HIDDEN = 32, 50, 64
TARGETS = {"elman": 0.8, "gru": 0.8, "lstm": 1.5}
STEPS = 3
"""Optimiser steps in one timed call."""


def run(options: Options) -> Iterator[Result]:
    """One comparison and one control a cell, on the CPU with one thread."""
    task = make_task(TaskSpec(length=LENGTH))
    for cell, target in TARGETS.items():
        measured = interleave(_ours(task, cell, options.seed), _bare(task, cell, options.seed), rounds=36, warm_up=4)
        yield from measured.results(f"training-{cell}", target, f"{STEPS} steps, B={BATCH} T={LENGTH} H={HIDDEN}")


def _ours(task: Task, cell: str, seed: int) -> Callable[[], object]:
    from rnnviz.engine.training import Trainer  # torch, which the other benchmarks do not need

    network = initialise(ModelSpec(cell=cell, hidden=HIDDEN), task.input_size, task.output_size, seed)
    trainer = Trainer(network, task, TrainingSpec(batch_size=BATCH, seed=seed))

    def steps() -> None:
        for _ in range(STEPS):
            trainer.step()

    return steps


def _bare(task: Task, cell: str, seed: int) -> Callable[[], object]:
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    kinds = {"elman": torch.nn.RNN, "gru": torch.nn.GRU, "lstm": torch.nn.LSTM}
    layer = kinds[cell](task.input_size, HIDDEN)
    readout = torch.nn.Linear(HIDDEN, task.output_size)
    parameters = [*layer.parameters(), *readout.parameters()]
    optimiser = torch.optim.Adam(parameters, lr=0.01)
    generator = np.random.default_rng(seed)
    one_hot = torch.eye(task.input_size)

    def step() -> float:
        batch = task.batch(generator, BATCH)
        inputs = one_hot[torch.from_numpy(np.ascontiguousarray(batch.ids.T))]
        targets = torch.from_numpy(np.ascontiguousarray(batch.targets.T))
        optimiser.zero_grad()
        logits = readout(layer(inputs)[0])
        loss = torch.nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=-1)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimiser.step()
        return float(loss.item())

    return lambda: [step() for _ in range(STEPS)]
