"""The text of a file: how it is encoded, how much of it is read, and what was not understood."""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from pathlib import Path

from rnnviz.engine.errors import SpecError

SAMPLE_BYTES = 20_000_000
"""Of a larger file only this much is read: enough to learn from, and a second of work."""
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
"""Byte order marks; UTF-32's little-endian one begins like UTF-16's, so it comes first."""
FALLBACK = "cp1252"


@dataclass(frozen=True)
class Problem:
    """One line (from 1) that was not understood, and why."""

    line: int
    sentence: str


@dataclass(frozen=True)
class Source:
    """The text of a file, with line feeds as its only line ends, and sentences about how it was read."""

    name: str
    text: str
    encoding: str
    size: int
    notes: tuple[str, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether the whole file was read."""
        return self.size <= SAMPLE_BYTES


def read_source(path: Path | str) -> Source:
    """Read a text file in UTF-8, UTF-16 or UTF-32 with a byte order mark, or else as Windows-1252, and say which.

    A file larger than 20 MB is read up to the last whole line within that. Raises SpecError where there is
    no such file, it cannot be read, or it is no text.
    """
    file = Path(path)
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            data = stream.read(SAMPLE_BYTES)
    except OSError as error:
        raise SpecError(f"{file.name} could not be read: {error.strerror}.") from error
    notes: list[str] = []
    text, encoding = _decoded(file.name, data, whole=size <= SAMPLE_BYTES, notes=notes)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if size > SAMPLE_BYTES:
        text = text[: text.rfind("\n") + 1] or text
        notes.append(f"{file.name} has {size / 1e6:,.0f} MB; its first {SAMPLE_BYTES / 1e6:,.0f} MB were read.")
    return Source(file.name, text, encoding, size, tuple(notes))


def _decoded(name: str, data: bytes, *, whole: bool, notes: list[str]) -> tuple[str, str]:
    for mark, encoding in BOMS:
        if data.startswith(mark):
            text = data[len(mark) :].decode(encoding, errors="replace")
            lost = text.rstrip("�").count("�") + (text.endswith("�") and whole)
            if lost:
                notes.append(f"{lost:,} character{'s' if lost > 1 else ''} could not be read as {encoding.upper()}.")
            return text.rstrip("�") if not whole else text, encoding
    if b"\0" in data:
        raise SpecError(f"{name} is no text (it holds zero bytes); give a text, CSV, CoNLL-U or FASTA file.")
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data, final=whole), "utf-8"
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        notes.append(f"{name} is no UTF-8 (line {line}); it was read as Windows-1252. Save it as UTF-8 to be sure.")
        return data.decode(FALLBACK, errors="replace"), FALLBACK
