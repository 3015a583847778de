"""What is on show while one types is cut as the task itself cuts it."""

from __future__ import annotations

import pytest

from rnnviz.engine.spec import TaskSpec
from rnnviz.engine.tasks import make_task, task_class
from rnnviz.engine.tasks.names import TITLES
from rnnviz.engine.tasks.reading import GROUP_TASKS, has_gaps, split_text


@pytest.mark.parametrize("name", TITLES)
def test_the_text_is_cut_as_the_task_cuts_it(name):
    task = make_task(TaskSpec(name=name))
    for text in (task_class(name).example, f" {task_class(name).example}  ", "", "   "):
        pieces, tokens = split_text(name, text), task.encode(text).tokens
        assert len(pieces) == len(tokens)
        if name not in GROUP_TASKS:  # numbers are shown otherwise than typed
            assert tuple("<start>" if name == "translation" and each == "→" else each for each in pieces) == tokens


def test_words_have_gaps_between_them_and_signs_have_none():
    assert has_gaps("sentiment")
    assert has_gaps("series")
    assert not has_gaps("next-char")
    assert not has_gaps("reber")
