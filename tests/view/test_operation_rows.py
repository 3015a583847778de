"""Equations of the inspector: those of a decoder name its own matrices, those of a reverse chain the step after t."""

from __future__ import annotations

import pytest

from rnnviz.view import math_text
from rnnviz.view.notation.conventions import CONVENTIONS
from rnnviz.view.notation.notation import Notation
from rnnviz.view.panels.operation_rows import Row, tight

EQUATION = "f_t = σ(W_{xf} x_t + W_{hf} h_{t-1} + b_f)"


@pytest.fixture(params=[convention.key for convention in CONVENTIONS])
def notation(request):
    before = math_text.notation()
    math_text.use(Notation(request.param, "lstm"))
    yield request.param
    math_text.use(before)


def row(**changes):
    return Row("f", "Forget gate", EQUATION, "σ(1 + 2 + 3)", 0.5, **changes)


def test_a_reverse_chain_starts_from_the_step_after(notation):
    plain, mirrored = row().spoken, row(reverse=True).spoken
    assert "t+1" not in plain
    assert mirrored == plain.replace("t−1", "t+1")
    assert mirrored != plain
    assert "t-1" not in tight(row(reverse=True))
    assert "t+1" in tight(row(reverse=True))


def test_a_decoder_has_matrices_of_its_own(notation):
    plain, primed = row().spoken, row(decoder=True).spoken
    assert primed.count("'") > plain.count("'")
    assert primed.replace("'", "") == plain.replace("'", "")
    assert tight(row(decoder=True)).count("'") == primed.count("'")
