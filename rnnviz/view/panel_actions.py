"""Actions for the registered tracks and panels: a new track or panel is in the menus by its one registry line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal, Slot

from rnnviz.view.actions import ActionSpec
from rnnviz.view.panels.watch_list import WatchList

if TYPE_CHECKING:
    from rnnviz.session.settings import Settings


def panel_specs() -> tuple[ActionSpec, ...]:
    """One line of the action table for every track and panel."""
    from rnnviz.view.panels import PANELS
    from rnnviz.view.tracks import TRACKS

    tracks = [
        ActionSpec(f"track-{entry.key}", entry.title, "Panels", "panels.track", entry.shortcut, entry.icon,
                   f"Show or hide the track {entry.title}. It lies on the same time axis as the text.",
                   argument=entry.key, checkable=True)
        for entry in TRACKS
    ]  # fmt: skip
    panels = [
        ActionSpec(f"panel-{entry.key}", entry.title, "Panels", "panels.panel", entry.shortcut, entry.icon,
                   f"Show or hide the panel {entry.title}. In a small window it slides over the tracks.",
                   argument=entry.key, checkable=True, separator=index == 0)
        for index, entry in enumerate(PANELS) if entry.key != "settings"
    ]  # fmt: skip
    return (*tracks, *panels)


class PanelActions(QObject):
    """Opens and closes tracks and panels through the view state."""

    page_asked = Signal(str)

    def __init__(self, *, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = settings
        self.watch = WatchList(parent=self)
        self.page = "inspector"

    def track(self, key: str) -> None:
        """Open or close a track; the order of the registry is kept."""
        from rnnviz.view.tracks import TRACKS

        keys = self._settings.view.open_tracks
        wanted = set(keys) ^ {key}
        order = [entry.key for entry in TRACKS]
        self._settings.update_view(open_tracks=[name for name in order if name in wanted], simple=False)

    def panel(self, key: str) -> None:
        """Open or close a panel."""
        view = self._settings.view
        if key == "training":
            self._settings.update_view(training=not view.training, drawer=not view.training or view.drawer)
        elif view.inspector and self.page == key and view.drawer:
            self._settings.update_view(inspector=False, drawer=False)
        else:
            self.page = key
            self.page_asked.emit(key)

    @Slot(str)
    def show_page(self, key: str) -> None:
        """Open the panel ``key`` and leave it open."""
        self.page = key
        self.page_asked.emit(key)

    def show_settings(self) -> None:
        """Model and training."""
        self.panel("settings")
