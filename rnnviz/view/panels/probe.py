"""The Memory tab: a hidden state is a lossy summary, and a linear probe says what is left of each earlier token."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.view.panels.base import PanelEntry
from rnnviz.view.panels.own_data import OwnDataPanel
from rnnviz.view.panels.probe_plot import MemoryPlot, reach
from rnnviz.view.scales import percent_text

if TYPE_CHECKING:
    from rnnviz.service.messages import MemoryProbed


class MemoryPanel(OwnDataPanel):
    """One plot, what it says in words, and what a probe is."""

    topics = ("probe",)
    plot_class = MemoryPlot
    tip = (
        "For each k a linear map is fitted from the hidden state to the token k steps back, and judged on others.\n"
        "Ridge regression on one-hot tokens. x_{t−k} ≈ P_k h_t + b"
    )

    def meaning_of(self, found: MemoryProbed) -> str:
        """How far back the state remembers."""
        return meaning(found)

    def explained_of(self, found: MemoryProbed) -> str:
        """What a probe is."""
        return explained(found)


def meaning(found: MemoryProbed) -> str:
    """How far back the state remembers, now and before training."""
    if not found.judged:
        return "The task has only one sequence: none is left to judge a probe on, so nothing can be said."
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
    fitted, plural = found.sequences - found.judged, "s" if found.judged != 1 else ""
    judged = f"judged on {found.judged} sequence{plural}, all different from the {fitted} it was fitted to"
    if not found.judged:
        judged = "fitted to the only sequence that the task has"
    return (
        f"{found.size} numbers have to stand for everything read so far, so something must be lost. A linear probe "
        f"reads each earlier token out of them, {judged}; the most frequent token alone would be right in "
        f"{percent_text(found.chance)}."
    )


ENTRY = PanelEntry("probe", "Memory", "lab", "Ctrl+Shift+K", "curve", MemoryPanel)
