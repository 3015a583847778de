"""The pinned values: which unit of which step is being watched."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from rnnviz.session.session import Session

MAX_PINS = 24


@dataclass(frozen=True)
class Pin:
    """One watched value: layer, unit (0-based) and time step (1-based)."""

    layer: str
    unit: int
    time_step: int


class WatchList(QObject):
    """The pins of one window, in the order in which they were set."""

    changed = Signal()

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session: Session | None = None
        self.pins: tuple[Pin, ...] = ()

    def pin(self) -> None:
        """Pin the selected unit at the cursor; pinning it again takes it away."""
        session = self.session
        if session is None or not session.time_step:
            return
        self.toggle(Pin(session.layer, max(0, session.unit), session.time_step))

    def toggle(self, pin: Pin) -> None:
        """Add or remove ``pin``; the oldest of too many goes."""
        kept = tuple(other for other in self.pins if other != pin)
        self.pins = kept if len(kept) < len(self.pins) else (*kept, pin)[-MAX_PINS:]
        self.changed.emit()

    def compared(self, time_step: int) -> int:
        """The step of the newest pin beside ``time_step``, whose column stands next to it; 0 when there is none."""
        return next((pin.time_step for pin in reversed(self.pins) if pin.time_step != time_step), 0)

    def pin_at(self, layer: str, unit: int, time_step: int) -> None:
        """Pin one value that was pointed at; pinning it again takes it away."""
        if time_step > 0 and unit >= 0:
            self.toggle(Pin(layer, unit, time_step))

    def clear(self) -> None:
        """Forget all."""
        self.pins = ()
        self.changed.emit()
