"""A small log plot of what is left of a gradient k steps back: measured curves and theory, each named at its end."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnnviz.view import math_text
from rnnviz.view.marks import draw_heads, draw_line, draw_rule, draw_tick
from rnnviz.view.notation.tips import told
from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.scales import LOG10_OF_2, GrowingLimits, LogScale, decade_text, norm_text

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from rnnviz.view.look import Look

LABELS, TICKS = 68, 34  # design px beside the plot: names at the lines' ends, decades where they begin
ROOM = 16  # between two names
ABOVE, BELOW, SHARE = 1.0, 2.0, 0.3  # decades (or share) by which theory may leave what was measured and is not cut
DEEPEST = 5000  # decades: the longest text at the smallest gain; a chain is shown to its end
HEADS = 24  # between two arrowheads


@dataclass(frozen=True, eq=False)
class Curve:
    """log2 of what is left after k = 0, 1 ... steps; ``theory`` is drawn thin in ink and does not set the scale."""

    log2: NDArray[np.float64]
    name: str
    sentence: str
    token: str = "ink"
    width: float = 1.4
    dash: tuple[float, ...] = ()
    heads: bool = False
    theory: bool = False

    @property
    def decades(self) -> NDArray[np.float64]:
        """The same as log10."""
        return self.log2 * LOG10_OF_2


def power(base: float, steps: int) -> NDArray[np.float64]:
    """``log2 base^k`` for k = 0 ... ``steps``; base 0 is −inf from k = 1 on."""
    k = np.arange(steps + 1, dtype=np.float64)
    if base <= 0:
        return np.where(k > 0, -np.inf, 0.0)
    return k * math.log2(base)


def spread(places: Sequence[float], room: float, low: float, high: float) -> list[float]:
    """The ``places`` moved apart to at least ``room``, in their order, within ``low`` to ``high``."""
    order = sorted(range(len(places)), key=places.__getitem__)
    found = [min(max(places[i], low), high) for i in order]
    for i in range(1, len(found)):
        found[i] = max(found[i], found[i - 1] + room)
    if found and found[-1] > high:
        found[-1] = high
        for i in range(len(found) - 2, -1, -1):
            found[i] = min(found[i], found[i + 1] - room)
    result = [0.0] * len(places)
    for i, y in zip(order, found, strict=True):
        result[i] = y
    return result


class DecayPlot(QWidget):
    """Curves against k. The gradient flows left: k = 0, the loss, is at the right (in a reverse layer at the left)."""

    #: k under a click
    clicked = Signal(int)

    def __init__(self, *, look: Look, height: float, name: str) -> None:
        super().__init__()
        self.look, self._height = look, height
        self.curves: tuple[Curve, ...] = ()
        self._leftward, self._first_step = True, 0
        self._key: Hashable = None
        self._limits = GrowingLimits(-1.0, 0.0)
        self.setAccessibleName(name)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._turn = Turn(self, self.update, weight=PANEL)
        look.changed.connect(self.updateGeometry)

    def show_curves(self, curves: Sequence[Curve], *, loss_step: int, leftward: bool, key: Hashable) -> None:
        """Draw these; the scale only grows while ``key`` stays the same."""
        self.curves, self._leftward, self._first_step, self._key = tuple(curves), leftward, loss_step, key
        self.setAccessibleDescription("; ".join(self._end_words(curve) for curve in self.curves))
        self._turn.ask()

    @staticmethod
    def _end_words(curve: Curve) -> str:
        return f"{math_text.plain(curve.name)} after {len(curve.log2) - 1} steps: {norm_text(float(curve.log2[-1]))}"

    @property
    def steps(self) -> int:
        """K, the last k."""
        return max((len(curve.log2) - 1 for curve in self.curves), default=0)

    def sizeHint(self) -> QSize:
        """The design height."""
        return QSize(self.look.ipx(200), self.look.ipx(self._height))

    # ---- geometry ----------------------------------------------------------------------------

    def plot_rect(self) -> QRectF:
        """Between names and decades."""
        px, names, ticks = self.look.px, self.look.px(LABELS), self.look.px(TICKS)
        left, right = (names, ticks) if self._leftward else (ticks, names)
        return QRectF(left, px(8), max(1.0, self.width() - left - right), max(1.0, self.height() - px(8 + 32)))

    def xs(self, steps: NDArray[np.float64]) -> NDArray[np.float64]:
        """X of k."""
        rect = self.plot_rect()
        share = np.asarray(steps, np.float64) / max(1, self.steps)
        return rect.right() - share * rect.width() if self._leftward else rect.left() + share * rect.width()

    def k_at(self, x: float) -> int:
        """The k nearest to ``x``."""
        rect = self.plot_rect()
        share = (rect.right() - x if self._leftward else x - rect.left()) / rect.width()
        return min(self.steps, max(0, round(share * self.steps)))

    def scale(self) -> LogScale:
        """Decades that hold what was measured, and theory as far as it stays near."""
        rect = self.plot_rect()
        measured = [curve.decades for curve in self.curves if not curve.theory]
        finite = np.concatenate([each[np.isfinite(each)] for each in measured]) if measured else np.zeros(1)
        low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
        beyond = SHARE * (high - low)
        floor, top = low - max(BELOW, beyond), high + max(ABOVE, beyond)
        near = [np.clip(curve.decades, floor, top) for curve in self.curves if curve.theory]
        low, high = self._limits.fit(self._key, [*measured, *near], around=DEEPEST, span=DEEPEST)
        return LogScale(low, max(high, low + 1), rect.top(), rect.bottom())

    # ---- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Grid, curves, names."""
        del event
        with self._turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            if not self.steps:
                return
            scale, rect = self.scale(), self.plot_rect()
            self._paint_grid(painter, rect, scale)
            painter.save()
            painter.setClipRect(rect.adjusted(-self.look.px(7), -2, self.look.px(7), 2))
            for curve in reversed(self.curves):
                self._paint_curve(painter, curve, scale)
            painter.restore()
            self._paint_names(painter, rect, scale)

    def _paint_grid(self, painter: QPainter, rect: QRectF, scale: LogScale) -> None:
        look, theme, px = self.look, self.look.theme, self.look.px
        for decade in scale.ticks(px(17)):
            y = float(scale.y(decade))
            draw_rule(painter, rect.left(), rect.right(), y, QPen(theme.line, 1))
            right = self.width() if self._leftward else rect.left() - px(6)
            draw_tick(painter, look, right, y, decade_text(decade))
        painter.setFont(look.font("tick"))
        painter.setPen(theme.ink2)
        baseline = rect.bottom() + px(14)
        for k in self._ticks():
            x, words = float(self.xs(np.array(k))), str(k)
            painter.fillRect(QRectF(round(x), rect.bottom(), 1, px(3)), theme.line2)
            wide = painter.fontMetrics().horizontalAdvance(words)
            painter.drawText(QPointF(x - wide / 2, baseline), words)
        words = "← k steps back from the loss" if self._leftward else "k steps on from the loss →"
        x = rect.center().x() - painter.fontMetrics().horizontalAdvance(words) / 2
        painter.drawText(QPointF(x, baseline + px(14)), words)

    def _ticks(self) -> list[int]:
        """0, K and round numbers between."""
        last = self.steps
        stride = next((s for s in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if last / s <= 5), last)
        return [k for k in range(0, last, max(1, stride)) if last - k > stride / 2] + [last]

    def _paint_curve(self, painter: QPainter, curve: Curve, scale: LogScale) -> None:
        look, colour = self.look, getattr(self.look.theme, curve.token)
        values = curve.decades
        xs = self.xs(np.arange(len(values)))
        # Beyond the scale a line goes on, outside the clip: its slope stays true.
        with np.errstate(invalid="ignore"):
            share = np.clip((values - scale.low) / max(1, scale.high - scale.low), -3.0, 4.0)
        ys = np.where(np.isfinite(values), scale.bottom - share * (scale.bottom - scale.top), np.nan)
        pen = QPen(colour, look.px(curve.width))
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        if curve.dash:
            pen.setDashPattern(list(curve.dash))
        draw_line(painter, xs, ys, pen)
        if curve.heads and len(xs) > 1:
            stride = max(1, math.ceil(look.px(HEADS) / max(1e-9, abs(float(xs[1] - xs[0])))))
            chosen = slice(stride, None, stride)
            draw_heads(painter, xs[chosen], ys[chosen], look.px(4.2), colour, left=self._leftward)

    def _paint_names(self, painter: QPainter, rect: QRectF, scale: LogScale) -> None:
        theme, px = self.look.theme, self.look.px
        ends = [self._end(curve, scale) for curve in self.curves]
        places = spread([y for _, y in ends], px(ROOM), rect.top(), rect.bottom())
        for curve, (x, y), place in zip(self.curves, ends, places, strict=True):
            colour = getattr(theme, curve.token)
            wide = self._name_width(curve.name)
            at = rect.left() - px(8) - wide if self._leftward else rect.right() + px(8)
            edge = rect.left() - px(6) if self._leftward else rect.right() + px(6)
            painter.setPen(QPen(theme.faded(curve.token, 0.6), 1))
            near = abs(x - (rect.left() if self._leftward else rect.right())) < px(12)
            if near and abs(place - y) > px(2.5):
                painter.drawLine(QPointF(x, y), QPointF(edge, place))
            self._paint_name(painter, max(at, 0.0), place + px(4.5), curve.name, colour)

    def _name_width(self, name: str) -> float:
        if name.isalpha():
            return QFontMetricsF(self.look.font("small")).horizontalAdvance(name)
        return math_text.width(name, self.look.font("maths_small"))

    def _paint_name(self, painter: QPainter, x: float, baseline: float, name: str, colour: QColor) -> None:
        """Words as words, symbols as symbols."""
        if not name.isalpha():
            math_text.paint(painter, x, baseline, name, self.look.font("maths_small"), colour)
            return
        painter.setFont(self.look.font("small"))
        painter.setPen(colour)
        painter.drawText(QPointF(x, baseline), name)

    def _end(self, curve: Curve, scale: LogScale) -> tuple[float, float]:
        """Where the line ends, or leaves the scale."""
        values = curve.decades
        finite = np.flatnonzero(np.isfinite(values))
        last = int(finite[-1]) if finite.size else 0
        y = float(scale.y(values[last])) if last == len(values) - 1 else scale.bottom
        return float(self.xs(np.array(last))), y

    # ---- acts and words ----------------------------------------------------------------------

    def words_at(self, k: int) -> str:
        """Every curve k steps back, in numbers."""
        step = self._first_step - k if self._leftward else self._first_step + k
        lines = [f"k = {k}: time step {step}"]
        for curve in self.curves:
            if k < len(curve.log2):
                sentence = told(curve.sentence, math_text.notation())
                lines.append(f"{math_text.plain(curve.name)} = {norm_text(float(curve.log2[k]))}: {sentence}")
        return "\n".join(lines)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The numbers under the pointer."""
        inside = self.steps and self.plot_rect().adjusted(-6, -6, 6, 6).contains(event.position())
        words = self.words_at(self.k_at(event.position().x())) if inside else ""
        QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click chooses k."""
        if self.steps and event.button() == Qt.MouseButton.LeftButton:
            self.clicked.emit(self.k_at(event.position().x()))

    def event(self, event: QEvent) -> bool:
        """The words come with the pointer's moves; Qt's own tip would hide them."""
        return True if event.type() == QEvent.Type.ToolTip else super().event(event)
