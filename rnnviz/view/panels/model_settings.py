"""The Model tab: what trains (live) and what needs a new network (said before it is made)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from rnnviz.view.controls.buttons import Button
from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry

if TYPE_CHECKING:
    from rnnviz.view.shell import Shell

OPTIMISERS = (("adam", "Adam"), ("sgd", "SGD"))
ACTIVATIONS = (("tanh", "tanh"), ("relu", "ReLU"), ("sigmoid", "σ"), ("identity", "identity"))
CELLS = (("elman", "Elman"), ("lstm", "LSTM"), ("gru", "GRU"))
CAPTION = 92
TASKS = (("next-char", "Next character"), ("parity", "Parity"))


class ModelSettingsPanel(Panel):
    """Fields over the run's spec; a value that is refused comes back as it was."""

    needs = ("shell",)

    def __init__(self, *, shell: Shell, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self.shell = shell
        self._build()
        self._connect()

    # ---- building --------------------------------------------------------------------------

    def _build(self) -> None:
        self.rate = form.real(
            1e-6, 10.0, 6, "The step size η of every update.\nToo large and the loss jumps.\nW ← W − η · ∂C/∂W"
        )
        self.batch = form.whole(1, 1024, "Sequences in one update.\nMore of them make the gradient quieter and slower.")
        self.optimiser = form.choice(
            OPTIMISERS, "How the gradient becomes an update.\nAdam scales each weight by itself."
        )
        self.clip = form.real(
            0.0, 1e6, 3, "The largest length of the gradient; 0 switches it off.\nLonger ones are shortened."
        )
        self.seed = form.whole(0, 2**31 - 1, "Decides first weights and batches.\nThe same seed repeats the run.")
        self.cell = form.choice(CELLS, "The recurrent cell.\nKeys 1, 2 and 3 do the same.")
        self.units = form.whole(1, 1024, "Numbers in the hidden state.\nMore of them can remember more.")
        self.layers = form.whole(1, 8, "Networks on top of each other.\nEach reads the states of the one below.")
        self.activation = form.choice(
            ACTIVATIONS, "The Elman cell's squashing function.\ntanh keeps states between −1 and 1."
        )
        self.embedding = form.whole(
            0, 512, "Width of a learned vector for each token; 0 is one-hot.\nOne-hot times W is a row look-up."
        )
        self.embedding.setSpecialValueText("one-hot")
        self.task = form.choice(TASKS, "What the network learns.\nA text of your own: drop the file on the window.")
        self.cost = form.label("", quiet=True)
        self.device_line = form.label("", quiet=True)
        self.device = form.choice((("cpu", "CPU"),), "The device that trains.\nThe weights move there while it runs.")
        self.clip.setSpecialValueText("off")
        self.measure = Button(look=self.look, text="Measure devices", height=28)
        self.measure.setToolTip(
            "Train this model for a moment on every device found.\nOne sentence says which is faster."
        )
        self.count = form.label("", quiet=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 14, 18, 14)
        column.setSpacing(8)
        column.addWidget(form.label("Training, changed at once", strong=True))
        column.addLayout(
            self._grid(
                ("Learning rate", self.rate),
                ("Batch size", self.batch),
                ("Optimiser", self.optimiser),
                ("Clip norm at", self.clip),
                ("Device", self.device),
            )
        )
        column.addWidget(self.measure)
        column.addWidget(self.device_line)
        column.addSpacing(8)
        column.addWidget(form.label("Network, made anew", strong=True))
        column.addWidget(self.cost)
        column.addLayout(
            self._grid(
                ("Task", self.task),
                ("Cell", self.cell),
                ("Units", self.units),
                ("Layers", self.layers),
                ("Activation", self.activation),
                ("Embedding", self.embedding),
                ("Seed", self.seed),
            )
        )
        column.addWidget(self.count)
        column.addStretch(1)

    @staticmethod
    def _grid(*fields: tuple[str, QWidget]) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, CAPTION)  # both groups in one line
        for row, (name, field) in enumerate(fields):
            caption = form.label(name)
            caption.setBuddy(field)
            field.setAccessibleName(name)
            grid.addWidget(caption, row, 0)
            grid.addWidget(field, row, 1)
        return grid

    def _connect(self) -> None:
        for box in (self.rate, self.batch, self.clip, self.seed, self.units, self.layers, self.embedding):
            box.editingFinished.connect(self.on_edited)
        for choice in (self.optimiser, self.activation, self.cell, self.task, self.device):
            choice.activated.connect(self.on_edited)
        self.measure.clicked.connect(self.session.measure_devices)
        for signal in (self.session.run_changed, self.session.devices_changed, self.session.training_changed):
            signal.connect(self.on_fact)

    # ---- values ----------------------------------------------------------------------------

    @Slot()
    def on_fact(self) -> None:
        """Hidden it does nothing."""
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Show the run as it is."""
        model, training = self.session.run.model, self.session.run.training
        pairs = (
            (self.rate, training.learning_rate),
            (self.batch, training.batch_size),
            (self.clip, training.clip),
            (self.seed, training.seed),
            (self.units, model.hidden),
            (self.layers, model.layers),
            (self.embedding, model.embedding),
        )
        for box, value in pairs:
            form.show_number(box, value)
        form.show_choice(self.optimiser, training.optimiser)
        form.show_choice(self.activation, model.activation)
        form.show_choice(self.cell, model.cell)
        form.show_choice(self.task, self.session.run.task.name)
        self.activation.setEnabled(model.cell == "elman")
        steps = self.session.training.step
        aside = f"; {steps} training step{'s are' if steps != 1 else ' is'} set aside." if steps else "."
        self.cost.setText(f"Any of these makes a new network{aside}")
        self.count.setText(f"{self.session.parameter_count:,} parameters".replace(",", "\u2009"))
        self._show_devices(training.device)

    def _show_devices(self, chosen: str) -> None:
        known = [("auto", "Auto"), *((d.name, d.label or d.name.upper()) for d in self.session.devices if d.available)]
        if [self.device.itemData(i) for i in range(self.device.count())] != [name for name, _ in known]:
            self.device.clear()
            for name, text in known:
                self.device.addItem(text, name)
        form.show_choice(self.device, chosen)
        missing = [f"{d.label or d.name}: {d.reason}" for d in self.session.devices if not d.available and d.reason]
        self.device_line.setText(self.session.device_sentence or " ".join(missing))
        self.device_line.setVisible(bool(self.device_line.text()))

    @Slot()
    def on_edited(self) -> None:
        """Send what differs; a new network is asked about first, and the field shows the truth meanwhile."""
        self._send_training()
        self._send_model()
        self.refresh()

    def _send_training(self) -> None:
        training = self.session.run.training
        values = {
            "learning_rate": self.rate.value(),
            "batch_size": self.batch.value(),
            "clip": self.clip.value(),
            "optimiser": self.optimiser.currentData(),
        }
        changes = {key: value for key, value in values.items() if value != getattr(training, key)}
        if changes:
            self.session.set_training(**changes)
        if self.device.currentData() not in (None, training.device):
            self.session.set_device(self.device.currentData())
        if self.seed.value() != training.seed:
            self.shell.change_seed(self.seed.value())

    def _send_model(self) -> None:
        model = self.session.run.model
        values = {
            "cell": self.cell.currentData(),
            "hidden": self.units.value(),
            "layers": self.layers.value(),
            "activation": self.activation.currentData(),
            "embedding": self.embedding.value(),
        }
        changes = {key: value for key, value in values.items() if value != getattr(model, key)}
        if changes:
            self.shell.change_model(**changes)
        if self.task.currentData() != self.session.run.task.name:
            self.shell.set_task(self.task.currentData())


ENTRY = PanelEntry("settings", "Model", "side", "", "settings", ModelSettingsPanel)
