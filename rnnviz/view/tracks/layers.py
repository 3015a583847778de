"""Pictures kept between paints: stepping, hovering and the cursor cost one blit, not a redraw."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QImage, QPainter

from rnnviz.view import math_text

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from PySide6.QtCore import QRectF

    Draw = Callable[[QPainter, QRectF], None]


class LayerCache:
    """One transparent image per name, redrawn only when its key changes."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Hashable, QImage]] = {}
        self._notation = math_text.notation()

    def image(self, name: str, key: Hashable, rect: QRectF, ratio: float, draw: Draw) -> QImage:
        """The image ``name`` for ``key``; ``draw`` paints in widget coordinates when it is out of date."""
        if self._notation != math_text.notation():
            self._notation = math_text.notation()
            self._kept.clear()
        kept = self._kept.get(name)
        if kept and kept[0] == key:
            return kept[1]
        width, height = max(1, round(rect.width() * ratio)), max(1, round(rect.height() * ratio))
        image = kept[1] if kept else QImage()
        if (image.width(), image.height()) != (width, height):  # else its memory is used again
            image = QImage(width, height, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(0)
        with QPainter(image) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.translate(-rect.left(), -rect.top())
            draw(painter, rect)
            self._kept[name] = (key, image)
            return image

    def clear(self) -> None:
        """Forget all images (the track was hidden: it holds no memory)."""
        self._kept.clear()
