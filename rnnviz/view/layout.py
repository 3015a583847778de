"""What fits into a window of a given size, and the time axis that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget


SIDE_WIDTH = 344
ROOMY_STAGE = 447.0
DEFAULT_SIZE = (1280, 720)
MINIMUM_SIZE = (760, 520)


@dataclass(frozen=True)
class Arrangement:
    """One answer for the whole window, in design pixels where lengths are meant.

    ``roomy``: everything has its place, else the top bar is short; ``docked``: the side panel stands
    beside the stage, else it is a drawer over the tracks; ``wide``: labels stand in the wide gutter.
    ``stage_height`` is a fixed one where it is not 0, else ``stage_least`` is what tracks leave it.
    """

    simple: bool
    presenter: bool
    roomy: bool
    docked: bool
    stage_height: float
    stage_share: float
    transport_height: float
    stage_least: float = 330.0
    wide: bool = True


def arrange(width: float, height: float, *, simple: bool, presenter: bool, tracks: bool) -> Arrangement:
    """Arrange a window of ``width`` x ``height`` design pixels (visual.md, section 8)."""
    roomy = width >= 1500 and height >= 860
    docked = width >= 1500
    if presenter:
        return Arrangement(False, True, False, docked, 0.0, 0.65 if tracks else 1.0, 0.0)
    if simple:
        least = min(520.0, max(330.0, 0.5 * height))
        return Arrangement(True, False, roomy, True, 0.0, 1.0, 120.0 if tracks else 140.0, least)
    stage_height = ROOMY_STAGE if roomy and tracks else 0.0
    least = min(ROOMY_STAGE, max(330.0, 0.55 * (height - 118.0)))
    return Arrangement(False, False, roomy, docked, stage_height, 1.0, 62.0, least, wide=docked)


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
