"""The small button of headers: flat, pressed by Return, with a ring for those who came by keyboard."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPen
from PySide6.QtWidgets import QAbstractButton

if TYPE_CHECKING:
    from PySide6.QtGui import QFocusEvent, QKeyEvent, QPainter
    from PySide6.QtWidgets import QWidget

    from rnnviz.view.look import Look


class HeaderButton(QAbstractButton):
    """A flat button that Return presses and that shows where the keyboard is."""

    def __init__(self, *, look: Look, parent: QWidget) -> None:
        super().__init__(parent)
        self.look = look
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._ring = False

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The ring is for those who came by keyboard."""
        by_keys = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)
        self._ring = event.reason() in by_keys
        super().focusInEvent(event)

    @property
    def ringed(self) -> bool:
        """Whether the focus ring is shown."""
        return self._ring and self.hasFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return presses."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)

    def paint_focus(self, painter: QPainter, radius: float) -> None:
        """The focus ring, an ink outline."""
        if self.ringed:
            painter.setPen(QPen(self.look.theme.ink, 1.5))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius, radius)
