"""How everything looks: theme, type sizes and scale in one object that every widget is handed.

``Look`` answers "which colour, which font, how many pixels" and says when the answer changed.
Widgets never compute sizes of their own, so zoom (Ctrl +/-) and presenter mode reach all of them.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette

from rnnviz.view.colormaps import lookup_table
from rnnviz.view.theme import LIGHT, THEMES, Theme

MINUS = "\u2212"
THIN = "\u2005"  # four-per-em space before %

_FAMILIES = {
    "ui": ("Inter", "Inter Variable", "Segoe UI Variable", "SF Pro Text", "Segoe UI", "Noto Sans", "DejaVu Sans"),
    "mono": ("JetBrains Mono", "Cascadia Mono", "SF Mono", "Consolas", "Noto Sans Mono", "DejaVu Sans Mono"),
    "maths": ("STIX Two Text", "STIX", "STIXGeneral", "Cambria", "Times New Roman", "DejaVu Serif"),
}
# role: family, pixels in the window, share of the picture height in presenter mode, weight
_ROLES: dict[str, tuple[str, float, float, QFont.Weight]] = {
    "tick": ("ui", 10.5, 34 / 1080, QFont.Weight.Normal),
    "small": ("ui", 11.5, 34 / 1080, QFont.Weight.Normal),
    "label": ("ui", 12.5, 34 / 1080, QFont.Weight.Normal),
    "strong": ("ui", 13.0, 34 / 1080, QFont.Weight.DemiBold),
    "caption": ("ui", 14.0, 34 / 1080, QFont.Weight.Normal),
    "caption_strong": ("ui", 14.0, 34 / 1080, QFont.Weight.Medium),
    "brand": ("ui", 17.0, 52 / 1080, QFont.Weight.DemiBold),
    "button": ("ui", 13.0, 34 / 1080, QFont.Weight.Medium),
    "number": ("mono", 12.0, 40 / 1080, QFont.Weight.Normal),
    "live": ("mono", 14.0, 40 / 1080, QFont.Weight.Normal),
    "token": ("mono", 23.0, 46 / 1080, QFont.Weight.Normal),
    # 48 on a projector: a subscript has 0.72 of it and must not be smaller than the smallest text.
    "maths": ("maths", 16.0, 48 / 1080, QFont.Weight.Normal),
    "maths_small": ("maths", 13.5, 48 / 1080, QFont.Weight.Normal),
    "maths_big": ("maths", 24.0, 54 / 1080, QFont.Weight.Normal),
    "title": ("ui", 20.0, 52 / 1080, QFont.Weight.DemiBold),
    "big": ("ui", 26.0, 52 / 1080, QFont.Weight.DemiBold),
}


def first_family(kind: str) -> str:
    """The first installed family of ``kind`` ("ui", "mono", "maths"), else the platform's own."""
    installed = set(QFontDatabase.families())
    for family in _FAMILIES[kind]:
        if family in installed:
            return family
    system = QFontDatabase.SystemFont.FixedFont if kind == "mono" else QFontDatabase.SystemFont.GeneralFont
    return QFontDatabase.systemFont(system).family()


class Look(QObject):
    """Theme + scale; emits ``changed`` when either moves."""

    changed = Signal()

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._zoom = 1.0
        self._presenter_height = 0
        self._reduced_motion = False
        self._families = {kind: first_family(kind) for kind in _FAMILIES}
        self._fonts: dict[tuple[str, bool], QFont] = {}

    @property
    def theme(self) -> Theme:
        """The colours in force."""
        return self._theme

    @property
    def zoom(self) -> float:
        """The user's own zoom (Ctrl +/-), 1.0 = 100 %."""
        return self._zoom

    @property
    def presenter(self) -> bool:
        """True in presenter mode: sizes follow the picture height, not the screen's DPI."""
        return self._presenter_height > 0

    @property
    def presenter_height(self) -> int:
        """Height of the presented picture in px, 0 outside presenter mode."""
        return self._presenter_height

    @property
    def reduced_motion(self) -> bool:
        """True when animations are switched off."""
        return self._reduced_motion

    @property
    def scale(self) -> float:
        """Factor of every length: the zoom, or in presenter mode picture height / 614 (54 px -> 95 px at 1080)."""
        return self._presenter_height / 614 if self.presenter else self._zoom

    def px(self, length: float) -> float:
        """``length`` design pixels in widget pixels."""
        return length * self.scale

    def ipx(self, length: float) -> int:
        """``px`` rounded to a whole pixel."""
        return round(length * self.scale)

    def font(self, role: str, *, italic: bool = False) -> QFont:
        """The font of ``role`` at the present scale."""
        key = (role, italic)
        if key not in self._fonts:
            family, size, share, weight = _ROLES[role]
            font = QFont(self._families[family])
            # Fractional pixel sizes keep labels from jumping between zoom steps; a projected one is never rounded down.
            pixels = math.ceil(share * self._presenter_height) if self.presenter else size * self._zoom
            font.setPointSizeF(pixels * 72.0 / self._dpi())
            font.setWeight(weight)
            font.setItalic(italic)
            self._fonts[key] = font
        return self._fonts[key]

    def lut(self, kind: str) -> object:
        """The 256-colour table of a map: "signed", "unit" or "gradient"."""
        return lookup_table(self._theme, kind)

    def set_theme(self, name: str) -> None:
        """Switch to "light", "dark", "contrast" or "system"."""
        theme = THEMES.get(name) or (THEMES["dark"] if self._system_is_dark() else LIGHT)
        if theme is not self._theme:
            self._theme = theme
            self.changed.emit()

    def set_zoom(self, zoom: float) -> None:
        """Set the user's zoom, kept between 0.7 and 2.5."""
        zoom = min(2.5, max(0.7, zoom))
        if not math.isclose(zoom, self._zoom):
            self._zoom = zoom
            self._fonts.clear()
            self.changed.emit()

    def set_presenter(self, height: int) -> None:
        """Enter presenter mode for a picture ``height`` px high; 0 leaves it."""
        if height != self._presenter_height:
            self._presenter_height = height
            self._fonts.clear()
            self.changed.emit()

    def set_reduced_motion(self, on: bool) -> None:
        """Switch animations off or on."""
        if on != self._reduced_motion:
            self._reduced_motion = on
            self.changed.emit()

    def palette(self) -> QPalette:
        """The QPalette of the theme for Fusion widgets."""
        theme, palette = self._theme, QPalette()
        roles = {
            QPalette.ColorRole.Window: theme.bg,
            QPalette.ColorRole.Base: theme.panel,
            QPalette.ColorRole.AlternateBase: theme.raised,
            QPalette.ColorRole.Button: theme.panel,
            QPalette.ColorRole.ToolTipBase: theme.ink,
            QPalette.ColorRole.ToolTipText: theme.panel,
            QPalette.ColorRole.Highlight: theme.ink,
            QPalette.ColorRole.HighlightedText: theme.panel,
            QPalette.ColorRole.Accent: theme.ink,
            QPalette.ColorRole.Mid: theme.line,
            QPalette.ColorRole.PlaceholderText: theme.ink3,
        }
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
            roles[role] = theme.ink
        for role, colour in roles.items():
            palette.setColor(role, colour)
        for role in (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, theme.ink3)
        return palette

    def readable_on(self, background: QColor) -> QColor:
        """Ink or panel, whichever contrasts more with ``background``."""
        theme = self._theme
        return max((theme.ink, theme.panel), key=lambda colour: contrast(colour, background))

    @staticmethod
    def _system_is_dark() -> bool:
        app = QGuiApplication.instance()
        if not isinstance(app, QGuiApplication):
            return False
        return app.palette().color(QPalette.ColorRole.Window).lightnessF() < 0.5

    @staticmethod
    def _dpi() -> float:
        screen = QGuiApplication.primaryScreen()
        return screen.logicalDotsPerInch() if screen else 96.0


def luminance(colour: QColor) -> float:
    """Relative luminance of sRGB ``colour`` (WCAG 2.1)."""
    channels = (
        v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4
        for v in (colour.redF(), colour.greenF(), colour.blueF())
    )
    red, green, blue = channels
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(first: QColor, second: QColor) -> float:
    """Contrast ratio of two colours, 1 to 21 (WCAG 2.1)."""
    low, high = sorted((luminance(first), luminance(second)))
    return (high + 0.05) / (low + 0.05)


def number(value: float, digits: int = 2) -> str:
    """``value`` with ``digits`` decimals and a true minus sign; NaN as an en dash."""
    if math.isnan(value):
        return "\u2013"
    if math.isinf(value):
        return "\u221e" if value > 0 else f"{MINUS}\u221e"
    text = f"{value:.{digits}f}"
    if text.strip("-0.") == "" and text.startswith("-"):
        text = text[1:]
    return text.replace("-", MINUS)


def signed(value: float, digits: int = 2) -> str:
    """``number`` with an explicit plus."""
    text = number(value, digits)
    return text if text.startswith(MINUS) else f"+{text}"


def significant(value: float, digits: int = 3) -> str:
    """``value`` with ``digits`` significant digits, powers of ten written as in print (9.5×10⁻⁷)."""
    if value == 0 or not math.isfinite(value):
        return number(value, 0)
    exponent = math.floor(math.log10(abs(value)))
    if -3 <= exponent < 5:
        return number(value, max(0, digits - 1 - exponent))
    power = str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{number(value / 10.0**exponent, digits - 1)}×10{power}"
