"""The series that the program makes itself, by name; imports nothing large, so a window can list them."""

from __future__ import annotations

CHAOTIC = "mackey-glass"
SERIES: dict[str, str] = {"sines": "Sine mixtures", CHAOTIC: "Mackey–Glass", "steps": "Noisy steps"}
"""Title of each by the text of its TaskSpec."""


def series_kind(text: str | None) -> str:
    """Which of :data:`SERIES` the text of a TaskSpec chooses; '' where it holds the user's own numbers."""
    if text is None:
        return "sines"
    name = text[:100].strip().lower()
    if name.partition(" ")[0] == CHAOTIC:
        return CHAOTIC
    return name if name in SERIES else ""


def is_series_kind(text: str) -> bool:
    """Whether ``text`` names a series that the program makes itself."""
    return bool(series_kind(text))
