"""All squares of all visible copies as one image: every device pixel is decided by two index vectors."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage

from rnnviz.view.heat import draw_heat
from rnnviz.view.layer_names import is_reverse
from rnnviz.view.stage import hatch, shapes

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PySide6.QtGui import QPainter

    from rnnviz.view.stage.frame import Frame
    from rnnviz.view.stage.images import LayerImages
    from rnnviz.view.stage.layout import RowBand, StageLayout

GHOST_FILL = 0.22
NOTCH = 3


def paint_squares(painter: QPainter, frame: Frame, row: RowBand, layer: LayerImages, steps: range) -> None:
    """The squares of ``steps`` (those with numbers) in ``row``; ghosts at 22 %, the present step as far as it is."""
    last = min(steps.stop, frame.valid + 1)
    if steps.start >= last:
        return
    steps = range(steps.start, last)
    if not frame.layout.squares:
        _paint_strips(painter, frame, row, layer, steps)
        return
    ratio = painter.device().devicePixelRatio()
    left, pixels = _pixels(frame, row, layer, steps, ratio)
    height, width = pixels.shape
    # The image borrows the array, which outlives the drawing.
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    painter.drawImage(QPointF(left, round(row.top)), image)


def _paint_strips(painter: QPainter, frame: Frame, row: RowBand, layer: LayerImages, steps: range) -> None:
    """Too many units for squares: every copy shows its column of the heat map, all of them one image."""
    layout, parts = frame.layout, len(layer.parts)
    ratio = painter.device().devicePixelRatio()
    left, width = _extent(frame, steps, ratio)
    shown = [_shown(frame, row, steps, symbol) for symbol, _, _ in layer.parts]
    source = np.full(width, len(steps) * parts)
    for part in range(parts):
        step, _ = _columns(frame, part, parts, steps, width, left, ratio)
        source = np.where(step >= 0, step + part * len(steps), source)
    colours = [_column_colours(layer, part, steps, shown[part]) for part in range(parts)]
    nothing = np.zeros((1, layout.hidden), np.uint32)
    # Turned over while it is small: a unit is one row, and repeating along a row is twice as fast.
    pixels = np.ascontiguousarray(np.concatenate([*colours, nothing]).T).take(source, axis=1)
    image = QImage(pixels.data, width, layout.hidden, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    top = layout.square(0.0, row, 0, 0, parts).top()
    bottom = layout.square(0.0, row, layout.hidden - 1, 0, parts).bottom()
    target = QRectF(left, top, width / ratio, bottom - top)
    draw_heat(painter, target, image)
    if any(layer.bad(part) is not None for part in range(parts)):
        marks = [_marks(layer, part, steps) for part in range(parts)]
        bad = np.concatenate([*marks, np.zeros((1, layout.hidden), np.bool_)])[source].T
        hatch.paint_bad(painter, target, bad, frame.theme)


def _marks(layer: LayerImages, part: int, steps: range) -> NDArray[np.bool_]:
    """(steps, H) where column ``part`` is not finite."""
    bad = layer.bad(part)
    return (
        bad[steps.start - 1 : steps.stop - 1]
        if bad is not None
        else np.zeros((len(steps), layer.parts[part][1].shape[1]), np.bool_)
    )


def _extent(frame: Frame, steps: range, ratio: float) -> tuple[int, int]:
    """Left edge of the picture of ``steps``, px, and its width in device pixels."""
    half = frame.layout.pitch / 2
    left = int(frame.x(steps.start) - half)
    return left, int((frame.x(steps.stop - 1) + half - left) * ratio) + 1


def _pixels(
    frame: Frame, row: RowBand, layer: LayerImages, steps: range, ratio: float
) -> tuple[int, NDArray[np.uint32]]:  # fmt: skip
    layout = frame.layout
    left, width = _extent(frame, steps, ratio)
    height = round((round(row.bottom) - round(row.top)) * ratio)
    unit, unit_edge, unit_top = _rows(layout, row, height, ratio)
    pixels = np.zeros((height, width), np.uint32)
    inner = np.flatnonzero(unit >= 0)
    border = _premultiplied(
        np.array([shapes.blended(frame.theme.line, frame.theme.panel, 0.85).rgba()], np.uint32), 1.0
    )
    for part in range(len(layer.parts)):
        shown = _shown(frame, row, steps, layer.parts[part][0])
        colours = _column_colours(layer, part, steps, shown)
        step, edge = _columns(frame, part, len(layer.parts), steps, width, left, ratio)
        across = np.flatnonzero(step >= 0)
        block = colours[step[across]][:, unit[inner]].T
        if layout.squares:
            alpha = shown[step[across]][:, unit[inner]].T
            outline = unit_edge[inner][:, None] | edge[across][None, :]
            block = np.where(outline & alpha, border, block)
            block = np.where(outline & ~alpha, _premultiplied(border, GHOST_FILL), block)
        if layer.parts[part][0] == "c" and layout.squares:
            block = _notched(frame, layer, part, steps, block, unit[inner], step[across], unit_top[inner])
        if layer.bad(part) is not None:
            mask = _marks(layer, part, steps)[step[across]][:, unit[inner]].T
            block = np.where(mask, hatch.hatched(*block.shape, frame.theme), block)
        pixels[np.ix_(inner, across)] = block
    return left, pixels


def _shown(frame: Frame, row: RowBand, steps: range, symbol: str) -> NDArray[np.bool_]:
    """(steps, H): whether a square of state ``symbol`` is at full strength."""
    hidden = frame.layout.hidden
    whole = frame.backward or is_reverse(row.name)
    on = np.arange(steps.start, steps.stop) <= (frame.valid if whole else min(frame.valid, frame.time_step))
    shown = np.repeat(on[:, None], hidden, axis=1)
    moves = frame.time_step in steps and not whole
    if moves and frame.computed(frame.time_step):
        full = round(frame.fill * hidden) if frame.done(symbol) else 0
        shown[frame.time_step - steps.start, full:] = False
    return shown


def _column_colours(layer: LayerImages, part: int, steps: range, shown: NDArray[np.bool_]) -> NDArray[np.uint32]:
    colours = layer.colours(part)[steps.start - 1 : steps.stop - 1]
    return colours if shown.all() else np.where(shown, colours, _premultiplied(colours, GHOST_FILL))


def _premultiplied(colours: NDArray[np.uint32], alpha: float) -> NDArray[np.uint32]:
    factor = round(alpha * 255)
    channels = [(((colours >> shift) & 0xFF) * factor // 255) << shift for shift in (0, 8, 16)]
    return (np.uint32(factor << 24) | channels[0] | channels[1] | channels[2]).astype(np.uint32)


@lru_cache(maxsize=16)
def _rows(
    layout: StageLayout, row: RowBand, height: int, ratio: float
) -> tuple[NDArray[np.intp], NDArray[np.bool_], NDArray[np.intp]]:  # fmt: skip
    """For each pixel row: its unit (−1: none), whether it is an edge of the square, and its distance to the top."""
    unit, edge = np.full(height, -1), np.zeros(height, np.bool_)
    below = np.zeros(height, np.intp)
    top = round(row.top)
    for index in range(layout.hidden):
        rect = layout.square(0.0, row, index, 0, 1)
        start, stop = round((rect.top() - top) * ratio), round((rect.bottom() - top) * ratio)
        unit[start:stop] = index
        edge[start : start + 1] = edge[max(start, stop - 1) : stop] = True
        below[start:stop] = np.arange(max(0, min(stop, height) - start))
    return unit, edge, below


def _columns(
    frame: Frame, part: int, parts: int, steps: range, width: int, left: int, ratio: float
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:  # fmt: skip
    """For each pixel column: the step shown there (counted from the first, −1: none) and whether it is an edge."""
    offset, wide = frame.layout.span(part, parts)
    return _columns_at(tuple(frame.x(step) - left for step in steps), offset, max(1, round(wide)), width, ratio)


@lru_cache(maxsize=16)
def _columns_at(
    middles: tuple[float, ...], offset: float, wide: int, width: int, ratio: float
) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """The same for columns around ``middles``, px from the left edge; scrolled by whole steps they stand alike."""
    starts = np.rint(np.array(middles) + offset)
    first = np.rint(starts * ratio).astype(int)
    last = np.rint((starts + wide) * ratio).astype(int)
    pixel = np.arange(width)
    index = np.searchsorted(first, pixel, side="right") - 1
    inside = (index >= 0) & (pixel < last[index])
    edge = inside & ((pixel == first[index]) | (pixel == last[index] - 1))
    return np.where(inside, index, -1), edge


def _notched(
    frame: Frame, layer: LayerImages, part: int, steps: range, block: NDArray[np.uint32], units: NDArray[np.intp],
    columns: NDArray[np.intp], below: NDArray[np.intp],
) -> NDArray[np.uint32]:  # fmt: skip
    """A saturated square (|c| above the limit) loses its right upper corner."""
    _, values, level = layer.parts[part]
    with np.errstate(invalid="ignore"):
        beyond = np.abs(values[steps.start - 1 : steps.stop - 1]) > level
    if not beyond.any():
        return block
    size = round(frame.layout.px(NOTCH))
    ends = np.flatnonzero(np.diff(columns, append=columns[-1:] + 1))
    behind = ends[np.searchsorted(ends, np.arange(len(columns)))] - np.arange(len(columns))
    corner = below[:, None] + behind[None, :] < size
    panel = np.uint32(frame.theme.panel.rgba())
    return np.where(beyond[columns][:, units].T & corner, panel, block)
