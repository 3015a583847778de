"""The three models that learn to find the year (see :mod:`rnnviz.service.messages.sharing`).

They live in the engine's memory beside the network on show and go on from where they were; other places of the year
begin anew. One slice is one training step of all three.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import TrainingSpec, check_range
from rnnviz.service.lab.base import Experiment
from rnnviz.service.lab.movie import torch_loaded
from rnnviz.service.messages import SharingModel, SharingTrained, TrainSharing

if TYPE_CHECKING:
    from collections.abc import Generator

    from rnnviz.engine.tasks.base import Batch
    from rnnviz.engine.training_sharing import SharingExperiment, SharingReport
    from rnnviz.service.lab.base import Laboratory
    from rnnviz.service.workbench import Workbench

AT_ONCE = 25
"""Training steps between two answers: a fifth of a second."""
MAX_STEPS = 100_000
MAX_SEEDS = 10
SENTENCES = (
    "In 2009, I went to Nepal",
    "I went to Nepal in 2009",
    "We worked in Peru. Anna flew to Japan. They lived in Norway. My brother went to Nepal in 2009",
)
"""The pair of the lecture, and a text longer than any in training."""
YEARS = ("2009",) * len(SENTENCES)


@dataclass
class _Models:
    """The experiments of one choice of places by their seeds, and the newest report of each."""

    trained_at: tuple[str, ...]
    tests: dict[int, dict[str, list[Batch]]] = field(default_factory=dict)
    experiments: dict[int, SharingExperiment] = field(default_factory=dict)
    reports: dict[int, SharingReport] = field(default_factory=dict)

    def experiment(self, seed: int) -> SharingExperiment:
        """That of ``seed``, made now if it was not there yet."""
        from rnnviz.engine.training_sharing import SharingExperiment

        if seed not in self.experiments:
            training = TrainingSpec(seed=seed)
            self.experiments[seed] = SharingExperiment(self.trained_at, training, self.tests)
        return self.experiments[seed]

    def steps(self, seed: int) -> int:
        """How far the models of ``seed`` are."""
        return self.experiments[seed].step if seed in self.experiments else 0


_RUNNING: WeakKeyDictionary[Workbench, _Models] = WeakKeyDictionary()


def _answer(laboratory: Laboratory, command: TrainSharing) -> Generator[None, None, SharingTrained]:
    if not torch_loaded():
        raise SpecError("PyTorch is still loading; the three models can train in a few seconds.")
    if command.until > MAX_STEPS:
        raise SpecError(f"{command.until} training steps were asked for; the three models take at most {MAX_STEPS}.")
    check_range("The number of seeds", command.seeds, 1, MAX_SEEDS)
    models = _models(laboratory.bench, command.trained_at)
    asked = range(command.seed, command.seed + command.seeds)
    # One seed after the other: the first is seen to learn at full speed.
    seed = next((each for each in asked if models.steps(each) < command.until), asked[0])
    experiment = models.experiment(seed)
    yield
    for _ in experiment.learn(max(0, min(AT_ONCE, command.until - experiment.step))):
        yield
    known = models.reports.get(seed)
    if known is None or known.step != experiment.step:
        models.reports[seed] = yield from experiment.report_slices()
    return _report(models, asked)


def _models(bench: Workbench, trained_at: tuple[str, ...]) -> _Models:
    """Those that train already, or none yet for other places."""
    found = _RUNNING.get(bench)
    if found is None or found.trained_at != trained_at:
        found = _RUNNING[bench] = _Models(trained_at)
    return found


def _report(models: _Models, asked: range) -> SharingTrained:
    """The mean over the seeds that have trained longest."""
    from rnnviz.engine.training_sharing import LONGER, TESTED, answers, averaged

    # A training that was cut short may be ahead of its report; what is shown is what was measured.
    steps = [models.reports[seed].step if seed in models.reports else 0 for seed in asked]
    level = [seed for seed in asked if seed in models.reports and models.reports[seed].step == max(steps)]
    first = models.experiments[level[0]]
    found = answers(first, SENTENCES)
    shown = [
        SharingModel(
            key=score.key,
            parameter_count=score.parameter_count,
            count_for_longer=score.parameters_for_longer,
            accuracy={place: share for place, share in score.mean.items() if place != LONGER},
            longer=score.mean[LONGER],
            lowest=dict(score.lowest),
            highest=dict(score.highest),
            loss=score.loss,
            answers=list(found[score.key]),
        )
        for score in averaged([models.reports[seed] for seed in level])
    ]
    return SharingTrained(
        step=max(steps),
        seed=asked[0],
        steps=steps,
        averaged=len(level),
        trained_at=list(models.trained_at),
        models=shown,
        sentences=list(SENTENCES),
        years=list(YEARS),
        chance=1 / first.task.output_size,
        tested=TESTED,
        longest=first.task.length,
    )


EXPERIMENTS: tuple[Experiment, ...] = (Experiment(topic="sharing", command=TrainSharing, answer=_answer),)
