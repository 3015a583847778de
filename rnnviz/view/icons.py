"""Our own line icons (16 grid, 1.6 stroke), painted in whatever colour the theme asks for."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from rnnviz.resources import resource_path


@lru_cache(maxsize=128)
def _drawing(name: str) -> str:
    """The SVG text of ``name``; a missing file is an empty picture, never an error (fault 19)."""
    try:
        return resource_path(f"icons/{name}.svg").read_text(encoding="utf-8")
    except OSError:
        return ""


@lru_cache(maxsize=1024)
def _pixmap(name: str, rgb: str, pixels: int) -> QPixmap:
    from PySide6.QtSvg import QSvgRenderer

    pixmap = QPixmap(pixels, pixels)
    pixmap.fill(Qt.GlobalColor.transparent)
    drawing = _drawing(name).replace("#000", rgb)
    if drawing:
        with QPainter(pixmap) as painter:
            QSvgRenderer(drawing.encode()).render(painter, QRectF(0, 0, pixels, pixels))
    return pixmap


def pixmap(name: str, colour: QColor, size: float, ratio: float = 1.0) -> QPixmap:
    """The icon ``name``, ``size`` logical px square, sharp at device pixel ``ratio``."""
    picture = QPixmap(_pixmap(name, colour.name(), max(1, round(size * ratio))))
    picture.setDevicePixelRatio(ratio)
    return picture


def icon(name: str, colour: QColor, disabled: QColor, size: float = 16) -> QIcon:
    """A QIcon for menus, with its disabled colour."""
    result = QIcon()
    for ratio in (1.0, 2.0):
        result.addPixmap(pixmap(name, colour, size, ratio))
        result.addPixmap(pixmap(name, disabled, size, ratio), QIcon.Mode.Disabled)
    return result


def paint(painter: QPainter, name: str, rect: QRectF, colour: QColor) -> None:
    """Draw the icon centred in ``rect`` (a square of its shorter side)."""
    size = min(rect.width(), rect.height())
    ratio = painter.device().devicePixelRatioF()
    x, y = rect.center().x() - size / 2, rect.center().y() - size / 2
    picture = pixmap(name, colour, size, ratio)
    painter.drawPixmap(QRectF(x, y, size, size), picture, QRectF(picture.rect()))


def brand_icon(colour: QColor) -> QIcon:
    """The window's icon."""
    result = QIcon()
    for size in (16, 32, 64, 128):
        result.addPixmap(pixmap("brand", colour, size))
    return result
