"""What the window looks like: kept in the settings and in session files."""

from __future__ import annotations

from typing import Any

import msgspec


class ViewState(msgspec.Struct, frozen=True, kw_only=True):
    """Zoom, tracks, panels, theme: everything about the window that is worth remembering."""

    zoom: str = "steps"
    pitch: float = 54.0
    simple: bool = True
    open_tracks: list[str] = []
    collapsed: list[str] = []
    track_heights: dict[str, float] = {}
    inspector: bool = False
    training: bool = False
    drawer: bool = False
    theme: str = "system"
    ui_scale: float = 1.0
    sort: str = "as is"
    presenter: bool = False
    skipped_stops: list[str] = []
    reduced_motion: bool = False
    notation: str = "lecture"
    shapes: bool = False
    composed: bool = False
    folded: bool = False
    compare: bool = False
    rivals: list[dict[str, Any]] = []
    equal_parameters: bool = False
    seeds: int = 1


def view_from_json(data: object) -> ViewState | None:
    """The view in ``data``; None when it is no view. Unknown fields (of a later version) are ignored."""
    try:
        return msgspec.convert(data, ViewState)
    except msgspec.ValidationError:
        return None
