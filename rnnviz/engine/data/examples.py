"""The examples of a file in the form that tasks take, and what of the file did not become one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from itertools import islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

from rnnviz.engine.data.fasta import BASES, no_bases
from rnnviz.engine.data.problems import NothingReadError, Problems, counted
from rnnviz.engine.data.roles import ROLES
from rnnviz.engine.tokens import words

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from rnnviz.engine.data.conllu import TaggedSentence
    from rnnviz.engine.data.fasta import GeneSequence
    from rnnviz.engine.data.table import Table

MAX_EXAMPLES = 50_000
"""More would take the program many seconds to read and teach a small network nothing more."""


LONGEST_LABEL = 200
_KNOWN_BASES = re.compile("[^N]+")


class Row(NamedTuple):
    """One example: the line (from 1) of the file on which it begins, and its cells in the order of the roles."""

    line: int
    cells: tuple[str, ...]


@dataclass
class Examples:
    """``text`` is that of a TaskSpec; ``form`` says of what: "text", "pairs", "numbers" or "strands"."""

    text: str
    form: str
    rows: list[Row] = field(default_factory=list)
    problems: Problems = field(default_factory=Problems)
    notes: tuple[str, ...] = ()


def pairs_of_table(task: str, table: Table, places: dict[str, int]) -> Examples:
    """Rows of two texts; a row where one of them is missing is named and left out."""
    roles, problems = ROLES[task], Problems()
    order = [places[role] for role in roles if role in places]
    found: list[Row] = []
    for line, row in zip(table.lines, table.rows, strict=True):
        if len(found) > MAX_EXAMPLES:
            break
        cells = tuple(" ".join(row[place].split()) for place in order)
        if all(cells):
            found.append(Row(line, cells))
        else:
            empty = next(role for role, cell in zip(roles, cells, strict=False) if not cell)
            problems.add(line, f"the {empty} {'are' if empty == 'labels' else 'is'} missing.")
    if "label" in places:
        at = [role for role in roles if role in places].index("label")
        found = [row for row in found if not _long_label(row, at, problems)]
    if task == "word-labels":
        found = [row for row in found if not _unequal(row, problems)]
    if task == "dna":
        found = [row for row in found if not _no_strand(row, problems)]
    return laid_out(task, found, problems)


def _long_label(row: Row, at: int, problems: Problems) -> bool:
    """Whether a label is so long that it is none, and could not be shown."""
    length = len(row.cells[at])
    if length > LONGEST_LABEL:
        problems.add(row.line, f"the label has {counted(length, 'character')}; a label has at most {LONGEST_LABEL}.")
    return length > LONGEST_LABEL


def _unequal(row: Row, problems: Problems) -> bool:
    """Whether a row has another number of labels than of words."""
    found, given = len(words(row.cells[0]).tokens), len(row.cells[1].split())
    if found != given:
        problems.add(row.line, f"{counted(found, 'word')} and {counted(given, 'label')}.")
    return found != given


def _no_strand(row: Row, problems: Problems) -> bool:
    """Whether a row holds other signs than bases."""
    others = set(row.cells[0].upper()) - BASES
    if others:
        problems.add(row.line, no_bases(others))
    return bool(others)


def tagged(sentences: Sequence[TaggedSentence], problems: Problems) -> Examples:
    """Sentences of CoNLL-U; "U.S." is one word there and four tokens here: each piece has the label of the whole."""
    rows = []
    for sentence in sentences[: MAX_EXAMPLES + 1]:
        pieces = [
            (piece, label)
            for word, label in zip(sentence.words, sentence.labels, strict=True)
            for piece in words(word).tokens
        ]
        rows.append(Row(sentence.line, (" ".join(p for p, _ in pieces), " ".join(label for _, label in pieces))))
    return laid_out("word-labels", rows, problems)


def strands_of(records: Sequence[GeneSequence], problems: Problems) -> Examples:
    """Gene sequences: with the labels of their titles where all have one, else to be labelled by the motif.

    A labelled record counts as a whole, so one with an open base (N) or a line that was not understood is left out;
    without labels the bases on both sides of it are strands of their own.
    """
    labelled = [record for record in records if record.label]
    if not labelled:
        pieces = (Row(each.line, (piece.group(),)) for each in records for piece in _KNOWN_BASES.finditer(each.bases))
        found = laid_out("dna", list(islice(pieces, MAX_EXAMPLES + 1)), problems)
        found.notes = (*found.notes, "No title has a label such as label=yes, so what is learned is to find TATAAA.")
        return found
    rows = []
    for record in records:
        if record.label and record.whole and "N" not in record.bases:
            rows.append(Row(record.line, (record.bases, record.label)))
        elif not record.label:
            problems.add(record.line, "the title has no label such as label=yes, as others have.")
        else:
            problems.add(record.line, "a base is not known, so the label of the whole may be wrong.")
    return laid_out("dna", rows, problems)


def laid_out(task: str, rows: list[Row], problems: Problems) -> Examples:
    """A header, then one row a line, each on its own line of the file; what was left out is a blank line.

    So a task that refuses a row names the user's own line (one further down where the file has no header).
    """
    notes: tuple[str, ...] = ()
    if len(rows) > MAX_EXAMPLES:
        notes = (f"The first {MAX_EXAMPLES:,} examples are learned; those after them were left out.",)
        rows = rows[:MAX_EXAMPLES]
    if not rows:
        raise nothing_learned(task, problems)
    header = "\t".join(ROLES[task][: len(rows[0].cells)])
    lines = [header]
    aligned = all(a.line < b.line for a, b in pairwise(rows))
    for row in rows:
        if aligned:
            lines += [""] * (row.line - 1 - len(lines))
        lines.append("\t".join(row.cells))
    return Examples(text=joined(lines), form="strands" if task == "dna" else "pairs", rows=rows, problems=problems,
                    notes=notes)  # fmt: skip


def nothing_learned(task: str, problems: Problems) -> NothingReadError:
    """What is said of a file without any example."""
    first = f" ({problems.in_order[0].as_reason})" if problems.count else ""
    said = {"series": "one number", "word-labels": "a sentence and one label for each of its words"}
    what = said.get(task, " and ".join(ROLES[task]))
    return NothingReadError(f"The file has 0 rows that can be learned{first}; give {what} on each line.", problems)


def joined(lines: Iterable[str]) -> str:
    """One line each."""
    return "\n".join(lines) + "\n"
