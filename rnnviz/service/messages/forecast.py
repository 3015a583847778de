"""A series predicted ahead: free running after the typed numbers, and how its error grows with the horizon."""

from __future__ import annotations

import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.engine.spec import ModelSpec  # noqa: TC001  as above
from rnnviz.service.messages.base import Command, Reply


class Forecast(Command, frozen=True, kw_only=True):
    """Go on with the typed numbers for ``steps`` steps, every output read as the next input (slot)."""

    steps: int = 100


class Forecasted(Reply, frozen=True, kw_only=True):
    """Answer to Forecast, in the units of what is typed.

    ``history`` (T,) was read; ``predicted`` (T,), NaN first: what was predicted of it one step before; ``forecast``
    (F,) comes after it, ``truth`` (F,) is what really follows, NaN beyond what the task knows, (0,) where it knows
    nothing. ``spread`` is the standard deviation of the series, a unit for errors.
    """

    text: str
    history: np.ndarray
    predicted: np.ndarray
    forecast: np.ndarray
    truth: np.ndarray
    spread: float
    training_step: int


class MeasureForecast(Command, frozen=True, kw_only=True):
    """How far forecasts go wrong, over ``trials`` held-out sequences (slot)."""

    steps: int = 100
    trials: int = 12


class ForecastMeasured(Reply, frozen=True, kw_only=True):
    """Answer to MeasureForecast: errors (N, F) of the forecasts, of what follows ``read`` numbers of each sequence.

    ``repeated`` (N, F): the errors of repeating the last number read.
    """

    errors: np.ndarray
    repeated: np.ndarray
    read: int
    spread: float
    task: str
    model: ModelSpec
    training_step: int


class DrawExample(Command, frozen=True, kw_only=True):
    """Another example of the task, drawn with ``seed`` (slot)."""

    seed: int = 0


class ExampleDrawn(Reply, frozen=True, kw_only=True):
    """Answer to DrawExample: a text to type."""

    text: str
    seed: int
