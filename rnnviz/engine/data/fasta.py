"""Gene sequences in the FASTA format."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rnnviz.engine.data.problems import Problems, quoted
from rnnviz.engine.errors import SpecError

BASES = frozenset("ACGTU")
UNKNOWN_BASES = frozenset("NRYSWKMBDHV")
"""Signs for one of several bases (IUPAC); all count as N."""
_LABEL = re.compile(r"(?:^|[\s|;,])(?:label|class)\s*[=:]\s*([^\s|;,]+)", re.IGNORECASE)


@dataclass(frozen=True)
class GeneSequence:
    """One record: its title and its bases in upper case (U becomes T, an open base N); ``line`` is that of the title.

    ``label`` is that of ``>name label=yes``, '' where the title has none. ``whole`` is False where a line of the
    record was not understood: N stands in its place, so that what stood apart does not touch.
    """

    title: str
    bases: str
    line: int
    label: str = ""
    whole: bool = True


def read_fasta(text: str) -> tuple[tuple[GeneSequence, ...], Problems]:
    """Read all records; a line with signs that are no bases is named and left out.

    Raises SpecError where there is no record with bases (Pearson & Lipman 1988).
    """
    records: list[tuple[str, int]] = []
    parts: list[list[str]] = []
    broken: set[int] = set()
    problems = Problems()
    for number, line in enumerate(text.split("\n"), 1):
        stripped = line.strip()
        if stripped.startswith(">"):
            records.append((stripped[1:].strip() or f"record {len(records) + 1}", number))
            parts.append([])
        elif stripped and not stripped.startswith(";"):
            sentence = _refusal(stripped, begun=bool(records))
            if sentence:
                problems.add(number, sentence)
            if parts:
                parts[-1].append("N" if sentence else _clean(stripped))
                if sentence:
                    broken.add(len(parts) - 1)
    made = [
        _record(title, line, "".join(part), whole=place not in broken)
        for place, ((title, line), part) in enumerate(zip(records, parts, strict=True))
    ]
    problems.take(Problems.of((one.line, f"{quoted(one.title)} has no bases.") for one in made if not _sound(one)))
    found = tuple(one for one in made if _sound(one))
    if not found:
        raise SpecError("No gene sequence was found; a FASTA file has a line beginning with > before each sequence.")
    return found, problems


def _sound(record: GeneSequence) -> bool:
    return bool(record.bases.strip("N"))


def _record(title: str, line: int, bases: str, *, whole: bool) -> GeneSequence:
    label = _LABEL.search(title)
    return GeneSequence(title, bases, line, label.group(1) if label else "", whole)


_UNKNOWN = str.maketrans(dict.fromkeys(UNKNOWN_BASES, "N") | {"U": "T"})


def _clean(line: str) -> str:
    return line.upper().rstrip("*").translate(_UNKNOWN)


def _refusal(line: str, *, begun: bool) -> str:
    """Why a line is none of bases; '' where it is."""
    if not begun:
        return "this stands before the first title (a line that begins with >)."
    others = sorted(set(line.upper().rstrip("*")) - BASES - UNKNOWN_BASES)
    if not others:
        return ""
    return f"{', '.join(others[:5])} {'is no base' if len(others) == 1 else 'are no bases'}."
