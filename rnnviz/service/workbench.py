"""What the engine shows: the network in force, the typed text, and everything derived from the two."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from rnnviz.engine.errors import SpecError
from rnnviz.engine.feedback import feed_back, feeds_itself
from rnnviz.engine.feeding import Feeding
from rnnviz.engine.gradients import gradient_flow
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.tasks import make_task
from rnnviz.engine.tasks.base import check_fits
from rnnviz.engine.trace import trace
from rnnviz.engine.truncated_flow import truncated_credit, truncated_flow
from rnnviz.engine.truncation import truncation_of
from rnnviz.service import replies

if TYPE_CHECKING:
    from rnnviz.engine.credit import CreditMap
    from rnnviz.engine.gradients import GradientFlow
    from rnnviz.engine.sequence import EncodedSequence
    from rnnviz.engine.spec import RunSpec
    from rnnviz.engine.tasks.base import Task
    from rnnviz.engine.trace import Trace
    from rnnviz.engine.truncation import Truncation
    from rnnviz.service.messages import Differentiated, Inspected, RunChanged, Unrolled


def fresh_network(run: RunSpec, task: Task) -> Network:
    """The network that the seed of ``run`` decides."""
    return initialise(run.model, len(task.vocabulary), len(task.output_labels), run.training.seed)


class Workbench:
    """The shown network and text. A trace is made once for each pair and kept, never changed.

    While training, the shown network is that of the last frame (or a saved snapshot that the user looks
    at), so that every picture on screen belongs to the same weights.
    """

    def __init__(self, run: RunSpec) -> None:
        self.run = run
        self.task = make_task(run.task)
        self.network = fresh_network(run, self.task)
        self.training_step = 0
        self.viewing = False
        self.text = ""
        self.feeding = Feeding()
        self._typed: EncodedSequence | None = None
        self._read: EncodedSequence | None = None
        self._trace: Trace | None = None

    def set_run(self, run: RunSpec, network: Network | None = None, training_step: int = 0) -> None:
        """Replace model, task and weights (None: fresh ones from the seed), or change nothing and raise."""
        task = self.task if run.task == self.run.task else make_task(run.task)
        check_fits(run.model, task)
        network = network or fresh_network(run, task)
        self.run, self.task = run, task
        self._typed = None
        self.show(network, training_step)

    def show(self, network: Network, training_step: int, *, viewing: bool = False) -> None:
        """Show other weights of the same model."""
        self.network, self.training_step, self.viewing = network, training_step, viewing
        self._read = self._trace = None

    def set_text(self, text: str, feeding: Feeding | None = None) -> None:
        """Show another text, or other outputs fed back."""
        feeding = feeding or self.feeding
        if (text, feeding) != (self.text, self.feeding):
            self.text, self.feeding = text, feeding
            self._typed = self._read = self._trace = None

    @property
    def typed(self) -> EncodedSequence:
        """The text as the task sees it."""
        if self._typed is None:
            self._typed = self.task.encode(self.text)
        return self._typed

    @property
    def encoded(self) -> EncodedSequence:
        """What the network reads: the text, and after it the outputs that are fed back."""
        if self._read is None:
            self._read = self._fed_back()
        return self._read

    def _fed_back(self) -> EncodedSequence:
        """The typed text with the fed outputs; where there can be none the text stands, with the reason as a note."""
        try:
            return feed_back(self.network, self.task, self.typed, self.feeding)
        except SpecError as error:
            return replace(self.typed, notes=(*self.typed.notes, str(error)), open=False)

    @property
    def trace(self) -> Trace:
        """The shown network unrolled over the text."""
        if self._trace is None:
            self._trace = trace(self.network, self.encoded)
        return self._trace

    @property
    def length(self) -> int:
        """Time steps of the text."""
        return len(self.encoded.tokens)

    def run_changed(self, *, fresh: bool, training_step: int | None = None) -> RunChanged:
        """The network in force, for the window."""
        step = self.training_step if training_step is None else training_step
        return replies.run_changed(self.run, self.task, self.network, training_step=step, fresh=fresh)

    def unrolled(self) -> Unrolled:
        """The trace, for the window."""
        own = feeds_itself(self.task, self.typed, self.feeding) and self.encoded.notes == self.typed.notes
        shown = replies.Shown(self.text, self.typed, self.encoded, self.task, own)
        return replies.unrolled(shown, self.trace, training_step=self.training_step, viewing=self.viewing)

    def differentiated(self, loss_step: int, threshold: float) -> Differentiated:
        """The gradient flow of one loss (0: the last), for the window; empty where there is none."""
        wanted = (self.trace.targets >= 0).nonzero()[0] + 1
        if len(wanted) == 0:
            return replies.differentiated(None, threshold, self.training_step)
        chosen = loss_step if loss_step in wanted else int(wanted[-1])
        flow = self.cut_flow(gradient_flow(self.trace, chosen, threshold=threshold), self.trace)
        return replies.differentiated(flow, threshold, self.training_step)

    @property
    def cut(self) -> Truncation | None:
        """Where truncated BPTT ends the way back; None where it is off."""
        return truncation_of(self.run)

    def cut_flow(self, flow: GradientFlow, unrolled: Trace) -> GradientFlow:
        """The flow as training uses it: cut where truncated BPTT is on."""
        return flow if self.cut is None else truncated_flow(flow, unrolled, self.cut)

    def cut_credit(self, credit: CreditMap) -> CreditMap:
        """The credit map as training uses it."""
        return credit if self.cut is None else truncated_credit(credit, credit.log2.shape[1], self.cut)

    def inspected(self, time_step: int) -> Inspected | None:
        """The operations of one time step, for the window; None where the text has no such step."""
        if not 1 <= time_step <= self.length:
            return None
        return replies.inspected(self.trace, time_step, self.task.output_labels, self.training_step)
