"""The metric of a network on sequences it was not trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.trace import trace

if TYPE_CHECKING:
    from rnnviz.engine.network import Network
    from rnnviz.engine.tasks.base import Batch, Floats, Task

LENGTHS_DRAWN = 20
"""Batches that a score is made of where all sequences of a batch have the same source length."""


def held_out_batch(task: Task, rng: np.random.Generator, size: int) -> Batch | None:
    """Sequences of the held-out part, fresh ones where the task makes its data, None where nothing is held out."""
    return task.batch(rng, size) if task.makes_data else task.validation_batch(rng, size)


def held_out_score(network: Network, task: Task, rng: np.random.Generator, size: int = 100) -> float | None:
    """The task's metric of ``network`` on ``size`` held-out sequences; None where nothing is held out."""
    # An encoder-decoder's sequences of one batch have one source length: many small batches, so that all lengths count.
    parts = min(size, LENGTHS_DRAWN) if task.pattern == "encoder-decoder" else 1
    batches = [held_out_batch(task, rng, -(-size // parts)) for _ in range(parts)]
    scores = [task.score(batch_probabilities(network, batch), batch) for batch in batches if batch is not None]
    return float(np.mean(scores)) if scores else None


def batch_probabilities(network: Network, batch: Batch) -> Floats:
    """The answers ``(B, T, classes)`` of a network to a batch (numbers: its outputs); zero where a row is padded."""
    answers = np.zeros((*batch.ids.shape, network.output_size), dtype=network.dtype)
    for row in range(len(batch)):
        steps = batch.row_length(row)
        marks = np.ones(steps, dtype=np.bool_)
        values = None if batch.inputs is None else batch.inputs[row, :steps].astype(np.float64)
        sequence = EncodedSequence(
            ("",) * steps,
            batch.ids[row, :steps],
            batch.targets[row, :steps],
            marks,
            values=values,
            switch=batch.switch,
        )
        run = trace(network, sequence)
        answers[row, :steps] = run.probabilities if batch.wanted is None else run.logits
    return answers
