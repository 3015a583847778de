"""What was understood of a user's file, before anything is learned; and the task that learns exactly that."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from rnnviz.engine.data.choice import DataChoice
from rnnviz.engine.data.measure import Measure, short
from rnnviz.engine.data.own_file import OwnFile
from rnnviz.engine.data.problems import NothingReadError, counted
from rnnviz.engine.data.report import DataColumn, Preview
from rnnviz.engine.data.roles import PLAIN, ROLES
from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import TaskSpec
from rnnviz.engine.tasks import make_task, task_class
from rnnviz.engine.tasks.corpus import NextToken
from rnnviz.engine.tokens import UNKNOWN_TOKEN

if TYPE_CHECKING:
    from pathlib import Path

    from rnnviz.engine.data.examples import Examples
    from rnnviz.engine.data.table import Table

SHOWN_COLUMNS = 50


class Prepared(NamedTuple):
    """A preview, and the task as it will be learned (None where it cannot)."""

    preview: Preview
    spec: TaskSpec | None


def preview(path: Path | str, task: str = "", choice: DataChoice | None = None) -> Preview:
    """What ``task`` ('': the likeliest one) would learn from the file at ``path``; SpecError where it is no data."""
    choice = choice or DataChoice()
    file = OwnFile(path, choice.encoding)
    return prepare(file, task or file.chosen_task(choice, ""), choice).preview


def prepare(file: OwnFile, task: str, choice: DataChoice, *, present: str = "", length: int = 0) -> Prepared:
    """The preview of a file that was read, and what will be learned: the one is made from the other.

    ``present`` is the task that the user learns now; ``length`` that of a training sequence (0: what fits the data).
    """
    task_class(task)
    tasks = file.tasks(choice)
    tasks = tuple(sorted(tasks, key=lambda name: (name in PLAIN and file.kind != "text", name != present)))
    base = Preview(
        name=file.source.name,
        kind=file.kind,
        encoding=file.source.encoding,
        size=file.source.size,
        read=file.source.read,
        task=task,
        tasks=tasks,
        notes=file.source.notes,
    )
    base = _with_columns(base, file, choice)
    try:
        examples = file.examples(task, choice)
        return _of_examples(base, file, examples, length)
    except SpecError as error:
        if isinstance(error, NothingReadError):
            base = msgspec.structs.replace(base, problems=error.problems.in_order, problem_count=error.problems.count)
        return Prepared(msgspec.structs.replace(base, refusal=str(error)), None)


def task_data(path: Path | str, task: str, choice: DataChoice, length: int = 0) -> tuple[TaskSpec, tuple[str, ...]]:
    """The spec of ``task`` on the file at ``path``, and sentences about what was read and left out; or SpecError."""
    found, spec = prepare(OwnFile(path, choice.encoding), task, choice, length=length)
    if spec is None:
        raise SpecError(found.refusal)
    return spec, sentences(found)


NAMED = 5
"""So many lines that were not understood are named one by one on the command line."""


def sentences(found: Preview) -> tuple[str, ...]:
    """What there is to say about a file: notes, warnings, the first lines that were not understood."""
    named = [f"{found.name}, line {problem.line}: {problem.sentence}" for problem in found.problems[:NAMED]]
    more = found.problem_count - len(named)
    rest = (f"{found.name}: {counted(more, 'more line')} {'was' if more == 1 else 'were'} left out.",) if more else ()
    return (*found.notes, *named, *rest, *found.warnings)


def _with_columns(base: Preview, file: OwnFile, choice: DataChoice) -> Preview:
    """The columns of a table and their roles in the task."""
    roles = ROLES.get(base.task, ())
    if file.kind in ("conllu", "fasta") or not roles:
        return base
    try:
        table = file.table(choice)
    except SpecError:
        return base  # the examples fail with the same sentence
    guess = file.guess(table)
    try:
        places = guess.columns(base.task, choice.columns)
    except SpecError:
        places = {}
    role_of = {place: role for role, place in places.items()}
    columns = tuple(
        DataColumn(name=short(name), role=role_of.get(index, ""), kind=guess.kind(index))
        for index, name in enumerate(table.columns[:SHOWN_COLUMNS])
    )
    return msgspec.structs.replace(
        base, roles=roles, columns=columns, delimiter=_shown_delimiter(table), header=table.header
    )


def _shown_delimiter(table: Table) -> str:
    return "" if len(table.columns) < 2 else table.delimiter


def _of_examples(base: Preview, file: OwnFile, examples: Examples, length: int) -> Prepared:
    """Make the task of the examples, and tell what it makes of them."""
    measure = Measure(base.task, examples)
    spec = TaskSpec(
        name=base.task,
        text=examples.text,
        source=file.source.name if file.source.complete else f"{file.source.name} (a sample)",
        length=length or measure.length,
    )
    shown = msgspec.structs.replace(
        base,
        heads=measure.heads,
        rows=tuple(tuple(short(cell) for cell in cells) for _, cells in measure.first),
        lines=tuple(line for line, _ in measure.first),
        problems=examples.problems.in_order,
        problem_count=examples.problems.count,
        notes=(*base.notes, *examples.notes, *filter(None, [examples.problems.ended])),
    )
    try:
        task = make_task(spec)
    except SpecError as error:
        counts = measure.counts(0, len(examples.rows))
        return Prepared(msgspec.structs.replace(shown, counts=counts, refusal=str(error)), None)
    known = sum(token != UNKNOWN_TOKEN for token in task.vocabulary.tokens) if task.kind == "classes" else 0
    total = task.corpus_size if isinstance(task, NextToken) else len(examples.rows)
    shown = msgspec.structs.replace(
        shown,
        counts=measure.counts(known, total),
        warnings=(*measure.warnings(task), *task.notes),
        example=measure.example,
    )
    return Prepared(shown, spec)
