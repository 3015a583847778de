"""What a loss is called: nats where classes are answered, a squared error where numbers are."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.session.session import Session


def in_numbers(session: Session) -> bool:
    """Whether the task answers numbers, which have no probability."""
    task = session.task
    return task is not None and task.kind == "numbers"


def loss_unit(session: Session) -> str:
    """The unit of the loss."""
    return "squared error" if in_numbers(session) else "nats"


def loss_title(session: Session) -> str:
    """The title of a curve of the loss."""
    return "loss, squared error" if in_numbers(session) else "loss, nats"


def baseline_title(session: Session) -> str:
    """What the dashed line is: numbers are not guessed, something simple is answered."""
    return "baseline" if in_numbers(session) else "blind guess"
