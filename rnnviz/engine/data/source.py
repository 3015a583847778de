"""The text of a file: how it is encoded, how much of it is read, and what was not understood."""

from __future__ import annotations

import codecs
import stat
from dataclasses import dataclass
from pathlib import Path

from rnnviz.engine.data.choice import ENCODINGS
from rnnviz.engine.data.problems import Problem, counted
from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import check_choice

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
LOOKED_AT = 4096
HALF_EMPTY = 0.3
"""Where so many of every other byte are zero and none of those between, a text is UTF-16 without its mark."""

__all__ = ["SAMPLE_BYTES", "Problem", "Source", "read_source"]


@dataclass(frozen=True)
class Source:
    """The text of a file, with line feeds as its only line ends, and sentences about how it was read.

    ``size`` and ``read`` are in bytes: of the whole file, and of what the text was made from.
    """

    name: str
    text: str
    encoding: str
    size: int
    notes: tuple[str, ...] = ()
    read: int = 0

    @property
    def complete(self) -> bool:
        """Whether the whole file was read."""
        return self.size <= SAMPLE_BYTES


def read_source(path: Path | str, encoding: str = "") -> Source:
    """Read a text file in UTF-8, UTF-16 or UTF-32; a line that is none of them is read as Windows-1252, and said.

    ``encoding`` is one of :data:`ENCODINGS` where the user knows better.

    A file larger than 20 MB is read up to the last whole line within that. Raises SpecError where there is
    no such file, it cannot be read, it is empty, or it is no text.
    """
    file = Path(path)
    data, size = _bytes(file)
    notes: list[str] = []
    if encoding:
        check_choice("The encoding", encoding, ENCODINGS)
        text = _wide(data, encoding, whole=size <= SAMPLE_BYTES, notes=notes)
        text = text.removeprefix("\ufeff").replace("\0", "\ufffd")
    else:
        text, encoding = _decoded(file.name, data, whole=size <= SAMPLE_BYTES, notes=notes)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text, cut = _limited(text)
    if size > SAMPLE_BYTES or cut:
        text = text[: text.rfind("\n") + 1] or text
        notes.append(f"{file.name} has {size / 1e6:,.0f} MB; its first {SAMPLE_BYTES / 1e6:,.0f} MB were read.")
    if not text.strip():
        raise SpecError(f"{file.name} is empty; give a file with text in it.")
    return Source(file.name, text, encoding, size, tuple(notes), len(data))


def _limited(text: str) -> tuple[str, bool]:
    """At most as much as a task learns: what was one byte in Windows-1252 can be two or three in UTF-8."""
    if len(text) * 4 <= SAMPLE_BYTES:
        return text, False
    data = text.encode("utf-8", errors="replace")
    cut = len(data) > SAMPLE_BYTES
    return (data[:SAMPLE_BYTES].decode("utf-8", errors="ignore") if cut else text), cut


def _bytes(file: Path) -> tuple[bytes, int]:
    """The first bytes of a file and its size; SpecError where it is no readable file."""
    if "\0" in str(file):
        raise SpecError("A path cannot hold a zero byte; give another one.")
    try:
        found = file.stat()
        if stat.S_ISDIR(found.st_mode):
            raise SpecError(f"{file.name or file} is a folder; give a file.")
        if not stat.S_ISREG(found.st_mode):
            # A pipe or a device may never end: not even its first byte is waited for.
            raise SpecError(f"{file.name} is no file of data; save the data to a file first.")
        with file.open("rb") as stream:
            return stream.read(SAMPLE_BYTES), found.st_size
    except OSError as error:
        raise SpecError(f"{file.name} could not be read: {error.strerror}.") from error


def _decoded(name: str, data: bytes, *, whole: bool, notes: list[str]) -> tuple[str, str]:
    for mark, encoding in BOMS:
        if data.startswith(mark) and encoding != "utf-8":
            return _wide(data[len(mark) :], encoding, whole=whole, notes=notes), encoding
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        guessed = _unmarked(data[:LOOKED_AT])
        if not guessed:
            raise SpecError(f"{name} is no text (it holds zero bytes); give a text, CSV, CoNLL-U or FASTA file.")
        notes.append(f"{name} has no byte order mark; it was read as {guessed.upper()}.")
        return _wide(data, guessed, whole=whole, notes=notes), guessed
    try:
        return codecs.getincrementaldecoder("utf-8")().decode(data, final=whole), "utf-8"
    except UnicodeDecodeError:
        return _by_line(name, data, whole=whole, notes=notes)


def _wide(data: bytes, encoding: str, *, whole: bool, notes: list[str]) -> str:
    """A text in one encoding; what is no character becomes U+FFFD and is counted."""
    text = data.decode(encoding, errors="replace")
    lost = text.rstrip("�").count("�") + (text.endswith("�") and whole)
    if lost:
        notes.append(f"{counted(lost, 'character')} could not be read as {encoding.upper()}.")
    return text if whole else text.rstrip("�")


def _unmarked(data: bytes) -> str:
    """The byte order of UTF-16 without a mark; '' where it is something else."""
    even, odd = data[::2], data[1::2]
    for zeros, letters, name in ((odd, even, "utf-16-le"), (even, odd, "utf-16-be")):
        empty = zeros.count(0) / max(1, len(zeros))
        plain = sum(byte >= 32 or byte in b"\t\n\r" for byte in letters)
        if empty > HALF_EMPTY and plain == len(letters) > 1:
            return name
    return ""


def _by_line(name: str, data: bytes, *, whole: bool, notes: list[str]) -> tuple[str, str]:
    """Each line as UTF-8, or else as Windows-1252: where two programs wrote to a file, neither is spoiled."""
    found: list[str] = []
    others: list[int] = []
    unicode = False
    lines = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")
    if not whole and len(lines) > 1:
        lines.pop()  # cut anywhere, perhaps inside a character
    for number, line in enumerate(lines, 1):
        try:
            found.append(line.decode("utf-8"))
            unicode = unicode or not line.isascii()
        except UnicodeDecodeError:
            found.append(line.decode(FALLBACK, errors="replace"))
            others.append(number)
    if not others:
        return "\n".join([*found, ""]), "utf-8"
    some = f"{counted(len(others), 'line')} of {name} {'is' if len(others) == 1 else 'are'} no UTF-8 (first line "
    what = f"{some}{others[0]}) and were read" if unicode else f"{name} is no UTF-8 (line {others[0]}); it was read"
    what = what.replace("and were read", "and was read") if len(others) == 1 else what
    notes.append(f"{what} as Windows-1252. Save it as UTF-8 to be sure.")
    text = "\n".join(found)
    if lost := sum(found[number - 1].count("�") for number in others):
        notes.append(f"{counted(lost, 'byte')} {'is' if lost == 1 else 'are'} no text in either and became U+FFFD.")
    return text, "utf-8 and windows-1252" if unicode else "windows-1252"
