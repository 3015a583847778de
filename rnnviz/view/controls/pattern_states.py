"""Keeps the actions of patterns and of outputs fed back in step with the session: enabled, checked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from rnnviz.engine.tasks.names import PATTERNS

if TYPE_CHECKING:
    from rnnviz.session.session import Session
    from rnnviz.view.controls.commands import CommandTable

NOT_FED = "The answers of this task are no inputs of it; choose next character, next word or a generator."


class PatternStates(QObject):
    """The four pattern actions, of which the one in force is checked, and the action of own outputs."""

    def __init__(self, *, commands: CommandTable, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._commands, self._session = commands, session
        self._mine = [command for command in commands.commands.values()
                      if command.spec.key == "own-outputs" or command.spec.verb == "shell.set_pattern"]  # fmt: skip
        for signal in (session.run_changed, session.feeding_changed):
            signal.connect(self.refresh)
        for command in self._mine:
            command.ran.connect(self.refresh)  # Qt has flipped the mark of a command that changed nothing
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Bring them up to date."""
        task = self._session.task
        for command in self._mine:
            if command.spec.verb == "shell.set_pattern":
                command.setChecked(PATTERNS.get(self._session.run.task.name) == command.spec.argument)
        own = self._commands["own-outputs"]
        feeds = task is not None and task.feeds_back
        own.setEnabled(feeds)
        own.show_tip("" if feeds else NOT_FED)
        own.setChecked(feeds and self._session.feeding.own)
