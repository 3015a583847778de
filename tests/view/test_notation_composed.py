"""The composed function: written out, grown with the steps, and left out in the middle where it does not fit."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QFont

from rnnviz.view import math_text
from rnnviz.view.notation import KEYS, Notation
from rnnviz.view.notation.composed import GAP, candidates, composed, elided, last_step
from rnnviz.view.stage.composed import SMALLEST, fitted

NOTHING = {"lecture": "h_0 = 0", "dynamical": "h(0) = 0", "abstract": "s_0 = 0", "stacked": "h_0 = 0",
           "layer": "A_0 = 0", "uvw": "h(0) = 0", "pytorch": "h_0 = 0"}  # fmt: skip
TWO = {
    "lecture": "h_2 = f(f(h_0,x_1),x_2)",
    "dynamical": "h(2) = f(f(h(0),x(1); θ),x(2); θ)",
    "abstract": "s_2 = R(R(s_0,x_1),x_2)",
    "stacked": "h_2 = tanh(W (x_2; tanh(W (x_1; h_0) + b)) + b)",
    "layer": "A_2 = g(X_2 W_X + g(X_1 W_X + A_0 W_A + b_A) W_A + b_A)",
    "uvw": "h(2) = f(U x(2) + W f(U x(1) + W h(0) + b) + b)",
    "pytorch": "h_2 = tanh(W_{ih} x_2 + b_{ih} + W_{hh} tanh(W_{ih} x_1 + b_{ih} + W_{hh} h_0 + b_{hh}) + b_{hh})",
}
GATED = {
    ("lecture", "lstm"): "(h_2,c_2) = f(f((h_0,c_0),x_1),x_2)",
    ("abstract", "lstm"): "s_2 = R(R(s_0,x_1),x_2)",
    ("dynamical", "lstm"): "s(2) = f(f(s(0),x(1); θ),x(2); θ)",
    ("layer", "lstm"): "(A_2,c_2) = g(g((A_0,c_0),X_1),X_2)",
    ("pytorch", "lstm"): "(h_2,c_2) = LSTM(x_2,LSTM(x_1,(h_0,c_0)))",
    ("pytorch", "gru"): "h_2 = GRU(x_2,GRU(x_1,h_0))",
    ("stacked", "gru"): "h_2 = f(x_2; f(x_1; h_0))",
    ("uvw", "gru"): "h(2) = f(f(h(0),x(1)),x(2))",
}


@pytest.mark.parametrize("key", KEYS)
def test_written_out_in_every_notation(key):
    assert composed(Notation(key), 0) == NOTHING[key]
    assert composed(Notation(key), 2) == TWO[key]


@pytest.mark.parametrize(("key", "cell"), GATED)
def test_written_out_for_the_gated_cells(key, cell):
    assert composed(Notation(key, cell), 2) == GATED[key, cell]


def test_the_formula_of_the_lecture():
    assert composed(Notation("abstract"), 1) == "s_1 = R(s_0,x_1)"
    assert composed(Notation("abstract"), 4) == "s_4 = R(R(R(R(s_0,x_1),x_2),x_3),x_4)"


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("key", KEYS)
def test_it_grows_by_one_level_a_step_and_holds_every_input_once(key, cell):
    notation = Notation(key, cell)
    for steps in (1, 4, 40):
        right = composed(notation, steps).split(" = ")[1]
        assert [right.count(notation.timed("x", str(step))) for step in range(1, steps + 1)] == [1] * steps
        assert right.count("(") == right.count(")")
        inner = composed(notation, steps - 1).split(" = ")[1] if steps > 1 else ""
        assert inner in right


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("key", KEYS)
def test_two_levels_stay_at_either_end(key, cell):
    notation = Notation(key, cell)
    short = elided(notation, 40)
    kept = [step for step in range(1, 41) if notation.timed("x", str(step)) in short]
    assert kept == [1, 2, 39, 40]
    assert short.count(GAP) == 2
    assert composed(notation, 2).split(" = ")[1] in short
    assert short.count("(") == short.count(")")


def test_forty_steps_of_the_abstract_cell():
    assert elided(Notation("abstract"), 40) == "s_{40} = R(R(⋯ R(R(s_0,x_1),x_2) ⋯,x_{39}),x_{40})"
    assert last_step(Notation("abstract"), 40) == "s_{40} = R(s_{39},x_{40})"


# The step after the encoder's two (derived by hand): what a decoder has for itself is primed, its parameters where they
# are written, else the function.
DECODER = {
    ("lecture", "elman"): "h_3 = f'({two},x_3)",
    ("dynamical", "elman"): "h(3) = f({two},x(3); θ')",
    ("abstract", "elman"): "s_3 = R'({two},x_3)",
    ("stacked", "elman"): "h_3 = tanh(W' (x_3; {two}) + b')",
    ("layer", "elman"): "A_3 = g(X_3 W'_X + {two} W'_A + b'_A)",
    ("uvw", "elman"): "h(3) = f(U' x(3) + W' {two} + b')",
    ("pytorch", "elman"): "h_3 = tanh(W'_{ih} x_3 + b'_{ih} + W'_{hh} {two} + b'_{hh})",
    ("lecture", "lstm"): "(h_3,c_3) = f'({two},x_3)",
    ("dynamical", "gru"): "h(3) = f({two},x(3); θ')",
    ("stacked", "gru"): "h_3 = f'(x_3; {two})",
    ("layer", "lstm"): "(A_3,c_3) = g'({two},X_3)",
    ("uvw", "lstm"): "(h(3),c(3)) = f'({two},x(3))",
    ("pytorch", "lstm"): "(h_3,c_3) = LSTM'(x_3,{two})",
}


@pytest.mark.parametrize(("key", "cell"), DECODER)
def test_a_step_of_the_decoder_has_primes(key, cell):
    notation = Notation(key, cell)
    two = composed(notation, 2).split(" = ")[1]
    assert composed(notation, 3, switch=2) == DECODER[key, cell].replace("{two}", two)
    assert last_step(notation, 3, 2) == DECODER[key, cell].replace("{two}", composed(notation, 2).split(" = ")[0])
    assert composed(notation, 2, switch=2) == composed(notation, 2)


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("key", KEYS)
def test_only_the_steps_after_the_switch_have_primes(key, cell):
    notation = Notation(key, cell)
    each = last_step(notation, 3, 2).count("'")
    assert each > 0
    assert elided(notation, 40, switch=30).count("'") == 2 * each
    assert composed(notation, 9, switch=4).count("'") == 5 * each
    assert composed(notation, 9, switch=4).replace("'", "") == composed(notation, 9)
    assert candidates(notation, 40, switch=39)[-1] == last_step(notation, 40, 39)


def test_short_ones_are_never_elided():
    for steps in range(5):
        assert elided(Notation("abstract"), steps) == composed(Notation("abstract"), steps)
        assert candidates(Notation("abstract"), steps)[0] == composed(Notation("abstract"), steps)


def test_a_long_text_is_never_written_out():
    assert candidates(Notation("pytorch"), 5000)[0] == elided(Notation("pytorch"), 5000)


@pytest.fixture
def font(qapp):
    made = QFont("DejaVu Serif")
    made.setPointSizeF(12.0)
    return made


def test_the_longest_form_that_fits_is_drawn(font):
    forms = candidates(Notation("abstract"), 40)
    widths = [math_text.width(form, font) for form in forms]
    assert widths == sorted(widths, reverse=True)
    for form, width in zip(forms, widths, strict=True):
        chosen, used = fitted(forms, font, width + 1)
        assert chosen == form
        assert used == font


def test_a_little_too_long_is_drawn_smaller(font):
    forms = candidates(Notation("abstract"), 4)
    room = math_text.width(forms[0], font) * (SMALLEST + 0.1)
    chosen, used = fitted(forms, font, room)
    assert chosen == forms[0]
    assert font.pointSizeF() * SMALLEST <= used.pointSizeF() < font.pointSizeF()
    assert math_text.width(chosen, used) <= room


def test_where_nothing_fits_the_last_step_is_left(font):
    forms = candidates(Notation("abstract"), 40)
    assert fitted(forms, font, 5.0)[0] == last_step(Notation("abstract"), 40)
