"""How a training run is followed from a terminal and from a file."""

from __future__ import annotations

import sys
from time import monotonic
from typing import IO, TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

    from rnnviz.engine.training import TrainingReport

BAR_CELLS = 30
REDRAW_SECONDS = 0.1
LINES = 10
COLUMNS = "step,loss,accuracy,gradient_norm,clipped"


class ProgressBar:
    """A bar on a terminal's last line; in a file or a pipe a plain line at every tenth of the way.

    Where nobody reads it any more (a closed pipe, a full disk) it falls silent; the training goes on.
    """

    def __init__(self, total: int, stream: IO[str] | None = None) -> None:
        self._total = total
        self._stream: IO[str] | None = stream or sys.stderr
        self._live = self._stream is not None and self._stream.isatty()
        self._drawn = float("-inf")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._write("\n" if self._live else "")

    def show(self, done: int, loss: float) -> None:
        """Draw ``done`` of ``total`` steps and the newest loss."""
        last = done == self._total
        if self._live:
            now = monotonic()
            if last or now - self._drawn >= REDRAW_SECONDS:
                self._drawn = now
                filled = BAR_CELLS * done // self._total
                bar = "#" * filled + "-" * (BAR_CELLS - filled)
                self._write(f"\r[{bar}] {done}/{self._total}  loss {loss:.4f} ")
        elif last or done % max(1, self._total // LINES) == 0:
            self._write(f"{done}/{self._total}  loss {loss:.4f}\n")

    def _write(self, text: str) -> None:
        if self._stream is None:
            return
        try:
            self._stream.write(text)
            self._stream.flush()
        except OSError:
            self._stream = None


class StepLog:
    """A CSV with one line a training step, written as it happens; an empty field is a value the task does not have."""

    def __init__(self, path: Path) -> None:
        self._stream = path.open("w", encoding="utf-8", newline="\n", buffering=1)
        self._stream.write(f"{COLUMNS}\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stream.close()

    def add(self, report: TrainingReport) -> None:
        """Write one training step."""
        accuracy = "" if report.accuracy is None else f"{report.accuracy:.9g}"
        self._stream.write(
            f"{report.step},{report.loss:.9g},{accuracy},{report.gradient_norm:.9g},{int(report.clipped)}\n"
        )
