"""The list of tasks: light to read, complete, and true to the classes."""

from __future__ import annotations

import gc
import subprocess
import sys
from weakref import ref

import pytest

from rnnviz.engine import tasks as package
from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import ModelSpec, TaskSpec, TrainingSpec
from rnnviz.engine.tasks import TASKS, make_task, task_class
from rnnviz.engine.tasks.base import PATTERNS
from rnnviz.engine.tasks.names import TITLES

PATTERN_OF = {
    "acceptor": {"parity", "sentiment", "year", "dna", "temporal-order", "adding"},
    "one-to-sequence": {"generate"},
    "encoder-decoder": {"translation"},
}
"""The tasks of each pattern; all others are transducers."""


def test_names_and_titles_are_those_of_the_classes_in_one_order() -> None:
    assert {name: found.title for name, found in TASKS.items()} == TITLES
    assert list(TASKS) == list(TITLES)
    assert all(found.name == name for name, found in TASKS.items())


def test_listing_the_tasks_loads_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from rnnviz.engine.tasks.names import TITLES\n"
        "print(sorted({'numpy', 'torch', 'msgspec'} & set(sys.modules)), len(TITLES))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["[]", str(len(TITLES))]


def test_making_one_task_does_not_load_the_others_or_torch() -> None:
    code = (
        "import sys\n"
        "from rnnviz.engine.spec import TaskSpec\n"
        "from rnnviz.engine.tasks import make_task\n"
        "make_task(TaskSpec(name='dna'))\n"
        "print('torch' in sys.modules, 'rnnviz.engine.tasks.reber' in sys.modules)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


@pytest.mark.parametrize("name", TITLES)
def test_every_task_describes_itself(name: str) -> None:
    task = make_task(TaskSpec(name=name))
    assert task.pattern == next((pattern for pattern, names in PATTERN_OF.items() if name in names), "transducer")
    assert task.pattern in PATTERNS
    assert ("decoder" in task.default_model) == (task.pattern == "encoder-decoder")
    assert task.sentence.endswith(".")
    assert task.baseline > 0
    assert task.baseline_label
    assert task.metric
    assert task.default_steps > 0
    ModelSpec(**task.default_model)
    TrainingSpec(**task.default_training)


def test_an_unknown_task_is_refused_with_the_known_names() -> None:
    with pytest.raises(SpecError, match="a-n-b-n"):
        task_class("chess")


def test_a_long_text_is_read_once_and_let_go() -> None:
    text = "the cat sat on the mat\n" * (package.LONG_TEXT // 23 + 1)
    first = make_task(TaskSpec(name="next-word", text=text))
    assert make_task(TaskSpec(name="next-word", text=f" {text}"[1:])) is first
    longer = make_task(TaskSpec(name="next-word", text=text, length=5))
    assert (longer.length, first.length) == (5, 16)
    assert make_task(TaskSpec(name="next-char", text=text)).name == "next-char"
    kept = ref(make_task(TaskSpec(name="next-word", text=text)))
    assert kept() is not None
    small = make_task(TaskSpec(name="parity"))
    assert make_task(TaskSpec(name="parity")) is not small
    gc.collect()
    assert kept() is None


def test_a_long_text_that_is_refused_is_not_kept() -> None:
    for _ in range(2):
        with pytest.raises(SpecError, match="must begin with the header"):
            make_task(TaskSpec(name="sentiment", text="x" * package.LONG_TEXT))


def test_the_package_has_no_other_attributes() -> None:
    with pytest.raises(AttributeError, match="no attribute 'Chess'"):
        _ = package.Chess
