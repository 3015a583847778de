"""Stacked and bidirectional networks in the real window: every chain in every track and gradient view."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

FAST = 60_000
TEXT = "hello world"
CHAINS = ("l0", "l0r", "l1", "l1r")
LAB = ("movie", "chain", "spectrum", "remedies", "horizon", "health", "proof")


@pytest.fixture
def both(ready, wait_until):
    """The program with an LSTM of two layers in both directions, all of it on show."""
    window, session = ready.window, ready.session
    window.resize(1600, 1000)
    session.set_model(cell="lstm", hidden=6, layers=2, bidirectional=True)
    window.first_use.show_full()
    ready.settings.update_view(open_tracks=[*ready.settings.view.open_tracks, "factors", "weight"], collapsed=[])
    session.set_text(TEXT)
    wait_until(lambda: session.trace.text == TEXT and names(session) == list(CHAINS))
    return ready


def names(session):
    return [layer.name for layer in session.trace.layers]


def choose(qtbot, tag, wanted):
    """As a hand does: press the tag, take the line of the chain with the keyboard."""
    qtbot.waitUntil(lambda: tag.isVisible() and "layer" in tag.accessibleName())
    menu = tag.menu()
    action = next(action for action in menu.actions() if action.data() == wanted)
    menu.popup(tag.mapToGlobal(tag.rect().bottomLeft()))
    menu.setActiveAction(action)
    qtbot.keyClick(menu, Qt.Key.Key_Return)


def test_it_is_stepped_and_the_chain_from_the_end_is_there_before_the_first_output(both, qtbot, wait_until):
    window, session = both.window, both.session
    hidden = window.middle.tracks.track("hidden")
    window.centralWidget().setFocus()
    qtbot.keyClick(window, Qt.Key.Key_Home)
    qtbot.keyClick(window, Qt.Key.Key_Right)
    assert session.time_step in (1, 2)
    step = session.time_step
    assert hidden.computed()[1] == round(hidden.axis.left_of(step + 1))
    choose(qtbot, hidden.tag, "l1r")
    assert session.layer == "l1r"
    assert hidden.computed()[1] == hidden.axis.width
    assert "from the end" in "\n".join(line.text for line in hidden.header_lines())
    np.testing.assert_array_equal(hidden.values(), session.trace.layers[3].hidden)
    assert "layer 2, right to left" in hidden.readout(step, hidden.body_rect().center().y())
    window.grab()


def test_every_track_shows_each_chain_and_names_it(both, qtbot, wait_until):
    both.session.choose_loss(5)
    for chain in CHAINS:
        tracks_show(both, qtbot, wait_until, chain)


def tracks_show(both, qtbot, wait_until, chain):
    """Every open track has the numbers of ``chain`` and says so."""
    window, session, tracks = both.window, both.session, both.window.middle.tracks
    choose(qtbot, tracks.track("gradient").tag, chain)
    wait_until(lambda: session.credit is not None and session.credit.layer == chain and session.credit.complete)
    wait_until(lambda: session.gradients is not None and session.gradients.loss_step == 5)
    number = int(chain[1]) + 1
    way = "right to left" if chain.endswith("r") else "left to right"
    for key in ("hidden", "gates", "gradient", "credit", "factors", "weight"):
        track = tracks.track(key)
        assert not track.empty_reason()
        assert f"layer {number}, {way}" in track.description(), key
        wait_until(lambda track=track: f"layer {number}, {way}" in track.tag.accessibleName())
    flow, gradient, credit = session.gradients.layers[CHAINS.index(chain)], *map(tracks.track, ("gradient", "credit"))
    assert gradient.flow() is flow
    assert ("ahead" if chain.endswith("r") else "back") in gradient.horizon_words(flow)
    assert credit.both_sides == (number == 1)
    reached = [step for step in range(1, 12) if credit.reaches(5, step)]
    row = session.credit.log2[session.credit.rows.tolist().index(5)]
    assert reached == (np.flatnonzero(np.isfinite(row)) + 1).tolist()
    window.grab()


def test_every_gradient_view_shows_each_chain(both, qtbot, wait_until):
    both.session.choose_loss(5)
    both.session.lab.set("chain", loss_step=5)
    for chain in CHAINS:
        views_show(both, wait_until, chain)


def views_show(both, wait_until, chain):
    """Every page of the laboratory that has a chain has this one; where one cannot be, a sentence says why."""
    window, session = both.window, both.session
    session.select(layer=chain)
    for key in LAB:
        window.middle.show_page(key)
        panel = window.middle.side.panel(key)
        wait_until(panel.isVisible)
        if key in ("movie", "chain", "spectrum"):
            wait_until(lambda key=key: getattr(session.lab.value(key), "layer", "") == chain, timeout=FAST)
            assert panel.layer_row.isVisible()
            assert f"layer {int(chain[1]) + 1}" in panel.layer_row.tag.accessibleName()
    session.lab.ask("chain")
    wait_until(lambda: session.lab.value("chain").loss_step == 5)
    steps = session.lab.value("chain").steps.tolist()
    assert steps == (list(range(5, 11)) if chain.endswith("r") else [5, 4, 3, 2])
    remedies = window.middle.side.panel("remedies")
    window.middle.show_page("remedies")
    wait_until(lambda: remedies.share_plot.now is not None)
    assert ("ahead" in remedies.share_plot.below) == chain.endswith("r")
    assert "bidirectional" in remedies.truncate.words.text()
    window.grab()


def test_the_sweep_reaches_both_ends(both, qtbot, wait_until):
    window, session, tracks = both.window, both.session, both.window.middle.tracks
    session.choose_loss(4)
    window.centralWidget().setFocus()
    qtbot.keyClick(window, Qt.Key.Key_R)
    wait_until(lambda: session.time_step == 4)
    gradient = tracks.track("gradient")
    session.select(layer="l1r")
    assert gradient.reached == 4
    qtbot.keyClick(window, Qt.Key.Key_Left)
    assert (session.time_step, gradient.reached) == (3, 5)
    qtbot.keyClick(window, Qt.Key.Key_Home)
    assert (session.time_step, gradient.reached) == (1, len(TEXT))
    session.select(layer="l1")
    assert gradient.reached == 1
    window.grab()


def test_it_is_compared_chain_by_chain_and_trained(both, qtbot, wait_until):
    window, session = both.window, both.session
    session.choose_loss(5)
    qtbot.keyClick(window, Qt.Key.Key_C)
    page = window.middle.comparison
    wait_until(lambda: page is not None and page.scene is not None and page.comparison.complete, timeout=FAST)
    for chain in CHAINS:
        choose(qtbot, page.layer, chain)
        wait_until(lambda chain=chain: page.scene.layers == (chain,) * 3 and page.comparison.complete, timeout=FAST)
        way = "both" if chain[1] == "0" else "right" if chain.endswith("r") else "left"
        assert [page.scene.way(index) for index in range(3)] == [way] * 3
        for model in page.scene.models:
            reached = (np.flatnonzero(np.isfinite(model.log2)) + 1).tolist()
            assert reached == list({"left": range(1, 6), "right": range(5, 12), "both": range(1, 12)}[way])
        window.grab()
    before = page.scene.models[0].training_step
    session.train_steps(6)
    wait_until(lambda: page.comparison.complete and page.scene.models[0].training_step >= before + 6, timeout=FAST)
    assert len({model.training_step for model in page.scene.models}) == 1
    assert np.isfinite(page.scene.models[0].loss)
