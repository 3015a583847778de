"""The words and pictures of the Forecast page; tests/journeys/test_real_values.py walks through all of it."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.spec import ModelSpec
from rnnviz.service.messages import Forecasted, ForecastMeasured
from rnnviz.view.look import Look
from rnnviz.view.panels.forecast import UNKNOWN, errors_meaning, explained, meaning
from rnnviz.view.panels.forecast_plot import Axes, ErrorPlot, ForecastPlot


def forecast(values, truth=(), known=0, within=0):
    return Forecasted(
        text="", history=np.arange(5.0), predicted=np.arange(5.0), forecast=np.array(values, float),
        truth=np.array(truth, float), known=known, within=within, tolerance=0.4, limit=0.8, training_step=0,
    )  # fmt: skip


def measured(error, repeated=None, **fields):
    error = np.array(error, float)
    numbers = {"within": 1, "half_within": 1, "worthless": 0, **fields}
    return ForecastMeasured(
        error=error, repeated=np.ones_like(error) if repeated is None else np.array(repeated), **numbers, trials=12,
        read=9, spread=1.0, tolerance=0.4, limit=0.4, task="series", series="sines", source="", model=ModelSpec(),
        training_step=3,
    )  # fmt: skip


NEAR = "within 0.80 (0.4 standard deviations) of the truth"
MEAN = "The mean of the series is no worse a guess for the first time"
BETTER = "All the way they say more than the mean of the series."


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (forecast([1, 2, 3]), UNKNOWN),
        (forecast([1, 2, 3], [1, 2, 3], 3, 3), f"The forecast stays {NEAR} for all 3 steps."),
        (forecast([1, 2, 3], [1, 2, 3], 3, 2), f"The forecast stays {NEAR} for 2 of 3 steps."),
        (forecast([1, 2, 3], [1, 2, np.nan], 2, 1), f"The forecast stays {NEAR} for 1 of 2 steps that are known."),
        (forecast([1, 2, 3], [1, 2, np.nan], 2, 2), f"The forecast stays {NEAR} for all 2 steps that are known."),
        (forecast([1, 2], [1, np.nan], 1, 1), f"The forecast stays {NEAR} for the 1 step that is known."),
        (forecast([1, 2, 3], [1, 2, 3], 3, 0), f"The first step is not {NEAR}."),
    ],
)
def test_the_meaning_of_a_forecast(found, words):
    assert meaning(found) == words


def test_a_forecast_that_runs_away_says_so_whatever_is_known():
    for found in (forecast([1, np.inf, np.nan], [1, 2, 3], 3, 1), forecast([np.nan])):
        assert meaning(found).startswith("The forecast runs away to infinity")


@pytest.mark.parametrize(
    ("half", "worthless", "first", "second"),
    [
        (2, 3, "Half of the forecasts stay within the tolerance for 2 steps or more.", f"{MEAN} 3 steps ahead."),
        (1, 0, "Half of the forecasts stay within the tolerance for 1 step or more.", BETTER),
        (4, 0, "Half of the forecasts or more stay within the tolerance for all 4 steps.", BETTER),
        (
            0,
            1,
            "More than half of the forecasts are not within the tolerance at the first step.",
            f"{MEAN} 1 step ahead.",
        ),
    ],
)
def test_the_meaning_of_the_errors(half, worthless, first, second):
    assert errors_meaning(measured([0.1] * 4, half_within=half, worthless=worthless)) == f"{first} {second}"


def test_what_was_measured():
    assert explained(measured([0.1])) == "12 different sequences kept apart from training, each read for 9 steps."


def test_axes_put_the_ends_at_the_ends_and_cut_what_lies_beyond(qapp):
    from PySide6.QtCore import QRectF

    axes = Axes(QRectF(40, 10, 200, 100), 3, 7, -1.0, 1.0)
    np.testing.assert_allclose(axes.x([3, 4, 7]), [40, 90, 240])
    np.testing.assert_allclose(axes.y([-1, 0, 1]), [110, 60, 10])
    np.testing.assert_allclose(axes.y([1e308, np.inf, -np.inf, np.nan]), [8, 8, 112, np.nan])
    np.testing.assert_allclose(Axes(QRectF(0, 0, 9, 9), 1, 1, 0.0, 1.0).x(1), 0)


@pytest.fixture(params=["light", "dark", "contrast"])
def plots(qtbot, request):
    """Both plots in one theme, with the function that counts the pixels of a token in a picture."""
    look = Look()
    look.set_theme(request.param)
    plot, errors = ForecastPlot(look=look), ErrorPlot(look=look)
    for widget in (plot, errors):
        qtbot.addWidget(widget)
        widget.resize(308, 220)

    def pixels(widget, token):
        image, wanted = widget.grab().toImage(), getattr(look.theme, token).rgb()
        area = widget.plot_rect().toAlignedRect().adjusted(-4, -4, 4, 4)  # what lies beyond is drawn just outside
        return sum(
            image.pixel(x, y) == wanted
            for x in range(area.left(), area.right() + 1)
            for y in range(area.top(), area.bottom() + 1)
        )

    return plot, errors, pixels


def test_without_an_answer_the_plots_say_why(plots):
    plot, errors, pixels = plots
    for widget in (plot, errors):
        widget.show_found(None, "why not")
        assert widget.words() == widget.accessibleDescription() == "why not"
        assert widget.value == ""
        assert pixels(widget, "wy") == 0


@pytest.mark.parametrize(
    ("values", "truth"),
    [([1, 2, 9], [1, 2, 3]), ([1, 1e30, np.inf, np.nan], []), (np.ones(500), np.full(500, np.nan))],
)
def test_the_forecast_is_drawn_and_told(plots, values, truth):
    plot, _, pixels = plots
    plot.show_found(forecast(values, truth, known=len(truth)), "")
    assert pixels(plot, "wy") > 20
    assert plot.words().startswith("5 numbers read; forecast begins 1")
    assert plot.value == f"{len(values)} steps ahead"


@pytest.mark.parametrize("within", [1, 20, 40])
def test_the_stretch_within_the_tolerance_ends_where_the_engine_says(plots, within):
    plot, errors, _ = plots
    ones, curve = np.ones(40), np.linspace(0, 0.8, 40)
    answers = (
        (plot, lambda steps: forecast(ones, ones, known=40, within=steps), 5 + within, 45),
        (errors, lambda steps: measured(curve, np.full(40, 9.0), within=steps), within, 40),
    )
    for widget, answer, step, last in answers:
        pictures = []
        for steps in (0, within):
            widget.show_found(answer(steps), "")
            pictures.append(widget.grab().toImage())
        right = max(
            x for x in range(308) for y in range(220) if pictures[0].pixel(x, y) != pictures[1].pixel(x, y)
        )  # fmt: skip
        rect = widget.plot_rect()
        assert right == pytest.approx(rect.left() + (step - 1) / (last - 1) * rect.width(), abs=2)


@pytest.mark.parametrize("error", [[0.1, 0.5], [np.nan, np.inf], np.zeros(500)])
def test_the_errors_are_drawn_and_told(plots, error):
    _, errors, pixels = plots
    errors.show_found(measured(error, within=0), "")
    assert pixels(errors, "wy") > 20
    assert errors.words().startswith("Error 1 step ahead: ")
    assert ("; 100 steps ahead: 0" in errors.words()) == (len(error) == 500)
    assert errors.value == "over 12 held-out sequences"


def test_a_legend_too_wide_for_one_line_goes_on_in_the_next(plots, monkeypatch):
    from rnnviz.view.panels import forecast_plot

    lines = []

    class Counting(forecast_plot.QPointF):
        def __init__(self, x, y):
            super().__init__(x, y)
            lines.append(y)

    plot, _, pixels = plots
    monkeypatch.setattr(forecast_plot, "QPointF", Counting)
    plot.show_found(forecast([1, 2, 3], [1, 2, 3], 3, 3), "")
    for width, count in ((900, 1), (308, 2)):
        lines.clear()
        plot.resize(width, 220)
        assert pixels(plot, "wy") > 20
        assert len(lines) == 4
        assert len(set(lines)) == count
        assert max(lines) < plot.plot_rect().top()
