"""Gene sequences in the FASTA format."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import islice

from rnnviz.engine.data.problems import MAX_PROBLEMS, NothingReadError, Problems, quoted

BASES = frozenset("ACGTU")
UNKNOWN_BASES = frozenset("NRYSWKMBDHV")
"""Signs for one of several bases (IUPAC); all count as N."""
MAX_RECORDS = 100_000
_LABEL = re.compile(r"(?:^|[\s|;,])(?:label|class)\s*[=:]\s*([^\s|;,]+)", re.IGNORECASE)
_TITLE = re.compile(r"^[^\S\n]*>([^\n]*)", re.MULTILINE)
_SIGNS = "".join(sorted(BASES | UNKNOWN_BASES))
_BASES_ONLY = re.compile(rf"[\s{_SIGNS}{_SIGNS.lower()}]*")
_UNKNOWN = str.maketrans(dict.fromkeys(UNKNOWN_BASES, "N") | {"U": "T"})


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
    """Read the first 100,000 records; a line with signs that are no bases is named and left out.

    Raises SpecError where there is no record with bases (Pearson & Lipman 1988).
    """
    problems = Problems()
    titles = list(islice(_TITLE.finditer(text), MAX_RECORDS + 1))
    ends = [*(title.start() for title in titles[1:]), len(text)]
    _refuse_all(text[: titles[0].start()] if titles else text, problems)
    found: list[GeneSequence] = []
    line, seen = 1, 0
    for number, (title, end) in enumerate(zip(titles, ends, strict=False), 1):
        line, seen = line + text.count("\n", seen, title.start()), title.start()
        if problems.too_many:
            if not problems.ended:
                problems.give_up(line)
            break
        if number > MAX_RECORDS:
            problems.end(line, f"{MAX_RECORDS:,} sequences")
            break
        name = title.group(1).strip() or f"record {number}"
        bases, whole = _bases(text[title.end() : end], line, problems)
        if bases.strip("N"):
            label = _LABEL.search(name)
            found.append(GeneSequence(name, bases, line, label.group(1) if label else "", whole))
        else:
            problems.add(line, f"{quoted(name)} has no bases.")
    if not found:
        raise NothingReadError(_nothing(problems, titled=bool(titles)), problems)
    return tuple(found), problems


def no_bases(signs: set[str]) -> str:
    """What is said of signs that stand for no base."""
    shown = ", ".join(sign if sign.isprintable() else repr(sign) for sign in sorted(signs)[:5])
    return f"{shown} {'is no base' if len(signs) == 1 else 'are no bases'}."


def _nothing(problems: Problems, *, titled: bool) -> str:
    """Why a file holds no record, and what to do."""
    if not titled:
        return "No gene sequence was found; a FASTA file has a line beginning with > before each sequence."
    broken = next((each for each in problems.in_order if not each.sentence.endswith("has no bases.")), None)
    first = broken or problems.in_order[0]
    return f"No gene sequence was found ({first.as_reason}); give lines of A, C, G and T below each title."


def _refuse_all(text: str, problems: Problems) -> None:
    """Name the lines before the first title."""
    for number, line in enumerate(text.split("\n"), 1):
        if problems.too_many:
            problems.give_up(number)
            return
        if line and not line.isspace() and not line.lstrip().startswith(";"):
            problems.add(number, "this stands before the first title (a line that begins with >).")


def _bases(body: str, first: int, problems: Problems) -> tuple[str, bool]:
    """The bases below a title that stands on line ``first``, and whether every line was one of bases."""
    if _BASES_ONLY.fullmatch(body):
        return _clean(body), True
    parts: list[str] = []
    whole = True
    for number, line in enumerate(body.split("\n"), first):
        signs = line.strip().rstrip("*")
        if problems.too_many:
            problems.give_up(number)
            return _clean("".join(parts)), False
        if signs.startswith(";"):
            continue
        if _BASES_ONLY.fullmatch(signs):
            parts.append(signs)
        else:
            # Of very many lines only the first are named, so the others need no sentence.
            named = len(problems.listed) < MAX_PROBLEMS
            others = set("".join(signs.upper().split())) - BASES - UNKNOWN_BASES if named else set()
            problems.add(number, no_bases(others))
            parts.append("N")
            whole = False
    return _clean("".join(parts)), whole


def _clean(bases: str) -> str:
    return "".join(bases.split()).upper().translate(_UNKNOWN)
