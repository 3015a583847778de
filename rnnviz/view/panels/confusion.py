"""The Confusion tab: which label is taken for which, on held-out sequences beside those of the training."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout

from rnnviz.view.controls.buttons import Button
from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.confusion_list import ConfusedPairs, ConfusionExamples
from rnnviz.view.panels.confusion_table import SORTS, ConfusionTable, ordered
from rnnviz.view.scales import percent_text
from rnnviz.view.stage.labels import display

if TYPE_CHECKING:
    from rnnviz.service.messages import ConfusionCounted, ConfusionCounts

COUNTING = "Counting on sequences of the task…"
BESIDE = 4
"""So many labels still fit side by side."""
PAIRS_BESIDE_TABLE, PAIRS_ALONE = 5, 30


class ConfusionPanel(Panel):
    """Two tables (or a list of pairs), the sequences of a chosen cell, and a button that puts one into the text."""

    topics = ("confusion",)

    def __init__(self, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        look = self.look
        self._try: tuple[str, int] | None = None
        self._chose = False
        self.meaning, self.explained = form.label(""), form.label("", quiet=True)
        self.sort = form.choice(
            SORTS, "The order of the labels in the table, for rows and columns alike.\nMistakes are counted held out."
        )
        self.sort.setAccessibleName("Order of the labels")
        self.held_out = ConfusionTable(look=look, title="held out")
        self.training = ConfusionTable(look=look, title="training")
        self.pairs = ConfusedPairs(look=look)
        self.examples = ConfusionExamples(look=look)
        self.try_it = Button(look=look, text="Try it", icon="text", height=28)
        self.try_it.setToolTip(
            "Put the chosen sequence into the text and go to the step in question.\nWhat was typed is replaced."
        )
        self._build()
        self._connect()

    def _build(self) -> None:
        self._beside, self._below = QHBoxLayout(), QHBoxLayout()
        self._beside.setSpacing(10)
        self._beside.addWidget(self.held_out, 1)
        act = QHBoxLayout()
        act.addWidget(self.try_it)
        act.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 18, 14)
        column.setSpacing(8)
        column.addWidget(self.meaning)
        column.addWidget(self.sort)
        column.addLayout(self._beside)
        column.addWidget(self.examples)
        column.addLayout(act)
        column.addWidget(self.pairs)
        column.addLayout(self._below)
        column.addWidget(self.explained)
        column.addStretch(1)
        self._below.addWidget(self.training, 1)

    def _connect(self) -> None:
        session = self.session
        session.lab.changed.connect(self.on_answer)
        session.run_changed.connect(self.on_fact)
        session.trace_changed.connect(self.on_trace)
        self.sort.activated.connect(self.on_fact)
        self.held_out.chosen.connect(self.choose_held_out)
        self.training.chosen.connect(self.choose_training)
        self.pairs.chosen.connect(self.choose_pair)
        self.examples.chosen.connect(self.examples.told)
        self.examples.taken.connect(self.on_try)
        self.try_it.clicked.connect(self.on_try_clicked)

    def answer(self) -> ConfusionCounted | None:
        """The newest answer, if it is about this model and these labels."""
        found: ConfusionCounted | None = self.session.lab.value("confusion")
        run, task = self.session.run, self.session.task
        if found is None or task is None or (found.task, found.model) != (run.task.name, run.model):
            return None
        return found if found.labels == task.output_labels else None

    # ---- acts --------------------------------------------------------------------------------

    @Slot(int, int)
    def choose_held_out(self, wanted: int, answered: int) -> None:
        """Show held-out sequences of this cell."""
        self._choose(wanted, answered, training=False)

    @Slot(int, int)
    def choose_training(self, wanted: int, answered: int) -> None:
        """Show training sequences of this cell."""
        self._choose(wanted, answered, training=True)

    def _choose(self, wanted: int, answered: int, *, training: bool) -> None:
        self._chose = True
        self.session.lab.set("confusion", wanted=wanted, answered=answered, training=training)

    @Slot(int)
    def choose_pair(self, row: int) -> None:
        """Show sequences of this pair."""
        if self.pairs.found is not None:
            self.choose_held_out(*self.pairs.pair(row))

    @Slot()
    def on_try_clicked(self) -> None:
        """The chosen sequence."""
        self.on_try(self.examples.current)

    @Slot(int)
    def on_try(self, row: int) -> None:
        """Put a sequence into the text; its step is chosen when the text is read."""
        if 0 <= row < self.examples.count:
            example = self.examples.examples[row]
            self._try = example.text, example.time_step
            self.session.set_text(example.text)
            self.on_trace()

    @Slot()
    def on_trace(self) -> None:
        """The text that was put in is read: go to its step."""
        trace = self.session.trace
        if self._try is None or trace is None or self.session.trace_stale or trace.text != self._try[0]:
            return
        (_, step), self._try = self._try, None
        self.session.move_to(step)

    # ---- facts -------------------------------------------------------------------------------

    @Slot(str)
    def on_answer(self, topic: str) -> None:
        """Other counts."""
        if topic == "confusion":
            self.on_fact()

    @Slot()
    def on_fact(self) -> None:
        """Hidden it does nothing; a cell of other labels is none."""
        task, asked = self.session.task, self.session.lab.parameters("confusion")
        if task is not None and max(asked.wanted, asked.answered) >= len(task.output_labels):
            self.session.lab.set("confusion", wanted=-1, answered=-1)
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Sentence, tables or list, sequences."""
        found = self.answer()
        for widget in (self.pairs, self.examples, self.try_it, self.explained):
            widget.setVisible(found is not None)
        whole = found is not None and found.training.table.size > 0
        self.held_out.setVisible(whole and found is not None and found.held_out is not None)
        self.training.setVisible(whole)
        self.sort.setVisible(whole and found is not None and len(found.labels) > 2)
        if found is None:
            self.meaning.setText(self.session.lab.refusal("confusion") or COUNTING)
            return
        self.meaning.setText(meaning(found))
        if whole:
            self._show_tables(found)
        self.pairs.show_found(found, PAIRS_BESIDE_TABLE if whole else PAIRS_ALONE)
        self.pairs.setVisible(self.pairs.count > 0)
        chosen = min(found.cell) >= 0
        self.examples.show_found(found, cell_title(found) if chosen else "")
        self.examples.setVisible(chosen)
        self.try_it.setVisible(chosen and self.examples.count > 0)
        self.explained.setText(explained(found))
        if self._chose and chosen:
            self._chose = False
            QTimer.singleShot(0, self._bring_examples)

    def _bring_examples(self) -> None:
        """Scroll so far that the sequences of the cell just chosen are seen."""
        area = self.parentWidget()
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parentWidget()
        if area is not None and self.examples.isVisible():
            area.ensureWidgetVisible(self.try_it if self.try_it.isVisible() else self.examples, 0, 8)

    def _show_tables(self, found: ConfusionCounted) -> None:
        first = found.held_out if found.held_out is not None else found.training
        order = ordered(first.table, self.sort.currentData())
        place = self._beside if len(found.labels) <= BESIDE or found.held_out is None else self._below
        if place.indexOf(self.training) < 0:
            place.addWidget(self.training, 1)
        self.held_out.title = "held out, fresh" if found.fresh else "held out"
        none = (-1, -1)
        if found.held_out is not None:
            self.held_out.show_counts(found.labels, found.held_out, order, none if found.cell_training else found.cell)
        mine = found.cell if found.cell_training or found.held_out is None else none
        self.training.show_counts(found.labels, found.training, order, mine)


def right_words(name: str, counts: ConfusionCounts) -> str:
    """How many answers are right."""
    share = counts.right / counts.answers if counts.answers else np.nan
    return f"{name} {percent_text(share)} right" if counts.answers else f"{name} nothing was wanted"


def meaning(found: ConfusionCounted) -> str:
    """Both shares, what a blind answer would reach, and the pair that is confused most."""
    first = found.held_out if found.held_out is not None else found.training
    sides = [right_words("training:", found.training)]
    if found.held_out is not None:
        sides.insert(0, right_words("held out:", found.held_out))
    sides[0] = sides[0].capitalize()
    blind = percent_text(first.most / first.answers if first.answers else 0.0)
    line = f"{', '.join(sides)}. Always the commonest label would give {blind}."
    if not len(found.wanted) or not first.pairs[0]:
        return f"{line} Nothing is confused."
    wanted, answered = (display(found.labels[int(each[0])]) for each in (found.wanted, found.answered))
    return (
        f"{line} Most often “{answered}” is answered where “{wanted}” is wanted, "
        f"{int(first.pairs[0])} of {int(first.pair_totals[0])} times."
    )


def cell_title(found: ConfusionCounted) -> str:
    """What the sequences below are."""
    wanted, answered = (display(found.labels[each]) for each in found.cell)
    kind = "training" if found.cell_training or found.held_out is None else "held out"
    none = "" if found.examples else ": none"
    if wanted == answered:
        return f"“{wanted}”, answered right, {kind}{none}"
    return f"“{answered}” for “{wanted}”, {kind}{none}"


def explained(found: ConfusionCounted) -> str:
    """What was counted."""
    held_out = found.held_out
    if held_out is None:
        kept = f"{_sequences(found.training.sequences)} of the data; none are held out, too few of them are different."
    elif found.fresh:
        kept = (
            f"{_sequences(held_out.sequences)} drawn afresh, of which training may have shown a short one too, and the "
            f"first {found.training.sequences} that it has shown."
        )
    else:
        kept = (
            f"{_sequences(held_out.sequences)} held out from training, and {_sequences(found.training.sequences)} "
            "learned from."
        )
    hidden = " � stands for a word that the task hides." if any("�" in each.text for each in found.examples) else ""
    return f"Counted at training step {found.training_step}: {kept} Click a cell or a pair for its sequences.{hidden}"


def _sequences(number: int) -> str:
    return f"{number} sequence{'' if number == 1 else 's'}"


ENTRY = PanelEntry("confusion", "Confusion", "lab", "Ctrl+Shift+X", "credit", ConfusionPanel)
