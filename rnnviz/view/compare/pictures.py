"""What every picture of a column is drawn with, and its head and text. All colours are quantities."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPen

from rnnviz.view.compare.scene import horizon_words
from rnnviz.view.facts import percent

if TYPE_CHECKING:
    from PySide6.QtGui import QColor

    from rnnviz.service.messages import ComparedModel
    from rnnviz.view.compare.geometry import Geometry
    from rnnviz.view.compare.scene import Scene
    from rnnviz.view.look import Look

CHIPS_FROM, SMALL_CHIPS_FROM = 17.0, 10.5  # px of pitch for a letter in its box, for a letter alone
BAND = 0.2  # opacity of what lies between the seeds
THIN = 0.5  # opacity of the other models' lines
PRINTED = {" ": "␣", "\n": "↵", "\t": "⇥"}


@dataclass(frozen=True, eq=False)
class Brush:
    """Everything a picture needs: where, with what look, what of, and which of the models has this column."""

    painter: QPainter
    look: Look
    geometry: Geometry
    scene: Scene
    index: int

    @property
    def model(self) -> ComparedModel:
        """The model of this column."""
        return self.scene.models[self.index]

    @property
    def others(self) -> list[int]:
        """The models of the other columns."""
        return [index for index in range(len(self.scene.models)) if index != self.index]

    @property
    def thin(self) -> QColor:
        """The colour of the other models' lines: ink, because grey beside a gradient cannot be told apart by all."""
        return self.look.theme.faded("ink", THIN)


def big_font(look: Look) -> QFont:
    """The type of the one number that should be read from afar."""
    font = QFont(look.font("big"))
    font.setPointSizeF(font.pointSizeF() * 1.65)
    return font


def draw_horizon(brush: Brush) -> None:
    """The big number, what it counts, and its bar on the time axis."""
    painter, look, geometry, scene = brush.painter, brush.look, brush.geometry, brush.scene
    theme, px = look.theme, look.px
    painter.setPen(theme.grad)
    painter.setFont(big_font(look))
    room = QRectF(geometry.left, 0, geometry.width, px(44))
    words = str(brush.model.horizon) if scene.loss_step else "–"
    painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, words)
    painter.setFont(look.font("label"))
    below = QRectF(geometry.left, px(50), geometry.width, px(18))
    ahead = scene.ahead(brush.index)
    counted, seeds = horizon_words(scene.threshold, ahead=ahead), brush.model.horizons
    if seeds:
        counted = f"≥ {percent(scene.threshold)}; {min(seeds)} to {max(seeds)} over {len(seeds)} seeds"
    if QFontMetricsF(painter.font()).horizontalAdvance(counted) > geometry.width - px(180):
        counted = f"≥ {percent(scene.threshold)}"
    painter.drawText(below, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, counted)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.line if theme.name != "light" else theme.raised)
    bar = geometry.bar
    painter.drawRoundedRect(bar, bar.height() / 2, bar.height() / 2)
    if scene.loss_step:
        reach = _stretch(brush, brush.model.horizon)
        painter.setBrush(theme.grad)
        painter.drawRoundedRect(reach, bar.height() / 2, bar.height() / 2)
        if brush.model.horizons:
            furthest, round_end = _stretch(brush, max(brush.model.horizons)), bar.height() / 2
            painter.setBrush(theme.faded("grad", 2 * BAND))
            rest = furthest.adjusted(reach.width() - round_end, 0, 0, 0) if ahead else (
                furthest.adjusted(0, 0, round_end - reach.width(), 0))  # fmt: skip
            painter.drawRect(rest)
    if 0 < scene.needed < scene.loss_step and not ahead:
        painter.fillRect(QRectF(round(geometry.left_of(scene.loss_step - scene.needed)), bar.top() - 3, 2,
                                bar.height() + 6), theme.ink)  # fmt: skip


def _stretch(brush: Brush, steps: int) -> QRectF:
    """The bar of a horizon of ``steps``: from the loss to the left, in a chain from the end to the right."""
    geometry, loss_step, bar = brush.geometry, brush.scene.loss_step, brush.geometry.bar
    if brush.scene.ahead(brush.index):
        first, last = loss_step, min(brush.scene.length, loss_step + steps)
    else:
        first, last = max(1, loss_step - steps), loss_step
    left = geometry.left_of(first)
    return QRectF(left, bar.top(), geometry.left_of(last + 1) - left, bar.height())


def chip_rect(geometry: Geometry, step: int) -> QRectF:
    """The box of one token."""
    area, gap = geometry.chips, min(1.0, 0.05 * geometry.pitch)
    column = geometry.column(step, area.top(), area.bottom())
    return column.adjusted(gap + 0.5, 0.5, -gap - 0.5, -0.5)


def draw_chips(brush: Brush) -> None:
    """The tokens in their columns; letters alone where boxes are too narrow, a band where letters are."""
    painter, look, geometry, scene = brush.painter, brush.look, brush.geometry, brush.scene
    if geometry.pitch < look.px(SMALL_CHIPS_FROM):
        painter.fillRect(geometry.chips, look.theme.panel)
        painter.setPen(QPen(look.theme.line, 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(geometry.chips.adjusted(0.5, 0.5, -0.5, -0.5))
        return
    for step in range(1, scene.length + 1):
        draw_chip(brush, step, current=False)


def draw_chip(brush: Brush, step: int, *, current: bool) -> None:
    """One token; the one at the cursor is ink."""
    painter, look, geometry = brush.painter, brush.look, brush.geometry
    theme, boxed = look.theme, current or geometry.pitch >= look.px(CHIPS_FROM)
    rect = chip_rect(geometry, step)
    if current and rect.width() < look.px(CHIPS_FROM):
        rect = QRectF(rect.center().x() - look.px(CHIPS_FROM) / 2, rect.top(), look.px(CHIPS_FROM), rect.height())
    if boxed:
        painter.setPen(QPen(theme.ink if current else theme.line2, 1))
        painter.setBrush(theme.ink if current else theme.panel)
        painter.drawRoundedRect(rect, look.px(4), look.px(4))
    painter.setPen(theme.panel if current else theme.ink)
    painter.setFont(look.font("live" if boxed else "number"))
    token = brush.scene.tokens[step - 1]
    words = PRINTED.get(token, token)
    if len(words) > 1:
        words = QFontMetricsF(painter.font()).elidedText(words, Qt.TextElideMode.ElideRight, rect.width())
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)
