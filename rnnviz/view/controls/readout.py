"""Two lines of a live number: "step 64 / paused, 410 steps/s"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QSize, Qt, Slot
from PySide6.QtGui import QFontMetricsF, QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from rnnviz.view.look import Look


class Readout(QWidget):
    """A strong line over a quiet one, at a fixed width so that nothing jumps while training."""

    def __init__(self, *, look: Look, width: float, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.look, self._width = look, width
        self.top = self.bottom = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.on_look_changed)

    @Slot()
    def on_look_changed(self) -> None:
        """New fonts or colours."""
        self.updateGeometry()
        self.update()

    def show_lines(self, top: str, bottom: str) -> None:
        """Replace both lines."""
        if (top, bottom) != (self.top, self.bottom):
            self.top, self.bottom = top, bottom
            self.setAccessibleName(f"{top}, {bottom}")
            self.update()

    def sizeHint(self) -> QSize:
        """The design width, two lines high."""
        return QSize(self.look.ipx(self._width), self.look.ipx(34))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Both lines, left aligned."""
        del event
        with QPainter(self) as painter:
            theme, look = self.look.theme, self.look
            painter.setFont(look.font("strong"))
            painter.setPen(theme.ink)
            painter.drawText(QPointF(0, look.px(13)), self.top)
            font = look.font("small")
            painter.setFont(font)
            painter.setPen(theme.ink2)
            fitted = QFontMetricsF(font).elidedText(self.bottom, Qt.TextElideMode.ElideRight, self.width())
            painter.drawText(QPointF(0, look.px(29)), fitted)
