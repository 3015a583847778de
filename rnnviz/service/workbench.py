"""What the engine shows: the network in force, the typed text, and everything derived from the two."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rnnviz.engine.gradients import gradient_flow
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.tasks import make_task
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
        self._encoded: EncodedSequence | None = None
        self._trace: Trace | None = None

    def set_run(self, run: RunSpec, network: Network | None = None, training_step: int = 0) -> None:
        """Replace model, task and weights (None: fresh ones from the seed), or change nothing and raise."""
        task = self.task if run.task == self.run.task else make_task(run.task)
        network = network or fresh_network(run, task)
        self.run, self.task = run, task
        self._encoded = None
        self.show(network, training_step)

    def show(self, network: Network, training_step: int, *, viewing: bool = False) -> None:
        """Show other weights of the same model."""
        self.network, self.training_step, self.viewing = network, training_step, viewing
        self._trace = None

    def set_text(self, text: str) -> None:
        """Show another text."""
        if text != self.text:
            self.text = text
            self._encoded = self._trace = None

    @property
    def encoded(self) -> EncodedSequence:
        """The text as the task sees it."""
        if self._encoded is None:
            self._encoded = self.task.encode(self.text)
        return self._encoded

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
        labels = self.task.output_labels
        return replies.unrolled(
            self.text, self.encoded, self.trace, labels, training_step=self.training_step, viewing=self.viewing
        )

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
