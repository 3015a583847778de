"""The files shipped with the program: inside the wheel as ``rnnviz/_resources``, in a checkout as ``resources/``."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
_FOLDERS = (_PACKAGE / "_resources", _PACKAGE.parent / "resources")


def resource_path(relative: str) -> Path:
    """Return the path of a shipped file such as ``data/next-char.txt``, or raise FileNotFoundError with its name."""
    for folder in _FOLDERS:
        path = folder / relative
        if path.exists():
            return path
    raise FileNotFoundError(f"The shipped file {relative!r} is missing; install rnnviz again.")


def resource_bytes(relative: str) -> bytes:
    """Return the content of a shipped file."""
    return resource_path(relative).read_bytes()
