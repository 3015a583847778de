"""Windows beside the main window, each made when it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.controls.commands import CommandTable
    from rnnviz.view.look import Look


class Dialogs(QObject):
    """Command finder, key sheet, presenter stops, training curves. ``commands`` is set when the table is made."""

    commands: CommandTable

    def __init__(self, *, session: Session, settings: Settings, look: Look, window: QWidget) -> None:
        super().__init__(window)
        self._session, self._settings, self._look, self._window = session, settings, look, window

    def show_finder(self) -> None:
        """The command finder."""
        from rnnviz.view.controls.finder import Finder

        Finder(commands=self.commands, look=self._look, parent=self._window).show()

    def show_keys(self) -> None:
        """The key sheet."""
        from rnnviz.view.controls.key_sheet import KeySheet

        KeySheet(commands=self.commands, look=self._look, parent=self._window).show()

    def show_stops(self) -> None:
        """Which stops presenter mode makes."""
        from rnnviz.view.controls.stops_dialog import StopsDialog
        from rnnviz.view.presenter import STOP_NAMES

        StopsDialog(names=STOP_NAMES, settings=self._settings, look=self._look, parent=self._window).open()

    def show_curves(self) -> None:
        """The training curves, to examine."""
        from rnnviz.view.curves_window import CurvesWindow

        CurvesWindow(session=self._session, look=self._look, parent=self._window).show()
