"""The Memory tab: a hidden state is a lossy summary, and a linear probe says what is left of each earlier token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout

from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.probe_plot import MemoryPlot, reach
from rnnviz.view.scales import percent_text

if TYPE_CHECKING:
    from rnnviz.service.messages import LengthsMeasured, MemoryProbed

MEASURING = "Measuring on fresh sequences of the task…"
RESTS = "Measured at training step {}; it is measured again when training pauses."


class OwnDataPanel(Panel):
    """A page about sequences of its own: asked for when it opens and whenever the network is another one at rest."""

    def __init__(self, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
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


class MemoryPanel(OwnDataPanel):
    """One plot, what it says in words, and what a probe is."""

    topics = ("probe",)

    def __init__(self, **services: object) -> None:
        super().__init__(**services)
        self.plot = MemoryPlot(look=self.look)
        self.plot.setToolTip(
            "For each k a linear map is fitted from the hidden state to the token k steps back, and judged on others.\n"
            "Ridge regression on one-hot tokens. x̂_{t−k} = argmax W_k [h_t; 1]"
        )
        self.meaning, self.age_line = form.label(""), form.label("", quiet=True)
        self.explained = form.label("", quiet=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 18, 14)
        column.setSpacing(8)
        for widget in (self.plot, self.meaning, self.explained, self.age_line):
            column.addWidget(widget)
        column.addStretch(1)

    def refresh(self) -> None:
        """Show the newest numbers, or why there are none."""
        found = self.answer()
        self.plot.show_found(found, self.reason)
        self.meaning.setText("" if found is None else meaning(found))
        self.explained.setText("" if found is None else explained(found))
        self.age_line.setText("" if found is None else self.age(found.training_step))
        for line in (self.meaning, self.explained, self.age_line):
            line.setVisible(bool(line.text()))


def meaning(found: MemoryProbed) -> str:
    """How far back the state remembers, now and before training."""
    now, before = reach(found, found.accuracy), reach(found, found.untrained)
    first = f"The state still knows {_span(now)} clearly better than a guess"
    if found.training_step == 0:
        return f"{first}. The network is untrained: this is what any such state keeps by chance."
    return f"{first}; before training it knew {_span(before)}."


def _span(last: int) -> str:
    if last < 0:
        return "no token"
    return "the token just read" if last == 0 else f"the tokens up to {last} step{'s' if last > 1 else ''} back"


def explained(found: MemoryProbed) -> str:
    """What was measured."""
    return (
        f"{found.size} numbers have to stand for everything read so far, so something must be lost. A linear probe "
        f"reads each earlier token out of them, on {found.sequences // 2} sequences it was not fitted to; the most "
        f"frequent token alone would be right in {percent_text(found.chance)}."
    )


ENTRY = PanelEntry("probe", "Memory", "lab", "Ctrl+Shift+K", "curve", MemoryPanel)
