"""Next character: at every time step, guess the character that follows (Elman 1990, letter prediction)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from rnnviz.engine.tasks.corpus import NextToken, character_counts, is_unicode, shipped_text
from rnnviz.engine.tokens import Tokens, characters

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

COMBINES = r"[^\p{GCB=Other}\p{GCB=LF}\p{GCB=LV}\p{GCB=LVT}]"
"""A code point that may be one character with its neighbour; the shape of Hangul syllables is one by itself."""


class NextCharacter(NextToken):
    """Predict the next character of a text; the baseline is a blind guess among all V characters, ln V.

    Held out is a second shipped text, or the last tenth of the user's own. Measured over 5 seeds: the default reaches
    1.10 to 1.30 nats held out (ln 19 = 2.94 untrained) after 200 steps, 2 s; later it learns the text by heart and the
    held-out loss rises again (1.37 to 1.46 after 500 steps, 2 seeds).
    """

    name = "next-char"
    title = "Next character"
    sentence = "The network reads a text one character at a time and guesses, at every step, which one comes next."
    example = "hello"
    default_length = 32
    default_model: ClassVar[Mapping[str, Any]] = {"cell": "lstm", "hidden": 32}
    default_steps = 200
    sample = "data/next-char.txt"
    held_out_sample = "data/next-char-held-out.txt"
    unit = "characters"
    largest_vocabulary = 255

    def corpus(self, text: str) -> tuple[Sequence[str], tuple[str, ...]]:
        """The text itself, where each of its code points is a character: 20 MB are then read in a second."""
        return (text, ()) if text.strip() and is_plain(text) else super().corpus(text)

    def split(self, text: str, limit: int) -> Tokens:
        """Cut a text into characters as a reader counts them."""
        return characters(text, limit)


def is_plain(text: str) -> bool:
    """Whether no code point of a text combines with another or stands for no character."""
    if text.isascii():
        return "\0" not in text and "\r" not in text
    import regex

    return is_unicode(text) and regex.search(COMBINES, "".join(character_counts(text))) is None


def sample_text() -> str:
    """Return the shipped sample text (our own; 18 different characters, so that V = 19 with ``<unk>``)."""
    return shipped_text(NextCharacter.sample)
