"""The Backward tab: one whole backward pass with its numbers, the sum over all copies, and the update."""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from rnnviz.service.messages import ApplyUpdate, UndoUpdate
from rnnviz.session.values import Direction
from rnnviz.view import math_text
from rnnviz.view.controls.buttons import Button
from rnnviz.view.controls.segment import SegmentSwitch
from rnnviz.view.facts import is_backward
from rnnviz.view.layer_names import is_reverse
from rnnviz.view.look import number, significant
from rnnviz.view.notation.tips import told
from rnnviz.view.paint_turns import PANEL, Turn
from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.layer_row import LayerRow
from rnnviz.view.panels.movie_pictures import EdgesPicture, LossesPicture, SumPicture, VerdictPicture
from rnnviz.view.stage.movie import loss_range, loss_steps, loss_symbol, movie_flows
from rnnviz.view.stage.movie_bar import MARKUP, lengths, passed, running_norm

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent, QShowEvent

    from rnnviz.service.messages import BackwardPlayed, LayerEdges
    from rnnviz.session.playback import Playback

LOSSES = (("one", "one loss"), ("sum", "sum"), ("mean", "mean"))
SWITCH = 206
WEIGHTS = (("W_hh", "W_hh"), ("W_xh", "W_xh"), ("W_hy", "W_hy"), ("b", "b"))
APPLY = (
    "One plain step of all weights with this text's own gradient, without clipping or momentum.\n"
    "It is not counted as a training step; training goes on from it.\nW ← W − η · ∂C/∂W"
)
CLOSE = 1e-5
"""A difference up to this share of the gradient (or of 1) is rounding in float32."""


def weight_name(key: str) -> str:
    """The weight in the notation in use, as plain text without its shape; of two biases only the letter."""
    name = math_text.plain_name(MARKUP[key])
    return "b" if " + " in name else re.sub(r"[_^]·", "", name)


class MoviePanel(Panel):
    """Everything follows the session's cursor: the sweep can be stepped, played and scrubbed both ways."""

    topics = ("movie",)
    needs = ("playback",)

    def __init__(self, *, playback: Playback, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self._playback = playback
        self._applied = self._filming = False
        self._turn = Turn(self, self.refresh, weight=PANEL)
        self._build()
        self._lay_out()
        self._connect()

    # ---- building --------------------------------------------------------------------------

    def _build(self) -> None:
        look = self.look
        self.layer_row = LayerRow(session=self.session, look=look, title="Backward")
        self.losses = SegmentSwitch(look=look, choices=LOSSES, width=SWITCH, height=28, name="Loss C")
        self._explain(
            self.losses, "The loss that is sent back: that of one step, all of them added, or their mean.\n"
            "The mean divides every number by the count of losses."
        )  # fmt: skip
        self.weight = SegmentSwitch(look=look, choices=WEIGHTS, width=SWITCH, height=28, name="Weight")
        self._explain(self.weight, "The shared weight that the copies contribute to.\nEvery copy uses the same one.")
        self.hint = form.label("", quiet=True)
        self.film_button = Button(look=look, text="Play forward, then back", icon="play", height=28)
        self.film_button.setToolTip(
            "The forward pass with its losses, then the gradient back from the last one.\nSpace pauses, arrows step."
        )
        self.place = form.label("", strong=True)
        self.edges = EdgesPicture(look=look)
        self.copies = form.label("", strong=True)
        self.sum = SumPicture(look=look)
        self.verdict = VerdictPicture(look=look)
        self.rate = form.real(1e-6, 10.0, 6, "The learning rate η in force, that of training too.\nW ← W − η · ∂C/∂W")
        self.rate.setMinimumWidth(look.ipx(64))
        self.rate.setAccessibleName("Learning rate η")
        self.apply = Button(look=look, text="Apply update", height=28, kind="primary")
        self.undo = Button(look=look, text="Undo", height=28)
        self.outcome = VerdictPicture(look=look)
        self.before_after = LossesPicture(look=look)

    @staticmethod
    def _explain(switch: SegmentSwitch, tip: str) -> None:
        for button in switch.buttons.values():
            button.setToolTip(tip)

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 18, 14)
        column.setSpacing(6)
        column.addWidget(self.layer_row)
        for caption, switch in (("Loss C", self.losses), ("Weight", self.weight)):
            row = QHBoxLayout()
            row.addWidget(QLabel(caption), 1)
            row.addWidget(switch)
            column.addLayout(row)
        for widget in (self.hint, self.film_button, self.place, self.edges, self.copies, self.sum, self.verdict):
            column.addWidget(widget)
        column.addSpacing(6)
        column.addWidget(form.label("Update W ← W − η dW", strong=True))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(QLabel("η"))
        row.addWidget(self.rate, 1)
        row.addWidget(self.apply)
        row.addWidget(self.undo)
        column.addLayout(row)
        column.addWidget(self.outcome)
        column.addWidget(self.before_after)
        column.addStretch(1)

    def _connect(self) -> None:
        session = self.session
        for signal in (session.time_step_changed, session.direction_changed, session.trace_changed,
                       session.run_changed, session.engine_changed, self.look.changed):  # fmt: skip
            signal.connect(self.on_fact)
        session.lab.changed.connect(self.on_lab)
        session.selection_changed.connect(self.on_layer)
        session.loss_step_changed.connect(self.on_loss_step)
        self.losses.chosen.connect(self.on_losses)
        self.weight.chosen.connect(self.on_weight)
        self.film_button.clicked.connect(self.on_film)
        self._playback.playing_changed.connect(self.on_playing)
        self.sum.step_chosen.connect(session.move_to)
        self.rate.editingFinished.connect(self.on_rate)
        self.apply.clicked.connect(self.on_apply)
        self.undo.clicked.connect(self.on_undo)

    # ---- facts -----------------------------------------------------------------------------

    @Slot()
    def on_fact(self) -> None:
        """Hidden it does nothing."""
        if self.isVisible():
            self._turn.ask()

    @Slot(str)
    def on_lab(self, topic: str) -> None:
        """The engine's newest numbers, or why there are none."""
        if topic == "movie":
            self.on_fact()

    @Slot()
    def on_layer(self) -> None:
        """The weights are those of the selected layer."""
        self.session.lab.set("movie", layer=self.session.layer)

    @Slot()
    def on_loss_step(self) -> None:
        """A click on a loss sends that one back."""
        if self.isVisible() and self.session.loss_step:
            self.session.lab.set("movie", losses="one", loss_step=self.session.loss_step)
            self.on_fact()

    # ---- what the user does ------------------------------------------------------------------

    @Slot(str)
    def on_losses(self, key: str) -> None:
        """One loss is the one in force in the whole window; sum and mean begin at the last."""
        one = key == "one"
        self.session.lab.set("movie", losses=key, loss_step=self.session.effective_loss_step if one else 0)
        trace = self.session.trace
        if not one and self.session.loss_step and trace is not None:
            self.session.choose_loss(0)
            if is_backward(self.session):
                self.session.move_to(loss_range(trace.loss).stop - 1)
        self.on_fact()

    @Slot(str)
    def on_weight(self, key: str) -> None:
        """Another shared weight."""
        self.session.lab.set("movie", weight=key)
        self.on_fact()

    @Slot()
    def on_film(self) -> None:
        """From before step 1 to the last loss, and back to step 1."""
        self.session.set_direction(Direction.FORWARD)
        self._playback.first()
        self._playback.play()
        self._filming = True

    @Slot()
    def on_playing(self) -> None:
        """The forward pass is through: the sweep begins. Whoever pauses before that has ended the film."""
        if self._playback.playing or not self._filming:
            return
        self._filming = False
        if self._playback.at_end and not is_backward(self.session) and self.isVisible():
            self.session.set_direction(Direction.BACKWARD)
            self._playback.first()
            self._playback.play()

    @Slot()
    def on_rate(self) -> None:
        """The one learning rate of the run."""
        if self.rate.value() != self.session.run.training.learning_rate:
            self.session.set_training(learning_rate=self.rate.value())

    @Slot()
    def on_apply(self) -> None:
        """One plain step down the gradient; then the new forward pass is on show."""
        film = self.film
        if film is None:
            return
        self._playback.pause()
        command = ApplyUpdate(learning_rate=self.rate.value(), losses=film.losses, loss_step=film.loss_step)
        self._applied = True
        self.session.change_weights("update", command)
        self.session.set_direction(Direction.FORWARD)
        self.session.move_to(self.session.length)

    @Slot()
    def on_undo(self) -> None:
        """The weights before the update again."""
        self.session.change_weights("update", UndoUpdate())

    # ---- values ----------------------------------------------------------------------------

    @property
    def film(self) -> BackwardPlayed | None:
        """The newest numbers, None while there are none of this text."""
        found: BackwardPlayed | None = self.session.lab.value("movie")
        return found if found is not None and len(found.edges[0].log2_total) == self.session.length else None

    @property
    def at(self) -> int:
        """Where the sweep stands; in the forward pass it is through."""
        return max(1, self.session.time_step) if is_backward(self.session) else 1

    def refresh(self) -> None:
        """Show the newest values."""
        session, film = self.session, self.film
        asked = session.lab.parameters("movie")
        self.losses.set_current(asked.losses)
        self.weight.set_current(asked.weight)
        for key, button in self.weight.buttons.items():
            button.setText(weight_name(key))
        form.show_number(self.rate, session.run.training.learning_rate)
        self.film_button.setVisible(film is not None)
        self._show_hint(film)
        for widget in (self.place, self.edges, self.copies, self.sum, self.verdict):
            widget.setVisible(film is not None)
        if film is not None and session.trace is not None:
            self._show_edges(film)
            self._show_sum(film)
        self._show_update(film)
        self.update()

    def showEvent(self, event: QShowEvent) -> None:
        """Ask about the layer and the loss that are chosen in the window."""
        self.on_layer()
        chosen = self.session.loss_step
        if chosen:
            self.session.lab.set("movie", losses="one", loss_step=chosen)
        super().showEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Its pictures are drawn in its turn."""
        with self._turn:
            super().paintEvent(event)

    def _show_hint(self, film: BackwardPlayed | None) -> None:
        text = ""
        if film is None:
            text = self.session.lab.refusal("movie") or "Waiting for the engine."
        elif not is_backward(self.session):
            text = "In the forward pass these are the numbers of the whole backward pass."
        self.hint.setText(text)
        self.hint.setVisible(bool(text))

    def _layer(self, film: BackwardPlayed) -> LayerEdges:
        return next(edges for edges in film.edges if edges.name == film.layer)

    def _show_edges(self, film: BackwardPlayed) -> None:
        edges = self._layer(film)
        step = self.session.time_step or 1
        row, later = step - 1, step - 1 if is_reverse(film.layer) else step + 1
        # A lower layer gets its direct part from the layer above it.
        names = [each.name for each in film.edges if is_reverse(each.name) == is_reverse(film.layer)]
        source = "from its output" if film.layer == names[-1] else "from the layer above"
        rows = [(f"e_{{{step}}}", source, float(edges.log2_direct[row]))]
        if edges.log2_through_cell is None:
            rows.append((f"h_{{{later}}}", f"back from step {later}", float(edges.log2_through[row])))
        else:
            through = f"by {math_text.plain('h')} from step {later}"
            rows.append((f"h_{{{later}}}", through, float(edges.log2_through_hidden[row])))
            rows.append((f"c_{{{later}}}", f"by c from step {later}", float(edges.log2_through_cell[row])))
        whole = f"h_{{{step}}}" if edges.log2_through_cell is None else f"(h_{{{step}}}, c_{{{step}}})"
        rows.append((f"∂C/∂{whole}", "together", float(edges.log2_total[row])))
        self.place.setText(f"What arrives at step {step}")
        self.edges.show_rows(rows, max(float(each.log2_total.max()) for each in film.edges))

    def _show_sum(self, film: BackwardPlayed) -> None:
        losses = self.session.trace.loss if self.session.trace is not None else np.empty(0)
        flow = movie_flows(film, [film.layer], "joint", loss_steps(film, losses))[film.layer]
        front = min(max(flow.front(self.at), 1), self.session.length)
        rows = passed(film.weight, self.at, flow.source, rightward=flow.rightward, front=front)
        count, whose = self.session.length if flow.rightward else flow.source, ""
        switch = self.session.trace.switch if self.session.trace is not None else 0
        if switch and film.weight.key != "W_hy":  # a decoder's copies have weights of their own
            rows, count, whose = rows[rows < switch], min(count, switch), " of the encoder"
        shares, total = lengths(film.weight, rows)
        vector = running_norm(film.weight, front, rightward=flow.rightward) if len(rows) else -math.inf
        self.sum.show_pieces(rows + 1, shares, total=total, vector=vector, symbol=MARKUP[film.weight.key])
        self.copies.setText(f"What {len(rows)} of {count} copies{whose} give to {weight_name(film.weight.key)}")
        self._show_verdict(film, through=self.at <= 1)

    def _show_verdict(self, film: BackwardPlayed, *, through: bool) -> None:
        """At the end of the sweep the sum is the gradient: say whether another way of computing it agrees."""
        weight, name = film.weight, weight_name(film.weight.key)
        symbol = math_text.plain(loss_symbol(film.losses, film.loss_step))
        if not through:
            self.verdict.show_lines("", [f"At step 1 the sum is ∂{symbol}/∂{name}, {name}.grad."])
            return
        if not (math.isfinite(weight.norm) and math.isfinite(weight.reference_norm)):
            self.verdict.show_lines("error", ["The gradient is beyond the range of float32."], wrong=True)
            return
        fine = weight.difference <= CLOSE * max(1.0, weight.reference_norm)
        lines = [
            f"‖∑ d{name}‖ = {significant(weight.norm, 4)}, ‖{name}.grad‖ = {significant(weight.reference_norm, 4)}",
            f"largest difference to {film.reference}: {significant(weight.difference, 2)}",
        ]
        if film.reference_note:
            lines.append(film.reference_note)
        self.verdict.show_lines("check" if fine else "error", lines, wrong=not fine)
        self.verdict.setToolTip("\n".join(lines))

    # ---- the update ------------------------------------------------------------------------

    def _show_update(self, film: BackwardPlayed | None) -> None:
        reason = self._why_not(film)
        self.apply.setEnabled(not reason)
        self.apply.setToolTip(reason or told(APPLY, math_text.notation()))
        update = film.update if film is not None else None
        self.undo.setEnabled(update is not None)
        self.undo.setToolTip("Put back the very weights from before the update.\nPossible until they change again.")
        self.outcome.setVisible(update is not None)
        self.before_after.setVisible(update is not None)
        if update is None:
            return
        if self._applied:
            self._applied = False
            QTimer.singleShot(0, self, self._show_outcome)  # when the layout has made room for it
        before, after = (float(np.nansum(losses)) for losses in (update.loss_before, update.loss_after))
        word = "fell" if after < before else "rose" if after > before else "stayed"
        lines = [
            f"∑ C {word}: {number(before, 3)} → {number(after, 3)} (η = {significant(update.learning_rate, 2)})",
            self._at_cursor(update.loss_before, update.loss_after),
        ]
        self.outcome.show_lines("", [line for line in lines if line])
        self.before_after.show_losses(update.loss_before, update.loss_after)

    @Slot()
    def _show_outcome(self) -> None:
        """What the update has changed comes into view, also in a low panel."""
        widget: QWidget | None = self.parentWidget()
        while widget is not None and not isinstance(widget, QScrollArea):
            widget = widget.parentWidget()
        if isinstance(widget, QScrollArea):
            widget.ensureWidgetVisible(self.before_after, 0, 12)

    def _at_cursor(self, before: np.ndarray, after: np.ndarray) -> str:
        step = self.session.time_step
        if not 1 <= step <= len(before) or math.isnan(before[step - 1]):
            return ""
        return f"at step {step}: {number(float(before[step - 1]), 3)} → {number(float(after[step - 1]), 3)}"

    def _why_not(self, film: BackwardPlayed | None) -> str:
        if film is None:
            return "There is no gradient to go down yet."
        if self.session.training_now:
            return "The network trains; pause it first."
        if self.session.viewing_step is not None:
            return "An earlier training step is on show; press Esc for the newest."
        return ""


ENTRY = PanelEntry("movie", "Backward", "lab", "Ctrl+Shift+M", "gradient", MoviePanel)
