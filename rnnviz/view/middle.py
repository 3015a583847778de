"""Between top bar and transport: the stage over its tracks, and the side panel beside or over them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, Qt, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from rnnviz.view.layout import SIDE_WIDTH, Arrangement
from rnnviz.view.stage.composed import ComposedLine
from rnnviz.view.stage.stage_view import StageView

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from rnnviz.session.playback import Playback
    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.compare.page import ComparisonPage
    from rnnviz.view.look import Look
    from rnnviz.view.panels.side import SidePanel
    from rnnviz.view.panels.watch_list import WatchList
    from rnnviz.view.shell import Shell
    from rnnviz.view.time_axis import TimeAxis
    from rnnviz.view.tracks.stack import TrackStack

PRESENTER_TRACK = "gradient"
LEAST_DRAWER = 240  # design px; a drawer that would be lower stands beside the stage


class Middle(QWidget):
    """Places stage, tracks and side panel; makes tracks and panels when they are first needed."""

    def __init__(
        self,
        *,
        session: Session,
        playback: Playback,
        settings: Settings,
        axis: TimeAxis,
        look: Look,
        shell: Shell,
        watch: WatchList,
    ) -> None:
        super().__init__()
        self._session, self._playback, self._settings, self._axis, self._look = session, playback, settings, axis, look
        self._shell, self._watch = shell, watch
        self._arrangement: Arrangement | None = None
        self._presenter = False
        self.stage = StageView(session=session, playback=playback, settings=settings, axis=axis, look=look)
        self.stage.setParent(self)
        self.composed = ComposedLine(session=session, settings=settings, axis=axis, look=look, parent=self)
        self.tracks: TrackStack | None = None
        for signal in (axis.changed, session.trace_changed, session.text_changed):
            signal.connect(self.on_length_changed)
        self.side: SidePanel | None = None
        self.comparison: ComparisonPage | None = None

    @Slot()
    def on_length_changed(self) -> None:
        """The axis follows the keys, the numbers follow a reply later: till then the tracks keep their last picture."""
        if self.tracks is not None:
            in_step = self._axis.length == self._session.length
            if self.tracks.updatesEnabled() != in_step:
                self.tracks.setUpdatesEnabled(in_step)

    # ---- parts made on demand ----------------------------------------------------------------

    def _need_tracks(self) -> TrackStack:
        if self.tracks is None:
            from rnnviz.view.tracks.stack import TrackStack

            self.tracks = TrackStack(session=self._session, axis=self._axis, look=self._look, settings=self._settings)
            self.tracks.setParent(self)
            # Its headers take the focus one by one, and it scrolls to them; a focus of its own would be invisible.
            self.tracks.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.tracks.tracks_changed.connect(self.place)
        return self.tracks

    def _need_side(self) -> SidePanel:
        if self.side is None:
            from rnnviz.view.panels.side import SidePanel

            services = {
                "session": self._session,
                "settings": self._settings,
                "playback": self._playback,
                "shell": self._shell,
                "watch": self._watch,
            }
            self.side = SidePanel(look=self._look, services=services)
            self.side.setParent(self)
        return self.side

    def _need_comparison(self) -> ComparisonPage:
        if self.comparison is None:
            from rnnviz.view.compare.page import ComparisonPage

            self.comparison = ComparisonPage(
                session=self._session, settings=self._settings, shell=self._shell, look=self._look, parent=self
            )
        return self.comparison

    def edit_text(self) -> None:
        """Put the caret into the text, wherever it stands now."""
        if self.comparing and self.comparison is not None:
            self.comparison.edit_text()
        else:
            self.stage.edit_text()

    @Slot(str)
    def show_page(self, key: str) -> None:
        """Open the side panel at the page ``key``."""
        self._need_side().show_page(key)
        self._settings.update_view(inspector=True, drawer=True, compare=False)

    # ---- arrangement -------------------------------------------------------------------------

    @property
    def stage_width(self) -> int:
        """The width that the time axis has."""
        return self.stage.width()

    @property
    def comparing(self) -> bool:
        """Whether the comparison stands in place of stage, tracks and side panel."""
        return self._settings.view.compare and not self._presenter

    @property
    def _has_tracks(self) -> bool:
        inside = self._settings.view.zoom == "inside"
        shown = bool(self._settings.view.open_tracks) and not inside and not self.comparing
        return self._presenter or shown

    @property
    def _has_side(self) -> bool:
        view, arrangement = self._settings.view, self._arrangement
        hidden = self._presenter or self.comparing or view.zoom == "inside"
        if hidden or arrangement is None or not (view.inspector or view.training):
            return False
        return arrangement.docked or view.drawer

    def enter_presenter(self) -> None:
        """Stage and one track only."""
        self._presenter = True
        self._need_tracks().show_only(PRESENTER_TRACK)

    def leave_presenter(self) -> None:
        """All of it again."""
        self._presenter = False
        if self.tracks is not None:
            self.tracks.show_only(None)

    def arrange(self, arrangement: Arrangement) -> None:
        """Make what is needed and place it."""
        self._arrangement = arrangement
        self.stage.set_wide(arrangement.wide)
        if self._has_tracks:
            self._need_tracks()
        if self._has_side:
            view = self._settings.view
            self._need_side().arrange(
                pages=view.inspector, cards=("training",) if view.training else (), stacked=arrangement.roomy
            )
        self.place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place everything anew."""
        super().resizeEvent(event)
        self.place()

    @Slot()
    def place(self) -> None:
        """Stage above, tracks below, side panel at the right; or the comparison alone."""
        if self._arrangement is None:
            return
        self._place_comparison()
        height, line = self.height(), 0 if self.comparing else self.composed.room
        stage = self._stage_height(height - line)
        width = self.width() - self._place_side(stage + line)
        if self.tracks is not None:
            self.tracks.setGeometry(QRect(0, stage + line, width, height - stage - line))
        if self.tracks is not None:
            self.tracks.setVisible(self._has_tracks)
        self.stage.setGeometry(QRect(0, 0, width, stage))
        self.composed.place(stage, width, line)
        if self.side is not None and self.side.isVisibleTo(self):
            self.side.raise_()

    def _place_comparison(self) -> None:
        """The comparison in place of everything: what is hidden below it costs nothing."""
        comparing = self.comparing
        if comparing:
            page = self._need_comparison()
            page.setGeometry(self.rect())
            page.show()
            page.raise_()
        elif self.comparison is not None and not self.comparison.isHidden():
            self.comparison.hide()
            self.setFocus()  # else the next button in line would have the keys
        self.stage.setVisible(not comparing)

    def _stage_height(self, height: int) -> int:
        """All of it without tracks; else the drawing's height, or what the tracks leave, at least half."""
        if not self._has_tracks or self.tracks is None or self._arrangement is None:
            return height
        if self._presenter:
            return round(self._arrangement.stage_share * height)
        if self._arrangement.stage_height:
            return min(self._look.ipx(self._arrangement.stage_height), height)
        wanted = self.tracks.widget().sizeHint().height()
        return max(min(self._look.ipx(self._arrangement.stage_least), height), height - wanted)

    def _place_side(self, stage: int) -> int:
        """Beside the stage, or as a drawer over the tracks only; the width that it takes away."""
        if self.side is None:
            return 0
        shown = self._has_side
        self.side.setVisible(shown)
        if not shown or self._arrangement is None:
            return 0
        width = self._look.ipx(SIDE_WIDTH)
        room = self.height() - stage
        over = not self._arrangement.docked and self._has_tracks and room >= self._look.ipx(LEAST_DRAWER)
        top = stage if over else 0
        self.side.setGeometry(self.width() - width, top, width, self.height() - top)
        return 0 if over else width

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paper under everything."""
        del event
        with QPainter(self) as painter:
            painter.fillRect(self.rect(), self._look.theme.bg)
