"""The wiring of the four patterns without a window: foreseen while one types, named, drawn as diagrams."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import Qt

from rnnviz.engine.tasks import task_class
from rnnviz.engine.tasks.names import PATTERNS, TITLES
from rnnviz.view import math_text
from rnnviz.view.actions import ACTIONS
from rnnviz.view.controls.pattern_switch import DIAGRAMS, PatternSwitch
from rnnviz.view.look import Look
from rnnviz.view.notation.notation import Notation
from rnnviz.view.stage import handover
from rnnviz.view.stage.wiring import START, Wiring, foreseen, text_steps


def test_the_table_of_patterns_is_what_the_classes_say():
    assert {name: task_class(name).pattern for name in TITLES} == PATTERNS
    assert set(PATTERNS.values()) == set(DIAGRAMS)
    actions = {spec.argument: spec for spec in ACTIONS if spec.verb == "shell.set_pattern"}
    assert list(actions) == list(DIAGRAMS)
    assert all(spec.key == f"pattern-{name}" and spec.checkable for name, spec in actions.items())


@pytest.mark.parametrize(
    ("key", "names"),
    [("lecture", ("W_{xh}", "W'_{xh}")), ("dynamical", ("θ_{xh}", "θ'_{xh}")), ("abstract", ("W^x", "W'^x")),
     ("stacked", ("W_x", "W'_x")), ("layer", ("W_X", "W'_X")), ("uvw", ("U", "U'")),
     ("pytorch", ("W_{ih}", "W'_{ih}"))],
)  # fmt: skip
def test_the_decoders_matrices_are_primed_in_every_notation(qapp, key, names):
    math_text.use(Notation(key, sizes={"W_{xh}": (4, 3)}))
    try:
        assert tuple(handover.markup("W_xh", own=own) for own in (False, True)) == names
        assert math_text.notation().translate(names[1]) == names[1]
    finally:
        math_text.use(Notation())


@pytest.mark.parametrize("theme", ["light", "dark", "contrast"])
def test_the_four_diagrams_are_buttons_with_names(qtbot, theme):
    look = Look()
    look.set_theme(theme)
    switch = PatternSwitch(look=look)
    qtbot.addWidget(switch)
    switch.resize(300, 70)
    chosen = []
    switch.chosen.connect(chosen.append)
    switch.set_current("transducer")
    pictures = {key: button.grab().toImage() for key, button in switch.buttons.items()}
    assert len({bytes(image.constBits()) for image in pictures.values()}) == 4
    assert [key for key, button in switch.buttons.items() if button.isChecked()] == ["transducer"]
    for key, button in switch.buttons.items():
        assert DIAGRAMS[key].title in button.accessibleName()
        assert button.toolTip().count(".") >= 2
        qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert chosen == list(DIAGRAMS)


def test_wiring_of_an_own_continuation_is_foreseen():
    old = (tuple("hello") + tuple("xyz"), Wiring(written=5, marks=[False] * 5 + [True] * 3, own=True))
    tokens, wiring = foreseen("transducer", tuple("hellow"), old, own=True)
    assert tokens == tuple("hellowxyz")
    assert [step for step in range(1, 10) if wiring.drawn(step)] == [7, 8, 9]
    assert foreseen("transducer", tuple("hellow"), old, own=False)[0] == tuple("hellow")
    assert foreseen("transducer", (), old, own=True)[0] == ()
    assert foreseen("acceptor", tuple("hellow"), old, own=True)[0] == tuple("hellow"), "of another pattern"


@pytest.mark.parametrize(
    ("pieces", "own", "tokens", "written", "switch"),
    [
        (("a", "b", START), False, ("a", "b", START, "o"), 2, 2),
        (("a", "b", "→"), False, ("a", "b", START, "o"), 3, 2),
        (("a", "b", "->", "w"), False, ("a", "b", START, "w"), 4, 2),
        (("a", "b", "->", "w"), True, ("a", "b", START, "o"), 3, 2),
        (("→", "→", "w"), False, ("→", START, "w"), 3, 1),
    ],
)
def test_wiring_of_a_translation_is_foreseen(pieces, own, tokens, written, switch):
    old = (("a", START, "o"), Wiring("encoder-decoder", 1, [False, False, True], True, 1))
    made, wiring = foreseen("encoder-decoder", pieces, old, own=own)
    assert made == tokens
    assert (wiring.written, wiring.switch) == (written, switch)
    steps = range(1, len(made) + 1)
    assert [step for step in steps if wiring.fed(step)] == list(range(switch + 2, len(made) + 1))
    assert [step for step in steps if wiring.answers(step, len(made))] == list(range(switch + 1, len(made) + 1))


def test_steps_in_the_text():
    assert text_steps(("a", "b", START), 2) == 2
    assert text_steps(("a", "b", "→", "c"), 2) == 4
    assert text_steps((), 0) == 0
    wiring = Wiring(marks=np.array([False, True, True, False, True]).tolist())
    assert wiring.runs == [range(2, 4), range(5, 6)]
