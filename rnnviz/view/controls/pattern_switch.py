"""The four usage patterns as four small diagrams: what is read, and where it is answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from rnnviz.view.controls.buttons import Button

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from rnnviz.view.look import Look

WIDTH, HEIGHT = 72.0, 66.0
BOX, PITCH, ROW = 6.5, 12.5, 13.0


@dataclass(frozen=True)
class Diagram:
    """Columns from left to right: which of them read an input, and which answer; ``switch``: the encoder's columns.

    ``fed``: columns that read the answer before them.
    """

    inputs: tuple[bool, ...]
    outputs: tuple[bool, ...]
    title: str
    words: str
    tip: str
    switch: int = 0
    fed: tuple[int, ...] = ()


_, X = False, True
DIAGRAMS = {
    "acceptor": Diagram(
        (X, X, X), (_, _, X), "Acceptor", "n → 1",
        "Reads a whole sequence and answers once, at its end.\nParity, sentiment and the year are of this kind.",
    ),
    "transducer": Diagram(
        (X, X, X), (X, X, X), "Transducer", "n → n",
        "Answers at every step.\nThe next character, word labels and series are of this kind.",
    ),
    "one-to-sequence": Diagram(
        (X, _, _), (X, X, X), "Generator", "1 → n",
        "Reads one label; every later input is the output before it.\nA text from a label is of this kind.",
        fed=(1, 2),
    ),
    "encoder-decoder": Diagram(
        (X, X, X, _), (_, _, X, X), "Encoder-decoder", "n → m",
        "Reads a whole sequence, then answers with another of its own length.\n"
        "The decoder has its own weights and reads its own outputs: translation.",
        switch=2, fed=(3,),
    ),
}  # fmt: skip


class PatternButton(Button):
    """One diagram over its name."""

    def __init__(self, *, look: Look, key: str) -> None:
        super().__init__(look=look, text=DIAGRAMS[key].words, height=HEIGHT)
        self.key, self.diagram = key, DIAGRAMS[key]
        self.font_role = "small"
        self.setCheckable(True)
        self.setAccessibleName(f"Pattern: {self.diagram.title}")
        self.setToolTip(f"{self.diagram.title}, {self.diagram.words}\n{self.diagram.tip}")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:
        """All four alike, so that a row of them fits the panel."""
        return QSize(self.look.ipx(WIDTH), self.look.ipx(HEIGHT))

    def colours(self) -> tuple[QColor, QColor | None, QColor]:
        """In force: ink, as every other chosen thing."""
        fill, border, ink = super().colours()
        theme = self.look.theme
        return (theme.ink, None, theme.panel) if self.isChecked() and self.isEnabled() else (fill, border, ink)

    def _paint_content(self, painter: QPainter, rect: QRectF, ink: QColor) -> None:
        px = self.look.px
        painter.setFont(self.look.font(self.font_role))
        painter.setPen(ink)
        words = QRectF(rect.left(), rect.bottom() - px(19), rect.width(), px(16))
        painter.drawText(words, Qt.AlignmentFlag.AlignCenter, self.text())
        paint_diagram(painter, self.diagram, QPointF(rect.center().x(), rect.top() + px(6)), px(1.1), ink)


def paint_diagram(painter: QPainter, diagram: Diagram, top: QPointF, scale: float, ink: QColor) -> None:
    """Boxes and arrows below ``top``: outputs above, cells in the middle (filled), inputs below."""
    count = len(diagram.inputs)
    left = top.x() - (count - 1) * PITCH * scale / 2
    rows = [top.y() + (BOX / 2 + ROW * index) * scale for index in range(3)]
    for column in range(count):
        x = left + column * PITCH * scale
        own = 0 < diagram.switch <= column
        _box(painter, x, rows[1], scale, ink, filled=True, diamond=own)
        if diagram.outputs[column]:
            _box(painter, x, rows[0], scale, ink)
            _arrow(painter, QLineF(x, rows[1] - BOX * scale / 2, x, rows[0] + BOX * scale / 2), scale, ink)
        if diagram.inputs[column]:
            _box(painter, x, rows[2], scale, ink)
            _arrow(painter, QLineF(x, rows[2] - BOX * scale / 2, x, rows[1] + BOX * scale / 2), scale, ink)
        if column + 1 < count:
            reach = (PITCH - BOX / 2) * scale
            _arrow(painter, QLineF(x + BOX * scale / 2, rows[1], x + reach, rows[1]), scale, ink)
        if column in diagram.fed:
            _feedback(painter, x, rows, scale, ink)


def _box(
    painter: QPainter, x: float, y: float, scale: float, ink: QColor, *, filled: bool = False, diamond: bool = False
) -> None:
    half = BOX * scale / 2
    painter.setPen(QPen(ink, 1.1 * scale))
    painter.setBrush(ink if filled else Qt.BrushStyle.NoBrush)
    if diamond:
        half *= 1.25
        painter.drawPolygon(QPolygonF([QPointF(x - half, y), QPointF(x, y - half), QPointF(x + half, y),
                                       QPointF(x, y + half)]))  # fmt: skip
    else:
        painter.drawRoundedRect(QRectF(x - half, y - half, 2 * half, 2 * half), scale, scale)


def _arrow(painter: QPainter, line: QLineF, scale: float, ink: QColor) -> None:
    painter.setPen(QPen(ink, 1.1 * scale))
    painter.drawLine(line)
    unit = line.unitVector()
    along = QPointF(unit.dx(), unit.dy())
    across = QPointF(-along.y(), along.x())
    tip = line.p2()
    painter.setBrush(ink)
    painter.setPen(Qt.PenStyle.NoPen)
    back = tip - along * 3.2 * scale
    painter.drawPolygon(QPolygonF([tip, back + across * 2.0 * scale, back - across * 2.0 * scale]))


def _feedback(painter: QPainter, x: float, rows: list[float], scale: float, ink: QColor) -> None:
    """From the output before it down to the cell, where an input would come in."""
    gap, low = x - PITCH * scale * 0.5, rows[2]
    painter.setPen(QPen(ink, 1.1 * scale, Qt.PenStyle.DotLine))
    painter.drawLine(QLineF(gap, rows[0] + BOX * scale * 0.5, gap, low))
    painter.drawLine(QLineF(gap, low, x, low))
    _arrow(painter, QLineF(x, low, x, rows[1] + BOX * scale / 2), scale, ink)


class PatternSwitch(QWidget):
    """A row of the four; ``chosen`` is sent when another one is picked."""

    chosen = Signal(str)

    def __init__(self, *, look: Look, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName("Usage pattern")
        self.buttons = {key: PatternButton(look=look, key=key) for key in DIAGRAMS}
        row = QGridLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setHorizontalSpacing(6)
        for column, button in enumerate(self.buttons.values()):
            row.addWidget(button, 0, column)
            button.clicked.connect(self.on_clicked)

    def set_current(self, key: str) -> None:
        """Show ``key`` as the one in force, without a signal."""
        for name, button in self.buttons.items():
            if button.isChecked() != (name == key):
                button.setChecked(name == key)

    @Slot()
    def on_clicked(self) -> None:
        """Say which; what is shown follows the facts."""
        picked = self.sender()
        if isinstance(picked, PatternButton):
            self.chosen.emit(picked.key)
