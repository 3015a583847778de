"""What of a typed text can be sent to the engine and unrolled."""

from __future__ import annotations

from rnnviz.engine.spec import MAX_LENGTH
from rnnviz.engine.tokens import characters
from rnnviz.session.values import Notice


def acceptable(text: str) -> tuple[str, Notice | None]:
    """At most as many characters as a network is unrolled over, and none that is no text."""
    # Half of a surrogate pair cannot be sent as UTF-8; the engine never sees it, so it is told here.
    clean = text if text.isascii() else text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    clean = clean.replace("\0", "�")
    notice = None
    if clean != text:
        count = clean.count("�") - text.count("�")
        notice = Notice(f"{count} character{'s' if count > 1 else ''} that cannot be text: replaced by U+FFFD.")
    if len(clean) > MAX_LENGTH:
        kept = clean[: sum(map(len, characters(clean).tokens))]
        if len(kept) < len(clean):
            notice = Notice(f"The text was cut after {MAX_LENGTH:,} characters: longer ones are not unrolled.")
            clean = kept
    return clean, notice
