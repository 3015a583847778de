"""``python -m rnnviz.service``: the engine process. Frames on standard input and output, words on standard error."""

from __future__ import annotations

import os
import sys
import threading
from typing import TYPE_CHECKING

from rnnviz.engine.allocation import keep_freed_memory
from rnnviz.service.host import Host
from rnnviz.service.inbox import CommandPipe, Inbox
from rnnviz.service.messages import Refused, Superseded
from rnnviz.service.wire import encode

if TYPE_CHECKING:
    from rnnviz.service.messages import Command, Reply

LAST_STEP_S = 1.2
"""How long a running step may go on after the window has gone; then the process ends where it stands."""


def take_stdout() -> int:
    """Keep the real standard output for frames; whatever prints goes to standard error."""
    frames = os.dup(1)
    os.dup2(2, 1)
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (0, frames):
            msvcrt.setmode(descriptor, os.O_BINARY)
    return frames


class FrameWriter:
    """Writes whole frames; a window that is gone ends the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def send(self, reply: Reply) -> None:
        """Write one frame (from any thread)."""
        frame = memoryview(encode(reply))
        with self._lock:
            try:
                while frame:
                    frame = frame[os.write(self._descriptor, frame) :]
            except OSError:
                os._exit(0)


def main() -> int:
    """Serve until the window says stop or is gone."""
    keep_freed_memory()
    writer = FrameWriter(take_stdout())
    reasons: list[str] = []

    def ended(reason: str) -> None:
        if reason:
            print(f"The link to the window is broken: {reason}", file=sys.stderr, flush=True)
            reasons.append(reason)
        deadline = threading.Timer(LAST_STEP_S, os._exit, (2 if reason else 0,))
        deadline.daemon = True
        deadline.start()

    def superseded(command: Command) -> None:
        writer.send(Superseded(request=command.request))

    def refused(sentence: str) -> None:
        writer.send(Refused(command="", sentence=f"A message was not understood: {sentence}"))

    inbox = Inbox(superseded=superseded)
    CommandPipe(0, inbox, refused=refused, ended=ended).start()
    code = Host(inbox=inbox, send=writer.send).run()
    # Ending through the interpreter would first wait for a torch import that is under way.
    sys.stderr.flush()
    os._exit(2 if reasons else code)


if __name__ == "__main__":
    main()
