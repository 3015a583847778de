"""A user's own table or tagged sentences in the form that the tasks take: a header, then sentence, tab, label."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.engine.data.conllu import read_conllu
from rnnviz.engine.data.source import Problem, read_source
from rnnviz.engine.data.table import read_table
from rnnviz.engine.errors import SpecError
from rnnviz.engine.tokens import words

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from rnnviz.engine.data.table import Table

LABEL_COLUMNS = {"sentiment": "label", "word-labels": "labels"}
"""Tasks that learn from a table, and the header of its second column."""
SENTENCES = ("sentence", "text", "review")
LABELS = ("label", "labels", "tags", "sentiment", "class")
NAMED = 5
"""So many lines that were not understood are named one by one."""

Line = tuple[int, str, str]
"""A line of the file, the sentence on it, its label or labels."""


def table_text(task: str, path: Path) -> tuple[str, tuple[str, ...]]:
    """The text of a TaskSpec for ``task``, and sentences about what was not understood.

    A row stays on the line of the file on which it began (one further down where the file has no header), so that
    a task that refuses a row names the user's own line.
    """
    source = read_source(path)
    if path.suffix.lower() in (".conllu", ".conll"):
        rows, problems = _tagged(task, source.text)
    else:
        table = _table(source.text)
        rows, problems = list(_rows(table)), list(table.problems)
    if task == "word-labels":
        problems += _unequal(rows)
        refused = {problem.line for problem in problems}
        rows = [row for row in rows if row[0] not in refused]
    return _laid_out(rows, LABEL_COLUMNS[task]), (*source.notes, *sentences(path.name, problems))


def numbers_text(path: Path, column: str = "") -> tuple[str, tuple[str, ...]]:
    """One column of numbers (the first there is, or ``column``), and sentences about what was not understood."""
    source = read_source(path)
    table = read_table(source.text)
    numeric = table.numeric_columns()
    if not column and not numeric:
        raise SpecError(f"{path.name} has no column of numbers; give one number on each line.")
    values, problems = table.numbers(column or numeric[0])
    problems = (*table.problems, *problems)
    return "\n".join(f"{value:.9g}" for value in values), (*source.notes, *sentences(path.name, problems))


def sentences(name: str, problems: Iterable[Problem]) -> tuple[str, ...]:
    """The first lines that were not understood, and how many more there are."""
    found = sorted(problems, key=lambda problem: problem.line)
    named = [f"{name}, line {problem.line}: {problem.sentence}" for problem in found[:NAMED]]
    more = len(found) - NAMED
    return (*named, f"{name}: {more} more lines were left out.") if more > 0 else tuple(named)


def _tagged(task: str, text: str) -> tuple[list[Line], list[Problem]]:
    if task != "word-labels":
        raise SpecError("A CoNLL-U file has a label for every word; choose the task word-labels for it.")
    found, problems = read_conllu(text)
    rows = []
    for sentence in found:
        # "U.S." is one word there and four tokens here: each piece has the label of the whole.
        pieces = [
            (piece, label)
            for word, label in zip(sentence.words, sentence.labels, strict=True)
            for piece in words(word).tokens
        ]
        rows.append((sentence.line, " ".join(p for p, _ in pieces), " ".join(label for _, label in pieces)))
    return rows, list(problems)


def _table(text: str) -> Table:
    """The table; a first row with the usual names is its header, however short the sentences below are."""
    table = read_table(text)
    first = {cell.casefold() for cell in table.rows[0]} if table.rows else set()
    named = first & set(SENTENCES) and first & set(LABELS)
    return read_table(text, header=True, delimiter=table.delimiter) if named else table


def _rows(table: Table) -> Iterable[Line]:
    if len(table.columns) < 2:
        raise SpecError("The table has one column; give a sentence and its label on each line, with a tab between.")
    sentence = _column(table, SENTENCES) or max(table.columns, key=lambda name: sum(map(len, table.texts(name))))
    others = [name for name in table.columns if name != sentence]
    known = _column(table, LABELS)
    label = known if known in others else min(others, key=lambda name: len(set(table.texts(name))))
    for line, text, answer in zip(table.lines, table.texts(sentence), table.texts(label), strict=True):
        if text and answer:
            yield line, " ".join(text.split()), " ".join(answer.split())


def _column(table: Table, names: tuple[str, ...]) -> str:
    """The first column with one of ``names``, '' where there is none."""
    return next((column for column in table.columns if column.casefold() in names), "")


def _unequal(rows: Iterable[Line]) -> list[Problem]:
    """Rows with another number of labels than of words."""
    counted = ((line, len(words(text).tokens), len(answer.split())) for line, text, answer in rows)
    return [Problem(line, f"{found} words and {given} labels.") for line, found, given in counted if found != given]


def _laid_out(rows: list[Line], label: str) -> str:
    """One row a line, each on its own line of the file; what was left out is a blank line."""
    lines = [f"sentence\t{label}"]
    for line, text, answer in rows:
        lines += [""] * (line - 1 - len(lines))
        lines.append(f"{text}\t{answer}")
    return "\n".join(lines) + "\n"
