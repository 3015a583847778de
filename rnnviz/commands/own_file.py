"""What flags ask of the real window once its engine is there: to learn a file, to read another text than the saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from rnnviz.commands.arguments import given
from rnnviz.commands.model import MODEL_FLAGS
from rnnviz.engine.tasks.series_kinds import is_series_kind

if TYPE_CHECKING:
    import argparse

    from rnnviz.commands.data import ChosenTask
    from rnnviz.session.session import Session


class LearnFile(QObject):
    """Makes the network of ``chosen`` in a window that was opened with the same flags; ``done`` when it is there.

    The window has taken the task, the model and the seed already, so only the data and the text are missing.
    """

    def __init__(self, session: Session, chosen: ChosenTask, arguments: argparse.Namespace) -> None:
        super().__init__(session)
        self.done = False
        self._session, self._chosen, self._text = session, chosen, arguments.text
        session.run_changed.connect(self.on_run_changed)
        if chosen.spec.name == "series" and is_series_kind(arguments.data):
            self._make_series(given(arguments, MODEL_FLAGS))
            return
        session.own_data.changed.connect(self.on_preview_changed)
        session.own_data.look(Path(arguments.data), chosen.spec.name, chosen.choice)

    def _make_series(self, model: dict[str, object]) -> None:
        """A series that the program makes itself is no file: there is nothing to look at first."""
        spec = self._chosen.spec
        self._session.set_task(spec.name, spec.text)
        if model:
            self._session.set_model(**model)
        self._session.set_text(self._chosen.example if self._text is None else self._text)

    @Slot()
    def on_preview_changed(self) -> None:
        """The engine has read the file: learn it, unless the user looks at another one meanwhile."""
        shown = self._session.own_data.preview
        if not self.done and shown is not None and (shown.name, shown.task) == self._wanted:
            self._session.own_data.changed.disconnect(self.on_preview_changed)  # later looks are the user's
            self._session.own_data.learn()

    @property
    def _wanted(self) -> tuple[str, str]:
        return self._chosen.spec.source.removesuffix(" (a sample)"), self._chosen.spec.name

    @Slot()
    def on_run_changed(self) -> None:
        """The network for the data is in force; its example comes next, and then the text that was given."""
        if not self.done and self._session.run.task == self._chosen.spec:
            self.done = True
            if self._text is not None:
                QTimer.singleShot(0, self, self._show_text)

    @Slot()
    def _show_text(self) -> None:
        self._session.set_text(self._text)


class ReadText(QObject):
    """Shows ``text`` in place of the one that the session file brings, once that is open."""

    def __init__(self, session: Session, text: str) -> None:
        super().__init__(session)
        self._session, self._text = session, text
        session.opened.connect(self.on_opened)

    @Slot()
    def on_opened(self) -> None:
        """Only the first file was named with the text."""
        self._session.opened.disconnect(self.on_opened)
        QTimer.singleShot(0, self, self._show_text)

    @Slot()
    def _show_text(self) -> None:
        self._session.set_text(self._text)
