"""What a panel is: a widget beside the stage that registers itself with one line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from rnnviz.view.notation.tips import retell

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QHideEvent, QShowEvent

    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look


@dataclass(frozen=True)
class PanelEntry:
    """One line of the registry.

    ``area``: "side" (tab of the right panel), "lab" (tab in the row of the laboratory), "card" (below the tabs);
    ``opens_with``: the use that opens it first ("select", "train", "backward", "" = from More).
    """

    key: str
    title: str
    area: str
    shortcut: str
    icon: str
    factory: Callable[..., Panel]
    opens_with: str = ""


class Panel(QWidget):
    """Base of all panels: asks the session for its topics only while it is on screen."""

    topics: tuple[str, ...] = ()
    #: what the constructor asks for beside entry, session, look and settings ("playback", "shell", "watch")
    needs: tuple[str, ...] = ()

    def __init__(self, *, entry: PanelEntry, session: Session, look: Look, settings: Settings) -> None:
        super().__init__()
        self.entry, self.session, self.look, self.settings = entry, session, look, settings
        self.setObjectName(f"panel-{entry.key}")
        self.setAccessibleName(entry.title)

    def refresh(self) -> None:
        """Show the newest values; called on every fact while visible and once when shown."""

    def showEvent(self, event: QShowEvent) -> None:
        """A panel on screen asks for its data and catches up."""
        super().showEvent(event)
        for topic in self.topics:
            self.session.want(topic, self.objectName())
        self.refresh()
        retell(self)

    def hideEvent(self, event: QHideEvent) -> None:
        """A hidden panel costs nothing."""
        super().hideEvent(event)
        for topic in self.topics:
            self.session.unwant(topic, self.objectName())
