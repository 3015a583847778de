"""What of a pasted text fits: never more than 5,000 characters, found without reading the rest."""

from __future__ import annotations

from rnnviz.engine.tokens import MAX_TOKENS, characters


def fitting(text: str, room: int = MAX_TOKENS) -> tuple[str, list[str]]:
    """As much of ``text`` as ``room`` characters hold, and sentences about what was left out or replaced."""
    if room < 1:
        return "", [f"The text is full: it holds at most {MAX_TOKENS:,} characters."] if text else []
    # The letter before it lets white space alone count as text, too: a pasted blank is a blank.
    result = characters(f"x{text}", room + 1)
    kept = "".join(result.tokens)[1:]
    notes = [note for note in result.notes if "cut after" not in note]
    if len(kept) < len(text):
        notes.append(f"The text was cut after {room:,} characters: it holds at most {MAX_TOKENS:,}.")
    return kept, notes


def character_count(text: str) -> int:
    """Characters of ``text`` as a reader counts them, at most one more than a text may have."""
    return len(characters(f"x{text}", MAX_TOKENS + 2).tokens) - 1
