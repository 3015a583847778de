"""The Lengths tab: whether the network knows the rule, or only the lengths it was trained on."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.view.panels.base import PanelEntry
from rnnviz.view.panels.lengths_plot import LengthsPlot, share_between
from rnnviz.view.panels.own_data import OwnDataPanel
from rnnviz.view.scales import percent_text

if TYPE_CHECKING:
    from rnnviz.service.messages import LengthsMeasured

LEARNED = 0.9


class LengthsPanel(OwnDataPanel):
    """One plot and what it says in words."""

    topics = ("lengths",)
    plot_class = LengthsPlot
    tip = (
        "The network on show is tested on fresh sequences up to four times as long as those it was trained on.\n"
        "The same weights serve every step, so nothing forbids longer ones. accuracy(T), T = 1 … 4 N"
    )

    def meaning_of(self, found: LengthsMeasured) -> str:
        """Whether it knows the rule."""
        return meaning(found)

    def explained_of(self, found: LengthsMeasured) -> str:
        """What was tested."""
        return explained(found)


def meaning(found: LengthsMeasured) -> str:
    """Right sequences as long as in training and longer, and what that tells."""
    edge = found.trained_to
    inside, beyond = share_between(found, 1, edge), share_between(found, edge + 1, int(found.lengths[-1]))
    if inside < LEARNED:
        what = "It has not learned these lengths yet: train it first."
    elif np.isfinite(beyond) and beyond >= LEARNED:
        what = "It goes on with what it does at every step, and longer ones are no news to it."
    else:
        what = "It does well at these lengths, but has not found a rule that holds for all."
    return (
        f"Up to length {edge}, as in training: {percent_text(inside)} right. "
        f"Longer, up to {int(found.lengths[-1])}: {percent_text(beyond)}. {what}"
    )


def explained(found: LengthsMeasured) -> str:
    """What was measured."""
    shortest, guess = int(found.lengths[0]), found.chance * found.counts
    share = float(guess.sum() / found.counts.sum())
    blind = f"right in {percent_text(share)}"
    if np.ptp(found.chance) > 0.01:  # every further step is one more that has to be guessed
        blind = f"right in {percent_text(float(found.chance[0]))} at length {shortest}, then ever more rarely"
    return (
        f"{int(found.counts.sum()):,} fresh sequences; one is right when every answer is that can be known. "
        f"A blind guess is {blind}. Neighbouring lengths share a point."
    )


ENTRY = PanelEntry("lengths", "Lengths", "lab", "Ctrl+Shift+N", "bars", LengthsPanel)
