"""The Sharing tab: one set of weights for all steps against weights for every position, on sentences with a year."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from rnnviz.view.controls.buttons import Button
from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.proof import LOADING
from rnnviz.view.panels.sharing_chart import NAMES, PLACES, SharingChart
from rnnviz.view.scales import percent_text

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from rnnviz.service.messages import SharingModel, SharingTrained

STEPS = 400
LEARNED = 0.9
CHOICES = (
    ("middle end", "in the middle or at the end"),
    ("front", "at the front only"),
    ("end", "at the end only"),
    ("middle", "in the middle only"),
    ("front middle", "at the front or in the middle"),
    ("front end", "at the front or at the end"),
    ("front middle end", "anywhere"),
)
SEEDS = tuple((str(count), f"{count} seed{'s' if count > 1 else ''}") for count in (1, 3, 5, 10))
MAX_SEED = 9999
INTRO = "Three models learn to find the year in a sentence, on the same batches. Only the recurrent network and the "
INTRO += "convolution use the same weights at every position."
LONGER = "A longer text: the recurrent network takes more steps with the same weights, the window reads only its first "
LONGER += "words, the convolution goes on and keeps the largest answer of each of its units."


class SharingPanel(Panel):
    """Chooses where the year stands in training, trains all three, shows what they find."""

    topics = ("sharing",)

    def __init__(self, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self.running = False
        self.places = form.choice(
            CHOICES,
            "Where the year stands in the training sentences. Another choice trains all three anew.\n"
            "The other places are met in the test alone.",
        )
        self.places.setAccessibleName("Year in training")
        self.seed = form.whole(
            0, MAX_SEED, "The seed of first weights and batches; with several it is the first of them.\n"
            "Another seed makes new models; those of this one are kept."
        )  # fmt: skip
        self.seed.setAccessibleName("First seed")
        self.seeds = form.choice(
            SEEDS,
            "Train this many times anew, with one seed after the other, and show the mean.\n"
            "One seed is an anecdote. mean = (1/S) ∑_s accuracy_s",
        )
        self.seeds.setAccessibleName("Number of seeds")
        self.train = Button(look=self.look, text="Train all three", icon="play", height=28)
        self.train.setToolTip(
            "Train the three models on the same sentences, 400 steps at a time.\nA second press stops."
        )
        self.progress, self.chart = form.label("", quiet=True), SharingChart(look=self.look)
        self.chart.setToolTip(
            "Share of 200 fresh sentences with the right year: a GRU of 32 units, a network with weights for each\n"
            "position, a convolution over 3 words. The stroke is a blind guess, the line goes from lowest to highest\n"
            "seed. h_t = f(h_{t−1}, x_t)"
        )
        self.meaning, self.longer = form.label(""), form.label(LONGER, quiet=True)
        self._build()
        self.places.activated.connect(self.on_places)
        self.seeds.activated.connect(self.on_places)
        self.seed.valueChanged.connect(self.on_places)
        self.train.clicked.connect(self.on_train)
        self.session.lab.changed.connect(self.on_answer)
        self.session.engine_changed.connect(self.on_fact)

    def _build(self) -> None:
        row, seeds = QHBoxLayout(), QHBoxLayout()
        row.addWidget(self.train)
        row.addWidget(self.progress, 1)
        for widget in (QLabel("from seed"), self.seed, QLabel("on,"), self.seeds):
            seeds.addWidget(widget)
        seeds.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 18, 14)
        column.setSpacing(8)
        column.addWidget(form.label(INTRO, quiet=True))
        column.addWidget(form.label("The year stands, in training,"))
        column.addWidget(self.places)
        column.addLayout(seeds)
        column.addLayout(row)
        column.addWidget(self.meaning)
        column.addWidget(self.chart)
        column.addWidget(self.longer)
        column.addStretch(1)

    # ---- acts --------------------------------------------------------------------------------

    @property
    def trained_at(self) -> tuple[str, ...]:
        """The chosen places."""
        return tuple(self.places.currentData().split())

    @property
    def count(self) -> int:
        """How many seeds."""
        return int(self.seeds.currentData())

    def report(self) -> SharingTrained | None:
        """The newest report of the chosen places and seeds."""
        found: SharingTrained | None = self.session.lab.value("sharing")
        if found is None or tuple(found.trained_at) != self.trained_at:
            return None
        return found if (found.seed, len(found.steps)) == (self.seed.value(), self.count) else None

    @Slot()
    def on_train(self) -> None:
        """Start, go on, or stop."""
        self.running = not self.running
        if self.running:
            self._ask(self._next_stop())
        self.refresh()

    @Slot()
    def on_places(self) -> None:
        """Other places or seeds: new models, which train at once if the old ones did."""
        self._ask(self._next_stop() if self.running else 0)
        self.refresh()

    def _next_stop(self) -> int:
        """The next round number of steps: that of the seed that is ahead, where another one is behind."""
        steps = found.steps if (found := self.report()) is not None else [0]
        behind = min(steps) < max(steps)
        return STEPS * (-(-max(steps) // STEPS) if behind else max(steps) // STEPS + 1)

    def _ask(self, until: int) -> None:
        lab = self.session.lab
        lab.set("sharing", trained_at=self.trained_at, until=until, seed=self.seed.value(), seeds=self.count)
        if not lab.waiting("sharing"):
            lab.ask("sharing")

    def showEvent(self, event: QShowEvent) -> None:
        """Opened: show what is known, and go on where it was left."""
        super().showEvent(event)
        if self.running or self.report() is None:
            self._ask(self.session.lab.parameters("sharing").until)

    # ---- facts -------------------------------------------------------------------------------

    @Slot(str)
    def on_answer(self, topic: str) -> None:
        """A report: ask for more, until there are enough steps."""
        if topic != "sharing" or not self.isVisible():
            return
        lab, found = self.session.lab, self.report()
        if lab.refusal("sharing"):
            self.running = False
        elif found is not None and self.running:
            self.running = min(found.steps) < lab.parameters("sharing").until
            if self.running:
                lab.ask("sharing")
        self.refresh()

    @Slot()
    def on_fact(self) -> None:
        """PyTorch may be there at last."""
        if self.isVisible() and self.session.torch_ready and LOADING in self.session.lab.refusal("sharing"):
            self._ask(self.session.lab.parameters("sharing").until)

    def refresh(self) -> None:
        """Button, progress, chart, sentence."""
        found, refusal = self.report(), self.session.lab.refusal("sharing")
        done = found is not None and min(found.steps) >= STEPS
        self.train.setText("Stop" if self.running else "Train on" if done else "Train all three")
        self.train.icon_name = "pause" if self.running else "play"
        self.train.updateGeometry()
        self.train.update()
        until = self.session.lab.parameters("sharing").until if self.running else self._next_stop()
        self.progress.setText(refusal or self._progress(found, until))
        self.chart.show_found(found)
        self.meaning.setText(meaning(found) if found is not None else "")
        self.meaning.setVisible(found is not None)
        self.longer.setVisible(found is not None)

    def _progress(self, found: SharingTrained | None, until: int) -> str:
        """How far it is: the step, and with several seeds which of them trains and how many are in the mean."""
        if found is None:
            return "step 0"
        goal = f" of {until}" if self.running or found.step % STEPS else ""
        if len(found.steps) == 1:
            return f"step {found.step}{goal}"
        behind = next((place for place, step in enumerate(found.steps) if step < until), None)
        mean = f"mean of {found.averaged} at step {found.step}"
        if behind is None or not self.running:
            return mean
        return f"{mean}; seed {found.seed + behind}: {found.steps[behind]}{goal}"


def meaning(found: SharingTrained) -> str:
    """One sentence on what the numbers show; a recurrent network that fails is called so."""
    models = {model.key: model for model in found.models}
    learned = all(min(model.accuracy[place] for place in found.trained_at) >= LEARNED for model in found.models)
    if not learned:
        return "Not learned yet: compare the places that were never in training when all three know the others."
    unseen = [place for place in PLACES if place not in found.trained_at]
    if not unseen:
        return f"No place is new here; on longer texts {_pairs(models, 'longer')}."
    # The place that is hardest for the recurrent network: nothing is made to look better than it is.
    place = min(unseen, key=lambda each: models["rnn"].accuracy[each])
    where = {"front": "At the front", "middle": "In the middle", "end": "At the end"}[place]
    words = f"{where}, where the year never stood in training: {_pairs(models, place)}. "
    if models["rnn"].accuracy[place] >= LEARNED:
        return words + "Weights that are shared over time carry over to a new place; weights for each position do not."
    return words + "Sharing weights over time is needed, but is not all: this recurrent network fails here too."


def _pairs(models: dict[str, SharingModel], kind: str) -> str:
    return ", ".join(
        f"{NAMES[key].lower() if key == 'rnn' else NAMES[key]} "
        f"{percent_text(model.longer if kind == 'longer' else model.accuracy[kind])}"
        for key, model in models.items()
    )


ENTRY = PanelEntry("sharing", "Sharing", "lab", "Ctrl+Shift+Y", "rows", SharingPanel)
