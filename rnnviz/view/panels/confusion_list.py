"""The most confused pairs of labels, and the sequences of a chosen pair: rows to click on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.engine.tasks.reading import has_gaps
from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.scales import percent_text
from rnnviz.view.stage.labels import display

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent, QPaintEvent

    from rnnviz.service.messages import ConfusionCounted, ConfusionCounts, ConfusionExample
    from rnnviz.view.look import Look

HEAD, ROW, COUNT = 20.0, 20.0, 74.0
CLOSING = frozenset(".,;:!?…")
"""Marks that stand right behind a word."""


class Rows(QWidget):
    """A heading and painted rows; a click, or arrows, choose one, Enter or a double click does what it offers."""

    chosen = Signal(int)
    taken = Signal(int)

    def __init__(self, *, look: Look, name: str, tip: str) -> None:
        super().__init__()
        self.look, self.current = look, -1
        self._turn = Turn(self, self.update, weight=PANEL)
        self.setAccessibleName(name)
        self.setToolTip(tip)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.updateGeometry)

    @property
    def count(self) -> int:
        """How many rows there are."""
        return 0

    def told(self, current: int) -> None:
        """Other rows, or another chosen one."""
        self.current = current
        self.setAccessibleDescription(self.words(current) if 0 <= current < self.count else f"{self.count} rows")
        self.updateGeometry()
        self._turn.ask()

    def words(self, row: int) -> str:
        """One row in words."""
        raise NotImplementedError

    def sizeHint(self) -> QSize:
        """Heading and rows."""
        return QSize(self.look.ipx(220), self.look.ipx(HEAD + ROW * self.count + 4))

    def row_rect(self, row: int) -> QRectF:
        """One row."""
        return QRectF(0, self.look.px(HEAD + ROW * row), self.width(), self.look.px(ROW))

    def _row_at(self, y: float) -> int:
        row = int((y - self.look.px(HEAD)) // self.look.px(ROW))
        return row if 0 <= row < self.count else -1

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose a row."""
        row = self._row_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and row >= 0:
            self.chosen.emit(row)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take it."""
        row = self._row_at(event.position().y())
        if row >= 0:
            self.taken.emit(row)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Up and down choose, Enter takes."""
        step = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(Qt.Key(event.key()), 0)
        if step and self.count:
            self.chosen.emit(min(self.count - 1, max(0, self.current + step)))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and 0 <= self.current < self.count:
            self.taken.emit(self.current)
        else:
            super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keys go."""
        super().focusInEvent(event)
        self._turn.ask()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Heading, rows, the chosen one."""
        del event
        with self._turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint_head(painter)
            for row in range(self.count):
                rect = self.row_rect(row)
                if row == self.current:
                    painter.setPen(Qt.PenStyle.NoPen)
                    painter.setBrush(self.look.theme.raised)
                    painter.drawRoundedRect(rect, self.look.px(4), self.look.px(4))
                self.paint_row(painter, row, rect.adjusted(self.look.px(4), 0, -self.look.px(4), 0))
            if self.hasFocus():
                painter.setPen(QPen(self.look.theme.ink, self.look.px(1.2)))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                box = QRectF(self.rect()).adjusted(0.6, 0.6, -0.6, -0.6)
                painter.drawRoundedRect(box, self.look.px(4), self.look.px(4))

    def paint_head(self, painter: QPainter) -> None:
        """The heading."""
        raise NotImplementedError

    def paint_row(self, painter: QPainter, row: int, rect: QRectF) -> None:
        """One row."""
        raise NotImplementedError


class ConfusedPairs(Rows):
    """Wanted and answered label, how often on both kinds of sequences."""

    def __init__(self, *, look: Look) -> None:
        super().__init__(
            look=look,
            name="Most confused labels",
            tip="The pairs that occur most often where the answer is wrong, on held-out and on training sequences.\n"
            "Click one for its sequences. The share is of all steps where the first label was wanted.",
        )
        self.found: ConfusionCounted | None = None
        self.shown = 0

    @property
    def count(self) -> int:
        """Pairs on show."""
        return min(self.shown, len(self.found.wanted)) if self.found is not None else 0

    def show_found(self, found: ConfusionCounted | None, most: int) -> None:
        """The ``most`` first pairs."""
        self.found, self.shown = found, most
        self.told(next((row for row in range(self.count) if found is not None and self.pair(row) == found.cell), -1))

    def pair(self, row: int) -> tuple[int, int]:
        """The classes of a row."""
        assert self.found is not None
        return int(self.found.wanted[row]), int(self.found.answered[row])

    def words(self, row: int) -> str:
        """The pair with its numbers."""
        found = self.found
        if found is None:
            return ""
        wanted, answered = (display(found.labels[each]) for each in self.pair(row))
        sides = [("training", found.training)] if found.held_out is None else [
            ("held out", found.held_out), ("training", found.training)
        ]  # fmt: skip
        numbers = ", ".join(f"{name} {counts_words(counts, row)}" for name, counts in sides)
        return f"“{wanted}” wanted, “{answered}” answered: {numbers}"

    def paint_head(self, painter: QPainter) -> None:
        """What the columns are."""
        look, theme = self.look, self.look.theme
        painter.setFont(look.font("small"))
        painter.setPen(theme.ink2)
        rect = QRectF(look.px(4), 0, self.width() - look.px(8), look.px(HEAD - 3))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(rect, middle | Qt.AlignmentFlag.AlignLeft, "wanted → answered")
        painter.drawText(rect, middle | Qt.AlignmentFlag.AlignRight, "training")
        if self.found is not None and self.found.held_out is not None:
            left = rect.adjusted(0, 0, -look.px(COUNT), 0)
            painter.drawText(left, middle | Qt.AlignmentFlag.AlignRight, "held out")

    def paint_row(self, painter: QPainter, row: int, rect: QRectF) -> None:
        """Names at the left, numbers at the right."""
        found, look, theme = self.found, self.look, self.look.theme
        if found is None:
            return
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.setFont(look.font("small"))
        painter.setPen(theme.ink)
        painter.drawText(rect, middle | Qt.AlignmentFlag.AlignRight, counts_words(found.training, row))
        room = rect.adjusted(0, 0, -look.px(COUNT), 0)
        if found.held_out is not None:
            painter.drawText(room, middle | Qt.AlignmentFlag.AlignRight, counts_words(found.held_out, row))
            room = room.adjusted(0, 0, -look.px(COUNT), 0)
        painter.setFont(look.font("number"))
        names = " → ".join(display(found.labels[each]) for each in self.pair(row))
        shown = painter.fontMetrics().elidedText(names, Qt.TextElideMode.ElideMiddle, round(room.width()))
        painter.drawText(room, middle | Qt.AlignmentFlag.AlignLeft, shown)


def counts_words(counts: ConfusionCounts, row: int) -> str:
    """A pair's count, and its share where its label was wanted at all."""
    count, total = int(counts.pairs[row]), int(counts.pair_totals[row])
    return f"{count}, {percent_text(count / total)}" if total else "–"


class ConfusionExamples(Rows):
    """Sequences in which it happened, the step in question in ink."""

    def __init__(self, *, look: Look) -> None:
        super().__init__(
            look=look,
            name="Sequences of the chosen cell",
            tip="Sequences in which this answer came for this label; the step in question is underlined.\n"
            "Click one to choose it, double-click or press Enter to put it into the text.",
        )
        self.title = ""
        self.task = ""
        self.examples: list[ConfusionExample] = []

    @property
    def count(self) -> int:
        """Sequences on show."""
        return len(self.examples)

    def show_found(self, found: ConfusionCounted | None, title: str) -> None:
        """Other sequences; the chosen one stays chosen while it is there."""
        texts = [each.text for each in self.examples]
        before = texts[self.current] if 0 <= self.current < len(texts) else None
        self.examples, self.title = found.examples if found is not None else [], title
        self.task = found.task if found is not None else ""
        texts = [each.text for each in self.examples]
        self.told(texts.index(before) if before in texts else 0 if texts else -1)

    def words(self, row: int) -> str:
        """The sequence and its step."""
        each = self.examples[row]
        return f"{each.text}, step {each.time_step}"

    def paint_head(self, painter: QPainter) -> None:
        """Which cell."""
        painter.setFont(self.look.font("small"))
        painter.setPen(self.look.theme.ink2)
        rect = QRectF(self.look.px(4), 0, self.width() - self.look.px(8), self.look.px(HEAD - 3))
        shown = painter.fontMetrics().elidedText(self.title, Qt.TextElideMode.ElideRight, round(rect.width()))
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)

    def paint_row(self, painter: QPainter, row: int, rect: QRectF) -> None:
        """The tokens about the step, as many as there is room for."""
        look, theme = self.look, self.look.theme
        painter.setFont(look.font("label"))
        before, here, after = around(
            self.examples[row], QFontMetricsF(look.font("label")), rect.width(), " " if has_gaps(self.task) else ""
        )
        metrics = QFontMetricsF(painter.font())
        baseline = rect.center().y() + metrics.ascent() / 2 - look.px(1.5)
        x = rect.left()
        for words, colour in ((before, theme.ink2), (here, theme.ink), (after, theme.ink2)):
            painter.setPen(colour)
            painter.drawText(QPointF(x, baseline), words)
            wide = metrics.horizontalAdvance(words)
            if words is here and words:
                painter.setPen(QPen(theme.ink, look.px(1.6)))
                painter.drawLine(QPointF(x, baseline + look.px(3)), QPointF(x + wide, baseline + look.px(3)))
            x += wide


def around(example: ConfusionExample, metrics: QFontMetricsF, width: float, gap: str) -> tuple[str, str, str]:
    """The text before, at and after the step in question; tokens far from it give way to an ellipsis."""
    tokens = [display(token) if token != " " else " " for token in example.tokens]
    spaced = ["" if token in CLOSING else gap for token in tokens]
    at = min(len(tokens), example.time_step) - 1
    first, last = at, at

    def parts() -> tuple[str, str, str]:
        before = "".join(tokens[index] + spaced[index + 1] for index in range(first, at))
        after = "".join(spaced[index] + tokens[index] for index in range(at + 1, last + 1))
        return ("… " if first else "") + before, tokens[at], after + (" …" if last + 1 < len(tokens) else "")

    while first > 0 or last + 1 < len(tokens):
        kept = first, last
        first, last = (first - 1, last) if first > 0 and (at - first <= last - at or last + 1 >= len(tokens)) else (
            first, last + 1
        )  # fmt: skip
        if metrics.horizontalAdvance("".join(parts())) > width:
            first, last = kept
            break
    return parts()
