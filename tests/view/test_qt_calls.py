"""Void Qt calls by the thousand: a PySide6 that loses a reference to None on each ends the program (6.12.0 did)."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys
from PySide6.QtCore import QObject, QRectF, QTimer
from PySide6.QtGui import QGuiApplication, QPainterPath

application = QGuiApplication([])
thing, timer, path = QObject(), QTimer(), QPainterPath()
before = sys.getrefcount(None)
for count in range(5_000):
    thing.setObjectName("a")
    timer.setInterval(count)
    thing.blockSignals(False)
    path.addRect(QRectF(0, 0, 1, 1)) if count % 50 == 0 else path.moveTo(count, 1)
lost = before - sys.getrefcount(None)
print(lost)
"""


def test_twenty_thousand_void_calls_keep_none_alive():
    # In a process of its own: the fault is an abort, not an exception.
    done = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 1000, "calls that return nothing lose references to None"
