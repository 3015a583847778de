"""A file of the user's own, read beside the loop (see :mod:`rnnviz.service.messages.preview`)."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from rnnviz.engine.errors import SpecError
from rnnviz.service.lab.base import Experiment
from rnnviz.service.messages import DataPreviewed, PreviewData

if TYPE_CHECKING:
    from collections.abc import Generator

    from rnnviz.engine.data.report import Preview
    from rnnviz.service.lab.base import Laboratory

PATIENCE_S = 0.004
"""So long a slice waits for the reader; a keystroke is answered after it."""


class Reader(threading.Thread):
    """Reads and counts; a disk that does not answer holds up nobody but this thread, which ends with the process."""

    def __init__(self, command: PreviewData, present: str) -> None:
        super().__init__(name="rnnviz-own-data", daemon=True)
        self._command, self._present = command, present
        self.wanted = True
        self.preview: Preview | None = None
        self.error: Exception | None = None

    def run(self) -> None:
        """Make the preview, or keep why there is none."""
        from rnnviz.service.own_data import prepared

        command = self._command
        try:
            found = prepared(command.path, command.task, command.choice, self._present, lambda: self.wanted)
            self.preview = found.preview
        except Exception as error:  # noqa: BLE001 told by the generator, in the loop
            self.error = error


def _answer(laboratory: Laboratory, command: PreviewData) -> Generator[None, None, DataPreviewed]:
    reader = Reader(command, laboratory.bench.run.task.name)
    reader.start()
    try:
        while reader.is_alive():
            yield
            reader.join(PATIENCE_S)
    finally:
        reader.wanted = False
    if reader.preview is None:
        raise reader.error or SpecError("The file could not be read; try again.")
    return DataPreviewed(path=command.path, preview=reader.preview)


EXPERIMENTS: tuple[Experiment, ...] = (Experiment(topic="preview", command=PreviewData, answer=_answer),)
