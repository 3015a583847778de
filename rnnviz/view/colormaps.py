"""Colour maps as 256-entry lookup tables, interpolated in OKLab so that equal steps look equal.

Entry 0..254 spans low..high; entry 255 stays free for "not a finite number" (drawn as a hatch).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from rnnviz.view.theme import Theme

LEVELS = 255
NOT_FINITE = 255
CONTRAST_FLOOR = 0.15  # non-zero values of the high-contrast theme start here on the ramp (visual.md)

# OKLab (Ottosson 2020): linear sRGB -> cone response -> Lab.
_TO_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def _oklab(colour: QColor) -> np.ndarray:
    srgb = np.array([colour.redF(), colour.greenF(), colour.blueF()])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return _TO_LAB @ np.cbrt(_TO_LMS @ linear)


def _srgb(lab: np.ndarray) -> np.ndarray:
    lms = (np.linalg.inv(_TO_LAB) @ lab.T) ** 3
    linear = np.clip((np.linalg.inv(_TO_LMS) @ lms).T, 0.0, 1.0)
    return np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)


def _ramp(start: QColor, end: QColor, positions: np.ndarray) -> np.ndarray:
    low, high = _oklab(start), _oklab(end)
    return low + positions[:, None] * (high - low)


def _pack(lab: np.ndarray, not_finite: QColor) -> np.ndarray:
    rgb = np.rint(_srgb(lab) * 255).astype(np.uint32)
    table = np.empty(256, dtype=np.uint32)
    table[:LEVELS] = 0xFF000000 | (rgb[:, 0] << 16) | (rgb[:, 1] << 8) | rgb[:, 2]
    table[NOT_FINITE] = not_finite.rgba()
    table.setflags(write=False)
    return table


def _start(positions: np.ndarray, theme: Theme) -> np.ndarray:
    """Lift small non-zero values in the high-contrast theme, where they would drown in black."""
    if theme.name != "contrast":
        return positions
    return np.where(positions > 0.5 / LEVELS, CONTRAST_FLOOR + (1 - CONTRAST_FLOOR) * positions, 0.0)


@lru_cache(maxsize=32)
def _table(theme_name: str, kind: str) -> np.ndarray:
    from rnnviz.view.theme import THEMES

    theme = THEMES[theme_name]
    if kind == "signed":
        half = _start(np.linspace(0.0, 1.0, LEVELS // 2 + 1), theme)
        lab = np.concatenate([_ramp(theme.panel, theme.neg, half)[:0:-1], _ramp(theme.panel, theme.pos, half)])
        return _pack(lab, theme.err)
    end = {"unit": theme.prob, "gradient": theme.grad}[kind]
    positions = _start(np.linspace(0.0, 1.0, LEVELS), theme)
    return _pack(_ramp(theme.panel, end, positions), theme.err)


def lookup_table(theme: Theme, kind: str) -> np.ndarray:
    """256 packed 0xAARRGGBB colours for ``kind`` "signed", "unit" (0..1) or "gradient"."""
    return _table(theme.name, kind)
