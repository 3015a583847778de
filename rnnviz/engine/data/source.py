"""The text of a file: how it is encoded, how much of it is read, and what was not understood."""

from __future__ import annotations

import codecs
import stat
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from unicodedata import category

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
UNMARKED = ("utf-32-le", "utf-32-be", "utf-16-le", "utf-16-be")
"""What a text with zero bytes may be in where it has no mark, the least likely to fit by chance first."""
INSTEAD = "give a text, CSV, CoNLL-U or FASTA file, or choose its encoding."
_LETTERS = frozenset((*range(32, 127), *b"\t\r\n"))
MOST_CONTROLS = 0.05
"""So many control characters are in no text."""

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
    name, notes = shown_name(file), list[str]()
    if encoding:
        check_choice("The encoding", encoding, ENCODINGS)
        text = _wide(data, encoding, whole=size <= SAMPLE_BYTES, notes=notes)
    else:
        text, encoding = _decoded(name, data, whole=size <= SAMPLE_BYTES, notes=notes)
    text = text.lstrip("\ufeff").replace("\0", "\ufffd").replace("\r\n", "\n").replace("\r", "\n")
    text, cut = _limited(text)
    if size > SAMPLE_BYTES or cut:
        end = text.rfind("\n") + 1
        text = text[:end] if 2 * end >= len(text) else text  # half of a line is better than next to nothing
        notes.append(f"{name} has {size / 1e6:,.0f} MB; its first {SAMPLE_BYTES / 1e6:,.0f} MB were read.")
    if not text.strip():
        raise SpecError(f"{name} is empty; give a file with text in it.")
    return Source(name, text, encoding, size, tuple(notes), len(data))


def shown_name(file: Path) -> str:
    """The name of a file as text: on some disks a name may hold bytes that are none."""
    return file.name.encode("utf-8", errors="replace").decode("utf-8")


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
    name = shown_name(file)
    try:
        found = file.stat()
        if stat.S_ISDIR(found.st_mode):
            raise SpecError(f"{name or file} is a folder; give a file.")
        if not stat.S_ISREG(found.st_mode):
            # A pipe or a device may never end: not even its first byte is waited for.
            raise SpecError(f"{name} is no file of data; save the data to a file first.")
        with file.open("rb") as stream:
            return stream.read(SAMPLE_BYTES), found.st_size
    except OSError as error:
        raise SpecError(f"{name} could not be read: {error.strerror}.") from error


def _decoded(name: str, data: bytes, *, whole: bool, notes: list[str]) -> tuple[str, str]:
    for mark, encoding in BOMS:
        if data.startswith(mark) and encoding != "utf-8":
            return _wide(data[len(mark) :], encoding, whole=whole, notes=notes), encoding
    data = data.removeprefix(codecs.BOM_UTF8)
    if b"\0" in data:
        guessed = _unmarked(data[:LOOKED_AT])
        if not guessed:
            raise SpecError(f"{name} is no text (it holds zero bytes); {INSTEAD}")
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
    """The encoding of a text with zero bytes and without a mark; '' where it is no text."""
    for encoding in UNMARKED:
        try:
            text = codecs.getincrementaldecoder(encoding)().decode(data)
        except UnicodeDecodeError:
            continue
        # Letters of one byte taken for UTF-16 become signs whose two bytes are both letters; and the zeros of UTF-16
        # belong to white space, figures and Latin letters.
        pairs = sum(all(byte in _LETTERS for byte in divmod(ord(sign), 256)) for sign in text)
        zeros = data.count(0) if "16" in encoding else 0
        latin = sum(sign <= "\xff" for sign in text)
        if len(text) > 1 and 2 * pairs < len(text) and 2 * latin >= zeros and all(map(_is_text, text)):
            return encoding
    return ""


def _is_text(sign: str) -> bool:
    """Whether a character is assigned and no control character but white space."""
    return sign.isspace() or category(sign) not in ("Cc", "Cn", "Co", "Cs")


def _by_line(name: str, data: bytes, *, whole: bool, notes: list[str]) -> tuple[str, str]:
    """Each line as UTF-8, or else as Windows-1252: where two programs wrote to a file, neither is spoiled."""
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if not whole and 2 * data.rfind(b"\n") >= len(data):
        data = data[: data.rfind(b"\n")]  # cut anywhere, perhaps inside a character
    with suppress(UnicodeDecodeError):
        return data.decode("utf-8") + "\n", "utf-8"  # only what was cut off was none
    if data.decode("utf-8", errors="ignore").isascii():  # no line has a character of UTF-8
        text = data.decode(FALLBACK, errors="replace")
        first = next(number for number, line in enumerate(data.split(b"\n"), 1) if not line.isascii())
        lost = text.count("\ufffd")
        what, encoding = f"{name} is no UTF-8 (line {first}); it was read", "windows-1252"
    else:
        text, first, many, lost = _mixed(data.split(b"\n"))
        some, encoding = f"{counted(many, 'line')} of {name}", "utf-8 and windows-1252"
        is_was = "is no UTF-8 (line {}) and was" if many == 1 else "are no UTF-8 (first line {}) and were"
        what = f"{some} {is_was.format(first)} read"
    controls = sum(not _is_text(sign) for sign in text[:LOOKED_AT])
    if controls > MOST_CONTROLS * min(len(text), LOOKED_AT):
        raise SpecError(f"{name} is no text (it holds control characters); {INSTEAD}")
    notes.append(f"{what} as Windows-1252. Save it as UTF-8 to be sure.")
    if lost:
        notes.append(f"{counted(lost, 'byte')} {'is' if lost == 1 else 'are'} no text in either and became U+FFFD.")
    return text, encoding


def _mixed(lines: list[bytes]) -> tuple[str, int, int, int]:
    """The text; the first line that is no UTF-8 and how many there are; how many of their bytes are no text at all."""
    found: list[str] = []
    others: list[int] = []
    for number, line in enumerate(lines, 1):
        try:
            found.append(line.decode("utf-8"))
        except UnicodeDecodeError:
            found.append(line.decode(FALLBACK, errors="replace"))
            others.append(number)
    return "\n".join(found), others[0], len(others), sum(found[number - 1].count("\ufffd") for number in others)
