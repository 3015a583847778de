"""The menus, made from the action table: once as the menu bar (macOS), once as the More menu."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from rnnviz.view.actions import MENUS

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QMenuBar, QWidget

    from rnnviz.session.settings import Settings
    from rnnviz.view.controls.commands import Command, CommandTable


class Menus(QObject):
    """Owns the submenus; fills any menu or menu bar with them."""

    def __init__(
        self, *, commands: CommandTable, settings: Settings, open_path: Callable[[str], None], window: QWidget
    ) -> None:
        super().__init__(window)
        self._settings, self._open_path, self._window = settings, open_path, window
        self.recent = QMenu("Open recent", window)
        self.recent.aboutToShow.connect(self.fill_recent)
        self.menus = [self._menu(title, commands) for title in MENUS]
        self.more = QMenu("More", window)
        self.fill(self.more)
        self.more.addSeparator()
        for key in ("simple", "presenter", "settings", "find", "keys"):
            self.more.addAction(commands[key])

    def _menu(self, title: str, commands: CommandTable) -> QMenu:
        menu = QMenu(title, self._window)
        menu.setToolTipsVisible(True)
        for command in commands.commands.values():
            if command.spec.menu == title:
                self._add(menu, command)
        return menu

    def _add(self, menu: QMenu, command: Command) -> None:
        if command.spec.separator:
            menu.addSeparator()
        menu.addAction(command)
        if command.spec.key == "open":
            menu.addMenu(self.recent)

    def fill(self, target: QMenu | QMenuBar) -> None:
        """Put all submenus into ``target``."""
        for menu in self.menus:
            if not menu.isEmpty():
                target.addMenu(menu)

    @Slot()
    def fill_recent(self) -> None:
        """The files used last; what is gone is shown but cannot be chosen."""
        self.recent.clear()
        for path in self._settings.recent:
            action = QAction(path.name, self.recent)
            action.setToolTip(str(path))
            action.setData(str(path))
            action.setEnabled(path.exists())
            action.triggered.connect(self.on_recent)
            self.recent.addAction(action)
        if self.recent.isEmpty():
            nothing = QAction("Nothing yet", self.recent)
            nothing.setEnabled(False)
            self.recent.addAction(nothing)

    @Slot()
    def on_recent(self) -> None:
        """Open the chosen file."""
        self._open_path(self.sender().data())
