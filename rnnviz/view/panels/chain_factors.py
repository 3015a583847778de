"""The factors of a chain, one column each: its mean and largest stretch as a bar, all its singular values as dots."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize
from PySide6.QtGui import QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rnnviz.view import math_text
from rnnviz.view.layer_names import is_reverse
from rnnviz.view.marks import blit_pixels, draw_columns, draw_rule, draw_tick, premultiplied
from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.panels.chain_plot import LABELS, TICKS
from rnnviz.view.scales import LOG10_OF_2, GrowingLimits, LogScale, decade_text, norm_text

if TYPE_CHECKING:
    from collections.abc import Hashable

    from numpy.typing import NDArray
    from PySide6.QtGui import QMouseEvent, QPaintEvent

    from rnnviz.service.messages import Chained
    from rnnviz.view.look import Look

BARS, DOTS, CAPTION, GAP = 44.0, 84.0, 18.0, 10.0  # design px
FAINT = 0.45  # of a lone dot; where many lie on each other they darken


class FactorStrip(QWidget):
    """Bars over dots on one axis of factors, the nearest to the loss where the gradient starts."""

    def __init__(self, *, look: Look) -> None:
        super().__init__()
        self.look = look
        self._chain: Chained | None = None
        self._leftward = True
        self._key: Hashable = None
        self._bar_limits, self._dot_limits = GrowingLimits(-0.5, 0.5), GrowingLimits(-1.0, 0.5)
        self.setAccessibleName("Factors of the chain")
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._turn = Turn(self, self.update, weight=PANEL)
        look.changed.connect(self.updateGeometry)

    def show_chain(self, chain: Chained, key: Hashable) -> None:
        """Draw the factors of ``chain``; scales only grow while ``key`` stays the same."""
        self._chain, self._key, self._leftward = chain, key, not is_reverse(chain.layer)
        self.setAccessibleDescription("; ".join(self.words_at(k) for k in range(min(3, self.count))))
        self._turn.ask()

    @property
    def count(self) -> int:
        """How many factors are drawn."""
        if self._chain is None:
            return 0
        return len(self._chain.log2_largest) or len(self._chain.steps)

    def sizeHint(self) -> QSize:
        """Captions, bars, dots."""
        return QSize(self.look.ipx(200), self.look.ipx(2 * CAPTION + BARS + GAP + DOTS + 4))

    # ---- geometry ----------------------------------------------------------------------------

    def _rect(self, top: float, height: float) -> QRectF:
        px = self.look.px
        left, right = (px(LABELS), px(TICKS)) if self._leftward else (px(TICKS), px(LABELS))
        return QRectF(round(left), round(px(top)), max(1, round(self.width() - left - right)), round(px(height)))

    def bar_rect(self) -> QRectF:
        """Where the bars are drawn."""
        return self._rect(CAPTION, BARS)

    def dot_rect(self) -> QRectF:
        """Where the dots are drawn."""
        return self._rect(2 * CAPTION + BARS + GAP, DOTS)

    def factor_at(self, x: float) -> int:
        """The index of the factor under ``x``, 0 the nearest to the loss."""
        rect = self.bar_rect()
        share = (rect.right() - x if self._leftward else x - rect.left()) / rect.width()
        return min(self.count - 1, max(0, int(share * self.count)))

    def _columns(self, rect: QRectF, ratio: float) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
        """The factor behind each device pixel column, and how far across its own column the pixel lies."""
        pixels = max(1, round(rect.width() * ratio))
        share = (np.arange(pixels) + 0.5) / pixels
        place = (1 - share if self._leftward else share) * self.count
        index = np.minimum(place.astype(np.intp), self.count - 1)
        return index, place - index

    # ---- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Captions, bars, dots."""
        del event
        with self._turn, QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            chain = self._chain
            if chain is None or not self.count:
                return
            self._paint_bars(painter, chain, self.bar_rect())
            if len(chain.log2_spectra):
                self._paint_dots(painter, chain, self.dot_rect())

    def _caption(self, painter: QPainter, rect: QRectF, markup: str, words: str) -> None:
        px, look = self.look.px, self.look
        baseline = rect.top() - px(6)
        left = 0.0 if self._leftward else rect.left()  # beside the decades
        x = math_text.paint(painter, left, baseline, markup, look.font("maths_small"), look.theme.ink2)
        painter.setFont(look.font("small"))
        painter.setPen(look.theme.ink2)
        painter.drawText(QPointF(x + px(5), baseline), words)

    def _scale(self, rect: QRectF, limits: GrowingLimits, *values: NDArray[np.float64]) -> LogScale:
        low, high = limits.fit(self._key, values, around=4, span=5)
        return LogScale(low, high, rect.top(), rect.bottom())

    def _grid(self, painter: QPainter, rect: QRectF, scale: LogScale) -> None:
        look, theme = self.look, self.look.theme
        for decade in scale.ticks(look.px(15)):
            y = float(scale.y(decade))
            draw_rule(painter, rect.left(), rect.right(), y, QPen(theme.ink2 if decade == 0 else theme.line, 1))
            right = self.width() if self._leftward else rect.left() - look.px(6)
            draw_tick(painter, look, right, y, decade_text(decade))

    def _paint_bars(self, painter: QPainter, chain: Chained, rect: QRectF) -> None:
        theme, ratio = self.look.theme, painter.device().devicePixelRatioF()
        self._caption(painter, rect, "‖J_k‖_F / √n", "bars,  σₘₐₓ lines")
        gain = chain.log2_gain[: self.count] * LOG10_OF_2
        largest = chain.log2_largest * LOG10_OF_2
        scale = self._scale(rect, self._bar_limits, gain, largest)
        self._grid(painter, rect, scale)
        index, across = self._columns(rect, ratio)
        wide = rect.width() / self.count >= 4
        shown = (np.abs(across - 0.5) <= 0.35) if wide else np.ones(len(index), bool)
        one, y = float(scale.y(0.0)), scale.y(gain)[index]
        top, bottom = np.where(shown, np.fmin(one, y), np.nan), np.where(shown, np.fmax(one, y), np.nan)
        draw_columns(painter, rect, top, bottom, theme.faded("grad", 0.42), ratio)
        if len(largest):
            line = np.where((np.abs(across - 0.5) <= 0.45) | ~np.array(wide), scale.y(largest)[index], np.nan)
            draw_columns(painter, rect, line - 1, line + 0.5, theme.grad, ratio)

    def _paint_dots(self, painter: QPainter, chain: Chained, rect: QRectF) -> None:
        ratio = painter.device().devicePixelRatioF()
        self._caption(painter, rect, f"σ_{{1}} … σ_{{{chain.size}}}", "singular values of each factor")
        values = np.asarray(chain.log2_spectra, np.float64) * LOG10_OF_2
        scale = self._scale(rect, self._dot_limits, values)
        self._grid(painter, rect, scale)
        blit_pixels(painter, rect, self._dots(rect, scale, values, ratio), ratio)

    def _dots(self, rect: QRectF, scale: LogScale, values: NDArray[np.float64], ratio: float) -> NDArray[np.uint32]:
        """Every singular value as a dash across its column; what lies on each other darkens."""
        index, across = self._columns(rect, ratio)
        height, half = max(1, round(rect.height() * ratio)), max(1, round(ratio))
        inside = np.where(values >= scale.low, values, np.nan)  # smaller ones are below the scale, not at its floor
        y = np.nan_to_num((scale.y(inside) - rect.top()) * ratio, nan=-9 * half).astype(np.intp)
        counts = np.zeros((self.count, height), np.float32)
        columns = np.repeat(np.arange(self.count), values.shape[1])
        for offset in range(-half + 1, half + 1):
            rows = y.ravel() + offset
            good = (rows >= 0) & (rows < height)
            np.add.at(counts, (columns[good], rows[good]), 1)
        shades = np.where(counts > 0, np.minimum(1.0, FAINT + 0.2 * (counts - 1)), 0.0)
        picture = shades[index].T * ((np.abs(across - 0.5) <= 0.4) | (rect.width() / self.count < 4))
        colour = self.look.theme.grad
        return premultiplied((picture * 255).astype(np.uint32) << 24 | np.uint32(colour.rgb() & 0xFFFFFF))

    # ---- words -------------------------------------------------------------------------------

    def words_at(self, k: int) -> str:
        """One factor in numbers."""
        chain = self._chain
        if chain is None:
            return ""
        step = int(chain.steps[k])
        before = step - 1 if self._leftward else step + 1
        state = state_letter(chain)
        factor = math_text.plain(f"J_{{{step}}} = ∂{state}_{{{step}}} / ∂{state}_{{{before}}}")
        words = [factor, f"mean stretch {norm_text(float(chain.log2_gain[k]))}"]
        if k < len(chain.log2_largest):
            words.append(f"largest singular value {norm_text(float(chain.log2_largest[k]))}")
        if k < len(chain.log2_spectra):
            words.append(f"smallest {norm_text(float(chain.log2_spectra[k][-1]))}")
        return ", ".join(words)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The numbers of the factor under the pointer."""
        rect = self.bar_rect()
        inside = self.count and rect.left() <= event.position().x() <= rect.right()
        words = self.words_at(self.factor_at(event.position().x())) if inside else ""
        QToolTip.showText(event.globalPosition().toPoint(), words, self)

    def event(self, event: QEvent) -> bool:
        """The words come with the pointer's moves; Qt's own tip would hide them."""
        return True if event.type() == QEvent.Type.ToolTip else super().event(event)


def state_letter(chain: Chained) -> str:
    """What one step hands to the next: h, or the s that stands for h and c of an LSTM."""
    return "s" if "f" in chain.radius else "h"
