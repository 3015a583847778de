"""The three models that learn to find the year (see :mod:`rnnviz.service.messages.sharing`).

They live in the engine's memory beside the network on show and go on from where they were; other places of the year
begin anew. One slice is one training step of all three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from rnnviz.engine.errors import SpecError
from rnnviz.service.lab.base import Experiment
from rnnviz.service.lab.movie import torch_loaded
from rnnviz.service.messages import SharingModel, SharingTrained, TrainSharing

if TYPE_CHECKING:
    from collections.abc import Generator

    from rnnviz.engine.training_sharing import SharingExperiment
    from rnnviz.service.lab.base import Laboratory
    from rnnviz.service.workbench import Workbench

AT_ONCE = 25
"""Training steps between two answers: a fifth of a second."""
MAX_STEPS = 100_000
SENTENCES = ("In 2009, I went to Nepal", "I went to Nepal in 2009")
YEARS = ("2009", "2009")

_RUNNING: WeakKeyDictionary[Workbench, SharingExperiment] = WeakKeyDictionary()


def _answer(laboratory: Laboratory, command: TrainSharing) -> Generator[None, None, SharingTrained]:
    if not torch_loaded():
        raise SpecError("PyTorch is still loading; the three models can train in a few seconds.")
    if command.until > MAX_STEPS:
        raise SpecError(f"{command.until} training steps were asked for; the three models take at most {MAX_STEPS}.")
    experiment = _experiment(laboratory.bench, command.trained_at)
    yield
    for _ in experiment.learn(max(0, min(AT_ONCE, command.until - experiment.step))):
        yield
    return (yield from _report(experiment))


def _experiment(bench: Workbench, trained_at: tuple[str, ...]) -> SharingExperiment:
    """The one that trains already, or a new one for other places."""
    from rnnviz.engine.training_sharing import SharingExperiment

    found = _RUNNING.get(bench)
    if found is None or found.trained_at != trained_at:
        found = _RUNNING[bench] = SharingExperiment(trained_at)
    return found


def _report(experiment: SharingExperiment) -> Generator[None, None, SharingTrained]:
    from rnnviz.engine.training_sharing import TESTED, answers

    report = yield from experiment.report_slices()
    found = answers(experiment, SENTENCES)
    models = [
        SharingModel(
            key=score.key,
            parameter_count=score.parameter_count,
            accuracy=dict(score.accuracy),
            longer=score.longer,
            loss=score.loss,
            answers=list(found[score.key]),
        )
        for score in report.models
    ]
    return SharingTrained(
        step=report.step,
        trained_at=list(report.trained_at),
        models=models,
        sentences=list(SENTENCES),
        years=list(YEARS),
        chance=1 / experiment.task.output_size,
        tested=TESTED,
    )


EXPERIMENTS: tuple[Experiment, ...] = (Experiment(topic="sharing", command=TrainSharing, answer=_answer),)
