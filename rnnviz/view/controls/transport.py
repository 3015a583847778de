"""The transport: first, back, play, step, last; scrubber; speed; direction. The simple view has three of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from rnnviz.engine.tasks.names import TITLES
from rnnviz.view.controls.buttons import CommandButton
from rnnviz.view.controls.direction_switch import DirectionSwitch
from rnnviz.view.controls.scrubber import Scrubber
from rnnviz.view.controls.speed import SpeedChoice
from rnnviz.view.facts import is_backward, unknown_words

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from rnnviz.session.playback import Playback
    from rnnviz.session.session import Session
    from rnnviz.view.controls.commands import CommandTable
    from rnnviz.view.layout import Arrangement
    from rnnviz.view.look import Look
    from rnnviz.view.time_axis import TimeAxis


class Transport(QWidget):
    """Bottom bar of the window."""

    def __init__(
        self, *, session: Session, playback: Playback, commands: CommandTable, axis: TimeAxis, look: Look
    ) -> None:
        super().__init__()
        self._session, self._playback, self._commands = session, playback, commands
        self._axis, self._look = axis, look
        self._arrangement: Arrangement | None = None
        self._build()
        self._connect()
        self.refresh()

    def _build(self) -> None:
        look, commands = self._look, self._commands
        self.buttons = {
            key: CommandButton(
                look=look,
                action=commands[key],
                icon=commands[key].spec.icon,
                show_text=False,
                kind="quiet",
                parent=self,
            )
            for key in ("first", "back", "step", "last")
        }
        self.play = CommandButton(
            look=look, action=commands["play"], icon="play", show_text=False, kind="round", parent=self
        )
        self.scrubber = Scrubber(session=self._session, axis=self._axis, look=look, parent=self)
        self.speed = SpeedChoice(playback=self._playback, look=look, parent=self)
        self.direction = DirectionSwitch(session=self._session, commands=commands, look=look, parent=self)

    def _connect(self) -> None:
        session = self._session
        for signal in (
            session.time_step_changed,
            session.trace_changed,
            session.direction_changed,
            session.run_changed,
            self._playback.playing_changed,
        ):
            signal.connect(self.refresh)
        self._look.changed.connect(self.place)
        self._axis.changed.connect(self.on_axis_changed)

    @Slot()
    def refresh(self) -> None:
        """Follow play state and direction."""
        token = "grad" if is_backward(self._session) else "ink"
        icon = "pause" if self._playback.playing else "play"
        if (self.play.paint_token, self.play.icon_name) != (token, icon):
            self.play.paint_token, self.play.icon_name = token, icon
            self.play.update()
        if self._arrangement is not None and self._arrangement.simple:
            self.update()

    @Slot()
    def on_axis_changed(self) -> None:
        """The gutter moves the simple view's buttons."""
        if self._arrangement is not None and self._arrangement.simple:
            self.place()

    # ---- arrangement -----------------------------------------------------------------------

    def arrange(self, arrangement: Arrangement) -> None:
        """Simple: back, play, step in the middle. Full: everything on one line."""
        self._arrangement = arrangement
        simple = arrangement.simple
        for widget in (self.buttons["first"], self.buttons["last"], self.scrubber, self.speed, self.direction):
            widget.setVisible(not simple)
        self.place()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place everything anew."""
        super().resizeEvent(event)
        self.place()

    @property
    def _middle(self) -> QPointF:
        """The centre of the play button in the simple view: below the third column, where "hello" has its middle."""
        return QPointF(self._axis.gutter + self._look.px(375), self._look.px(56))

    @Slot()
    def place(self) -> None:
        """Positions from the two drawings."""
        if self._arrangement is None:
            return
        self.setFixedHeight(self._look.ipx(self._arrangement.transport_height))
        if self._arrangement.simple:
            self._place_simple()
        else:
            self._place_full()

    def _centre(self, widget: QWidget, x: float, y: float, size: float) -> None:
        side = self._look.ipx(size)
        widget.setGeometry(round(x - side / 2), round(y - side / 2), side, side)

    def _place_simple(self) -> None:
        middle, px = self._middle, self._look.px
        self._centre(self.play, middle.x(), middle.y(), 60)
        self._centre(self.buttons["back"], middle.x() - px(70), middle.y(), 40)
        self._centre(self.buttons["step"], middle.x() + px(70), middle.y(), 40)

    def _place_full(self) -> None:
        px, y = self._look.px, self.height() / 2
        roomy = self._arrangement is not None and self._arrangement.roomy
        places = (33, 71, 110, 150, 187) if roomy else (20, 46, 77, 108, 134)
        for key, x in zip(("first", "back", "step", "last"), (places[0], places[1], places[3], places[4]), strict=True):
            self._centre(self.buttons[key], px(x), y, 32 if roomy else 26)
        self._centre(self.play, px(places[2]), y, 40 if roomy else 34)
        right = self.width() - self._look.ipx(16)
        switch, speed = self.direction.sizeHint(), self.speed.sizeHint()
        self.direction.setGeometry(
            right - switch.width(), round(y - switch.height() / 2), switch.width(), switch.height()
        )
        left = right - switch.width() - self._look.ipx(12) - speed.width()
        self.speed.setGeometry(left, round(y - speed.height() / 2), speed.width(), speed.height())
        start = round(px(places[4] + 18))
        self.scrubber.setGeometry(start, 0, max(40, left - self._look.ipx(8) - start), self.height())

    # ---- painting --------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paper and a hairline; in the simple view the captions."""
        del event
        with QPainter(self) as painter:
            theme = self._look.theme
            painter.fillRect(self.rect(), theme.panel)
            if self._arrangement is not None and self._arrangement.simple:
                self._paint_captions(painter)
                return
            painter.setPen(QPen(theme.line, 1))
            painter.drawLine(QPointF(0, 0.5), QPointF(self.width(), 0.5))

    def _paint_captions(self, painter: QPainter) -> None:
        look, middle, px = self._look, self._middle, self._look.px
        painter.setFont(look.font("caption"))
        painter.setPen(look.theme.ink2)
        height = px(24)
        left = QRectF(0, middle.y() - height / 2, middle.x() - px(110), height)
        painter.drawText(left, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, "Space plays, arrows step")
        right = QRectF(middle.x() + px(110), left.top(), px(400), height)
        name = self._session.run.task.name
        caption = f"Task: {TITLES.get(name, name)}"
        painter.drawText(right, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, caption)
        below = QRectF(middle.x() - px(200), middle.y() + px(38), px(400), height)
        painter.setFont(look.font("caption_strong"))
        painter.drawText(below, Qt.AlignmentFlag.AlignCenter, self._caption())

    def _caption(self) -> str:
        session = self._session
        if not session.length:
            return "" if session.text.strip() else "type something"
        return f"step {session.time_step} of {session.length}{unknown_words(session)}"
