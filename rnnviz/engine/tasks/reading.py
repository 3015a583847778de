"""How the text of each task is cut into tokens; imports no task, so that a window splits what is typed at once.

The task itself cuts the same way (tests compare them); this is what is on show until its answer comes.
"""

from __future__ import annotations

from rnnviz.engine.tokens import bits, characters, words

WORD_TASKS = frozenset(("next-word", "sentiment", "word-labels", "year"))
"""Tasks whose tokens are words and punctuation marks."""
GROUP_TASKS = frozenset(("adding", "series", "flip-flop"))
"""Tasks whose tokens stand between spaces: numbers, or groups of signs."""
TEXT_TASKS = frozenset(("next-char",))
"""Tasks that read every character, white space as well."""


def has_gaps(name: str) -> bool:
    """Whether a task drops the white space between tokens that are longer than one character."""
    return name in WORD_TASKS or name in GROUP_TASKS


def split_text(name: str, text: str) -> tuple[str, ...]:
    """The tokens of ``text`` for the task ``name``."""
    if name in WORD_TASKS:
        return words(text).tokens
    if name in GROUP_TASKS:
        return tuple(text.split())
    if name in TEXT_TASKS:
        return characters(text).tokens
    if name == "parity":
        return bits(text).tokens
    return characters("".join(text.split()) or text).tokens
