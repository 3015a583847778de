"""The pointer on the stage: hover, click, double-click and drag, by what lies under it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtWidgets import QToolTip

from rnnviz.view.stage import inside, tips
from rnnviz.view.stage.frame import Hit
from rnnviz.view.stage.hit import hit_at
from rnnviz.view.stage.scissors import Scissors

if TYPE_CHECKING:
    from PySide6.QtGui import QMouseEvent

    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.stage.model import StageModel
    from rnnviz.view.stage.stage_view import StageView
    from rnnviz.view.stage.text_entry import TextEntry
    from rnnviz.view.stage.zoom import Zoom
    from rnnviz.view.time_axis import TimeAxis

_HANDS = frozenset(("square", "cell", "loss", "output", "zoom", "layer", "sample", "chip", "column", "drawn"))
_PLACES = frozenset(("cell", "column", "drawn", "feedback"))
_NO_CROSSHAIR = frozenset(("zoom", "layer", "sample"))


class Pointer:
    """Turns what the pointer does into verbs of the session; ``hover`` is what it rests on."""

    def __init__(
        self, *, session: Session, settings: Settings, axis: TimeAxis, stage: StageView, text: TextEntry, zoom: Zoom,
        model: StageModel,
    ) -> None:  # fmt: skip
        self._session, self._settings, self._axis, self._stage = session, settings, axis, stage
        self._text, self._zoom, self._model = text, zoom, model
        self.hover = Hit()
        self.scissors = Scissors(session=session)

    def hit(self, point: QPointF) -> Hit:
        """What is drawn at ``point``."""
        frame = self._stage.frame()
        if self._zoom.depth >= 1.0:
            return inside.hit_at(frame, self._session.detail, self._session.layer, point)
        if not self._zoom.is_far and self.scissors.hit(frame, point):
            return Hit("scissors")
        return hit_at(frame, point, far=self._zoom.is_far)

    def move(self, event: QMouseEvent) -> None:
        """Crosshair, highlight and tooltip; with the button down over the text: select."""
        point = event.position()
        if self.scissors.dragging:
            self.scissors.drag_to(self._stage.frame(), point.x())
            return
        if event.buttons() & Qt.MouseButton.LeftButton and self._text.selecting:
            self._text.drag_to(self.hit(QPointF(point.x(), self._stage.frame().layout.chip_top + 1)))
            return
        hit = self.hit(point)
        inside_cell = self._zoom.depth >= 1.0
        self._axis.set_hover(0 if inside_cell or hit.kind in _NO_CROSSHAIR else hit.step)
        if hit == self.hover:
            return
        self.hover = hit
        self._stage.setCursor(_shape(hit))
        frame = self._stage.frame()
        if inside_cell:
            words = inside.tip(frame, self._session.detail, self._session.layer, hit)
        elif hit.kind == "scissors":
            words = self.scissors.tip(frame)
        else:
            words = tips.tip(frame, hit, self._session.parameters)
        QToolTip.showText(event.globalPosition().toPoint(), words, self._stage)
        self._stage.update()

    def leave(self) -> None:
        """Nothing is hovered any more."""
        self.hover = Hit()
        self._axis.set_hover(0)
        self._stage.update()

    def press(self, event: QMouseEvent) -> None:
        """A click: into the text, or one verb."""
        if event.button() != Qt.MouseButton.LeftButton:
            event.ignore()
            return
        hit = self.hit(event.position())
        self.scissors.dragging = hit.kind == "scissors"
        if hit.kind in ("chip", "caret"):
            if hit.step:
                self._session.move_to(hit.step)
            self._text.press(hit, extend=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            return
        self._text.leave()
        self._act(hit)

    def release(self) -> None:
        """The button is up: the scissors stay where they are."""
        if self.scissors.dragging:
            self.scissors.dragging = False
            self._stage.update()

    def double(self, event: QMouseEvent) -> None:
        """A double-click: inside the copy, or select the whole text."""
        hit = self.hit(event.position())
        if hit.kind in ("chip", "caret"):
            self._text.select_all()
        elif hit.kind in ("square", "cell") and hit.step and self._zoom.depth == 0.0:
            self._session.move_to(hit.step)
            self._settings.update_view(zoom="inside")
        else:
            self.press(event)

    def _act(self, hit: Hit) -> None:
        session = self._session
        if hit.kind == "zoom":
            self._settings.update_view(zoom=hit.name)
        elif hit.kind == "sample":
            session.set_text(hit.name)
        elif hit.kind == "layer":
            names = self._model.layer_names()
            here = names.index(session.layer) if session.layer in names else 0
            shown = {row.name for row in self._stage.frame().layout.rows}
            # The next one down, round and round, that is not on show already.
            order = [*names[here + 1 :], *names[: here + 1]]
            session.select(layer=next((name for name in order if name not in shown), order[0]))
        elif hit.kind == "square":
            session.select(unit=hit.unit, layer=hit.name or None, time_step=hit.step or None)
        elif hit.kind in ("loss", "output"):
            session.choose_loss(hit.step)
        elif hit.kind in _PLACES and hit.step:
            session.move_to(hit.step)


def _shape(hit: Hit) -> Qt.CursorShape:
    if hit.kind == "caret":
        return Qt.CursorShape.IBeamCursor
    if hit.kind == "scissors":
        return Qt.CursorShape.SplitHCursor
    return Qt.CursorShape.PointingHandCursor if hit.kind in _HANDS else Qt.CursorShape.ArrowCursor
