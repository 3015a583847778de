"""Short texts drawn many times a frame: laid out once, kept, and drawn by their centre."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QPointF, Qt, Slot
from PySide6.QtGui import QFont, QFontMetricsF, QGlyphRun, QRawFont, QStaticText, QTransform

if TYPE_CHECKING:
    from PySide6.QtGui import QColor, QPainter

    from rnnviz.view.look import Look

_DISPLAY = {" ": "␣", "\n": "↵", "\r\n": "↵", "\r": "↵", "\t": "⇥", "": "∅", "<unk>": "\ufffd"}
_KEPT = 6000
_MONO = frozenset({"number", "number*"})
"""Roles whose letters all have one width and no kerning: a text is its letters side by side."""


def display(token: str) -> str:
    """``token`` as it is shown: white space as a visible sign."""
    return _DISPLAY.get(token, token)


def spoken(layer: str) -> str:
    """The layer as people count: l0 is layer 1; the reverse direction is marked."""
    return f"{int(layer[1:].rstrip('r')) + 1}{' reverse' if layer.endswith('r') else ''}"


class _Row(NamedTuple):
    """Letters by their number in the font, where each begins, and half the width of all."""

    indices: list[int]
    starts: list[float]
    half: float


class _Letters:
    """The letters of a font, for texts that are its letters side by side: of a mono font, and digits of any font."""

    def __init__(self, font: QFont, height: float, *, mono: bool) -> None:
        self.raw = QRawFont.fromFont(font)
        self.below_middle = QFontMetricsF(font).ascent() - height / 2
        self._mono = mono
        self._single: dict[str, tuple[int, float]] = {}
        self._rows: dict[str, _Row | None] = {}
        self._wide = self._letter("0")[1]

    def row(self, text: str) -> _Row | None:
        """The letters of ``text``; None where the font lacks one or they may not stand side by side."""
        found = self._rows.get(text)
        if found is None and text not in self._rows:
            if len(self._rows) > _KEPT:
                self._rows.clear()
            found = self._rows[text] = self._laid_out(text)
        return found

    def _laid_out(self, text: str) -> _Row | None:
        digits = text.isascii() and text.isdigit()
        if not digits and not self._mono:
            return None
        indices, starts, end = [], [], 0.0
        for sign in text:
            index, width = self._single.get(sign) or self._letter(sign)
            if not index or not (digits or abs(width - self._wide) < 0.01):
                return None
            indices.append(index)
            starts.append(end)
            end += width
        return _Row(indices, starts, end / 2) if indices else None

    def _letter(self, sign: str) -> tuple[int, float]:
        """Number and width of one letter; the number is 0 where the font has none."""
        indices = self.raw.glyphIndexesForString(sign)
        plain = len(indices) == 1
        width = self.raw.advancesForGlyphIndexes(indices)[0].x() if plain else 0.0
        self._single[sign] = (indices[0] if plain else 0, width)
        return self._single[sign]


class Labels:
    """A cache of laid out texts for one look."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._texts: dict[tuple[str, str, float], tuple[QStaticText, QFont, float, float]] = {}
        self._metrics: dict[tuple[str, float], QFontMetricsF] = {}
        self._fonts: dict[tuple[str, float], QFont] = {}
        self._letters: dict[tuple[str, float], _Letters] = {}

    @Slot()
    def clear(self) -> None:
        """Forget everything; called when the look changes."""
        self._texts.clear()
        self._metrics.clear()
        self._fonts.clear()
        self._letters.clear()

    def font(self, role: str, factor: float = 1.0) -> QFont:
        """The font of ``role``; ``role`` may end in "*" for bold; ``factor`` changes its size."""
        key = (role, factor)
        if key not in self._fonts:
            font = QFont(self._look.font(role.rstrip("*")))
            font.setPointSizeF(font.pointSizeF() * factor)
            if role.endswith("*"):
                font.setWeight(QFont.Weight.Bold)
            self._fonts[key] = font
        return self._fonts[key]

    def metrics(self, role: str, factor: float = 1.0) -> QFontMetricsF:
        """The metrics of ``font(role, factor)``."""
        key = (role, factor)
        if key not in self._metrics:
            self._metrics[key] = QFontMetricsF(self.font(role, factor))
        return self._metrics[key]

    def width(self, role: str, text: str, factor: float = 1.0) -> float:
        """Advance width of ``text``, px."""
        return self._entry(role, text, factor)[2]

    def elided(self, role: str, text: str, width: float, factor: float = 1.0) -> str:
        """``text`` cut in the middle to ``width`` px."""
        if self.width(role, text, factor) <= width:
            return text
        return self.metrics(role, factor).elidedText(text, Qt.TextElideMode.ElideMiddle, width)

    def begun(self, role: str, text: str, width: float, factor: float = 1.0) -> str:
        """``text`` cut at its end to ``width`` px: the beginning of a word tells most."""
        if self.width(role, text, factor) <= width:
            return text
        return self.metrics(role, factor).elidedText(text, Qt.TextElideMode.ElideRight, width)

    def draw(
        self, painter: QPainter, x: float, y: float, text: str, role: str, colour: QColor,
        align: float = 0.5, factor: float = 1.0,
    ) -> None:  # fmt: skip
        """Draw ``text`` vertically centred on ``y``; ``align`` 0 starts at x, 0.5 centres, 1 ends there."""
        static, font, width, height = self._entry(role, text, factor)
        painter.setPen(colour)
        painter.setFont(font)
        painter.drawStaticText(QPointF(x - width * align, y - height / 2), static)

    def draw_all(
        self, painter: QPainter, places: list[tuple[float, float, str]], role: str, colour: QColor, factor: float = 1.0
    ) -> None:  # fmt: skip
        """``draw`` for many texts of one look, each centred on its (x, y)."""
        if not places:
            return
        painter.setPen(colour)
        painter.setFont(self.font(role, factor))
        places = self._draw_glyphs(painter, places, role, factor)
        for x, y, text in places:
            static, _, width, height = self._entry(role, text, factor)
            painter.drawStaticText(QPointF(x - width / 2, y - height / 2), static)

    def _draw_glyphs(
        self, painter: QPainter, places: list[tuple[float, float, str]], role: str, factor: float
    ) -> list[tuple[float, float, str]]:  # fmt: skip
        """Draw in one call what the font has letters for; the texts that are left."""
        letters = self._letters.get((role, factor))
        if letters is None:
            height = self._entry(role, "0", factor)[3]
            letters = self._letters[role, factor] = _Letters(self.font(role, factor), height, mono=role in _MONO)
        left, indices, positions = [], [], []
        for place in places:
            x, y, text = place
            row = letters.row(text)
            if row is None:
                left.append(place)
                continue
            start, baseline = x - row.half, y + letters.below_middle
            indices += row.indices
            positions += [QPointF(start + aside, baseline) for aside in row.starts]
        if not indices:
            return left
        run = QGlyphRun()
        run.setRawFont(letters.raw)
        run.setGlyphIndexes(indices)
        run.setPositions(positions)
        painter.drawGlyphRun(QPointF(), run)
        return left

    def _entry(self, role: str, text: str, factor: float) -> tuple[QStaticText, QFont, float, float]:
        key = (role, text, factor)
        found = self._texts.get(key)
        if found is None:
            if len(self._texts) > _KEPT:
                self._texts.clear()
            font = self.font(role, factor)
            static = QStaticText(text)
            static.setTextFormat(Qt.TextFormat.PlainText)
            static.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
            static.prepare(QTransform(), font)
            size = static.size()
            found = self._texts[key] = (static, font, size.width(), size.height())
        return found
