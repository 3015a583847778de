"""Presenter mode: the stops of a remote control, a progress line, the blank screen. Stage and track draw the rest."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QApplication, QWidget

from rnnviz.view.facts import is_backward, layer_flow

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from PySide6.QtGui import QPaintEvent

    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look


@dataclass(frozen=True)
class Stop:
    """One story point: where the cursor stands, which way, and whether the copies are out."""

    name: str
    direction: str
    time_step: int
    folded: bool = False


STOP_NAMES = {
    "folded": "The folded cell",
    "unfold": "Unfold",
    "step 1": "Step 1",
    "step 2": "Step 2",
    "step 3": "Step 3",
    "end": "Jump to the end",
    "loss": "The loss, backward",
    "sweep 1": "Sweep: one step back",
    "sweep 2": "Sweep: two steps back",
    "sweep 3": "Sweep: three steps back",
    "sweep": "Sweep: half way",
    "horizon": "The memory horizon",
    "start": "The first step again",
}


def stops(length: int, loss_step: int, horizon: int = 0, skipped: Collection[str] = ()) -> tuple[Stop, ...]:
    """The story of a text: unfold, first steps, end, loss, sweep, horizon, start; without those in ``skipped``.

    ``horizon`` is the memory horizon in steps back from the loss; where it is 0 (not measured) it has no stop.
    """
    if not length:
        return ()
    return tuple(stop for stop in _distinct(_points(length, loss_step, horizon)) if stop.name not in skipped)


def _points(length: int, loss_step: int, horizon: int) -> list[Stop]:
    points = [Stop("folded", "forward", 0, folded=True), Stop("unfold", "forward", 0)]
    points += [Stop(f"step {t}", "forward", t) for t in range(1, min(3, length) + 1)]
    if length > 3:
        points.append(Stop("end", "forward", length))
    if loss_step:
        points.append(Stop("loss", "backward", loss_step))
        points += [Stop(f"sweep {k}", "backward", loss_step - k) for k in range(1, 4) if loss_step - k >= 1]
        reached = loss_step - horizon
        rest = [Stop("horizon", "backward", reached)] if horizon and reached >= 1 else []
        if loss_step > 4:
            rest.append(Stop("sweep", "backward", max(1, loss_step // 2)))
        points += rest
        if loss_step > 1:
            points.append(Stop("start", "backward", 1))
    return points


def _distinct(points: list[Stop]) -> list[Stop]:
    """One stop for each place, in the order of the walk; where two fall together the horizon gives the name."""
    measured = {point.time_step for point in points if point.name == "horizon"}
    points = [p for p in points if p.name == "horizon" or p.direction == "forward" or p.time_step not in measured]
    places: set[tuple[str, int, bool]] = set()
    unique: list[Stop] = []
    for point in points:
        place = (point.direction, point.time_step, point.folded)
        if place not in places:
            places.add(place)
            unique.append(point)
    return sorted(unique, key=_order)


def _order(stop: Stop) -> tuple[int, int, int]:
    """How far into the story ``stop`` lies: folded, forward steps, then the sweep leftwards."""
    if stop.direction == "forward":
        return 0, 0 if stop.folded else 1, stop.time_step
    return 1, 1, -stop.time_step


class Story(QObject):
    """Walks through the stops; knows where it is from the session, so steps taken by hand do not confuse it."""

    def __init__(self, *, session: Session, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._settings = session, settings

    def stops(self) -> tuple[Stop, ...]:
        """The stops of the present text."""
        loss_step = self._session.effective_loss_step
        return stops(self._session.length, loss_step, self._horizon(loss_step), self._settings.view.skipped_stops)

    def _horizon(self, loss_step: int) -> int:
        """How many steps back the engine has measured the horizon of the part on show; 0 while it has not."""
        gradients, flow = self._session.gradients, layer_flow(self._session)
        if gradients is None or flow is None or gradients.loss_step != loss_step:
            return 0
        return flow.horizons.get(self._session.part, flow.horizons.get("joint", 0))

    def _here(self) -> Stop:
        session = self._session
        folded = self._settings.view.folded and session.time_step == 0
        return Stop("", str(session.direction.value), session.time_step, folded)

    def move(self, delta: int) -> bool:
        """Go to the next (1) or previous (−1) stop; False at the ends."""
        here = _order(self._here())
        points = self.stops()
        later = [stop for stop in points if _order(stop) > here]
        earlier = [stop for stop in points if _order(stop) < here]
        target = (later[0] if later else None) if delta > 0 else (earlier[-1] if earlier else None)
        if target is None:
            return False
        self.go(target)
        return True

    def go(self, stop: Stop) -> None:
        """Put the session at ``stop``."""
        if self._settings.view.folded != stop.folded:
            self._settings.update_view(folded=stop.folded)
        if str(self._session.direction.value) != stop.direction:
            self._session.set_direction(stop.direction)  # type: ignore[arg-type] # a StrEnum takes its value
        self._session.move_to(stop.time_step)


class ProgressLine(QWidget):
    """How far the walk has come: from the left in ink, from the right in the gradient's colour."""

    def __init__(self, *, session: Session, look: Look) -> None:
        super().__init__()
        self._session, self._look = session, look
        for signal in (session.time_step_changed, session.trace_changed, session.direction_changed, look.changed):
            signal.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Redraw; hidden it does nothing."""
        if self.isVisible():
            self.setFixedHeight(self._look.ipx(6))
            self.update()

    def sizeHint(self) -> QSize:
        """A thin line."""
        return QSize(640, self._look.ipx(6))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track and fill."""
        del event
        with QPainter(self) as painter:
            theme, session, width = self._look.theme, self._session, self.width()
            painter.fillRect(self.rect(), theme.raised)
            if not session.length:
                return
            if is_backward(session):
                left = width * (session.time_step - 1) / session.length
                painter.fillRect(QRectF(left, 0, width - left, self.height()), theme.grad)
            else:
                painter.fillRect(QRectF(0, 0, width * session.time_step / session.length, self.height()), theme.ink)


class Blank(QWidget):
    """The black (or white) screen of a remote's B key."""

    def __init__(self, *, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._look = look
        self.setAccessibleName("Blank screen")
        self.hide()

    def paintEvent(self, event: QPaintEvent) -> None:
        """One colour: black in the dark themes, paper in the light one."""
        del event
        theme = self._look.theme
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), Qt.GlobalColor.black if theme.dark else theme.panel)


_MOVES = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -1, Qt.Key.Key_Up: -1}


class PresenterKeys(QObject):
    """Takes the keys of a remote control while presenter mode is on."""

    def __init__(self, *, story: Story, blank: Blank, leave: Callable[[], None], parent: QWidget) -> None:
        super().__init__(parent)
        self._story, self._blank, self._leave = story, blank, leave

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Claim the keys before the window's own shortcuts see them."""
        if event.type() not in {QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress} or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        if not self._mine(event):
            return False
        if event.type() == QEvent.Type.KeyPress:
            self._act(event)
        event.accept()
        return True

    def _mine(self, event: QKeyEvent) -> bool:
        keys = {*_MOVES, Qt.Key.Key_B, Qt.Key.Key_Period, Qt.Key.Key_Escape}
        return event.key() in keys and not event.modifiers() & Qt.KeyboardModifier.ControlModifier

    def _act(self, event: QKeyEvent) -> None:
        if event.key() in {Qt.Key.Key_B, Qt.Key.Key_Period}:
            self._blank.setVisible(not self._blank.isVisible())
            self._blank.raise_()
        elif event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            self._blank.hide()
            self._story.move(_MOVES[Qt.Key(event.key())])


class PresenterMode(QObject):
    """Enters and leaves presenter mode: type sizes, full screen, the keys of the remote."""

    entered = Signal()
    left = Signal()

    def __init__(self, *, window: QWidget, look: Look, story: Story, blank: Blank) -> None:
        super().__init__(window)
        self._window, self._look, self._blank = window, look, blank
        self._keys = PresenterKeys(story=story, blank=blank, leave=self.leave, parent=window)
        self._state = Qt.WindowState.WindowNoState

    def toggle(self) -> None:
        """In, on the whole screen; or out."""
        if self._look.presenter:
            self.leave()
        else:
            self.enter(self._window.screen().size().height(), full_screen=True)

    def enter(self, height: int, *, full_screen: bool) -> None:
        """Large type for a picture ``height`` px high."""
        self._state = self._window.windowState()
        self.entered.emit()
        self._look.set_presenter(height)
        application = QApplication.instance()
        if application is not None:
            application.installEventFilter(self._keys)
        if full_screen:
            self._window.showFullScreen()

    def leave(self) -> None:
        """Back to the window as it was."""
        if not self._look.presenter:
            return
        application = QApplication.instance()
        if application is not None:
            application.removeEventFilter(self._keys)
        self._blank.hide()
        self._look.set_presenter(0)
        self._window.setWindowState(self._state)
        self.left.emit()
