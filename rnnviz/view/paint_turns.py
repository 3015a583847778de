"""The views of a window take turns in painting, so that no turn of the event loop keeps it from its input for long.

A view asks for its turn instead of calling ``update()``. All that fits into the budget, by what it cost lately, is
drawn together; the rest waits for the next turn and keeps its old picture until then. Who asks all the time (the
stage under a dragged scrubber) gets turns in proportion to its weight, and nobody waits for ever.
"""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Self

from PySide6.QtCore import QObject, Qt, QTimer, Slot
from shiboken6 import isValid

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

    from PySide6.QtWidgets import QWidget

BUDGET_MS = 9.0
"""Of a frame of 16.7 ms: the rest is for input, replies and the small widgets that are drawn as they change."""
STUCK_MS = 40
"""So long a view may take to be painted after it was told to: one that lies under another never is."""
FORGET = 0.8
"""A cost falls at most by this factor from one painting to the next: a cheap one does not promise another."""
STAGE, TRACK, CONTROL, PANEL = 4.0, 2.0, 2.0, 1.0
"""Weights: how often a view is drawn beside the others when all of them ask all the time."""


class Turn:
    """One view's place in the line; a context manager around its painting, which tells what that costs."""

    def __init__(self, view: QWidget, begin: Callable[[], None], *, weight: float) -> None:
        self.view, self.weight = view, weight
        self.due = self.cost = self._spent = 0.0
        self._begin = begin
        self._entered = 0.0
        self._turns: PaintTurns | None = None

    def ask(self) -> None:
        """Draw the view in one of the next turns: ``begin`` is called then, and ends in ``update()``."""
        known = self._turns is not None and isValid(self._turns)
        if not known or self._turns.parent() is not self.view.window():
            self._turns = turns_of(self.view)
        self._turns.ask(self)

    def begin(self) -> None:
        """Get the view ready and mark it for painting."""
        entered = perf_counter()
        self._begin()
        self._spent = 1000 * (perf_counter() - entered)

    def __enter__(self) -> Self:
        self._entered = perf_counter()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        spent, self._spent = self._spent + 1000 * (perf_counter() - self._entered), 0.0
        self.cost = max(spent, FORGET * self.cost)
        if self._turns is not None and isValid(self._turns):
            self._turns.painted(self)


class PaintTurns(QObject):
    """The line of one window."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._waiting: dict[Turn, None] = {}
        self._current: set[Turn] = set()
        self._clock = self._latest = 0.0
        self._next = QTimer(self, interval=0, singleShot=True)
        self._next.timeout.connect(self._start)
        self._stuck = QTimer(self, interval=STUCK_MS, singleShot=True)
        self._stuck.timeout.connect(self._start)

    def ask(self, turn: Turn) -> None:
        """Put ``turn`` in the line, where it may stand already."""
        if turn not in self._waiting:
            turn.due = max(turn.due, self._clock)
            self._waiting[turn] = None
        if not self._stuck.isActive() and not self._next.isActive():
            self._next.start()

    def painted(self, turn: Turn) -> None:
        """``turn`` has been drawn, by its turn or for another reason; the last one of a turn ends it."""
        self._current.discard(turn)
        if not self._current and self._stuck.isActive():
            self._stuck.stop()
            if self._waiting:
                self._next.start()

    @Slot()
    def _start(self) -> None:
        """Tell those whose turn it is to draw: who is due first, and all others that fit beside it."""
        self._current.clear()
        turns, spent = [], 0.0
        for turn in sorted(self._waiting, key=_order):
            if not isValid(turn.view):  # a closed track
                del self._waiting[turn]
                continue
            if spent and spent + turn.cost > BUDGET_MS:
                continue
            del self._waiting[turn]
            turns.append(turn)
            if turn.view.visibleRegion().isEmpty():
                continue  # it is drawn when it comes into view
            if not spent:
                self._clock = turn.due
            spent += max(turn.cost, 1e-3)
            turn.due += 1.0 / turn.weight
            self._latest = max(self._latest, turn.due)
            self._current.add(turn)
        if not self._waiting:
            self._clock = self._latest  # nobody was kept waiting: all are equal again, the heaviest first
        for turn in turns:
            if isValid(turn.view):  # the one before may have closed it
                turn.begin()
        # A view that is closed or frozen keeps its picture, and nobody waits for it.
        self._current = {turn for turn in self._current if isValid(turn.view) and turn.view.updatesEnabled()}
        if self._current:
            self._stuck.start()
        elif self._waiting:
            self._next.start()


def _order(turn: Turn) -> tuple[float, float]:
    return turn.due, -turn.weight


def turns_of(view: QWidget) -> PaintTurns:
    """The line of the window that ``view`` is in."""
    window = view.window()
    return window.findChild(PaintTurns, options=Qt.FindChildOption.FindDirectChildrenOnly) or PaintTurns(window)
