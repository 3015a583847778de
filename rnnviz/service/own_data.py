"""The file that the user looks at before learning it: read once, asked again and again."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from rnnviz.engine.data.own_file import OwnFile
from rnnviz.engine.data.preview import Prepared, prepare
from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.engine.data.choice import DataChoice

_LOCK = threading.Lock()
_KEPT: list[OwnFile] = []
_LAST: list[tuple[OwnFile, tuple[str, DataChoice, str], Prepared]] = []


def prepared(
    path: str, task: str, choice: DataChoice, present: str, wanted: Callable[[], bool] = lambda: True
) -> Prepared:
    """The preview of the file at ``path`` and what would be learned; SpecError where it is no data.

    The file that was read last is kept as long as it does not change on the disk, so that another task or column
    costs no second reading, and what is learned is what the preview has shown. ``task`` '' lets the file decide.
    ``wanted`` tells whether anybody still waits for it.
    """
    file = _file(Path(path), choice.encoding)
    with _LOCK:
        if not wanted():
            raise SpecError("Another question has taken the place of this one.")
        asked = task or file.chosen_task(choice, present), choice, present
        last = next(iter(_LAST), None)
        if last is None or last[0] is not file or last[1] != asked:
            last = file, asked, prepare(file, asked[0], choice, present=present)
            _LAST[:] = [last]
        return last[2]  # not what _LAST holds now: another thread may have let it go


def forget() -> None:
    """Let the kept file go: what is learned of it is kept elsewhere."""
    _KEPT.clear()
    _LAST.clear()


def _file(path: Path, encoding: str) -> OwnFile:
    kept = next(iter(_KEPT), None)
    if kept is not None and (kept.path, kept.encoding) == (path, encoding) and kept.unchanged:
        return kept
    file = OwnFile(path, encoding)  # not under the lock: a disk that does not answer must not hold back the next file
    _KEPT[:] = [file]
    return file
