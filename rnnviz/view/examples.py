"""Fresh examples of a task on numbers: drawn by the engine, typed into the text when they come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from rnnviz.session.values import Notice

if TYPE_CHECKING:
    from rnnviz.session.session import Session

TOPIC = "example"


class Examples(QObject):
    """Asks for one example after the other; each has its seed, so that it can be drawn again."""

    def __init__(self, *, session: Session, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._seed, self._asked = session, 0, False
        session.lab.changed.connect(self.on_answer)

    def another(self) -> None:
        """The next one."""
        self._seed += 1
        self._asked = True
        lab = self._session.lab
        lab.want(TOPIC, "examples")
        lab.set(TOPIC, seed=self._seed)

    @Slot(str)
    def on_answer(self, topic: str) -> None:
        """Type it; that of an earlier request is passed over."""
        if topic != TOPIC or not self._asked:
            return
        lab = self._session.lab
        if lab.refusal(TOPIC):
            self._asked = False
            self._session.tell(Notice(lab.refusal(TOPIC)))
        found = lab.value(TOPIC)
        if found is not None and found.seed == self._seed:
            self._asked = False
            self._session.set_text(found.text)
