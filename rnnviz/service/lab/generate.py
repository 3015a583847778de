"""Generation in slices (see :mod:`rnnviz.service.messages.generate` and :mod:`rnnviz.engine.generation`)."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.feedback import prompt_length
from rnnviz.engine.feeding import MAX_COUNT
from rnnviz.engine.generation import Sampling, generate
from rnnviz.engine.spec import check_range
from rnnviz.engine.tasks.typed import COLON
from rnnviz.engine.tokens import UNKNOWN_TOKEN
from rnnviz.service.lab.base import Experiment
from rnnviz.service.lab.slices import gathered
from rnnviz.service.messages import Generate, Generated

if TYPE_CHECKING:
    from collections.abc import Generator

    from rnnviz.engine.generation import GeneratedStep
    from rnnviz.engine.tasks.base import Task
    from rnnviz.service.lab.base import Laboratory

SHOWN = 5
UNREADABLE = "�"
CLOSING = frozenset(".,;:!?…")
"""Marks that stand right behind a word."""


def _answer(laboratory: Laboratory, command: Generate) -> Generator[None, None, Generated]:
    bench = laboratory.bench
    network, task, text, training_step = bench.network, bench.task, bench.text, bench.training_step
    check_range("The number of tokens", command.count, 1, MAX_COUNT)
    _check_task(task)
    typed, begin = bench.typed, prompt_length(bench.typed)
    sampling = Sampling(command.temperature, command.top_k)
    drawing = generate(network, typed.ids[:begin], sampling, seed=command.seed, feeds=task.feeds, switch=typed.switch)
    steps = yield from gathered(islice(drawing, command.count))
    shown = [_shown(each) for each in steps]
    names = task.output_labels
    tokens = [names[each.token] for each in steps]
    return Generated(
        text=text,
        tokens=tokens,
        pieces=_pieces(task, text, tokens) if begin == len(typed) else [],
        labels=[[names[token] for token in ids] for ids in shown],
        probabilities=_table([each.probabilities[ids] for each, ids in zip(steps, shown, strict=True)]),
        drawn=np.array([ids.index(each.token) for each, ids in zip(steps, shown, strict=True)]),
        temperature=command.temperature,
        top_k=command.top_k,
        seed=command.seed,
        training_step=training_step,
        ended=bool(steps) and steps[-1].token == task.end_class,
    )


def _check_task(task: Task) -> None:
    """Only what the task answers can be read again."""
    if task.kind != "classes":
        raise SpecError(f"{task.title} is about numbers, and there are no tokens to draw; choose a task of tokens.")
    if task.pattern == "acceptor":
        raise SpecError(
            f"{task.title} gives one answer at the end and no next token; choose a task like Next character."
        )
    if task.feeds is None:
        raise SpecError(
            f"{task.title} answers in other signs than it reads, so an answer cannot be read as the next input; "
            "choose a task like Next character."
        )


def _shown(step: GeneratedStep) -> list[int]:
    """The most probable tokens, and the drawn one if it is none of them."""
    best = np.argsort(-step.probabilities, kind="stable")[:SHOWN].tolist()
    return best if step.token in best else [*best, step.token]


def _table(rows: list[np.ndarray]) -> np.ndarray:
    """Rows of equal length; NaN where a row is shorter."""
    table = np.full((len(rows), max(map(len, rows))), np.nan)
    for index, row in enumerate(rows):
        table[index, : len(row)] = row
    return table


def _pieces(task: Task, text: str, tokens: list[str]) -> list[str]:
    """How each token is written behind the text: words after a space, single signs as they are.

    The end is not written; behind a label stands a colon. A translation is no continuation of its sentence.
    """
    if task.pattern == "encoder-decoder":
        return []
    signs = {UNKNOWN_TOKEN: UNREADABLE}
    if task.end_class is not None:
        signs[task.output_labels[task.end_class]] = ""
    written = [signs.get(token, token) for token in tokens]
    if task.pattern == "one-to-sequence":
        colon = "" if COLON in text else f"{COLON} "
        return [colon + written[0], *written[1:]]
    if len(task.encode("aa").tokens) > 1:
        return written
    spaced = [token if token in CLOSING else f" {token}" for token in written]
    if text[-1:].isspace():
        spaced[0] = written[0]
    return spaced


EXPERIMENTS: tuple[Experiment, ...] = (Experiment(topic="generate", command=Generate, answer=_answer),)
