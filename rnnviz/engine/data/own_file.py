"""A user's file, read once: its kind, its parts, and the examples that a task makes of them."""

from __future__ import annotations

from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.engine.data.cells import cell_number, doubtful_commas
from rnnviz.engine.data.conllu import read_conllu
from rnnviz.engine.data.examples import Examples, Row, joined, nothing_learned, pairs_of_table, strands_of, tagged
from rnnviz.engine.data.fasta import read_fasta
from rnnviz.engine.data.kinds import TABLE_SUFFIXES, kind_of
from rnnviz.engine.data.problems import Problem, Problems, quoted
from rnnviz.engine.data.roles import PLAIN, ROLES, Guess, known, missing, own_data_tasks
from rnnviz.engine.data.sniff import first_lines
from rnnviz.engine.data.source import read_source, shown_name
from rnnviz.engine.data.table import MAX_ROWS, Table, read_table
from rnnviz.engine.errors import SpecError
from rnnviz.engine.tasks.typed_numbers import number_of, number_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnviz.engine.data.choice import DataChoice

NAMED_LINES = 5
"""So many lines with a doubtful comma are named."""
ONE_COLUMN = "\x1f"
"""A delimiter that no text holds."""


class OwnFile:
    """One file as it was when it was read; what is asked of it again (another task, another column) costs no disk."""

    def __init__(self, path: Path | str, encoding: str = "") -> None:
        self.path, self.encoding = Path(path), encoding
        self.stamp = stamp_of(self.path)
        self.source = read_source(self.path, encoding)
        self.kind = kind_of(self.path.name, self.source.text)
        self._table: tuple[bool | None, str, Table | SpecError] | None = None
        self._guess: tuple[Table, Guess] | None = None

    @property
    def unchanged(self) -> bool:
        """Whether the file on the disk is still the one that was read; SpecError where it is gone."""
        return stamp_of(self.path) == self.stamp

    def table(self, choice: DataChoice) -> Table:
        """The file as a table (the last one is kept); SpecError where it is none."""
        wanted = (choice.header, choice.delimiter)
        if self._table is None or self._table[:2] != wanted:
            try:
                self._table = (*wanted, self._read_table(choice))
            except SpecError as error:
                self._table = (*wanted, error)
        if isinstance(self._table[2], SpecError):
            raise self._table[2].with_traceback(None)  # raised again, it would keep every earlier call alive
        return self._table[2]

    def _read_table(self, choice: DataChoice) -> Table:
        text = self.source.text
        if self.kind == "numbers" and _one_line(text):
            return _in_one_line(text)
        return read_table(text, header=choice.header, delimiter=choice.delimiter or self._delimiter())

    def _delimiter(self) -> str:
        """That of the numbers where a comma in them is a decimal comma; '' where the table itself tells."""
        if self.kind != "numbers":
            return ""
        lines = first_lines(self.source.text)
        single_name = number_of(lines[0]) is None and not set(",;\t") & set(lines[0])
        if self.path.suffix.lower() in TABLE_SUFFIXES and not single_name:
            return ""
        single = sum(number_of(line) is not None for line in lines)
        return ONE_COLUMN if single >= len(lines) - 1 else ""

    def guess(self, table: Table) -> Guess:
        """What the columns look like (the last guess is kept)."""
        if self._guess is None or self._guess[0] is not table:
            self._guess = table, Guess(table)
        return self._guess[1]

    def tasks(self, choice: DataChoice) -> tuple[str, ...]:
        """The tasks that can learn the file, the likeliest first; every text can be learned as it stands."""
        if self.kind == "fasta":
            own: tuple[str, ...] = ("dna",)
        elif self.kind == "conllu":
            own = ("word-labels",)
        else:
            own = () if self.kind == "text" or self._no_table(choice) else self.guess(self.table(choice)).tasks()
        return known(dict.fromkeys((*own, *PLAIN)))

    def chosen_task(self, choice: DataChoice, present: str) -> str:
        """The task to offer first: the present one where the file was made for it, else the likeliest."""
        tasks = self.tasks(choice)
        own = [task for task in tasks if task not in PLAIN] or tasks
        return present if present in own else own[0]

    def examples(self, task: str, choice: DataChoice) -> Examples:
        """What ``task`` learns from the file; SpecError where it cannot."""
        if task in PLAIN:
            return Examples(text=self.source.text, form="text", notes=self._no_table(choice))
        if task not in ROLES:
            names = ", ".join(own_data_tasks())
            raise SpecError(f"{task} makes its own sequences; data of your own are for the tasks {names}.")
        if self.kind == "conllu":
            return self._tagged(task, choice)
        if self.kind == "fasta" and task == "dna":
            return strands_of(*read_fasta(self.source.text))
        return self._of_table(task, choice)

    def _no_table(self, choice: DataChoice) -> tuple[str, ...]:
        """What is said of a file that looks like a table and cannot be read as one."""
        if self.kind in ("table", "numbers"):
            try:
                self.table(choice)
            except SpecError as error:
                return (f"{shown_name(self.path)} is learned as plain text, since it is no table: {error}",)
        return ()

    def _tagged(self, task: str, choice: DataChoice) -> Examples:
        if task != "word-labels":
            raise SpecError("A CoNLL-U file has a label for every word; choose the task word-labels for it.")
        if choice.columns:
            raise SpecError("A CoNLL-U file has columns of its own; leave out the choice of columns.")
        return tagged(*read_conllu(self.source.text))

    def _of_table(self, task: str, choice: DataChoice) -> Examples:
        table = self.table(choice)
        places = self.guess(table).columns(task, choice.columns)
        if len(places) < len(ROLES[task]) and not (task == "dna" and "sequence" in places):
            raise SpecError(missing(task, [name for name in table.columns if table.rows]))
        found = numbers_of(table, places["number"]) if task == "series" else pairs_of_table(task, table, places)
        found.problems.take(table.found)
        found.notes = (*table.notes, *found.notes)
        return found


def stamp_of(path: Path) -> tuple[int, int]:
    """Size and time of the last change; SpecError where the file is gone."""
    try:
        found = path.stat()
    except OSError as error:
        raise SpecError(f"{shown_name(path)} could not be read: {error.strerror}.") from error
    except ValueError as error:
        raise SpecError("A path cannot hold a zero byte; give another one.") from error
    return found.st_size, found.st_mtime_ns


def numbers_of(table: Table, place: int) -> Examples:
    """One column of numbers."""
    column = table.columns[place]
    values, lines, problems = table.numbered(column)
    texts = [f"{value:.15g}" for value in values]
    rows = [Row(line, (text,)) for line, text in zip(lines, texts, strict=True)]
    if not rows:
        raise nothing_learned("series", problems)
    notes = _doubtful(table, table.texts(column))
    return Examples(text=joined(texts), form="numbers", rows=rows, problems=problems, notes=notes)


def _doubtful(table: Table, cells: Sequence[str]) -> tuple[str, ...]:
    """What is said of commas that may stand between thousands, and on which lines they are."""
    places = doubtful_commas(cells)
    if not places:
        return ()
    lines = [str(table.lines[place]) for place in places[:NAMED_LINES]]
    more = f" and {len(places) - NAMED_LINES:,} more" if len(places) > NAMED_LINES else ""
    first = cells[places[0]]
    comma = f"The comma in {quoted(first)} was read as a decimal comma ({cell_number(first):g})"
    where = f"line{'s' if len(places) > 1 else ''} {', '.join(lines)}{more}"
    return (f"{comma}, {where}; if it stands between thousands, leave it out: {first.replace(',', '')}.",)


def _one_line(text: str) -> bool:
    """Whether all numbers stand on a single line."""
    return "\n" not in text.strip() and number_of(text) is None


def _in_one_line(text: str) -> Table:
    """The numbers of a single line as a column; all of them stand on that line."""
    pieces = islice(number_words(text), MAX_ROWS + 1)
    table = read_table("\n".join(pieces), header=False, delimiter=ONE_COLUMN)
    line = 1 + text.count("\n", 0, len(text) - len(text.lstrip()))
    problems = Problems([Problem(line, each.sentence) for each in table.found.listed], table.found.count)
    return replace(table, lines=(line,) * len(table.rows), found=problems)
