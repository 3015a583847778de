"""The Remedies tab: four cures against a gradient that explodes or vanishes; switch one on and watch the curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout

from rnnviz.engine.spec import MAX_LENGTH
from rnnviz.view.facts import layer_flow, shown_part
from rnnviz.view.layer_names import is_reverse
from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.layer_row import LayerRow
from rnnviz.view.panels.remedies_plot import ClipPlot, ShareCurve, SharePlot
from rnnviz.view.panels.remedies_rows import RemedyRow

if TYPE_CHECKING:
    from rnnviz.view.shell import Shell

CLIP, FORGET_BIAS = 1.0, 1.0
BOTH_WAYS = "A bidirectional network has no end at which time could be cut; use one direction."
NO_FORGET_GATE = "Only the LSTM has a forget gate; key 2 makes one."


class RemediesPanel(Panel):
    """Switches over the run; a plot of what clipping does, and of the gradient curve before and now."""

    topics = ("gradients",)
    needs = ("shell",)

    def __init__(self, *, shell: Shell, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self.shell = shell
        self.before: ShareCurve | None = None
        self._last_clip, self._last_bias = CLIP, FORGET_BIAS
        self._build()
        self._connect()

    # ---- building --------------------------------------------------------------------------

    def _build(self) -> None:
        self.clip_at = form.real(
            1e-3, 1e6, 3, "The longest gradient that is used as it is.\nLonger ones are shortened."
        )
        self.every = form.whole(1, MAX_LENGTH, "k1: forward so many steps, then one sweep back.\n1: after every step.")
        self.length = form.whole(
            1, MAX_LENGTH, "k2: each sweep goes so many steps back.\nThe scissors on the chain set it."
        )
        self.bias = form.real(-20, 20, 2, "The first bias of the forget gate, both vectors together.\nσ(1) = 0.73.")
        self.clip = RemedyRow(
            look=self.look, title="Clip by norm", fields=(("limit", self.clip_at),),
            sentence="Longer gradients are cut to the limit.",
            tip="Against gradients that explode: no steep step can throw the weights away.\ng ← g · min(1, limit/‖g‖)",
        )  # fmt: skip
        self.truncate = RemedyRow(
            look=self.look, title="Truncated BPTT", fields=(("k1", self.every), ("k2", self.length)),
            sentence="After every k1 steps, a sweep goes k2 steps back.",
            tip="Williams & Peng 1990: what lies before the cut counts as a constant.\nL(τ) = ⌈τ/k1⌉·k1 − k2 + 1",
        )  # fmt: skip
        self.forget = RemedyRow(
            look=self.look, title="Forget bias", fields=(("bias", self.bias),),
            sentence="A new network whose forget gate begins open.",
            tip="At first each step leaves σ(b) of the gradient of c_t: 0.50 for 0, 0.73 for 1.\n∂c_t/∂c_{t−1} = f_t",
        )  # fmt: skip
        self.orthogonal = RemedyRow(
            look=self.look, title="Orthogonal init",
            sentence="A new network whose W_hh begins as a rotation.",
            tip="All singular values are 1, so that only the slopes of tanh shrink the gradient.\nW_hhᵀ · W_hh = I",
        )  # fmt: skip
        self.layer_row = LayerRow(session=self.session, look=self.look, title="Remedies")
        self.share_plot, self.clip_plot = SharePlot(look=self.look), ClipPlot(look=self.look)
        self.legend = form.label("", quiet=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 18, 14)
        column.setSpacing(8)
        for widget in (self.layer_row, self.share_plot, self.legend, *self.rows, self.clip_plot):
            column.addWidget(widget)
        column.addStretch(1)

    @property
    def rows(self) -> tuple[RemedyRow, ...]:
        """The four remedies."""
        return self.clip, self.truncate, self.forget, self.orthogonal

    def _connect(self) -> None:
        session = self.session
        for signal in (session.run_changed, session.gradients_changed, session.training_changed):
            signal.connect(self.on_fact)
        session.selection_changed.connect(self.on_fact)
        self.clip.switched.connect(self.switch_clip)
        self.truncate.switched.connect(self.switch_truncation)
        self.forget.switched.connect(self.switch_forget_bias)
        self.orthogonal.switched.connect(self.switch_orthogonal)
        self.clip.edited.connect(self.on_clip_edited)
        self.truncate.edited.connect(self.on_cut_edited)
        self.forget.edited.connect(self.on_bias_edited)

    # ---- acts -------------------------------------------------------------------------------

    @Slot(bool)
    def switch_clip(self, on: bool) -> None:
        """Shorten long gradients, or do not."""
        self._remember()
        self.session.set_training(clip=self._last_clip if on else 0.0)
        self.refresh()

    @Slot(bool)
    def switch_truncation(self, on: bool) -> None:
        """Cut the way back half-way between the loss and the first step, or nowhere."""
        self._remember()
        if on:
            self.session.set_training(truncate_every=1, truncate_length=max(2, self.session.effective_loss_step // 2))
        else:
            self.session.set_training(truncate_length=0)
        self.refresh()

    @Slot(bool)
    def switch_forget_bias(self, on: bool) -> None:
        """A new LSTM whose forget gate begins open, or as it is drawn."""
        self._remember()
        self.shell.change_model(forget_bias=self._last_bias if on else None)
        self.refresh()

    @Slot(bool)
    def switch_orthogonal(self, on: bool) -> None:
        """A new network with rotations for recurrent weights, or PyTorch's default."""
        self._remember()
        self.shell.change_model(initialiser="orthogonal" if on else "default")
        self.refresh()

    @Slot()
    def on_clip_edited(self) -> None:
        """Another limit; it counts at once where clipping is on."""
        self._last_clip = self.clip_at.value()
        if self.session.run.training.clip not in (0.0, self._last_clip):
            self._remember()
            self.session.set_training(clip=self._last_clip)

    @Slot()
    def on_cut_edited(self) -> None:
        """Another k1 or k2; k2 is never below k1."""
        training = self.session.run.training
        every = self.every.value()
        length = max(every, self.length.value())
        if training.truncate_length and (every, length) != (training.truncate_every, training.truncate_length):
            self._remember()
            self.session.set_training(truncate_every=every, truncate_length=length)
            self.refresh()

    @Slot()
    def on_bias_edited(self) -> None:
        """Another forget bias; a new network where the remedy is on."""
        self._last_bias = self.bias.value()
        if self.session.run.model.forget_bias not in (None, self._last_bias):
            self._remember()
            self.shell.change_model(forget_bias=self._last_bias)

    def _remember(self) -> None:
        """Keep the curve on show: it is the one before the switch."""
        self.before = self.curve()

    # ---- values ----------------------------------------------------------------------------

    def curve(self) -> ShareCurve | None:
        """The gradient curve on show, of the selected layer and part."""
        flow, gradients = layer_flow(self.session), self.session.gradients
        if flow is None or gradients is None or not gradients.loss_step:
            return None
        part = shown_part(self.session, flow)
        row = {"h": flow.log2_hidden, "c": flow.log2_cell}.get(part)
        values = np.asarray(flow.log2_total if row is None else row, np.float64)
        reverse = is_reverse(flow.name)
        return ShareCurve(
            values, gradients.loss_step, flow.horizons[part], gradients.training_step, reverse, (flow.name, part)
        )

    @Slot()
    def on_fact(self) -> None:
        """Hidden it does nothing."""
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Switches, fields and plots of the run as it is."""
        self._show_switches()
        now = self.curve()
        if self.before is not None and now is not None and not _comparable(self.before, now):
            self.before = None
        self.share_plot.show_curves(self.before, now, self.session.threshold)
        self.legend.setText(self._legend(now))
        self.clip_plot.show_record(self.session.training, self.session.run.training.clip)

    def _show_switches(self) -> None:
        model, training = self.session.run.model, self.session.run.training
        self._last_clip = training.clip or self._last_clip
        self._last_bias = self._last_bias if model.forget_bias is None else model.forget_bias
        form.show_number(self.clip_at, self._last_clip)
        form.show_number(self.bias, self._last_bias)
        form.show_number(self.every, training.truncate_every)
        form.show_number(self.length, training.truncate_length or max(2, self.session.effective_loss_step // 2))
        lstm = model.cell == "lstm"
        self.clip.show_state(on=bool(training.clip))
        self.truncate.show_state(on=bool(training.truncate_length), reason=BOTH_WAYS if model.bidirectional else "")
        self.forget.show_state(on=lstm and model.forget_bias is not None, reason="" if lstm else NO_FORGET_GATE)
        self.orthogonal.show_state(on=model.initialiser == "orthogonal")

    def _legend(self, now: ShareCurve | None) -> str:
        if now is None:
            return ""
        if self.before is None:
            return "Switch one on: the present curve stays as a thin line."
        return f"thin: before (step {self.before.training_step}); thick: now (step {now.training_step})"


def _comparable(before: ShareCurve, now: ShareCurve) -> bool:
    """Two curves of the same loss and the same state in a text of the same length."""
    return (before.loss_step, len(before.log2), before.of) == (now.loss_step, len(now.log2), now.of)


ENTRY = PanelEntry("remedies", "Remedies", "lab", "Ctrl+Shift+R", "check", RemediesPanel)
