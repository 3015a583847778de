"""The tasks by name: to add one, write a module like parity.py and add its class here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.engine.spec import check_choice
from rnnviz.engine.tasks.base import Batch, Task
from rnnviz.engine.tasks.next_char import NextCharacter
from rnnviz.engine.tasks.parity import Parity

if TYPE_CHECKING:
    from rnnviz.engine.spec import TaskSpec

TASKS: dict[str, type[NextCharacter | Parity]] = {task.name: task for task in (NextCharacter, Parity)}


def make_task(spec: TaskSpec) -> Task:
    """Build the task that a spec names."""
    check_choice("The task", spec.name, TASKS)
    return TASKS[spec.name](spec)


__all__ = ["TASKS", "Batch", "NextCharacter", "Parity", "Task", "make_task"]
