"""The words and numbers of the Forecast page; tests/journeys/test_real_values.py walks through all of it."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.spec import ModelSpec
from rnnviz.service.messages import Forecasted, ForecastMeasured
from rnnviz.view.look import Look
from rnnviz.view.panels.forecast import errors_meaning, meaning
from rnnviz.view.panels.forecast_plot import ErrorPlot, ForecastPlot, root_mean_square, steps_within


def forecast(values, truth=()):
    return Forecasted(
        text="", history=np.arange(5.0), predicted=np.arange(5.0), forecast=np.array(values, float),
        truth=np.array(truth, float), spread=2.0, training_step=0,
    )  # fmt: skip


def measured(errors):
    errors = np.array(errors, float)
    return ForecastMeasured(
        errors=errors, repeated=np.ones_like(errors), read=9, spread=1.0, task="series", model=ModelSpec(),
        training_step=3,
    )  # fmt: skip


def test_steps_within_a_tolerance_end_at_the_first_that_is_not():
    assert steps_within(np.array([0.1, -0.2, 0.3, 0.1]), 0.25) == 2
    assert steps_within(np.array([0.1, 0.2]), 0.25) == 2
    assert steps_within(np.array([np.nan, 0.0]), 0.25) == 0
    np.testing.assert_allclose(root_mean_square(np.array([[3.0, 0.0], [4.0, 2.0]])), [12.5**0.5, 2**0.5])
    assert np.isinf(root_mean_square(np.array([[1e300], [0.0]]))[0])


@pytest.mark.parametrize(
    ("found", "within", "known", "words"),
    [
        (forecast([1, 2, 3]), -1, 0, "no part of the series"),
        (forecast([1, 2, 3], [1, 2, 3]), 3, 3, "within 0.80 (0.4 standard deviations) of the truth for all 3 steps."),
        (forecast([1, 2, 3], [1, 2, 3]), 2, 3, "for 2 of 3 steps."),
        (forecast([1, 2, 3], [1, 2, np.nan]), 1, 2, "for 1 of 2 steps that are known."),
        (forecast([1, 2, 3], [1, 2, 3]), 0, 3, "The first step is not within"),
        (forecast([1, np.inf, np.nan], [1, 2, 3]), 1, 3, "runs away to infinity"),
    ],
)
def test_the_meaning_of_a_forecast(found, within, known, words):
    assert words in meaning(found, within, known, 0.4)


def test_the_meaning_of_the_errors():
    assert "at least 2 steps" in errors_meaning(measured([[0.1, 0.1, 2, 2], [0.1, 0.3, 2, 2]]), 0.4)
    assert "From 3 steps ahead" in errors_meaning(measured([[0.1, 0.1, 2, 2], [0.1, 0.3, 2, 2]]), 0.4)
    assert "All the way" in errors_meaning(measured([[0.1, 0.2]]), 0.4)
    assert "From 1 steps ahead" in errors_meaning(measured([[np.nan, np.nan]]), 0.4)


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_the_plots_are_painted_with_every_answer_and_with_none(qtbot, theme):
    look = Look()
    look.set_theme(theme)
    plot, errors = ForecastPlot(look=look), ErrorPlot(look=look)
    for widget in (plot, errors):
        qtbot.addWidget(widget)
        widget.resize(308, 220)
    plot.show_found(None, "why not", -1)
    errors.show_found(None, "why not", 0.0, -1)
    assert plot.words() == errors.words() == "why not"
    assert not plot.grab().isNull()
    assert not errors.grab().isNull()
    for values, truth in (([1, 2, 9], [1, 2, 3]), ([1e30, np.inf, np.nan], []), (np.zeros(500), np.full(500, np.nan))):
        plot.show_found(forecast(values, truth), "", 1)
        assert not plot.grab().isNull()
        assert plot.words().startswith("5 numbers read")
    for found in ([[0.1, 0.5]], [[np.nan, np.inf]], np.zeros((3, 500))):
        errors.show_found(measured(found), "", 0.4, 1)
        assert not errors.grab().isNull()
        assert errors.words().startswith("1 steps ahead")
