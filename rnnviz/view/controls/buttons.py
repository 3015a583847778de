"""Buttons painted from the look: the same on every platform, with a visible keyboard focus.

``kind``: "primary" (ink), "plain" (bordered), "quiet" (no border until hovered), "chip" (round
ends), "round" (the play button), "segment" (part of a switch).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Slot
from PySide6.QtGui import QAction, QColor, QCursor, QFontMetricsF, QKeyEvent, QPainter, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from rnnviz.view import icons

if TYPE_CHECKING:
    from PySide6.QtGui import QEnterEvent, QPaintEvent

    from rnnviz.view.look import Look

HEIGHT = 32
RADIUS = 6
_RETURN_KEYS = frozenset((Qt.Key.Key_Return, Qt.Key.Key_Enter))
_PRESS_KEYS = _RETURN_KEYS | {Qt.Key.Key_Space}


class Button(QAbstractButton):
    """A push button with an icon, a text and optionally an icon behind the text."""

    def __init__(
        self,
        *,
        look: Look,
        text: str = "",
        icon: str = "",
        trailing: str = "",
        kind: str = "plain",
        height: float = HEIGHT,
        width: float = 0,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.look, self.kind, self.icon_name, self.trailing = look, kind, icon, trailing
        self.design_height, self.design_width = height, width
        self.paint_token = "ink"
        self.trailing_inline = ""
        self.font_role = "button"
        self.setText(text)
        # A mouse click leaves the focus where it was, so arrows keep stepping; Tab still reaches it.
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        look.changed.connect(self.on_look_changed)

    @Slot()
    def on_look_changed(self) -> None:
        """New fonts or colours."""
        self.updateGeometry()
        self.update()

    def set_design_size(self, height: float, width: float = 0) -> None:
        """Fix height (and width, 0 = as the text needs) in design pixels."""
        self.design_height, self.design_width = height, width
        self.updateGeometry()

    def sizeHint(self) -> QSize:
        """As wide as icon and text need, or the fixed design width."""
        height = self.look.ipx(self.design_height)
        if self.design_width:
            return QSize(self.look.ipx(self.design_width), height)
        return QSize(round(self._content_width() + self.look.px(24 if self.text() else 16)), height)

    def _icon_size(self) -> float:
        return self.look.px(22 if self.kind == "round" else 16)

    def _content_width(self) -> float:
        text = QFontMetricsF(self.look.font(self.font_role)).horizontalAdvance(self.text()) if self.text() else 0.0
        count = bool(self.icon_name) + bool(self.trailing) + bool(self.trailing_inline)
        gaps = count if text else max(0, count - 1)
        return text + count * self._icon_size() + gaps * self.look.px(8)

    @property
    def hovered(self) -> bool:
        """True while the pointer is on the button (asked anew: a button that moves away gets no leave event)."""
        return self.underMouse() and self.rect().contains(self.mapFromGlobal(QCursor.pos()))

    # ---- painting --------------------------------------------------------------------------

    def colours(self) -> tuple[QColor, QColor | None, QColor]:
        """Fill, border (None: no border) and foreground of the present state."""
        theme = self.look.theme
        active = getattr(theme, self.paint_token)
        strong = self.kind in {"primary", "round"} or (self.kind == "segment" and self.isChecked())
        if not self.isEnabled():
            fill = theme.raised if strong else QColor(Qt.GlobalColor.transparent)
            return fill, None if strong or self.kind in {"quiet", "segment"} else theme.line, theme.ink3
        if strong:
            fill = QColor(active)
            if self.hovered or self.isDown():
                fill.setAlphaF(0.78 if self.isDown() else 0.88)
            return fill, None, theme.panel
        hover = theme.faded("ink", 0.12 if self.isDown() else 0.06 if self.hovered else 0.0)
        if self.kind == "quiet":
            return hover, None, active
        if self.kind == "segment":
            return hover, None, active if self.paint_token != "ink" else theme.ink2
        border = theme.line if self.kind == "chip" and not self.hovered else theme.line2
        return hover if hover.alpha() else theme.panel, border, active

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, icon, text, focus ring."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            fill, border, ink = self.colours()
            rect = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
            if self.hasFocus():
                rect.adjust(2, 2, -2, -2)
            radius = rect.height() / 2 if self.kind in {"round", "chip"} else self.look.px(RADIUS)
            painter.setPen(QPen(border, 1) if border is not None else Qt.PenStyle.NoPen)
            painter.setBrush(fill)
            painter.drawRoundedRect(rect, radius, radius)
            if self.hasFocus():
                self._paint_focus(painter, radius)
            self._paint_content(painter, rect, ink)

    def _paint_focus(self, painter: QPainter, radius: float) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self.look.theme.ink, 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), radius + 1.5, radius + 1.5)

    def _paint_content(self, painter: QPainter, rect: QRectF, ink: QColor) -> None:
        size, gap = self._icon_size(), self.look.px(8)
        x = rect.center().x() - self._content_width() / 2
        if self.trailing and self.design_width:
            x = rect.left() + self.look.px(12)
        if self.icon_name:
            icons.paint(painter, self.icon_name, QRectF(x, rect.center().y() - size / 2, size, size), ink)
            x += size + gap
        if self.text():
            painter.setFont(self.look.font(self.font_role))
            painter.setPen(ink)
            room = QRectF(x, rect.top(), rect.right() - x, rect.height())
            painter.drawText(room, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, self.text())
            x += QFontMetricsF(painter.font()).horizontalAdvance(self.text()) + gap
        if self.trailing_inline:
            icons.paint(painter, self.trailing_inline, QRectF(x, rect.center().y() - size / 2, size, size), ink)
        if self.trailing:
            right = QRectF(rect.right() - self.look.px(10) - size, rect.center().y() - size / 2, size, size)
            icons.paint(painter, self.trailing, right, ink)

    # ---- keys ------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """A button with the keyboard's focus takes Space and Return before the window's own shortcuts do."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._presses(event):
            event.accept()
            return True
        return super().event(event)

    @staticmethod
    def _presses(event: QKeyEvent) -> bool:
        plain = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier == Qt.KeyboardModifier.NoModifier
        return plain and event.key() in _PRESS_KEYS

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Return presses as Space does (which the library knows)."""
        if event.key() in _RETURN_KEYS and self._presses(event):
            self.click()
        else:
            super().keyPressEvent(event)

    # ---- states ----------------------------------------------------------------------------

    def enterEvent(self, event: QEnterEvent) -> None:
        """Hover paints."""
        super().enterEvent(event)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        """Hover ends."""
        super().leaveEvent(event)
        self.update()


class CommandButton(Button):
    """A button that shows and triggers a QAction: text, icon, tooltip and state come from it."""

    def __init__(
        self, *, look: Look, action: QAction, icon: str = "", show_text: bool = True, **options: object
    ) -> None:
        super().__init__(look=look, icon=icon, **options)  # type: ignore[arg-type]
        self._action, self._show_text = action, show_text
        self.setCheckable(action.isCheckable())
        action.changed.connect(self.on_action_changed)
        self.clicked.connect(self.on_clicked)
        self.on_action_changed()

    @Slot()
    def on_action_changed(self) -> None:
        """Follow the action."""
        action = self._action
        if self._show_text:
            self.setText(action.iconText())
        self.setToolTip(action.toolTip())
        self.setAccessibleName(action.text().replace("&", ""))
        self.setEnabled(action.isEnabled())
        if action.isCheckable() and self.isChecked() != action.isChecked():
            self.setChecked(action.isChecked())
        self.updateGeometry()
        self.update()

    @Slot()
    def on_clicked(self) -> None:
        """Run the action; a checkable button shows the action's state, not its own."""
        self._action.trigger()
        if self._action.isCheckable():
            self.setChecked(self._action.isChecked())
