"""What counts as a frame; how long one takes is measured, never asserted."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from rnnviz.bench.busy import FrameTimes


class Canvas(QWidget):
    """Counts how often it is painted."""

    def __init__(self):
        super().__init__()
        self.painted = 0

    def paintEvent(self, event):
        self.painted += 1
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), "white")


def shown(qtbot):
    canvas = Canvas()
    qtbot.addWidget(canvas)
    canvas.show()
    qtbot.waitExposed(canvas)
    qtbot.waitUntil(lambda: canvas.painted > 0)
    return canvas


def test_every_painting_of_the_window_is_one_frame(qtbot, qapp):
    canvas = shown(qtbot)
    times = FrameTimes(qapp)
    for _ in range(3):
        before = canvas.painted
        canvas.update()
        canvas.update()  # two wishes, one painting
        qtbot.waitUntil(lambda before=before: canvas.painted > before)
    beaten = []
    QTimer.singleShot(0, lambda: beaten.append(1))
    qtbot.waitUntil(lambda: len(beaten) == 1)
    times.stop()
    assert len(times.clock) == len(times.cpu) == 3
    assert all(clock > 0 for clock in times.clock)


def test_work_without_painting_is_no_frame(qtbot, qapp):
    shown(qtbot)
    times = FrameTimes(qapp)
    beaten = []
    for _ in range(5):
        QTimer.singleShot(0, lambda: beaten.append(1))
    qtbot.waitUntil(lambda: len(beaten) == 5)
    times.stop()
    assert times.clock == []
