"""``rnnviz``: check that a window can open, then open it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.commands.display import check_display, check_qt

if TYPE_CHECKING:
    import argparse


def run(arguments: argparse.Namespace) -> int:
    """Open the window; without a display say so in one sentence instead of Qt's abort."""
    check_display()
    check_qt()
    from rnnviz.app import run_window  # not before Qt is known to load

    return run_window(arguments)
