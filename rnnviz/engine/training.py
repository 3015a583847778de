"""Live training: a generator of reports, one optimiser step each, with exact gradient norms of the real batch.

    for report in train(network, task, spec):
        print(report.step, report.loss, report.log2_norms)

Whoever holds the generator holds the training: it pauses when nobody asks for the next report.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import torch

from rnnviz.engine.devices import resolve_device
from rnnviz.engine.errors import SpecError
from rnnviz.engine.snapshots import RecentStates, SnapshotRing
from rnnviz.engine.spec import RunSpec
from rnnviz.engine.tasks.base import check_fits
from rnnviz.engine.trainer_state import LossHistory, TrainerState, rng_from_json, rng_to_json
from rnnviz.engine.training_errors import NonFiniteLoss, first_bad_tensor, memory_guard
from rnnviz.engine.training_loss import batch_loss
from rnnviz.engine.training_model import TorchModel
from rnnviz.engine.training_optimiser import make_optimiser
from rnnviz.engine.training_truncation import cut_batch, pieces
from rnnviz.engine.truncation import check_one_chain, truncation_of, windows

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rnnviz.engine.network import Network
    from rnnviz.engine.spec import TrainingSpec
    from rnnviz.engine.tasks.base import Batch, Task
    from rnnviz.engine.training_model import Starts

Array = np.ndarray[Any, np.dtype[Any]]

ALL_THREADS = torch.get_num_threads()
MANY_THREADS_FROM = 256
"""Units; below, a second thread makes the small matrix products slower, not faster."""


@dataclass(frozen=True, eq=False)
class TrainingReport:
    """One optimiser step: figures of the batch before the update.

    ``loss`` is the mean over all targets of the batch (nats, or the squared error of numbers);
    ``gradient_norm`` the global norm before clipping, ``clip`` the limit then in force (0: none).
    ``log2_norms (T,)`` is log2 of the norm of ``dC/dh_t`` over the batch (LSTM: joint over h and c) in layer ``l0``,
    row t-1 for time step t; ``layer_log2_norms`` has all layers; None where the norms were not asked for
    (and with truncated BPTT, where one time step has a gradient in each of several windows).
    """

    step: int
    loss: float
    accuracy: float | None
    gradient_norm: float
    clipped: bool
    log2_norms: Array | None
    layer_log2_norms: Mapping[str, Array] = field(default_factory=dict)
    clip: float = 0.0


def train(
    network: Network, task: Task, spec: TrainingSpec, state: TrainerState | None = None
) -> Iterator[TrainingReport]:
    """Train without end: every ``next()`` is one optimiser step; NonFiniteLoss ends it."""
    trainer = Trainer(network, task, spec, state)
    while True:
        yield trainer.step()


class Trainer:
    """A training run that can be stepped, looked at, changed, undone, saved and continued bit for bit (CPU)."""

    def __init__(
        self,
        network: Network,
        task: Task,
        spec: TrainingSpec,
        state: TrainerState | None = None,
        *,
        record: bool = True,
    ) -> None:
        if (network.input_size, network.output_size) != (task.input_size, task.output_size):
            raise SpecError(
                f"The network has {network.input_size} inputs and {network.output_size} outputs, the task "
                f"{task.title!r} {task.input_size} and {task.output_size}; make a new network for this task."
            )
        if task.kind == "numbers" and network.spec.embedding:
            raise SpecError(f"The task {task.title!r} reads numbers, which have no embedding; set the embedding to 0.")
        check_fits(network.spec, task)
        check_one_chain(network.spec, spec.truncate_length)
        torch.set_num_threads(ALL_THREADS if network.spec.hidden >= MANY_THREADS_FROM else 1)
        self.task, self.spec, self.record, self.probe = task, spec, record, True
        self.device, self.device_note = resolve_device(spec.device, network, task, spec)
        self._first, self.steps_done = network, 0
        self._rng = np.random.Generator(np.random.PCG64([spec.seed, 1]))
        self.history, self.snapshots, self.recent = LossHistory(), SnapshotRing(), RecentStates()
        with memory_guard(self.device, spec.batch_size):
            self._build(network, {})
        if state is not None:
            self.restore(state)
            if state.history:
                self.history.restore(state.history)
        if record:
            self.snapshots.offer(self.steps_done, self._model.arrays)

    def step(self) -> TrainingReport:
        """Do one optimiser step: forward, backward, clip, update."""
        with memory_guard(self.device, self.spec.batch_size):
            if self.record:
                self.recent.offer(self.steps_done, self._exact_state)
            batch = self.task.batch(self._rng, self.spec.batch_size)
            self._optimiser.zero_grad()
            report = self._report(*self._swept(batch))
            self._clip(report.gradient_norm)
            self._optimiser.step()
        self._done(report)
        return report

    def _swept(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Sweep the mean loss back; return logits, the share of right answers, and the loss.

        With truncated BPTT the batch is cut into windows, swept as many at a time as memory bears.
        """
        cut = truncation_of(RunSpec(model=self._first.spec, training=self.spec))
        found = None if cut is None else windows(batch.ids.shape[1], cut)
        if found is None:
            logits, right, loss = self._sweep(batch, None)
            return logits, right / int((batch.targets >= 0).sum()), loss
        starts = self._model.starts(batch.ids, found.starts.tolist(), batch.inputs)
        wanted, sums = int((batch.targets >= 0).sum()), []
        for chosen in pieces(found, len(batch.ids), self._model.step_size):
            part = starts.part(slice(chosen.start * len(batch.ids), chosen.stop * len(batch.ids)))
            sums.append(self._sweep(cut_batch(batch, found, chosen), part, wanted))
            if not bool(sums[-1][2].isfinite()):
                break  # the model still holds what is to be named
        right, loss = (torch.stack([each[k] for each in sums]).sum() for k in (1, 2))
        return sums[-1][0], right / wanted, loss

    def _sweep(
        self, batch: Batch, starts: Starts | None, wanted: int = 0
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """One forward and backward pass: logits, the number of right answers, the loss as part of ``wanted`` ones."""
        logits = self._model.logits(batch.ids, batch.lengths, starts, batch.inputs, batch.switch)
        targets = torch.from_numpy(np.ascontiguousarray(batch.targets.T)).to(self._model.device)
        loss = batch_loss(logits, targets, batch, wanted)
        torch.autograd.backward(loss)
        right = loss.detach()
        if self.task.has_accuracy:
            right = ((logits.argmax(-1) == targets) & (targets >= 0)).sum()
        return logits, right, loss.detach()

    def _report(self, logits: torch.Tensor, right: torch.Tensor, loss: torch.Tensor) -> TrainingReport:
        """Fetch the scalars in one transfer, refuse what is not finite, and measure the norms."""
        gradients = [weight.grad for weight in self._model.weights.values() if weight.grad is not None]
        scalars = [loss, torch.nn.utils.get_total_norm(gradients)]
        if self.task.has_accuracy:
            scalars.append(right)
        values = torch.stack([value.to(loss.dtype) for value in scalars]).tolist()
        step = self.steps_done + 1
        if not np.isfinite(values[:2]).all():
            raise NonFiniteLoss(step, first_bad_tensor(self._model, logits, loss))
        norms = self._model.log2_norms() if self.probe else {}
        clipped = bool(self.spec.clip and values[1] > self.spec.clip)
        accuracy = values[2] if self.task.has_accuracy else None
        return TrainingReport(
            step, values[0], accuracy, values[1], clipped, norms.get("l0"), norms, clip=self.spec.clip
        )

    def _clip(self, norm: float) -> None:
        """Scale all gradients so that their global norm is at most ``spec.clip`` (Pascanu et al. 2013)."""
        if self.spec.clip and norm > self.spec.clip:
            gradients = [weight.grad for weight in self._model.weights.values() if weight.grad is not None]
            torch._foreach_mul_(gradients, self.spec.clip / norm)

    def _done(self, report: TrainingReport) -> None:
        self.steps_done = report.step
        if self.record:
            self.history.add(report.step, report.loss, report.gradient_norm, report.accuracy)
            self.snapshots.offer(report.step, self._model.arrays)

    def _build(self, network: Network, optimiser_state: Mapping[str, Array]) -> None:
        """Put weights and optimiser on the current device."""
        self._model = TorchModel(network, self.device)
        self._optimiser = make_optimiser(self.spec, self._model.weights)
        self._optimiser.restore(optimiser_state)

    def network(self) -> Network:
        """Return the live network as a numpy copy."""
        return replace(self._first, weights=self._model.arrays())

    def _exact_state(self) -> TrainerState:
        arrays = self._optimiser.arrays()
        return TrainerState(self.steps_done, self._model.arrays(), self.spec.optimiser, arrays, rng_to_json(self._rng))

    def state(self) -> TrainerState:
        """Return copies of everything that continuing bit for bit needs, with the loss history."""
        return replace(self._exact_state(), history=self.history.arrays())

    def restore(self, state: TrainerState) -> None:
        """Go on from a state; an optimiser of another kind starts fresh."""
        network = replace(self._first, weights=dict(state.weights))
        same = state.optimiser == self.spec.optimiser
        self._rng = rng_from_json(state.rng)
        self._build(network, state.optimiser_arrays if same else {})
        self.steps_done = state.step

    def change_weights(self, weights: Mapping[str, Array]) -> None:
        """Go on with other weights of the same shapes; optimiser, random generator and curve stay as they are."""
        self.restore(replace(self._exact_state(), weights=dict(weights)))

    def undo(self, steps: int) -> int:
        """Go back ``steps`` training steps, or as far as the kept states reach; return the training step reached."""
        state = self.recent.back(self.steps_done - steps)
        if state is None:
            raise SpecError("There is no training step to undo; train first.")
        self.restore(state)
        for kept in (self.history, self.snapshots, self.recent):
            kept.forget_after(state.step)
        return state.step

    def set_spec(self, spec: TrainingSpec) -> None:
        """Change rate, batch size, clipping, optimiser or device between two steps; the seed stays that of the run."""
        check_one_chain(self._first.spec, spec.truncate_length)
        if spec.device != self.spec.device:
            self.to(spec.device)
        fresh = spec.optimiser != self.spec.optimiser
        self.spec = spec
        if fresh:
            self._optimiser = make_optimiser(spec, self._model.weights)
        self._optimiser.rate = spec.learning_rate

    def to(self, device: str) -> None:
        """Move weights and optimiser state to a device; where it runs out of memory, stay where we are."""
        name, note = resolve_device(device, self.network(), self.task, self.spec)
        state, before = self._exact_state(), self.device
        self.device, self.device_note = name, note
        try:
            with memory_guard(name, self.spec.batch_size):
                self.restore(state)
        except SpecError:
            self.device = before
            self.restore(state)
            raise
        self.spec = msgspec.structs.replace(self.spec, device=device)
