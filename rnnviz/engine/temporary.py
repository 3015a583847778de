"""Files that are written beside their place first: their names tell whose they are, so that leftovers can go."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

PREFIX, SUFFIX = ".rnnviz-", ".tmp"


def make_temporary(folder: str | os.PathLike[str]) -> tuple[int, str]:
    """An open file of this process in ``folder``: descriptor and path."""
    return tempfile.mkstemp(SUFFIX, f"{PREFIX}{os.getpid()}-", folder)


def sweep_temporary(folder: str | os.PathLike[str]) -> int:
    """Remove temporary files that a killed program left; those of running programs stay. Return how many went."""
    removed = 0
    for path in Path(folder).glob(f"{PREFIX}*{SUFFIX}"):
        owner = path.name[len(PREFIX) :].partition("-")[0]
        if owner.isdigit() and _is_running(int(owner)):
            continue
        try:
            path.unlink()
            removed += 1
        except OSError:
            continue
    return removed


def _is_running(pid: int) -> bool:
    if pid == os.getpid():
        return False
    if os.name == "nt":  # signal 0 would end the process there
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
