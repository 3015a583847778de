"""What the window looks like: kept in the settings and in session files."""

from __future__ import annotations

from typing import Any

import msgspec

from rnnviz.engine.errors import SpecError
from rnnviz.engine.feeding import Feeding


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


def feeding_from_json(data: object) -> Feeding:
    """How outputs are fed back, as a file says it; the default where it says nothing (an older file).

    Unknown fields (of a later version) are ignored; SpecError says what is out of range or no value of its field.
    """
    known = (
        {key: value for key, value in data.items() if key in Feeding.__struct_fields__}
        if isinstance(data, dict)
        else data
    )
    try:
        return Feeding() if known is None else msgspec.convert(known, Feeding)
    except msgspec.ValidationError as error:
        raise SpecError(str(error).replace(" - at `$.", " for `")) from None
