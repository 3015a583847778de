"""Where results go: refused before the work is done, not after it."""

from __future__ import annotations

import os
from pathlib import Path

from rnnviz.engine.errors import SpecError
from rnnviz.engine.temporary import make_temporary


def check_name(path: str, flag: str) -> None:
    """Refuse a path that cannot be a file: none at all, a folder, a file in a folder that is not there."""
    if not path:
        raise SpecError(f"{flag} has no name of a file; give one.")
    if "\0" in path:
        raise SpecError("A path cannot hold a zero byte; give another one.")
    folder = Path(path).absolute().parent
    if not folder.is_dir():
        raise SpecError(f"The folder {folder} does not exist, so {path} cannot be written; make it first.")
    if Path(path).is_dir():
        raise SpecError(f"{path} is a folder; give {flag} the name of a file.")


def check_target(path: str, flag: str = "--out") -> None:
    """Refuse a path that no new file can be put at: results are written beside it and take its name when whole."""
    check_name(path, flag)
    folder = Path(path).absolute().parent
    try:
        handle, temporary = make_temporary(folder)
    except OSError as error:
        raise SpecError(f"Nothing can be written into {folder}: {error.strerror}; choose another place.") from error
    os.close(handle)
    Path(temporary).unlink(missing_ok=True)


def same_file(first: str | None, second: str | None) -> bool:
    """Whether two flags name one file."""
    return bool(first and second) and Path(first or "").resolve() == Path(second or "").resolve()
