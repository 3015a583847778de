"""The header of a track in the gutter: a chevron with the title, and a switch of two or three choices.

Both are real buttons, so Tab reaches them and screen readers name them; Return presses them
(Space belongs to the transport).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.view import math_text
from rnnviz.view.header_button import HeaderButton

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from rnnviz.view.look import Look


class HeaderLine(NamedTuple):
    """One line under the title. ``kind``: "text", "maths", "dot" (text after an open dot), "switch" or "legend".

    The text of a legend is not shown: it names the limits, so that the kept picture is redrawn when they change.
    """

    text: str
    kind: str = "text"
    colour: str = "ink2"


class TitleButton(HeaderButton):
    """Chevron, title and, when open, the word it collapses."""

    def __init__(self, *, look: Look, title: str, parent: QWidget) -> None:
        super().__init__(look=look, parent=parent)
        self.setText(title)
        self.setCheckable(True)
        self.setChecked(True)
        self.setAccessibleName(f"{title}: open or collapse")
        self.setToolTip(f"{title}. Click to collapse to thin rows or to open again.")

    def sizeHint(self) -> QSize:
        """Room for chevron and title."""
        metrics = QFontMetricsF(self.look.font("strong"))
        return QSize(round(self.look.px(22) + metrics.horizontalAdvance(self.text())), round(self.look.px(22)))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A chevron (down: open, right: collapsed) and the title."""
        del event
        look = self.look
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint_focus(painter, look.px(4))
            painter.setPen(QPen(look.theme.ink, 1.5, c=Qt.PenCapStyle.RoundCap, j=Qt.PenJoinStyle.RoundJoin))
            x, y, arm = look.px(6), self.height() / 2, look.px(3.2)
            shape = [(-arm, -arm / 2), (0, arm / 2), (arm, -arm / 2)] if self.isChecked() else [
                (-arm / 2, -arm), (arm / 2, 0), (-arm / 2, arm)]  # fmt: skip
            painter.drawPolyline(QPolygonF([QPointF(x + dx, y + dy) for dx, dy in shape]))
            painter.setFont(look.font("strong"))
            painter.setPen(look.theme.ink)
            target = QRectF(self.rect()).adjusted(look.px(16), 0, 0, 0)
            text = painter.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, int(target.width()))
            painter.drawText(target, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


class BreakpointDot(HeaderButton):
    """The dot left of a title: filled where playing stops, an outline under the pointer, else nothing."""

    def __init__(self, *, look: Look, parent: QWidget) -> None:
        super().__init__(look=look, parent=parent)
        self.setCheckable(True)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def describe(self, condition: str, there: str) -> None:
        """Say what a click does: set ``condition``, or remove ``there``."""
        words = f"Click to stop playing where {condition}."
        if there:
            words = f"Playing stops where {there}. Click to remove."
        if self.toolTip() != words:
            self.setToolTip(words)
            self.setAccessibleName(f"Breakpoint: {there or condition}")
        self.setChecked(bool(there))

    def paintEvent(self, event: QPaintEvent) -> None:
        """A dot of ink."""
        del event
        if not (self.isChecked() or self.underMouse() or self.hasFocus()):
            return
        look, theme = self.look, self.look.theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.ink, 1.3))
            painter.setBrush(theme.ink if self.isChecked() else Qt.BrushStyle.NoBrush)
            painter.drawEllipse(QRectF(self.rect()).center(), look.px(3.2), look.px(3.2))
            if self.ringed:
                self.paint_focus(painter, look.px(3))


class _Segment(HeaderButton):
    """One choice of a switch; the chosen one is ink with panel letters."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Letters on ink when chosen, on nothing else otherwise."""
        del event
        look, theme = self.look, self.look.theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.isChecked():
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.ink)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), look.px(4), look.px(4))
            painter.setFont(look.font("label"))
            painter.setPen(theme.panel if self.isChecked() else theme.ink2)
            painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, self.text())
            if self.ringed:
                painter.setPen(QPen(theme.panel if self.isChecked() else theme.ink, 1.2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(3, 3, -3, -3), look.px(3), look.px(3))


class SegmentSwitch(QWidget):
    """A row of choices of which one holds, such as h | c | joint."""

    chosen = Signal(str)

    def __init__(self, *, look: Look, name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self.look = look
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self._segments: list[_Segment] = []

    def set_choices(self, choices: tuple[tuple[str, str], ...], value: str) -> None:
        """Show ``choices`` (value, label) with ``value`` chosen; keeps the buttons that are there."""
        if tuple(s.objectName() for s in self._segments) != tuple(v for v, _ in choices):
            for old in self._segments:
                old.setParent(None)
                old.deleteLater()
            self._segments = [self._segment(*choice) for choice in choices]
            self._place()
        for segment, (_, label) in zip(self._segments, choices, strict=True):
            segment.setText(math_text.plain(label))
            segment.setAccessibleName(f"{self.accessibleName()}: {segment.text()}")
            segment.setChecked(segment.objectName() == value)

    def _segment(self, value: str, label: str) -> _Segment:
        segment = _Segment(look=self.look, parent=self)
        segment.setObjectName(value)
        segment.setText(label)
        segment.setCheckable(True)
        segment.clicked.connect(self._clicked)
        segment.show()
        return segment

    def sizeHint(self) -> QSize:
        """All segments side by side."""
        return QSize(sum(self._widths()), round(self.look.px(24)))

    def _widths(self) -> list[int]:
        metrics = QFontMetricsF(self.look.font("label"))
        least = self.look.px(34)
        return [round(max(least, metrics.horizontalAdvance(s.text()) + self.look.px(16))) for s in self._segments]

    def _place(self) -> None:
        x, height = 0, self.sizeHint().height()
        for segment, width in zip(self._segments, self._widths(), strict=True):
            segment.setGeometry(x, 0, width, height)
            x += width

    def place(self, x: float, y: float) -> None:
        """Put the switch at ``x``, ``y`` at its natural size."""
        hint = self.sizeHint()
        self.setGeometry(round(x), round(y), hint.width(), hint.height())
        self._place()

    @Slot()
    def _clicked(self) -> None:
        sender = self.sender()
        for segment in self._segments:
            segment.setChecked(segment is sender)
        self.chosen.emit(sender.objectName())

    def paintEvent(self, event: QPaintEvent) -> None:
        """The well behind the segments."""
        del event
        theme = self.look.theme
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(theme.line, 1))
            painter.setBrush(theme.raised)
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), self.look.px(5), self.look.px(5)
            )


def paint_line(painter: QPainter, look: Look, line: HeaderLine, x: float, baseline: float, room: float) -> None:
    """Draw one header line, elided to ``room`` px (maths is left out when it does not fit)."""
    colour = getattr(look.theme, line.colour)
    if line.kind == "maths":
        font = look.font("maths_small")
        if math_text.width(line.text, font) <= room:
            math_text.paint(painter, x, baseline, line.text, font, colour)
        return
    painter.setFont(look.font("small"))
    if line.kind == "dot":
        painter.setPen(QPen(look.theme.ink, 1.2))
        painter.setBrush(look.theme.bg)
        painter.drawEllipse(QPointF(x + look.px(4), baseline - look.px(4)), look.px(2.4), look.px(2.4))
        x, room = x + look.px(14), room - look.px(14)
    painter.setPen(colour)
    text = painter.fontMetrics().elidedText(line.text, Qt.TextElideMode.ElideRight, int(room))
    painter.drawText(QPointF(x, baseline), text)
