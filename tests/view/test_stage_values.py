"""The numbers over the stage: scales, words, where each curve stands, what is there at which step."""

from __future__ import annotations

import math
from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnviz.service.messages import RealValues
from rnnviz.session.values import Direction
from rnnviz.view.stage import value_curves
from rnnviz.view.stage.values import (
    Values,
    limits,
    number_forms,
    short,
    tick_text,
    token_text,
    values_of,
)

if TYPE_CHECKING:
    from PySide6.QtGui import QColor


@pytest.fixture
def stage(make_stage):
    view = make_stage(1256, 446)
    session, _, axis, look, window = view.test
    view.test = (session, axis, look, window)
    return view


def learn(session, wait_until, name, text=None):
    session.set_task(name)
    wait_until(lambda: session.task.name == name and session.trace.text == session.text)
    if text is not None:
        session.set_text(text)
        wait_until(lambda: session.trace.text == text)


def is_near(colour: QColor, token: QColor) -> bool:
    return max(abs(colour.red() - token.red()), abs(colour.green() - token.green()),
               abs(colour.blue() - token.blue())) < 40  # fmt: skip


def heights_of(view, token, x):
    """The rows of the band that are painted in ``token`` at column ``x``."""
    frame, image = view.frame(), view.grab().toImage()
    rect = value_curves.plot_rect(frame)
    rows = range(math.floor(rect.top()) - 3, math.ceil(rect.bottom()) + 3)
    return [y for y in rows if is_near(image.pixelColor(round(x), y), token)]


def expected_y(frame, value):
    lane, rect = frame.values.lanes[0], value_curves.plot_rect(frame)
    return rect.bottom() - (value - lane.low) / (lane.high - lane.low) * rect.height()


# ---- numbers and words --------------------------------------------------------------------------


@given(st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=20))
def test_a_scale_holds_its_numbers_and_has_a_few_round_ones_on_it(found):
    low, high, ticks = limits(np.array(found))
    assert low < high
    assert low <= min(found)
    assert high >= max(found)
    assert 1 <= len(ticks) <= 6
    assert all(low <= tick <= high for tick in ticks)
    assert all(len(tick_text(tick)) <= 9 for tick in ticks)


@pytest.mark.parametrize(
    ("value", "text"),
    [(0.0, "0"), (0.002, "0.002"), (0.5, "0.5"), (-20.0, "−20"), (100.5, "100.5"), (3.0, "3")],
)
def test_a_tick_says_the_number_it_stands_at(value, text):
    assert tick_text(value).replace("-", "−") == text


@pytest.mark.parametrize("span", [1e-6, 0.004, 0.3, 40.0, 5e5, 3e8])
def test_the_ticks_of_a_scale_differ(span):
    texts = [tick_text(tick) for tick in limits(np.array([0.0, span]))[2]]
    assert len(set(texts)) == len(texts) > 1
    assert not any(text.endswith(".") for text in texts)


def test_limits_of_nothing_and_of_one_number_are_a_scale_too():
    assert limits(np.array([np.nan]))[:2] == pytest.approx((-0.06, 1.06))
    low, high, _ = limits(np.array([5.0, 5.0]))
    assert low < 5 < high


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [(0.4321, 2, "0.43"), (-0.001, 2, "0.00"), (-12.54, 1, "−12.5"), (1500.4, 2, "1500"), (123.44, 2, "123.4"),
     (2.5e6, 0, "2.5×10⁶"), (math.inf, 2, "∞"), (0.43219, 4, "0.4322")],
)  # fmt: skip
def test_numbers_are_short(value, digits, text):
    assert short(value, digits) == text


def test_a_token_is_shown_as_typed_where_it_is_short_and_rounded_where_it_is_long():
    assert token_text("0.50") == "0.50"
    assert token_text("0.123456") == "0.12"
    assert token_text("−1,23456789") == "−1.23"
    assert token_text("0.000123") == "1.2×10⁻⁴"
    assert token_text("nonsense") == "nonsense"
    assert number_forms("-0.77") == ("-0.77", "-.77", "-.8")
    assert number_forms("0.96") == ("0.96", ".96", "1.0")
    assert number_forms("12.5") == ("12.5",)


def made(values, outputs, *, ahead=0, names=("x",), answers=("y",), kind="numbers"):
    values, outputs = np.array(values, float), np.array(outputs, float)
    none = np.zeros((0, outputs.shape[1]))
    real = RealValues(values=values, wanted=outputs, outputs=outputs, forecast=none, truth=none, ahead=ahead)
    task = SimpleNamespace(kind=kind, input_tokens=list(names), output_labels=list(answers))
    return values_of(real, task, ["a note"])


def test_channels_with_outputs_of_their_own_have_lanes_and_a_marker_is_no_curve():
    pulses = made([[1, 0], [0, -1]], [[1, 0], [1, -1]], names=("a", "b"), answers=("a", "b"))
    assert [(lane.name, lane.channels, lane.output, lane.ticks) for lane in pulses.lanes] == [
        ("a", (0,), 0, (-1, 1)), ("b", (1,), 1, (-1, 1)),
    ]  # fmt: skip
    assert pulses.pulses
    adding = made([[0.2, 0], [0.4, 1]], [[np.nan], [0.4]], names=("value", "marker"))
    assert adding.marks == (1,)
    assert [lane.channels for lane in adding.lanes] == [(0,)]
    assert adding.wants(1) == ""
    assert adding.wants(2) == "0.400"
    assert adding.notes == ("a note",)


def test_numbers_of_another_task_and_tokens_are_not_shown():
    assert made([[1]], [[1]], kind="classes") is None
    assert made([[1]], [[1]], names=("a", "b")) is None
    assert values_of(None, None, []) is None


def test_the_typed_picture_is_kept_while_only_the_answers_change():
    first, again = (made([[0.2], [0.4]], [[0.4], [np.nan]], ahead=1) for _ in range(2))
    trained = Values(RealValues(**{**{name: getattr(first.real, name) for name in first.real.__struct_fields__},
                                   "outputs": np.array([[9.0], [9.0]])}), first.channels, first.outputs)  # fmt: skip
    assert first.fingerprint == again.fingerprint == trained.fingerprint
    assert first.fingerprint != made([[0.2], [0.5]], [[0.4], [np.nan]], ahead=1).fingerprint


# ---- on the stage -------------------------------------------------------------------------------


def test_what_is_read_and_answered_stands_at_its_height_in_its_column(stage, wait_until):
    session, _, look, _ = stage.test
    learn(session, wait_until, "series", "0.1 0.9 -0.5 0.3")
    session.move_to(2)
    frame = stage.frame()
    read = heights_of(stage, look.theme.wx, frame.x(2))
    assert min(abs(y - expected_y(frame, 0.9)) for y in read) <= 2
    # The prediction of step 2 belongs to step 3.
    answer = float(session.trace.real.outputs[1, 0])
    said = heights_of(stage, look.theme.wy, frame.x(3) - 5)
    assert said
    assert min(abs(y - expected_y(frame, answer)) for y in said) <= 8
    assert not heights_of(stage, look.theme.wy, frame.x(4)), "step 3 has not answered yet"
    assert not heights_of(stage, look.theme.wy, frame.x(1)), "nobody has predicted the first number"


def test_the_forecast_stands_behind_the_last_step_when_it_is_revealed(stage, wait_until):
    session, axis, look, _ = stage.test
    learn(session, wait_until, "series")
    session.move_to(5)
    frame = stage.frame()
    rect = value_curves.plot_rect(frame)
    assert value_curves._shown_ahead(frame, frame.values, rect) == 0
    session.move_to(session.length)
    frame = stage.frame()
    shown = value_curves._shown_ahead(frame, frame.values, rect)
    assert shown >= 7
    assert axis.left_of(session.length + 1) < axis.width
    place = frame.x(session.length + 3)
    assert heights_of(stage, look.theme.wy, place + 5)
    session.set_direction(Direction.BACKWARD)
    assert value_curves._shown_ahead(stage.frame(), stage.frame().values, rect) == shown


def test_an_acceptor_answers_at_its_last_step_only_and_wants_there(stage, wait_until):
    session, _, look, _ = stage.test
    learn(session, wait_until, "adding")
    session.move_to(session.length)
    frame = stage.frame()
    for step in range(1, session.length):
        assert not heights_of(stage, look.theme.wy, frame.x(step))
    assert heights_of(stage, look.theme.wy, frame.x(session.length) + 4)
    assert frame.values.wants(session.length) == "1.29"
    session.move_to(session.length - 1)
    assert not heights_of(stage, look.theme.wy, frame.x(session.length) + 4)


@pytest.mark.parametrize("name", ["series", "adding", "flip-flop"])
@pytest.mark.parametrize("size", [(1256, 446), (900, 330), (420, 300)])
def test_the_rows_never_overlap_and_everything_is_painted(stage, wait_until, name, size):
    session, axis, look, window = stage.test
    learn(session, wait_until, name)
    window.resize(*size)
    session.move_to(3)
    for theme in ("light", "dark", "contrast"):
        look.set_theme(theme)
        layout = stage.frame().layout
        order = (layout.values_top, layout.values_bottom, layout.loss, layout.output_top, layout.output_bottom,
                 layout.why, layout.top_row.top, layout.bottom_row.bottom, layout.chip_top)  # fmt: skip
        assert list(order) == sorted(order)
        assert not stage.grab().isNull()
    session.set_text(session.text + " " + session.text * 3)
    wait_until(lambda: session.trace.text == session.text)
    for pitch in (80.0, 20.0, 5.0, 1.0):
        axis.set_pitch(pitch)
        assert not stage.grab().isNull()


def test_a_task_on_tokens_has_no_band(stage, wait_until):
    session = stage.test[0]
    wait_until(lambda: session.trace is not None and len(session.trace.tokens) > 0)
    frame = stage.frame()
    assert frame.values is None
    assert frame.layout.values_bottom == 0
