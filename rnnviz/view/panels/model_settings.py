"""The Model tab: what trains (live) and what needs a new network (said before it is made)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout, QWidget

from rnnviz.engine.spec import MAX_RADIUS, WITH_RADIUS
from rnnviz.engine.tasks.names import PATTERNS, TITLES
from rnnviz.view.controls.buttons import Button
from rnnviz.view.controls.pattern_switch import PatternSwitch
from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry

if TYPE_CHECKING:
    from rnnviz.engine.spec import ModelSpec
    from rnnviz.view.shell import Shell

OPTIMISERS = (("adam", "Adam"), ("sgd", "SGD"))
ACTIVATIONS = (("tanh", "tanh"), ("relu", "ReLU"), ("sigmoid", "σ"), ("identity", "identity"))
CELLS = (("elman", "Elman"), ("lstm", "LSTM"), ("gru", "GRU"))
CAPTION = 92
INITIALISERS = (
    ("default", "PyTorch's default"),
    ("xavier", "Xavier"),
    ("orthogonal", "Orthogonal W_hh"),
    ("identity", "Identity (IRNN)"),
    ("scaled", "Default, scaled to ρ"),
)
FORGET_BIASES = (("", "as drawn"), ("0", "0"), ("1", "1"), ("2", "2"), ("3", "3"), ("5", "5"))
TWO_BIASES = "b_ih = b, b_hh = 0: PyTorch has two forget biases, which add up."
TASKS = tuple(TITLES.items())


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
        self._build_training()
        self._build_network()
        self._build_first_weights()
        self.patterns = PatternSwitch(look=self.look)
        self.cost = form.label("", quiet=True)
        self.device_line = form.label("", quiet=True)
        self.count = form.label("", quiet=True)
        self.two_biases = form.label(TWO_BIASES, quiet=True)
        column = QVBoxLayout(self)
        column.setSizeConstraint(QVBoxLayout.SizeConstraint.SetMinimumSize)  # never squeezed, not even at first
        column.setContentsMargins(18, 14, 18, 14)
        column.setSpacing(8)
        column.addWidget(form.label("Training, changed at once", strong=True))
        column.addLayout(self._training_grid())
        column.addWidget(self.measure)
        column.addWidget(self.device_line)
        column.addSpacing(8)
        column.addWidget(form.label("Network, made anew", strong=True))
        column.addWidget(self.cost)
        column.addWidget(self.patterns)
        column.addLayout(self._network_grid())
        column.addWidget(self.two_biases)
        column.addWidget(self.count)
        column.addStretch(1)

    def _build_training(self) -> None:
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
        self.clip.setSpecialValueText("off")
        self.device = form.choice((("cpu", "CPU"),), "The device that trains.\nThe weights move there while it runs.")
        self.measure = Button(look=self.look, text="Measure devices", height=28)
        self.measure.setToolTip(
            "Train this model for a moment on every device found.\nOne sentence says which is faster."
        )

    def _build_network(self) -> None:
        self.task = form.choice(TASKS, "What the network learns.\nA text of your own: drop the file on the window.")
        self.cell = form.choice(CELLS, "The recurrent cell.\nKeys 1, 2 and 3 do the same.")
        self.units = form.whole(1, 1024, "Numbers in the hidden state.\nMore of them can remember more.")
        self.layers = form.whole(1, 8, "Networks on top of each other.\nEach reads the states of the one below.")
        self.activation = form.choice(
            ACTIVATIONS, "The Elman cell's squashing function.\ntanh keeps states between −1 and 1."
        )
        self.embedding = form.whole(
            0, 512, "Width of a learned vector for each token; 0 is one-hot.\nOne-hot times W_xh is a row look-up."
        )
        self.embedding.setSpecialValueText("one-hot")
        self.seed = form.whole(0, 2**31 - 1, "Decides first weights and batches.\nThe same seed repeats the run.")

    def _build_first_weights(self) -> None:
        self.initialiser = form.choice(
            INITIALISERS,
            "How the first weights are made; of a gated cell each gate's block of W_hh.\n"
            "Orthogonal and identity keep the length of a gradient at ρ = 1.\nPyTorch: U(−1/√H, 1/√H)",
        )
        self.radius = form.real(
            0.0, MAX_RADIUS, 6, "Spectral radius ρ of the first W_hh.\nBelow 1 a linear gradient fades.\nρ = max |λ|"
        )
        self.forget = form.choice(
            FORGET_BIASES,
            "First bias b of the LSTM's forget gate.\nThe larger, the longer the cell state keeps.\nb_ih = b, b_hh = 0",
        )

    def _training_grid(self) -> QGridLayout:
        return self._grid(
            ("Learning rate", self.rate),
            ("Batch size", self.batch),
            ("Optimiser", self.optimiser),
            ("Clip norm at", self.clip),
            ("Device", self.device),
        )

    def _network_grid(self) -> QGridLayout:
        return self._grid(
            ("Task", self.task),
            ("Cell", self.cell),
            ("Units", self.units),
            ("Layers", self.layers),
            ("Activation", self.activation),
            ("Embedding", self.embedding),
            ("Initialiser", self.initialiser),
            ("Spectral radius", self.radius),
            ("Forget bias", self.forget),
            ("Seed", self.seed),
        )

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
        numbers = (self.rate, self.batch, self.clip, self.seed, self.units, self.layers, self.embedding, self.radius)
        for box in numbers:
            box.editingFinished.connect(self.on_edited)
        choices = (self.optimiser, self.activation, self.cell, self.task, self.device, self.initialiser, self.forget)
        for choice in choices:
            choice.activated.connect(self.on_edited)
        self.measure.clicked.connect(self.session.measure_devices)
        self.patterns.chosen.connect(self.on_pattern)
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
            (self.radius, model.radius),
        )
        for box, value in pairs:
            form.show_number(box, value)
        form.show_choice(self.optimiser, training.optimiser)
        form.show_choice(self.activation, model.activation)
        form.show_choice(self.cell, model.cell)
        form.show_choice(self.task, self.session.run.task.name)
        self.patterns.set_current(PATTERNS.get(self.session.run.task.name, ""))
        self._show_first_weights(model)
        self.activation.setEnabled(model.cell == "elman")
        steps = self.session.training.step
        aside = f"; {steps} training step{'s are' if steps != 1 else ' is'} set aside." if steps else "."
        self.cost.setText(f"Any of these makes a new network{aside}")
        self.count.setText(f"{self.session.parameter_count:,} parameters".replace(",", "\u2009"))
        self._show_devices(training.device)

    def _show_first_weights(self, model: ModelSpec) -> None:
        form.show_choice(self.initialiser, model.initialiser)
        self.radius.setEnabled(model.initialiser in WITH_RADIUS)
        key = "" if model.forget_bias is None else f"{model.forget_bias:g}"
        if self.forget.findData(key) < 0:  # from the command line or a file
            self.forget.addItem(key.replace("-", "−"), key)
        form.show_choice(self.forget, key)
        self.forget.setEnabled(model.cell == "lstm")
        self.two_biases.setVisible(model.cell == "lstm" and bool(key))

    def _show_devices(self, chosen: str) -> None:
        known = [("auto", "Auto"), *((d.name, d.label or d.name.upper()) for d in self.session.devices if d.available)]
        if chosen not in dict(known):  # before the engine has told what there is
            known.append((chosen, chosen.upper()))
        if [self.device.itemData(i) for i in range(self.device.count())] != [name for name, _ in known]:
            self.device.clear()
            for name, text in known:
                self.device.addItem(text, name)
        form.show_choice(self.device, chosen)
        missing = [f"{d.label or d.name}: {d.reason}" for d in self.session.devices if not d.available and d.reason]
        self.device_line.setText(self.session.device_sentence or " ".join(missing))
        self.device_line.setVisible(bool(self.device_line.text()))

    @Slot(str)
    def on_pattern(self, pattern: str) -> None:
        """A task of this usage pattern; the window may ask first, and the row shows the truth meanwhile."""
        self.shell.set_pattern(pattern)
        self.refresh()

    @Slot()
    def on_edited(self) -> None:
        """Send what differs; a new network is asked about first, and the field shows the truth meanwhile."""
        # All fields are read before anything is sent: each fact that comes back fills the fields anew.
        training, model = self._training_changes(), self._model_changes()
        device, seed, task = self.device.currentData(), self.seed.value(), self.task.currentData()
        run = self.session.run
        if training:
            self.session.set_training(**training)
        if device not in (None, run.training.device):
            self.session.set_device(device)
        if seed != run.training.seed:
            self.shell.change_seed(seed)
        if model:
            self.shell.change_model(**model)
        if task != run.task.name:
            self.shell.set_task(task)
        self.refresh()

    def _training_changes(self) -> dict[str, object]:
        """The fields of TrainingSpec that differ from the run."""
        values = {
            "learning_rate": self.rate.value(),
            "batch_size": self.batch.value(),
            "clip": self.clip.value(),
            "optimiser": self.optimiser.currentData(),
        }
        training = self.session.run.training
        return {key: value for key, value in values.items() if value != getattr(training, key)}

    def _model_changes(self) -> dict[str, object]:
        """The fields of ModelSpec that differ from the run."""
        forget = self.forget.currentData()
        values = {
            "cell": self.cell.currentData(),
            "hidden": self.units.value(),
            "layers": self.layers.value(),
            "activation": self.activation.currentData(),
            "embedding": self.embedding.value(),
            "initialiser": self.initialiser.currentData(),
            "radius": self.radius.value(),
            "forget_bias": float(forget) if forget else None,
        }
        model = self.session.run.model
        return {key: value for key, value in values.items() if value != getattr(model, key)}


ENTRY = PanelEntry("settings", "Model", "side", "", "settings", ModelSettingsPanel)
