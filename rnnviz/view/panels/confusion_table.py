"""A confusion table as a picture: rows are wanted, columns answered, a cell's colour is its share of the row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnnviz.view.heat import draw_heat, heat_image
from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.scales import percent_text
from rnnviz.view.stage.labels import display

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent

    from rnnviz.service.messages import ConfusionCounts
    from rnnviz.view.look import Look

    Counts = NDArray[np.int64]

HEAD, AIR, LARGEST = 34.0, 6.0, 46.0
NAMES, NAMES_HIGH = 74.0, 60.0
NUMBER, BOTH = 21.0, 36.0
"""The least side of a cell with its count in it, and with its share below."""
SORTS = (
    ("listed", "labels in their order"),
    ("mistakes", "most mistakes first"),
    ("frequent", "most frequent first"),
)
TIP = (
    "Each row is a label that was wanted, each column one that was answered; what is right stands on the diagonal.\n"
    "The colour is the share of the row. Click a cell for its sequences, or use the arrow keys. n(wanted, answered)"
)


def ordered(table: Counts, sort: str) -> NDArray[np.intp]:
    """The labels in the order in which they are shown."""
    wanted = table.sum(axis=1)
    keys = {"mistakes": wanted - np.diag(table), "frequent": wanted}
    return np.argsort(-keys[sort], kind="stable") if sort in keys else np.arange(len(table))


def shares_of(table: Counts) -> NDArray[np.float64]:
    """Each count as a share of its row; 0 in the row of a label that was never wanted."""
    wanted = table.sum(axis=1, keepdims=True)
    return np.divide(table, wanted, out=np.zeros(table.shape), where=wanted > 0)


class ConfusionTable(QWidget):
    """One of the two tables; a click or the arrow keys choose a cell."""

    chosen = Signal(int, int)

    def __init__(self, *, look: Look, title: str) -> None:
        super().__init__()
        self.look, self.title = look, title
        self.labels: list[str] = []
        self.counts: ConfusionCounts | None = None
        self.order: NDArray[np.intp] = np.arange(0)
        self.cell = (-1, -1)
        self._turn = Turn(self, self.update, weight=PANEL)
        self.setAccessibleName(f"Confusion table, {title}")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.on_look)

    @Slot()
    def on_look(self) -> None:
        """Other sizes or colours."""
        self.updateGeometry()
        self._turn.ask()

    def show_counts(
        self, labels: Sequence[str], counts: ConfusionCounts, order: NDArray[np.intp], cell: tuple[int, int]
    ) -> None:
        """Other counts, another order, or another chosen cell (−1, −1: none)."""
        longer = list(labels) != self.labels
        self.labels, self.counts, self.order, self.cell = list(labels), counts, order, cell
        share = counts.right / counts.answers if counts.answers else 0.0
        self.setAccessibleDescription(f"{counts.right} of {counts.answers} right, {percent_text(share)}; {self.said()}")
        if longer:
            self.updateGeometry()
        self._turn.ask()

    def said(self) -> str:
        """The chosen cell in words."""
        return self.cell_words(*self.cell) if min(self.cell) >= 0 else "no cell is chosen"

    def cell_words(self, wanted: int, answered: int) -> str:
        """What one cell says."""
        if self.counts is None:
            return ""
        total, count = int(self.counts.table[wanted].sum()), int(self.counts.table[wanted, answered])
        share = f" ({percent_text(count / total)})" if total else ""
        names = display(self.labels[wanted]), display(self.labels[answered])
        return f"“{names[0]}” wanted, “{names[1]}” answered: {count} of {total}{share}"

    # ---- where everything is -----------------------------------------------------------------

    @property
    def side(self) -> int:
        """The side of a cell in whole pixels."""
        room = self.width() - self.names_wide() - 2
        return max(4, min(round(self.look.px(LARGEST)), int(room / max(1, len(self.labels)))))

    def names_wide(self) -> float:
        """Room for the names of the rows."""
        metrics = QFontMetricsF(self.look.font("small"))
        widest = max((metrics.horizontalAdvance(display(name)) for name in self.labels), default=0.0)
        return min(self.look.px(NAMES), widest + 2) + self.look.px(AIR)

    def _names_high(self) -> float:
        """Room above for the names of the columns: one line, or as long as they are where they stand upright."""
        metrics = QFontMetricsF(self.look.font("small"))
        widest = max((metrics.horizontalAdvance(display(name)) for name in self.labels), default=0.0)
        if widest + 2 <= self.side:
            return metrics.height()
        return min(self.look.px(NAMES_HIGH), widest + self.look.px(6))

    def sizeHint(self) -> QSize:
        """Head, names, cells."""
        cells = self.side * len(self.labels)
        return QSize(self.look.ipx(140), round(self.look.px(HEAD) + self._names_high() + cells + self.look.px(4)))

    def resizeEvent(self, event: QEvent) -> None:
        """Cells are as large as there is room."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self.updateGeometry()

    def table_rect(self) -> QRectF:
        """The cells."""
        cells = self.side * len(self.labels)
        return QRectF(round(self.names_wide()), round(self.look.px(HEAD) + self._names_high()), cells, cells)

    def cell_rect(self, wanted: int, answered: int) -> QRectF:
        """One cell, by its classes."""
        rect, side, order = self.table_rect(), self.side, self.order.tolist()
        return QRectF(
            rect.left() + side * order.index(answered), rect.top() + side * order.index(wanted), side, side
        )  # fmt: skip

    def cell_at(self, place: QPointF) -> tuple[int, int]:
        """The classes (wanted, answered) under ``place``; (−1, −1) beside the cells."""
        rect = self.table_rect()
        row, column = int((place.y() - rect.top()) // self.side), int((place.x() - rect.left()) // self.side)
        inside = 0 <= row < len(self.order) and 0 <= column < len(self.order)
        return (int(self.order[row]), int(self.order[column])) if inside else (-1, -1)

    # ---- choosing ----------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the cell under the pointer."""
        cell = self.cell_at(event.position())
        if event.button() == Qt.MouseButton.LeftButton and min(cell) >= 0:
            self.chosen.emit(*cell)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrows go from cell to cell."""
        key = Qt.Key(event.key())
        moves = {Qt.Key.Key_Up: (-1, 0), Qt.Key.Key_Down: (1, 0), Qt.Key.Key_Left: (0, -1), Qt.Key.Key_Right: (0, 1)}
        if key not in moves or not len(self.order):
            super().keyPressEvent(event)
            return
        order, last = self.order.tolist(), len(self.order) - 1
        places = [order.index(each) if each in order else 0 for each in self.cell]
        row, column = (min(last, max(0, at + by)) for at, by in zip(places, moves[key], strict=True))
        self.chosen.emit(order[row], order[column])

    def event(self, event: QEvent) -> bool:
        """The tip says what is under the pointer."""
        if event.type() == QEvent.Type.ToolTip:
            place = event.pos()  # type: ignore[attr-defined]
            cell = self.cell_at(QPointF(place))
            words = self.cell_words(*cell) if min(cell) >= 0 else TIP
            QToolTip.showText(event.globalPos(), words, self)  # type: ignore[attr-defined]
            return True
        return super().event(event)

    # ---- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Head, names, cells, the chosen one."""
        del event
        with self._turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if self.counts is None:
                return
            self._paint_head(painter, self.counts)
            self._paint_names(painter)
            self._paint_cells(painter, self.counts.table)
            self._paint_marks(painter)

    def _paint_head(self, painter: QPainter, counts: ConfusionCounts) -> None:
        look, px = self.look, self.look.px
        painter.setFont(look.font("small"))
        painter.setPen(look.theme.ink2)
        painter.drawText(QPointF(0, px(12)), self.title)
        share = counts.right / counts.answers if counts.answers else 0.0
        painter.setPen(look.theme.ink)
        painter.drawText(QPointF(0, px(27)), f"{percent_text(share)} right, {counts.right} of {counts.answers}")

    def _paint_names(self, painter: QPainter) -> None:
        look, rect, side = self.look, self.table_rect(), self.side
        painter.setFont(look.font("small"))
        metrics = painter.fontMetrics()
        high = self._names_high()
        upright = high > metrics.height() + 1
        for place, label in enumerate(self.order.tolist()):
            strong = [label == chosen for chosen in self.cell]
            name = display(self.labels[label])
            if side >= metrics.height() - 3:
                painter.setPen(look.theme.ink if strong[0] else look.theme.ink2)
                room = QRectF(0, rect.top() + side * place, rect.left() - look.px(AIR), side)
                self._words(painter, room, name, Qt.AlignmentFlag.AlignRight)
            painter.setPen(look.theme.ink if strong[1] else look.theme.ink2)
            middle = rect.left() + side * (place + 0.5)
            if not upright:
                room = QRectF(middle - side / 2, rect.top() - high, side, high)
                self._words(painter, room, name, Qt.AlignmentFlag.AlignHCenter)
            elif side >= metrics.height() - 3:
                painter.save()
                painter.translate(middle, rect.top() - look.px(3))
                painter.rotate(-90)
                self._words(painter, QRectF(0, -side / 2, high - look.px(3), side), name, Qt.AlignmentFlag.AlignLeft)
                painter.restore()

    @staticmethod
    def _words(painter: QPainter, room: QRectF, words: str, flag: Qt.AlignmentFlag) -> None:
        shown = painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, round(room.width() + 1))
        painter.drawText(room, flag | Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextDontClip, shown)

    def _paint_cells(self, painter: QPainter, table: Counts) -> None:
        look, rect, side = self.look, self.table_rect(), self.side
        colours = np.asarray(look.lut("unit"))
        shown = table[np.ix_(self.order, self.order)]
        shares = shares_of(shown)
        draw_heat(painter, rect, heat_image(shares, colours, 0.0, 1.0))
        if side < look.px(NUMBER):
            return
        both = side >= look.px(BOTH)
        for row, column in np.argwhere(shown).tolist():
            cell = QRectF(rect.left() + side * column, rect.top() + side * row, side, side)
            ground = QColor.fromRgb(int(colours[round(float(shares[row, column]) * 254)]))
            painter.setPen(look.readable_on(ground))
            painter.setFont(look.font("small"))
            count = str(shown[row, column])
            if not both:
                painter.drawText(cell, Qt.AlignmentFlag.AlignCenter, count)
                continue
            upper, lower = cell.adjusted(0, side * 0.1, 0, -side / 2), cell.adjusted(0, side / 2, 0, -side * 0.1)
            painter.drawText(upper, Qt.AlignmentFlag.AlignCenter, count)
            painter.setFont(look.font("tick"))
            painter.drawText(lower, Qt.AlignmentFlag.AlignCenter, percent_text(shares[row, column]))

    def _paint_marks(self, painter: QPainter) -> None:
        """The frame, the diagonal, the chosen cell, and where the keys go."""
        theme, px, rect, side = self.look.theme, self.look.px, self.table_rect(), self.side
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(theme.line2, 1))
        painter.drawRect(rect.adjusted(-0.5, -0.5, 0.5, 0.5))
        for place in range(len(self.order)):
            corner = rect.topLeft() + QPointF(side * place, side * place)
            painter.drawRect(QRectF(corner.x() + 0.5, corner.y() + 0.5, side - 1, side - 1))
        if min(self.cell) >= 0 and max(self.cell) < len(self.labels):
            painter.setPen(QPen(theme.ink, px(2.4)))
            painter.drawRect(self.cell_rect(*self.cell))
        if self.hasFocus():
            painter.setPen(QPen(theme.ink, px(1.2)))
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.6, 0.6, -0.6, -0.6), px(4), px(4))
