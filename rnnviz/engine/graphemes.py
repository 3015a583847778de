"""Grapheme clusters: what a reader calls one character, in the order it is read.

The rules are those of Unicode Standard Annex 29 (extended grapheme clusters), as kept by the
``regex`` package. It is imported on first use: plain ASCII, the common case, needs none of it.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterator

MAX_CODE_POINTS = 64
"""A longer cluster (stacked combining marks without end) is split, so that one step stays drawable."""


@lru_cache(maxsize=1)
def _clusters() -> Callable[[str], Iterator[re.Match[str]]]:
    import regex

    find: Callable[[str], Iterator[re.Match[str]]] = regex.compile(r"\X").finditer
    return find


def graphemes(text: str) -> Iterator[str]:
    """The grapheme clusters of ``text`` in logical order; joined they are ``text`` again."""
    if text.isascii() and "\r" not in text:
        yield from text
        return
    for match in _clusters()(text):  # lazily: the reader of a pasted book stops after a few thousand
        cluster = match.group()
        for start in range(0, len(cluster), MAX_CODE_POINTS):
            yield cluster[start : start + MAX_CODE_POINTS]
