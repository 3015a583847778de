"""The tracks under the stage: one column that scrolls, in the user's order and heights.

The stack decides which tracks exist, how high they are and whether they are collapsed; all of it is
kept in ``settings.view``. A closed track is deleted, a hidden one draws nothing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QFrame, QScrollArea, QScrollBar, QVBoxLayout, QWidget

from rnnviz.view.tracks import TRACKS
from rnnviz.view.tracks.base import ground
from rnnviz.view.tracks.grip import GRIP, Grip
from rnnviz.view.tracks.gutter import same_place

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent, QShowEvent, QWheelEvent

    from rnnviz.session.breakpoints import Breakpoint
    from rnnviz.session.playback import Playback
    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look
    from rnnviz.view.time_axis import TimeAxis
    from rnnviz.view.tracks.base import Track, TrackEntry

BAR = 9  # width of the scroll bar
TALLEST = 900.0
STALE_WORDS_AFTER = 400  # ms: a keystroke's reply comes earlier, so the words never flash while typing
COMPACT = 0.7  # a low window takes this much from the heights that the user has not chosen
COLLAPSED_AT_FIRST = frozenset({"gates"})
ENTRIES: dict[str, TrackEntry] = {entry.key: entry for entry in TRACKS}


class _Content(QWidget):
    """The column of tracks; its hint is the height it would like, however low the window makes it now."""

    def __init__(self) -> None:
        super().__init__()
        self.natural = 0

    def sizeHint(self) -> QSize:
        """As high as the tracks are by default or by the user's choice."""
        return QSize(0, self.natural)


class TrackStack(QScrollArea):
    """The open tracks, one under the other, under a fixed stage."""

    #: the list of open tracks, their order, height or collapse changed
    tracks_changed = Signal()

    def __init__(self, *, session: Session, axis: TimeAxis, look: Look, settings: Settings) -> None:
        super().__init__()
        self._session, self._axis, self._look, self._settings = session, axis, look, settings
        self._tracks: dict[str, Track] = {}
        self._grips: dict[str, Grip] = {}
        self._only: str | None = None
        self._held = False
        self._playback: Playback | None = None
        self._thumb = ""
        self._followed: tuple[object, ...] | None = None
        self._heights: dict[str, float] = {}
        self._build()
        self._connect()
        self._follow_settings()

    def _build(self) -> None:
        self.setObjectName("track-stack")
        self.setAccessibleName("Tracks")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # The bar lies over the tracks instead of beside them: their width is the axis' width.
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._bar = QScrollBar(Qt.Orientation.Vertical, self)
        self._bar.setAccessibleName("Scroll the tracks")
        self._bar.hide()
        self._content = _Content()
        self._content.setObjectName("track-stack-content")
        self._rows = QVBoxLayout(self._content)
        self._rows.setContentsMargins(0, 0, 0, 0)
        self._rows.setSpacing(0)
        self._rows.addStretch(1)
        self.setWidget(self._content)
        self._stale_timer = QTimer(self)
        self._stale_timer.setSingleShot(True)
        self._stale_timer.setInterval(STALE_WORDS_AFTER)
        self._colour()

    def _connect(self) -> None:
        self._settings.view_changed.connect(self._follow_settings)
        self._look.changed.connect(self._restyle)
        self._stale_timer.timeout.connect(self._say_stale)
        inner = self.verticalScrollBar()
        inner.rangeChanged.connect(self._follow_range)
        inner.valueChanged.connect(self._bar.setValue)
        self._bar.valueChanged.connect(inner.setValue)
        for fact in (self._session.text_changed, self._session.run_changed, self._session.trace_changed):
            fact.connect(self._watch_stale)
        self._session.trace_changed.connect(self._fit_heights)

    def setUpdatesEnabled(self, enabled: bool) -> None:
        """Let all tracks keep their picture; enabled again, they are drawn one after another in their turns."""
        self._held = not enabled
        for track in self._tracks.values():
            track.hold(self._held)

    def updatesEnabled(self) -> bool:
        """Whether the tracks follow what comes."""
        return not self._held

    def set_playback(self, playback: Playback) -> None:
        """Let the dots left of the titles set and remove the breakpoints of ``playback``."""
        self._playback = playback
        playback.breakpoints_changed.connect(self._mark_breakpoints)
        self._mark_breakpoints()

    @Slot()
    def _mark_breakpoints(self) -> None:
        for track in self._tracks.values():
            track.set_breakpoints(self._playback.breakpoints if self._playback is not None else None)

    @Slot(object)
    def _toggle_breakpoint(self, condition: Breakpoint) -> None:
        """Remove the breakpoints of this kind (and unit), or set ``condition`` where there is none."""
        if self._playback is None:
            return
        there = [known for known in self._playback.breakpoints if same_place(known, condition)]
        for known in there:
            self._playback.remove_breakpoint(known)
        if not there:
            self._playback.add_breakpoint(condition)

    # ---- which tracks ---------------------------------------------------------------------------

    @property
    def open_keys(self) -> tuple[str, ...]:
        """The keys of the open tracks from top to bottom."""
        return tuple(key for key in self._settings.view.open_tracks if key in ENTRIES)

    def track(self, key: str) -> Track | None:
        """The open track ``key``."""
        return self._tracks.get(key)

    def is_open(self, key: str) -> bool:
        """Whether ``key`` is open (perhaps collapsed)."""
        return key in self._tracks

    @Slot(str)
    def open_track(self, key: str) -> None:
        """Open ``key``, in the registry's order among those that are open."""
        if key in ENTRIES and key not in self.open_keys:
            order = list(ENTRIES)
            keys = [*self.open_keys, key]
            if [k for k in order if k in self.open_keys] == list(self.open_keys):
                keys.sort(key=order.index)
            collapsed = self._settings.view.collapsed
            if key in COLLAPSED_AT_FIRST and key not in self._settings.view.track_heights:
                collapsed = sorted({*collapsed, key})
            self._settings.update_view(open_tracks=keys, collapsed=list(collapsed))

    @Slot(str)
    def close_track(self, key: str) -> None:
        """Close ``key``."""
        self._settings.update_view(open_tracks=[k for k in self.open_keys if k != key])

    @Slot(str)
    def toggle_track(self, key: str) -> None:
        """Open ``key``, or close it."""
        (self.close_track if self.is_open(key) else self.open_track)(key)

    @Slot(str)
    def toggle_collapsed(self, key: str) -> None:
        """Collapse ``key`` to thin rows, or open it in full."""
        self._settings.update_view(collapsed=sorted(set(self._settings.view.collapsed) ^ {key}))

    def open_for(self, use: str) -> None:
        """Open the tracks that the first ``use`` ("train", "backward", ...) brings with it."""
        for entry in TRACKS:
            if entry.opens_with and entry.opens_with == use:
                self.open_track(entry.key)

    def show_only(self, key: str | None) -> None:
        """Presenter mode: one track alone, as high as the stack (None: all of them again)."""
        self._only = key if key in ENTRIES else None
        self._follow_settings()

    # ---- mechanism ------------------------------------------------------------------------------

    @Slot()
    def _follow_settings(self) -> None:
        view = self._settings.view
        keys = (self._only,) if self._only else self.open_keys
        wanted = (keys, tuple(view.collapsed), tuple(view.track_heights.items()), view.simple, self._only)
        if wanted == self._followed:
            return  # something else of the view changed, such as the pitch
        self._followed = wanted
        self._colour()
        before = tuple(self._tracks)
        for key in [key for key in self._tracks if key not in keys]:
            self._remove(key)
        for key in keys:
            if key not in self._tracks:
                self._add(key)
        self._tracks = {key: self._tracks[key] for key in keys}
        for place, key in enumerate(keys):
            self._rows.removeWidget(self._tracks[key])
            self._rows.removeWidget(self._grips[key])
            self._rows.insertWidget(2 * place, self._tracks[key])
            self._rows.insertWidget(2 * place + 1, self._grips[key])
        self._heights = dict(view.track_heights)
        for key, track in self._tracks.items():
            collapsed = key in view.collapsed and not self._only
            if track.collapsed != collapsed:
                track.set_collapsed(collapsed)
        self._fit_heights()
        inner = self.verticalScrollBar()
        self._follow_range(inner.minimum(), inner.maximum())
        if before != tuple(self._tracks):
            self.tracks_changed.emit()

    def _add(self, key: str) -> None:
        entry = ENTRIES[key]
        track = entry.factory(
            entry=entry, session=self._session, axis=self._axis, look=self._look, settings=self._settings
        )
        track.collapse_requested.connect(self.toggle_collapsed)
        track.close_requested.connect(self.close_track)
        track.breakpoint_wanted.connect(self._toggle_breakpoint)
        grip = Grip(key=key, look=self._look, axis=self._axis, session=self._session, settings=self._settings,
                     parent=self._content)  # fmt: skip
        grip.dragged.connect(self._drag)
        grip.released.connect(self._keep_heights)
        grip.reset.connect(self._reset_height)
        track.edge = grip
        self._tracks[key], self._grips[key] = track, grip
        if self._held:
            track.hold(True)
        track.set_breakpoints(self._playback.breakpoints if self._playback is not None else None)
        self._rows.insertWidget(self._rows.count() - 1, track)
        self._rows.insertWidget(self._rows.count() - 1, grip)

    def _remove(self, key: str) -> None:
        for widget in (self._tracks.pop(key), self._grips.pop(key)):
            widget.hide()
            self._rows.removeWidget(widget)
            widget.setParent(None)
            widget.deleteLater()

    def height_of(self, key: str) -> int:
        """The height that ``key`` would like, in widget pixels."""
        track, entry = self._tracks[key], ENTRIES[key]
        if self._only:
            return max(80, self.viewport().height())
        if track.collapsed:
            return max(round(self._look.px(track.collapsed_height)), round(self._look.px(24)))
        return round(self._look.px(self._heights.get(key, entry.default_height)))

    def _least_of(self, key: str) -> int:
        """How low a short window may make ``key``; what the user has chosen stays."""
        wanted, entry = self.height_of(key), ENTRIES[key]
        if self._only or self._tracks[key].collapsed or key in self._heights:
            return wanted
        return min(wanted, round(self._look.px(max(entry.minimum_height, COMPACT * entry.default_height))))

    @Slot()
    def _fit_heights(self) -> None:
        wanted = {key: self.height_of(key) for key in self._tracks}
        grips = sum(GRIP for track in self._tracks.values() if not self._only and not track.collapsed)
        self._content.natural = sum(wanted.values()) + grips
        slack = {key: wanted[key] - self._least_of(key) for key in wanted}
        missing = self._content.natural - self.viewport().height() if self.isVisible() else 0
        share = min(1.0, max(0.0, missing / max(1, sum(slack.values()))))
        for key, track in self._tracks.items():
            height = wanted[key] - math.ceil(share * slack[key])
            if track.height() != height or track.minimumHeight() != height:
                track.setFixedHeight(height)
            self._grips[key].setVisible(not self._only and not track.collapsed)
        self._content.updateGeometry()

    @Slot(str, float)
    def _drag(self, key: str, by: float) -> None:
        height = self._heights.get(key, self._tracks[key].height() / self._look.scale) + by / self._look.scale
        self._heights[key] = min(TALLEST, max(float(ENTRIES[key].minimum_height), height))
        self._fit_heights()

    @Slot(str)
    def _keep_heights(self, key: str) -> None:
        if self._heights.get(key) != self._settings.view.track_heights.get(key):
            self._settings.update_view(track_heights=dict(self._heights))

    @Slot(str)
    def _reset_height(self, key: str) -> None:
        self._settings.update_view(track_heights={k: v for k, v in self._heights.items() if k != key})

    @Slot()
    def _restyle(self) -> None:
        self._colour()
        self._fit_heights()

    def _colour(self) -> None:
        palette = self.palette()
        palette.setColor(palette.ColorRole.Window, ground(self._look, self._settings))
        for widget in (self, self.viewport(), self._content):
            # A colour that is only inherited goes when the window's style sheet changes with the theme.
            own = widget.testAttribute(Qt.WidgetAttribute.WA_SetPalette)
            if not own or widget.palette().color(palette.ColorRole.Window) != palette.color(palette.ColorRole.Window):
                widget.setPalette(palette)
            widget.setAutoFillBackground(True)
        thumb = self._look.theme.line2.name()
        if thumb == self._thumb:
            return
        self._thumb = thumb
        self._bar.setStyleSheet(
            "QScrollBar { background: transparent; border: none; } "
            f"QScrollBar::handle {{ background: {thumb}; border-radius: 3px; min-height: 24px; margin: 1px 2px; }} "
            "QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page "
            "{ background: transparent; height: 0; }"
        )

    @Slot()
    def _watch_stale(self) -> None:
        for track in self._tracks.values():
            if track.say_stale:
                track.say_stale = False
                track.refresh()
        if self._session.trace_stale:
            self._stale_timer.start()
        else:
            self._stale_timer.stop()

    @Slot()
    def _say_stale(self) -> None:
        for track in self._tracks.values():
            track.say_stale = self._session.trace_stale
            track.refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Only now the room is known."""
        super().showEvent(event)
        self._fit_heights()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In presenter mode the one track fills the stack; the bar stays at the right edge."""
        super().resizeEvent(event)
        self._fit_heights()
        self._bar.setGeometry(self.width() - BAR, 0, BAR, self.height())

    @Slot(int, int)
    def _follow_range(self, low: int, high: int) -> None:
        self._bar.setRange(low, high)
        self._bar.setPageStep(self.viewport().height())
        self._bar.setSingleStep(40)
        self._bar.setVisible(high > low and not self._only)
        self._bar.raise_()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Ctrl + wheel zooms about the pointer; sideways or over the data it pans time; else the stack scrolls."""
        sideways, upright = event.angleDelta().x(), event.angleDelta().y()
        x = event.position().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._axis.set_pitch(self._axis.pitch * 1.0015**upright, x)
            event.accept()
            return
        pan = sideways or (upright if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 0)
        if not pan and x > self._axis.gutter and not self.verticalScrollBar().maximum():
            pan = upright
        if pan:
            self._axis.set_scroll(self._axis.scroll - pan)
            event.accept()
        else:
            super().wheelEvent(event)
