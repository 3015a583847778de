"""One remedy: a switch, its name, its numbers and one sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from rnnviz.view.panels import form

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QAbstractSpinBox

    from rnnviz.view.look import Look

WIDTH, HEIGHT = 34.0, 18.0
_KEYS = frozenset((Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space))
FIELD = 62.0


class Toggle(QAbstractButton):
    """A switch: ink and to the right when on, a hollow track when off."""

    def __init__(self, *, look: Look, name: str) -> None:
        super().__init__()
        self.look = look
        self.setCheckable(True)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Track and the room for its focus ring."""
        return QSize(self.look.ipx(WIDTH + 6), self.look.ipx(HEIGHT + 6))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Track, knob, focus ring."""
        del event
        theme, px = self.look.theme, self.look.px
        colour = theme.ink if self.isEnabled() else theme.line2
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            rect = QRectF(self.rect()).adjusted(3, 3, -3, -3)
            radius = rect.height() / 2
            if self.hasFocus():
                painter.setPen(QPen(theme.ink, 2))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRoundedRect(rect.adjusted(-2, -2, 2, 2), radius + 2, radius + 2)
            on = self.isChecked()
            painter.setPen(QPen(colour, 1.2))
            painter.setBrush(colour if on else QColor(Qt.GlobalColor.transparent))
            painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)
            size = rect.height() - px(6)
            x = rect.right() - size - px(3) if on else rect.left() + px(3)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.panel if on else colour)
            painter.drawEllipse(QRectF(x, rect.top() + px(3), size, size))

    def event(self, event: QEvent) -> bool:
        """With the focus here Space and Return are the switch's, not the window's."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and event.key() in _KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return switches too."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class RemedyRow(QWidget):
    """A switch with its fields; ``switched`` when the user turns it, ``edited`` when a number was changed."""

    switched = Signal(bool)
    edited = Signal()

    def __init__(
        self, *, look: Look, title: str, sentence: str, tip: str, fields: Sequence[tuple[str, QAbstractSpinBox]] = ()
    ) -> None:
        super().__init__()
        self.look, self.sentence = look, sentence
        self.toggle = Toggle(look=look, name=title)
        self.toggle.setToolTip(tip)
        self.title = form.label(title, strong=True)
        self.title.setWordWrap(False)
        self.title.setToolTip(tip)
        self.words = form.label(sentence, quiet=True)
        self.fields = [field for _, field in fields]
        self._build(title, fields)
        self.toggle.clicked.connect(self.on_clicked)
        look.changed.connect(self.on_look)
        self.on_look()

    def _build(self, title: str, fields: Sequence[tuple[str, QAbstractSpinBox]]) -> None:
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(self.toggle)
        head.addWidget(self.title)
        head.addStretch(1)
        for name, field in fields:
            field.setAccessibleName(f"{title}: {name}")
            if len(fields) > 1:
                caption = form.label(name)
                caption.setBuddy(field)
                head.addWidget(caption)
            head.addWidget(field)
            field.editingFinished.connect(self.on_edited)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addLayout(head)
        column.addWidget(self.words)

    @Slot()
    def on_look(self) -> None:
        """Fields as wide as the look says."""
        for field in self.fields:
            field.setFixedWidth(self.look.ipx(FIELD if len(self.fields) == 1 else FIELD - 12))

    @Slot(bool)
    def on_clicked(self, on: bool) -> None:
        """The user has turned the switch; it shows the truth again when the session has taken it."""
        self.switched.emit(on)

    @Slot()
    def on_edited(self) -> None:
        """A number was changed."""
        self.edited.emit()

    def show_state(self, *, on: bool, reason: str = "") -> None:
        """On or off; a ``reason`` says why it cannot be used here."""
        self.toggle.setChecked(on)
        self.toggle.setEnabled(not reason or on)
        for field in self.fields:
            field.setEnabled(not reason)
        self.words.setText(reason or self.sentence)
