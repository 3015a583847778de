"""The small "‹ unit 2 ›" of the inspector."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QWidget

from rnnviz.view.controls.buttons import Button

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from rnnviz.session.session import Session
    from rnnviz.view.look import Look


class UnitStepper(QWidget):
    """Previous and next unit."""

    def __init__(self, *, session: Session, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._look, self._text = session, look, ""
        self.previous = Button(look=look, icon="left", kind="quiet", parent=self)
        self.next = Button(look=look, icon="right", kind="quiet", parent=self)
        for button, word in ((self.previous, "Previous unit"), (self.next, "Next unit")):
            button.setAccessibleName(word)
            button.setToolTip(f"{word}.\nEvery view marks the selected unit.")
        self.previous.clicked.connect(self.on_previous)
        self.next.clicked.connect(self.on_next)

    def show_text(self, text: str) -> None:
        """Replace the text between the arrows."""
        if text != self._text:
            self._text = text
            self.setAccessibleName(text)
            self.update()

    @Slot()
    def on_previous(self) -> None:
        """One unit up."""
        self._session.select(unit=max(0, self._session.unit - 1))

    @Slot()
    def on_next(self) -> None:
        """One unit down."""
        self._session.select(unit=min(self._session.run.model.hidden - 1, max(0, self._session.unit) + 1))

    def sizeHint(self) -> QSize:
        """Small."""
        return QSize(self._look.ipx(82), self._look.ipx(26))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """An arrow at each end."""
        super().resizeEvent(event)
        side = self.height() - 2
        self.previous.setGeometry(1, 1, side - 4, side)
        self.next.setGeometry(self.width() - side + 3, 1, side - 4, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box and text."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, px = self._look.theme, self._look.px
            painter.setPen(QPen(theme.line2, 1))
            painter.setBrush(theme.panel)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), px(6), px(6))
            painter.setPen(theme.ink)
            painter.setFont(self._look.font("label"))
            painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, self._text)
