"""The held-out metric beside the training one: a slice a turn, so that neither keystroke nor step waits for it."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.tasks.held_out import held_out_score
from rnnviz.service.messages import HeldOut

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from rnnviz.engine.training import Trainer
    from rnnviz.service.messages import Reply
    from rnnviz.service.training_loop import TrainingLoop
    from rnnviz.service.workbench import Workbench

EVERY_S = 0.5
SHARE = 20.0
"""While training runs, this takes at most one part in this many plus one of the engine's time."""
SEED = 1
"""Every score is of the same sequences, so that only the weights move it."""
SLICES = 10
SEQUENCES, SEQUENCES_OF_LARGE = 10, 1
"""Sequences in a slice: some 5 ms for a small network; one at a time from ``LARGE`` parameters on."""
LARGE = 50_000


class HeldOutScore:
    """Measures the live network twice a second while it trains, and once more when training stops."""

    def __init__(self, *, bench: Workbench, training: TrainingLoop, send: Callable[[Reply], None]) -> None:
        self._bench, self._training, self._send = bench, training, send
        self._work: Generator[None, None, None] | None = None
        self._measured: Trainer | None = None
        self._step = 0
        self._due = 0.0

    @property
    def behind(self) -> bool:
        """Whether there is work although training rests."""
        return not self._training.active and self._outdated

    @property
    def _outdated(self) -> bool:
        trainer = self._training.started
        return trainer is not None and 0 < trainer.steps_done != (self._step if trainer is self._measured else 0)

    def advance(self) -> None:
        """One slice, if one is due."""
        if self._work is not None and self._training.started is not self._measured:
            self._work = None  # of a network that was replaced
        if self._work is None:
            if not self._outdated or (self._training.active and monotonic() < self._due):
                return
            self._measured, self._step = self._training.started, 0
            self._work = self._scoring()
        if next(self._work, True):
            self._work = None

    def skip(self) -> None:
        """Leave the present weights without a score."""
        self._work, self._measured, self._step = None, self._training.started, self._training.steps_done

    def _scoring(self) -> Generator[None, None, None]:
        """Score the weights as they are now, slice by slice."""
        network, step, task = self._training.live_network(), self._training.steps_done, self._bench.task
        size = SEQUENCES if network.parameter_count < LARGE else SEQUENCES_OF_LARGE
        rng, scores, spent = np.random.default_rng(SEED), [], 0.0
        for _ in range(SLICES):
            started = monotonic()
            score = held_out_score(network, task, rng, size)
            spent += monotonic() - started
            if score is None:  # nothing is held out
                break
            scores.append(score)
            yield
        self._step, self._due = step, monotonic() + max(EVERY_S, SHARE * spent)
        if scores:
            self._send(HeldOut(training_step=step, score=float(np.mean(scores))))
