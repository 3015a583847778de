"""The Watch tab: pinned values, live while stepping, typing and training."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Slot
from PySide6.QtGui import QFontMetricsF, QPainter, QPen

from rnnviz.view.look import number
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.inspector import shown
from rnnviz.view.panels.operation_rows import BAR, PADDING, Row, paint_bar

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from rnnviz.view.panels.watch_list import Pin, WatchList

ROW = 34.0
HINT = "Press P to pin the selected unit of this step.\nA click takes a pin away."


class WatchPanel(Panel):
    """One line for every pin: where it is, what it is now."""

    needs = ("watch",)

    def __init__(self, *, watch: WatchList, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self.watch = watch
        for signal in (watch.changed, self.session.trace_changed, self.session.time_step_changed, self.look.changed):
            signal.connect(self.on_fact)

    @Slot()
    def on_fact(self) -> None:
        """Hidden it does nothing."""
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Redraw with the newest trace."""
        self.setMinimumHeight(self.sizeHint().height())
        self.update()

    def sizeHint(self) -> QSize:
        """A row for each pin."""
        return QSize(self.look.ipx(300), self.look.ipx(max(80.0, 20 + ROW * len(self.watch.pins))))

    def value(self, pin: Pin) -> float | None:
        """What the trace says at ``pin``; None where the text or the network has no such place."""
        trace = self.session.trace
        layer = next((layer for layer in trace.layers if layer.name == pin.layer), None) if trace else None
        if layer is None or pin.time_step > len(layer.hidden) or pin.unit >= layer.hidden.shape[1]:
            return None
        return float(layer.hidden[pin.time_step - 1, pin.unit])

    def paintEvent(self, event: QPaintEvent) -> None:
        """The rows, or how to make one."""
        del event
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            look, theme, px = self.look, self.look.theme, self.look.px
            if not self.watch.pins:
                painter.setFont(look.font("label"))
                painter.setPen(theme.ink2)
                painter.drawText(QRectF(px(PADDING), px(18), self.width() - px(2 * PADDING), px(60)), HINT)
                return
            for index, pin in enumerate(self.watch.pins):
                self._paint_pin(painter, pin, QRectF(0, px(10 + index * ROW), self.width(), px(ROW)))

    def _paint_pin(self, painter: QPainter, pin: Pin, rect: QRectF) -> None:
        look, theme, px = self.look, self.look.theme, self.look.px
        middle, right = rect.center().y(), rect.right() - px(PADDING)
        trace, value = self.session.trace, self.value(pin)
        token = shown(trace.tokens[pin.time_step - 1]) if trace and pin.time_step <= len(trace.tokens) else ""
        painter.setFont(look.font("label"))
        painter.setPen(theme.ink)
        painter.drawText(QPointF(px(PADDING), middle + px(4)), f"t = {pin.time_step}   {token}   unit {pin.unit + 1}")
        font = look.font("live")
        painter.setFont(font)
        text = number(value, 3) if value is not None else "not there"
        x = right - px(BAR + 14) - QFontMetricsF(font).horizontalAdvance(text)
        painter.drawText(QPointF(x, middle + px(5)), text)
        if value is not None:
            row = Row("pin", "", "", "", value, "signed")
            paint_bar(painter, look, row, QRectF(right - px(BAR), middle - px(5), px(BAR), px(10)))
        painter.setPen(QPen(theme.line, 1))
        painter.drawLine(QPointF(px(PADDING), rect.bottom() - 0.5), QPointF(right, rect.bottom() - 0.5))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click takes the pin away."""
        index = int((event.position().y() / self.look.px(1) - 10) // ROW)
        if 0 <= index < len(self.watch.pins):
            self.watch.toggle(self.watch.pins[index])


ENTRY = PanelEntry("watch", "Watch", "side", "Ctrl+Shift+W", "watch", WatchPanel)
