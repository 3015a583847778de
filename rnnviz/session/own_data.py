"""A file of the user's own: looked at first, as the engine reads it, then learned. The newest question wins."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from rnnviz.engine.data.choice import DataChoice
from rnnviz.engine.tasks.names import TITLES
from rnnviz.service.messages import DataPreviewed, OpenCorpus, PreviewData, Refused, RunChanged, Superseded
from rnnviz.session.values import Notice

if TYPE_CHECKING:
    from pathlib import Path

    from rnnviz.engine.data.report import Preview
    from rnnviz.session.facts import SessionFacts, State
    from rnnviz.session.incoming import Incoming
    from rnnviz.session.requests import Requests
    from rnnviz.session.training_control import TrainingControl


class OwnData(QObject):
    """What is known of the file that the user looks at. ``changed``: another answer, or a question is on its way."""

    changed = Signal()

    def __init__(
        self, *, state: State, facts: SessionFacts, requests: Requests, incoming: Incoming, control: TrainingControl
    ) -> None:
        super().__init__(facts)
        self._state, self._facts, self._requests = state, facts, requests
        self._incoming, self._control = incoming, control
        self._asked: PreviewData | None = None
        self._number = 0
        self._preview: Preview | None = None
        self._refusal = ""
        self._learning: tuple[int, Preview] | None = None

    # ---- what views read and say -----------------------------------------------------------

    @property
    def preview(self) -> Preview | None:
        """The newest answer; it stays while another question about the same file is on its way."""
        return self._preview

    @property
    def refusal(self) -> str:
        """Why there is no answer, '' where there is one or it is still to come."""
        return self._refusal

    @property
    def waiting(self) -> bool:
        """Whether an answer is still to come."""
        return self._asked is not None and self._number >= 0

    @property
    def can_learn(self) -> bool:
        """Whether the file can be learned as it is shown."""
        return not self.waiting and self._preview is not None and not self._preview.refusal

    def look(self, path: Path, task: str = "", choice: DataChoice | None = None) -> None:
        """Ask what would be learned of a file; ``task`` '': the likeliest one."""
        asked = PreviewData(path=str(path.absolute()), task=task, choice=choice or DataChoice())
        if self._asked is None or self._asked.path != asked.path:
            self._preview = None
        self._asked, self._refusal = asked, ""
        self._ask()
        self.changed.emit()

    def _ask(self) -> None:
        if self._asked is not None:
            self._number = self._requests.post(self._asked)

    def leave(self) -> None:
        """The user looks no longer; an answer that still comes is dropped."""
        self._asked, self._preview, self._refusal, self._number = None, None, "", 0

    def learn(self) -> None:
        """Learn the file as it is shown; a file that cannot be read any more leaves everything as it is."""
        asked, shown = self._asked, self._preview
        if asked is None or shown is None or not self.can_learn:
            return
        self._control.begin_replacing()
        self._state.made = f" for the task {TITLES.get(shown.task, shown.task)} on {shown.name}"
        command = OpenCorpus(path=asked.path, task=shown.task, choice=asked.choice)
        self._learning = self._requests.post(command), shown
        self.leave()

    # ---- what comes back -------------------------------------------------------------------

    def take(self, reply: DataPreviewed) -> None:
        """Keep the answer, if it is that to the newest question."""
        if self._asked is not None and reply.request == self._number:
            self._preview, self._refusal, self._number = reply.preview, "", -1
            self.changed.emit()

    def refused(self, reply: Refused) -> bool:
        """Keep why a file is no data; False where the refusal is about something else."""
        if self._learning is not None and reply.request == self._learning[0]:
            self._learning = None
            return False
        if reply.command != "PreviewData":
            return False
        if self._asked is not None and reply.request == self._number:
            self._preview, self._refusal, self._number = None, reply.sentence, -1
            self.changed.emit()
        return True

    def superseded(self, reply: Superseded) -> None:
        """The engine had something more urgent to do (the text has changed): ask again."""
        if reply.request and reply.request == self._number:
            self._ask()

    def engine_ready(self) -> None:
        """Another engine: what the one before it was asked for is asked again."""
        self._learning = None
        if self.waiting:
            self._ask()

    def learned(self, reply: RunChanged) -> str | None:
        """The text to show, where ``reply`` is the network for the user's own file; else None."""
        if self._learning is None or not reply.request or reply.request != self._learning[0]:
            return None
        shown, self._learning = self._learning[1], None
        self._state.dirty = True
        self._facts.path_changed.emit()
        if self._state.notice is None or self._state.made not in self._state.notice.text:
            self._incoming.tell(Notice(f"This made a new network{self._state.made}."))
        return shown.example
