"""One model of the comparison: its head, curves, text and credit map, on one axis of its own width."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QEvent, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QHelpEvent, QPainter, QRegion
from PySide6.QtWidgets import QToolTip, QWidget

from rnnviz.view import math_text
from rnnviz.view.compare import curves, maps, pictures
from rnnviz.view.compare.chooser import Chooser
from rnnviz.view.compare.geometry import Geometry
from rnnviz.view.compare.scene import horizon_words, share_words, status_words, thousands
from rnnviz.view.compare.tips import tip_at
from rnnviz.view.same import Same
from rnnviz.view.tracks.layers import LayerCache

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QMouseEvent, QPaintEvent, QResizeEvent

    from rnnviz.service.chain_choice import Way
    from rnnviz.service.messages import RivalSpec
    from rnnviz.session.session import Session
    from rnnviz.view.compare.scene import Scene
    from rnnviz.view.look import Look

STALE_OPACITY = 0.4
OVERHANG = 10  # px by which labels may stick out of their part


class ModelColumn(QWidget):
    """Draws one model of a :class:`Scene`; stepping and hovering draw from kept pictures."""

    hovered = Signal(int)

    def __init__(self, *, session: Session, look: Look, index: int, parent: QWidget) -> None:
        super().__init__(parent)
        self._session, self._look, self.index = session, look, index
        self._scene: Scene | None = None
        self._layers = LayerCache()
        self._gutter, self._hover, self._last = 0.0, 0, False
        self.stale = False
        self.painted: Scene | None = None
        self.chooser = Chooser(look=look, parent=self, training_too=index > 0)
        self.setMouseTracking(True)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setObjectName(f"compare-column-{index}")

    # ---- values ----------------------------------------------------------------------------

    @property
    def scene(self) -> Scene | None:
        """What is drawn."""
        return self._scene

    @property
    def geometry_of_parts(self) -> Geometry:
        """Where the parts are."""
        length = self._scene.length if self._scene is not None else 0
        width = max(1.0, self.width() - self._gutter)
        known = self._scene is not None and self.index < len(self._scene.models)
        way = self._scene.way(self.index) if self._scene is not None and known else "left"
        return _geometry(self._gutter, width, float(self.height()), length, self._look.scale, way)

    def show_scene(self, scene: Scene | None, *, stale: bool) -> None:
        """Draw the head, curves and text of other values in the next frame; ask for the rest with :meth:`show_map`.

        All of it at once would keep the window from its input for too long while models train.
        """
        if scene is self._scene and stale == self.stale:
            return
        self._scene, self.stale, self.painted = scene, stale, None
        if scene is not None and self.index < len(scene.models):
            self.setAccessibleName(scene.titles[self.index])
            self.setAccessibleDescription(self.description())
        controls = [child for child in self.children() if isinstance(child, QWidget) and not child.isHidden()]
        region = QRegion(0, 0, self.width(), self._border)
        for control in controls:  # they have not changed, and would be painted with the paper below them
            region -= QRegion(control.geometry())
        self.update(region)

    def show_map(self) -> None:
        """Draw the lower half in the next frame."""
        if self.painted is not self._scene:
            self.update(0, self._border, self.width(), self.height() - self._border)

    @property
    def _border(self) -> int:
        """Where the upper half ends and the map begins."""
        return int(self.geometry_of_parts.map.top()) - OVERHANG

    def repaint_cursor(self) -> None:
        """The cursor has moved or changed its colour: all below the head."""
        top = int(self.geometry_of_parts.flag_top)
        self.update(0, top, self.width(), self.height() - top)

    def show_spec(self, spec: RivalSpec, title: str, units: int, *, equal: bool) -> None:
        """Name and size in the head, at once when they are chosen."""
        self.chooser.show_spec(spec, title, units, equal=equal)
        self._place_head()

    def set_place(self, gutter: float, *, last: bool) -> None:
        """The room for labels left of the first step, and whether the legend of all stands here."""
        self._gutter, self._last = gutter, last
        self._place_head()

    def set_hover(self, step: int) -> None:
        """The step under the pointer in any column."""
        if step != self._hover:
            self._hover = step
            self.repaint_cursor()

    def description(self) -> str:
        """The numbers of this column in one sentence."""
        scene = self._scene
        if scene is None or self.index >= len(scene.models):
            return ""
        model = scene.models[self.index]
        back = (
            f"{model.horizon} {horizon_words(scene.threshold, model.horizons, ahead=scene.ahead(self.index))}"
            if scene.loss_step
            else "no loss in this text"
        )
        return f"{scene.titles[self.index]}: {self.size_words()}, {status_words(model)}, {back}."

    def size_words(self) -> str:
        """Units and parameters, both always shown."""
        if self._scene is None:
            return ""
        model = self._scene.models[self.index]
        units = model.model.hidden
        whose = self._scene.layer_words(self.index)
        return f"{units} unit{'s' if units != 1 else ''} · {thousands(model.parameter_count)} parameters{whose}"

    # ---- drawing ---------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The head follows."""
        super().resizeEvent(event)
        self._place_head()

    def _place_head(self) -> None:
        number = self._look.px(64)
        self.chooser.place(self._gutter, self.width() - self._gutter - number)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Kept pictures, then what moves: cursor, flag, hover."""
        with QPainter(self) as painter:
            theme = self._look.theme
            painter.fillRect(event.rect(), theme.bg)
            scene = self._scene
            if scene is None or self.index >= len(scene.models):
                return
            if self.stale:
                painter.setOpacity(STALE_OPACITY)
            brush = pictures.Brush(painter, self._look, self.geometry_of_parts, scene, self.index)
            self._paint_kept(painter, scene, QRectF(event.rect()))
            self._paint_moving(brush)
        if event.rect().bottom() > self._border:
            self.painted = self._scene

    def _paint_kept(self, painter: QPainter, scene: Scene, where: QRectF) -> None:
        look, ratio = self._look, self.devicePixelRatioF()
        size = (self.width(), self.height(), self._gutter, self._last)
        geometry = self.geometry_of_parts
        shape = (*size, look.theme.name, look.scale, ratio, math_text.notation(), geometry.way)
        whole = QRectF(self.rect())
        parts: tuple[tuple[str, object, QRectF, Callable[[pictures.Brush], None]], ...] = (
            ("head", Same(scene), QRectF(0, 0, self.width(), geometry.flag_top), self._draw_head),
            ("text", scene.tokens, _across(geometry.chips, whole), pictures.draw_chips),
            ("grid", (scene.low, scene.high, scene.threshold), _across(geometry.plot, whole), self._draw_grid),
            ("curves", Same(scene), _across(geometry.plot, whole), curves.draw_curves),
            ("map", Same(scene), _across(geometry.lower, whole), self._draw_map),
            ("names", (scene.loss_step, scene.length), _across(geometry.lower, whole), self._draw_names),
        )
        for name, values, rect, draw in parts:
            if not rect.intersects(where):
                continue
            image = self._layers.image(name, (values, *shape), rect, ratio,
                                       lambda inner, _, draw=draw: draw(self._brush(inner, scene)))  # fmt: skip
            painter.drawImage(rect.topLeft(), image)

    def _brush(self, painter: QPainter, scene: Scene) -> pictures.Brush:
        return pictures.Brush(painter, self._look, self.geometry_of_parts, scene, self.index)

    def _draw_head(self, brush: pictures.Brush) -> None:
        painter, look, geometry = brush.painter, self._look, brush.geometry
        pictures.draw_horizon(brush)
        painter.setFont(look.font("label"))
        painter.setPen(look.theme.ink2)
        lines = (self.size_words(), status_words(brush.model))
        for line, (words, top) in enumerate(zip(lines, (34, 52), strict=True)):
            if line and brush.model.failure:
                painter.setPen(look.theme.err)
                words = f"✕ {words}"
            room = QRectF(geometry.left, look.px(top), geometry.width, look.px(18))
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, words)

    def _draw_grid(self, brush: pictures.Brush) -> None:
        curves.draw_grid(brush)
        if self._gutter:
            curves.draw_ticks(brush, self._gutter - self._look.px(8))

    def _draw_map(self, brush: pictures.Brush) -> None:
        maps.draw_map(brush)
        maps.draw_losses(brush)
        maps.draw_horizons(brush)

    def _draw_names(self, brush: pictures.Brush) -> None:
        if self._gutter:
            maps.draw_row_names(brush, self._gutter - self._look.px(8))
        if self._last:
            maps.draw_map_legend(brush)

    def _paint_moving(self, brush: pictures.Brush) -> None:
        painter, geometry, scene, theme = brush.painter, brush.geometry, brush.scene, self._look.theme
        top, bottom = geometry.flag_top, geometry.map.bottom() + 2
        if self._hover and self._hover <= scene.length:
            painter.fillRect(geometry.column(self._hover, top, bottom), theme.faded("ink", 0.06))
        step = self._session.time_step
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if 1 <= step <= scene.length:
            rect = geometry.column(step, top, bottom)
            painter.fillRect(rect, theme.faded("ink", 0.05))
            width = max(1, round(self._look.px(1.3)))
            for x in (rect.left(), rect.right()):
                painter.fillRect(QRectF(round(x - width / 2), top, width, bottom - top), theme.ink)
            pictures.draw_chip(brush, step, current=True)
            self._paint_flag(brush, step)
        maps.draw_row_outline(brush)

    def _paint_flag(self, brush: pictures.Brush, step: int) -> None:
        painter, look, geometry, scene = brush.painter, self._look, brush.geometry, brush.scene
        words = self.share_words(step)
        painter.setFont(look.font("strong"))
        width = QFontMetricsF(painter.font()).horizontalAdvance(words) + look.px(14)
        left = min(max(geometry.left, geometry.x_of(step) - width / 2), geometry.left + geometry.width - width)
        rect = QRectF(round(left), geometry.flag_top, round(width), round(look.px(21)))
        painter.setPen(Qt.PenStyle.NoPen)
        backward = str(self._session.direction) == "backward"
        painter.setBrush(look.theme.grad if backward else look.theme.ink)
        painter.drawRoundedRect(rect, look.px(4), look.px(4))
        painter.setPen(look.theme.panel)
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)
        share = scene.shares[self.index]
        if step <= len(share) and np.isfinite(share[step - 1]) and share[step - 1] >= scene.low:
            y = float(curves.plot_scale(geometry, scene).y(share[step - 1]))
            radius = look.px(4.6)
            painter.setPen(look.theme.ink)
            painter.setBrush(look.theme.panel)
            painter.drawEllipse(QRectF(geometry.x_of(step) - radius, y - radius, 2 * radius, 2 * radius))

    def share_words(self, step: int) -> str:
        """The share that arrives at ``step``."""
        scene = self._scene
        share = scene.shares[self.index] if scene is not None and self.index < len(scene.shares) else np.empty(0)
        if not 1 <= step <= len(share):
            return "–"
        return share_words(float(share[step - 1])) if np.isfinite(share[step - 1]) else "0\u2005%"

    # ---- acts ------------------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The map chooses the loss of all models, everything else moves the cursor of all."""
        if event.button() != Qt.MouseButton.LeftButton or self._scene is None:
            super().mousePressEvent(event)
            return
        geometry, place = self.geometry_of_parts, event.position()
        row, step = geometry.row_of(place.y()), geometry.step_at(place.x())
        if row and step and geometry.reaches(row, step):
            trace = self._session.trace
            if trace is not None and row <= len(trace.loss) and np.isfinite(trace.loss[row - 1]):
                self._session.choose_loss(row)
        elif step and geometry.flag_top <= place.y() < geometry.map.top():
            self._session.move_to(step)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """The step under the pointer is marked in all columns; with the button down, curve and text are scrubbed."""
        geometry, place = self.geometry_of_parts, event.position()
        step = geometry.step_at(place.x()) if place.y() >= geometry.flag_top else 0
        self.hovered.emit(step)
        if step and event.buttons() & Qt.MouseButton.LeftButton and place.y() < geometry.map.top():
            self._session.move_to(step)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is marked any more."""
        super().leaveEvent(event)
        self.hovered.emit(0)

    def event(self, event: QEvent) -> bool:
        """Tips by place."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self.tip_at(event.pos().x(), event.pos().y()), self)
            return True
        return super().event(event)

    def tip_at(self, x: float, y: float) -> str:
        """What is under the pointer, in words and numbers; '' for nothing."""
        if self._scene is None or self.index >= len(self._scene.models):
            return ""
        return tip_at(self._scene, self.index, self.geometry_of_parts, x, y)


@lru_cache(maxsize=16)
def _geometry(left: float, width: float, height: float, length: int, scale: float, way: Way) -> Geometry:
    """Kept: every event and every stroke asks for it."""
    return Geometry(left, width, height, length, scale, way)


def _across(part: QRectF, whole: QRectF) -> QRectF:
    """``part`` over the whole width, with room for labels that stick out."""
    return QRectF(0, part.top() - OVERHANG, whole.width(), part.height() + 2 * OVERHANG)
