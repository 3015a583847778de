"""Long work in slices: a generator is advanced a little at a time, between commands and training steps."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Generator


class Jobs:
    """The running slices, at most one job for each slot; a newer job of a slot ends the older.

    ``ended`` is called with the request number of a job that ends before it is done.
    """

    def __init__(self, *, ended: Callable[[int], None]) -> None:
        self._ended = ended
        self._running: dict[str, tuple[int, Generator[None, None, None]]] = {}

    def __bool__(self) -> bool:
        return bool(self._running)

    def start(self, slot: str, request: int, job: Generator[None, None, None]) -> None:
        """Begin ``job`` in place of whatever ran in ``slot``."""
        self.cancel(slot)
        self._running[slot] = request, job

    def cancel(self, slot: str) -> None:
        """End the job of ``slot``, if there is one."""
        if older := self._running.pop(slot, None):
            request, job = older
            job.close()
            self._ended(request)

    def clear(self) -> None:
        """End every job."""
        for slot in list(self._running):
            self.cancel(slot)

    def advance(self) -> None:
        """One slice of the job that has waited longest."""
        if not self._running:
            return
        slot, (request, job) = next(iter(self._running.items()))
        del self._running[slot]
        for _ in job:
            self._running[slot] = request, job
            return
