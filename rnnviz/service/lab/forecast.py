"""Forecasts in slices (see :mod:`rnnviz.service.messages.forecast` and :mod:`rnnviz.engine.free_run`)."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.forecast_errors import judge_forecasts, steps_within
from rnnviz.engine.free_run import run_on
from rnnviz.engine.spec import check_range
from rnnviz.engine.tasks.numbers import NumberTask, number_sequence
from rnnviz.engine.tasks.series import Series
from rnnviz.engine.tasks.series_kinds import series_kind
from rnnviz.engine.trace import trace
from rnnviz.service.forecast import runs_ahead, truth_after
from rnnviz.service.lab.base import Experiment
from rnnviz.service.lab.slices import gathered
from rnnviz.service.messages import (
    DrawExample,
    ExampleDrawn,
    Forecast,
    Forecasted,
    ForecastMeasured,
    MeasureForecast,
)
from rnnviz.service.messages.forecast import FEWEST_STEPS, LEAST_TOLERANCE, MOST_STEPS, MOST_TOLERANCE

if TYPE_CHECKING:
    from collections.abc import Generator

    from rnnviz.engine.network import Network
    from rnnviz.engine.tasks.base import Task
    from rnnviz.engine.trace import Trace
    from rnnviz.service.lab.base import Laboratory

    Array = np.ndarray[Any, np.dtype[Any]]

MAX_TRIALS = 50


@dataclass(frozen=True, eq=False)
class _Trials:
    """Forecasts of held-out sequences of the task, steps and number ``asked`` for: their errors (N, F), in units."""

    asked: tuple[Series, int, int]
    read: int
    errors: Array
    repeated: Array


_TRIALS: WeakKeyDictionary[Network, _Trials] = WeakKeyDictionary()


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
    _check(command)
    task, text, typed, unrolled, step = bench.task, bench.text, bench.encoded, bench.trace, bench.training_step
    series = _series(task, bench.network)
    if not runs_ahead(task, unrolled):
        raise SpecError("There are no numbers to go on from; type some.")
    found = series.in_units((yield from _ahead(unrolled, command.steps)))
    assert typed.values is not None
    before = np.concatenate(([np.nan], series.in_units(unrolled.logits[:-1, 0])))
    truth = truth_after(series, typed, command.steps)[:, 0]
    known, limit = int(np.isfinite(truth).sum()), command.tolerance * series.spread
    return Forecasted(
        text=text,
        history=series.in_units(typed.values[:, 0]),
        predicted=before,
        forecast=found,
        truth=truth,
        known=known,
        within=steps_within(found[:known] - truth[:known], limit),
        tolerance=command.tolerance,
        limit=limit,
        training_step=step,
    )


def _check(command: Forecast | MeasureForecast) -> None:
    check_range("The number of steps", command.steps, FEWEST_STEPS, MOST_STEPS)
    check_range("The tolerance", command.tolerance, LEAST_TOLERANCE, MOST_TOLERANCE)


def _ahead(unrolled: Trace, steps: int) -> Generator[None, None, Array]:
    """The outputs (steps,) after a trace, in slices."""
    outputs = yield from gathered(islice(run_on(unrolled), steps))
    return np.array([float(output[0]) for output in outputs])


def _measure(laboratory: Laboratory, command: MeasureForecast) -> Generator[None, None, ForecastMeasured]:
    bench = laboratory.bench
    _check(command)
    check_range("The number of trials", command.trials, 1, MAX_TRIALS)
    network, run, training_step = bench.network, bench.run, bench.training_step
    task = _series(bench.task, network)
    trials = yield from _trials(network, task, command)
    limit = command.tolerance * task.spread
    judged = judge_forecasts(trials.errors, trials.repeated, spread=task.spread, tolerance=limit)
    return ForecastMeasured(
        error=judged.error,
        repeated=judged.repeated,
        within=judged.within,
        half_within=judged.half_within,
        worthless=judged.worthless,
        trials=len(trials.errors),
        read=trials.read,
        spread=task.spread,
        tolerance=command.tolerance,
        limit=limit,
        task=task.name,
        series=series_kind(run.task.text),
        source=run.task.source,
        model=run.model,
        training_step=training_step,
    )


def _trials(network: Network, task: Series, command: MeasureForecast) -> Generator[None, None, _Trials]:
    """The forecasts of held-out sequences; another tolerance judges the same ones anew."""
    kept, asked = _TRIALS.get(network), (task, command.steps, command.trials)
    if kept is not None and kept.asked == asked:
        return kept
    drawn = task.trials(np.random.default_rng([0, 15]), command.trials, command.steps)
    length = drawn.shape[1]
    read = min(task.length, max(length // 2, length - command.steps))  # half of what is held out where that is short
    errors = []
    for row in drawn:
        none = np.full((read, 1), np.nan)
        encoded = number_sequence([""] * read, row[:read, None], none, np.ones(read, np.bool_), ())
        found = yield from _ahead(trace(network, encoded), len(row) - read)
        errors.append(found - row[read:])
        yield
    repeated = drawn[:, read - 1 : read] - drawn[:, read:]
    made = _Trials(asked, read, np.array(errors) * task.scale, repeated * task.scale)
    _TRIALS[network] = made
    return made


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
