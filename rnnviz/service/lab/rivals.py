"""The models that stand beside the one on show.

They live in the engine's memory only: a session file or an engine that was started anew knows nothing of them.
The window asks again, and they train again from the seed, with the settings that are in force then.
"""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Any

import msgspec

from rnnviz.engine.errors import SpecError
from rnnviz.engine.parameters import matched_hidden, same_change
from rnnviz.engine.spec import MAX_SEED, RunSpec, check_range
from rnnviz.engine.trace import trace
from rnnviz.engine.truncation import truncation_of
from rnnviz.service.lab.base import Experiment
from rnnviz.service.lab.horizon_course import HorizonCourse, Question
from rnnviz.service.lab.rival import Rival
from rnnviz.service.lab.rival_pictures import Shown, loss_step_of, picture, row_and_horizon
from rnnviz.service.messages import Compare, Compared, RivalSpec

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    import numpy as np

    from rnnviz.engine.snapshots import SnapshotRing
    from rnnviz.engine.trace import Trace
    from rnnviz.service.lab.base import Laboratory
    from rnnviz.service.training_loop import TrainingLoop
    from rnnviz.service.workbench import Workbench

    Array = np.ndarray[Any, np.dtype[Any]]

MAX_RIVALS = 2
MAX_SEEDS = 5
SLICE_S = 0.012
"""Rivals that are far behind catch up for this long in each turn of the engine's loop."""
LIVE_ROWS = 60
REST_ROWS = 200


class Rivals:
    """At most two more models on the text of ``bench``, trained as far as the model on show."""

    def __init__(self, *, bench: Workbench, training: TrainingLoop) -> None:
        self._bench = bench
        self._training = training
        # Group 0 is the model on show from other seeds, group n is rival n from all of them.
        self._groups: list[list[Rival]] = []
        self._command = Compare()
        self._followed: tuple[RunSpec, str] | None = None
        self._course = HorizonCourse()

    # ------------------------------------------------------------------ who they are

    def choose(self, command: Compare) -> None:
        """Put the rivals of ``command`` beside the model on show; those that stand there already stay as they are."""
        if len(command.rivals) > MAX_RIVALS:
            raise SpecError(f"{len(command.rivals)} models were given; choose at most {MAX_RIVALS}.")
        check_range("The number of seeds", command.seeds, 1, MAX_SEEDS)
        self._follow()
        self._command, there = command, self._all
        self._groups = [
            [self._taken(there, spec, offset) for offset in range(0 if index else 1, command.seeds)]
            for index, spec in enumerate([self._on_show, *command.rivals])
        ]

    def _taken(self, there: list[Rival], spec: RivalSpec, offset: int) -> Rival:
        """The rival of this kind that is there already, or a new one."""
        run = self._run_of(spec, offset)
        same = next((rival for rival in there if rival.run == run), None)
        if same is None:
            return Rival(spec, run, self._bench.task, offset=offset)
        there.remove(same)
        same.spec, same.offset = spec, offset
        return same

    @property
    def _all(self) -> list[Rival]:
        return [rival for group in self._groups for rival in group]

    @property
    def _on_show(self) -> RivalSpec:
        run = self._bench.run
        return RivalSpec(model=run.model, training=run.training)

    def _run_of(self, spec: RivalSpec, offset: int) -> RunSpec:
        """The run of a rival: task, device and (``offset`` below) seed are those of the model on show."""
        bench = self._bench
        shown = bench.run.training
        model = spec.model
        if self._command.equal_parameters:
            network = bench.network
            hidden = matched_hidden(model, network.input_size, network.output_size, network.parameter_count)
            model = msgspec.structs.replace(model, hidden=hidden)
        training = msgspec.structs.replace(
            spec.training, seed=(shown.seed + offset) % (MAX_SEED + 1), device=self._training.device
        )
        return RunSpec(model=model, task=bench.run.task, training=training)

    def _follow(self) -> None:
        """After a change of the run on show: rivals of the same kind go on with it, others begin again."""
        now, before = (self._bench.run, self._training.device), self._followed
        if before is not None and before[0] is now[0] and before[1] == now[1]:
            return
        self._followed = now
        for number, group in enumerate(self._groups):
            for index, rival in enumerate(group):
                spec = rival.spec if number else self._on_show
                if before is not None and number:
                    changed = same_change(before[0].training, now[0].training, spec.training)
                    spec = msgspec.structs.replace(spec, training=changed)
                run = self._run_of(spec, rival.offset)
                if _kind(run) == _kind(rival.run):
                    rival.change_training(spec, run)
                else:
                    group[index] = Rival(spec, run, self._bench.task, offset=rival.offset)

    def forget(self) -> None:
        """No models beside the one on show."""
        self._groups, self._command = [], Compare()

    # ------------------------------------------------------------------ training

    @property
    def behind(self) -> bool:
        """Whether a rival has not as many training steps as the model on show, and can train."""
        if self._command.paused or not any(self._groups):
            return False
        self._follow()
        target = self._training.steps_done
        return any(rival.behind(target) for rival in self._all)

    def advance(self) -> None:
        """One training step of every rival that is behind; more of them while there is a lot to catch up."""
        end = monotonic() + SLICE_S
        while self.behind:
            target = self._training.steps_done
            for rival in self._all:
                if rival.behind(target):
                    rival.advance(target)
            if monotonic() > end:
                return

    # ------------------------------------------------------------------ pictures

    def pictures(self, command: Compare) -> Generator[None, None, Compared]:
        """Gradient, credit map, horizon and curve of every model; all of the weights of this moment."""
        shown = [] if command.paused else self._shown()
        live = self._training.active or self.behind
        models, loss_step = [], 0
        for each in shown:
            loss_step = loss_step_of(each.trace, command.loss_step)
            models.append((yield from picture(each, command, loss_step, LIVE_ROWS if live else REST_ROWS)))
            yield
        if loss_step:
            questions = [self._question(each, command, loss_step) for each in shown]
            self._course.keep(questions)
            for index, (question, each) in enumerate(zip(questions, shown, strict=True)):
                measured = self._course.measure(question, models[index], each.trace, each.snapshots, live=live)
                models[index] = yield from measured
        return Compared(models=models, asked=msgspec.structs.replace(command, request=0), loss_step=loss_step)

    def _question(self, each: Shown, command: Compare, loss_step: int) -> Question:
        """How far back this model remembers: of which text and loss, at which threshold, cut where."""

        def horizon_of(unrolled: Trace) -> int:
            return row_and_horizon(unrolled, run=each.run, command=command, loss_step=loss_step)[1]

        key = self._bench.text, loss_step, command.threshold, command.layer, each.run.model, truncation_of(each.run)
        return Question((*key, each.run.training.seed), self._bench.encoded, horizon_of)

    def _shown(self) -> list[Shown]:
        self._follow()
        bench, training = self._bench, self._training
        viewed = bench.training_step if bench.viewing else None
        unrolled, step, target = bench.trace, bench.training_step, training.steps_done
        if training.active and not bench.viewing:  # the trace of the last frame may be older than the rivals
            unrolled, step = trace(training.live_network(), bench.encoded), target
        own = (bench.run, unrolled, step, step, self._own_history(), "", self._own_snapshots())
        shown = [Shown(*own, *self._other_seeds(self._groups[0], viewed, target))]
        for group in self._groups[1:]:
            rival = group[0]
            found, at = rival.trace(bench.encoded, viewed)
            one = (rival.run, found, at, at if bench.viewing else target, rival.history, rival.failure, rival.snapshots)
            shown.append(Shown(*one, *self._other_seeds(group[1:], viewed, target)))
        return shown

    def _other_seeds(self, group: list[Rival], viewed: int | None, target: int) -> tuple[list[Trace], int]:
        """The same model from other seeds, and how many of them are behind."""
        traces = [rival.trace(self._bench.encoded, viewed)[0] for rival in group]
        return traces, 0 if viewed is not None else sum(rival.behind(target) for rival in group)

    def _own_snapshots(self) -> SnapshotRing | None:
        return self._training.started.snapshots if self._training.started is not None else None

    def _own_history(self) -> Mapping[str, Array]:
        if self._training.started is not None:
            return self._training.started.history.arrays()
        saved = self._training.saved_state()
        return saved.history if saved is not None else {}


def _kind(run: RunSpec) -> tuple[object, ...]:
    """What another of makes another network: model, task, seed."""
    return run.model, run.task, run.training.seed


def _answer(laboratory: Laboratory, command: Compare) -> Generator[None, None, Compared]:
    laboratory.rivals.choose(command)
    return laboratory.rivals.pictures(command)


EXPERIMENTS: tuple[Experiment, ...] = (Experiment(topic="compare", command=Compare, answer=_answer),)
