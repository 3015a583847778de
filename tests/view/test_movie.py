"""The film of backpropagation in the window: stage, gutter bar and the Backward panel, with the real engine."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rnnviz.service.messages import WeightSum
from rnnviz.session.playback import Playback
from rnnviz.session.settings import Settings
from rnnviz.session.values import Direction
from rnnviz.view.look import Look
from rnnviz.view.panels.movie import ENTRY, MoviePanel
from rnnviz.view.scales import norm_text
from rnnviz.view.stage import StageView, movie_numbers, tips
from rnnviz.view.stage.frame import Hit
from rnnviz.view.stage.labels import Labels
from rnnviz.view.stage.movie import MovieFlow
from rnnviz.view.stage.movie_bar import lengths, passed, running_norm
from rnnviz.view.time_axis import TimeAxis

TEXT = "hello world, hello"
LAST = len(TEXT) - 1
"""The last step that has a loss: the character after the text is not known."""


@pytest.fixture
def shown(session, qtbot, wait_until):
    """Stage and panel beside each other, as in the window, on the longer text in backward mode."""
    session.lab.set("movie", losses="sum", loss_step=0, layer="l0", weight="W_hh")
    session.set_text(TEXT)
    wait_until(lambda: session.trace.text == TEXT)
    settings, look, axis = Settings(), Look(), TimeAxis()
    settings.update_view(simple=False)
    look.set_reduced_motion(True)
    playback = Playback(session=session)
    window = QWidget()
    window.stage = StageView(session=session, playback=playback, settings=settings, axis=axis, look=look)
    window.panel = MoviePanel(entry=ENTRY, session=session, look=look, settings=settings, playback=playback)
    window.playback, window.look = playback, look
    box = QVBoxLayout(window)
    box.setContentsMargins(0, 0, 0, 0)
    box.addWidget(window.stage)
    box.addWidget(window.panel)
    window.resize(1256, 1000)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    session.set_direction(Direction.BACKWARD)
    wait_until(lambda: session.lab.value("movie") is not None and window.panel.film is not None)
    wait_until(lambda: session.gradients is not None and session.gradients.loss_step == LAST)
    yield window
    playback.pause()
    session.choose_loss(0)
    settings.flush()


def film_of(session):
    return session.lab.value("movie")


def test_the_stage_shows_the_sum_while_the_panel_is_open_and_one_loss_without_it(shown, session, wait_until):
    session.move_to(6)
    frame = shown.stage.frame()
    assert isinstance(frame.gradient, MovieFlow)
    np.testing.assert_array_equal(frame.gradient.log2, film_of(session).edges[0].log2_through)
    assert frame.gradient.loss_step == LAST
    assert [step for step in range(1, 19) if frame.reached(step)] == list(range(6, LAST + 1))
    assert [step for step in range(1, 18) if frame.crossed("l0", step)] == list(range(6, LAST))
    shown.panel.hide()
    frame = shown.stage.frame()
    assert frame.movie is None
    assert not isinstance(frame.gradient, MovieFlow)
    np.testing.assert_array_equal(frame.gradient.log2, session.gradients.layers[0].log2_total)


def test_everything_is_a_function_of_the_cursor(shown, session, qtbot):
    pictures = {}
    for step in (LAST, 9, 4, 1, 4, 9, LAST):
        session.move_to(step)
        shown.panel.refresh()
        seen = (shown.stage.grab().toImage(), shown.panel.sum.accessibleDescription(), shown.panel.place.text())
        if step in pictures:
            assert seen == pictures[step]
        pictures[step] = seen
    assert len({words for _, words, _ in pictures.values()}) == 4


def test_numbers_stand_at_the_edges_the_sweep_has_crossed(shown, session, monkeypatch):
    written = []
    monkeypatch.setattr(Labels, "draw_all", lambda self, painter, places, role, colour, factor=1.0: written.extend(
        (round(x), text) for x, _, text in places if role == movie_numbers.ROLE))  # fmt: skip
    session.move_to(9)
    frame = shown.stage.frame()
    with QPainter(QImage(1256, 446, QImage.Format.Format_ARGB32)) as painter:
        movie_numbers._through(painter, frame, frame.gradient, range(1, 19))
    through = film_of(session).edges[0].log2_through
    places = [round(frame.x(step) + frame.layout.pitch / 2) for step in range(9, LAST)]
    assert [x for x, _ in written] == places
    for step, (_, text) in zip(range(9, LAST), written, strict=True):
        # Three digits, or two where a third does not fit into the column.
        assert norm_text(float(through[step - 1])).startswith(text[:4])
        assert len(text.lstrip("0.")) >= 2


def test_numbers_need_a_wide_column_and_are_in_the_tooltip_all_the_same(shown, session):
    session.move_to(3)
    labels = Labels(shown.look)
    assert movie_numbers.edge_text(np.log2(1.2345), labels, 400) == "1.23"
    assert movie_numbers.edge_text(np.log2(0.0012345), labels, 400) == "0.00123"
    assert movie_numbers.edge_text(np.log2(0.0012345), labels, labels.width("tick", "0.0012")) == "0.0012"
    assert movie_numbers.edge_text(np.log2(1.2345e-9), labels, 400) == "1.23×10⁻⁹"
    assert movie_numbers.edge_text(np.log2(1.2345e-9), labels, 30) == "10⁻⁹"
    assert movie_numbers.edge_text(-np.inf, labels, 30) == "0"
    words = tips.tip(shown.stage.frame(), Hit("cell", step=5, name="l0"), {})
    edges = film_of(session).edges[0]
    for row in (edges.log2_direct, edges.log2_through, edges.log2_total):
        assert norm_text(float(row[4])) in words
    assert "through time, from step 6" in words
    assert "through time" not in tips.tip(shown.stage.frame(), Hit("cell", step=2, name="l0"), {})
    assert "in all" in tips.describe(shown.stage.frame())


def test_the_panel_says_what_arrives_and_counts_the_copies(shown, session):
    session.move_to(9)
    panel = shown.panel
    panel.refresh()
    edges = film_of(session).edges[0]
    assert panel.place.text() == "What arrives at step 9"
    assert [round(log2, 9) for _, _, log2 in panel.edges.rows] == [
        round(float(row[8]), 9) for row in (edges.log2_direct, edges.log2_through, edges.log2_total)
    ]
    assert panel.copies.text() == f"What {LAST - 8} of {LAST} copies give to W_hh"
    weight = film_of(session).weight
    total = np.exp2(weight.log2_norms[8:LAST]).sum()
    assert np.exp2(panel.sum.lengths) == pytest.approx(total)
    assert norm_text(float(weight.log2_running[8])) in panel.sum.accessibleDescription()
    assert "At step 1 the sum is" in panel.verdict.accessibleDescription()


def test_at_the_end_the_sum_is_the_gradient_and_the_difference_is_printed(shown, session, wait_until):
    wait_until(lambda: session.torch_ready)
    session.lab.ask("movie")
    wait_until(lambda: film_of(session).reference == "nn.RNN")
    session.move_to(1)
    shown.panel.refresh()
    words = shown.panel.verdict.accessibleDescription()
    assert "W_hh.grad" in words
    assert "largest difference to nn.RNN" in words
    assert film_of(session).weight.difference < 1e-5
    assert np.exp2(shown.panel.sum._sum) == pytest.approx(film_of(session).weight.norm, rel=1e-5)


def test_mean_divides_by_the_losses_and_the_chooser_changes_the_weight(shown, session, wait_until, qtbot):
    panel, summed = shown.panel, film_of(session)
    qtbot.mouseClick(panel.losses.buttons["mean"], Qt.MouseButton.LeftButton)
    wait_until(lambda: film_of(session).losses == "mean")
    mean = film_of(session)
    np.testing.assert_allclose(mean.edges[0].log2_total, summed.edges[0].log2_total - np.log2(LAST), rtol=1e-5)
    qtbot.mouseClick(panel.weight.buttons["W_hy"], Qt.MouseButton.LeftButton)
    wait_until(lambda: film_of(session).weight.key == "W_hy")
    assert film_of(session).weight.name == "readout.weight"
    panel.refresh()
    assert "W_hy" in panel.copies.text()


def test_a_click_on_a_loss_makes_it_the_one_that_is_sent_back(shown, session, wait_until, qtbot):
    session.choose_loss(11)
    wait_until(lambda: film_of(session).losses == "one" and film_of(session).loss_step == 11)
    frame = shown.stage.frame()
    assert frame.gradient.loss_step == 11
    assert np.isfinite(frame.gradient.direct).nonzero()[0].tolist() == [10]
    shown.panel.refresh()
    assert shown.panel.losses.current == "one"
    qtbot.mouseClick(shown.panel.losses.buttons["sum"], Qt.MouseButton.LeftButton)
    wait_until(lambda: film_of(session).losses == "sum")
    assert session.loss_step == 0
    assert session.time_step == LAST


def test_the_film_plays_forward_and_then_back_to_step_1(shown, session, wait_until, qtbot):
    shown.playback.set_speed(8.0)
    seen = []
    session.time_step_changed.connect(lambda: seen.append((session.direction.value, session.time_step)))
    qtbot.mouseClick(shown.panel.film_button, Qt.MouseButton.LeftButton)
    assert session.direction is Direction.FORWARD
    assert session.time_step == 0
    wait_until(lambda: session.direction is Direction.BACKWARD and session.time_step == 1)
    wait_until(lambda: not shown.playback.playing)
    assert ("forward", len(TEXT)) in seen
    assert [step for way, step in seen if way == "backward"] == list(range(LAST, 0, -1))


def test_a_pause_ends_the_film(shown, session, wait_until, qtbot):
    qtbot.mouseClick(shown.panel.film_button, Qt.MouseButton.LeftButton)
    wait_until(lambda: session.time_step == 1)
    shown.playback.pause()
    shown.playback.last()
    assert session.direction is Direction.FORWARD
    assert not shown.playback.playing


def test_opened_with_a_loss_chosen_the_panel_shows_that_one(shown, session, wait_until):
    shown.panel.hide()
    session.choose_loss(7)
    session.lab.set("movie", losses="sum", loss_step=0)
    shown.panel.show()
    wait_until(lambda: film_of(session).losses == "one" and film_of(session).loss_step == 7)


def test_a_click_on_a_piece_goes_to_its_copy(shown, session, qtbot):
    session.move_to(3)
    shown.panel.refresh()
    picture = shown.panel.sum
    well = picture._well(20)
    ends = picture._ends
    middle = (ends[3] + ends[4]) / 2  # the fifth copy that was passed
    point = QPointF(well.right() - middle * well.width(), well.center().y())
    assert picture.step_at(point) == LAST - 4
    assert f"Copy {LAST - 4} gives" in picture._words(LAST - 4)
    assert "vector sum" in picture._words(0)
    qtbot.mouseClick(picture, Qt.MouseButton.LeftButton, pos=point.toPoint())
    assert session.time_step == LAST - 4
    assert picture.step_at(QPointF(1, 1)) == 0


def test_update_and_undo(shown, session, wait_until, qtbot):
    wait_until(lambda: session.can_train)
    panel, before = shown.panel, session.trace
    panel.refresh()
    assert not panel.undo.isEnabled()
    qtbot.mouseClick(panel.apply, Qt.MouseButton.LeftButton)
    wait_until(lambda: film_of(session).update is not None and session.trace is not before)
    update, after = film_of(session).update, session.trace
    assert session.direction is Direction.FORWARD
    assert session.time_step == session.length
    assert update.learning_rate == session.run.training.learning_rate
    np.testing.assert_array_equal(update.loss_before, before.loss)
    np.testing.assert_array_equal(update.loss_after, after.loss)
    assert session.training.step == before.training_step
    panel.refresh()
    words = panel.outcome.accessibleDescription()
    assert "∑ C fell" in words
    assert f"{np.nansum(before.loss):.3f} → {np.nansum(after.loss):.3f}" in words
    assert panel.before_after.isVisible()
    with_ghosts = shown.stage.grab().toImage()
    panel.hide()
    assert shown.stage.grab().toImage() != with_ghosts  # the losses before the update stood above the new ones
    panel.show()
    wait_until(lambda: panel.undo.isEnabled() or panel.refresh())
    qtbot.mouseClick(panel.undo, Qt.MouseButton.LeftButton)
    wait_until(lambda: session.trace is not after and film_of(session).update is None)
    np.testing.assert_array_equal(session.trace.layers[0].hidden, before.layers[0].hidden)
    panel.refresh()
    assert not panel.before_after.isVisible()


def test_a_text_without_a_loss_says_so(shown, session, wait_until):
    session.set_text("h")
    wait_until(lambda: session.lab.refusal("movie") != "")
    shown.panel.refresh()
    assert "has a loss" in shown.panel.hint.text()
    assert not shown.panel.apply.isEnabled()
    assert not shown.panel.edges.isVisible()
    assert shown.stage.frame().movie is None


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_it_draws_in_every_theme_and_for_lstm_in_both_directions(shown, session, wait_until, theme):
    shown.look.set_theme(theme)
    session.set_model(cell="lstm", bidirectional=True)
    wait_until(lambda: film_of(session) is not None and [e.name for e in film_of(session).edges] == ["l0", "l0r"])
    session.set_direction(Direction.BACKWARD)
    session.select(layer="l0r")
    wait_until(lambda: film_of(session).layer == "l0r")
    session.move_to(9)
    shown.panel.refresh()
    assert len(shown.panel.edges.rows) == 4
    frame = shown.stage.frame()
    backward, forward = frame.flows["l0r"], frame.flows["l0"]
    assert backward.reached(1, 9)
    assert not backward.reached(10, 9)
    assert forward.reached(LAST, 9)
    assert not forward.reached(8, 9)
    assert backward.reached(len(TEXT), 1)
    shown.stage.grab()
    shown.panel.grab()
    session.select(layer="l0")


def weight_sum(norms, steps=None, running=None):
    logs = np.log2(np.asarray(norms, float))
    steps = np.arange(1, len(logs) + 1) if steps is None else steps
    return WeightSum(name="weight_hh_l0", key="W_hh", log2_norms=logs, steps=steps,
                     log2_running=logs if running is None else running, norm=1.0, reference_norm=1.0,
                     difference=0.0)  # fmt: skip


def test_pieces_are_shares_of_all_lengths_in_the_order_of_the_sweep():
    weight = weight_sum([1.0, 2.0, 4.0, 1.0])
    rows = passed(weight, 2, 3, rightward=False, front=2)
    assert rows.tolist() == [2, 1]
    shares, total = lengths(weight, rows)
    np.testing.assert_allclose(shares, [0.5, 0.25])
    assert total == pytest.approx(3.0)
    assert passed(weight, 2, 3, rightward=True, front=2).tolist() == [0, 1]
    with np.errstate(divide="ignore"):
        nothing = lengths(weight_sum([0.0, 0.0]), np.array([1]))
    assert nothing[0].tolist() == [0.0]
    assert nothing[1] == -np.inf


def test_in_a_long_text_the_partial_sum_is_that_of_a_step_near_the_cursor():
    weight = weight_sum([1.0] * 9, steps=np.array([1, 4, 7]), running=np.array([3.0, 2.0, 1.0]))
    assert [running_norm(weight, step, rightward=False) for step in (1, 2, 4, 7, 9)] == [3.0, 2.0, 2.0, 1.0, 1.0]
    assert running_norm(weight, 3, rightward=True) == 3.0
