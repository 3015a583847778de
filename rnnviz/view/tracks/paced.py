"""When a track is drawn: in its turn among the views of the window, and not while the text is ahead of its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QTimer, Slot

from rnnviz.view.paint_turns import TRACK, Turn
from rnnviz.view.tracks.gutter import TrackHeader

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

AFTER_TRACE = 0  # ms
AFTER_MAPS = 16  # ms: what is differentiated comes a little after the trace: one picture for both
TICK_ROOM = 34.0  # design px left of the data for tick labels


class PacedTrack(TrackHeader):
    """Asks for its turn when something has changed, and keeps its picture until then."""

    #: how long after new data this track asks to be drawn, ms
    after_trace = AFTER_TRACE
    #: the grip under the track, which shows the cursor too
    edge: QWidget | None = None

    def _build_turn(self) -> None:
        self._turn = Turn(self, self._take_turn, weight=TRACK)
        self._header_old, self._header_gutter, self._held = True, 0.0, False
        self._data_later = QTimer(self, interval=self.after_trace, singleShot=True)
        self._data_later.timeout.connect(self.refresh)

    @Slot()
    def refresh(self) -> None:
        """Redraw with the newest values; a hidden track does nothing. The header follows when all facts are in."""
        if self.isVisible():
            self._header_old = True
            self._turn.ask()

    @Slot()
    def _refresh_later(self) -> None:
        if self.isVisible() and not self._data_later.isActive():  # facts that keep coming must not put it off
            self._data_later.start()

    @Slot()
    def repaint_soon(self) -> None:
        """Redraw the data; the header does not depend on what changed."""
        if self.isVisible():
            self._turn.ask()

    def hold(self, held: bool) -> None:
        """Keep the picture as it is, whatever comes, until it is let go: then it is drawn anew in its turn."""
        self._held = held
        if held or not self.isVisible():
            self._freeze(held)
        self.refresh()

    def _freeze(self, frozen: bool) -> None:
        for widget in filter(None, (self, self.edge)):
            if widget.updatesEnabled() == frozen:
                widget.setUpdatesEnabled(not frozen)

    def _take_turn(self) -> None:
        if self._held:
            return
        self._freeze(False)
        self.update(self.data_area())
        if self.edge is not None:
            self.edge.update()
        if self._header_old or self._header_gutter != self.axis.gutter:
            self._header_old, self._header_gutter = False, self.axis.gutter
            self._header_later.start()

    def data_area(self) -> QRect:
        """Body and tick labels: all that changes while playing and training (the header rarely does)."""
        left = 0 if self.look.presenter else self._data_left()
        return QRect(left, 0, self.width() - left, self.height())

    def _data_left(self) -> int:
        return max(0, round(self.axis.gutter) - round(self.look.px(TICK_ROOM)))
