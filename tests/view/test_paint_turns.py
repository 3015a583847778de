"""Views that take turns: what fits is drawn together, nobody waits for ever, hidden ones hold nobody up."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget
from shiboken6 import delete

from rnnviz.view.paint_turns import BUDGET_MS, PANEL, STAGE, TRACK, PaintTurns, Turn, turns_of


class View(QWidget):
    """A view that notes in ``log`` when it is told to draw and when it has drawn."""

    def __init__(self, parent, log, name, weight, cost):
        super().__init__(parent)
        self.log, self.name, self.told = log, name, 0
        self.turn = Turn(self, self.begin, weight=weight)
        self.turn.cost = cost

    def begin(self):
        self.told += 1
        self.log.append(("told", self.name))
        self.update()

    def paintEvent(self, event):
        cost = self.turn.cost
        with self.turn, QPainter(self) as painter:
            painter.fillRect(event.rect(), 0xFF00FF00)
        self.turn.cost = cost  # the test says what it costs, not the machine
        self.log.append(("drew", self.name))


@pytest.fixture
def line(qtbot):
    """A window, a maker of views in it, and the log they share."""
    window, log = QWidget(), []
    window.resize(400, 100)
    qtbot.addWidget(window)
    places = iter(range(0, 400, 100))

    def make(name, weight=TRACK, cost=1.0):
        view = View(window, log, name, weight, cost)
        view.setGeometry(next(places), 0, 100, 100)
        view.show()
        return view

    return window, make, log


def shown(qtbot, window, log):
    """The window on screen, and nothing noted yet."""
    window.show()
    qtbot.waitExposed(window)
    qtbot.waitUntil(lambda: any(kind == "drew" for kind, _ in log))
    log.clear()


def drew(log):
    return [name for kind, name in log if kind == "drew"]


def rounds(log):
    """Who was told to draw before anybody drew, turn after turn."""
    found, last = [], None
    for kind, name in log:
        if kind == "told" and last != "told":
            found.append(set())
        if kind == "told":
            found[-1].add(name)
        last = kind
    return found


def test_what_fits_into_the_budget_is_drawn_together_and_the_rest_in_the_next_turn(qtbot, line):
    window, make, log = line
    views = [make("panel", PANEL, 0.7 * BUDGET_MS), make("track", TRACK, 0.4 * BUDGET_MS),
             make("stage", STAGE, 0.5 * BUDGET_MS)]  # fmt: skip
    shown(qtbot, window, log)
    for view in views:
        view.turn.ask()
    assert log == []  # nobody draws while facts still come
    qtbot.waitUntil(lambda: len(drew(log)) == 3)
    assert rounds(log) == [{"stage", "track"}, {"panel"}]


def test_a_view_that_costs_more_than_the_budget_gets_its_turn_alone(qtbot, line):
    window, make, log = line
    slow, quick = make("slow", STAGE, 5 * BUDGET_MS), make("quick", PANEL, 0.1)
    shown(qtbot, window, log)
    quick.turn.ask()
    slow.turn.ask()
    qtbot.waitUntil(lambda: len(drew(log)) == 2)
    assert rounds(log) == [{"slow"}, {"quick"}]


def test_asking_twice_is_one_turn(qtbot, line):
    window, make, log = line
    view, other = make("view"), make("other")
    shown(qtbot, window, log)
    for _ in range(5):
        view.turn.ask()
    other.turn.ask()
    qtbot.waitUntil(lambda: len(drew(log)) == 2)
    assert view.told == 1


def test_nobody_waits_for_ever_behind_a_view_that_always_asks(qtbot, line):
    window, make, log = line
    stage, panel = make("stage", STAGE, BUDGET_MS), make("panel", PANEL, BUDGET_MS)
    shown(qtbot, window, log)
    restless = QTimer(window, interval=0)
    for view in (stage, panel):
        restless.timeout.connect(view.turn.ask)
    restless.start()
    qtbot.waitUntil(lambda: panel.told >= 4)
    restless.stop()
    assert 3 * panel.told <= stage.told <= 5 * panel.told + 4  # as their weights, 4 to 1


def test_hidden_and_frozen_views_hold_nobody_up(qtbot, line):
    window, make, log = line
    hidden, frozen, view = make("hidden", STAGE), make("frozen", STAGE), make("view", PANEL)
    shown(qtbot, window, log)
    hidden.hide()
    frozen.setUpdatesEnabled(False)
    for each in (hidden, frozen, view):
        each.turn.ask()
    qtbot.waitUntil(lambda: drew(log) == ["view"])
    assert hidden.told == frozen.told == 1  # told, so that they can let go of what they froze


def test_a_view_that_was_closed_while_it_waited_is_left_out(qtbot, line):
    window, make, log = line
    closed, view = make("closed", STAGE), make("view", PANEL)
    shown(qtbot, window, log)
    closed.turn.ask()
    view.turn.ask()
    delete(closed)
    qtbot.waitUntil(lambda: drew(log) == ["view"])
    assert rounds(log) == [{"view"}]


def test_a_view_that_is_never_painted_gives_its_turn_up(qtbot, line):
    window, make, log = line
    covered, view = make("covered", STAGE, BUDGET_MS), make("view", PANEL, BUDGET_MS)
    covered.begin = lambda: log.append(("told", "covered"))
    covered.turn = Turn(covered, covered.begin, weight=STAGE)
    covered.turn.cost = BUDGET_MS
    shown(qtbot, window, log)
    covered.turn.ask()
    view.turn.ask()
    qtbot.waitUntil(lambda: "view" in drew(log))
    assert rounds(log)[0] == {"covered"} or log[0] == ("told", "covered")


def test_an_error_while_painting_does_not_stop_the_line(qtbot, line):
    window, make, log = line
    broken, view = make("broken", STAGE, BUDGET_MS), make("view", PANEL, BUDGET_MS)
    shown(qtbot, window, log)

    def fail():
        log.append(("told", "broken"))
        with pytest.raises(ValueError, match="broken"), broken.turn:
            raise ValueError("broken")

    broken.turn._begin = fail
    broken.turn.ask()
    view.turn.ask()
    qtbot.waitUntil(lambda: "view" in drew(log))


def test_views_of_one_window_share_one_line(qtbot, line):
    window, make, _ = line
    first, second, alone = make("first"), make("second"), QWidget()
    qtbot.addWidget(alone)
    assert turns_of(first) is turns_of(second)
    assert turns_of(first) is not turns_of(alone)
    assert len(window.findChildren(PaintTurns)) == 1
