"""A row of tabs: words with a line under the chosen one, and a count where there is one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.view.controls.buttons import Button

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from rnnviz.view.look import Look

HEIGHT = 38
MARGIN = 18
LEAST_GAP = 8


class TabButton(Button):
    """One tab; ``count`` is shown in a small pill."""

    def __init__(self, *, look: Look, text: str, height: float, parent: QWidget) -> None:
        super().__init__(look=look, text=text, kind="quiet", height=height, parent=parent)
        self.setCheckable(True)
        self.count = 0
        self._small = height < HEIGHT

    def sizeHint(self) -> QSize:
        """Text, pill, no margin."""
        pill = self.look.px(26) if self.count else 0
        return QSize(round(self._text_width() + pill), self.look.ipx(self.design_height))

    def _font(self, *, checked: bool) -> QFont:
        """A chosen tab is bold, a small one is told by its line and its ink alone: bold letters would not fit."""
        return self.look.font("small" if self._small else "strong" if checked else "button")

    def _text_width(self) -> float:
        return QFontMetricsF(self._font(checked=True)).horizontalAdvance(self.text()) + 1

    def paintEvent(self, event: QPaintEvent) -> None:
        """Word, pill, line."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, px = self.look.theme, self.look.px
            on = self.isChecked() or self.hovered
            painter.setFont(self._font(checked=self.isChecked()))
            painter.setPen(theme.ink if on else theme.ink2)
            middle = self.height() / 2 + px(2)
            painter.drawText(QRectF(0, px(2), self.width(), self.height()), Qt.AlignmentFlag.AlignVCenter, self.text())
            if self.count:
                self._paint_pill(painter, middle)
            if self.isChecked():
                painter.fillRect(QRectF(0, self.height() - px(2), self._text_width(), px(2)), theme.ink)
            if self.hasFocus():
                painter.setPen(QPen(theme.ink, 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, px(6), -1, -px(5)), px(4), px(4))

    def _paint_pill(self, painter: QPainter, middle: float) -> None:
        look, px = self.look, self.look.px
        pill = QRectF(self._text_width() + px(6), middle - px(8), px(17), px(16))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.theme.raised)
        painter.drawRoundedRect(pill, px(8), px(8))
        painter.setPen(look.theme.ink2)
        painter.setFont(look.font("small"))
        painter.drawText(pill, Qt.AlignmentFlag.AlignCenter, str(self.count))


class TabRow(QWidget):
    """Tabs by key; ``chosen`` is sent when the user picks one."""

    chosen = Signal(str)

    def __init__(self, *, look: Look, height: float = HEIGHT, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look, self._design_height = look, height
        self.tabs: dict[str, TabButton] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.place)

    def add(self, key: str, title: str) -> None:
        """Add a tab at the right."""
        tab = TabButton(look=self._look, text=title, height=self._design_height, parent=self)
        tab.setProperty("tab", key)
        tab.setAccessibleName(title)
        tab.setToolTip(f"Show the page {title}.\nThe others keep what they hold.")
        tab.clicked.connect(self.on_clicked)
        tab.show()
        self.tabs[key] = tab
        self.place()

    def set_current(self, key: str) -> None:
        """Show ``key`` as chosen."""
        for name, tab in self.tabs.items():
            tab.setChecked(name == key)

    def set_count(self, key: str, count: int) -> None:
        """Show a number behind the title."""
        if key in self.tabs and self.tabs[key].count != count:
            self.tabs[key].count = count
            self.place()
            self.tabs[key].update()

    @Slot()
    def on_clicked(self) -> None:
        """A tab was picked."""
        key = self.sender().property("tab")
        self.set_current(key)
        self.chosen.emit(key)

    def sizeHint(self) -> QSize:
        """As many lines as the words need."""
        return QSize(200, self._look.ipx(self._design_height))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Place the tabs."""
        super().resizeEvent(event)
        self.place()

    @Slot()
    def place(self) -> None:
        """From the left, 22 px apart, closer where there is less room, in a second line where there is none."""
        look, height = self._look, self._look.ipx(self._design_height)
        lines = self._lines([tab for tab in self.tabs.values() if not tab.isHidden()])
        self.setFixedHeight(height * max(1, len(lines)))
        for line, tabs in enumerate(lines):
            x = look.ipx(MARGIN)
            room = self._room - sum(tab.sizeHint().width() for tab in tabs)
            gap = min(look.ipx(22), max(look.ipx(LEAST_GAP), room // max(1, len(tabs) - 1)))
            for tab in tabs:
                width = tab.sizeHint().width()
                tab.setGeometry(x, line * height, width, height)
                x += width + gap

    @property
    def _room(self) -> int:
        return self.width() - 2 * self._look.ipx(MARGIN)

    def _lines(self, tabs: list[TabButton]) -> list[list[TabButton]]:
        lines: list[list[TabButton]] = []
        used = 0
        for tab in tabs:
            width = tab.sizeHint().width() + self._look.ipx(LEAST_GAP)
            if not lines or used + width > self._room + self._look.ipx(LEAST_GAP):
                lines.append([])
                used = 0
            lines[-1].append(tab)
            used += width
        return lines

    def paintEvent(self, event: QPaintEvent) -> None:
        """The hairline below."""
        del event
        with QPainter(self) as painter:
            painter.setPen(QPen(self._look.theme.line, 1))
            painter.drawLine(QPointF(0, self.height() - 0.5), QPointF(self.width(), self.height() - 0.5))
