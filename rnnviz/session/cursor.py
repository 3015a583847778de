"""Where the user looks: time step, part of a step, unit, layer, direction, chosen loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.session.values import Direction

if TYPE_CHECKING:
    from rnnviz.session.derived import Derived
    from rnnviz.session.facts import SessionFacts, State

PARTS = ("joint", "h", "c")


class Cursor:
    """Moves the cursor within the trace and tells what has moved."""

    def __init__(self, *, state: State, facts: SessionFacts, derived: Derived) -> None:
        self._state = state
        self._facts = facts
        self._derived = derived

    def move_to(self, time_step: int, sub_step: int | None = None) -> None:
        """Put the cursor on a time step (clamped to 0..length) and a part of it (None: the whole step)."""
        state = self._state
        step = min(max(time_step, 0), self._facts.length)
        moved, changed = step != state.time_step, sub_step != state.sub_step
        state.wanted_step = None
        state.time_step, state.sub_step = step, sub_step
        if moved:
            self._derived.ask("detail")
            self._facts.time_step_changed.emit()
        if changed:
            self._facts.sub_step_changed.emit()

    def move_sub_step(self, delta: int) -> None:
        """Go ``delta`` parts on (or back) inside the step, over its edges into the next or last one."""
        state, parts = self._state, len(self._facts.sub_steps)
        # A place inside is counted from 0 to `parts`, where `parts` is the whole step done.
        inside = parts if state.sub_step is None else state.sub_step
        step, inside = state.time_step, inside + delta
        if inside > parts:
            if step >= self._facts.length:
                return
            step, inside = step + 1, 0
        elif inside < 0 or (step == 0 and delta < 0):
            if step == 0:
                return
            step, inside = step - 1, parts
        self.move_to(step, None if inside == parts else inside)

    def select(self, unit: int | None, layer: str | None, time_step: int | None) -> None:
        """Choose unit, layer and time step; None leaves each as it is."""
        state = self._state
        new_unit = state.unit if unit is None else min(max(unit, -1), state.run.model.hidden - 1)
        new_layer = state.layer if layer is None else layer
        changed, layer_changed = (new_unit, new_layer) != (state.unit, state.layer), new_layer != state.layer
        state.unit, state.layer = new_unit, new_layer
        if layer_changed:
            self._derived.ask("credit")
            self._derived.ask("history")
        if changed:
            self._facts.selection_changed.emit()
        if time_step is not None:
            self.move_to(time_step)

    def choose_loss(self, step: int) -> None:
        """Look at the loss of one time step; 0 is the last one."""
        state = self._state
        step = step if 0 <= step <= self._facts.length else 0
        if step != state.loss_step:
            state.loss_step = step
            self._derived.ask("gradients")
            self._facts.loss_step_changed.emit()
            if state.direction is Direction.BACKWARD:
                self.move_to(self._facts.effective_loss_step)

    def set_direction(self, direction: Direction) -> None:
        """Forward pass or reverse sweep; the sweep begins at the chosen loss."""
        state = self._state
        if direction is state.direction:
            return
        state.direction = direction
        self._facts.direction_changed.emit()
        if direction is Direction.BACKWARD:
            self.move_to(self._facts.effective_loss_step or self._facts.length)
        else:
            self.move_to(state.time_step)

    def set_part(self, part: str) -> None:
        """Which LSTM gradient is shown."""
        if part in PARTS and part != self._state.part:
            self._state.part = part
            self._derived.ask("credit")
            self._facts.gradients_changed.emit()

    def set_threshold(self, threshold: float) -> None:
        """The share of its start at which a gradient counts as vanished."""
        if 0 < threshold < 1 and threshold != self._state.threshold:
            self._state.threshold = threshold
            self._derived.ask("gradients")
            self._derived.ask("history")
            self._facts.gradients_changed.emit()

    def follow(self, old_length: int) -> None:
        """After a new trace: stay in it; while somebody types at the end (``old_length``), stay at the end.

        −1: the text is the same and only the outputs that are fed back end elsewhere.
        """
        state, length = self._state, self._facts.length
        step = length if state.time_step == old_length else state.time_step
        if state.wanted_step is not None and state.trace is not None and state.trace.text == state.text:
            step, state.wanted_step = state.wanted_step, None
        step = min(step, length)
        if state.loss_step > length:
            state.loss_step = 0
            self._facts.loss_step_changed.emit()
        if step != state.time_step:
            state.time_step, state.sub_step = step, None
            self._facts.time_step_changed.emit()

    def stay_in_model(self) -> None:
        """After a new network: keep unit, layer and sub-step where it has them."""
        state, model = self._state, self._state.run.model
        unit = state.unit if state.unit < model.hidden else -1
        endings = ("", "r") if model.bidirectional else ("",)
        names = {f"l{index}{ending}" for index in range(model.layers) for ending in endings}
        layer = state.layer if state.layer in names else "l0"
        if (unit, layer) != (state.unit, state.layer):
            state.unit, state.layer = unit, layer
            self._facts.selection_changed.emit()
        if state.sub_step is not None:
            state.sub_step = None
            self._facts.sub_step_changed.emit()
