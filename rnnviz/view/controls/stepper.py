"""A number with a minus and a plus: "− 16 units +"."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Slot
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.view.controls.buttons import CommandButton

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QResizeEvent

    from rnnviz.view.controls.commands import Command
    from rnnviz.view.look import Look


class Stepper(QWidget):
    """Shows ``text`` between the buttons of two actions."""

    def __init__(self, *, look: Look, fewer: Command, more: Command, width: float, parent: QWidget | None = None,
                 icons: tuple[str, str] = ("minus", "plus"), height: float = 32) -> None:  # fmt: skip
        super().__init__(parent)
        self.look, self._width, self._height = look, width, height
        self.text = ""
        self.fewer = CommandButton(look=look, action=fewer, icon=icons[0], show_text=False, kind="quiet", parent=self)
        self.more = CommandButton(look=look, action=more, icon=icons[1], show_text=False, kind="quiet", parent=self)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.on_look_changed)

    @Slot()
    def on_look_changed(self) -> None:
        """New sizes or colours."""
        self.updateGeometry()
        self.update()

    def show_text(self, text: str) -> None:
        """Replace the text between the buttons."""
        if text != self.text:
            self.text = text
            self.setAccessibleName(text)
            self.update()

    def sizeHint(self) -> QSize:
        """The design size at the present scale."""
        return QSize(self.look.ipx(self._width), self.look.ipx(self._height))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """A button at each end."""
        super().resizeEvent(event)
        side, inset = self.height(), 1
        self.fewer.setGeometry(inset, inset, side - 2 * inset, side - 2 * inset)
        self.more.setGeometry(self.width() - side + inset, inset, side - 2 * inset, side - 2 * inset)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The box and its text."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme, look = self.look.theme, self.look
            painter.setPen(QPen(theme.line2, 1))
            painter.setBrush(theme.panel)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), look.px(6), look.px(6))
            painter.setFont(look.font("button"))
            painter.setPen(theme.ink if self.isEnabled() else theme.ink3)
            painter.drawText(QRectF(self.rect()), Qt.AlignmentFlag.AlignCenter, self.text)
