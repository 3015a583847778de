"""``rnnviz``: check that a window can open, then open it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rnnviz.commands.checks import check_window_flags, taken_from_data
from rnnviz.commands.display import check_display, check_qt

if TYPE_CHECKING:
    import argparse

    from rnnviz.commands.data import ChosenTask
    from rnnviz.session.session import Session


def run(arguments: argparse.Namespace) -> int:
    """Open the window; without a display say so in one sentence instead of Qt's abort."""
    check_window_flags(arguments)
    check_display()
    check_qt()
    chosen = taken_from_data(arguments)
    from rnnviz.app import application, run_window  # not before Qt is known to load
    from rnnviz.commands.interrupt import ExitOnInterrupt

    application()
    with ExitOnInterrupt():
        return run_window(arguments, opened=partial(_finish, chosen, arguments))


def _finish(chosen: ChosenTask | None, arguments: argparse.Namespace, session: Session) -> None:
    """What the flags ask for beyond the first state of the window."""
    from rnnviz.commands.own_file import LearnFile, ReadText

    if chosen is not None:
        LearnFile(session, chosen, arguments)
    elif arguments.open and arguments.text is not None:
        ReadText(session, arguments.text)
