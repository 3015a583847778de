"""Which part of time is on the stage and how close: far, steps, inside, and everything between by the pitch."""

from __future__ import annotations

import math
from contextlib import contextmanager
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from rnnviz.view.stage.labels import display
from rnnviz.view.stage.layout import PRESENTER_COLUMNS, Mode, axis_width, gutter_width
from rnnviz.view.time_axis import MAX_PITCH, STRIPS_BELOW, Level

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PySide6.QtWidgets import QWidget

    from rnnviz.session.session import Session
    from rnnviz.session.settings import Settings
    from rnnviz.view.look import Look
    from rnnviz.view.stage.animation import Motion
    from rnnviz.view.stage.labels import Labels
    from rnnviz.view.stage.model import StageModel
    from rnnviz.view.time_axis import TimeAxis

STEP_PITCH, WIDEST_TOKEN = 54.0, 96.0
SIMPLE_PITCH = 150.0
SIMPLE_MARGIN = 58.0  # room for the caret and "type here", given up before a step gets narrow
WHEEL_FACTOR, KEY_FACTOR = 1.18, 1.25


class Zoom(QObject):
    """The one owner of the axis: sets its gutter, pitch and scroll for the zoom, arrangement and text in force."""

    def __init__(
        self, *, session: Session, settings: Settings, axis: TimeAxis, look: Look, motion: Motion, model: StageModel,
        labels: Labels, stage: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(stage)
        self._session, self._settings, self._axis, self._look = session, settings, axis, look
        self._motion, self._model, self._labels, self._stage = motion, model, labels, stage
        self._zoom = self._before = settings.view.zoom
        self._steps_pitch = settings.view.pitch if self._zoom == "steps" else STEP_PITCH
        self._pitch_from = self._pitch_to = 0.0
        self._shape: tuple[object, ...] = ()
        self._busy = False
        self.wide: bool | None = None
        axis.zoom_asked.connect(self.on_asked)

    # ---- what is on show --------------------------------------------------------------------

    @property
    def is_far(self) -> bool:
        """Whether the copies are drawn as one heat map whatever the pitch."""
        if self._model.mode is not Mode.FULL:
            return False
        moving = self._motion.is_running("zoom")
        if moving and "inside" not in (self._zoom, self._before):
            return (self._before if self._motion.value("zoom") < 0.5 else self._zoom) == "far"
        return self._zoom == "far" or (self._zoom == "inside" and moving and self._before == "far")

    @property
    def name(self) -> str:
        """The zoom as the switch shows it: a ribbon is "far" however one came to it."""
        return "far" if self._zoom == "steps" and self._axis.level is Level.RIBBON else self._zoom

    @property
    def depth(self) -> float:
        """0 on the axis, 1 inside a cell, between while zooming."""
        if self._model.mode is not Mode.FULL:
            return 0.0
        now, before = float(self._zoom == "inside"), float(self._before == "inside")
        if not self._motion.is_running("zoom"):
            return now
        return before + (now - before) * self._motion.value("zoom")

    # ---- the axis follows -------------------------------------------------------------------

    def fit(self) -> None:
        """Bring the axis to the present size, arrangement and text."""
        mode, scale, width = self._model.mode, self._look.scale, float(self._stage.width())
        with self._own_change():
            self._axis.configure(
                gutter=gutter_width(mode, width, scale, wide=self.wide), width=axis_width(mode, width, scale),
                length=len(self._model.tokens), first=0 if mode is Mode.FULL else 1, scale=scale,
                tail=self._model.tail,
            )  # fmt: skip
            shape = self._present_shape()
            if shape != self._shape:
                self._shape = shape
                self._axis.set_pitch(self._wanted_pitch(), self._anchor())
            self._show_all()
        self.follow(self._session.time_step)

    def on_axis(self) -> None:
        """Somebody moved the axis: remember the user's pitch, keep the arrangements that choose their own."""
        if self._busy or self._motion.is_running("zoom"):
            return
        if self._model.mode is not Mode.FULL:
            self._shape = ()
            self.fit()
        elif self._zoom == "steps":
            self._steps_pitch = self._axis.pitch / self._look.scale
        elif self._zoom == "far" and self._axis.pitch > self._wanted_pitch() * 1.02:
            self._leave_far()

    def follow(self, step: int) -> None:
        """Keep the cursor on the stage; a presenter window of 20 steps keeps it in the middle."""
        with self._own_change():
            if self._model.mode is Mode.PRESENTER and len(self._model.tokens) > PRESENTER_COLUMNS:
                self._axis.set_scroll((step - 1 - PRESENTER_COLUMNS // 2) * self._axis.pitch)
            else:
                self._axis.ensure_visible(max(1, step))

    def on_view(self) -> None:
        """The zoom was switched: move there."""
        zoom = self._settings.view.zoom
        if zoom == self._zoom:
            return
        self._before, self._zoom = self._zoom, zoom
        if self._steps_pitch < STRIPS_BELOW:
            self._steps_pitch = STEP_PITCH  # asked for copies: a ribbon would look like nothing happened
        self._shape = self._present_shape()
        self._pitch_from = self._axis.pitch
        self._pitch_to = self._axis.pitch if zoom == "inside" else self._wanted_pitch()
        self._motion.start("zoom")
        if not self._motion.is_running("zoom"):
            self._move_pitch(1.0)

    def on_motion(self) -> None:
        """One frame of the movement."""
        if self._pitch_to > 0:
            self._move_pitch(self._motion.value("zoom"))

    def _move_pitch(self, share: float) -> None:
        with self._own_change():
            self._axis.set_pitch(self._pitch_from * (self._pitch_to / self._pitch_from) ** share, self._anchor())
            if share >= 1.0:
                self._show_all()
        if share >= 1.0:
            self._pitch_from = self._pitch_to = 0.0
            self.follow(self._session.time_step)

    def wheel(self, notches: float, x: float) -> None:
        """Ctrl and wheel: continuous from the ribbon to the inside of a cell."""
        if self._through_an_end(notches):
            step = self._axis.step_at(x)
            if step and self._zoom == "steps":
                self._session.move_to(step)
            self._settings.update_view(zoom="inside" if self._zoom == "steps" else "steps")
        elif self._model.mode is Mode.FULL and self._zoom != "inside":
            self._leave_far()
            self._widen(WHEEL_FACTOR**notches, x)

    @Slot(int)
    def on_asked(self, direction: int) -> None:
        """The zoom keys: about the cursor; far in they go inside the cell, from there and from far back to steps."""
        if self._through_an_end(direction) or (self._zoom == "far" and direction > 0):
            self._settings.update_view(zoom="inside" if self._zoom == "steps" else "steps")
        elif self._model.mode is Mode.FULL and self._zoom == "steps":
            self._widen(KEY_FACTOR**direction, self._anchor())

    def _through_an_end(self, notches: float) -> bool:
        """Whether zooming on leads into the cell at the widest steps, or zooming out leads out of it."""
        if self._model.mode is not Mode.FULL:
            return False
        if self._zoom == "inside":
            return notches < 0
        widest = self._axis.pitch >= MAX_PITCH * self._look.scale * 0.999
        return self._zoom == "steps" and notches > 0 and widest

    def _widen(self, factor: float, x: float) -> None:
        self._axis.set_pitch(self._axis.pitch * factor, x)
        self._settings.update_view(pitch=round(self._axis.pitch / self._look.scale, 2))

    def base_pitch(self) -> float:
        """Design px of a column at the Steps zoom: set by the widest token, at most 96."""
        longest = max(self._model.tokens, key=len, default="")
        if len(longest) <= 2:
            return STEP_PITCH
        wide = self._labels.width("token", display(longest), 0.66) / self._look.scale + 18
        return min(WIDEST_TOKEN, max(STEP_PITCH, math.ceil(wide)))

    # ---- helpers ----------------------------------------------------------------------------

    def _leave_far(self) -> None:
        if self._zoom == "far":
            self._before = self._zoom = "steps"
            self._shape = self._present_shape()
            self._settings.update_view(zoom="steps")

    def _show_all(self) -> None:
        """What fits the width starts at its left end."""
        axis = self._axis
        if (axis.length + 1 - axis.first) * axis.pitch <= axis.width - axis.gutter + 1:
            axis.set_scroll(0.0)

    def _present_shape(self) -> tuple[object, ...]:
        """What the pitch depends on; while it stays the same the user's own zoom is kept."""
        mode = self._model.mode
        fitted = mode is not Mode.FULL or self._zoom == "far"
        size = (self._axis.width, self._axis.gutter, len(self._model.tokens)) if fitted else ()
        return (mode, self._zoom == "far", self._look.scale, size, self.base_pitch())

    def _anchor(self) -> float:
        step = max(1, min(self._session.time_step, self._axis.length))
        return min(self._axis.width, max(self._axis.gutter, self._axis.x_of(step)))

    def _wanted_pitch(self) -> float:
        mode, scale, axis = self._model.mode, self._look.scale, self._axis
        room = axis.width - axis.gutter
        count = max(1, len(self._model.tokens))
        base = self.base_pitch() * scale
        if mode is Mode.SIMPLE:
            return min(SIMPLE_PITCH * scale, max(base, (room - SIMPLE_MARGIN * scale) / count))
        if mode is Mode.PRESENTER:
            return min(base * 1.6, (room - 14 * scale) / min(count, PRESENTER_COLUMNS))
        if self._zoom == "far":
            return min(base, axis.fit_pitch)
        wanted = self._steps_pitch
        return base if wanted == STEP_PITCH else wanted * scale

    @contextmanager
    def _own_change(self) -> Iterator[None]:
        before, self._busy = self._busy, True
        try:
            yield
        finally:
            self._busy = before
