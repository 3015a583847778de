"""The real engine process on two pipes, without Qt."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path

from rnnviz.service.messages import Ready
from rnnviz.service.wire import encode, reply_reader

ROOT = Path(__file__).parents[2]


class EnginePipe:
    """Sends commands and collects every reply."""

    def __init__(self):
        environment = dict(os.environ, PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", "rnnviz.service"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
        )
        self.reader = reply_reader()
        self.seen = []
        self.wait(Ready)

    def send(self, *commands):
        self.write(b"".join(encode(command) for command in commands))

    def write(self, data):
        self.process.stdin.write(data)
        self.process.stdin.flush()

    def receive(self):
        data = os.read(self.process.stdout.fileno(), 1 << 20)
        if not data:
            raise EOFError(self.process.stderr.read().decode())
        self.seen.extend(self.reader.feed(data))

    def wait(self, kind, condition=lambda reply: True):
        """The first reply of this kind, in order of arrival; what came before it stays in ``passed``."""
        self.passed = []
        while True:
            while self.seen:
                reply = self.seen.pop(0)
                if isinstance(reply, kind) and condition(reply):
                    return reply
                self.passed.append(reply)
            self.receive()

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            with contextlib.suppress(BrokenPipeError):
                pipe.close()
        self.process.wait()


def seconds_to_end(process, limit=20):
    """How long ``process`` takes to end from now."""
    started = time.monotonic()
    process.wait(limit)
    return time.monotonic() - started
