"""What is printed: results on stdout, notes on stderr; a reader that has gone away is no mistake of the user."""

from __future__ import annotations

import os
import sys
from contextlib import suppress

from rnnviz.engine.errors import SpecError

READER_GONE = 141
"""The exit code of a program whose pipe was closed (128 + SIGPIPE)."""


def print_result(text: str) -> int:
    """Print ``text`` on stdout at once; the exit code: 0, or that of a closed pipe, without a word."""
    try:
        print(text, flush=True)
    except BrokenPipeError:
        _silence()
        return READER_GONE
    except OSError as error:
        _silence()
        raise SpecError(f"The result could not be printed: {error.strerror}.") from error
    return 0


def _silence() -> None:
    """Send what is still kept for stdout to nowhere, or Python would complain about it at its end."""
    with suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def say(sentence: str) -> None:
    """Print a note on stderr; one that nobody can read must not end the work."""
    if sys.stderr is None:
        return
    with suppress(OSError):
        print(f"rnnviz: {sentence}", file=sys.stderr)
