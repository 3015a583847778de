"""``--data FILE``: the task on the user's own data, and the text of it that is shown first."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from rnnviz.commands.checks import refuse_without_data
from rnnviz.commands.output import say
from rnnviz.engine.data import DataChoice, parse_columns
from rnnviz.engine.data.own_file import OwnFile
from rnnviz.engine.data.preview import prepare, sentences
from rnnviz.engine.data.roles import PLAIN
from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.tasks.series_kinds import is_series_kind

if TYPE_CHECKING:
    import argparse

DEFAULT_TASK = "next-char"


class ChosenTask(NamedTuple):
    """A task as the flags describe it, the text of the file to show first ('': the task's own), how it was read."""

    spec: TaskSpec
    example: str = ""
    choice: DataChoice = DataChoice()


def chosen_task(arguments: argparse.Namespace, *, likeliest: bool = False) -> ChosenTask:
    """The task of ``--task``, on the user's own data where ``--data`` names a file (or a kind of series).

    Without ``--task`` it is the one that suits the file best (``likeliest``), else next-char. What was not understood
    of the file is said on stderr, line by line.
    """
    length = getattr(arguments, "length", None) or 0
    refuse_without_data(arguments)
    if arguments.data is None:
        return ChosenTask(TaskSpec(name=arguments.task or DEFAULT_TASK, length=length))
    if arguments.task == "series" and is_series_kind(arguments.data):
        spec = TaskSpec(name="series", text=arguments.data, length=length)
        return ChosenTask(spec, make_task(spec).example)
    choice = _choice(arguments)
    file = OwnFile(Path(arguments.data), choice.encoding)
    name = arguments.task or (file.chosen_task(choice, "") if likeliest else DEFAULT_TASK)
    if name in PLAIN and (arguments.columns is not None or arguments.header):
        raise SpecError(f"The task {name} reads a file as it stands; leave out --columns and --header.")
    found, spec = prepare(file, name, choice, length=length)
    if spec is None:
        raise SpecError(found.refusal)
    for note in sentences(found):
        say(note)
    return ChosenTask(spec, found.example, choice)


def _choice(arguments: argparse.Namespace) -> DataChoice:
    """What the user says about the file."""
    columns = parse_columns(arguments.columns) if arguments.columns is not None else {}
    header = {"yes": True, "no": False}.get(arguments.header or "")
    return DataChoice(columns=columns, header=header, encoding=arguments.encoding or "")
