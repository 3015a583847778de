"""The stage on a projector: wires where there are several chains, and the readout of the chain that is selected."""

from __future__ import annotations

import pytest

from rnnviz.session.values import Direction
from rnnviz.view.stage import chains, presenter, rails
from rnnviz.view.stage.labels import Labels

TEXT = "world"


@pytest.fixture
def show(make_stage, session, wait_until):
    """Make the stage of a projector with this network and text."""

    def make(text=TEXT, task="next-char", **model):
        view = make_stage(1280, 430)
        if task != "next-char":
            session.set_task(task)
        if model:
            session.set_model(**model)
        session.set_text(text)
        wait_until(lambda: session.trace.text == text and not session.trace_stale and session.task.name == task
                   and not session._requests.is_open("unroll"))  # fmt: skip
        view.test[3].set_presenter(720)
        return view

    return make


def backward(stage, session, wait_until, loss, at):
    session.choose_loss(loss)
    session.set_direction(Direction.BACKWARD)
    wait_until(lambda: session.gradients is not None and session.gradients.loss_step == loss
               and set(stage.frame().flows) == {row.name for row in stage.frame().layout.rows})  # fmt: skip
    session.move_to(at)
    return stage.frame()


def difference(image, x, y):
    """How far the pixel is from paper."""
    return 255 - min(image.pixelColor(round(x) + d, round(y) + e).lightness() for d in (-1, 0, 1) for e in (-1, 0, 1))


def gap(frame, step):
    """The middle of the gap before ``step``."""
    return (frame.x(step - 1) + frame.x(step)) / 2


def test_one_chain_has_the_picture_to_itself(show, session):
    stage = show(cell="elman", hidden=4)
    session.move_to(5)
    frame, image = stage.frame(), stage.grab().toImage()
    assert not rails.shows_wires(frame)
    assert difference(image, gap(frame, 3), frame.layout.bottom_row.hh) < 20


def test_both_directions_are_joined_and_lead_their_own_way(show, session, wait_until):
    stage = show(cell="elman", hidden=4, bidirectional=True)
    session.move_to(5)
    frame, image = stage.frame(), stage.grab().toImage()
    upper, lower = frame.layout.rows
    beside = chains.side(frame)
    wires = [(frame.x(3) - beside, (lower.top + lower.hh) / 2), (frame.x(3) + beside, (upper.top + upper.hh) / 2)]
    for place in (*wires, (gap(frame, 3), upper.hh), (gap(frame, 3), lower.hh)):
        assert difference(image, *place) > 150, place
    frame = backward(stage, session, wait_until, 3, 3)
    image = stage.grab().toImage()
    assert 40 < difference(image, *wires[0]) < 200  # the gradient is the story: all else steps back
    assert abs(image.pixelColor(round(frame.x(3) + beside), round(wires[1][1])).hue() - frame.theme.grad.hue()) < 12
    assert difference(image, gap(frame, 5), lower.hh) < 20  # no arrow of the forward pass beside those of the sweep
    assert all(knot not in _colours(image, frame) for knot in (frame.theme.wx.rgb(), frame.theme.wh.rgb()))


def _colours(image, frame):
    rows = range(round(frame.layout.top_row.top) - 10, round(frame.layout.chip_top))
    return {image.pixel(x, y) for x in range(0, image.width(), 2) for y in rows}


def test_layers_are_wired_one_to_the_next(show, session):
    stage = show(cell="gru", hidden=4, layers=2)
    session.move_to(2)
    frame, image = stage.frame(), stage.grab().toImage()
    upper, lower = frame.layout.rows
    between = (upper.bottom + lower.top) / 2 + 4
    assert difference(image, frame.x(2), between) > 150 > difference(image, frame.x(4), between) > 20


def test_the_state_goes_across_from_the_encoder_to_the_decoder(show, session):
    stage = show("Do you have a pet? → ¿Tienes una mascota?", "translation")
    session.move_to(session.length)
    assert session.length == 12
    frame, image = stage.frame(), stage.grab().toImage()
    first, y = frame.wiring.switch + 1, frame.layout.bottom_row.hh
    left = frame.x(first - 1) + frame.layout.cell_width / 2
    thick = [sum(difference(image, left + 6, y + d) > 120 for d in range(-6, 7)),
             sum(difference(image, left - frame.layout.pitch + 6, y + d) > 120 for d in range(-6, 7))]  # fmt: skip
    assert thick[0] > thick[1] > 0


@pytest.mark.parametrize(("layer", "step"), [("l0", 2), ("l0r", 4)])
def test_the_readout_is_that_of_the_selected_chain(show, session, wait_until, monkeypatch, layer, step):
    written = []
    monkeypatch.setattr(Labels, "draw", lambda self, painter, x, y, text, *rest, **more: written.append(text))
    stage = show(cell="elman", hidden=4, bidirectional=True)
    session.select(layer=layer)
    frame = backward(stage, session, wait_until, 3, 2)
    flow = next(each for each in session.gradients.layers if each.name == layer)
    left = 100 * 2.0 ** float(flow.log2_total[step - 1] - flow.log2_total[2])
    written.clear()
    stage.grab()
    way = "left to right" if layer == "l0" else "right to left"
    assert f"{presenter._percent(left)}\u2005% of the start is left, layer 1, {way}" in written
    assert frame.chosen_flow.front(2) == step


def test_every_outline_is_as_heavy_as_its_own_gradient(show, session, wait_until):
    stage = show(cell="elman", hidden=4, bidirectional=True)
    frame = backward(stage, session, wait_until, 4, 1)
    flow, row = frame.flow("l0"), frame.layout.bottom_row
    image = stage.grab().toImage()

    def heavy(step):
        """Rows of the upper edge of a copy that are in the colour of the gradient."""
        colours = [image.pixelColor(round(frame.x(step)), round(row.top) + d) for d in range(-4, 5)]
        return sum(max(0.0, 1 - colour.lightnessF()) for colour in colours if abs(colour.hue() - frame.theme.grad.hue())
                   < 20)  # fmt: skip

    steps = [1, 2, 3, 4]  # nothing comes to them from the chain above, which begins at the last
    strengths = [flow.strength(step) for step in steps]
    assert strengths == sorted(strengths)
    assert heavy(4) > heavy(1) + 0.3
