"""What an experiment of the gradient laboratory is: one command, one function that answers it."""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rnnviz.service.messages import Reply

if TYPE_CHECKING:
    from rnnviz.service.lab.rivals import Rivals
    from rnnviz.service.messages import Command
    from rnnviz.service.training_loop import TrainingLoop
    from rnnviz.service.workbench import Workbench


@dataclass(frozen=True)
class Laboratory:
    """What experiments work on: the network and text on show, its training, the models beside it."""

    bench: Workbench
    training: TrainingLoop
    rivals: Rivals


Answer = Reply | Generator[None, None, Reply]


@dataclass(frozen=True)
class Experiment:
    """One line of the registry.

    ``answer`` returns the reply, or a generator that pauses (``yield``) after a few milliseconds of work
    and returns the reply. ``topic`` is the slot: a newer command of it ends the older. ``changes`` says
    that the weights are others afterwards.
    """

    topic: str
    command: type[Command]
    answer: Callable[[Laboratory, Any], Answer]
    changes: bool = False
