"""A 2 px ink line under the top bar while the engine starts, with the word for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Slot
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from rnnviz.session.session import Session
    from rnnviz.view.look import Look


class LoadingLine(QWidget):
    """Nothing moves: how far the start has come is two thirds once the engine answers, all when torch is there."""

    def __init__(self, *, session: Session, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._look = session, look
        session.engine_changed.connect(self.refresh)
        session.trace_changed.connect(self.refresh)
        look.changed.connect(self.refresh)
        self.refresh()

    @Slot()
    def refresh(self) -> None:
        """Visible until training is possible."""
        self.setVisible(not self._session.torch_ready and self._session.engine_state != "failed")
        self.update()

    def place(self, top: int, width: int) -> None:
        """Lie right under the top bar."""
        self.setGeometry(0, top, width, self._look.ipx(20))
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Line and word."""
        del event
        with QPainter(self) as painter:
            theme, look = self._look.theme, self._look
            share = 0.66 if self._session.trace is not None else 0.25
            painter.fillRect(QRectF(0, 0, self.width() * share, look.px(2)), theme.ink)
            font = look.font("small")
            painter.setFont(font)
            painter.setPen(theme.ink2)
            word = "Starting the engine"
            x = self.width() - QFontMetricsF(font).horizontalAdvance(word) - look.px(24)
            painter.drawText(QRectF(x, look.px(3), self.width(), look.px(17)), word)
