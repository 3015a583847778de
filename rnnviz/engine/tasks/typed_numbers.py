"""Typed numbers cut into the parts of the text that tokens are made of; plain Python, so that a window can do it.

Between numbers stand spaces, line ends, semicolons or commas. A comma is a decimal comma where there is no doubt.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

MARK = "*"
CHANNELS = 3
SIGNS = {"+": 1.0, "-": -1.0, "−": -1.0, "–": -1.0, "0": 0.0, "·": 0.0}
"""How a pulse of the flip-flop is typed: one sign a channel."""
LARGEST_LEARNED = 1e30
"""Numbers beyond are not learned: their squares would leave the range that the arithmetic has."""
LOOKED_AT = 20_000
_WORDS = re.compile(r"[^\s,;]+")
_WORDS_WITH_COMMAS = re.compile(r"[^\s;]+")
_DECIMAL = re.compile(r"[+\-−–]?\d*,\d+\*?")
_MINUS = str.maketrans({"−": "-", "＋": "+", "–": "-"})
_PLAIN = re.compile(r"[+\-−–]?\d+\*?|\*")


def number_of(word: str) -> float | None:
    """The finite number that a word spells, with a decimal point or one decimal comma; None where it spells none."""
    plain = word.translate(_MINUS)
    if plain.count(",") == 1 and "." not in plain:
        plain = plain.replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        return None
    return value if math.isfinite(value) and "_" not in word else None


def decimals(word: str) -> int:
    """To how many decimals a typed number is given: 2 for ``0.25``, 5 for ``1e-5``, 0 for ``1.5e3``."""
    mantissa, _, exponent = word.lower().replace(",", ".").partition("e")
    power = int(exponent) if exponent.lstrip("+-").isdecimal() else 0
    return max(0, len(mantissa.partition(".")[2]) - power)


def has_decimal_commas(text: str) -> bool:
    """Whether the commas of ``text`` are decimal commas: at least two numbers between spaces, no point, one comma each.

    ``0,1 0,5 −0,3`` are three numbers; ``0,1,0,5``, ``0, 1`` and ``0.5,1`` are lists with commas between their numbers.
    """
    part = text[:LOOKED_AT]
    if "," not in part or "." in part:
        return False
    words = _WORDS_WITH_COMMAS.findall(part if len(text) <= LOOKED_AT else part.rsplit(None, 1)[0])
    decimal = sum(_DECIMAL.fullmatch(word) is not None for word in words)
    numbers = decimal + sum(_PLAIN.fullmatch(word) is not None for word in words)
    return decimal > 0 and numbers == len(words) > 1


def number_words(text: str) -> Iterator[str]:
    """The words of ``text`` one after the other, as they stand in it."""
    found = _WORDS_WITH_COMMAS if has_decimal_commas(text) else _WORDS
    return (match.group() for match in found.finditer(text))


def number_pieces(name: str, text: str) -> tuple[str, ...]:
    """The parts of ``text`` that are the time steps of the task ``name``, as they stand in it."""
    if name == "adding":
        return _with_stars(text)
    return _in_threes(text) if name == "flip-flop" else tuple(number_words(text))


def _with_stars(text: str) -> tuple[str, ...]:
    """Each number with its star, even where a space stands between them."""
    found: list[tuple[int, int]] = []
    pattern = _WORDS_WITH_COMMAS if has_decimal_commas(text) else _WORDS
    for match in pattern.finditer(text):
        alone = match.group() == MARK and found and text[found[-1][1] - 1] != MARK
        if alone:
            found[-1] = found[-1][0], match.end()
        else:
            found.append(match.span())
    return tuple(text[start:stop] for start, stop in found)


def _in_threes(text: str) -> tuple[str, ...]:
    """Three signs, or three numbers, are one step."""
    found: list[tuple[int, int]] = []
    waiting: list[tuple[int, int]] = []
    for match in _WORDS.finditer(text):
        if not waiting and is_pulse(match.group()):
            found.append(match.span())
            continue
        waiting.append(match.span())
        if len(waiting) == CHANNELS:
            found.append((waiting[0][0], waiting[-1][1]))
            waiting = []
    if waiting:
        found.append((waiting[0][0], waiting[-1][1]))
    return tuple(text[start:stop] for start, stop in found)


def is_pulse(word: str) -> bool:
    """Whether a word is a whole step of the flip-flop, such as ``+0−``."""
    return len(word) == CHANNELS and all(sign in SIGNS for sign in word)
