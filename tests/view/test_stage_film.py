"""The film of backpropagation on a stage with several chains: which edges carry what, against the engine's numbers."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.session.values import Direction
from rnnviz.view.scales import norm_text
from rnnviz.view.stage import chains, downward, movie, movie_bar, tips
from rnnviz.view.stage.frame import Hit
from rnnviz.view.stage.layout import JOIN

CHAINS = ("l0", "l0r", "l1", "l1r")
TEXT = "world"
K = 3


@pytest.fixture
def stage(make_stage, session, wait_until):
    """All four chains of an Elman network, the film of C_3 wanted as its panel wants it."""
    view = make_stage(1256, 760)
    session.set_model(cell="elman", hidden=4, layers=2, bidirectional=True)
    session.set_text(TEXT)
    wait_until(lambda: len(session.trace.layers) == 4 and session.trace.text == TEXT and not session.trace_stale)
    session.want("movie", "test")
    session.choose_loss(K)
    session.set_direction(Direction.BACKWARD)
    yield view
    session.unwant("movie", "test")
    session.choose_loss(0)


def play(stage, session, wait_until, losses="one", layer="l0"):
    """The frame with the film of ``losses``, its weights those of ``layer``."""
    session.select(layer=layer)
    session.lab.set("movie", losses=losses, loss_step=K if losses == "one" else 0, layer=layer, weight="W_hh")
    wait_until(lambda: (film := session.lab.value("movie")) is not None and (film.losses, film.layer) == (losses, layer)
               and len(film.edges[0].log2_total) == len(TEXT))  # fmt: skip
    return stage.frame()


def drawn(frame, name):
    """The steps of a chain into which an arrow comes down, and those into which one comes through time."""
    steps = range(1, len(TEXT) + 1)
    down = {step for step in steps if downward.arriving(frame, name, step) > 0}
    right = frame.flow(name).rightward
    return down, {left + right for left in steps[:-1] if frame.crossed(name, left)}


def carries(row):
    return set((np.flatnonzero(np.isfinite(row)) + 1).tolist())


@pytest.mark.parametrize("losses", ["one", "sum"])
def test_at_the_end_of_the_sweep_every_edge_that_carries_something_is_drawn_and_no_other(
    stage, session, wait_until, losses
):
    play(stage, session, wait_until, losses)
    session.move_to(1)
    frame = stage.frame()
    for edges in session.lab.value("movie").edges:
        down, through = drawn(frame, edges.name)
        assert down == carries(edges.log2_direct), edges.name
        assert through == carries(edges.log2_through), edges.name
        np.testing.assert_array_equal(frame.flow(edges.name).direct, edges.log2_direct)
        np.testing.assert_array_equal(frame.flow(edges.name).log2, edges.log2_through)


def test_in_a_lower_layer_the_loss_comes_from_both_sides_while_the_sweep_goes(stage, session, wait_until):
    play(stage, session, wait_until)
    session.move_to(2)
    frame = stage.frame()
    assert [drawn(frame, name) for name in CHAINS] == [
        ({2, 3, 4, 5}, {2, 3, 4}), ({1, 2, 3, 4}, {2, 3, 4}), ({3}, {2}), ({3}, {4}),
    ]  # fmt: skip


def test_as_wide_as_what_comes_down(stage, session, wait_until):
    play(stage, session, wait_until)
    session.move_to(1)
    frame = stage.frame()
    direct = {edges.name: edges.log2_direct for edges in session.lab.value("movie").edges}
    widths, norms = zip(*((downward.arriving(frame, name, step), float(direct[name][step - 1]))
                          for name in ("l0", "l0r") for step in range(1, 6)), strict=True)  # fmt: skip
    assert np.argsort(widths).tolist() == np.argsort(norms).tolist()
    assert len(set(widths)) > 3


def test_the_wires_into_both_chains_are_in_the_colour_of_the_gradient(stage, session, wait_until):
    play(stage, session, wait_until)
    session.move_to(1)
    frame, image = stage.frame(), stage.grab().toImage()
    layout, x = frame.layout, frame.x(5)
    lower, upper = chains.groups(frame)[0]
    for place in (
        (x, upper.top - layout.px(JOIN + 3)),  # down from the layer above
        (x + chains.side(frame), (upper.top + upper.hh) / 2),  # past the upper chain
        (x + chains.side(frame) / 2, lower.top - layout.px(JOIN + 3)),  # into the lower one
    ):
        colour = image.pixelColor(*map(round, place))
        assert abs(colour.hue() - frame.theme.grad.hue()) < 12, place


@pytest.mark.parametrize("layer", CHAINS)
def test_the_bar_is_that_of_the_chain_whose_weights_are_asked_for(stage, session, wait_until, layer, monkeypatch):
    written = {}
    monkeypatch.setattr(movie_bar, "_segments", lambda painter, frame, well, shares: written.update(shares=shares))
    monkeypatch.setattr(movie_bar, "_mark", lambda painter, frame, well, share, log2: written.update(log2=log2))
    play(stage, session, wait_until, layer=layer)
    weight = session.lab.value("movie").weight
    norms = np.exp2(weight.log2_norms)
    for at in (K, 2, 1):
        session.move_to(at)
        stage.grab()
        front = 2 * K - at if layer.endswith("r") else at
        passed = norms[:front] if layer.endswith("r") else norms[front - 1 :]
        np.testing.assert_allclose(np.sum(written["shares"]), passed.sum() / norms.sum(), rtol=1e-5)
        assert written["log2"] == weight.log2_running[front - 1]
        # A sum of vectors is never longer than their lengths laid one after the other.
        assert np.exp2(written["log2"]) <= passed.sum() * (1 + 1e-5)


def test_words_are_those_of_the_selected_chain(stage, session, wait_until):
    for layer, above in (("l0", "from the layer above"), ("l1r", "from y_2")):
        play(stage, session, wait_until, layer=layer)
        session.move_to(2 if layer == "l0" else 1)
        frame = stage.frame()
        edges = next(each for each in session.lab.value("movie").edges if each.name == layer)
        total = norm_text(float(edges.log2_total[frame.time_step - 1]))
        assert f"{total} in all" in movie.spoken(frame)
        step = 2 if layer == "l0" else 4
        words = tips.tip(frame, Hit("cell", step=step, name=layer), {})
        assert above.replace("y_2", f"y_{step}") in words
        assert norm_text(float(edges.log2_direct[step - 1])) in words
