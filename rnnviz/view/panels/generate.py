"""The Generate tab: the network goes on with the typed text, token by token, each drawn token fed back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout

from rnnviz.engine.feeding import MAX_COUNT
from rnnviz.session.playback import STEP_MS
from rnnviz.view.controls.buttons import Button
from rnnviz.view.panels import form
from rnnviz.view.panels.base import Panel, PanelEntry
from rnnviz.view.panels.generate_bars import DrawnBars
from rnnviz.view.panels.generate_fields import DrawingFields
from rnnviz.view.panels.generate_text import TokenFlow
from rnnviz.view.stage.labels import display

if TYPE_CHECKING:
    from PySide6.QtGui import QHideEvent

    from rnnviz.service.messages import Generated, Unrolled
    from rnnviz.session.playback import Playback

HINT = "The network can go on with the typed text: it draws a token, reads it, and draws the next."
ENDED = "The last one ends the text."
GREEDY = "Temperature 0: always the most probable token, so the seed does not matter."


class GeneratePanel(Panel):
    """Asks for so many tokens from the start of the continuation, and shows them one after the other."""

    topics = ("generate",)
    needs = ("playback",)

    def __init__(self, *, playback: Playback, **services: object) -> None:
        super().__init__(**services)  # type: ignore[arg-type]  # entry, session, look, settings by name
        self.playback = playback
        self.revealed, self.goal, self.selected = 0, 0, -1
        self._next = QTimer(self)
        self._next.timeout.connect(self.on_next)
        self._build()
        self._connect()

    # ---- what it is made of ------------------------------------------------------------------

    def _build(self) -> None:
        self.fields = DrawingFields(look=self.look)
        self.temperature, self.slider = self.fields.temperature, self.fields.slider
        self.top_k, self.count, self.seed = self.fields.top_k, self.fields.count, self.fields.seed
        self._build_buttons()
        self.flow, self.bars = TokenFlow(look=self.look), DrawnBars(look=self.look)
        self.line = form.label("", quiet=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(18, 12, 18, 14)
        column.setSpacing(10)
        column.addWidget(self.fields)
        column.addLayout(_in_row(self.run, self.one, self.clear))
        column.addWidget(self.flow)
        column.addWidget(self.bars)
        column.addLayout(_in_row(self.stage, self.put))
        column.addWidget(self.line)
        column.addStretch(1)

    def _build_buttons(self) -> None:
        self.one = Button(look=self.look, text="One token", icon="plus", height=28)
        self.one.setToolTip("Draw the next token and feed it back.\nx_{t+1} ~ softmax(z_t / T)")
        self.run = Button(look=self.look, text="Generate", icon="play", kind="primary", height=28)
        self.run.setToolTip("Go on for as many tokens as the field says.\nA second press stops.")
        self.stage = Button(look=self.look, text="On the stage", icon="arrow-right", height=28)
        self.stage.setCheckable(True)
        self.stage.setToolTip(
            "Draw the same tokens as steps on the stage, each fed back into the next.\n"
            "Press again for the wanted outputs (teacher forcing). x_{t+1} ~ softmax(z_t / T)"
        )
        self.put = Button(look=self.look, text="Put into the text", icon="text", height=28)
        self.put.setToolTip(
            "Type the drawn tokens behind the text.\nThe stage unrolls over them, so a step shows its token fed back."
        )
        self.clear = Button(look=self.look, text="Clear", height=28)
        self.clear.setToolTip("Forget what was drawn.\nThe typed text stays.")

    def _connect(self) -> None:
        self.run.clicked.connect(self.on_run)
        self.one.clicked.connect(self.on_one)
        self.put.clicked.connect(self.on_put)
        self.stage.clicked.connect(self.on_stage)
        self.clear.clicked.connect(self.on_clear)
        self.flow.chosen.connect(self.on_chosen)
        self.fields.changed.connect(self.on_setting)
        self.fields.count_changed.connect(self.on_count)
        session = self.session
        session.lab.changed.connect(self.on_answer)
        for signal in (session.trace_changed, session.text_changed, session.run_changed, session.training_changed,
                       session.feeding_changed):  # fmt: skip
            signal.connect(self.on_fact)
        self.playback.speed_changed.connect(self.on_speed)

    # ---- acts --------------------------------------------------------------------------------

    @property
    def running(self) -> bool:
        """Whether tokens appear by themselves."""
        return self.goal > self.revealed

    def found(self) -> Generated | None:
        """The newest answer, if it goes on with the very text."""
        answer: Generated | None = self.session.lab.value("generate")
        return answer if answer is not None and answer.text == self.session.text else None

    @Slot()
    def on_run(self) -> None:
        """Go on, or stop."""
        if self.running:
            self._stop()
            self.refresh()
        else:
            self._ask(self.revealed + self.count.value())

    @Slot()
    def on_one(self) -> None:
        """Draw one more."""
        self._stop()
        self._ask(self.revealed + 1)

    @Slot()
    def on_setting(self) -> None:
        """Other numbers: what was drawn is drawn anew with them, as many tokens."""
        if self.found() is not None and self.goal:
            self._ask(self.goal)
        self._feed_stage()

    @Slot()
    def on_count(self) -> None:
        """Another number of tokens: on the stage at once, here with the next press."""
        self._feed_stage()

    @Slot()
    def on_stage(self) -> None:
        """The stage reads the network's own outputs, drawn as the fields say, or the wanted ones again."""
        if self.session.feeding.own:
            self.session.set_feeding(own=False)
        else:
            self.session.set_feeding(own=True, **self.fields.drawing(), count=self.count.value())
        self.refresh()

    def _feed_stage(self) -> None:
        """What is drawn on the stage follows the fields."""
        trace = self.session.trace
        if self.session.feeding.own or (trace is not None and trace.own):
            self.session.set_feeding(**self.fields.drawing(), count=self.count.value())

    @Slot()
    def on_put(self) -> None:
        """The text becomes that with the tokens."""
        found = self.found()
        if found is not None and self.revealed:
            text = found.text + "".join(found.pieces[: self.revealed])
            self._begin_anew()
            self.session.set_text(text)

    @Slot()
    def on_clear(self) -> None:
        """As before the first token."""
        self._begin_anew()
        self.refresh()

    @Slot(int)
    def on_chosen(self, index: int) -> None:
        """Show what this token was drawn from."""
        self.selected = min(index, self.revealed - 1)
        self.refresh()

    def _ask(self, goal: int) -> None:
        """Show ``goal`` tokens in the end; the engine draws them all from the first, with the same seed the same."""
        lab = self.session.lab
        self.goal, self.selected = min(goal, MAX_COUNT), -1
        if lab.refusal("generate"):
            self.revealed = 0
        lab.set("generate", **self.fields.drawing(), count=self.goal)
        if not lab.waiting("generate"):
            lab.ask("generate")
        self.refresh()

    def _stop(self) -> None:
        self._next.stop()
        self.goal = self.revealed

    def _begin_anew(self) -> None:
        self.revealed, self.selected = 0, -1
        self._stop()

    def hideEvent(self, event: QHideEvent) -> None:
        """Out of sight nothing goes on."""
        super().hideEvent(event)
        self._stop()

    # ---- what comes --------------------------------------------------------------------------

    @Slot(str)
    def on_answer(self, topic: str) -> None:
        """New tokens: the first at once, the others one by one."""
        if topic != "generate" or not self.isVisible():
            return
        found = self.found()
        if found is not None and found.ended:
            self.goal = min(self.goal, len(found.tokens))
        if self.session.lab.refusal("generate"):
            self._begin_anew()
        elif found is not None and self.running and len(found.tokens) >= self.goal:
            self.revealed = self.goal if self.look.reduced_motion else self.revealed + 1
            if self.running:
                self.on_speed()
                self._next.start()
        self.refresh()

    @Slot()
    def on_next(self) -> None:
        """One more token appears."""
        found = self.found()
        if found is None or not self.running:
            self._stop()
        else:
            self.revealed += 1
        if not self.running:
            self._next.stop()
        self.refresh()

    @Slot()
    def on_speed(self) -> None:
        """As fast as the steps are played."""
        self._next.setInterval(round(STEP_MS / self.playback.speed))

    @Slot()
    def on_fact(self) -> None:
        """Another text or network; hidden it does nothing."""
        if self.isVisible():
            self.refresh()

    # ---- what is shown -----------------------------------------------------------------------

    def refresh(self) -> None:
        """Buttons, tokens, bars, sentence."""
        found, lab = self.found(), self.session.lab
        if found is None and not lab.waiting("generate"):
            self._begin_anew()
        self.revealed = min(self.revealed, len(found.tokens)) if found is not None else 0
        self.run.setText("Stop" if self.running else "Generate")
        self.run.icon_name = "pause" if self.running else "play"
        self.run.updateGeometry()
        self.run.update()
        for button in (self.put, self.clear):
            button.setEnabled(self.revealed > 0)
        self.put.setVisible(found is None or bool(found.pieces))
        task, own = self.session.task, self.session.feeding.own
        self.stage.setEnabled(task is not None and task.feeds_back)
        self.stage.setChecked(own)
        self.stage.kind = "primary" if own else "plain"
        self.stage.update()
        self.line.setText(lab.refusal("generate") or self._sentence(found))
        self._show_tokens(found)

    def _sentence(self, found: Generated | None) -> str:
        if found is None or not self.revealed:
            return HINT
        where = f"{self.revealed} token{'s' if self.revealed > 1 else ''} drawn"
        trace = self.session.trace
        if trace is not None and found.training_step != trace.training_step:
            where += f" at training step {found.training_step}; generate again for the network on show"
        ended = ENDED if found.ended and self.revealed == len(found.tokens) else ""
        return " ".join(part for part in (f"{where}.", ended, GREEDY if found.temperature == 0 else "") if part)

    def _show_tokens(self, found: Generated | None) -> None:
        trace = self.session.trace
        typed = _prompt(trace) if trace is not None and trace.text == self.session.text else []
        drawn = found.tokens[: self.revealed] if found is not None else []
        chosen = min(self.selected if self.selected >= 0 else len(drawn) - 1, len(drawn) - 1)
        words = any(len(token) > 1 and token.isalnum() for token in (*drawn, *typed[1:]))
        self.flow.show_tokens(typed, drawn, chosen, apart=words)
        self.flow.setVisible(bool(typed))
        self.bars.setVisible(chosen >= 0)
        if found is None or chosen < 0:
            return
        shares = found.probabilities[chosen]
        shares = shares[np.isfinite(shares)].tolist()
        step = len(typed) + chosen + 1
        new, last = (display(token) for token in (drawn[chosen], (*typed, *drawn)[step - 2]))
        title = f"step {step} reads “{new}”, drawn after “{last}”"
        self.bars.show_row(title, found.labels[chosen], shares, int(found.drawn[chosen]))


def _prompt(trace: Unrolled) -> list[str]:
    """The tokens that the network reads before it goes on: those of the text, up to the first output fed back."""
    fed = np.flatnonzero(trace.fed)
    return trace.tokens[: int(fed[0])] if len(fed) else list(trace.tokens)


def _in_row(*buttons: Button) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for button in buttons:
        row.addWidget(button)
    row.addStretch(1)
    return row


ENTRY = PanelEntry("generate", "Generate", "lab", "Ctrl+Shift+G", "forward", GeneratePanel)
