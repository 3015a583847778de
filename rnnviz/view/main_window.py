"""The main window: top bar, notice line, stage over tracks, side panel, transport. Registries decide what is in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QPoint, Slot
from PySide6.QtWidgets import QMainWindow, QVBoxLayout, QWidget

from rnnviz.session.values import Notice
from rnnviz.view import icons
from rnnviz.view.actions import ACTIONS
from rnnviz.view.arrival import FirstUse
from rnnviz.view.controls.action_states import ActionStates
from rnnviz.view.controls.checked_mark import CheckedMark
from rnnviz.view.controls.commands import CommandTable
from rnnviz.view.controls.loading_line import LoadingLine
from rnnviz.view.controls.menus import Menus
from rnnviz.view.controls.pattern_feeding import FeedingSwitch
from rnnviz.view.controls.pattern_states import PatternStates
from rnnviz.view.controls.top_bar import TopBar
from rnnviz.view.controls.transport import Transport
from rnnviz.view.dialogs import Dialogs
from rnnviz.view.documents import Documents
from rnnviz.view.layout import Arrangement, arrange, restore_place
from rnnviz.view.middle import Middle
from rnnviz.view.notation.control import NotationControl
from rnnviz.view.notices import NoticeBar
from rnnviz.view.panel_actions import PanelActions, panel_specs
from rnnviz.view.presenter import Blank, PresenterMode, ProgressLine, Story
from rnnviz.view.shell import Shell
from rnnviz.view.stage_menu import StageMenu
from rnnviz.view.style_sheet import style_sheet
from rnnviz.view.time_axis import TimeAxis

if TYPE_CHECKING:
    from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QResizeEvent, QShowEvent

    from rnnviz.session.playback import Playback
    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look


class MainWindow(QMainWindow):
    """Puts the parts together, arranges them by size and view, and ends in good order."""

    def __init__(self, *, session: Session, playback: Playback, settings: Settings, look: Look) -> None:
        super().__init__()
        self.session, self.playback, self.settings, self.look = session, playback, settings, look
        self.axis = TimeAxis(parent=self)
        self._closing_allowed = False
        self._arrangement: Arrangement | None = None
        self._build_helpers()
        self._build_widgets()
        self._build_menus()
        self._connect()
        self.on_view_changed()
        self.on_look_changed()
        restore_place(self, settings.geometry)
        self.rearrange()

    # ---- building --------------------------------------------------------------------------

    def _build_helpers(self) -> None:
        parts = {"session": self.session, "settings": self.settings}
        self.notation = NotationControl(look=self.look, parent=self, **parts)
        self.notices = NoticeBar(session=self.session, look=self.look)
        self.shell = Shell(
            playback=self.playback, look=self.look, axis=self.axis, notices=self.notices, parent=self, **parts
        )
        self.documents = Documents(window=self, look=self.look, **parts)
        self.dialogs = Dialogs(window=self, look=self.look, **parts)
        self.panel_actions = PanelActions(settings=self.settings, parent=self)
        self.story = Story(parent=self, **parts)
        owners = {
            "session": self.session,
            "playback": self.playback,
            "settings": self.settings,
            "shell": self.shell,
            "documents": self.documents,
            "window": self,
            "dialogs": self.dialogs,
            "panels": self.panel_actions,
            "watch": self.panel_actions.watch,
        }
        self.panel_actions.watch.session = self.session
        self.commands = CommandTable(specs=(*ACTIONS, *panel_specs()), owners=owners, window=self, look=self.look)
        self.dialogs.commands = self.commands
        self.states = ActionStates(commands=self.commands, playback=self.playback, look=self.look, parent=self, **parts)
        self.pattern_states = PatternStates(commands=self.commands, session=self.session, parent=self)
        self.first_use = FirstUse(parent=self, **parts)

    def _build_widgets(self) -> None:
        base = {"session": self.session, "look": self.look}
        self.top_bar = TopBar(commands=self.commands, **base)
        self.middle = Middle(
            playback=self.playback,
            settings=self.settings,
            axis=self.axis,
            shell=self.shell,
            watch=self.panel_actions.watch,
            **base,
        )
        self.checked_mark = CheckedMark(
            settings=self.settings, axis=self.axis, stage=self.middle.stage, open_page=self.middle.show_page, **base
        )
        self.feeding_switch = FeedingSwitch(settings=self.settings, axis=self.axis, stage=self.middle.stage, **base)
        self.stage_menu = StageMenu(
            stage=self.middle.stage, session=self.session, settings=self.settings, watch=self.panel_actions.watch
        )
        self.transport = Transport(playback=self.playback, commands=self.commands, axis=self.axis, **base)
        self.progress = ProgressLine(**base)
        central = QWidget()
        column = QVBoxLayout(central)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget, stretch in (
            (self.top_bar, 0),
            (self.notices, 0),
            (self.middle, 1),
            (self.transport, 0),
            (self.progress, 0),
        ):
            column.addWidget(widget, stretch)
        self.setCentralWidget(central)
        self.loading = LoadingLine(parent=central, **base)
        self.blank = Blank(look=self.look, parent=central)
        self.presenter = PresenterMode(window=self, look=self.look, story=self.story, blank=self.blank)

    def _build_menus(self) -> None:
        self.menus = Menus(
            commands=self.commands, settings=self.settings, open_path=self.documents.open_path, window=self
        )
        bar = self.menuBar()
        self.menus.fill(bar)
        # macOS has its one bar at the top of the screen; elsewhere the More menu holds the same menus.
        bar.setVisible(bar.isNativeMenuBar())

    def _connect(self) -> None:
        self.look.changed.connect(self.on_look_changed)
        self.presenter.entered.connect(self.on_presenter_entered)
        self.presenter.left.connect(self.on_presenter_left)
        self.settings.view_changed.connect(self.on_view_changed)
        self.session.path_changed.connect(self.on_path_changed)
        self.session.opened.connect(self.on_opened)
        self.notices.shown_changed.connect(self.place_overlays)
        self.session.save_elsewhere_asked.connect(self.documents.save_as)
        self.panel_actions.page_asked.connect(self.middle.show_page)
        self.session.lab.asked.connect(self.panel_actions.show_page)
        self.middle.stage.text_field.cut_short.connect(self.on_cut_short)
        self.setAcceptDrops(True)
        self.setWindowIcon(icons.brand_icon(self.look.theme.ink))
        self.on_path_changed()

    # ---- look and arrangement --------------------------------------------------------------

    @Slot()
    def on_look_changed(self) -> None:
        """New palette and style sheet, then sizes."""
        self.setPalette(self.look.palette())
        self.setStyleSheet(style_sheet(self.look))
        self.rearrange()

    @Slot()
    def on_view_changed(self) -> None:
        """Theme, zoom or what is open has changed."""
        view = self.settings.view
        self.look.set_theme(view.theme)
        self.look.set_zoom(view.ui_scale)
        self.look.set_reduced_motion(view.reduced_motion)
        self.rearrange()

    @Slot()
    def rearrange(self) -> None:
        """Fit everything to size and view."""
        if not hasattr(self, "transport"):
            return
        view, scale, presenter = self.settings.view, self.look.scale, self.look.presenter
        tracks = bool(view.open_tracks) or presenter
        self._arrangement = arrange(
            self.width() / scale, self.height() / scale, simple=view.simple, presenter=presenter, tracks=tracks
        )
        self.top_bar.setVisible(not presenter)
        self.transport.setVisible(not presenter)
        self.progress.setVisible(presenter)
        self.top_bar.arrange(self._arrangement)
        self.transport.arrange(self._arrangement)
        self.middle.arrange(self._arrangement)
        self.place_overlays()

    @Slot()
    def place_overlays(self) -> None:
        """The line under the top bar and the blank screen."""
        if self.look.presenter:
            self.loading.hide()
        self.loading.place(self.top_bar.height(), self.width())
        self.blank.setGeometry(self.centralWidget().rect())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another size may be another arrangement."""
        super().resizeEvent(event)
        if self.look.presenter:
            self.look.set_presenter(self.height())
        self.rearrange()

    # ---- verbs of the action table -----------------------------------------------------------

    def toggle_simple(self) -> None:
        """Five controls, or everything; the panels of the full view come back as they were."""
        self.first_use.toggle_simple()

    def toggle_presenter(self) -> None:
        """Enter or leave presenter mode."""
        self.presenter.toggle()

    @Slot()
    def on_presenter_entered(self) -> None:
        """Only stage and one track stay."""
        self.middle.enter_presenter()
        self.centralWidget().setFocus()
        self.states.refresh()

    @Slot()
    def on_presenter_left(self) -> None:
        """Everything comes back as it was."""
        self.middle.leave_presenter()
        self.notices.refresh()
        self.loading.refresh()
        self.rearrange()
        self.states.refresh()

    def show_menu(self) -> None:
        """The More menu, under its button."""
        button, menu = self.top_bar.more, self.menus.more
        corner = button.mapToGlobal(button.rect().bottomRight())
        menu.popup(corner - QPoint(menu.sizeHint().width(), -4))

    def focus_text(self) -> None:
        """Put the caret into the text."""
        self.middle.edit_text()

    @Slot(str)
    def on_cut_short(self, note: str) -> None:
        """The text field took less than was pasted."""
        self.session.tell(Notice(note))

    # ---- files -------------------------------------------------------------------------------

    @Slot()
    def on_path_changed(self) -> None:
        """The title names the file and marks what is not saved."""
        path = self.session.path
        self.setWindowTitle(f"{path.name if path else 'Untitled'}[*] \u2013 rnnviz")
        self.setWindowModified(self.session.dirty)

    @Slot(dict)
    def on_opened(self, view: dict[str, object]) -> None:
        """An opened file brings its view; the theme and type size stay the user's."""
        self.first_use.restore(view)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files from this computer may be dropped, and text from anywhere."""
        if any(url.isLocalFile() for url in event.mimeData().urls()) or event.mimeData().hasText():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """A session is opened, data of any kind are shown before they are learned, plain text is typed."""
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.documents.open_path(paths[0])
        elif event.mimeData().hasText() and not event.mimeData().hasUrls():
            event.acceptProposedAction()
            self.session.set_text(event.mimeData().text())

    # ---- place and end -----------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """The window has the keys first, not its first button."""
        super().showEvent(event)
        if self.focusWidget() is None:
            self.centralWidget().setFocus()

    def changeEvent(self, event: QEvent) -> None:
        """A system that turns dark takes the "system" theme along."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.ThemeChange and self.settings.view.theme == "system":
            self.look.set_theme("system")

    def close_now(self) -> None:
        """Close without another question."""
        self._closing_allowed = True
        self.close()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ask about unsaved changes; then remember the place and end the engine."""
        try:
            if not self._closing_allowed and self.documents.worth_asking:
                event.ignore()
                self.documents.ask_first(self.close_now)
                return
            if not self.look.presenter:
                self.settings.set_geometry(bytes(self.saveGeometry().data()))
        except Exception:
            # An exception here would close the window all the same: stay open, lose nothing.
            event.ignore()
            raise
        self.session.close()
        super().closeEvent(event)
