"""Teacher forcing | own outputs: the switch in the head of the stage, and the legend of its arrows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QLineF, QObject, QPointF, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from rnnviz.view import math_text
from rnnviz.view.controls.buttons import Button
from rnnviz.view.stage.header import feeding_rect

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPaintEvent, QResizeEvent

    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look
    from rnnviz.view.stage.stage_view import StageView
    from rnnviz.view.time_axis import TimeAxis

CHOICES = ((False, "teacher forcing"), (True, "own outputs"))
SAMPLE = 21.0  # design px of the small arrow before the words
TIPS = {
    False: "A step reads the wanted output of the step before, whatever the network has answered.\n"
    "So it is trained; where the text wants nothing the network reads its own outputs all the same.\n"
    "{x} = the wanted {y}",
    True: "A step reads what the network itself has answered at the step before.\n"
    "So it is used; one wrong answer leads to the next. A text of characters or words goes on by itself.\n"
    "{x} ∼ softmax(z / T)",
}


NOTHING_WANTED = (
    "This text wants no output, so the network reads its own.\nWrite what is wanted behind the label or an arrow."
)


class FeedingButton(Button):
    """A segment with the arrow that it stands for."""

    def __init__(self, *, look: Look, text: str, own: bool, parent: QWidget) -> None:
        super().__init__(look=look, text=text, kind="segment", parent=parent)
        self.own = own
        self.font_role = "label"
        self.setCheckable(True)
        self.setAccessibleName(f"Outputs fed back: {text}")

    def _paint_content(self, painter: QPainter, rect: QRectF, ink: QColor) -> None:
        px = self.look.px
        words = QFontMetricsF(self.look.font(self.font_role)).horizontalAdvance(self.text())
        sample = px(SAMPLE) if words + px(SAMPLE + 10) <= rect.width() else 0.0
        x, y = rect.center().x() - (words + sample) / 2, rect.center().y()
        if sample:
            self._paint_sample(painter, x, y, ink)
        painter.setFont(self.look.font(self.font_role))
        painter.setPen(ink)
        room = QRectF(x + sample, rect.top(), rect.right() - x - sample, rect.height())
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())

    def _paint_sample(self, painter: QPainter, x: float, y: float, ink: QColor) -> None:
        px = self.look.px
        pen = QPen(ink, px(1.5))
        if not self.own:
            pen.setDashPattern([2.2, 1.6])
        painter.setPen(pen)
        painter.drawLine(QLineF(x, y, x + px(9.5), y))
        painter.setPen(QPen(ink, px(1.1)))
        painter.setBrush(ink if self.own else Qt.BrushStyle.NoBrush)
        tip = QPointF(x + px(16), y)
        painter.drawPolygon(QPolygonF([tip, tip + QPointF(-px(6), -px(3.6)), tip + QPointF(-px(6), px(3.6))]))


class FeedingSwitch(QWidget):
    """Two segments over the stage, where the outputs of the task can be read as its inputs."""

    def __init__(
        self, *, session: Session, settings: Settings, look: Look, axis: TimeAxis, stage: StageView
    ) -> None:  # fmt: skip
        super().__init__(stage)
        self._session, self._settings, self._axis, self._look, self._stage = session, settings, axis, look, stage
        self._where: tuple[float, ...] = ()
        self.setObjectName("feeding-switch")
        self.setAccessibleName("Outputs fed back")
        self.buttons = {own: FeedingButton(look=look, text=text, own=own, parent=self) for own, text in CHOICES}
        for button in self.buttons.values():
            button.clicked.connect(self.on_clicked)
        for signal in (session.feeding_changed, session.run_changed, session.trace_changed, settings.view_changed):
            signal.connect(self.refresh)
        axis.changed.connect(self.on_axis)
        look.changed.connect(self.on_look)
        stage.installEventFilter(self)
        self.refresh()

    @property
    def _own_now(self) -> bool:
        """Whether own outputs are read: by choice, or because the text on show wants none."""
        trace = self._session.trace
        return self._session.feeding.own or (trace is not None and trace.own and trace.text == self._session.text)

    @property
    def _obstacle(self) -> str:
        """Why own outputs are chosen and yet not read, as for a network that also reads from the end."""
        trace, session = self._session.trace, self._session
        if trace is None or not trace.tokens or trace.own or not session.feeding.own or trace.text != session.text:
            return ""
        return trace.notes[-1] if trace.notes else ""

    @Slot()
    def on_clicked(self) -> None:
        """Say what was picked; what is shown follows the facts."""
        picked = self.sender()
        self._session.set_feeding(own=isinstance(picked, FeedingButton) and picked.own)
        self.refresh()

    @property
    def _place(self) -> tuple[float, ...]:
        """What the place in the head line depends on."""
        return self._axis.gutter, self._stage.width(), self._look.scale

    @Slot()
    def on_axis(self) -> None:
        """Another gutter; the axis also says that it scrolls."""
        if self._place != self._where:
            self.refresh()

    @Slot()
    def on_look(self) -> None:
        """Other fonts, sizes or colours."""
        self._where = ()
        self.refresh()
        self.update()

    @Slot()
    def refresh(self) -> None:
        """Which segment is on, and where the switch stands; only in the full view, where the head line is drawn."""
        session, view, look = self._session, self._settings.view, self._look
        task = session.task
        shown = task is not None and task.feeds_back and not (view.simple or look.presenter or view.zoom == "inside")
        self.setVisible(shown)
        if not shown:
            return
        names = {"x": math_text.plain("x_{t+1}"), "y": math_text.plain("y_t")}
        forced, own_now = session.feeding.own, self._own_now
        for own, button in self.buttons.items():
            button.setChecked(own == own_now)
            button.setEnabled(own or forced or not own_now)
            tip = TIPS[own].format(**names) if button.isEnabled() else NOTHING_WANTED
            button.setToolTip(f"{self._obstacle}\n{tip}" if own and self._obstacle else tip)
        if self._place != self._where:
            self._where = self._place
            place = feeding_rect(self._stage.frame())
            self.setGeometry(round(place.left()), round(place.top()), round(place.width()), round(place.height()))

    def sizeHint(self) -> QSize:
        """The place in the head line."""
        return feeding_rect(self._stage.frame()).size().toSize()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The words are of one length, more or less: the first is the longer one."""
        super().resizeEvent(event)
        inset = self._look.ipx(2)
        room, height = self.width() - 2 * inset, self.height() - 2 * inset
        first = round(room * 0.53)
        self.buttons[False].setGeometry(inset, inset, first - 1, height)
        self.buttons[True].setGeometry(inset + first, inset, room - first, height)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The stage's width decides the place."""
        if event.type() in (QEvent.Type.Resize, QEvent.Type.Show):
            self.refresh()
        return super().eventFilter(watched, event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The well."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme = self._look.theme
            painter.setPen(QPen(theme.line2 if theme.name == "contrast" else theme.line, 1))
            painter.setBrush(theme.raised)
            radius = self._look.px(7)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
