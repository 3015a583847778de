"""What flags must fulfil together, before anything is opened or computed; imports nothing that makes a window late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.commands.arguments import DATA_FLAGS, TASK_FLAGS, given
from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import WITH_RADIUS

if TYPE_CHECKING:
    import argparse

    from rnnviz.commands.data import ChosenTask

REPLACED = ("cell", "layers", "bidirectional", "initialiser", "radius", "forget_bias", *TASK_FLAGS, "seed")
"""What the session of ``--open`` brings itself."""


def check_window_flags(arguments: argparse.Namespace) -> None:
    """Refuse what would do nothing, in one sentence."""
    if arguments.open is not None:
        if not arguments.open:
            raise SpecError("--open has no name of a file; give one, or leave --open out.")
        refuse_beside_open(arguments, REPLACED)
    if arguments.radius is not None and arguments.initialiser not in WITH_RADIUS:
        raise SpecError(f"--radius does nothing here; give --initialiser {', '.join(WITH_RADIUS)} with it.")
    if arguments.forget_bias is not None and arguments.cell not in (None, "lstm"):
        raise SpecError(f"The cell {arguments.cell} has no forget gate; give --forget-bias with --cell lstm only.")
    refuse_without_data(arguments)


def refuse_without_data(arguments: argparse.Namespace) -> None:
    """Refuse ``--data`` without a name, and what is about a file where there is none."""
    if arguments.data == "":
        raise SpecError("--data has no name of a file; give one, or leave --data out.")
    if arguments.data is None and given(arguments, DATA_FLAGS):
        raise SpecError("--columns, --header and --encoding are about a file of your own; give it with --data.")


def refuse_beside_open(arguments: argparse.Namespace, refused: tuple[str, ...]) -> None:
    """Refuse flags that contradict the session of ``--open``."""
    clash = given(arguments, refused)
    if clash:
        flags = ", ".join("--" + name.replace("_", "-") for name in clash)
        raise SpecError(f"--open brings its own model and task; leave out {flags}.")


def taken_from_data(arguments: argparse.Namespace) -> ChosenTask | None:
    """The task of ``--data``, which ``--task`` then names too; None without data of one's own."""
    if arguments.data is None:
        return None
    from rnnviz.commands.data import chosen_task

    chosen = chosen_task(arguments, likeliest=True)
    arguments.task = chosen.spec.name
    return chosen
