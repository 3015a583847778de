"""Forecasts through the real engine process: those of the trace on the wire, the long one, its errors, the examples."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.free_run import free_run
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.tasks.series_data import sines_after, sines_through
from rnnviz.engine.trace import trace
from rnnviz.service import messages as wire
from rnnviz.service.forecast import ON_STAGE

COLUMN = "\n".join(f"{value:.1f}" for value in np.random.default_rng(8).normal(50, 4, 300))


def run_of(name: str, text: str | None = None, **model: object) -> RunSpec:
    return RunSpec(model=ModelSpec(cell="gru", hidden=7, **model), task=TaskSpec(name=name, text=text))


def unrolled(engine, run, text):
    engine.send(wire.SetRun(run=run), wire.Unroll(request=5, text=text))
    return engine.wait(wire.Unrolled, lambda reply: reply.request == 5)


def ask(engine, run, text, command):
    engine.send(wire.SetRun(run=run), wire.Unroll(text=text), command)
    answers = (wire.Forecasted, wire.ForecastMeasured, wire.ExampleDrawn, wire.Refused)
    return engine.wait(answers, lambda reply: reply.request == command.request)


def oracle(run, text, steps):
    """The network's own run over all numbers again, in the units of the series."""
    task = make_task(run.task)
    network = initialise(run.model, 1, 1, run.training.seed)
    encoded = task.encode(text)
    return task, trace(network, encoded), task.in_units(free_run(network, encoded.values, steps))


@pytest.mark.parametrize("text", [None, COLUMN], ids=["sines", "own"])
def test_a_trace_of_numbers_comes_in_their_units_with_a_forecast_and_the_truth(engine, text):
    run = run_of("series", text)
    typed = make_task(run.task).another_example(1)
    real = unrolled(engine, run, typed).real
    task, run_over, ahead = oracle(run, typed, ON_STAGE)
    numbers = [float(word) for word in typed.split()]
    np.testing.assert_allclose(real.values[:, 0], numbers, atol=1e-9)
    np.testing.assert_allclose(real.wanted[:-1, 0], numbers[1:], rtol=1e-5)
    np.testing.assert_allclose(real.outputs, task.in_units(run_over.logits), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(real.forecast, ahead, rtol=1e-4, atol=1e-5)
    assert (real.ahead, real.scale) == (1, pytest.approx(task.scale))
    assert real.truth.shape == (ON_STAGE, 1)
    np.testing.assert_allclose(real.truth, task.continuation(task.encode(typed), ON_STAGE))


def test_numbers_of_ones_own_have_no_truth_and_outputs_that_are_no_inputs_no_forecast(engine):
    real = unrolled(engine, run_of("series"), "0.1 0.9 0.1 0.9 0.1 0.9 0.1 0.9").real
    assert (real.forecast.shape, real.truth.shape) == ((ON_STAGE, 1), (0, 1))
    for name in ("adding", "flip-flop"):
        task = make_task(TaskSpec(name=name))
        real = unrolled(engine, run_of(name), task.example).real
        assert real.forecast.shape == real.truth.shape == (0, task.output_size)
        assert real.ahead == 0
    assert unrolled(engine, RunSpec(), "hello").real is None
    assert unrolled(engine, run_of("series", bidirectional=True), "0.1 0.2").real.forecast.shape == (0, 1)
    assert unrolled(engine, run_of("series"), "").real.forecast.shape == (0, 1)


def test_the_long_forecast_is_the_free_run_and_the_truth_the_formula(engine):
    run, text = run_of("series"), make_task(TaskSpec(name="series")).example
    reply = ask(engine, run, text, wire.Forecast(request=9, steps=300))
    _, unrolled_, ahead = oracle(run, text, 300)
    assert reply.text == text
    np.testing.assert_allclose(reply.forecast, ahead[:, 0], rtol=1e-3, atol=1e-4)
    np.testing.assert_allclose(reply.predicted[1:], unrolled_.logits[:-1, 0], rtol=1e-5, atol=1e-6)
    assert np.isnan(reply.predicted[0])
    typed = np.array([float(word) for word in text.split()])
    np.testing.assert_allclose(reply.truth, sines_after(sines_through(typed, 0.0077), len(typed), 300))
    # Two sines of amplitudes U(0.3, 0.7): the mean square is E a² = 0.25 + 0.4²/12.
    assert (reply.limit / 0.4) ** 2 == pytest.approx(0.25 + 0.4**2 / 12, rel=0.05)
    short = ask(engine, run, text, wire.Forecast(request=10, steps=10))
    np.testing.assert_array_equal(short.forecast, reply.forecast[:10])


@pytest.mark.parametrize("tolerance", [0.01, 0.7, 10.0])
def test_the_long_forecast_says_how_long_it_stays_within_the_tolerance(engine, tolerance):
    text = make_task(TaskSpec(name="series")).example
    reply = ask(engine, run_of("series"), text, wire.Forecast(request=9, steps=60, tolerance=tolerance))
    assert (reply.known, reply.tolerance) == (60, tolerance)
    right = 0
    while right < 60 and abs(reply.forecast[right] - reply.truth[right]) <= reply.limit:
        right += 1
    assert reply.within == right
    assert (right == 60) == (tolerance == 10.0), "an untrained network stays near for ever only where all is near"


def test_where_the_truth_ends_or_is_unknown_only_what_is_known_counts(engine):
    run = run_of("series", COLUMN)
    end = "\n".join(COLUMN.split()[-20:-8])
    reply = ask(engine, run, end, wire.Forecast(request=9, steps=30, tolerance=10.0))
    assert np.isfinite(reply.truth).tolist() == [True] * 8 + [False] * 22
    assert (reply.known, reply.within) == (8, 8)
    own = ask(engine, run_of("series"), "0.1 0.9 0.1 0.9", wire.Forecast(request=9))
    assert (own.known, own.within, len(own.truth)) == (0, 0, 0)


def test_the_errors_are_those_of_forecasts_of_held_out_numbers(engine):
    run = run_of("series", COLUMN)
    reply = ask(engine, run, "50 51 52", wire.MeasureForecast(request=9, steps=100, trials=4))
    task = make_task(run.task)
    drawn = task.trials(np.random.default_rng([0, 15]), 4, 100)
    assert drawn.shape == (1, 30)
    network = initialise(run.model, 1, 1, 0)
    errors = np.array([free_run(network, row[:15, None], 15)[:, 0] - row[15:] for row in drawn]) * task.scale
    repeated = (drawn[:, 14:15] - drawn[:, 15:]) * task.scale
    np.testing.assert_allclose(reply.error, np.abs(errors[0]), rtol=1e-3)
    np.testing.assert_allclose(reply.repeated, np.abs(repeated[0]))
    assert (reply.trials, reply.read, reply.task, reply.series) == (1, 15, "series", "")
    assert reply.spread == pytest.approx(task.scale)
    assert reply.limit == pytest.approx(0.4 * task.scale)


def test_another_tolerance_judges_the_same_forecasts(engine):
    text = make_task(TaskSpec(name="series")).example
    run = run_of("series")
    narrow = ask(engine, run, text, wire.MeasureForecast(request=9, steps=40, tolerance=0.5))
    engine.send(wire.MeasureForecast(request=10, steps=40, tolerance=1.5))
    wide = engine.wait(wire.ForecastMeasured, lambda reply: reply.request == 10)
    assert (len(narrow.error), narrow.read) == (40, make_task(run.task).length)
    np.testing.assert_array_equal(wide.error, narrow.error)
    assert wide.limit == pytest.approx(3 * narrow.limit)
    assert wide.within > narrow.within
    assert wide.half_within > narrow.half_within
    assert wide.worthless == narrow.worthless > 0
    for reply in (narrow, wide):
        assert (reply.error[: reply.within] <= reply.limit).all()
        assert reply.within == 40 or reply.error[reply.within] > reply.limit
        assert reply.error[reply.worthless - 1] >= reply.spread
        assert (reply.error[: reply.worthless - 1] < reply.spread).all()
        assert (reply.series, reply.source) == ("sines", "")
    for other in (wire.MeasureForecast(request=11, steps=50), wire.MeasureForecast(request=11, steps=40, trials=5)):
        engine.send(other)
        anew = engine.wait(wire.ForecastMeasured, lambda reply: reply.request == 11)
        assert (len(anew.error), anew.trials) == (other.steps, other.trials)
    changed = ask(engine, run_of("series", "mackey-glass"), text, wire.MeasureForecast(request=12, steps=40))
    assert changed.series == "mackey-glass"
    assert changed.spread != wide.spread


@pytest.mark.parametrize(
    ("run", "text", "sentence"),
    [
        (run_of("adding"), "0.1* 0.2*", "The answers of Adding problem are not its next inputs"),
        (run_of("flip-flop"), "+++", "The answers of 3-bit flip-flop are not its next inputs"),
        (RunSpec(), "hello", "Next character is about tokens"),
        (run_of("series", bidirectional=True), "0.1 0.2", "use one direction"),
        (run_of("series"), "", "no numbers to go on from"),
    ],
)
def test_what_cannot_run_ahead_says_why_in_one_sentence(engine, run, text, sentence):
    reply = ask(engine, run, text, wire.Forecast(request=9))
    assert isinstance(reply, wire.Refused)
    assert sentence in reply.sentence
    assert reply.sentence.endswith(".")


@pytest.mark.parametrize(
    ("fields", "allowed"),
    [({"steps": 9}, "10 to 500"), ({"steps": 501}, "10 to 500"), ({"tolerance": 0.0}, "0.01 to 10"),
     ({"tolerance": float("nan")}, "0.01 to 10")],
)  # fmt: skip
@pytest.mark.parametrize("command", [wire.Forecast, wire.MeasureForecast])
def test_what_is_out_of_range_is_refused(engine, command, fields, allowed):
    assert allowed in ask(engine, run_of("series"), "1 2", command(request=9, **fields)).sentence


@pytest.mark.parametrize("name", ["series", "adding", "flip-flop"])
def test_examples_differ_by_seed_and_are_read_without_a_note(engine, name):
    texts = [ask(engine, run_of(name), "", wire.DrawExample(request=9, seed=seed)).text for seed in (1, 2, 1)]
    assert texts[0] == texts[2] != texts[1]
    found = unrolled(engine, run_of(name), texts[0])
    assert found.known.all()
    assert found.notes == []
    assert (found.targets >= 0).any()
    refused = ask(engine, RunSpec(), "", wire.DrawExample(request=9))
    assert "Next character has one example" in refused.sentence
