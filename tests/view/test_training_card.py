"""The training card with a real run, and its thinning of long histories against plain numpy."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from rnnviz.session.settings import Settings
from rnnviz.view.look import Look, number
from rnnviz.view.panels.training_card import ENTRY
from rnnviz.view.panels.training_decimation import decimated


@pytest.fixture
def make_card(qtbot):
    made = []

    def make(session, theme="light"):
        look, settings = Look(), Settings()
        look.set_theme(theme)
        card = ENTRY.factory(entry=ENTRY, session=session, look=look, settings=settings)
        qtbot.addWidget(card)
        card.resize(344, 480)
        card.show()
        qtbot.waitExposed(card)
        made.append((card, settings, look))
        return card

    yield make
    for _, settings, _ in made:
        settings.flush()


@pytest.fixture
def trained(training_session, wait_until):
    """Ten training steps, then paused."""
    before = training_session.training.step
    training_session.train()
    wait_until(lambda: training_session.training.step >= before + 10)
    training_session.pause()
    wait_until(lambda: str(training_session.engine_state) != "training")
    return training_session


def test_the_card_follows_a_real_run_scrubs_and_returns(trained, make_card, wait_until):
    card = make_card(trained)
    wait_until(lambda: trained.history is not None and len(trained.history.steps) > 2)
    record = trained.training
    titles, rows = card.table()
    assert titles[0] == "training step"
    assert [row[1] for row in rows] == [number(loss, 4) for loss in record.losses.tolist()]
    assert card.status_words().startswith(f"{record.step} steps")
    assert number(record.loss, 3) in card.description()
    curves = card.curves
    wait_until(lambda: len(curves.loss.steps) == len(record.steps))
    assert np.allclose(curves.loss.values, record.losses)
    assert curves.guess[0] == pytest.approx(record.baseline)

    rect = card.history.map_rect()
    late = QPoint(round(rect.right() - 0.05 * rect.width()), round(rect.center().y()))
    QTest.mouseClick(card.history, Qt.MouseButton.LeftButton, pos=late)
    wait_until(lambda: trained.viewing_step is not None)
    wait_until(card._chip.isVisible)
    assert f"viewing step {trained.viewing_step}" in card._chip.text()
    assert "gradient norm" in card.history.readout(late.x(), late.y())
    card._chip.click()
    wait_until(lambda: trained.viewing_step is None)

    card.hide()
    titles, rows = card.history.table()
    assert len(titles) == 1 + trained.history.log2.shape[1]
    assert len(rows) == len(trained.history.steps)


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_the_card_draws_before_there_is_any_history(session, make_card, theme):
    card = make_card(session, theme)
    image = card.grab().toImage()
    assert len({image.pixel(x, y) for x in range(0, 344, 7) for y in range(0, 480, 7)}) > 2
    assert card.status_words().split(" ")[1].rstrip(":") in {"step", "steps"}


def test_a_short_history_is_not_thinned():
    steps, values = np.arange(5.0), np.array([1.0, np.nan, 3.0, 2.0, 4.0])
    found = decimated(steps, values, 10)
    assert found[0].tolist() == steps.tolist()
    assert np.array_equal(found[1], values, equal_nan=True)


def test_a_long_history_keeps_every_block_s_extremes_in_order():
    rng = np.random.default_rng(0)
    steps, values = np.arange(10_001.0), rng.normal(size=10_001)
    xs, ys = decimated(steps, values, 100)
    size = -(-len(values) // 100)
    assert len(xs) <= 202
    assert (np.diff(xs) >= 0).all()
    for start in range(0, len(values), size):
        block = values[start : start + size]
        mine = ys[(xs >= start) & (xs < start + size)]
        assert mine.min() == block.min()
        assert mine.max() == block.max()


def test_a_block_of_nothing_stays_a_gap_and_single_holes_are_passed_over():
    values = np.ones(1000)
    values[100:120] = np.nan
    values[500] = np.nan
    _, ys = decimated(np.arange(1000.0), values, 100)
    assert np.isnan(ys).sum() == 4
