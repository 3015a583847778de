"""The context menu of a track: its numbers as a table, copy, collapse, close."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from rnnviz.view.layer_tag import fill_layer_menu
from rnnviz.view.numbers import NumbersDialog, as_text

if TYPE_CHECKING:
    from PySide6.QtGui import QContextMenuEvent

    from rnnviz.view.tracks.base import TrackEntry
    from rnnviz.view.tracks.header import TitleButton


class TrackMenu(QWidget):
    """What every track offers by right click; the stack listens to the two requests."""

    collapse_requested = Signal(str)
    close_requested = Signal(str)

    entry: TrackEntry
    title: TitleButton
    collapsed: bool

    def layer_names(self) -> tuple[str, ...]:
        """The chains of the network on show, the lowest first."""
        return ()

    def shown_layer(self) -> str:
        """The chain whose numbers are drawn."""
        return ""

    def choose_layer(self, name: str) -> None:
        """Show the numbers of another chain."""

    def table(self) -> tuple[list[str], list[list[str]]]:
        """Column titles and rows of the track's numbers, for "show as table" and screen readers."""
        return [], []

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show as table, copy, another layer, collapse, close."""
        self.context_menu().popup(event.globalPos())

    def context_menu(self) -> QMenu:
        """The menu of this track; it deletes itself when closed."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Show as table", self.show_table)
        menu.addAction("Copy numbers", self.copy_numbers)
        menu.addSeparator()
        if len(self.layer_names()) > 1:
            fill_layer_menu(menu.addMenu("Layer"), self.shown_layer(), self.layer_names(), self.choose_layer)
        menu.addAction("Open in full" if self.collapsed else "Collapse", self.ask_collapse)
        menu.addAction("Close", self.ask_close)
        return menu

    @Slot()
    def show_table(self) -> None:
        """Open the numbers in a table of their own."""
        titles, rows = self.table()
        NumbersDialog(title=self.entry.title, titles=titles, rows=rows, parent=self.window()).show()

    @Slot()
    def copy_numbers(self) -> None:
        """Put the numbers on the clipboard, tab separated."""
        QGuiApplication.clipboard().setText(as_text(*self.table()))

    @Slot()
    def ask_collapse(self) -> None:
        """Ask for thin rows, or for the full height again."""
        self.title.setChecked(not self.collapsed)
        self.collapse_requested.emit(self.entry.key)

    @Slot()
    def ask_close(self) -> None:
        """Ask to be closed."""
        self.close_requested.emit(self.entry.key)
