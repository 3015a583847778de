"""Grapheme clusters: what a reader calls one character, in the order it is read.

A small implementation of the rules of Unicode Standard Annex 29 (extended grapheme clusters) on
:mod:`unicodedata` alone. Not covered: conjunct clusters of Indic scripts (GB9c) are split at the virama.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_CODE_POINTS = 64
"""A longer cluster (stacked combining marks without end) is split, so that one step stays drawable."""

_PREPEND = frozenset([*range(0x600, 0x606), 0x6DD, 0x70F, 0x890, 0x891, 0x8E2, 0xD4E, 0x110BD, 0x110CD])
_PICTOGRAPHIC_RANGES = (
    (0xA9, 0xA9),
    (0xAE, 0xAE),
    (0x203C, 0x203C),
    (0x2049, 0x2049),
    (0x2122, 0x2122),
    (0x2139, 0x2139),
    (0x2194, 0x21AA),
    (0x231A, 0x23FF),
    (0x24C2, 0x24C2),
    (0x25AA, 0x25FE),
    (0x2600, 0x27BF),
    (0x2934, 0x2935),
    (0x2B05, 0x2B55),
    (0x3030, 0x3030),
    (0x303D, 0x303D),
    (0x3297, 0x3299),
    (0x1F000, 0x1F1E5),
    (0x1F200, 0x1F3FA),
    (0x1F400, 0x1FAFF),
)


@lru_cache(maxsize=4096)
def _break_class(character: str) -> str:
    """The grapheme break property of one code point, by a short name."""
    code = ord(character)
    if code == 0x200D:
        return "zwj"
    if 0x1F1E6 <= code <= 0x1F1FF:
        return "regional"
    if code == 0x200C or 0x1F3FB <= code <= 0x1F3FF or 0xE0020 <= code <= 0xE007F or code in (0xFF9E, 0xFF9F):
        return "extend"
    category = unicodedata.category(character)
    if category in ("Mn", "Me", "Mc"):
        return "extend"
    if code in _PREPEND:
        return "prepend"
    if category in ("Cc", "Cf", "Zl", "Zp"):
        return "control"
    return _hangul_class(code) or _pictographic_class(code)


def _hangul_class(code: int) -> str:
    if 0x1100 <= code <= 0x115F or 0xA960 <= code <= 0xA97C:
        return "L"
    if 0x1160 <= code <= 0x11A7 or 0xD7B0 <= code <= 0xD7C6:
        return "V"
    if 0x11A8 <= code <= 0x11FF or 0xD7CB <= code <= 0xD7FB:
        return "T"
    if 0xAC00 <= code <= 0xD7A3:
        return "LV" if (code - 0xAC00) % 28 == 0 else "LVT"
    return ""


def _pictographic_class(code: int) -> str:
    return "pictographic" if any(low <= code <= high for low, high in _PICTOGRAPHIC_RANGES) else "other"


_HANGUL_JOINS = frozenset(
    (previous, current)
    for previous, follows in (("L", "L V LV LVT"), ("LV", "V T"), ("V", "V T"), ("LVT", "T"), ("T", "T"))
    for current in follows.split()
)


def _joins(previous: str, current: str, *, open_flag: bool, picture: bool) -> bool:
    """Whether no boundary lies between two code points of these break classes (GB3 to GB13)."""
    if previous == "control" or current == "control":
        return False
    if current in ("extend", "zwj") or previous == "prepend" or (previous, current) in _HANGUL_JOINS:
        return True
    if previous == "zwj":
        return picture and current == "pictographic"
    return open_flag and current == "regional"


def graphemes(text: str) -> Iterator[str]:
    """Yield the grapheme clusters of ``text``; joined they give the text back."""
    if text.isascii() and "\r" not in text:
        yield from text
        return
    start, previous, open_flag, picture = 0, "", False, False
    for position, character in enumerate(text):
        current = _break_class(character)
        if position and not _continues(text, start, position, previous, current, open_flag, picture):
            yield text[start:position]
            start, open_flag, picture = position, False, False
        open_flag = current == "regional" and not open_flag
        picture = current == "pictographic" or (picture and current in ("extend", "zwj"))
        previous = current
    if text:
        yield text[start:]


def _continues(
    text: str, start: int, position: int, previous: str, current: str, open_flag: bool, picture: bool
) -> bool:
    """Whether the code point at ``position`` belongs to the cluster that began at ``start``."""
    if text[position] == "\n" and text[position - 1] == "\r":
        return True
    short_enough = position - start < MAX_CODE_POINTS
    return short_enough and _joins(previous, current, open_flag=open_flag, picture=picture)
