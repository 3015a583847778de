"""The pictures derived from a trace: asked for only while a view wants them, dropped when they come too late."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from rnnviz.service.messages import (
    CreditMapped,
    Differentiate,
    Differentiated,
    HistoryMapped,
    Inspect,
    Inspected,
    MapCredit,
    MapHistory,
    Subscribe,
)

if TYPE_CHECKING:
    from rnnviz.service.messages import Command, TrainingFrame
    from rnnviz.session.facts import SessionFacts, State
    from rnnviz.session.requests import Requests

TOPICS = ("gradients", "detail", "credit", "history")
HISTORY_EVERY_MS = 500


class Derived(QObject):
    """Gradients, credit map, detail and history of the present trace.

    The history is a trace of its own for every saved training step: it waits until nobody types.
    """

    def __init__(self, *, state: State, facts: SessionFacts, requests: Requests) -> None:
        super().__init__(facts)
        self._state = state
        self._facts = facts
        self._requests = requests
        self._wanted: dict[str, set[str]] = {topic: set() for topic in TOPICS}
        self._history_later = QTimer(self)
        self._history_later.setSingleShot(True)
        self._history_later.setInterval(HISTORY_EVERY_MS)
        self._history_later.timeout.connect(self._ask_history)

    def wanted(self, topic: str) -> bool:
        """Whether some view wants this topic."""
        return bool(self._wanted[topic])

    def want(self, topic: str, key: str) -> None:
        """The view ``key`` shows ``topic`` from now on."""
        first = not self._wanted[topic]
        self._wanted[topic].add(key)
        if first:
            self.subscribe()
            self.ask(topic)

    def unwant(self, topic: str, key: str) -> None:
        """The view ``key`` is hidden or gone."""
        was_wanted = bool(self._wanted[topic])
        self._wanted[topic].discard(key)
        if was_wanted and not self._wanted[topic]:
            self.subscribe()

    def subscribe(self) -> None:
        """Tell the engine what training frames should carry."""
        self._requests.post(Subscribe(topics=[topic for topic in TOPICS if self._wanted[topic]]))

    def ask_all(self) -> None:
        """Ask for every wanted topic."""
        for topic in TOPICS:
            self.ask(topic)

    def ask(self, topic: str) -> None:
        """Ask for one topic, if it is wanted and there is something to ask about."""
        if topic == "history" and self._wanted[topic]:
            self._history_later.start()
            return
        command = self._command(topic) if self._wanted[topic] else None
        if command is not None:
            self._requests.ask(topic, command)

    def _command(self, topic: str) -> Command | None:
        state = self._state
        match topic:
            case "gradients":
                return Differentiate(loss_step=state.loss_step, threshold=state.threshold)
            case "detail":
                return Inspect(time_step=state.time_step) if state.time_step >= 1 else None
            case "credit":
                part = state.part if state.run.model.cell == "lstm" else "joint"
                return MapCredit(layer=state.layer, part=part)
        return None

    @Slot()
    def _ask_history(self) -> None:
        if self._state.trace is not None:
            self._requests.ask("history", MapHistory(layer=self._state.layer))

    def rest(self) -> None:
        """Ask for nothing more: the session closes."""
        self._history_later.stop()

    def drop_other_texts(self, *, same_length: bool) -> None:
        """After a new trace: forget what would not fit it. What is wanted and fits stays until its answer comes."""
        state, facts = self._state, self._facts
        if state.gradients is not None and not (same_length and self.wanted("gradients")):
            state.gradients = None
            facts.gradients_changed.emit()
        if state.credit is not None and not (same_length and self.wanted("credit")):
            state.credit = None
            facts.credit_changed.emit()
        if state.detail is not None and not (same_length and self.wanted("detail")):
            state.detail = None
            facts.detail_changed.emit()
        if state.history is not None and not same_length:
            state.history = None
            facts.history_changed.emit()

    def _fits(self, slot: str, reply: Differentiated | Inspected | CreditMapped) -> bool:
        trace = self._state.trace
        current = self._requests.epoch_of(slot, reply.request) == self._state.trace_epoch
        return current and trace is not None and reply.training_step == trace.training_step

    def on_differentiated(self, reply: Differentiated) -> None:
        """An answer to Differentiate."""
        if self._fits("gradients", reply):
            self._state.gradients = reply
            self._facts.gradients_changed.emit()

    def on_inspected(self, reply: Inspected) -> None:
        """An answer to Inspect."""
        if self._fits("detail", reply):
            self._state.detail = reply
            self._facts.detail_changed.emit()

    def on_credit(self, reply: CreditMapped) -> None:
        """A (coarse or complete) answer to MapCredit."""
        if self._fits("credit", reply):
            self._state.credit = reply
            self._facts.credit_changed.emit()

    def on_history(self, reply: HistoryMapped) -> None:
        """An answer to MapHistory."""
        if self._requests.epoch_of("history", reply.request) == self._state.trace_epoch:
            self._state.history = reply
            self._facts.history_changed.emit()

    def on_frame(self, frame: TrainingFrame) -> None:
        """The pictures of a training frame: all of one training step."""
        state, facts = self._state, self._facts
        if frame.differentiated is not None:
            state.gradients = frame.differentiated
            facts.gradients_changed.emit()
        if frame.inspected is not None:
            state.detail = frame.inspected
            facts.detail_changed.emit()
        if frame.credit is not None:
            state.credit = frame.credit
            facts.credit_changed.emit()
        if not self._history_later.isActive() and not self._requests.is_open("history"):
            self.ask("history")
