"""The models that stand beside the one on show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.service.lab.base import Experiment

if TYPE_CHECKING:
    from rnnviz.service.training_loop import TrainingLoop
    from rnnviz.service.workbench import Workbench


class Rivals:
    """At most two more models on the text of ``bench``, trained as far as the model on show."""

    def __init__(self, *, bench: Workbench, training: TrainingLoop) -> None:
        self._bench = bench
        self._training = training

    @property
    def behind(self) -> bool:
        """Whether a rival has fewer training steps than the model on show."""
        return False

    def advance(self) -> None:
        """One training step of every rival that is behind."""

    def forget(self) -> None:
        """No models beside the one on show."""


EXPERIMENTS: tuple[Experiment, ...] = ()
