"""The action table: no key twice, every line complete, every verb there."""

from __future__ import annotations

import pytest

from rnnviz.engine.tasks import TASKS
from rnnviz.engine.tasks.names import SENTENCES, TITLES
from rnnviz.resources import resource_path
from rnnviz.view.actions import ACTIONS, MENUS, ActionSpec, conflicts
from rnnviz.view.panel_actions import panel_specs


def everything():
    return (*ACTIONS, *panel_specs())


def test_no_two_actions_share_a_shortcut():
    assert conflicts(everything()) == {}


def test_conflicts_are_found():
    twice = (ActionSpec("a", "A", "File", "session.a", "Ctrl+A"), ActionSpec("b", "B", "File", "session.b", "ctrl+a X"))
    assert conflicts(twice) == {"ctrl+a": ["a", "b"]}


def test_keys_are_unique():
    keys = [spec.key for spec in everything()]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize("spec", everything(), ids=[spec.key for spec in everything()])
def test_every_action_is_complete(spec):
    assert spec.menu in MENUS
    by_turns = spec.verb == "shell.set_task"  # too many for keys of their own: see the two actions that reach them all
    assert spec.shortcuts or by_turns, "every action has a shortcut"
    assert spec.tip.count(".") >= 2, "a tip has two sentences"
    if spec.icon:
        assert "<svg" in resource_path(f"icons/{spec.icon}.svg").read_text()


def test_every_task_is_an_action_and_two_keys_walk_through_them_all():
    chosen = [spec.argument for spec in ACTIONS if spec.verb == "shell.set_task"]
    assert chosen == list(TITLES)
    turns = {spec.argument: spec.shortcuts for spec in ACTIONS if spec.verb == "shell.next_task"}
    assert turns == {1: "Ctrl+Alt+N", -1: "Ctrl+Alt+P"}


def test_the_tip_of_a_task_is_the_sentence_of_its_class():
    tips = {spec.argument: spec.tip for spec in ACTIONS if spec.verb == "shell.set_task"}
    assert {name: found.sentence for name, found in TASKS.items()} == SENTENCES
    assert all(tips[name].startswith(f"{sentence}\n") for name, sentence in SENTENCES.items())


def test_reserved_keys_stay_free():
    claimed = {key for spec in everything() for key in spec.shortcuts.split()}
    assert not claimed & {"B", "."}


@pytest.mark.parametrize(
    ("key", "shortcut"),
    [("backward", "R"), ("forward", "F"), ("train", "T"), ("train-one", "Shift+T"), ("cell-elman", "1"),
     ("cell-lstm", "2"),
     ("cell-gru", "3"), ("play", "Space"), ("back", "Left"), ("step", "Right"), ("first", "Home"), ("last", "End"),
     ("unit-up", "Up"), ("unit-down", "Down"), ("find", "Ctrl+K"), ("save", "Ctrl+S"), ("save-as", "Ctrl+Shift+S"),
     ("open", "Ctrl+O"), ("panel-inspector", "Ctrl+I"), ("compare", "C")],
)  # fmt: skip
def test_the_keys_of_the_design(key, shortcut):
    spec = next(spec for spec in everything() if spec.key == key)
    assert shortcut in spec.shortcuts.split()


def test_presenter_has_both_keys():
    spec = next(spec for spec in ACTIONS if spec.key == "presenter")
    assert set(spec.shortcuts.split()) == {"F11", "F5"}
