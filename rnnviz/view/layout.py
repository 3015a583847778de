"""What fits into a window of a given size, and the time axis that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray

from rnnviz.view.stage.layout import Mode, gutter_width
from rnnviz.view.time_axis import MAX_PITCH

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look
    from rnnviz.view.time_axis import TimeAxis

SIDE_WIDTH = 344
ZOOM_STEP = 1.25
DEFAULT_SIZE = (1280, 720)
MINIMUM_SIZE = (760, 520)


@dataclass(frozen=True)
class Arrangement:
    """One answer for the whole window, in design pixels where lengths are meant.

    ``roomy``: everything has its place, else the top bar is short; ``docked``: the side panel stands
    beside the stage, else it is a drawer over it.
    """

    simple: bool
    presenter: bool
    roomy: bool
    docked: bool
    stage_height: float
    stage_share: float
    transport_height: float


def arrange(width: float, height: float, *, simple: bool, presenter: bool, tracks: bool) -> Arrangement:
    """Arrange a window of ``width`` x ``height`` design pixels (visual.md, section 8)."""
    roomy = width >= 1500 and height >= 860
    docked = width >= 1500
    if presenter:
        return Arrangement(False, True, False, docked, 0.0, 0.65 if tracks else 1.0, 0.0)
    if simple:
        return Arrangement(True, False, roomy, True, 0.0, 1.0, 140.0)
    return Arrangement(False, False, roomy, docked, 447.0 if roomy and tracks else 0.0, 1.0, 62.0)


class AxisKeeper:
    """The window's part in the one time axis: its gutter and the zoom keys. The stage sets the rest."""

    def __init__(self, *, axis: TimeAxis, session: Session, settings: Settings, look: Look) -> None:
        self._axis, self._session, self._settings, self._look = axis, session, settings, look

    def apply(self, arrangement: Arrangement, width: int) -> None:
        """Fit the gutter to ``arrangement`` and a stage ``width`` px wide."""
        mode = Mode.PRESENTER if arrangement.presenter else Mode.SIMPLE if arrangement.simple else Mode.FULL
        self._axis.configure(gutter=gutter_width(mode, width, self._look.scale))

    def zoom(self, direction: int) -> None:
        """Make the steps wider (1) or narrower (−1) about the cursor; beyond the widest lies the inside of a cell."""
        axis, view, scale = self._axis, self._settings.view, self._look.scale
        if view.zoom == "inside":
            if direction < 0:
                self._settings.update_view(zoom="steps")
        elif view.zoom == "far":
            if direction > 0:
                self._settings.update_view(zoom="steps")
        elif direction > 0 and axis.pitch >= MAX_PITCH * scale * 0.999:
            self._settings.update_view(zoom="inside")
        else:
            axis.set_pitch(axis.pitch * ZOOM_STEP**direction, axis.x_of(max(1, self._session.time_step)))
            self._settings.update_view(pitch=round(axis.pitch / scale, 2))


def restore_place(window: QWidget, geometry: bytes) -> None:
    """Put ``window`` where it was, at least partly on a screen that is there."""
    window.setMinimumSize(*MINIMUM_SIZE)
    if not (geometry and window.restoreGeometry(QByteArray(geometry))):
        window.resize(*DEFAULT_SIZE)
    clamp_to_screen(window)


def clamp_to_screen(window: QWidget) -> None:
    """A window saved on a screen that is gone comes back on one that is there (fault 14)."""
    area = window.screen().availableGeometry()
    window.resize(window.size().boundedTo(area.size().expandedTo(window.minimumSize())))
    if not area.intersects(window.geometry().adjusted(40, 20, -40, -20)):
        window.move(area.center() - window.rect().center())
