"""Several chains on the stage: which rows are shown, how they are wired, where each begins."""

from __future__ import annotations

import pytest

from rnnviz.session.values import Direction
from rnnviz.view import math_text
from rnnviz.view.layer_names import layer_mark, layer_words, state_symbol, whose
from rnnviz.view.notation.notation import Notation
from rnnviz.view.stage import chains
from rnnviz.view.stage.layout import Mode, rows_that_fit

BOTH = ("l1r", "l1", "l0r", "l0")  # as on the stage, the outermost first
TEXT = "world"


@pytest.fixture
def stage(make_stage, session, wait_until):
    """A stage high enough for four rows, with an Elman network of two layers in both directions."""
    view = make_stage(1256, 760)
    session.set_model(cell="elman", hidden=4, layers=2, bidirectional=True)
    session.set_text(TEXT)
    wait_until(lambda: len(session.trace.layers) == 4 and session.trace.text == TEXT and not session.trace_stale)
    wait_until(lambda: len(view.frame().layout.rows) == 4)
    return view


# ---------------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("name", "names", "words", "mark"),
    [
        ("l1r", ("l0", "l0r", "l1", "l1r"), "layer 2, right to left", "2 ←"),
        ("l0", ("l0", "l0r"), "layer 1, left to right", "1 →"),
        ("l1", ("l0", "l1"), "layer 2", "2"),
    ],
)
def test_a_chain_is_named_as_people_count(name, names, words, mark):
    assert (layer_words(name, names), layer_mark(name, names)) == (words, mark)
    assert whose(name, names) == f", {words}"
    assert whose("l0", ("l0",)) == ""


@pytest.mark.parametrize(
    ("key", "found"),
    [("lecture", "h^{2←}_t"), ("dynamical", "h^{2←}(t)"), ("abstract", "s^{2←}_t"), ("stacked", "h^{2←}_t"),
     ("layer", "A^{2←}_t"), ("uvw", "h^{2←}(t)"), ("pytorch", "h^{2←}_t")],
)  # fmt: skip
def test_its_state_has_a_superscript_in_every_notation(key, found):
    before = math_text.notation()
    try:
        math_text.use(Notation(key))
        symbol = state_symbol("l1r", tuple(reversed(BOTH)))
        assert symbol == found
        drawn = [(run.text, run.level) for run in math_text.parse(symbol)]
        assert ("2←", 1) in drawn  # passing through the notation once more changes nothing
        assert drawn[0] == (found[0], 0)
    finally:
        math_text.use(before)
    assert state_symbol("l0r", ("l0", "l0r")) == "h^{←}_t"
    assert state_symbol("l0", ("l0",)) == "h_t"


# ---------------------------------------------------------------------- rows


@pytest.mark.parametrize(
    ("height", "chosen", "shown"),
    [
        (760, "l0", BOTH),
        (426, "l0r", ("l0r", "l0")),
        (426, "l1", ("l1r", "l1")),
        (300, "l1r", ("l1r",)),
        (426, "l7", ("l0r", "l0")),
    ],
)
def test_a_low_stage_shows_both_chains_of_the_chosen_layer_before_it_shows_one(height, chosen, shown):
    assert rows_that_fit(BOTH, chosen, Mode.FULL, height) == shown


def test_stacked_layers_are_shown_together_where_they_fit():
    assert rows_that_fit(("l1", "l0"), "l0", Mode.FULL, 426) == ("l1", "l0")
    assert rows_that_fit(("l3", "l2", "l1", "l0"), "l2", Mode.FULL, 426) == ("l2",)
    assert rows_that_fit(("l0",), "l0", Mode.FULL, 100) == ("l0",)


# ---------------------------------------------------------------------- wires


def dark(image, x, y):
    """Whether the pixel is nearer to ink than to paper."""
    return image.pixelColor(round(x), round(y)).lightness() < 140


def test_the_text_goes_into_both_chains_and_both_states_into_the_output(stage, session):
    session.move_to(len(TEXT))
    frame, image = stage.frame(), stage.grab().toImage()
    upper, lower = frame.layout.rows[2:]
    x, beside = frame.x(3), chains.side(frame)
    halfway = (lower.top + lower.hh) / 2
    assert dark(image, x - beside, halfway)  # the input passes the lower cell on its left
    assert dark(image, x + beside, (upper.top + upper.hh) / 2)  # its state passes the upper one on its right
    assert dark(image, x + beside / 2, upper.top - frame.layout.px(5))  # and is joined with the other above it
    assert not dark(image, x - beside, (upper.top + upper.hh) / 2)
    assert len({chains.entry(frame, row) for row in frame.layout.rows}) == 4  # input weights of their own


def test_a_chain_from_the_end_is_done_before_the_first_output(stage, session):
    session.move_to(1)
    frame = stage.frame()
    done = {row.name: [chains.done(frame, row, step) for step in (1, 2, 5)] for row in frame.layout.rows}
    assert done == {"l1r": [True] * 3, "l0r": [True] * 3, "l1": [True, False, False], "l0": [True, False, False]}
    assert not frame.computed(2)


def test_a_chain_from_the_end_begins_with_zeros_behind_the_last_copy(stage, session):
    session.move_to(2)
    frame, image = stage.frame(), stage.grab().toImage()
    upper, lower = frame.layout.rows[2:]
    reach = frame.layout.cell_width / 2
    gap = (frame.x(5) + frame.x(6)) / 2
    assert frame.x(6) + reach < frame.layout.width
    assert dark(image, gap + 1, upper.hh) or dark(image, gap - 1, upper.hh)
    assert not dark(image, gap + 1, lower.hh)
    squares = [frame.layout.square(frame.x(step), row, 0, 0, 1) for step, row in ((6, upper), (0, lower))]
    for square in squares:
        assert image.pixelColor(square.center().toPoint()) == frame.theme.panel


def test_the_gradient_of_the_joined_states_goes_down_both_ways(stage, session, wait_until):
    session.choose_loss(3)
    session.set_direction(Direction.BACKWARD)
    wait_until(lambda: session.gradients is not None and session.gradients.loss_step == 3)
    wait_until(lambda: set(stage.frame().flows) == set(BOTH))
    frame, image = stage.frame(), stage.grab().toImage()
    upper, lower = frame.layout.rows[:2]
    x = frame.x(3) + chains.side(frame)
    colour = image.pixelColor(round(x), round((upper.top + upper.hh) / 2))
    assert abs(colour.hue() - frame.theme.grad.hue()) < 12
    below = image.pixelColor(round(frame.x(3)), round(lower.bottom + frame.layout.px(8)))
    assert abs(below.hue() - frame.theme.grad.hue()) < 12
