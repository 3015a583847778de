"""The Tokens tab: what a token is to the network, a row of a table, and which tokens are near it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout

from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.embedding_parts import LookUpStrip, NearestTokens
from rnnviz.view.panels.embedding_table import TokenTable
from rnnviz.view.stage.labels import display

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from rnnviz.service.messages import LookedUp

WAITING = "Waiting for the engine."
UNKNOWN = "This token is not in the vocabulary: its input is all zeros. Click a row of the table."
NONE = "The cursor is before the first token. Click a row of the table, or go one step on."


class TokensPanel(Panel):
    """Follows the cursor; a click chooses another token until the cursor moves."""

    topics = ("embedding",)

    def __init__(self, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self.line = form.label("")
        self.strip = LookUpStrip(look=self.look)
        self.nearest = NearestTokens(look=self.look)
        self.table = TokenTable(look=self.look)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 18, 14)
        column.setSpacing(10)
        for widget in (self.line, self.strip, self.nearest, self.table):
            column.addWidget(widget)
        column.addStretch(1)
        for source in (self.table, self.nearest):
            source.chosen.connect(self.choose)
        session = self.session
        session.lab.changed.connect(self.on_answer)
        session.time_step_changed.connect(self.on_step)
        session.run_changed.connect(self.on_run)

    def found(self) -> LookedUp | None:
        """The newest answer, if it is of this vocabulary."""
        answer: LookedUp | None = self.session.lab.value("embedding")
        task, model = self.session.task, self.session.run.model
        fits = answer is not None and task is not None and answer.tokens == task.input_tokens
        return answer if fits and answer is not None and answer.embedded == bool(model.embedding) else None

    def showEvent(self, event: QShowEvent) -> None:
        """The token at the cursor."""
        self.on_step()
        super().showEvent(event)

    @Slot(int)
    def choose(self, token: int) -> None:
        """Look at this token."""
        self.session.lab.set("embedding", token=token)

    @Slot()
    def on_step(self) -> None:
        """The cursor is on another token: that one."""
        self.session.lab.set("embedding", token=-1, time_step=self.session.time_step)

    @Slot()
    def on_run(self) -> None:
        """Another vocabulary may be shorter: back to the cursor."""
        if self.session.lab.parameters("embedding").token >= 0:
            self.on_step()
        if self.isVisible():
            self.refresh()

    @Slot(str)
    def on_answer(self, topic: str) -> None:
        """Another row."""
        if topic == "embedding" and self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Sentence, strip, neighbours, table."""
        found = self.found()
        known = found is not None and found.token >= 0
        self.strip.setVisible(known)
        self.nearest.setVisible(known)
        self.table.setVisible(found is not None)
        self.line.setText(self._sentence(found))
        self.strip.show_found(found if known else None)
        self.nearest.show_found(found if known else None)
        self.table.show_found(found)

    def _sentence(self, found: LookedUp | None) -> str:
        if found is None:
            return self.session.lab.refusal("embedding") or WAITING
        if found.token < 0:
            return UNKNOWN if self.session.time_step else NONE
        name, numbers = display(found.tokens[found.token]), len(found.row)
        if found.embedded:
            return f"“{name}” is looked up in the embedding: {numbers} learned numbers stand for it from here on."
        return (
            f"The input is 1 for “{name}” and 0 for the other {len(found.tokens) - 1} tokens: the product with the "
            f"weights only looks up its row of {numbers} numbers."
        )


ENTRY = PanelEntry("embedding", "Tokens", "lab", "Ctrl+Shift+T", "heat", TokensPanel)
