"""Small mathematics on screen: ``h_{t-1}``, ``W_{xh}``, ``‖∂C_{13} / ∂h_t‖`` with real sub- and superscripts.

Markup: ``_x`` or ``_{...}`` lowers, ``^x`` or ``^{...}`` raises. Single latin and greek letters are
italic; words (tanh, softmax), digits and signs stand upright, as in print.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from itertools import zip_longest

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPen

from rnnviz.view.notation.notation import Notation

SCRIPT_SIZE = 0.72
ITALIC_CORRECTION = 0.07
_TOKEN = re.compile(r"([_^])(?:\{([^{}]*)\}|(.))|([A-Za-z]{2,})|([A-Za-zα-ωθ])|([^_^A-Za-zα-ω]+)")
_UPRIGHT_WORDS = {"tanh", "relu", "ReLU", "softmax", "ln", "log", "exp", "max", "min", "diag", "sum", "Loss",
                  "LSTM", "GRU"}  # fmt: skip


class _Use:
    """The notation in use: one for the program, because one person reads it."""

    notation = Notation()


def use(notation: Notation) -> None:
    """Write everything that is drawn or said from now on in ``notation``."""
    _Use.notation = notation
    for kept in (parse, _layout, _picture):
        kept.cache_clear()


def notation() -> Notation:
    """The notation in use; part of the key of every kept picture that has formulas in it."""
    return _Use.notation


@dataclass(frozen=True)
class Run:
    """A stretch of text in one style. ``level``: 0 on the line, -1 subscript, 1 superscript."""

    text: str
    italic: bool
    level: int = 0


def _split(text: str, level: int) -> list[Run]:
    runs = []
    for script, braced, single, word, letter, rest in _TOKEN.findall(text.replace("-", "\u2212")):
        if script:
            runs += _split(braced or single, -1 if script == "_" else 1)
        elif word and level == 0 and word not in _UPRIGHT_WORDS:
            runs.append(Run(word, True, level))
        elif word:
            runs.append(Run(word, word not in _UPRIGHT_WORDS, level))
        else:
            runs.append(Run(letter or rest, bool(letter), level))
    return runs


@lru_cache(maxsize=2048)
def parse(markup: str) -> tuple[Run, ...]:
    """The runs of ``markup`` in drawing order."""
    return tuple(_split(_Use.notation.translate(markup), 0))


def _styled(font: QFont, run: Run) -> QFont:
    styled = QFont(font)
    styled.setItalic(run.italic)
    if run.level:
        styled.setPointSizeF(font.pointSizeF() * SCRIPT_SIZE)
    return styled


def _shift(font: QFont, level: int) -> float:
    return {0: 0.0, -1: 0.22, 1: -0.38}[level] * QFontMetricsF(font).height() * 0.8


@lru_cache(maxsize=4096)
def _layout(markup: str, family_key: str) -> tuple[tuple[QFont, str, float, float], ...]:
    font = QFont()
    font.fromString(family_key)
    x, placed = 0.0, []
    runs = parse(markup)
    for run, after in zip_longest(runs, runs[1:]):
        styled = _styled(font, run)
        placed.append((styled, run.text, x, _shift(font, run.level)))
        x += QFontMetricsF(styled).horizontalAdvance(run.text)
        if run.italic and run.text == "f" and after is not None and after.text.startswith("("):
            x += ITALIC_CORRECTION * QFontMetricsF(styled).height()  # else the f leans into its bracket
    placed.append((font, "", x, 0.0))
    return tuple(placed)


def width(markup: str, font: QFont) -> float:
    """Advance width of ``markup`` in ``font``, px."""
    return _layout(markup, font.toString())[-1][2]


def paint(painter: QPainter, x: float, baseline: float, markup: str, font: QFont, colour: QColor) -> float:
    """Draw ``markup`` with its baseline at ``baseline``; returns the x after it."""
    placed = _layout(markup, font.toString())
    painter.setPen(QPen(colour))
    for styled, text, offset, shift in placed[:-1]:
        painter.setFont(styled)
        painter.drawText(QPointF(x + offset, baseline + shift), text)
    return x + placed[-1][2]


@lru_cache(maxsize=128)
def _picture(markup: str, family_key: str, rgba: int, ratio: float) -> tuple[QImage, float]:
    font = QFont()
    font.fromString(family_key)
    ascent = math.ceil(QFontMetricsF(font).height() * 1.2)
    across, high = math.ceil(width(markup, font)) + 4, 2 * ascent
    image = QImage(math.ceil(across * ratio), math.ceil(high * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(0)
    with QPainter(image) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint(painter, 2.0, ascent, markup, font, QColor.fromRgba(rgba))
    return image, 2.0


def paint_kept(painter: QPainter, x: float, baseline: float, markup: str, font: QFont, colour: QColor) -> None:
    """``paint`` from a kept picture, on whole pixels: for formulas that stand in every frame."""
    image, margin = _picture(markup, font.toString(), colour.rgba(), painter.device().devicePixelRatio())
    ascent = image.height() / image.devicePixelRatio() / 2
    painter.drawImage(QPointF(round(x) - margin, round(baseline - ascent)), image)


def paint_centred(painter: QPainter, x: float, baseline: float, markup: str, font: QFont, colour: QColor) -> None:
    """Draw ``markup`` centred on ``x``."""
    paint(painter, x - width(markup, font) / 2, baseline, markup, font, colour)


def plain(markup: str) -> str:
    """``markup`` as plain text for tooltips and screen readers: ``h_{t-1}`` -> ``h_t−1``."""
    return re.sub(r"[{}]", "", _Use.notation.translate(markup)).replace("-", "\u2212")


def plain_name(markup: str) -> str:
    """``markup`` of a weight as plain text without its shape, for where it stands inside a sentence."""
    return plain(markup).partition(" (")[0]
