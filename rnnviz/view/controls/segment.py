"""A switch of two or three segments in a well: cell kind, zoom, direction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from rnnviz.view.controls.buttons import Button

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent

    from rnnviz.view.look import Look


class SegmentSwitch(QWidget):
    """Exactly one of ``choices`` (key, text) is on; ``chosen`` is sent when the user picks another."""

    chosen = Signal(str)

    def __init__(
        self,
        *,
        look: Look,
        choices: Sequence[tuple[str, str]],
        width: float,
        height: float = 32,
        name: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.look, self._width, self._height = look, width, height
        self._keys = [key for key, _ in choices]
        self.buttons: dict[str, Button] = {}
        for key, text in choices:
            button = Button(look=look, text=text, kind="segment", parent=self)
            button.setCheckable(True)
            button.setProperty("segment", key)
            button.setAccessibleName(f"{name}: {text}" if name else text)
            button.clicked.connect(self.on_clicked)
            self.buttons[key] = button
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(name)
        look.changed.connect(self.on_look_changed)

    def set_design_size(self, width: float, height: float) -> None:
        """Change the size in design pixels."""
        self._width, self._height = width, height
        self.updateGeometry()
        self._place()

    @Slot()
    def on_look_changed(self) -> None:
        """New sizes or colours."""
        self.updateGeometry()
        self._place()
        self.update()

    @property
    def current(self) -> str:
        """The key that is on ('' for none)."""
        return next((key for key, button in self.buttons.items() if button.isChecked()), "")

    def set_current(self, key: str) -> None:
        """Show ``key`` as chosen, without a signal."""
        for name, button in self.buttons.items():
            if button.isChecked() != (name == key):
                button.setChecked(name == key)

    @Slot()
    def on_clicked(self) -> None:
        """Say what was picked; what is shown follows the facts, so the old choice stays on till then."""
        key = self.sender().property("segment")
        self.set_current(key)
        self.chosen.emit(key)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right walk through the segments when one has the focus."""
        moves = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if event.key() not in moves or not self.current:
            super().keyPressEvent(event)
            return
        index = self._keys.index(self.current) + moves[Qt.Key(event.key())]
        if 0 <= index < len(self._keys):
            button = self.buttons[self._keys[index]]
            button.setFocus(Qt.FocusReason.TabFocusReason)
            button.click()

    def sizeHint(self) -> QSize:
        """The design size at the present scale."""
        return QSize(self.look.ipx(self._width), self.look.ipx(self._height))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width equally."""
        super().resizeEvent(event)
        self._place()

    def _place(self) -> None:
        inset, count = self.look.ipx(2), len(self._keys)
        room = self.width() - 2 * inset
        for index, key in enumerate(self._keys):
            left, right = room * index // count, room * (index + 1) // count
            self.buttons[key].setGeometry(inset + left + (index > 0), inset, right - left - (index > 0),
                                          self.height() - 2 * inset)  # fmt: skip

    def paintEvent(self, event: QPaintEvent) -> None:
        """The well."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            theme = self.look.theme
            painter.setPen(QPen(theme.line2 if theme.name == "contrast" else theme.line, 1))
            painter.setBrush(theme.raised)
            radius = self.look.px(8)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
