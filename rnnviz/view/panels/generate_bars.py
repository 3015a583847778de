"""The probabilities that one token was drawn from, the drawn one outlined."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.scales import percent_text
from rnnviz.view.stage.labels import display

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent

    from rnnviz.view.look import Look

ROW, HEAD, ROWS = 20.0, 20.0, 6
LABEL, NUMBER = 84.0, 58.0


class DrawnBars(QWidget):
    """Title, then a bar for each of the most probable tokens."""

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self.look = look
        self.title = ""
        self.labels: tuple[str, ...] = ()
        self.shares: tuple[float, ...] = ()
        self.drawn = -1
        self._turn = Turn(self, self.update, weight=PANEL)
        self.setAccessibleName("Probabilities of the chosen token")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setToolTip(
            "The most probable tokens of the distribution that this one was drawn from; the drawn one is outlined.\n"
            "A low temperature sharpens it, a high one flattens it. p = softmax(z_t / T)"
        )
        look.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Head and all rows, so that nothing moves while tokens come."""
        return QSize(self.look.ipx(220), self.look.ipx(HEAD + ROW * ROWS))

    def show_row(self, title: str, labels: Sequence[str], shares: Sequence[float], drawn: int) -> None:
        """Another token's distribution; ``drawn`` is the row that was drawn."""
        self.title, self.labels, self.shares, self.drawn = title, tuple(labels), tuple(shares), drawn
        said = (f"{display(name)} {percent_text(share)}" for name, share in zip(labels, shares, strict=True))
        self.setAccessibleDescription(f"{title}: {', '.join(said)}")
        self._turn.ask()

    def row_rect(self, row: int) -> QRectF:
        """One row."""
        px = self.look.px
        return QRectF(0, px(HEAD + ROW * row), self.width(), px(ROW)).adjusted(1, px(1), -1, -px(1))

    def bar_rect(self, row: int, share: float) -> QRectF:
        """The bar of a row."""
        rect, px = self.row_rect(row), self.look.px
        room = max(1.0, rect.width() - px(LABEL + NUMBER + 8))
        return QRectF(rect.left() + px(LABEL), rect.top() + px(4), room * share, rect.height() - px(8))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Labels, wells, bars, percents."""
        del event
        look, theme, px = self.look, self.look.theme, self.look.px
        with self._turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setFont(look.font("small"))
            painter.setPen(theme.ink2)
            title = painter.fontMetrics().elidedText(self.title, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(QPointF(0, px(13)), title)
            for row, (name, share) in enumerate(zip(self.labels, self.shares, strict=True)):
                self._paint_row(painter, row, display(name), share)

    def _paint_row(self, painter: QPainter, row: int, name: str, share: float) -> None:
        look, theme, px = self.look, self.look.theme, self.look.px
        rect = self.row_rect(row)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.fillRect(self.bar_rect(row, 1.0), theme.raised)
        painter.fillRect(self.bar_rect(row, share), theme.prob)
        painter.setFont(look.font("live"))
        painter.setPen(theme.ink)
        room = rect.adjusted(px(8), 0, 0, 0)
        room.setWidth(px(LABEL - 14))
        words = painter.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, round(room.width()))
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | middle, words)
        painter.setFont(look.font("number"))
        painter.drawText(rect.adjusted(0, 0, -px(6), 0), Qt.AlignmentFlag.AlignRight | middle, percent_text(share))
        if row == self.drawn:
            painter.setPen(QPen(theme.ink, px(1.6)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect, px(4), px(4))
