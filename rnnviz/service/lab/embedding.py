"""The row that a token is (see :mod:`rnnviz.service.messages.embedding` and :mod:`rnnviz.engine.embedding`)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.cells import get_cell
from rnnviz.engine.embedding import nearest, token_table
from rnnviz.engine.errors import SpecError
from rnnviz.service.lab.base import Experiment
from rnnviz.service.messages import LookedUp, LookUp

if TYPE_CHECKING:
    from rnnviz.service.lab.base import Laboratory
    from rnnviz.service.workbench import Workbench

    Array = np.ndarray[Any, np.dtype[Any]]

WIDEST, LONGEST = 256, 1024
"""More columns or rows cannot be told apart beside the stage."""
OF_LARGEST = 0.8
"""Weights are coloured to 0.8 of the largest, as everywhere."""


def _answer(laboratory: Laboratory, command: LookUp) -> LookedUp:
    bench = laboratory.bench
    task, network = bench.task, bench.network
    if task.kind != "classes":
        raise SpecError(f"{task.title} reads numbers, which need no table; choose a task that reads tokens.")
    if command.token >= task.input_size:
        raise SpecError(f"The token is {command.token}; give an id from 0 to {task.input_size - 1}.")
    decoder = network.spec.decoder and command.time_step > bench.encoded.switch  # the copy at the cursor
    table, token = token_table(network, decoder=decoder), _token(bench, command)
    none = np.zeros(0, np.int64), np.zeros(0)
    ids, cosines = nearest(network, token, command.count, decoder=decoder) if token >= 0 else none
    cell = get_cell(network.spec.cell)
    single = network.spec.embedding or cell.gate_multiple == 1
    parts = [] if single else list(cell.gates[: cell.gate_multiple])
    return LookedUp(
        embedded=bool(network.spec.embedding),
        tokens=list(task.vocabulary.tokens),
        token=token,
        row=table[token] if token >= 0 else np.zeros(table.shape[1], table.dtype),
        table=_blocks(_blocks(table, LONGEST).T, WIDEST).T,
        limit=max(1e-6, OF_LARGEST * float(np.abs(table).max())),
        parts=parts,
        nearest=ids,
        cosines=cosines,
        training_step=bench.training_step,
    )


def _token(bench: Workbench, command: LookUp) -> int:
    """The chosen token, else that of the cursor; −1 for none."""
    if command.token >= 0:
        return command.token
    inside = 1 <= command.time_step <= bench.length
    return int(bench.encoded.ids[command.time_step - 1]) if inside else -1


def _blocks(values: Array, most: int) -> Array:
    """``values`` with at most ``most`` rows, each the mean of a block."""
    if len(values) <= most:
        return values
    starts = np.arange(most) * len(values) // most
    sizes = np.diff(np.append(starts, len(values)))
    means: Array = np.add.reduceat(values, starts, axis=0) / sizes[:, None].astype(values.dtype)
    return means


EXPERIMENTS: tuple[Experiment, ...] = (Experiment(topic="embedding", command=LookUp, answer=_answer),)
