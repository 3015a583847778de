"""How the text of each task is cut into tokens; imports no task, so that a window splits what is typed at once.

The task itself cuts the same way (tests compare them); this is what is on show until its answer comes.
"""

from __future__ import annotations

from rnnviz.engine.tasks.typed import label_and_text, typed_pair
from rnnviz.engine.tasks.typed_numbers import number_pieces
from rnnviz.engine.tokens import MAX_TOKENS, bits, characters, words

WORD_TASKS = frozenset(("next-word", "sentiment", "word-labels", "year"))
"""Tasks whose tokens are words and punctuation marks."""
GROUP_TASKS = frozenset(("adding", "series", "flip-flop"))
"""Tasks whose tokens are numbers, or groups of signs, with spaces, commas or semicolons between them."""
TEXT_TASKS = frozenset(("next-char",))
"""Tasks that read every character, white space as well."""


def has_gaps(name: str) -> bool:
    """Whether a task drops the white space between tokens that are longer than one character."""
    return name in WORD_TASKS or name in GROUP_TASKS or name == "translation"


def split_text(name: str, text: str) -> tuple[str, ...]:
    """The tokens of ``text`` for the task ``name``."""
    if name in WORD_TASKS:
        return words(text).tokens
    if name == "translation":
        return typed_pair(text)
    if name == "generate":
        parts = label_and_text(text)
        return (*parts.first, *parts.second)
    if name in GROUP_TASKS:
        return number_pieces(name, text)[:MAX_TOKENS]
    if name in TEXT_TASKS:
        return characters(text).tokens
    if name == "parity":
        return bits(text).tokens
    return characters("".join(text.split()) or text).tokens
