"""What the engine has still to do: commands read from the pipe by a thread, newest wins in each slot."""

from __future__ import annotations

import os
import threading
from collections import deque
from typing import TYPE_CHECKING

from rnnviz.service.messages import (
    Command,
    Differentiate,
    Inspect,
    MapCredit,
    MapHistory,
    Message,
    Reply,
    Stop,
    Subscribe,
    Unroll,
    ViewTrainingStep,
)
from rnnviz.service.wire import LinkError, MessageError, command_reader

if TYPE_CHECKING:
    from collections.abc import Callable

SLOTS: tuple[type[Message], ...] = (
    Unroll,
    Inspect,
    Differentiate,
    MapCredit,
    MapHistory,
    ViewTrainingStep,
    Subscribe,
)
CHUNK = 1 << 18


class Inbox:
    """A queue with one place for each slot, so that it cannot grow while somebody types or scrubs.

    ``superseded`` is called (from the reading thread) with a command that a newer one replaced.
    """

    def __init__(self, *, superseded: Callable[[Command], None]) -> None:
        self._superseded = superseded
        self._items: deque[Command | Reply] = deque()
        self._changed = threading.Condition()

    def __len__(self) -> int:
        return len(self._items)

    def put(self, item: Command | Reply) -> None:
        """Add a command, or a reply that a helper thread made; thread-safe."""
        with self._changed:
            older = self._older(item)
            if older is not None:
                self._items.remove(older)
            self._items.append(item)
            self._changed.notify()
        if isinstance(older, Command):
            self._superseded(older)

    def _older(self, item: Command | Reply) -> Command | Reply | None:
        if not isinstance(item, SLOTS):
            return None
        return next((queued for queued in self._items if type(queued) is type(item)), None)

    def take(self, timeout: float | None = None) -> Command | Reply | None:
        """The oldest item; None if none comes within ``timeout`` seconds (None: wait for one)."""
        with self._changed:
            if not self._items and timeout != 0:
                self._changed.wait_for(lambda: bool(self._items), timeout)
            return self._items.popleft() if self._items else None


class CommandPipe:
    """The thread that reads frames from a file descriptor into an inbox, until the window closes it.

    ``ended`` is called once, with '' at the end of the file or a sentence when the link is broken.
    """

    def __init__(
        self, descriptor: int, inbox: Inbox, *, refused: Callable[[str], None], ended: Callable[[str], None]
    ) -> None:
        self._descriptor = descriptor
        self._inbox = inbox
        self._refused = refused
        self._ended = ended

    def start(self) -> None:
        """Begin to read; the thread ends with the process."""
        threading.Thread(target=self._read, name="rnnviz-commands", daemon=True).start()

    def _read(self) -> None:
        reader = command_reader()
        reason = ""
        try:
            while data := os.read(self._descriptor, CHUNK):
                for message in reader.feed(data):
                    if isinstance(message, MessageError):
                        self._refused(str(message))
                    else:
                        self._inbox.put(message)
        except (LinkError, OSError) as error:
            reason = str(error)
        self._ended(reason)
        self._inbox.put(Stop())
