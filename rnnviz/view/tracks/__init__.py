"""The tracks: one line each, in the order in which "More" lists them."""

from __future__ import annotations

from rnnviz.view.tracks import credit, factors, gates, gradient, hidden, loss, weight
from rnnviz.view.tracks.base import Track, TrackEntry

TRACKS: tuple[TrackEntry, ...] = (
    hidden.ENTRY,
    gates.ENTRY,
    gradient.ENTRY,
    loss.ENTRY,
    credit.ENTRY,
    factors.ENTRY,
    weight.ENTRY,
)

__all__ = ["TRACKS", "Track", "TrackEntry"]
