"""Forecasts in slices (see :mod:`rnnviz.service.messages.forecast` and :mod:`rnnviz.engine.free_run`)."""

from __future__ import annotations

from itertools import islice
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.free_run import run_on
from rnnviz.engine.spec import check_range
from rnnviz.engine.tasks.numbers import NumberTask, number_sequence
from rnnviz.engine.tasks.series import Series
from rnnviz.engine.trace import trace
from rnnviz.service.forecast import MOST, runs_ahead, truth_after
from rnnviz.service.lab.base import Experiment
from rnnviz.service.messages import (
    DrawExample,
    ExampleDrawn,
    Forecast,
    Forecasted,
    ForecastMeasured,
    MeasureForecast,
)

if TYPE_CHECKING:
    from collections.abc import Generator

    from rnnviz.engine.network import Network
    from rnnviz.engine.tasks.base import Task
    from rnnviz.engine.trace import Trace
    from rnnviz.service.lab.base import Laboratory

    Array = np.ndarray[Any, np.dtype[Any]]
    Slices = Generator[None, None, Array]

SLICE_S = 0.004
FEWEST = 10
MAX_TRIALS = 50


def _series(task: Task, network: Network) -> Series:
    """The task, if its outputs can be read as its inputs; else SpecError says why not."""
    if isinstance(task, NumberTask) and not isinstance(task, Series):
        raise SpecError(
            f"The answers of {task.title} are not its next inputs, so it cannot read them and run ahead; "
            "choose Time series."
        )
    if not isinstance(task, Series):
        raise SpecError(f"{task.title} is about tokens; the page Generate goes on with them. Choose Time series.")
    if network.spec.bidirectional:
        raise SpecError("A bidirectional network reads the end first and cannot run ahead; use one direction.")
    return task


def _forecast(laboratory: Laboratory, command: Forecast) -> Generator[None, None, Forecasted]:
    bench = laboratory.bench
    check_range("The number of steps", command.steps, FEWEST, MOST)
    task, text, typed, unrolled, step = bench.task, bench.text, bench.encoded, bench.trace, bench.training_step
    series = _series(task, bench.network)
    if not runs_ahead(task, unrolled):
        raise SpecError("There are no numbers to go on from; type some.")
    found = yield from _ahead(unrolled, command.steps)
    assert typed.values is not None
    before = np.concatenate(([np.nan], series.in_units(unrolled.logits[:-1, 0])))
    return Forecasted(
        text=text,
        history=series.in_units(typed.values[:, 0]),
        predicted=before,
        forecast=series.in_units(found),
        truth=truth_after(series, typed, command.steps)[:, 0],
        spread=series.spread,
        training_step=step,
    )


def _ahead(unrolled: Trace, steps: int) -> Slices:
    """The outputs (steps,) after a trace, in slices; what has become too large to count with is infinite."""
    found: list[float] = []
    running = run_on(unrolled)
    began = perf_counter()
    with np.errstate(over="ignore", invalid="ignore"):
        for output in islice(running, steps):
            found.append(float(output[0]))
            if perf_counter() - began > SLICE_S:
                yield
                began = perf_counter()
    return np.array(found)


def _measure(laboratory: Laboratory, command: MeasureForecast) -> Generator[None, None, ForecastMeasured]:
    bench = laboratory.bench
    check_range("The number of steps", command.steps, FEWEST, MOST)
    check_range("The number of trials", command.trials, 1, MAX_TRIALS)
    network, run, training_step = bench.network, bench.run, bench.training_step
    task = _series(bench.task, network)
    drawn = task.trials(np.random.default_rng([0, 15]), command.trials, command.steps)
    read = min(task.length, drawn.shape[1] // 2)
    errors = []
    for row in drawn:
        known = np.ones(read, np.bool_)
        none = np.full((read, 1), np.nan)
        encoded = number_sequence([""] * read, row[:read, None], none, known, ())
        found = yield from _ahead(trace(network, encoded), len(row) - read)
        errors.append(found - row[read:])
        yield
    repeated = drawn[:, read - 1 : read] - drawn[:, read:]
    return ForecastMeasured(
        errors=np.array(errors) * task.scale,
        repeated=repeated * task.scale,
        read=read,
        spread=task.spread,
        task=task.name,
        model=run.model,
        training_step=training_step,
    )


def _draw(laboratory: Laboratory, command: DrawExample) -> ExampleDrawn:
    task = laboratory.bench.task
    if not isinstance(task, NumberTask):
        raise SpecError(f"{task.title} has one example; fresh ones are drawn for tasks on numbers.")
    return ExampleDrawn(text=task.another_example(command.seed), seed=command.seed)


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(topic="forecast", command=Forecast, answer=_forecast),
    Experiment(topic="forecast-errors", command=MeasureForecast, answer=_measure),
    Experiment(topic="example", command=DrawExample, answer=_draw),
)
