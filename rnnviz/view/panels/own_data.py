"""What the pages have in common that measure the network on sequences of their own: Memory and Lengths."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout

from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.service.messages import LengthsMeasured, MemoryProbed

MEASURING = "Measuring on fresh sequences of the task…"
RESTS = "Measured at training step {}; it is measured again when training pauses."


class OwnDataPanel(Panel):
    """A page about sequences of its own: asked for when it opens and whenever the network is another one at rest.

    A page is a plot with ``show_found``, its ``tip``, and what ``meaning_of`` and ``explained_of`` say of an answer.
    """

    plot_class: Callable[..., Any]
    tip: str

    def __init__(self, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self.plot = self.plot_class(look=self.look)
        self.plot.setToolTip(self.tip)
        self.meaning, self.age_line = form.label(""), form.label("", quiet=True)
        self.explained = form.label("", quiet=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 18, 14)
        column.setSpacing(8)
        for widget in (self.plot, self.meaning, self.explained, self.age_line):
            column.addWidget(widget)
        column.addStretch(1)
        session = self.session
        session.lab.changed.connect(self.on_answer)
        for signal in (session.run_changed, session.trace_changed, session.engine_changed):
            signal.connect(self.on_fact)

    def answer(self) -> MemoryProbed | LengthsMeasured | None:
        """The newest answer, if it is about this model and task."""
        found: MemoryProbed | LengthsMeasured | None = self.session.lab.value(self.topics[0])
        run = self.session.run
        return found if found is not None and (found.task, found.model) == (run.task.name, run.model) else None

    @property
    def reason(self) -> str:
        """Why there is no answer."""
        return self.session.lab.refusal(self.topics[0]) or MEASURING

    def age(self, step: int) -> str:
        """When it was measured, if that is not now."""
        return RESTS.format(step) if step != self.session.training.step and self.session.training_now else ""

    @Slot(str)
    def on_answer(self, topic: str) -> None:
        """Other numbers."""
        if topic == self.topics[0]:
            self.on_fact()

    @Slot()
    def on_fact(self) -> None:
        """Hidden it does nothing."""
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Show the newest numbers, or why there are none."""
        found = self.answer()
        self.plot.show_found(found, self.reason)
        self.meaning.setText("" if found is None else self.meaning_of(found))
        self.explained.setText("" if found is None else self.explained_of(found))
        self.age_line.setText("" if found is None else self.age(found.training_step))
        for line in (self.meaning, self.explained, self.age_line):
            line.setVisible(bool(line.text()))

    def meaning_of(self, found: Any) -> str:  # noqa: ANN401 the reply struct of the topic
        """What the numbers tell."""
        raise NotImplementedError

    def explained_of(self, found: Any) -> str:  # noqa: ANN401 same
        """How they were measured."""
        raise NotImplementedError
