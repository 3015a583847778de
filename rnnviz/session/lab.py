"""The gradient laboratory in the window: what its views want to know, asked for while they are on screen."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any, Final

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal, Slot

from rnnviz.service import messages as wire

if TYPE_CHECKING:
    from rnnviz.session.facts import SessionFacts, State
    from rnnviz.session.requests import Requests

EXPERIMENTS: Final[dict[str, wire.Command]] = {
    "chain": wire.TraceChain(),
    "spectrum": wire.MapSpectrum(),
    "movie": wire.PlayBackward(),
    "evidence": wire.Prove(),
    "health": wire.CheckHealth(),
    "compare": wire.Compare(),
    "sharing": wire.TrainSharing(),
    "probe": wire.ProbeMemory(),
    "lengths": wire.MeasureLengths(),
    "generate": wire.Generate(),
    "embedding": wire.LookUp(),
    "forecast": wire.Forecast(),
    "forecast-errors": wire.MeasureForecast(),
    "example": wire.DrawExample(),
    "confusion": wire.CountConfusion(),
}
"""Every topic with the command that asks for it, at first with its default parameters."""
ANSWERS: Final[dict[type[wire.Reply], str]] = {
    wire.Chained: "chain",
    wire.SpectrumMapped: "spectrum",
    wire.BackwardPlayed: "movie",
    wire.Proved: "evidence",
    wire.HealthChecked: "health",
    wire.Compared: "compare",
    wire.SharingTrained: "sharing",
    wire.MemoryProbed: "probe",
    wire.LengthsMeasured: "lengths",
    wire.Generated: "generate",
    wire.LookedUp: "embedding",
    wire.Forecasted: "forecast",
    wire.ForecastMeasured: "forecast-errors",
    wire.ExampleDrawn: "example",
    wire.ConfusionCounted: "confusion",
}
ON_REQUEST: Final = frozenset({"evidence", "sharing", "generate", "example"})
"""Topics that are asked for by a click, not by every new trace."""
AT_REST: Final = frozenset({"probe", "lengths", "forecast-errors"})
"""Topics that take seconds: asked for again when training pauses, not while it goes on."""
NOW_AND_THEN: Final = frozenset({"confusion"})
"""Topics that take longer: while training goes on, asked for once in ``NOW_AND_THEN_S``, or less often where the last
answer took long."""
OWN_DATA: Final = AT_REST | NOW_AND_THEN | {"sharing", "example"}
"""Topics about sequences of their own: a new text leaves their answers as they are."""
LIVE_MS = 100
"""While training, every topic on screen is asked for at most once in this time."""
NOW_AND_THEN_S = 1.0
PATIENT = 3.0
"""Times as long as an answer took the next question waits."""


class Lab(QObject):
    """Keeps the newest answer of each topic.

    ``changed`` names the topic that has another answer now, ``asked`` one that the user wants to see:
    whoever owns its panel opens it.
    """

    changed = Signal(str)
    asked = Signal(str)

    def __init__(self, *, state: State, facts: SessionFacts, requests: Requests) -> None:
        super().__init__(facts)
        self._state = state
        self._facts = facts
        self._requests = requests
        self._commands = dict(EXPERIMENTS)
        self._answers: dict[str, wire.Reply] = {}
        self._refusals: dict[str, str] = {}
        self._clicked: set[str] = set()
        self._asked_at: dict[str, float] = {}
        self._took: dict[str, float] = {}
        self._shape_of_answers: tuple[int, object] = (0, None)
        self._wanted: dict[str, set[str]] = {topic: set() for topic in EXPERIMENTS}
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(LIVE_MS)
        self._later.timeout.connect(self._ask_all)
        facts.trace_changed.connect(self._on_trace)

    # ---- what views read and say -----------------------------------------------------------

    def value(self, topic: str) -> Any:  # noqa: ANN401 the reply struct of the topic
        """The newest answer of ``topic``; None when there is none of the present text."""
        return self._answers.get(topic)

    def refusal(self, topic: str) -> str:
        """Why there is no answer; '' when nothing was refused."""
        return self._refusals.get(topic, "")

    def fits(self, topic: str) -> bool:
        """Whether the newest answer is of the very numbers on show (that of an earlier network stays till a newer).

        Only the engine knows which ones an answer is of: other numbers may come to the window between the two.
        """
        trace, answer = self._state.trace, self._answers.get(topic)
        if trace is None or self._state.trace_stale:
            return False
        return getattr(answer, "checksum", None) == trace.checksum

    def parameters(self, topic: str) -> Any:  # noqa: ANN401 the command struct of the topic
        """The command that asks for ``topic``, with its present parameters."""
        return self._commands[topic]

    def set(self, topic: str, **parameters: Any) -> None:  # noqa: ANN401 fields of the topic's command
        """Ask ``topic`` with other parameters; an unchanged set of them asks nothing."""
        command = msgspec.structs.replace(self._commands[topic], **parameters)
        if command != self._commands[topic]:
            self._commands[topic] = command
            self.ask(topic)

    def show(self, topic: str, **parameters: Any) -> None:  # noqa: ANN401 fields of the topic's command
        """The user wants to see ``topic``, with these parameters."""
        self.set(topic, **parameters)
        self.asked.emit(topic)

    def want(self, topic: str, key: str) -> None:
        """The view ``key`` shows ``topic`` from now on."""
        first = not self._wanted[topic]
        self._wanted[topic].add(key)
        if first and topic not in ON_REQUEST:
            self.ask(topic)

    def unwant(self, topic: str, key: str) -> None:
        """The view ``key`` is hidden or gone; who shows its answer elsewhere learns that it is no longer wanted."""
        was_wanted = bool(self._wanted[topic])
        self._wanted[topic].discard(key)
        if was_wanted and not self._wanted[topic]:
            self._clicked.discard(topic)
            self.changed.emit(topic)

    def wanted(self, topic: str) -> bool:
        """Whether some view shows ``topic``."""
        return bool(self._wanted[topic])

    def waiting(self, topic: str) -> bool:
        """Whether an answer that some view wants is still to come."""
        if topic in ON_REQUEST:
            return topic in self._clicked
        missing = topic not in self._answers and topic not in self._refusals
        return self.wanted(topic) and (missing or self._requests.is_open(topic))

    def ask(self, topic: str) -> None:
        """Ask now, if some view shows the topic and there is a text to ask about."""
        if self._wanted[topic] and self._state.trace is not None:
            if topic in ON_REQUEST:
                self._clicked.add(topic)  # should the text change before the answer, it is asked again about the new
            self._asked_at[topic] = monotonic()
            self._requests.ask(topic, self._commands[topic])

    def do(self, slot: str, command: wire.Command) -> None:
        """Run a command that changes something (a newer one of the slot replaces one that waits)."""
        self._requests.ask(slot, command)

    # ---- what comes back -------------------------------------------------------------------

    def take(self, reply: wire.Reply) -> bool:
        """Keep an answer of the laboratory; False where ``reply`` is none."""
        topic = ANSWERS.get(type(reply))
        if topic is None:
            return False
        epoch = self._requests.epoch_of(topic, reply.request)
        if epoch == self._state.trace_epoch or (topic in OWN_DATA and epoch is not None):
            self._answers[topic] = reply
            self._refusals.pop(topic, None)
            self._clicked.discard(topic)
            self._took[topic] = monotonic() - self._asked_at.get(topic, 0.0)
            self.changed.emit(topic)
        return True

    def refused(self, reply: wire.Refused) -> bool:
        """Keep why a question was not answered; False where it was none of ours."""
        for topic in EXPERIMENTS:
            if reply.request and self._requests.epoch_of(topic, reply.request) is not None:
                self._refusals[topic] = reply.sentence
                self._answers.pop(topic, None)
                self._clicked.discard(topic)
                self.changed.emit(topic)
                return True
        return False

    @Slot()
    def _on_trace(self) -> None:
        """Another trace: ask anew, at once for a new text, now and then while training."""
        if self._shape() != self._shape_of_answers:
            self._forget()
        if not self._facts.training_now:
            self._ask_all()
        elif not self._later.isActive():
            self._later.start()

    def _shape(self) -> tuple[int, object]:
        """What an answer has to fit: answers about the same network and as many steps stay until newer ones come."""
        return self._facts.length, self._state.run.model

    def _forget(self) -> None:
        self._shape_of_answers = self._shape()
        self._refusals.clear()
        for topic in [each for each in self._answers if each not in OWN_DATA]:
            del self._answers[topic]
            self.changed.emit(topic)

    @Slot()
    def _ask_all(self) -> None:
        for topic in EXPERIMENTS:
            waits = self._facts.training_now and (topic in AT_REST or self._too_soon(topic))
            if topic in self._clicked or not (topic in ON_REQUEST or waits):
                self.ask(topic)

    def _too_soon(self, topic: str) -> bool:
        """Whether a topic of ``NOW_AND_THEN`` was asked for a moment ago, or its answer is still to come."""
        if topic not in NOW_AND_THEN or topic not in self._asked_at:
            return False
        wait = max(NOW_AND_THEN_S, PATIENT * self._took.get(topic, 0.0))
        return monotonic() - self._asked_at[topic] < wait or self._requests.is_open(topic)

    def rest(self) -> None:
        """Ask for nothing more: the session closes."""
        self._later.stop()
