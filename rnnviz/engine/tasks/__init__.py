"""The tasks by name: to add one, write a module like parity.py, and add it here and in names.py.

A task's module (and with it numpy) is imported when the task is first asked for.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rnnviz.engine.spec import TaskSpec
    from rnnviz.engine.tasks.base import Batch, Task

    TASKS: dict[str, type[Task]]

LONG_TEXT = 1_000_000
_LAST: list[Task] = []
_CLASSES = {
    "next-char": ("next_char", "NextCharacter"),
    "next-word": ("next_word", "NextWord"),
    "parity": ("parity", "Parity"),
    "sentiment": ("sentiment", "Sentiment"),
    "word-labels": ("word_labels", "WordLabels"),
    "generate": ("generate", "Generate"),
    "translation": ("translation", "Translation"),
    "year": ("year", "Year"),
    "dna": ("dna", "DnaMotif"),
    "copy": ("copy_memory", "CopyMemory"),
    "temporal-order": ("temporal_order", "TemporalOrder"),
    "reber": ("reber", "Reber"),
    "a-n-b-n": ("a_n_b_n", "CountedLetters"),
    "temporal-xor": ("temporal_xor", "TemporalXor"),
    "adding": ("adding", "Adding"),
    "series": ("series", "Series"),
    "flip-flop": ("flip_flop", "FlipFlop"),
}


def task_class(name: str) -> type[Task]:
    """Return the class of a task by its name, or raise SpecError with the known names."""
    from rnnviz.engine.spec import check_choice

    check_choice("The task", name, _CLASSES)
    module, class_name = _CLASSES[name]
    found: type[Task] = getattr(import_module(f"{__name__}.{module}"), class_name)
    return found


def make_task(spec: TaskSpec) -> Task:
    """Build the task that a spec names.

    Of a long text it takes seconds, so the last one is given again where it is asked for again (a task never changes):
    what a preview has counted is what is learned, and what a session file was checked with is what goes on.
    """
    if len(spec.text or "") < LONG_TEXT:
        _LAST.clear()  # nobody is likely to ask for it again, and it may hold hundreds of megabytes
        return task_class(spec.name)(spec)
    for task in _LAST:
        if task.spec == spec:
            return task
    made = task_class(spec.name)(spec)
    _LAST[:] = [made]  # another thread may do the same
    return made


def __getattr__(name: str) -> Any:  # noqa: ANN401 - what a module may hold
    """``TASKS`` (every class by its name), ``Task`` and ``Batch``, imported on first use."""
    if name == "TASKS":
        globals()[name] = {known: task_class(known) for known in _CLASSES}
    elif name in {"Batch", "Task"}:
        globals()[name] = getattr(import_module(f"{__name__}.base"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return globals()[name]


__all__ = ["TASKS", "Batch", "Task", "make_task", "task_class"]
