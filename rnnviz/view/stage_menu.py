"""The stage's context menu: what can be done with the value, the step or the loss under the pointer."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtWidgets import QMenu

from rnnviz.view import math_text
from rnnviz.view.panels.watch_list import Pin
from rnnviz.view.stage.frame import Hit
from rnnviz.view.stage.hit import hit_at

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.panels.watch_list import WatchList
    from rnnviz.view.stage.stage_view import StageView


class StageMenu(QObject):
    """Opens on a right click, or on the Menu key for the cursor's step and the selected unit."""

    def __init__(self, *, stage: StageView, session: Session, settings: Settings, watch: WatchList) -> None:
        super().__init__(stage)
        self._stage, self._session, self._settings, self._watch = stage, session, settings, watch
        self.menu = QMenu(stage)
        self.menu.setAccessibleName("Stage")
        self.menu.setToolTipsVisible(True)
        stage.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take the context-menu events of the stage."""
        if event.type() != QEvent.Type.ContextMenu or not isinstance(event, QContextMenuEvent):
            return super().eventFilter(watched, event)
        by_mouse = event.reason() == QContextMenuEvent.Reason.Mouse
        self.fill(self.hit(QPointF(event.pos())) if by_mouse else self._at_cursor())
        if not self.menu.isEmpty():
            self.menu.popup(event.globalPos())
        return True

    def hit(self, point: QPointF) -> Hit:
        """What lies at ``point``; inside a cell it is always the cursor's step."""
        if self._settings.view.zoom == "inside":
            return self._at_cursor()
        return hit_at(self._stage.frame(), point, far=self._settings.view.zoom == "far")

    def _at_cursor(self) -> Hit:
        session = self._session
        return Hit("square", session.time_step, max(0, session.unit), name=session.layer)

    def fill(self, hit: Hit) -> None:
        """The acts for ``hit``."""
        self.menu.clear()
        step, session = hit.step, self._session
        if not 1 <= step <= session.length:
            return
        layer = hit.name or session.layer
        unit = hit.unit if hit.kind == "square" else max(0, session.unit)
        pinned = Pin(layer, unit, step) in self._watch.pins
        self._add(f"{'Unpin' if pinned else 'Pin'} unit {unit + 1} of step {step}",
                  "The value stands in the Watch panel.\nIts step is shown beside the cursor's in the Step panel.",
                  partial(self._watch.pin_at, layer, unit, step))  # fmt: skip
        self._add(f"Go to step {step}", "The cursor moves there.\nLater steps become ghosts.",
                  partial(session.move_to, step))  # fmt: skip
        self._add("Look inside this step", "Every operation of the cell with its numbers.\nEsc comes back.",
                  partial(self._look_inside, step))  # fmt: skip
        self._offer_feeding(step)
        if session.trace is not None and session.trace.targets[step - 1] >= 0:
            self._add(f"Gradient of the loss at step {step}",
                      f"The loss whose gradient all views show.\n{math_text.plain('∂C_k/∂h_t')}",
                      partial(session.choose_loss, step))  # fmt: skip

    def _offer_feeding(self, step: int) -> None:
        """At a step that reads an output: the other kind of output."""
        session = self._session
        trace, own = session.trace, session.feeding.own
        if trace is None or not len(trace.fed) or not trace.fed[step - 1] or trace.own != own:
            return  # where the text wants nothing there is no other kind
        words = "Read the wanted outputs" if own else "Read the network’s own outputs"
        tip = ("Teacher forcing: every step reads what the one before should have answered.\nSo the network is trained."
               if own else "Every step reads what the network has answered at the step before.\n"
               "So the network is used; one wrong answer leads to the next.")  # fmt: skip
        self._add(words, tip, partial(session.set_feeding, own=not own))

    def _add(self, text: str, tip: str, act: Callable[[], object]) -> None:
        action = self.menu.addAction(text)
        action.setToolTip(tip)
        action.triggered.connect(act)

    def _look_inside(self, step: int) -> None:
        self._session.move_to(step)
        self._settings.update_view(zoom="inside")
