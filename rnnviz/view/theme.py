"""The colour tokens of the three themes. Each token has one meaning and no other use.

Chrome is ink on paper; a colour on screen is a sign (neg, pos), a gradient (grad), a weight
matrix (wx, wh, wy), a probability (prob) or an error (err).
"""

from __future__ import annotations

from dataclasses import dataclass, fields

from PySide6.QtGui import QColor


@dataclass(frozen=True)
class Theme:
    """One theme: colours by the name of their meaning."""

    name: str
    dark: bool
    bg: QColor
    panel: QColor
    raised: QColor
    line: QColor
    line2: QColor
    ink: QColor
    ink2: QColor
    ink3: QColor
    neg: QColor
    pos: QColor
    grad: QColor
    wx: QColor
    wh: QColor
    wy: QColor
    prob: QColor
    err: QColor

    def faded(self, token: str, alpha: float) -> QColor:
        """The colour of ``token`` with opacity ``alpha`` (0..1)."""
        colour = QColor(getattr(self, token))
        colour.setAlphaF(alpha)
        return colour


_TOKENS = tuple(f.name for f in fields(Theme) if f.name not in {"name", "dark"})


def _theme(name: str, dark: bool, values: str) -> Theme:
    colours = {token: QColor(value) for token, value in zip(_TOKENS, values.split(), strict=True)}
    return Theme(name=name, dark=dark, **colours)


LIGHT = _theme(
    "light",
    False,
    "#F3F4F2 #FFFFFF #EBEDEA #DCDFDB #868E8C #14191F #4C5660 #616B77 "
    "#0D72CE #BC5A10 #B81F7C #147750 #50108A #6B4C01 #34424F #B3261E",
)
DARK = _theme(
    "dark",
    True,
    "#0D1014 #14181E #1F252D #2B333C #6C7782 #F0F2F4 #B4BEC8 #8D99A4 "
    "#86B8FC #F08A2C #F03CA4 #4DF0DA #8A7BFA #F3EA4A #C9D3DC #FF8A80",
)
CONTRAST = _theme(
    "contrast",
    True,
    "#000000 #000000 #1C1C1C #8A8A8A #C8C8C8 #FFFFFF #FFFFFF #D8D8D8 "
    "#9CC6FF #FF9A3C #FF5CB8 #5CFFE6 #A596FF #FFF75C #FFFFFF #FFB4AB",
)
THEMES = {theme.name: theme for theme in (LIGHT, DARK, CONTRAST)}
