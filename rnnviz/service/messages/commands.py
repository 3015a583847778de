"""What the window asks of the engine."""

from __future__ import annotations

from typing import Any

import msgspec

from rnnviz.engine.data.choice import DataChoice
from rnnviz.engine.feeding import Feeding
from rnnviz.engine.spec import RunSpec, TrainingSpec  # noqa: TC001  msgspec resolves the annotations
from rnnviz.service.messages.base import Command


class SetRun(Command, frozen=True, kw_only=True):
    """Make a new network for ``run`` (weights by the seed); drops training history."""

    run: RunSpec


class SetTraining(Command, frozen=True, kw_only=True):
    """Change rate, batch, clipping, optimiser or device of the present network, live."""

    training: TrainingSpec


class Unroll(Command, frozen=True, kw_only=True):
    """Tokenise ``text`` and unroll the network over it (slot: newest wins); ``feeding``: its own outputs after it."""

    text: str
    feeding: Feeding = Feeding()


class Inspect(Command, frozen=True, kw_only=True):
    """Every operation of one time step with its numbers (slot)."""

    time_step: int


class Differentiate(Command, frozen=True, kw_only=True):
    """The gradient flow of one loss (``loss_step`` 0: the last step that has one) (slot)."""

    loss_step: int = 0
    threshold: float = 0.01


class MapCredit(Command, frozen=True, kw_only=True):
    """The credit map of one layer (slot; sliced, coarse first, then refined)."""

    layer: str = "l0"
    part: str = "joint"


class Train(Command, frozen=True, kw_only=True):
    """Train until paused; ``steps`` > 0 stops after that many steps."""

    steps: int = 0


class Pause(Command, frozen=True, kw_only=True):
    """Stop training after the running step."""


class Reset(Command, frozen=True, kw_only=True):
    """Fresh weights from the same seed; step 0."""


class Undo(Command, frozen=True, kw_only=True):
    """Go back ``steps`` training steps (as far as the engine remembers)."""

    steps: int = 20


class ViewTrainingStep(Command, frozen=True, kw_only=True):
    """Show the saved snapshot nearest to ``step`` in every reply; None: the live network."""

    step: int | None = None


class MapHistory(Command, frozen=True, kw_only=True):
    """Gradient norm per time step of the typed text in ``layer``, one row for each saved training step (slot)."""

    layer: str = "l0"


class MeasureDevices(Command, frozen=True, kw_only=True):
    """Measure steps/s of the present model on every device found."""


class Save(Command, frozen=True, kw_only=True):
    """Write the session file; ``view`` is the window's own JSON."""

    path: str
    view: dict[str, Any] = msgspec.field(default_factory=dict)


class Open(Command, frozen=True, kw_only=True):
    """Read a session file and continue from it."""

    path: str


class OpenCorpus(Command, frozen=True, kw_only=True):
    """Learn the user's own file at ``path`` by ``task`` ('': the one that the file was made for), read as chosen."""

    path: str
    task: str = ""
    choice: DataChoice = DataChoice()


class Restore(Command, frozen=True, kw_only=True):
    """Continue from ``document`` (bytes of a session file kept by the window) after a restart."""

    document: bytes
    view: bool = False


class Acknowledge(Command, frozen=True, kw_only=True):
    """The window has drawn training frame ``frame``; the engine may send the next."""

    frame: int


class Subscribe(Command, frozen=True, kw_only=True):
    """Which pictures a training frame carries besides the trace: "gradients", "credit", "detail".

    Their parameters are those of the newest Differentiate, MapCredit and Inspect.
    """

    topics: list[str]


class Stop(Command, frozen=True, kw_only=True):
    """End the engine process in good order."""
