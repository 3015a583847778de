"""A button that opens a short menu of choices, in place of a combo box (same look everywhere)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Slot
from PySide6.QtWidgets import QMenu

from rnnviz.view.controls.buttons import Button

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QAction

    from rnnviz.view.look import Look


class ChoiceButton(Button):
    """Shows the chosen one of ``actions``; a click, Space or Enter opens them as a menu."""

    def __init__(
        self, *, look: Look, actions: Sequence[QAction], name: str, trailing: str = "down", **options: object
    ) -> None:
        super().__init__(look=look, trailing=trailing, **options)  # type: ignore[arg-type]
        self.font_role = "button"
        self._name = name
        self.popup = QMenu(self)
        for action in actions:
            self.popup.addAction(action)
        self.clicked.connect(self.on_clicked)

    def show_text(self, text: str) -> None:
        """Show ``text`` as the present choice."""
        if text != self.text():
            self.setText(text)
            self.setAccessibleName(f"{self._name}: {text}")
            self.updateGeometry()
            self.update()

    @Slot()
    def on_clicked(self) -> None:
        """Open the menu below, or above when there is no room."""
        self.popup.setMinimumWidth(self.width())
        size = self.popup.sizeHint()
        below = self.mapToGlobal(QPoint(0, self.height() + 4))
        screen = self.screen().availableGeometry()
        if below.y() + size.height() > screen.bottom():
            below = self.mapToGlobal(QPoint(0, -size.height() - 4))
        self.popup.popup(below)
