"""Where the columns of a cell, its parts and the minimap stand. Lengths are widget pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF

if TYPE_CHECKING:
    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.inside_columns import Inside

ROW, TALLEST_ROW, LEAST_ROW = 27.0, 58.0, 19.0
SPACING, WIDE_SPACING = 169.0, 200.0


@dataclass(frozen=True)
class InsideLayout:
    """One picture of the inside: ``first`` is the first unit shown, ``rows`` how many fit."""

    scale: float
    card: QRectF
    compact: bool
    rows_top: float
    row: float
    rows: int
    first: int
    left: float
    spacing: float
    width: float
    part_top: float
    part_step: float

    def px(self, length: float) -> float:
        """``length`` design pixels in widget pixels."""
        return length * self.scale

    def column_x(self, index: int) -> float:
        """Centre of column ``index``."""
        return self.left + index * self.spacing

    def square(self, index: int, unit: int) -> QRectF:
        """The square of ``unit`` in column ``index``."""
        top = self.rows_top + (unit - self.first) * self.row
        return QRectF(
            round(self.column_x(index) - self.width / 2), round(top), round(self.width), round(self.row - self.px(2))
        )

    @property
    def rows_bottom(self) -> float:
        """Below the last row."""
        return self.rows_top + self.rows * self.row

    def part_y(self, index: int) -> float:
        """Middle of part line ``index``: 0 function, 1 input, 2 recurrent, 3 bias, 4 sum."""
        return self.part_top + index * self.part_step


def make_inside_layout(frame: Frame, content: Inside) -> InsideLayout:
    """Fit the columns into the card; too many units become a window around the selected one."""
    stage = frame.layout
    scale = stage.scale
    height, width = stage.height / scale, stage.width / scale
    compact = height < 560
    has_parts = any(column.parts for column in content.columns)
    card = QRectF(72, 93, width - 144, height - 93 - (22 if not compact else 10))
    rows_top = card.top() + (109 if not compact else 52)
    part_step = 34.0 if not compact else 22.0
    below = (5 * part_step + (24 if not compact else 14)) if has_parts else (30 if not compact else 14)
    room = max(60.0, card.bottom() - below - rows_top)
    units = stage.hidden
    row = min(TALLEST_ROW, max(LEAST_ROW, room / units))
    rows = max(1, min(units, int(room / row + 1e-6)))
    middle = max(0, frame.unit)
    first = min(max(0, middle - rows // 2), units - rows)
    if not compact:
        card.setBottom(min(card.bottom(), rows_top + rows * row + below + 6))
    count = max(1, len(content.columns))
    labels = 76.0
    right = 0.0 if has_parts else 230.0
    spacing = min(SPACING if count > 6 else WIDE_SPACING, (card.width() - labels - 142 - right) / max(1, count - 1))
    square = min(92.0 if row < 34 else 112.0, spacing * 0.62)
    span = spacing * (count - 1) + square
    start = card.left() + labels + max(20.0, (card.width() - labels - right - span) / 2 * 0.55)
    return InsideLayout(
        scale=scale, card=_scaled(card, scale), compact=compact, rows_top=rows_top * scale, row=row * scale, rows=rows,
        first=first, left=(start + square / 2) * scale, spacing=spacing * scale, width=square * scale,
        part_top=(rows_top + rows * row + (34 if not compact else 18)) * scale, part_step=part_step * scale,
    )  # fmt: skip


def minimap_rect(frame: Frame) -> QRectF:
    """The heat band of all steps above the card."""
    layout = frame.layout
    left = max(frame.axis.gutter + layout.px(54), layout.px(110))
    room = layout.width - left - layout.px(214)
    pitch = min(layout.px(54), room / max(1, frame.length))
    return QRectF(left, layout.px(12), pitch * frame.length, layout.px(40))


def minimap_step(frame: Frame, x: float) -> int:
    """The step of the minimap under ``x``; 0 outside."""
    rect = minimap_rect(frame)
    if not frame.length or not rect.left() <= x < rect.right():
        return 0
    return min(frame.length, int((x - rect.left()) / rect.width() * frame.length) + 1)


def _scaled(rect: QRectF, scale: float) -> QRectF:
    return QRectF(rect.left() * scale, rect.top() * scale, rect.width() * scale, rect.height() * scale)
