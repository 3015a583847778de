"""Text to tokens (characters, words, bits) and tokens to ids."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.graphemes import graphemes
from rnnviz.engine.sequence import UNKNOWN_ID

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

UNKNOWN_TOKEN = "<unk>"
MAX_TOKENS = 5000
_CODE_POINTS_PER_TOKEN = 16
_NOT_TEXT = re.compile("[\x00\ud800-\udfff]")
_WORD = re.compile(r"\w+(?:['’\-]\w+)*|[^\w\s]")


@dataclass(frozen=True)
class Tokens:
    """The tokens of a text, and sentences for the user about what was changed or cut."""

    tokens: tuple[str, ...]
    notes: tuple[str, ...] = ()


def characters(text: str, limit: int = MAX_TOKENS) -> Tokens:
    """Split a text into characters as a reader counts them (grapheme clusters).

    NUL and lone surrogates become U+FFFD, the text is cut after ``limit`` characters, and a text of
    nothing but white space gives no tokens; each with a note.
    """
    return _tokenise(text, limit, "characters", graphemes)


def words(text: str, limit: int = MAX_TOKENS) -> Tokens:
    """Split a text into words and single punctuation marks; white space is dropped."""
    return _tokenise(text, limit, "words", lambda cleaned: (match.group() for match in _WORD.finditer(cleaned)))


def bits(text: str, limit: int = MAX_TOKENS) -> Tokens:
    """Split a text into the tokens 0 and 1; white space is dropped, anything else is kept and noted."""
    result = _tokenise(text, limit, "bits", lambda cleaned: graphemes("".join(cleaned.split())))
    others = sum(token not in ("0", "1") for token in result.tokens)
    if not others:
        return result
    note = f"{_count(others, 'character')} {_were(others)} neither 0 nor 1 and {_were(others)} kept as unknown."
    return Tokens(result.tokens, (*result.notes, note))


def _tokenise(text: str, limit: int, unit: str, split: Callable[[str], Iterator[str]]) -> Tokens:
    if limit < 1:
        raise SpecError(f"The limit is {limit} {unit}; give at least 1.")
    if not text.strip():
        return Tokens(
            (), ("The text holds only white space; type something else to unroll the network.",) if text else ()
        )
    # Cut before cleaning: a pasted line of a million characters must not cost more than its visible part.
    shortened = text[: limit * _CODE_POINTS_PER_TOKEN + 1]
    cleaned, _ = _NOT_TEXT.subn("�", shortened)
    found = tuple(islice(split(cleaned), limit + 1))
    was_cut = len(found) > limit or len(shortened) < len(text)
    tokens = found[:limit]
    return Tokens(tokens, tuple(_notes(shortened, tokens, limit, unit, was_cut=was_cut)))


def _notes(text: str, tokens: tuple[str, ...], limit: int, unit: str, *, was_cut: bool) -> Iterator[str]:
    kept = text[: sum(map(len, tokens))] if unit == "characters" else text
    bad = len(_NOT_TEXT.findall(kept))
    if bad:
        yield f"{_count(bad, 'character')} that {'is' if bad == 1 else 'are'} not text {_were(bad)} replaced by U+FFFD."
    if was_cut:
        yield f"The text was cut after {len(tokens):,} {unit} (the limit is {limit:,})."


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _were(number: int) -> str:
    return "was" if number == 1 else "were"


@dataclass(frozen=True)
class Vocabulary:
    """The tokens a network knows, in the order of its ids.

    ``unknown`` is the id of the entry that stands for every other token, None where there is none.
    """

    tokens: tuple[str, ...]
    unknown: int | None = None

    def __post_init__(self) -> None:
        if len(set(self.tokens)) != len(self.tokens):
            twice = sorted({token for token in self.tokens if self.tokens.count(token) > 1})
            raise SpecError(f"The vocabulary holds {twice[0]!r} more than once; give each token once.")
        if self.unknown is not None and not 0 <= self.unknown < len(self.tokens):
            raise SpecError(f"The unknown entry is {self.unknown}; give an index from 0 to {len(self.tokens) - 1}.")

    @classmethod
    def from_tokens(cls, tokens: Iterable[str], *, unknown: bool = True) -> Vocabulary:
        """The sorted set of ``tokens``, after ``<unk>`` at index 0 (left out with ``unknown=False``)."""
        ordered = sorted(set(tokens) - {UNKNOWN_TOKEN}) if unknown else sorted(set(tokens))
        return cls((UNKNOWN_TOKEN, *ordered), 0) if unknown else cls(tuple(ordered))

    def __len__(self) -> int:
        return len(self.tokens)

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {token: index for index, token in enumerate(self.tokens) if index != self.unknown}

    def encode(self, tokens: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """The ids (T,) of ``tokens`` and whether each is known (T,).

        An unknown token gets the ``<unk>`` id, or −1 where the vocabulary has none.
        """
        fallback = UNKNOWN_ID if self.unknown is None else self.unknown
        found = self._ids
        ids = np.array([found.get(token, fallback) for token in tokens], dtype=np.int64)
        known = np.array([token in found for token in tokens], dtype=np.bool_)
        return ids, known
