"""A series predicted ahead: free running after the typed numbers, and how its error grows with the horizon."""

from __future__ import annotations

import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.engine.spec import ModelSpec  # noqa: TC001  as above
from rnnviz.service.messages.base import Command, Reply

FEWEST_STEPS, MOST_STEPS = 10, 500
LEAST_TOLERANCE, MOST_TOLERANCE = 0.01, 10.0


class Forecast(Command, frozen=True, kw_only=True):
    """Go on with the typed numbers for ``steps`` steps, every output read as the next input (slot).

    ``tolerance``: how near to the truth counts as right, in standard deviations of the series.
    """

    steps: int = 100
    tolerance: float = 0.4


class Forecasted(Reply, frozen=True, kw_only=True):
    """Answer to Forecast, in the units of what is typed.

    ``history`` (T,) was read; ``predicted`` (T,), NaN first: what was predicted of it one step before; ``forecast``
    (F,) comes after it, ``truth`` (F,) is what really follows, NaN beyond what the task knows, (0,) where it knows
    nothing. ``known``: how many steps of it are known; over ``within`` of them the forecast stays within ``limit`` of
    it, the ``tolerance`` asked for in units.
    """

    text: str
    history: np.ndarray
    predicted: np.ndarray
    forecast: np.ndarray
    truth: np.ndarray
    known: int
    within: int
    tolerance: float
    limit: float
    training_step: int


class MeasureForecast(Command, frozen=True, kw_only=True):
    """How far forecasts go wrong, over ``trials`` held-out sequences; ``tolerance`` as in :class:`Forecast` (slot)."""

    steps: int = 100
    trials: int = 12
    tolerance: float = 0.4


class ForecastMeasured(Reply, frozen=True, kw_only=True):
    """Answer to MeasureForecast: forecasts of what follows ``read`` numbers of each of ``trials`` sequences, in units.

    ``error`` (F,) is their root mean square error at each step ahead, ``repeated`` (F,) that of repeating the last
    number read, ``spread`` that of the mean. ``within``, ``half_within`` and ``worthless`` are what
    :class:`rnnviz.engine.forecast_errors.JudgedForecasts` says of them with ``limit``, the ``tolerance`` in units.
    ``series``: which of :data:`rnnviz.engine.tasks.series_kinds.SERIES`, '' for the user's own, of ``source``.
    """

    error: np.ndarray
    repeated: np.ndarray
    within: int
    half_within: int
    worthless: int
    trials: int
    read: int
    spread: float
    tolerance: float
    limit: float
    task: str
    series: str
    source: str
    model: ModelSpec
    training_step: int


class DrawExample(Command, frozen=True, kw_only=True):
    """Another example of the task, drawn with ``seed`` (slot)."""

    seed: int = 0


class ExampleDrawn(Reply, frozen=True, kw_only=True):
    """Answer to DrawExample: a text to type."""

    text: str
    seed: int
