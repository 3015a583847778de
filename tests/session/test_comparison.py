"""Which models stand side by side: kept in the view, told to the engine only while somebody looks."""

from __future__ import annotations

import os
import signal

import msgspec
import pytest

from rnnviz.engine.spec import CELL_NAMES
from rnnviz.service.messages import Compare
from rnnviz.session.comparison import Comparison
from rnnviz.session.settings import Settings

STEPS = 60_000


@pytest.fixture
def settings(tmp_path):
    made = Settings(folder=tmp_path)
    yield made
    made.flush()
    made.deleteLater()


@pytest.fixture
def comparison(training_session, settings):
    made = Comparison(session=training_session, settings=settings)
    yield made
    if made.active:
        made.end()
    made.deleteLater()


def cells(comparison):
    return [rival.model.cell for rival in comparison.rivals]


def test_it_begins_with_the_other_cells_in_the_same_size(comparison, training_session, wait_until):
    comparison.begin()
    assert cells(comparison) == [cell for cell in CELL_NAMES if cell != training_session.run.model.cell]
    wait_until(lambda: comparison.complete, STEPS)
    assert [model.model.hidden for model in comparison.models] == [training_session.run.model.hidden] * 3
    assert {model.training_step for model in comparison.models} == {training_session.training.step}


def test_nothing_is_asked_before_and_after_it_is_on_screen(comparison, training_session, wait_until):
    assert not training_session.lab.wanted("compare")
    comparison.begin()
    wait_until(lambda: comparison.complete, STEPS)
    comparison.end()
    assert not training_session.lab.wanted("compare")
    assert training_session.lab.parameters("compare").paused
    asked = training_session.lab.parameters("compare")
    comparison.remove(0)
    assert training_session.lab.parameters("compare") == asked


def test_add_remove_and_change(comparison, training_session):
    shown = training_session.run.model.cell
    comparison.add()
    comparison.add()
    comparison.add()
    assert len(comparison.rivals) == 2
    assert {shown, *cells(comparison)} == set(CELL_NAMES)
    comparison.change(1, hidden=3, clip=0.0)
    assert (comparison.rivals[1].model.hidden, comparison.rivals[1].training.clip) == (3, 0.0)
    comparison.remove(0)
    assert [rival.model.hidden for rival in comparison.rivals] == [3]


def test_a_value_that_is_not_allowed_becomes_a_notice(comparison, training_session):
    comparison.add()
    before = comparison.rivals
    comparison.change(0, hidden=100_000)
    assert comparison.rivals == before
    assert training_session.notice.kind == "error"
    assert "number of units" in training_session.notice.text


def test_a_training_setting_of_the_model_on_show_changes_in_all(comparison, training_session, wait_until):
    comparison.begin()
    comparison.change(0, clip=0.0)
    wait_until(lambda: comparison.complete, STEPS)
    step, least = training_session.training.step, []
    comparison.changed.connect(lambda: least.extend({m.training_step for m in comparison.models} - set(least)))
    training_session.set_training(learning_rate=0.123)
    wait_until(lambda: comparison.complete and comparison.models[1].training.learning_rate == 0.123, STEPS)
    assert [model.training.clip for model in comparison.models] == [training_session.run.training.clip, 0.0,
                                                                    training_session.run.training.clip]  # fmt: skip
    assert {model.training_step for model in comparison.models} == {step}
    assert least == [step], "they went on, they did not begin again"


def test_rivals_that_a_file_spoils_are_left_out(comparison, settings):
    comparison.add()
    good = settings.view.rivals[0]
    spoilt = [{"model": {"cell": "lstm", "hidden": -4}}, {"model": 3}, {"model": {"unknown": 1}}]
    settings.update_view(rivals=[*spoilt, good])
    assert [msgspec.to_builtins(rival) for rival in comparison.rivals] == [good]


def test_threshold_loss_and_layer_are_those_of_the_session(comparison, training_session, wait_until):
    comparison.begin()
    training_session.set_threshold(0.1)
    training_session.choose_loss(2)
    wait_until(lambda: comparison.complete and comparison.compared.loss_step == 2, STEPS)
    asked = training_session.lab.parameters("compare")
    assert isinstance(asked, Compare)
    assert (asked.threshold, asked.loss_step, asked.layer) == (0.1, 2, "l0")


def test_an_engine_that_dies_comes_back_with_the_same_rivals(own_training_session, settings, wait_until):
    session = own_training_session
    comparison = Comparison(session=session, settings=settings)
    comparison.begin()
    wait_until(lambda: comparison.complete, STEPS)
    before = [model.log2.tolist() for model in comparison.models]
    answer = comparison.compared
    os.kill(session._engine.process_id, signal.SIGKILL)
    wait_until(lambda: session.can_train and comparison.complete and comparison.compared is not answer, STEPS)
    assert [model.log2.tolist() for model in comparison.models] == before
    comparison.end()
