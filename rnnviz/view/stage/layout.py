"""Where everything on the stage stands: rows from top to bottom, widths from the pitch. No drawing here.

Lengths are widget pixels. Three arrangements: "simple" (first meeting), "full" and "presenter".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rnnviz.view.look import Look

SMALLEST_SQUARE = 6.5  # design px; below this a cell melts into a strip (visual.md, section 8)
TALLEST_SQUARE = 26.0
WIDE_WINDOW = 1100.0  # design px; a stage of its own that is narrower uses the small gutter
WIDE_GUTTER = 200.0
SIMPLE_WIDTH = 1280.0  # design px the first-meeting picture is drawn for
SIMPLE_STRIP = 52.0  # design px at the right of it that stay free for the names of the rails
CAPTION = 17.0  # design px for the words "encoder" and "decoder"
BETWEEN_ROWS = 20.0  # design px between the chains of a network
ENTRY, JOIN = 10.0, 5.0  # design px below a row where its input comes in, and above it where states are joined
LEAST_ROW = 44.0  # design px a row needs beside others
PRESENTER_COLUMNS = 20  # a longer text shows a window of this many steps, and all of it as a thin ribbon


class Mode(StrEnum):
    """How the stage is arranged."""

    SIMPLE = "simple"
    FULL = "full"
    PRESENTER = "presenter"


@dataclass(frozen=True)
class RowBand:
    """The cells of one layer: ``hh`` is the height of the W_hh rail, ``cc`` that of the c path."""

    name: str
    top: float
    bottom: float
    hh: float
    cc: float

    @property
    def height(self) -> float:
        """Height of a cell, px."""
        return self.bottom - self.top


@dataclass(frozen=True)
class StageLayout:
    """The rows and widths of one picture. ``rows`` holds the layers from top to bottom.

    ``ribbon`` is the top of the presenter's thin picture of all steps, 0 without one.
    """

    mode: Mode
    scale: float
    width: float
    height: float
    gutter: float
    pitch: float
    header: float
    loss: float
    output_top: float
    output_bottom: float
    why: float
    rows: tuple[RowBand, ...]
    wxh: float
    chip_top: float
    chip_bottom: float
    number: float
    folded_x: float
    squares: bool
    inset: float
    hidden: int
    ribbon: float = 0.0
    single_output: bool = False
    caption: float = 0.0
    values_top: float = 0.0
    values_bottom: float = 0.0

    @cached_property
    def cell_width(self) -> float:
        """Width of one copy of the cell."""
        return min(self.pitch * 0.704, self._wide(38, 54, 0.42, 56, 0.7))

    @cached_property
    def chip_width(self) -> float:
        """Width of one token chip."""
        return self.pitch * 0.9 if self.pitch < 30 * self.scale else min(self.pitch * 0.87, self._chip_limit())

    @cached_property
    def output_width(self) -> float:
        """Width of one y box; one that stands alone has room for its labels in words."""
        return self.px(92) if self.single_output else min(self.pitch * 0.85, self.px(92))

    @property
    def top_row(self) -> RowBand:
        """The layer that feeds the outputs."""
        return self.rows[0]

    @property
    def bottom_row(self) -> RowBand:
        """The layer that reads the tokens."""
        return self.rows[-1]

    def px(self, length: float) -> float:
        """``length`` design pixels in widget pixels."""
        return length * self.scale

    def cell(self, x: float, row: RowBand) -> QRectF:
        """The outline of the copy centred on ``x``."""
        return QRectF(x - self.cell_width / 2, row.top, self.cell_width, row.height)

    def chip(self, x: float) -> QRectF:
        """The token chip centred on ``x``."""
        return QRectF(x - self.chip_width / 2, self.chip_top, self.chip_width, self.chip_bottom - self.chip_top)

    def output(self, x: float) -> QRectF:
        """The y box centred on ``x``."""
        return QRectF(
            x - self.output_width / 2, self.output_top, self.output_width, self.output_bottom - self.output_top
        )

    def square(self, x: float, row: RowBand, unit: int, part: int, parts: int) -> QRectF:
        """The square of ``unit``; ``part`` 0..parts-1 counts its columns from the left. On whole pixels."""
        left, width = self.square_span(x, part, parts)
        step = (row.height - 2 * self.inset) / self.hidden
        top = round(row.top + self.inset + unit * step)
        bottom = round(row.top + self.inset + (unit + 1) * step)
        gap = 0 if not self.squares else max(1, round(step * 0.1))
        return QRectF(left, top, width, max(1, bottom - top - gap))

    def square_span(self, x: float, part: int, parts: int) -> tuple[float, float]:
        """Left edge and width of column ``part`` of squares in the cell centred on ``x``."""
        offset, width = self.span(part, parts)
        return round(x + offset), max(1, round(width))

    def span(self, part: int, parts: int) -> tuple[float, float]:
        """Left edge of column ``part`` of squares from the middle of its cell, and its width; not yet rounded."""
        inner = self.cell_width * (0.58 if parts == 1 else 0.7)
        gap = 0.0 if parts == 1 else max(1.0, round(self.cell_width * 0.065))
        width = (inner - gap * (parts - 1)) / parts
        return part * (width + gap) - inner / 2, width

    def unit_at(self, y: float, row: RowBand) -> int:
        """The unit drawn at height ``y`` of ``row``; -1 outside."""
        share = (y - row.top - self.inset) / max(1.0, row.height - 2 * self.inset)
        return int(share * self.hidden) if 0 <= share < 1 else -1

    def _wide(self, base: float, pitch: float, slope: float, limit: float, share: float) -> float:
        design = self.pitch / self.scale
        if self.mode is Mode.SIMPLE:
            return self.px(min(limit, design * share))
        return self.px(base + max(0.0, design - pitch) * slope)

    def _chip_limit(self) -> float:
        return self.px(68 if self.mode is Mode.SIMPLE else 84)


def make_layout(
    *, size: tuple[float, float], look: Look, mode: Mode, pitch: float, layers: Sequence[str], hidden: int,
    gutter: float, length: int = 0, single_output: bool = False, captions: bool = False,
    numbers: bool = False,
) -> StageLayout:  # fmt: skip
    """The layout of a stage of ``size`` px. ``layers`` are the rows to show, the outermost layer first.

    ``captions`` leaves room for the words over the two halves of an encoder-decoder, ``numbers`` for curves over all.
    """
    width, height = size
    scale = look.scale
    has_ribbon = mode is Mode.PRESENTER and length > PRESENTER_COLUMNS
    above, below, least = _rows_of(mode, height / scale, has_ribbon=has_ribbon)
    band = (0.0, 0.0)
    if numbers:
        band, above = _rows_of_numbers(mode, height / scale)
    if captions and mode is not Mode.PRESENTER:
        above = tuple(value + CAPTION for value in above)
    room = height / scale - below[-1] - above[-1]
    tallest = min(room, len(layers) * (TALLEST_SQUARE * hidden + 16) + BETWEEN_ROWS * (len(layers) - 1))
    block = max(least, tallest)
    slack = max(0.0, room - block) / 2
    shift = {Mode.FULL: slack, Mode.SIMPLE: max(0.0, slack - 5), Mode.PRESENTER: 0.0}[mode]
    tops = [(value + shift) * scale for value in above]
    band_top, band_bottom = band[0] * scale, (band[1] + shift) * scale if numbers else 0.0
    cell_top, cell_bottom = tops[-1], tops[-1] + block * scale
    wxh, chip_top, chip_bottom, number = (cell_bottom + value * scale for value in below[:4])
    bands = _bands(layers, cell_top, cell_bottom, scale, 0.5 if mode is not Mode.FULL else 0.72)
    inset = min(9.5, 0.055 * block / len(layers) + 1) * scale
    square = (bands[0].height - 2 * inset) / max(1, hidden)
    return StageLayout(
        mode=mode, scale=scale, width=width, height=height, pitch=pitch, hidden=hidden,
        header=look.px(21), loss=tops[0], output_top=tops[1], output_bottom=tops[2], why=tops[3], rows=bands,
        wxh=wxh, chip_top=chip_top, chip_bottom=chip_bottom, number=number,
        gutter=gutter, folded_x=folded_centre(mode, width, scale, gutter),
        squares=square >= SMALLEST_SQUARE * scale, inset=inset, ribbon=number + 17 * scale if has_ribbon else 0.0,
        single_output=single_output, caption=_caption(mode, tops, scale) if captions else 0.0,
        values_top=band_top, values_bottom=band_bottom,
    )  # fmt: skip


def rows_that_fit(names: Sequence[str], chosen: str, mode: Mode, height: float) -> tuple[str, ...]:
    """The rows to show of ``names`` (the outermost first): all, else the chains of the chosen layer, else ``chosen``.

    ``height`` is that of the stage in design px. A row with others must stay ``LEAST_ROW`` high.
    """
    above, below, least = _rows_of(mode, height, has_ribbon=False)
    room = max(least, height - below[-1] - above[-1])
    chosen = chosen if chosen in names else names[-1]
    layer = chosen.rstrip("r")
    for rows in (tuple(names), tuple(name for name in names if name.rstrip("r") == layer)):
        if len(rows) * LEAST_ROW + (len(rows) - 1) * BETWEEN_ROWS <= room:
            return rows
    return (chosen,)


def _caption(mode: Mode, tops: Sequence[float], scale: float) -> float:
    """The middle of the words over the two halves: over the losses, on a projector over the cells."""
    return tops[-1] - 27 * scale if mode is Mode.PRESENTER else tops[0] - (15 if mode is Mode.FULL else 6) * scale


def gutter_width(mode: Mode, width: float, scale: float, *, wide: bool | None = None) -> float:
    """Room for labels and the folded cell at the left of the axis; ``wide`` None: by the stage's own width."""
    if mode is Mode.PRESENTER:
        return 95 * scale - 1
    if mode is Mode.SIMPLE:
        return _simple_offset(width, scale) + (255 if width >= WIDE_WINDOW * scale else 215) * scale
    roomy = width >= WIDE_WINDOW * scale if wide is None else wide
    return (221 if roomy else 148) * scale


def axis_width(mode: Mode, width: float, scale: float) -> float:
    """Width of the time axis on a stage ``width`` px wide, gutter included."""
    return width - SIMPLE_STRIP * scale if mode is Mode.SIMPLE else width


def folded_centre(mode: Mode, width: float, scale: float, gutter: float) -> float:
    """X of the folded cell's centre."""
    if mode is Mode.SIMPLE:
        return _simple_offset(width, scale) + (130 if width >= WIDE_WINDOW * scale else 112) * scale
    return (92 if gutter >= WIDE_GUTTER * scale else 70) * scale


def _simple_offset(width: float, scale: float) -> float:
    return max(0.0, (width - SIMPLE_WIDTH * scale) / 2)


def _bands(layers: Sequence[str], top: float, bottom: float, scale: float, share: float) -> tuple[RowBand, ...]:
    gap = BETWEEN_ROWS * scale
    height = (bottom - top - gap * (len(layers) - 1)) / len(layers)
    bands = []
    for index, name in enumerate(layers):
        start = top + index * (height + gap)
        bands.append(RowBand(name, start, start + height, start + share * height, start + 0.175 * height))
    return tuple(bands)


# Each returns design px: (loss, output top, output bottom, W_hy, cell top) from the top of the stage,
# (W_xh, chip top, chip bottom, number, end) from the bottom of the cells, and the smallest cell block.
_Rows = tuple[tuple[float, ...], tuple[float, ...], float]


def _rows_of(mode: Mode, height: float, *, has_ribbon: bool) -> _Rows:
    if mode is Mode.PRESENTER:
        return (76, 84, 84, 84, 112), (6, 12, 58, 74, 113 if has_ribbon else 90), 80
    return _simple_rows(height) if mode is Mode.SIMPLE else _full_rows(height)


def _rows_of_numbers(mode: Mode, height: float) -> tuple[tuple[float, float], tuple[float, ...]]:
    """The band of the curves and, below it, the rows above the cells: an answer in numbers needs lower boxes."""
    if mode is Mode.PRESENTER:
        return (78, 172), (176, 184, 184, 184, 198)
    if mode is Mode.FULL:
        if height < 400:
            return (34, 84), (92, 102, 127, 137, 146)
        return (38, 126), (139, 152, 189, 203, 218)
    if height < 400:
        return (2, 48), (50, 52, 78, 90, 104)
    return ((4, 72), (76, 78, 112, 130, 146)) if height < 470 else ((8, 96), (100, 104, 144, 166, 186))


def _full_rows(height: float) -> _Rows:
    if height < 400:
        return (44, 58, 103, 113, 123), (12, 23, 58, 69, 78), 76
    return (51, 73, 136, 154, 171), (18, 37, 78, 91, 103), 90


def _simple_rows(height: float) -> _Rows:
    if height < 400:
        return (4, 8, 60, 80, 96), (20, 38, 82, 94, 96), 90
    if height < 470:
        return (8, 14, 78, 104, 122), (24, 44, 96, 112, 122), 100
    return (10, 16, 88, 118, 140), (26, 50, 110, 126, 140), 120
