"""A second window in a process of its own: runs one line of Python for each line of its input, and answers each."""

from __future__ import annotations

import contextlib
import subprocess
import sys

CODE = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QLockFile
from rnnviz.session.settings import Settings
from tests.session.two_windows import switch
application = QCoreApplication([])
settings = Settings()
print("ready", flush=True)
for line in sys.stdin:
    exec(line)
    print("done", flush=True)
"""


def switch(settings, names, rounds=5):
    """Turn each of these switches over and over, an odd number of times, and write every time."""
    for _ in range(rounds):
        for name in names:
            settings.update_view(**{name: not getattr(settings.view, name)})
            settings.flush()


@contextlib.contextmanager
def another_window():
    """The running process, with the settings folder of the test."""
    command = [sys.executable, "-c", CODE]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
            process.stdin.close()
            process.wait(timeout=30)
        finally:
            process.kill()


def tell(process, line):
    """Begin one line of Python there."""
    process.stdin.write(line + "\n")
    process.stdin.flush()


def answered(process):
    """Wait until it is done."""
    assert process.stdout.readline() == "done\n"


def do(process, line):
    """One line of Python there, to its end."""
    tell(process, line)
    answered(process)
