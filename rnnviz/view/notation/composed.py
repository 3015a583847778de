"""The composed function: ``s_4 = R(R(R(R(s_0,x_1),x_2),x_3),x_4)``, which grows with the steps.

In an encoder-decoder the steps after ``switch`` use other parameters: ``s_3 = R'(R(R(s_0,x_1),x_2),x_3)``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.view.notation.notation import Notation

GAP = "⋯"
KEPT = 2  # levels at either end that stay when the middle is left out


def composed(notation: Notation, time_step: int, switch: int = 0) -> str:
    """The state after ``time_step`` steps as one function of all inputs so far, written out in full."""
    if not time_step:
        return f"{_tight(notation.state('0'))} = 0"
    return _equation(notation, time_step, _levels(notation, notation.state("0"), range(1, time_step + 1), switch))


def elided(notation: Notation, time_step: int, kept: int = KEPT, switch: int = 0) -> str:
    """The same with the middle left out: ``kept`` levels innermost and outermost, all where there are no more."""
    if time_step <= 2 * kept:
        return composed(notation, time_step, switch)
    inner = _levels(notation, notation.state("0"), range(1, kept + 1), switch)
    outer = range(time_step - kept + 1, time_step + 1)
    return _equation(notation, time_step, _levels(notation, f"{GAP} {inner} {GAP}", outer, switch))


def last_step(notation: Notation, time_step: int, switch: int = 0) -> str:
    """Only the outermost level, ``s_4 = R(s_3,x_4)``: for where nothing longer fits."""
    before = notation.state(str(max(0, time_step - 1)))
    return _equation(notation, time_step, _levels(notation, before, range(time_step, time_step + 1), switch))


def candidates(notation: Notation, time_step: int, most: int = 32, switch: int = 0) -> list[str]:
    """What may be drawn, longest first; more than ``most`` levels are never written out."""
    forms = [composed(notation, time_step, switch)] if time_step <= most else []
    if time_step > 2 * KEPT:
        forms.append(elided(notation, time_step, switch=switch))
    if time_step > 2:
        forms.append(elided(notation, time_step, 1, switch))
    if time_step:
        forms.append(last_step(notation, time_step, switch))
    return list(dict.fromkeys(forms))


def _levels(notation: Notation, state: str, steps: range, switch: int) -> str:
    for step in steps:
        state = notation.step(state, notation.timed("x", str(step)), decoder=0 < switch < step)
    return state


def _equation(notation: Notation, time_step: int, right: str) -> str:
    return _tight(f"{notation.state(str(time_step))} = {right}")


def _tight(markup: str) -> str:
    return markup.replace(", ", ",")
