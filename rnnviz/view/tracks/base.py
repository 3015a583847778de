"""What a track is: a strip on the shared time axis with a header in the gutter.

A track subclasses :class:`Track`, paints its body in layers, and registers one :class:`TrackEntry`
in ``tracks/__init__.py``. It never talks to other tracks or to panels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, Qt, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QToolTip

from rnnviz.view.cursor import paint_cursor, paint_hover
from rnnviz.view.tracks.header import HeaderLine, SegmentSwitch, TitleButton, paint_line
from rnnviz.view.tracks.layers import LayerCache, Same
from rnnviz.view.tracks.menu import TrackMenu

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from PySide6.QtGui import QColor, QHideEvent, QMouseEvent, QPaintEvent, QResizeEvent, QShowEvent

    from rnnviz.service.messages import LayerArrays, Unrolled
    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look
    from rnnviz.view.time_axis import TimeAxis

STALE_OPACITY = 0.4
GHOST_OPACITY = 0.22
NARROW_GUTTER = 190.0  # below this the header is one line (1280 x 720)


@dataclass(frozen=True)
class TrackEntry:
    """One line of the registry. ``opens_with``: the use that opens it first ("train", "backward", "" = from More)."""

    key: str
    title: str
    shortcut: str
    icon: str
    factory: Callable[..., Track]
    default_height: int = 96
    minimum_height: int = 40
    opens_with: str = ""


class Track(TrackMenu):
    """Base of all tracks. Subclasses set ``topics`` and implement ``header_lines`` and ``paint_body``.

    ``collapsed`` tracks are drawn a few rows high (``collapsed_height``), never gone without trace.
    """

    #: session topics this track needs while visible: "gradients", "credit", "detail", "history"
    topics: tuple[str, ...] = ()
    #: further facts of the session that change this track
    facts: tuple[str, ...] = ()
    collapsed_height = 22

    def __init__(self, *, entry: TrackEntry, session: Session, axis: TimeAxis, look: Look, settings: Settings) -> None:
        super().__init__()
        self.entry, self.session, self.axis, self.look, self.settings = entry, session, axis, look, settings
        self.collapsed = False
        self.say_stale = False
        self.layers = LayerCache()
        self.setObjectName(f"track-{entry.key}")
        self.setAccessibleName(entry.title)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.title = TitleButton(look=look, title=entry.title, parent=self)
        self.title.clicked.connect(self.ask_collapse)
        self.switch = SegmentSwitch(look=look, name=f"{entry.title}: which part", parent=self)
        self.switch.chosen.connect(self.switched)
        self._connect()

    def _connect(self) -> None:
        session, axis = self.session, self.axis
        shared = ("trace_changed", "selection_changed", "direction_changed", "run_changed")
        for signal in (axis.changed, self.look.changed, self.settings.view_changed):
            signal.connect(self.refresh)
        for fact in dict.fromkeys((*shared, *self.facts)):
            getattr(session, fact).connect(self.refresh)
        for signal in (axis.hover_changed, session.time_step_changed):
            signal.connect(self.repaint_soon)

    # ---- for subclasses -------------------------------------------------------------------

    def header_lines(self) -> tuple[HeaderLine | str, ...]:
        """Small lines under the title; the first line that does not fit is left out."""
        return ()

    def collapsed_lines(self) -> tuple[HeaderLine | str, ...]:
        """What the header says of the collapsed track, beside its title."""
        return ()

    def title_symbol(self) -> str:
        """Maths beside the title, such as ``C_t``; '' for none."""
        return ""

    def choices(self) -> tuple[tuple[str, str], ...]:
        """The choices (value, label) of the switch in the header; none: no switch."""
        return ()

    def choice(self) -> str:
        """The choice in force."""
        return ""

    @Slot(str)
    def switched(self, value: str) -> None:
        """The user picked ``value`` in the header."""

    def paint_legend(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the legend where ``header_lines`` has a line of kind "legend"."""

    def paint_body(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the data between ``rect.top()`` and ``rect.bottom()`` at the x of the axis."""

    def empty_reason(self) -> str:
        """Why there is nothing to draw, in words; '' when there is something."""
        return "" if self.session.trace is not None and self.session.length else "Nothing to show: type a text."

    def readout(self, step: int, y: float) -> str:
        """The sentence shown when the pointer rests on ``step`` at height ``y`` ('' for none)."""
        del step, y
        return ""

    def clicked(self, step: int, y: float) -> None:
        """A click on ``step``; the default puts the cursor there."""
        del y
        self.session.move_to(step)

    def description(self) -> str:
        """What is drawn, in one or two sentences, for screen readers and tooltips."""
        return self.entry.title

    # ---- tools for subclasses ---------------------------------------------------------------

    @property
    def trace(self) -> Unrolled | None:
        """The newest trace."""
        return self.session.trace

    def layer_arrays(self) -> LayerArrays | None:
        """The selected layer of the trace."""
        layers = self.trace.layers if self.trace else []
        return next((layer for layer in layers if layer.name == self.session.layer), layers[0] if layers else None)

    def token(self, step: int) -> str:
        """The token of 1-based ``step`` as written in tooltips."""
        tokens = self.trace.tokens if self.trace else []
        text = tokens[step - 1] if 0 < step <= len(tokens) else ""
        return {" ": "␣", "\n": "↵", "\t": "⇥"}.get(text, text)

    def data_key(self) -> Hashable:
        """What the scales hold on to: the same model and text keep their levels."""
        return (self.session.run.model, self.trace.text if self.trace else "")

    def body_rect(self) -> QRectF:
        """Where the body is drawn."""
        pad = self.look.px(4)
        left = round(self.axis.gutter)
        return QRectF(left, round(pad), self.width() - left, self.height() - 2 * round(pad))

    @property
    def ground(self) -> QColor:
        """The colour behind the track: that of the stage above it."""
        return ground(self.look, self.settings)

    @property
    def backward(self) -> bool:
        """True while the sweep runs from right to left."""
        return str(self.session.direction) == "backward"

    def computed(self, *, swept: bool = False) -> tuple[float, float]:
        """The x range that is computed at the cursor; the rest is a ghost.

        ``swept``: the values arise in the backward sweep, so in that direction they exist from the
        cursor to the right.
        """
        axis, step = self.axis, self.session.time_step
        if not self.backward:
            return axis.gutter, float(round(axis.left_of(step + 1)))
        return (float(round(axis.left_of(max(1, step)))), axis.width) if swept else (axis.gutter, axis.width)

    def draw_layer(
        self, painter: QPainter, rect: QRectF, name: str, draw: Callable[[QPainter, QRectF], None], *key: object
    ) -> None:
        """Draw the kept picture ``name``; ``key`` names the values it depends on beside axis and look."""
        axis, ratio = self.axis, self.devicePixelRatioF()
        full = (*key, axis.scroll, axis.pitch, axis.gutter, axis.length, axis.first, self.look.theme.name,
                self.look.scale, rect.height(), rect.width(), ratio)  # fmt: skip
        margin = self.look.px(34) if not self.look.presenter else axis.gutter
        wide = rect.adjusted(-round(margin), -4, 0, 4)
        image = self.layers.image(name, full, wide, ratio, lambda inner, _: draw(inner, rect))
        painter.drawImage(wide.topLeft(), image)

    def draw_ghosted(
        self, painter: QPainter, rect: QRectF, name: str, draw: Callable[[QPainter, QRectF], None], *key: object,
        swept: bool = False, ghost: float = GHOST_OPACITY,
    ) -> None:  # fmt: skip
        """``draw_layer``, pale where the cursor has not been yet (the last full pass)."""
        low, high = self.computed(swept=swept)
        opacity = painter.opacity()
        for start, end, share in ((rect.left(), low, ghost), (low, high, 1.0), (high, rect.right(), ghost)):
            left, right = max(rect.left(), start), min(rect.right(), end)
            if right <= left:
                continue
            painter.save()
            painter.setClipRect(QRectF(left, 0, right - left, self.height()), Qt.ClipOperation.IntersectClip)
            painter.setOpacity(opacity * share)
            self.draw_layer(painter, rect, name, draw, *key)
            painter.restore()

    def same(self, value: object) -> Same:
        """``value`` as a key part compared by identity."""
        return Same(value)

    # ---- mechanism ------------------------------------------------------------------------

    @Slot()
    def refresh(self) -> None:
        """Redraw with the newest values; a hidden track does nothing."""
        if self.isVisible():
            self._place_header()
            self.update()

    @Slot()
    def repaint_soon(self) -> None:
        """Redraw; the header does not depend on what changed."""
        if self.isVisible():
            self.update()

    def set_collapsed(self, collapsed: bool) -> None:
        """Draw as thin rows, or in full again."""
        self.collapsed = collapsed
        self.title.setChecked(not collapsed)
        self.refresh()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Header, body, cursor: in that order, from the newest values."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(self.rect(), self.ground)
            body, reason = self.body_rect(), self.empty_reason()
            painter.save()
            if not self.look.presenter:
                painter.setClipRect(QRectF(body.left() - self.look.px(34), 0, self.width(), self.height()))
            painter.setOpacity(STALE_OPACITY if self.session.trace_stale else 1.0)
            if reason:
                self._paint_words(painter, body, reason)
            else:
                self.paint_body(painter, body)
            painter.restore()
            if self.say_stale and not reason:
                self._paint_words(painter, body, "Run again: the text or the model has changed.")
            if not self.look.presenter:
                self._paint_header(painter)
            painter.setClipRect(QRectF(body.left(), 0, self.width(), self.height()))
            paint_hover(painter, self.axis, self.look, 0, self.height())
            paint_cursor(painter, self.axis, self.look, self.session.time_step, 0, self.height())

    def visible_steps(self) -> range:
        """The time steps on screen that have data: the axis may already show a longer text."""
        shown = self.axis.visible()
        return range(shown.start, min(shown.stop, self.session.length + 1))

    def _paint_words(self, painter: QPainter, body: QRectF, text: str) -> None:
        left = max(body.left(), self.axis.left_of(1)) + self.look.px(4)
        painter.setFont(self.look.font("small"))
        painter.setPen(self.look.theme.ink2)
        target = QRectF(left, body.top(), body.right() - left, body.height())
        painter.drawText(target, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextWordWrap, text)

    def _header_items(self) -> list[tuple[HeaderLine, float]]:
        """The lines that fit under the title, with their top."""
        look, narrow = self.look, self.axis.gutter < self.look.px(NARROW_GUTTER)
        top, placed = look.px(24), []
        heights = {"switch": look.px(30), "legend": look.px(28)}
        for item in self.collapsed_lines() if self.collapsed else self.header_lines():
            line = HeaderLine(item) if isinstance(item, str) else item
            if narrow and line.kind not in heights:
                continue
            height = heights.get(line.kind, look.px(16))
            if top + height > self.height() + look.px(3):
                break
            placed.append((line, top))
            top += height
        return placed

    def _place_header(self) -> None:
        look = self.look
        room = round(self.axis.gutter - look.px(38))
        self.title.setVisible(not look.presenter)
        self.title.setGeometry(
            round(look.px(10)), 0, min(room, self.title.sizeHint().width() + 4), round(min(look.px(24), self.height()))
        )
        slot = next((top for line, top in self._header_items() if line.kind == "switch"), None)
        choices = self.choices()
        self.switch.setVisible(slot is not None and bool(choices) and not look.presenter)
        if slot is not None and choices:
            self.switch.set_choices(choices, self.choice())
            self.switch.place(look.px(28), slot + look.px(2))

    def _paint_header(self, painter: QPainter) -> None:
        items, symbol = self._header_items(), self.title_symbol()
        area = QRectF(0, 0, max(1.0, round(self.axis.gutter - self.look.px(30))), self.height())
        key = (
            tuple(items),
            symbol,
            self.look.theme.name,
            self.look.scale,
            area.width(),
            area.height(),
            self.title.width(),
        )
        ratio = self.devicePixelRatioF()
        image = self.layers.image("header", key, area, ratio, lambda inner, _: self._draw_header(inner, items, symbol))
        painter.drawImage(area.topLeft(), image)

    def _draw_header(self, painter: QPainter, items: list[tuple[HeaderLine, float]], symbol: str) -> None:
        look = self.look
        x = look.px(28)
        room = self.axis.gutter - look.px(34) - x
        if symbol:
            left = self.title.geometry().right() + look.px(8)
            paint_line(painter, look, HeaderLine(symbol, "maths"), left, look.px(17), x + room - left)
        for line, top in items:
            if line.kind == "legend":
                self.paint_legend(painter, QRectF(x, top + look.px(4), min(look.px(92), room), look.px(24)))
            elif line.kind != "switch":
                paint_line(painter, look, line, x, top + look.px(12), room)

    def showEvent(self, event: QShowEvent) -> None:
        """A track on screen asks for its data."""
        super().showEvent(event)
        for topic in self.topics:
            self.session.want(topic, self.objectName())
        self._place_header()

    def hideEvent(self, event: QHideEvent) -> None:
        """A hidden track costs nothing."""
        super().hideEvent(event)
        self.layers.clear()
        for topic in self.topics:
            self.session.unwant(topic, self.objectName())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The header moves with the size."""
        super().resizeEvent(event)
        self._place_header()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the shared crosshair and show the number under the pointer."""
        step = self.axis.step_at(event.position().x())
        self.axis.set_hover(step)
        readable = step and not self.empty_reason()
        text = self.readout(step, event.position().y()) if readable else ""
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def leaveEvent(self, event: QEvent) -> None:
        """The crosshair leaves with the pointer."""
        super().leaveEvent(event)
        self.axis.set_hover(0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click in the body is the track's; one in the gutter is left to the stack."""
        step = self.axis.step_at(event.position().x())
        if step and event.button() == Qt.MouseButton.LeftButton and not self.empty_reason():
            self.clicked(step, event.position().y())
        else:
            event.ignore()


def ground(look: Look, settings: Settings) -> QColor:
    """Paper in presenter mode and in the simple view, the window's ground else."""
    return look.theme.panel if look.presenter or settings.view.simple else look.theme.bg


def row_at(y: float, rect: QRectF, count: int) -> int:
    """The 0-based row under ``y`` of ``count`` equal rows in ``rect``, kept inside."""
    return max(0, min(count - 1, int((y - rect.top()) / max(1.0, rect.height()) * count)))
