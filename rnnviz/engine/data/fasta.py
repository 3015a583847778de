"""Gene sequences in the FASTA format."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rnnviz.engine.data.source import Problem
from rnnviz.engine.errors import SpecError

BASES = frozenset("ACGTUN")
MAX_PROBLEMS = 100


@dataclass(frozen=True)
class GeneSequence:
    """One record: its title and its bases in upper case (U becomes T); ``line`` is that of the title."""

    title: str
    bases: str
    line: int


def read_fasta(text: str) -> tuple[tuple[GeneSequence, ...], tuple[Problem, ...]]:
    """Read all records; a line with other signs than A, C, G, T, U and N is named and left out.

    Raises SpecError where there is no record with bases (Pearson & Lipman 1988).
    """
    records: list[GeneSequence] = []
    problems: list[Problem] = []
    parts: list[list[str]] = []
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith(">"):
            records.append(GeneSequence(stripped[1:].strip() or f"record {len(records) + 1}", "", number))
            parts.append([])
        elif stripped and not stripped.startswith(";"):
            problem = _problem(stripped, number, begun=bool(records))
            if problem is not None:
                problems.append(problem)
            else:
                parts[-1].append(stripped.upper().replace("U", "T"))
    whole = [replace(record, bases="".join(lines)) for record, lines in zip(records, parts, strict=True)]
    problems += [Problem(record.line, f"{record.title!r} has no bases.") for record in whole if not record.bases]
    found = tuple(record for record in whole if record.bases)
    if not found:
        raise SpecError("No gene sequence was found; a FASTA file has a line beginning with > before each sequence.")
    return found, tuple(sorted(problems, key=lambda problem: problem.line)[:MAX_PROBLEMS])


def _problem(line: str, number: int, *, begun: bool) -> Problem | None:
    if not begun:
        return Problem(number, "this stands before the first title (a line that begins with >).")
    others = sorted(set(line.upper()) - BASES)
    if others:
        return Problem(number, f"{', '.join(others[:5])} {'is no base' if len(others) == 1 else 'are no bases'}.")
    return None
