"""One model beside the one on show: its weights, its training, and how far it has come."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from rnnviz.engine.errors import SpecError
from rnnviz.engine.snapshots import RecentStates, SnapshotRing
from rnnviz.engine.trace import trace
from rnnviz.service.workbench import fresh_network

if TYPE_CHECKING:
    from collections.abc import Mapping

    import numpy as np

    from rnnviz.engine.network import Network
    from rnnviz.engine.sequence import EncodedSequence
    from rnnviz.engine.spec import RunSpec
    from rnnviz.engine.tasks.base import Task
    from rnnviz.engine.trace import Trace
    from rnnviz.engine.training import Trainer
    from rnnviz.service.messages import RivalSpec

SNAPSHOT_BYTES = 32 * 2**20
UNDO_BYTES = 16 * 2**20


class Rival:
    """Trains exactly as a :class:`rnnviz.engine.training.Trainer` of its run alone would; torch comes with step 1."""

    def __init__(self, spec: RivalSpec, run: RunSpec, task: Task, *, offset: int = 0) -> None:
        """``offset``: by how much its seed lies above that of the model on show."""
        self.spec, self.run, self.offset, self.failure = spec, run, offset, ""
        self._task = task
        self._fresh = fresh_network(run, task)
        self._trainer: Trainer | None = None
        self._kept: Trace | None = None
        self._kept_of: tuple[int, EncodedSequence] | None = None

    @property
    def steps_done(self) -> int:
        """Its training steps so far."""
        return self._trainer.steps_done if self._trainer is not None else 0

    @property
    def history(self) -> Mapping[str, np.ndarray[Any, np.dtype[Any]]]:
        """Its training curve, see :class:`rnnviz.engine.trainer_state.LossHistory`."""
        return self._trainer.history.arrays() if self._trainer is not None else {}

    @property
    def snapshots(self) -> SnapshotRing | None:
        """Its weights at some earlier training steps; None before the first."""
        return self._trainer.snapshots if self._trainer is not None else None

    def behind(self, target: int) -> bool:
        """Whether there is something to do to stand at ``target`` training steps."""
        return self.steps_done > target or (self.steps_done < target and not self.failure)

    def advance(self, target: int) -> None:
        """One training step towards ``target``, or back to it; a failure is kept as a sentence."""
        from rnnviz.engine.training_errors import DeviceLost

        self._kept = self._kept_of = None
        try:
            if self.steps_done > target:
                self._go_back(target)
            else:
                self._started().step()
        except DeviceLost:
            raise
        except SpecError as error:
            self.failure = str(error)
        except MemoryError:
            self.failure = "Training needs more memory than there is; choose fewer units or a smaller batch."

    def change_training(self, spec: RivalSpec, run: RunSpec) -> None:
        """Go on with another rate, clipping, batch size, optimiser or device."""
        self.spec, self.run, self.failure = spec, run, ""
        if self._trainer is not None:
            try:
                self._trainer.set_spec(run.training)
            except SpecError as error:  # no room on the other device
                self.failure = str(error)

    def trace(self, encoded: EncodedSequence, step: int | None = None) -> tuple[Trace, int]:
        """Unrolled over ``encoded``, and of which training step (``step``: the saved one that is not after it)."""
        network, at = self._network(step)
        if self._kept is None or self._kept_of is None or self._kept_of[0] != at or self._kept_of[1] is not encoded:
            self._kept, self._kept_of = trace(network, encoded), (at, encoded)
        return self._kept, at

    def _network(self, step: int | None) -> tuple[Network, int]:
        if self._trainer is None:
            return self._fresh, 0
        if step is None:
            return self._trainer.network(), self._trainer.steps_done
        at, weights = self._trainer.snapshots.at(step)
        return replace(self._fresh, weights=weights), at

    def _started(self) -> Trainer:
        if self._trainer is None:
            from rnnviz.engine.training import Trainer

            trainer = Trainer(self._fresh, self._task, self.run.training, record=False)
            trainer.snapshots, trainer.recent = (
                SnapshotRing(max_bytes=SNAPSHOT_BYTES),
                RecentStates(max_bytes=UNDO_BYTES),
            )
            trainer.snapshots.offer(0, lambda: self._fresh.weights)
            trainer.probe, trainer.record = False, True
            self._trainer = trainer
        return self._trainer

    def _go_back(self, target: int) -> None:
        """Undo as far as the kept states reach, else begin again; what is missing then is trained anew."""
        self.failure = ""
        trainer = self._started()
        kept = [step for step in trainer.recent.steps if step <= target]
        if target and kept:
            trainer.undo(trainer.steps_done - target)
        else:
            self._trainer = None
