"""The header of a track at work: which lines it says, where they stand, when they are drawn anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QTimer, Signal, Slot

from rnnviz.view import math_text
from rnnviz.view.layer_tag import LayerTag
from rnnviz.view.tracks.header import BreakpointDot, HeaderLine, SegmentSwitch, TitleButton, paint_line
from rnnviz.view.tracks.menu import TrackMenu

if TYPE_CHECKING:
    from collections.abc import Hashable

    from PySide6.QtGui import QPainter

    from rnnviz.session.breakpoints import Breakpoint
    from rnnviz.session.session import Session
    from rnnviz.view.look import Look
    from rnnviz.view.time_axis import TimeAxis
    from rnnviz.view.tracks.layers import LayerCache

NARROW_GUTTER = 190.0  # below this the header is one line (1280 x 720)
TAG_LINE = 20.0  # height of the layer's tag where it stands under the title


class TrackHeader(TrackMenu):
    """Title, lines and switch in the gutter. Subclasses say what stands there."""

    #: the user wants this breakpoint, or wants it gone
    breakpoint_wanted = Signal(object)

    look: Look
    axis: TimeAxis
    session: Session
    layers: LayerCache
    #: whether the numbers belong to one layer, which the header then names
    by_layer = True

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

    def breakpoint_condition(self) -> Breakpoint | None:
        """The breakpoint that the dot left of the title sets; None: this track has none."""
        return None

    # ---- mechanism ------------------------------------------------------------------------

    def _build_header(self) -> None:
        look = self.look
        self.title = TitleButton(look=look, title=self.entry.title, parent=self)
        self.title.clicked.connect(self.ask_collapse)
        self.switch = SegmentSwitch(look=look, name=f"{self.entry.title}: which part", parent=self)
        self.switch.chosen.connect(self.switched)
        self.tag = LayerTag(look=look, title=self.entry.title, parent=self)
        self.tag.hide()
        self.tag.chosen.connect(self.choose_layer)
        self._tag_under = False
        self.dot = BreakpointDot(look=look, parent=self)
        self.dot.hide()
        self.dot.clicked.connect(self._ask_breakpoint)
        self._breakpoints: tuple[Breakpoint, ...] | None = None
        self._header_key: Hashable = None
        # Several facts of one reply change the header once, and after the data have been drawn.
        self._header_later = QTimer(self, interval=0, singleShot=True)
        self._header_later.timeout.connect(self._follow_header)

    def _header_items(self) -> list[tuple[HeaderLine, float]]:
        """The lines that fit under the title, with their top."""
        look, narrow = self.look, self.axis.gutter < self.look.px(NARROW_GUTTER)
        top, placed = look.px(24), []
        if self._tag_under and not self.collapsed:
            top += look.px(TAG_LINE)
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

    @Slot()
    def _follow_header(self) -> None:
        """Place and draw the header anew if it says something else than before."""
        if not self.isVisible():
            return
        items = self._header_items()
        key = (self._picture_key(items), self.choices(), self.choice(), self.breakpoint_condition(),
               self.layer_names(), self.shown_layer())  # fmt: skip
        if key != self._header_key:
            self._header_key = key
            self.place_header()
            self.update(0, 0, round(self.axis.gutter), self.height())

    def place_header(self) -> None:
        """Put title and switch where they belong."""
        look = self.look
        room = round(self.axis.gutter - look.px(38))
        self.title.setVisible(not look.presenter)
        self.title.setGeometry(
            round(look.px(10)), 0, min(room, self.title.sizeHint().width() + 4), round(min(look.px(24), self.height()))
        )
        self._place_dot()
        self._place_tag()
        slot = next((top for line, top in self._header_items() if line.kind == "switch"), None)
        choices = self.choices()
        self.switch.setVisible(slot is not None and bool(choices) and not look.presenter)
        if slot is not None and choices:
            self.switch.set_choices(choices, self.choice())
            self.switch.place(look.px(28), slot + look.px(2))

    def set_breakpoints(self, breakpoints: tuple[Breakpoint, ...] | None) -> None:
        """The breakpoints that are set; None: there is no playback to stop, and no dot."""
        self._breakpoints = breakpoints
        self._place_dot()

    def _place_dot(self) -> None:
        look, condition = self.look, self.breakpoint_condition()
        shown = condition is not None and self._breakpoints is not None and not look.presenter
        self.dot.setVisible(shown)
        if shown:
            there = " or ".join(str(known) for known in self._breakpoints if same_place(known, condition))
            self.dot.describe(str(condition), there)
            self.dot.setGeometry(0, 0, round(look.px(12)), self.title.height())

    def _place_tag(self) -> None:
        """Beside the title where there is room, else under it."""
        look, names = self.look, self.layer_names()
        self._tag_under = False
        shown = self.by_layer and len(names) > 1 and not look.presenter
        if shown:
            self.tag.show_layer(self.shown_layer(), names)
            left = self.title.geometry().right() + look.px(8)
            right = self.axis.gutter - look.px(38)
            if not self.tag.place(left, look.px(3), right - left):
                roomy = not self.collapsed and self.height() >= look.px(24 + TAG_LINE)
                self._tag_under = shown = roomy and self.tag.place(look.px(28), look.px(23), right - look.px(28))
        self.tag.setVisible(shown)

    @Slot(str)
    def choose_layer(self, name: str) -> None:
        """Show the chain ``name``, here and in every view of the window."""
        self.session.select(layer=name)

    @Slot()
    def _ask_breakpoint(self) -> None:
        self.breakpoint_wanted.emit(self.breakpoint_condition())
        self._place_dot()

    def _picture_key(self, items: list[tuple[HeaderLine, float]]) -> tuple[object, ...]:
        look = self.look
        return (tuple(items), self.title_symbol(), look.theme.name, look.scale, look.presenter, self.axis.gutter,
                self.height(), self.title.width(), math_text.notation())  # fmt: skip

    def _paint_header(self, painter: QPainter) -> None:
        items, symbol = self._header_items(), self.title_symbol()
        area = QRectF(0, 0, max(1.0, round(self.axis.gutter - self.look.px(30))), self.height())
        ratio = self.devicePixelRatioF()
        key = (*self._picture_key(items), ratio)
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


def same_place(known: Breakpoint, wanted: Breakpoint) -> bool:
    """Whether both are of one kind (and of one unit), whatever their numbers."""
    return known.kind == wanted.kind and (known.kind != "unit" or known.unit == wanted.unit)
