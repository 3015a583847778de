"""Requests to the engine: numbered, one in flight in each slot, the newest waiting, late answers known as late."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import TYPE_CHECKING

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.service.messages import Command

PATIENCE_S = 5.0
"""After this long an unanswered request no longer holds back the next one of its slot."""


@dataclass
class _Slot:
    last: int = 0
    epoch: int = 0
    in_flight: bool = False
    sent_at: float = 0.0
    waiting: Command | None = None


class Requests:
    """Sends commands and knows which answers still matter.

    The *epoch* is the number of the newest ``unroll`` request sent. A derived request (gradients, detail,
    credit) belongs to the epoch it was sent in, so that its answer can be dropped when the picture it was
    about has been replaced, whether it comes late, in another order or never. ``waits`` is called when a
    command has to wait: somebody should call :meth:`send_overdue` after ``PATIENCE_S``.
    """

    EPOCH = "unroll"

    def __init__(self, send: Callable[[Command], bool], *, waits: Callable[[], None] = lambda: None) -> None:
        self._send = send
        self._waits = waits
        self._number = 0
        self._slots: dict[str, _Slot] = {}

    def post(self, command: Command) -> int:
        """Send ``command`` at once; its request number, 0 when there is no engine."""
        self._number += 1
        sent = self._send(msgspec.structs.replace(command, request=self._number))
        return self._number if sent else 0

    def ask(self, slot: str, command: Command) -> None:
        """Send ``command`` when the slot is free; a command that waits there is replaced by it."""
        place = self._slots.setdefault(slot, _Slot())
        if place.in_flight and monotonic() - place.sent_at < PATIENCE_S:
            place.waiting = command
            self._waits()
        else:
            self._dispatch(slot, place, command)

    def _dispatch(self, slot: str, place: _Slot, command: Command) -> None:
        place.waiting = None
        place.last = self.post(command)
        place.in_flight = place.last > 0
        place.sent_at = monotonic()
        place.epoch = place.last if slot == self.EPOCH else self.epoch

    @property
    def epoch(self) -> int:
        """The number of the newest unroll request that was sent."""
        return self._slots[self.EPOCH].last if self.EPOCH in self._slots else 0

    def epoch_of(self, slot: str, number: int) -> int | None:
        """The epoch that answer ``number`` belongs to; None where a newer request of the slot was sent."""
        place = self._slots.get(slot)
        return place.epoch if place is not None and place.last == number else None

    def is_open(self, slot: str) -> bool:
        """Whether an answer of this slot is still to come."""
        place = self._slots.get(slot)
        return place is not None and (place.in_flight or place.waiting is not None)

    def is_outdated(self, slot: str, number: int) -> bool:
        """Whether a newer command of this slot than ``number`` is on its way or waits."""
        place = self._slots.get(slot)
        return place is not None and (place.waiting is not None or (place.in_flight and place.last > number))

    def waiting(self, slot: str) -> Command | None:
        """The command that waits in this slot."""
        place = self._slots.get(slot)
        return place.waiting if place is not None else None

    def answered(self, number: int) -> None:
        """Request ``number`` has its (first) answer: what waits in its slot goes out."""
        for slot, place in self._slots.items():
            if place.in_flight and place.last == number:
                place.in_flight = False
                if place.waiting is not None:
                    self._dispatch(slot, place, place.waiting)
                return

    def send_overdue(self) -> None:
        """Send what has waited too long for an answer that does not come."""
        for slot, place in self._slots.items():
            if place.waiting is not None:
                self.ask(slot, place.waiting)

    def reset(self) -> None:
        """Forget everything in flight: the engine that should answer is gone."""
        self._slots.clear()
