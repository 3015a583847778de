"""What the import dialog says about a file, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.engine.tasks.names import TITLES

if TYPE_CHECKING:
    from rnnviz.engine.data.report import DataCounts, Preview

KIND_NAMES = {
    "text": "Text",
    "table": "Table",
    "numbers": "Numbers",
    "conllu": "CoNLL-U, a label for every word",
    "fasta": "FASTA, gene sequences",
}
DELIMITER_NAMES = {"\t": "tabs", ",": "commas", ";": "semicolons", "|": "vertical bars", " ": "white space"}
ROLE_NAMES = {
    "sentence": "Sentence",
    "label": "Label",
    "labels": "Labels, one a word",
    "source": "Source",
    "target": "Target",
    "text": "Text",
    "sequence": "Strand",
    "number": "Numbers",
}
SHOWN_LABELS = 6


def size_text(size: int) -> str:
    """``1.2 MB``."""
    if size < 1000:
        return f"{size} bytes" if size != 1 else "1 byte"
    return f"{size / 1000:,.0f} kB" if size < 1_000_000 else f"{size / 1e6:,.1f} MB"


def facts(preview: Preview) -> str:
    """Kind, encoding, size, and how much of it was read."""
    kind = KIND_NAMES.get(preview.kind, preview.kind)
    if preview.delimiter in DELIMITER_NAMES:
        kind += f" with {DELIMITER_NAMES[preview.delimiter]} between the columns"
    read = "all of it was read" if preview.complete else f"only its first {size_text(preview.read)} were read"
    return f"{kind} · {encoding_name(preview.encoding)} · {size_text(preview.size)}, {read}"


def encoding_name(name: str) -> str:
    """``utf-8 and windows-1252`` as it is usually written."""
    return (
        name.upper()
        .replace("WINDOWS", "Windows")
        .replace(" AND ", " and ")
        .replace("SHIFT_", "Shift_")
        .replace("BIG", "Big")
    )


def numbers(counts: DataCounts) -> str:
    """Examples, lengths, vocabulary and labels in one line."""
    parts = [many(counts.examples, counts.what)]
    if counts.longest:
        span = f"{counts.shortest:,} to {counts.longest:,}" if counts.shortest < counts.longest else ""
        parts.append(f"{span or f'{counts.longest:,}'} {counts.unit}{'s' if counts.longest != 1 else ''} each")
    if counts.vocabulary:
        unit = counts.unit if counts.unit in ("word", "character", "base") else "token"
        parts.append(f"{counts.vocabulary:,} different {unit}s" if counts.vocabulary != 1 else f"1 {unit} only")
    if counts.label_kinds:
        shown = ", ".join(f"{label} ({often:,})" for label, often in counts.labels[:SHOWN_LABELS])
        more = ", …" if counts.label_kinds > SHOWN_LABELS else ""
        parts.append(f"{many(counts.label_kinds, 'label')}: {shown}{more}")
    return " · ".join(parts)


def many(number: int, noun: str) -> str:
    """``1 row``, ``2,000 rows``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def problems_title(preview: Preview) -> str:
    """How many lines were not understood."""
    count = preview.problem_count
    if not count:
        return "Every line was understood."
    first = f"; the first {len(preview.problems)}" if count > len(preview.problems) else ""
    return f"{many(count, 'line')} {'was' if count == 1 else 'were'} not understood and {left_out(count)}{first}:"


def left_out(count: int) -> str:
    """In one or several."""
    return "is left out" if count == 1 else "are left out"


def task_title(name: str) -> str:
    """The title of a task."""
    return TITLES.get(name, name)
