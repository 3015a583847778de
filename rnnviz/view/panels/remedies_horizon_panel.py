"""The Horizon tab: the memory horizon over training, beside what the data needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout

from rnnviz.engine.truncation import truncation_of
from rnnviz.view.layer_names import is_reverse
from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.layer_row import LayerRow
from rnnviz.view.panels.remedies_horizon import HorizonLine, HorizonPlot
from rnnviz.view.scales import percent_text

if TYPE_CHECKING:
    from rnnviz.service.messages import HistoryMapped, TaskReport

NO_LOSS = "This text has no loss, so nothing is remembered for it."


class HorizonPanel(Panel):
    """One step curve, and three sentences: what it counts, what the data needs, how far it has come."""

    #: the engine takes the threshold of the horizons from the newest question for gradients
    topics = ("history", "gradients")

    def __init__(self, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self.plot = HorizonPlot(look=self.look)
        self.plot.setToolTip(
            "The largest k such that the gradient keeps the threshold at every step up to k back from its loss.\n"
            "Measured on this text for every saved training step. ‖∂C/∂h_{τ−k}‖ ≥ threshold · ‖∂C/∂h_τ‖"
        )
        self.meaning, self.need = form.label("", quiet=True), form.label("")
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 18, 14)
        column.setSpacing(8)
        self.layer_row = LayerRow(session=self.session, look=self.look, title="Horizon")
        for widget in (self.layer_row, self.plot, self.need, self.meaning):
            column.addWidget(widget)
        column.addStretch(1)
        session = self.session
        for signal in (session.history_changed, session.run_changed, session.trace_changed):
            signal.connect(self.on_fact)

    @Slot()
    def on_fact(self) -> None:
        """Hidden it does nothing."""
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Show the newest history."""
        history = self.session.history
        known = history is not None and history.loss_step > 0
        lines = [HorizonLine("", history.steps, history.horizons)] if history is not None and known else []
        loss_step = history.loss_step if history is not None else 0
        needed, words = needed_memory(self.session.task, loss_step)
        reverse = history is not None and is_reverse(history.layer)
        self.plot.title = f"memory horizon, steps {'ahead' if reverse else 'back'}"
        self.plot.show_lines(lines, needed if known else None)
        self.need.setText(words)
        cut = truncation_of(self.session.run) is not None
        self.meaning.setText(_meaning(history, cut=cut) if known else NO_LOSS)


def _meaning(history: HistoryMapped | None, *, cut: bool) -> str:
    if history is None:
        return ""
    ending = " The way back is cut as now, at all of them." if cut else ""
    way = "ahead of" if is_reverse(history.layer) else "back from"
    return (
        f"Steps {way} the loss at step {history.loss_step} with at least {percent_text(history.threshold)} "
        "of the gradient's start, all the way; one level for every saved training step."
        f"{ending}"
    )


def needed_memory(task: TaskReport | None, loss_step: int) -> tuple[int | None, str]:
    """Steps back that the data needs, counted as the horizon counts, and the same in words."""
    if task is None or task.required_memory is None or loss_step < 1:
        return None, "" if task is None else f"What the data needs: not known for {task.title.lower()}."
    if task.name == "parity":
        return loss_step - 1, f"What the data needs: parity needs all {loss_step} steps, {loss_step - 1} back."
    needed = min(task.required_memory, loss_step - 1)
    return needed, f"What the data needs: {task.title.lower()} needs {needed} steps back."


ENTRY = PanelEntry("horizon", "Horizon", "lab", "Ctrl+Shift+H", "curve", HorizonPanel)
