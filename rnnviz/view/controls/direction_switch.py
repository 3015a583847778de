"""Forward or backward: a switch whose backward half is painted in the colour of the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot

from rnnviz.view.controls.segment import SegmentSwitch

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from rnnviz.session.session import Session
    from rnnviz.view.controls.commands import CommandTable
    from rnnviz.view.look import Look


class DirectionSwitch(SegmentSwitch):
    """Triggers the actions "forward" and "backward"; shows the session's direction."""

    def __init__(self, *, session: Session, commands: CommandTable, look: Look, parent: QWidget) -> None:
        choices = (("forward", "Forward"), ("backward", "Backward"))
        super().__init__(look=look, choices=choices, width=226, height=36, name="Direction", parent=parent)
        self._session, self._commands = session, commands
        self.buttons["forward"].trailing_inline = "arrow-right"
        self.buttons["backward"].icon_name = "arrow-left"
        self.buttons["backward"].paint_token = "grad"
        for key, button in self.buttons.items():
            button.setToolTip(commands[key].toolTip())
        self.chosen.connect(self.on_chosen)
        session.direction_changed.connect(self.refresh)
        self.refresh()

    @Slot(str)
    def on_chosen(self, key: str) -> None:
        """A segment is the action of the same name."""
        self._commands[key].trigger()
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Show the session's direction."""
        self.set_current(str(self._session.direction.value))
