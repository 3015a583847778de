"""The stage: the picture of the unrolled network, and the text field that is its ruler."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer, Slot
from PySide6.QtGui import QImage, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.session.values import Direction
from rnnviz.view.cursor import paint_cursor, paint_path
from rnnviz.view.layer_names import depth, layer_mark
from rnnviz.view.marks import paint_selection
from rnnviz.view.paint_turns import STAGE, Turn
from rnnviz.view.stage import header, inside, presenter, scene, tips
from rnnviz.view.stage.animation import Motion, StepMotion
from rnnviz.view.stage.labels import Labels
from rnnviz.view.stage.layout import Mode
from rnnviz.view.stage.model import StageModel
from rnnviz.view.stage.pointer import Pointer
from rnnviz.view.stage.text_entry import TextEntry
from rnnviz.view.stage.tiles import Tiles
from rnnviz.view.stage.zoom import Zoom

if TYPE_CHECKING:
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import (
        QFocusEvent,
        QHideEvent,
        QKeyEvent,
        QMouseEvent,
        QPaintEvent,
        QResizeEvent,
        QShowEvent,
        QWheelEvent,
    )

    from rnnviz.session.playback import Playback
    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look
    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.text_area import TextArea
    from rnnviz.view.time_axis import TimeAxis

HEIGHTS = {Mode.FULL: 446, Mode.SIMPLE: 520, Mode.PRESENTER: 392}  # design px
LEAST_HEIGHT = 300
REPLY_MS = 12
_KEYBOARD_REASONS = (
    Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason,
)  # fmt: skip


class StageView(QWidget):
    """Draws what the session knows; its acts are verbs of the session."""

    def __init__(
        self, *, session: Session, playback: Playback, settings: Settings, axis: TimeAxis, look: Look
    ) -> None:  # fmt: skip
        super().__init__()
        self._session, self._playback, self._settings, self._axis, self._look = session, playback, settings, axis, look
        self._build()
        self._connect()
        self._catch_up()

    # ---- construction -----------------------------------------------------------------------

    def _build(self) -> None:
        self.setObjectName("stage")
        self.setAccessibleName("Unrolled network")
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._labels = Labels(self._look)
        self._motion = Motion(parent=self)
        self._model = StageModel(
            session=self._session, settings=self._settings, axis=self._axis, look=self._look, labels=self._labels
        )
        self._text = TextEntry(session=self._session, stage=self, model=self._model, look=self._look)
        self._zoom = Zoom(
            session=self._session, settings=self._settings, axis=self._axis, look=self._look, motion=self._motion,
            model=self._model, labels=self._labels, stage=self,
        )  # fmt: skip
        self._tiles = Tiles()
        self._pointer = Pointer(
            session=self._session, settings=self._settings, axis=self._axis, stage=self, text=self._text,
            zoom=self._zoom, model=self._model,
        )  # fmt: skip
        self._turn = Turn(self, self.update, weight=STAGE)
        self._reply_due = QTimer(self, interval=REPLY_MS, singleShot=True)
        self._by_keyboard = False
        self._steps = StepMotion(motion=self._motion, session=self._session, playback=self._playback, model=self._model)
        self._folded = self._settings.view.folded
        self._legend: QImage = header.legend_image(self._look)

    def _connect(self) -> None:
        session = self._session
        for signal in (session.run_changed, session.trace_changed, session.feeding_changed):
            signal.connect(self._catch_up)
        session.text_changed.connect(self._on_text)
        for signal in (session.selection_changed, session.loss_step_changed, session.sub_step_changed,
                       session.engine_changed, self._axis.hover_changed, self._text.changed,
                       self._axis.selection_changed, self._reply_due.timeout):  # fmt: skip
            signal.connect(self._refresh)
        session.gradients_changed.connect(self._on_gradients)
        session.lab.changed.connect(self._on_lab)
        session.detail_changed.connect(self._on_detail)
        session.training_changed.connect(self._on_training)
        self._axis.changed.connect(self._on_axis)
        session.time_step_changed.connect(self._on_time_step)
        session.direction_changed.connect(self._on_direction)
        self._settings.view_changed.connect(self._on_view)
        self._look.changed.connect(self._on_look)
        self._motion.moved.connect(self._on_motion)

    def sizeHint(self) -> QSize:
        """The height the design gives the stage; the width is the window's."""
        return QSize(self._look.ipx(900), self._look.ipx(HEIGHTS[self._model.mode]))

    def minimumSizeHint(self) -> QSize:
        """Below this rows would overlap."""
        return QSize(self._look.ipx(420), self._look.ipx(LEAST_HEIGHT))

    @property
    def text_field(self) -> QWidget:
        """The invisible field that takes the keys while the text is edited."""
        return self._text.field

    @property
    def text_area(self) -> TextArea:
        """The field of several lines in which a long text opens."""
        return self._text.area

    def set_wide(self, wide: bool) -> None:
        """Use the wide gutter, or the narrow one of a small window."""
        if wide != self._zoom.wide:
            self._zoom.wide = wide
            self._zoom.fit()

    def edit_text(self) -> None:
        """Put the keyboard into the text, caret at its end."""
        self._text.focus_at(len(self._model.tokens))

    # ---- facts ------------------------------------------------------------------------------

    @Slot()
    def _refresh(self) -> None:
        if self.isVisible() and not self._reply_due.isActive():
            self._turn.ask()

    @Slot()
    def _on_text(self) -> None:
        """A key: its numbers mostly come within a frame, and then chips and numbers are one picture."""
        self._reply_due.start()
        self._catch_up()

    @Slot()
    def _on_gradients(self) -> None:
        if self._session.direction is Direction.BACKWARD:  # the forward picture shows none
            self._refresh()

    @Slot(str)
    def _on_lab(self, topic: str) -> None:
        if topic == "movie":
            self._refresh()

    @Slot()
    def _on_detail(self) -> None:
        if self._zoom.depth > 0.0 or self._settings.view.zoom == "inside":
            self._refresh()

    @Slot()
    def _on_training(self) -> None:
        if self._model.mode is Mode.PRESENTER:  # only its title counts the training steps
            self._refresh()

    @Slot()
    def _catch_up(self) -> None:
        """Text, trace or model changed: tokens, axis and wishes follow."""
        if self._session.trace is not None and self._session.trace.text == self._session.text:
            self._reply_due.stop()
        self._text.take()
        self._zoom.fit()
        self._wish()
        self._refresh()

    @Slot()
    def _on_look(self) -> None:
        self._labels.clear()
        self._legend = header.legend_image(self._look)
        self._motion.enabled = self.isVisible() and not self._look.reduced_motion
        self.updateGeometry()
        self._zoom.fit()
        self._text.place_area()
        self._refresh()

    @Slot()
    def _on_view(self) -> None:
        if self._settings.view.folded != self._folded:
            self._folded = self._settings.view.folded
            self._motion.start("unfold")
        self._motion.enabled = self.isVisible() and not self._quiet
        self._zoom.on_view()
        self._zoom.fit()
        self._wish()
        self._refresh()

    @Slot()
    def _on_direction(self) -> None:
        self._steps.turned()
        self._wish()
        self._refresh()

    @Slot()
    def _on_time_step(self) -> None:
        self._steps.moved()
        self._zoom.follow(self._session.time_step)
        self._on_motion()
        self._describe()

    @Slot()
    def _on_axis(self) -> None:
        self._zoom.on_axis()
        self._refresh()

    @Slot()
    def _on_motion(self) -> None:
        self._axis.set_slide(self._motion.value("step") - 1.0)
        self._zoom.on_motion()
        self._refresh()

    @property
    def _quiet(self) -> bool:
        return self._look.reduced_motion or self._settings.view.reduced_motion

    def _wish(self) -> None:
        """Ask for the data that the present picture needs, and only for that."""
        visible = self.isVisible()
        backward = self._session.direction is Direction.BACKWARD
        for topic, needed in (("gradients", backward), ("detail", self._settings.view.zoom == "inside")):
            (self._session.want if visible and needed else self._session.unwant)(topic, "stage")

    # ---- painting ---------------------------------------------------------------------------

    def frame(self) -> Frame:
        """What the next paint event will draw."""
        layout = self._model.layout((float(self.width()), float(self.height())))
        unfold = self._motion.value("unfold")
        names = self._model.layer_names()
        label = f"layer {depth(layout.rows[0].name)} \u203a" if len(layout.rows) < len(names) else ""
        if label and len(layout.rows) == 1:
            label = f"layer {layer_mark(layout.rows[0].name, names)} \u203a"
        return self._model.frame(
            layout, hover=self._pointer.hover, focused=self._text.focused, caret=self._text.caret,
            selection=self._text.selection, fill=self._motion.value("step"), sweep=self._motion.value("sweep"),
            feed=self._motion.value("feed"),
            unfold=1.0 - unfold if self._folded and unfold < 1.0 else float(not self._folded) * unfold,
            stale=self._session.trace_stale, layer_label=label if layout.mode is Mode.FULL else "",
        )  # fmt: skip

    def paintEvent(self, event: QPaintEvent) -> None:
        """Background, network, cursor, header; the inside of a cell over it."""
        del event
        with self._turn, QPainter(self) as painter:
            self._paint(painter, self.frame())

    def _paint(self, painter: QPainter, frame: Frame) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), frame.theme.panel if frame.layout.mode is not Mode.FULL else frame.theme.bg)
        depth = self._zoom.depth
        if depth < 1.0:
            painter.setOpacity(1.0 - depth)
            self._paint_axis(painter, frame)
        if depth > 0.0:
            painter.setOpacity(min(1.0, 3.0 * depth))
            self._paint_inside(painter, frame, depth)
        painter.setOpacity(1.0)
        if self._by_keyboard and self.hasFocus():
            painter.setPen(QPen(frame.theme.ink, self._look.px(2)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))

    def _paint_axis(self, painter: QPainter, frame: Frame) -> None:
        full = frame.layout.mode is Mode.FULL
        self._tiles.begin(frame, self.devicePixelRatioF())
        scene.paint_steps(painter, frame, self._tiles, far=self._zoom.is_far)
        if not self._zoom.is_far:
            self._pointer.scissors.paint(painter, frame)
        if full:
            zoom, legend = self._zoom.name, self._legend
            level = frame.images.cell_level if frame.images else 0.0
            key = ("header", zoom, frame.hover.name if frame.hover.kind == "zoom" else "", level, frame.axis.gutter,
                   frame.feeds_back)  # fmt: skip
            rect = QRect(0, 0, self.width(), round(frame.layout.header * 2))
            self._tiles.picture(painter, key, rect,
                                partial(header.paint_header, frame=frame, zoom=zoom, legend=legend))  # fmt: skip
            if frame.length and frame.unfold >= 1.0:
                top = frame.layout.header + self._look.px(15)
                painter.save()
                painter.setClipRect(QRectF(frame.axis.gutter, 0, frame.layout.width, frame.layout.height))
                paint_selection(painter, self._axis, self._look, top, frame.layout.height)
                paint_path(painter, self._axis, self._look, top, frame.layout.height)
                paint_cursor(painter, self._axis, self._look, frame.time_step, top, frame.layout.height)
                painter.restore()
        elif frame.layout.mode is Mode.PRESENTER:
            presenter.paint(painter, frame, self._session)

    def _paint_inside(self, painter: QPainter, frame: Frame, depth: float) -> None:
        detail = self._session.detail
        start = frame.layout.cell(frame.axis.x_of(max(1, frame.time_step)), frame.layout.bottom_row)
        inside.paint(painter, frame, detail, layer=self._session.layer, legend=self._legend, grow=depth, start=start,
                     zoom=self._settings.view.zoom, unit_legend=header.legend_image(self._look, "unit"))  # fmt: skip

    # ---- pointer ----------------------------------------------------------------------------

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Crosshair, highlight and the number under the pointer."""
        self._pointer.move(event)

    def leaveEvent(self, event: QEvent) -> None:
        """The crosshair leaves with the pointer."""
        super().leaveEvent(event)
        self._pointer.leave()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Cursor, unit, loss, caret, zoom: by what lies under the pointer."""
        self._pointer.press(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends a selection in the text."""
        super().mouseReleaseEvent(event)
        self._text.release()
        self._pointer.release()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Double-click on a copy zooms inside, on the text selects all of it."""
        self._pointer.double(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Wheel pans the time, Ctrl and wheel zoom about the pointer."""
        delta = event.angleDelta()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self._zoom.wheel(delta.y() / 120.0, event.position().x())
        else:
            moved = delta.x() if abs(delta.x()) > abs(delta.y()) else delta.y()
            self._axis.set_scroll(self._axis.scroll - moved * 0.9)
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return starts typing; everything else is the window's."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.edit_text()
        else:
            super().keyPressEvent(event)

    # ---- widget life ------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The axis is as wide as the stage."""
        super().resizeEvent(event)
        self._zoom.fit()
        self._text.place_area()

    def showEvent(self, event: QShowEvent) -> None:
        """On screen: ask for data, allow motion."""
        super().showEvent(event)
        self._motion.enabled = not self._quiet
        self._catch_up()
        self._describe()

    def hideEvent(self, event: QHideEvent) -> None:
        """A hidden stage costs nothing."""
        super().hideEvent(event)
        self._motion.finish()
        self._motion.enabled = False
        for topic in ("gradients", "detail"):
            self._session.unwant(topic, "stage")

    def focusInEvent(self, event: QFocusEvent) -> None:
        """A ring for those who came by keyboard."""
        super().focusInEvent(event)
        self._by_keyboard = event.reason() in _KEYBOARD_REASONS
        self._refresh()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Hide the focus ring."""
        super().focusOutEvent(event)
        self._refresh()

    def _describe(self) -> None:
        self.setAccessibleDescription(tips.describe(self.frame()))
