"""The Memory and Lengths panels with the real engine."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from rnnviz.engine.spec import ModelSpec
from rnnviz.service.messages import LengthsMeasured, MemoryProbed
from rnnviz.session.settings import Settings
from rnnviz.view.look import Look
from rnnviz.view.panels import lengths, probe
from rnnviz.view.panels.lengths_plot import binned, share_between
from rnnviz.view.panels.probe_plot import reach


@pytest.fixture
def shown(training_session, qtbot):
    made = []

    def show(entry):
        panel = entry.factory(entry=entry, session=training_session, look=Look(), settings=Settings())
        panel.resize(344, 700)
        qtbot.addWidget(panel)
        panel.show()
        made.append(panel)
        return panel

    yield show
    for panel in made:
        panel.hide()


def test_memory_is_measured_at_once_and_again_after_training(shown, training_session, wait_until):
    session = training_session
    panel = shown(probe.ENTRY)
    wait_until(lambda: panel.answer() is not None)
    session.set_model(hidden=9)
    wait_until(lambda: panel.answer() is not None and panel.answer().model.hidden == 9)
    assert panel.answer().training_step == 0
    assert "untrained" in panel.meaning.text()
    assert panel.plot.words().startswith("0 back: ")
    session.train_steps(20)
    wait_until(lambda: panel.answer().training_step == 20)
    assert "before training it knew" in panel.meaning.text()
    first = panel.answer()
    session.set_text("hello world")
    wait_until(lambda: session.length == 11 and not session.lab.waiting("probe"))
    np.testing.assert_array_equal(panel.answer().accuracy, first.accuracy)
    for theme in ("dark", "contrast", "light"):
        panel.look.set_theme(theme)
        assert not panel.plot.grab().isNull()
    session.set_model(hidden=5)
    wait_until(lambda: panel.answer() is not None and panel.answer().model.hidden == 5)
    assert panel.explained.text().startswith("5 numbers")


def test_lengths_say_why_not_and_follow_the_task(shown, training_session, wait_until):
    session = training_session
    panel = shown(lengths.ENTRY)
    wait_until(lambda: "given text" in panel.plot.words())
    assert panel.meaning.isHidden()
    session.set_task("parity")
    wait_until(lambda: panel.answer() is not None)
    assert panel.answer().trained_to == 10
    assert "train it first" in panel.meaning.text()
    assert panel.plot.value == "N = 10"
    assert "A blind guess is right in 50" in panel.explained.text()
    assert not panel.plot.grab().isNull()


def measured(accuracy, *, trained_to=10):
    numbers = np.arange(1, len(accuracy) + 1)
    counts = np.full(len(accuracy), 3)
    return LengthsMeasured(lengths=numbers, accuracy=np.asarray(accuracy, float), counts=counts, trained_to=trained_to,
                           chance=np.full(len(accuracy), 0.5),
                           task="parity", model=ModelSpec(), training_step=0)  # fmt: skip


def test_points_never_mix_lengths_of_both_sides_and_lose_no_sequence():
    found = measured([1.0] * 10 + [0.5] * 30)
    places, shares = binned(found, found.accuracy)
    assert set(shares) == {1.0, 0.5}
    assert (places[shares == 1.0] <= 10).all()
    assert (places[shares == 0.5] > 10).all()
    assert share_between(found, 1, 10) == 1.0
    assert share_between(found, 11, 40) == 0.5
    assert np.isnan(share_between(found, 50, 60))


def test_a_guess_that_gets_rarer_is_told_from_its_start():
    found = measured([1.0] * 40)
    rare = np.array([0.11, 0.01, *([0.0] * 38)])
    words = lengths.explained(msgspec.structs.replace(found, chance=rare))
    assert "right in 11\u2005% at length 1, then ever more rarely" in words


def test_a_rule_a_habit_and_nothing_are_told_apart():
    assert "no news" in lengths.meaning(measured([1.0] * 40))
    assert "has not found a rule" in lengths.meaning(measured([1.0] * 10 + [0.5] * 30))
    assert "train it first" in lengths.meaning(measured([0.5] * 40))


def test_the_reach_ends_at_the_first_token_that_is_lost():
    shares = np.array([1.0, 0.9, 0.2, 0.9])
    found = MemoryProbed(distances=np.arange(4), accuracy=shares, untrained=shares * 0.1, chance=0.3, sequences=12,
                         judged=5, size=8, task="parity", model=ModelSpec(), training_step=4)  # fmt: skip
    assert reach(found, found.accuracy) == 1
    assert reach(found, found.untrained) == -1
    assert "up to 1 step back" in probe.meaning(found)
    assert "it knew no token" in probe.meaning(found)
    assert "judged on 5 sequences, all different from the 7 it was fitted to" in probe.explained(found)
    alone = msgspec.structs.replace(found, sequences=1, judged=0, accuracy=np.full(4, np.nan))
    assert "only one sequence" in probe.meaning(alone)
    assert "only sequence that the task has" in probe.explained(alone)
