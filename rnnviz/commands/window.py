"""``rnnviz``: check that a window can open, then open it."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from rnnviz.commands.checks import check_window_flags, taken_from_data
from rnnviz.commands.display import check_display, check_qt

if TYPE_CHECKING:
    import argparse

    from rnnviz.commands.data import ChosenTask


def run(arguments: argparse.Namespace) -> int:
    """Open the window; without a display say so in one sentence instead of Qt's abort."""
    check_window_flags(arguments)
    check_display()
    check_qt()
    chosen = taken_from_data(arguments)
    from rnnviz.app import application, run_window  # not before Qt is known to load
    from rnnviz.commands.interrupt import ExitOnInterrupt

    application()
    if chosen is not None or (arguments.open and arguments.text is not None):
        from PySide6.QtCore import QTimer

        QTimer.singleShot(0, partial(_finish, chosen, arguments))  # as soon as the window lives
    with ExitOnInterrupt():
        return run_window(arguments)


def _finish(chosen: ChosenTask | None, arguments: argparse.Namespace) -> None:
    """What the flags ask for beyond the first state of the window."""
    from PySide6.QtWidgets import QApplication

    from rnnviz.commands.own_file import LearnFile, ReadText
    from rnnviz.view.main_window import MainWindow

    for window in QApplication.topLevelWidgets():
        if isinstance(window, MainWindow):
            if chosen is not None:
                LearnFile(window.session, chosen, arguments)
            else:
                ReadText(window.session, arguments.text)
