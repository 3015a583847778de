"""The series that the program makes itself, by name; imports nothing large, so a window can list them."""

from __future__ import annotations

CHAOTIC = "mackey-glass"
SERIES: dict[str, str] = {"sines": "Sine mixtures", CHAOTIC: "Mackey–Glass", "steps": "Noisy steps"}
"""Title of each by the text of its TaskSpec."""
LONGEST = 200
"""A longer text names no series."""


def series_kind(text: str | None) -> str:
    """Which of :data:`SERIES` the text of a TaskSpec chooses; '' where it holds the user's own numbers."""
    name, rest = named_series(text)
    return name if name == CHAOTIC or not rest else ""


def named_series(text: str | None) -> tuple[str, str]:
    """A name of :data:`SERIES` ('' for none) and what stands behind it, such as the delay of ``mackey-glass 30``."""
    if text is None:
        return "sines", ""
    name, _, rest = text.strip().partition(" ") if len(text) <= LONGEST else ("", "", "")
    return (name.lower(), rest.strip()) if name.lower() in SERIES else ("", "")


def is_series_kind(text: str) -> bool:
    """Whether ``text`` names a series that the program makes itself."""
    return bool(series_kind(text))
