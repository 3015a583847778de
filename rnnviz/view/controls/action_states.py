"""Keeps the actions in step with session, playback and view: enabled, checked, named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from rnnviz.engine.tasks.names import TITLES
from rnnviz.view.facts import is_backward
from rnnviz.view.notation import KEYS

if TYPE_CHECKING:
    from rnnviz.session.playback import Playback
    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.controls.commands import CommandTable
    from rnnviz.view.look import Look

_STEPPING = ("play", "back", "step", "first", "last", "inside-on", "inside-back", "pin")
_TRAINED = ("reset", "undo")


class ActionStates(QObject):
    """One slot for each source of change; each touches only what differs."""

    def __init__(self, *, commands: CommandTable, session: Session, playback: Playback, settings: Settings,
                 look: Look, parent: QObject) -> None:  # fmt: skip
        super().__init__(parent)
        self._look = look
        self._commands, self._session, self._playback, self._settings = commands, session, playback, settings
        for signal in (session.engine_changed, session.trace_changed, session.run_changed, session.direction_changed,
                       session.training_changed, playback.playing_changed, settings.view_changed,
                       look.changed):  # fmt: skip
            signal.connect(self.refresh)
        for command in commands.commands.values():
            # Qt has flipped the check mark of a command that changed nothing.
            if command.isCheckable():
                command.ran.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Bring all actions up to date."""
        self._training()
        self._stepping()
        self._choices()

    def _enable(self, key: str, enabled: bool, reason: str = "") -> None:
        command = self._commands[key]
        if command.isEnabled() != enabled:
            command.setEnabled(enabled)
        command.show_tip("" if enabled else reason)

    def _training(self) -> None:
        session = self._session
        running = session.engine_state == "training"
        train = self._commands["train"]
        text = "Pause" if running else "Train"
        if train.text() != text:
            train.setText(text)
            train.setIconText(text)
        self._enable("train", running or session.can_train, session.why_not_train)
        reason = session.why_not_train or "Pause the training first."
        self._enable("train-one", session.can_train and not running, reason)
        self._enable("measure", session.can_train and not running, reason)
        self._enable("bring-back", session.can_bring_back, "No trained network has been replaced yet.")
        for key in _TRAINED:
            self._enable(key, session.training.step > 0, "Nothing has been trained yet.")

    def _stepping(self) -> None:
        session = self._session
        for key in _STEPPING:
            self._enable(key, session.length > 0, session.engine_note or "Type something first.")
        lstm = session.run.model.cell == "lstm"
        self._enable("part", lstm, "Only an LSTM has a cell state beside its hidden state.")
        play = self._commands["play"]
        text = "Pause playing" if self._playback.playing else "Play"
        if play.text() != text:
            play.setText(text)

    def _choices(self) -> None:
        session, view = self._session, self._settings.view
        for key in ("zoom-in", "zoom-out"):  # Esc belongs to the comparison while it is open
            self._enable(key, self._look.presenter or not view.compare, "Close the comparison first.")
        checks = {
            "simple": view.simple, "unfold": view.folded, "motion": view.reduced_motion,
            "forward": not is_backward(session), "backward": is_backward(session),
            "presenter": view.presenter, "compare": view.compare,
            **{f"cell-{name}": session.run.model.cell == name for name in ("elman", "lstm", "gru")},
            **{f"task-{name}": session.run.task.name == name for name in TITLES},
            **{f"zoom-{name}": view.zoom == name for name in ("far", "steps", "inside")},
            **{f"theme-{name}": view.theme == name for name in ("light", "dark", "contrast", "system")},
            **{f"notation-{name}": view.notation == name for name in KEYS},
            "shapes": view.shapes, "composed": view.composed,
            "panel-training": view.training, "panel-inspector": view.inspector,
        }  # fmt: skip
        for key, command in self._commands.commands.items():
            wanted = checks.get(
                key, key.removeprefix("track-") in view.open_tracks if key.startswith("track-") else None
            )
            if wanted is not None and command.isCheckable() and command.isChecked() != wanted:
                command.setChecked(wanted)
