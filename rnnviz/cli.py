"""The ``rnnviz`` command: the window by default, and the same engine for scripts.

This module imports neither numpy nor torch nor Qt, so ``--version`` and ``--help`` answer at once.
Every mistake of the user ends as one sentence on stderr with exit code 2.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

from rnnviz.commands.arguments import build_parser
from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Sequence

USAGE_ERROR = 2
INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code (0: done, 2: something given was wrong, 130: ended by Ctrl+C)."""
    arguments = build_parser().parse_args(argv)
    command = arguments.command or "window"
    try:
        module = importlib.import_module(f"rnnviz.commands.{command}")
        return int(module.run(arguments))
    except SpecError as error:
        return _refuse(str(error))
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        return _refuse(describe_os_error(error))
    except MemoryError:
        return _refuse("There is not enough memory for this; take fewer units, fewer layers or a shorter text.")


def describe_os_error(error: OSError) -> str:
    """The system's own words for a failed file operation, as one sentence with the path."""
    reason = (error.strerror or str(error)).rstrip(".")
    return f"{error.filename}: {reason}." if error.filename else f"{reason}."


def _refuse(sentence: str) -> int:
    print(f"rnnviz: {sentence}", file=sys.stderr)
    return USAGE_ERROR
