"""What a track is: a strip on the shared time axis with a header in the gutter.

A track subclasses :class:`Track`, paints its body in layers, and registers one :class:`TrackEntry`
in ``tracks/__init__.py``. It never talks to other tracks or to panels.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRect, QRectF, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QToolTip

from rnnviz.view.cell_level import cell_level
from rnnviz.view.cursor import paint_cursor, paint_hover
from rnnviz.view.facts import chains_of, chosen_chain
from rnnviz.view.layer_names import is_reverse, whose
from rnnviz.view.marks import paint_selection
from rnnviz.view.same import Same
from rnnviz.view.tracks.layers import LayerCache
from rnnviz.view.tracks.paced import TICK_ROOM, PacedTrack

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
FROM_THE_END = "already read, from the end"
"""A chain from right to left is whole before the first output, which needs its last state."""


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


class Track(PacedTrack):
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
        self._pressed, self._dragged = 0, False
        self.layers = LayerCache()
        self._cell_limit: tuple[Unrolled | None, object, float] | None = None
        self.setObjectName(f"track-{entry.key}")
        self.setAccessibleName(entry.title)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self._build_header()
        self._build_turn()
        self._connect()

    def _connect(self) -> None:
        session, axis = self.session, self.axis
        shared = ("trace_changed", "selection_changed", "direction_changed", "run_changed")
        for signal in (self.look.changed, self.settings.view_changed):
            signal.connect(self.refresh)
        for fact in dict.fromkeys((*shared, *self.facts)):
            getattr(session, fact).connect(self._refresh_later)
        for signal in (axis.changed, axis.hover_changed, axis.selection_changed, session.time_step_changed):
            signal.connect(self.repaint_soon)

    # ---- for subclasses -------------------------------------------------------------------

    def paint_body(self, painter: QPainter, rect: QRectF) -> None:
        """Draw the data between ``rect.top()`` and ``rect.bottom()`` at the x of the axis."""

    def paint_over(self, painter: QPainter, rect: QRectF) -> None:
        """Draw words that the cursor must not cross."""

    def empty_reason(self) -> str:
        """Why there is nothing to draw, in words; '' when there is something."""
        return "" if self.session.trace is not None and self.session.length else "Nothing to show: type a text."

    def readout(self, step: int, y: float) -> str:
        """The sentence shown when the pointer rests on ``step`` at height ``y`` ('' for none)."""
        del step, y
        return ""

    def mean_text(self, rows: slice, y: float) -> str:
        """The mean over the time ``rows`` of what is drawn at height ``y``, in words ('' for none)."""
        del rows, y
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
        chosen = chosen_chain(self.session)
        return next((layer for layer in self.trace.layers if layer.name == chosen), None) if self.trace else None

    def layer_names(self) -> tuple[str, ...]:
        """The chains of the network on show, the lowest first."""
        return chains_of(self.trace)

    def shown_layer(self) -> str:
        """The chain whose numbers are drawn: the selected one, else the first."""
        return chosen_chain(self.session)

    @property
    def whose(self) -> str:
        """Words behind the number of a state where there are several chains: ", layer 2, right to left"."""
        return whose(self.shown_layer(), self.layer_names())

    @property
    def reverse(self) -> bool:
        """Whether the chain that is drawn reads the text from its end."""
        return is_reverse(self.shown_layer())

    @property
    def reached(self) -> int:
        """The step that the backward sweep has come to: a chain from the end is swept as far the other way.

        The sweep ends at step 1, and with it that of the chain from the end, wherever its own last step is.
        """
        step, length = self.session.time_step, self.session.length
        if not self.reverse:
            return step
        return length if step <= 1 else min(length, 2 * self.session.effective_loss_step - step)

    def token(self, step: int) -> str:
        """The token of 1-based ``step`` as written in tooltips."""
        tokens = self.trace.tokens if self.trace else []
        text = tokens[step - 1] if 0 < step <= len(tokens) else ""
        return {" ": "␣", "\n": "↵", "\t": "⇥"}.get(text, text)

    def data_key(self) -> Hashable:
        """What the scales hold on to: the same model and text keep their levels."""
        return (self.session.run.model, self.trace.text if self.trace else "")

    def cell_limit(self) -> float:
        """±limit of the c map, found once for a trace and a model (it sorts every number of the trace)."""
        trace, model = self.trace, self.session.run.model
        if self._cell_limit is None or self._cell_limit[0] is not trace or self._cell_limit[1] != model:
            self._cell_limit = (trace, model, cell_level(self.session))
        return self._cell_limit[2]

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
        cursor to the right. A chain from the end is whole before y_1: the first output needs its last state.
        """
        axis, step = self.axis, self.session.time_step
        if not self.backward:
            whole = self.reverse and step and not swept
            return axis.gutter, axis.width if whole else float(round(axis.left_of(step + 1)))
        if self.reverse and swept:
            return axis.gutter, float(round(axis.left_of(self.reached + 1)))
        return (float(round(axis.left_of(max(1, step)))), axis.width) if swept else (axis.gutter, axis.width)

    def draw_layer(
        self, painter: QPainter, rect: QRectF, name: str, draw: Callable[[QPainter, QRectF], None], *key: object
    ) -> None:
        """Draw the kept picture ``name``; ``key`` names the values it depends on beside axis and look."""
        axis, ratio = self.axis, self.devicePixelRatioF()
        full = (*key, axis.scroll, axis.pitch, axis.gutter, axis.length, axis.first, self.look.theme.name,
                self.look.scale, rect.height(), rect.width(), ratio)  # fmt: skip
        margin = self.look.px(TICK_ROOM) if not self.look.presenter else axis.gutter
        wide = rect.adjusted(-round(margin), -4, 0, 4)
        image = self.layers.image(name, full, wide, ratio, lambda inner, _: draw(inner, rect))
        painter.drawImage(wide.topLeft(), image)

    def draw_still(
        self, painter: QPainter, rect: QRectF, name: str, draw: Callable[[QPainter], None], *key: object
    ) -> None:
        """Draw what stays where it is while the axis scrolls: ticks, letters, grids; ``key`` names all it shows."""
        ratio = self.devicePixelRatioF()
        full = (*key, self.look.theme.name, self.look.scale, self.ground.rgba(), rect.getRect(), ratio)
        image = self.layers.image(name, full, rect, ratio, lambda inner, _: draw(inner))
        painter.drawImage(rect.topLeft(), image)

    def tick_room(self, rect: QRectF) -> QRectF:
        """The strip beside the first column in which tick labels end, on whole pixels."""
        right = max(rect.left(), body_left(self.axis))
        left = 0.0 if self.look.presenter else float(self._data_left())
        return QRectF(left, 0, max(1.0, right - left), self.height())

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

    def set_collapsed(self, collapsed: bool) -> None:
        """Draw as thin rows, or in full again."""
        self.collapsed = collapsed
        self.title.setChecked(not collapsed)
        if self.isVisible():
            self.place_header()
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Header, body, cursor: in that order, from the newest values, and only where asked."""
        left = self._data_left()
        with self._turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillRect(event.rect(), self.ground)
            if not self.look.presenter and event.rect().left() < left:
                self._paint_header(painter)
            if event.rect().right() < left:
                return
            body, reason = self.body_rect(), self.empty_reason()
            painter.save()
            if not self.look.presenter:
                painter.setClipRect(QRect(left, 0, self.width(), self.height()))
            if self.session.trace_stale:
                painter.setOpacity(STALE_OPACITY)
            if reason:
                self._paint_words(painter, body, reason)
            else:
                self.paint_body(painter, body)
            painter.restore()
            if self.say_stale and not reason:
                self._paint_words(painter, body, "Run again: the text or the model has changed.")
            painter.setClipRect(QRectF(body.left(), 0, self.width(), self.height()))
            paint_selection(painter, self.axis, self.look, 0, self.height())
            paint_hover(painter, self.axis, self.look, 0, self.height())
            paint_cursor(painter, self.axis, self.look, self.session.time_step, 0, self.height())
            if not reason:
                self.paint_over(painter, body)

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

    def showEvent(self, event: QShowEvent) -> None:
        """A track on screen asks for its data."""
        super().showEvent(event)
        for topic in self.topics:
            self.session.want(topic, self.objectName())
        self.place_header()

    def hideEvent(self, event: QHideEvent) -> None:
        """A hidden track costs nothing."""
        super().hideEvent(event)
        self.layers.clear()
        for topic in self.topics:
            self.session.unwant(topic, self.objectName())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The header moves with the size."""
        super().resizeEvent(event)
        self.place_header()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Move the shared crosshair and show the number under the pointer; a drag selects a range of steps."""
        step, y = self.axis.step_at(event.position().x()), event.position().y()
        self.axis.set_hover(step, self.path_at(step, y))
        down = event.buttons() & Qt.MouseButton.LeftButton and self._pressed and step
        if down and (step != self._pressed or self._dragged):
            self._dragged = True
            self.axis.select(self._pressed, step)
        readable = step and not self.empty_reason()
        text = "\n".join(filter(None, (self.readout(step, y), self.range_words(step, y)))) if readable else ""
        QToolTip.showText(event.globalPosition().toPoint(), text, self)

    def path_at(self, step: int, y: float) -> tuple[int, int] | None:
        """The columns between which the gradient under the pointer travels; None where it is no gradient of a pair."""
        del step, y

    def range_words(self, step: int, y: float) -> str:
        """The mean over the selected range, when the pointer is in it."""
        chosen = self.axis.selection
        if chosen is None or not chosen[0] <= step <= chosen[1] or chosen[1] > self.session.length:
            return ""
        mean = self.mean_text(slice(chosen[0] - 1, chosen[1]), y)
        return f"mean over t = {chosen[0]} to {chosen[1]}: {mean}" if mean else ""

    def leaveEvent(self, event: QEvent) -> None:
        """The crosshair leaves with the pointer."""
        super().leaveEvent(event)
        self.axis.set_hover(0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click or a drag in the body is the track's; one in the gutter is left to the stack."""
        step = self.axis.step_at(event.position().x())
        own = step and event.button() == Qt.MouseButton.LeftButton and not self.empty_reason()
        self._pressed, self._dragged = (step if own else 0), False
        if not own:
            event.ignore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Without a drag it was a click, which also ends a selected range."""
        pressed, self._pressed = self._pressed, 0
        if pressed and not self._dragged and event.button() == Qt.MouseButton.LeftButton:
            self.axis.select(0, 0)
            self.clicked(pressed, event.position().y())


def body_left(axis: TimeAxis) -> float:
    """Where the first visible column begins, on a whole pixel."""
    return float(round(max(axis.gutter, axis.left_of(1))))


def ground(look: Look, settings: Settings) -> QColor:
    """Paper in presenter mode and in the simple view, the window's ground else."""
    return look.theme.panel if look.presenter or settings.view.simple else look.theme.bg


def row_at(y: float, rect: QRectF, count: int) -> int:
    """The 0-based row under ``y`` of ``count`` equal rows in ``rect``, kept inside."""
    return max(0, min(count - 1, int((y - rect.top()) / max(1.0, rect.height()) * count)))
