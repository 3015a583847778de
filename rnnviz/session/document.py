"""The session file: save, open, and what is not saved yet."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from rnnviz.engine.errors import SpecError
from rnnviz.engine.feeding import Feeding
from rnnviz.service.messages import Open, Opened, Refused, Save, Saved
from rnnviz.session.file_lock import FileLock
from rnnviz.session.values import Direction, Notice
from rnnviz.session.view_state import feeding_from_json

if TYPE_CHECKING:
    from rnnviz.session.cursor import Cursor
    from rnnviz.session.facts import SessionFacts, State
    from rnnviz.session.incoming import Incoming
    from rnnviz.session.recovery import Recovery
    from rnnviz.session.requests import Requests
    from rnnviz.session.settings import Settings

PLACE = "place"
FIRST = -1  # the file that the program was started with has no request number of ours
MOVE_TO_SAVE = (("Save elsewhere", "save_elsewhere"),)


class DocumentControl:
    """Path and unsaved changes of the session, and its place (cursor, selection) inside the file's view JSON."""

    def __init__(
        self,
        *,
        state: State,
        facts: SessionFacts,
        requests: Requests,
        incoming: Incoming,
        recovery: Recovery,
        cursor: Cursor,
        settings: Settings,
    ) -> None:
        self._state = state
        self._facts = facts
        self._requests = requests
        self._incoming = incoming
        self._recovery = recovery
        self._cursor = cursor
        self._settings = settings
        self._opening: dict[int, str] = {}
        self._lock = FileLock(settings.folder)

    def save(self, path: Path, view: dict[str, Any]) -> None:
        """Ask the engine to write the file; the answer is Saved or Refused. Another window's file is left alone."""
        if not self._lock.is_free(path):
            sentence = f"{path.name} is open in another window, which had it first; save under another name."
            self._incoming.tell(Notice(sentence, "error", MOVE_TO_SAVE))
            return
        self._requests.post(Save(path=str(path.absolute()), view={**view, PLACE: self._place()}))

    def _place(self) -> dict[str, Any]:
        state = self._state
        return {
            "text": state.text,
            "time_step": state.time_step,
            "unit": state.unit,
            "layer": state.layer,
            "direction": str(state.direction),
            "loss_step": state.loss_step,
            "part": state.part,
            "threshold": state.threshold,
            "feeding": msgspec.to_builtins(state.feeding),
        }

    def open(self, path: Path) -> None:
        """Ask the engine to read the file; on failure everything stays as it is."""
        if self._recovery.begun:
            self._opening = {self._requests.post(Open(path=str(path.absolute()))): path.name}
        else:
            self._opening = {FIRST: path.name}
            self._recovery.start_with(path.absolute())

    def on_saved(self, reply: Saved) -> None:
        """The file is whole on disk."""
        self._state.path, self._state.dirty = Path(reply.path), False
        self._lock.take(Path(reply.path))
        self._settings.add_recent(Path(reply.path))
        self._facts.path_changed.emit()
        self._incoming.tell(Notice(f"Saved {Path(reply.path).name} ({reply.size / 1000:,.0f} kB)."))

    def on_opened(self, reply: Opened) -> None:
        """A file was read (an empty path: a state kept by the program itself)."""
        state = self._state
        if reply.path:
            self._settings.add_recent(Path(reply.path))
        if reply.path or not self._recovery.text_chosen:
            state.text = reply.text
            self._facts.text_changed.emit()
        state.path, state.dirty = (Path(reply.path) if reply.path else None), False
        self._facts.path_changed.emit()
        found = reply.view.get(PLACE)
        place = found if isinstance(found, dict) else {}
        if place:
            self._return_to(place)
        if place or reply.path:
            self._read_as(place.get("feeding"), Path(reply.path).name)
        self._incoming.unroll()
        self._hold(state.path)
        self._facts.opened.emit({key: value for key, value in reply.view.items() if key != PLACE})

    def _hold(self, path: Path | None) -> None:
        """The file of this window, None for none; one that another window has can be read and trained, not saved."""
        if path is None:
            self._lock.release()
        elif not self._lock.take(path):
            self._incoming.tell(Notice(f"{path.name} is open in another window: here it can only be saved elsewhere."))

    def release(self) -> None:
        """The window closes: others may have its file."""
        self._lock.release()

    def _return_to(self, place: dict[str, Any]) -> None:
        """Put the cursor where the file says; what does not fit is left as it is."""
        state = self._state
        numbers = {key: value for key in ("time_step", "unit", "loss_step") if type(value := place.get(key)) is int}
        state.wanted_step = max(numbers.get("time_step", state.time_step), 0)
        self._cursor.select(numbers.get("unit"), None, None)
        if (layer := place.get("layer")) in {name for name in self._layers() if isinstance(layer, str)}:
            self._cursor.select(None, layer, None)
        state.loss_step = max(numbers.get("loss_step", 0), 0)
        self._facts.loss_step_changed.emit()
        self._cursor.set_part(str(place.get("part", state.part)))
        if isinstance(threshold := place.get("threshold"), float):
            self._cursor.set_threshold(threshold)
        if place.get("direction") in list(Direction):
            state.direction = Direction(place["direction"])
            self._facts.direction_changed.emit()

    def _read_as(self, kept: object, name: str) -> None:
        """Wanted or own outputs are read back, as the file says; what it says wrongly is told."""
        try:
            feeding = feeding_from_json(kept)
        except SpecError as error:
            feeding = Feeding()
            why = str(error).rstrip(".")
            sentence = f"{name}: how outputs are fed back is not readable ({why}); the wanted outputs are read."
            self._incoming.tell(Notice(sentence.removeprefix(": ")))
        if feeding != self._state.feeding:
            self._state.feeding = feeding
            self._facts.feeding_changed.emit()

    def _layers(self) -> set[str]:
        model = self._state.run.model
        return {f"l{index}{ending}" for index in range(model.layers) for ending in ("", "r")[: 1 + model.bidirectional]}

    def on_refused(self, reply: Refused) -> None:
        """Something could not be done: say it; a failed save offers another place, a file that is no good is named."""
        self._state.replacing = False
        first = self._recovery.refused(reply.request)
        if first and reply.command != "Open":
            return
        name = self._opening.get(FIRST if first else reply.request, "")
        sentence = f"{name}: {reply.sentence}" if name and name not in reply.sentence else reply.sentence
        actions = MOVE_TO_SAVE if reply.command == "Save" else ()
        self._incoming.tell(Notice(sentence, "error", actions))
