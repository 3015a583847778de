"""How a text of two parts is typed: a label and its text, a source and its translation; imports no task.

What is shown while one types and what the task reads are cut here, so they cannot differ.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from rnnviz.engine.tokens import UNKNOWN_TOKEN, characters, words

START_TOKEN = "<start>"
"""What a decoder reads first."""
END_TOKEN = "<end>"
"""The output after which nothing follows."""
COLON = ":"
ARROWS = ("→", "->", "=>", "\t")
"""What is typed between source and translation."""
_ARROW = re.compile("|".join(map(re.escape, ARROWS)))


class Typed(NamedTuple):
    """Both parts of a typed text, as typed, and sentences about what was changed or cut."""

    first: tuple[str, ...]
    second: tuple[str, ...]
    notes: tuple[str, ...]


def label_and_text(text: str) -> Typed:
    """``label`` or ``label: text``: one token for the label, then the characters; neither of a blank text."""
    found = characters(text)
    if not found.tokens:
        return Typed((), (), found.notes)
    cut = found.tokens.index(COLON) if COLON in found.tokens else len(found.tokens)
    label = "".join(found.tokens[:cut]).strip()
    rest = list(found.tokens[cut + 1 :])
    while rest and rest[0].isspace():
        del rest[0]
    return Typed((label or UNKNOWN_TOKEN,), tuple(rest), found.notes)


def source_and_target(text: str) -> Typed:
    """``source`` or ``source → target`` (also ``->``, ``=>`` or a tab); an empty source is the arrow itself."""
    typed = text.strip()
    arrow = _ARROW.search(typed)
    source, target = (typed, "") if arrow is None else (typed[: arrow.start()], typed[arrow.end() :])
    if arrow is not None and not source.strip():
        return Typed((arrow.group(),), words(target).tokens, ("There is nothing to translate before the arrow.",))
    first, second = words(source if typed else text), words(target)
    notes = (*first.notes, *(second.notes if target.strip() else ()))
    return Typed(first.tokens, second.tokens, notes)


def typed_pair(text: str) -> tuple[str, ...]:
    """The tokens of what is typed for a translation; the arrow stands for the decoder's first input."""
    parts = source_and_target(text)
    arrow = _ARROW.search(text.strip())
    return (*parts.first, START_TOKEN if arrow is None else arrow.group(), *parts.second) if parts.first else ()
