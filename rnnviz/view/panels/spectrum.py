"""The Spectrum tab: eigenvalues of W_hh, a dial that rescales them, and what becomes of the gradient."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from rnnviz.service.messages import Rescale
from rnnviz.view import math_text
from rnnviz.view.controls.buttons import Button
from rnnviz.view.facts import layer_flow, shown_part
from rnnviz.view.layer_names import is_reverse, primed, recurrent_block
from rnnviz.view.look import significant
from rnnviz.view.notation.tips import retell, told
from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.chain_plot import Curve, DecayPlot, power
from rnnviz.view.panels.layer_row import LayerRow
from rnnviz.view.panels.spectrum_circle import EigenCircle
from rnnviz.view.panels.spectrum_dial import HIGH, RadiusSlider

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from rnnviz.service.messages import LayerFlow, SpectrumMapped

CIRCLE, PLOT = 216.0, 150.0
ALL = "all"
WAITING = "Waiting for the engine to differentiate the loss."
TITLES = {
    "h": "W_hh", "i": "input gate, W_hi", "f": "forget gate, W_hf", "g": "candidate, W_hg", "o": "output gate, W_ho",
    "r": "reset gate, W_hr", "z": "update gate, W_hz", "n": "candidate, W_hn",
}  # fmt: skip
DASHED = (5.0, 3.0)


class SpectrumPanel(Panel):
    """One dial for the recurrent weights of the selected layer, of one gate or of all."""

    topics = ("spectrum", "gradients")

    def __init__(self, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self._gates: tuple[str, ...] = ()
        self._build()
        self._connect()

    def _build(self) -> None:
        self.layer_row = LayerRow(session=self.session, look=self.look, title="Spectrum")
        self.gate = form.choice((), "Whose block of W_hh is shown and turned.\nA gated cell has one for each gate.")
        self.gate.setAccessibleName("Gate")
        self.circle = EigenCircle(look=self.look, height=CIRCLE)
        self.numbers = form.label("")
        self.slider = RadiusSlider(look=self.look)
        tip = "The spectral radius ρ as a number.\nEnter rescales W_hh to it.\nρ = max |λ|"
        self.box = form.real(0.0, HIGH, 3, tip)
        self.box.setAccessibleName("Spectral radius as a number")
        self.box.setSingleStep(0.05)
        self.back = Button(look=self.look, text="Reset", height=28)
        self.back.setToolTip(
            "Bring back W_hh as it was before the dial was touched.\nWhat training has learned since is kept."
        )
        self.reason = form.label("", quiet=True)
        self.plot = DecayPlot(look=self.look, height=PLOT, name="Decay of the gradient against ρᵏ")
        self.meaning = form.label("", quiet=True)
        turn = QHBoxLayout()
        turn.setSpacing(8)
        turn.addWidget(form.label("ρ"))
        turn.addWidget(self.slider, 1)
        turn.addWidget(self.box)
        turn.addWidget(self.back)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 10, 18, 14)
        column.setSpacing(6)
        column.addWidget(self.layer_row)
        column.addWidget(self.gate)
        column.addLayout(turn)  # above the picture: in a low window the hand must reach it
        for widget in (self.reason, self.numbers, self.circle, self.plot, self.meaning):
            column.addWidget(widget)
        column.addStretch(1)

    def _connect(self) -> None:
        session = self.session
        session.lab.changed.connect(self.on_answer)
        session.selection_changed.connect(self.on_layer)
        for signal in (session.gradients_changed, session.trace_changed, self.look.changed):
            signal.connect(self.on_fact)
        self.gate.activated.connect(self.on_fact)
        self.slider.turned.connect(self.turn)
        self.box.valueChanged.connect(self.turn)
        self.back.clicked.connect(self.on_back)

    # ---- turning -----------------------------------------------------------------------------

    @property
    def chosen(self) -> str:
        """The gate that is shown and turned, '' for all."""
        key = self.gate.currentData()
        return "" if key in (None, ALL) else str(key)

    @Slot(float)
    def turn(self, radius: float) -> None:
        """Rescale the live weights; every picture follows."""
        self.session.change_weights(
            "rescale", Rescale(layer=self.session.layer, gate=self._gate_on_wire(), radius=radius)
        )

    @Slot()
    def on_back(self) -> None:
        """The weights as they were."""
        self.session.change_weights("rescale", Rescale(layer=self.session.layer, reset=True))

    def _gate_on_wire(self) -> str:
        return "" if len(self._gates) <= 1 else self.chosen

    # ---- values ------------------------------------------------------------------------------

    @Slot()
    def on_layer(self) -> None:
        """The spectrum of the selected layer."""
        if self.isVisible():
            self.session.lab.set("spectrum", layer=self.session.layer)

    @Slot(str)
    def on_answer(self, topic: str) -> None:
        """Another spectrum."""
        if topic == "spectrum" and self.isVisible():
            self.refresh()

    @Slot()
    def on_fact(self) -> None:
        """Hidden it does nothing."""
        if self.isVisible():
            self.refresh()

    def spectrum(self) -> SpectrumMapped | None:
        """The newest answer."""
        found: SpectrumMapped | None = self.session.lab.value("spectrum")
        return found

    def refresh(self) -> None:
        """Show the newest spectrum, or why there is none."""
        if self.session.lab.parameters("spectrum").layer != self.session.layer:
            self.session.lab.set("spectrum", layer=self.session.layer)
        found = self.spectrum()
        for widget in (self.circle, self.numbers, self.slider, self.box, self.back, self.plot, self.meaning):
            widget.setVisible(found is not None)
        if found is None:
            self.gate.hide()
            self._say(self.session.lab.refusal("spectrum") or "Waiting for the engine to find the eigenvalues.")
            return
        self._show_gates(tuple(found.real))
        names = [self.chosen] if self.chosen else list(found.real)
        values = np.concatenate([found.real[name] + 1j * found.imaginary[name] for name in names])
        self.circle.show_values(values, (self.session.run.model, found.layer, self.chosen))
        self.numbers.setText("\n".join(self._line(found, name) for name in names))
        self._show_dial(found, names)
        self._show_decay(found, names)

    def _line(self, found: SpectrumMapped, name: str) -> str:
        was = ""
        if found.touched and abs(found.base_radius[name] - found.radius[name]) > 1e-6:
            was = f" (was {significant(found.base_radius[name])})"
        symbol = math_text.plain_name(recurrent_block(name))
        return f"{symbol}:  ρ = {significant(found.radius[name])}{was},  σₘₐₓ = {significant(found.largest[name])}"

    def _show_gates(self, gates: tuple[str, ...]) -> None:
        if gates != self._gates:
            self._gates = gates
            self.gate.clear()
            if len(gates) > 1:
                gated = self.session.run.model.cell != "elman"
                self.gate.addItem("all gates" if gated else "encoder and decoder", ALL)
            for name in gates:
                self.gate.addItem(_title(name), name)
            retell(self)
        self.gate.setVisible(len(gates) > 1)

    def _show_dial(self, found: SpectrumMapped, names: list[str]) -> None:
        radius = max(found.radius[name] for name in names)
        dead = [name for name in names if not found.base_radius[name] > 0]
        viewing = self.session.viewing_step
        usable = not dead and viewing is None
        self.slider.show_radius(radius)
        if not self.slider.isSliderDown():
            form.show_number(self.box, round(radius, 3))
        for widget in (self.slider, self.box):
            widget.setEnabled(usable)
        self.back.setEnabled(found.touched and viewing is None)
        if viewing is not None:
            self._say(f"Training step {viewing} is on show; Esc returns to the live network, which the dial turns.")
        elif dead:
            titles = ", ".join(_title(name) for name in dead)
            self._say(f"All eigenvalues of {titles} are 0: no factor gives it another ρ. Train a little, or choose "
                      "another initialiser in the Model tab.")  # fmt: skip
        else:
            self._say("")

    def _say(self, words: str) -> None:
        self.reason.setText(told(words, math_text.notation()))
        self.reason.setVisible(bool(words))

    # ---- the gradient beside ρ^k ---------------------------------------------------------------

    def _show_decay(self, found: SpectrumMapped, names: list[str]) -> None:
        gradients, flow = self.session.gradients, layer_flow(self.session)
        known = gradients is not None and flow is not None and len(flow.log2_total) == self.session.length
        self.plot.setVisible(known)
        if gradients is None or flow is None or not known:
            waiting = gradients is None or gradients.loss_step > 0
            self.meaning.setText(WAITING if waiting else "This text has no loss, so no gradient flows back.")
            return
        kept = self._kept(flow, gradients.loss_step)
        curves = [Curve(kept, "measured", "what is left of the gradient", "grad", 2.4, heads=True)]
        strongest = max(names, key=found.radius.__getitem__)
        base = power(found.radius[strongest], len(kept) - 1)
        curves.append(Curve(base, "ρ^k", f"{_title(strongest)} alone", "wh", 1.4, DASHED, theory=True))
        trace = self.session.trace
        key = (self.session.run.model, trace.text if trace is not None else "", flow.name, gradients.loss_step)
        self.plot.show_curves(curves, loss_step=gradients.loss_step, leftward=not is_reverse(flow.name), key=key)
        self.meaning.setText(self._meaning())

    def _kept(self, flow: LayerFlow, loss_step: int) -> NDArray[np.float64]:
        """log2 of what is left of the gradient k steps from the loss, of the part on show."""
        row = {"h": flow.log2_hidden, "c": flow.log2_cell}.get(shown_part(self.session, flow))
        row = flow.log2_total if row is None else row
        back = row[loss_step - 1 :] if is_reverse(flow.name) else row[loss_step - 1 :: -1]
        # Along c nothing is at the loss itself: there the first step before it is the start.
        start = next((value for value in back.tolist() if np.isfinite(value)), 0.0)
        return np.asarray(back, np.float64) - start

    def _meaning(self) -> str:
        cell = self.session.run.model.cell
        if cell == "elman":
            return (
                "Where σₘₐₓ · max φ′ is below 1 the gradient must vanish; only above 1 it can explode, "
                "and small slopes may still hold it back."
            )
        gate = {"lstm": "the forget gate f", "gru": "the update gate z"}[cell]
        return (
            f"In a gated cell ρ is no law of decay: the path through {gate} has no matrix. "
            "It says how strongly a gate listens to the state."
        )


ENTRY = PanelEntry("spectrum", "Spectrum", "lab", "Ctrl+Shift+E", "weight", SpectrumPanel)


def _title(block: str) -> str:
    """A gate's block of W_hh; that of a decoder ends in a prime."""
    own = TITLES[block.removesuffix("'")]
    return f"decoder: {primed(own)}" if block.endswith("'") else own
