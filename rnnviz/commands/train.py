"""``rnnviz train``: train without a window, keep the run, and say in one JSON line how it went."""

from __future__ import annotations

import json
import signal
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any, Self

import msgspec
import numpy as np

from rnnviz.commands.arguments import TASK_FLAGS
from rnnviz.commands.data import chosen_task
from rnnviz.commands.model import MODEL_FLAGS, model_spec, open_document
from rnnviz.commands.output import print_result, say
from rnnviz.commands.paths import check_name, check_target, same_file
from rnnviz.commands.progress import ProgressBar, StepLog
from rnnviz.engine import checkpoint
from rnnviz.engine.checkpoint import Document
from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import RunSpec, TrainingSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.tasks.held_out import held_out_score
from rnnviz.engine.training import Trainer, TrainingReport

if TYPE_CHECKING:
    import argparse
    from types import FrameType, TracebackType

TRAINING_FLAGS = {
    "optimiser": "optimiser",
    "rate": "learning_rate",
    "batch": "batch_size",
    "clip": "clip",
    "seed": "seed",
    "device": "device",
    "truncate_every": "truncate_every",
    "truncate_length": "truncate_length",
}

HELD_OUT_SEED = 1


class Interrupt:
    """Remembers Ctrl+C, so that the running step ends first; a second Ctrl+C ends at once."""

    def __init__(self) -> None:
        self.asked = False

    def __enter__(self) -> Self:
        self._previous = signal.signal(signal.SIGINT, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self.asked = True
        self._restore()

    def _restore(self) -> None:
        signal.signal(signal.SIGINT, self._previous)


def run(arguments: argparse.Namespace) -> int:
    """Train, save, report; Ctrl+C ends the loop early and is no error, unless there is nothing yet to save."""
    _check_paths(arguments)
    with Interrupt() as interrupt:
        document = _start(arguments)
        trainer = _trainer(document)
        if trainer.device_note:
            say(trainer.device_note)
        started, first = perf_counter(), trainer.steps_done
        try:
            report = _train(trainer, arguments, interrupt)
        finally:
            if arguments.out and trainer.steps_done > first:
                checkpoint.save(Path(arguments.out), _result(document, trainer))
        seconds = perf_counter() - started
    if report is None:
        raise KeyboardInterrupt
    summary = _summary(trainer, report, (trainer.steps_done - first) / seconds, interrupted=interrupt.asked)
    return print_result(json.dumps(summary))


def _check_paths(arguments: argparse.Namespace) -> None:
    """Refuse what cannot be written before the training, not after it."""
    if arguments.out is not None:
        check_target(arguments.out)
    if arguments.log is not None:
        check_name(arguments.log, "--log")
    for flag in ("out", "open"):
        if same_file(arguments.log, getattr(arguments, flag)):
            raise SpecError(f"--log and --{flag} name the same file; give the .csv a name of its own.")


def _start(arguments: argparse.Namespace) -> Document:
    """The run before its first step: opened, or new from the flags."""
    given = {
        field: getattr(arguments, flag)
        for flag, field in TRAINING_FLAGS.items()
        if getattr(arguments, flag) is not None
    }
    if arguments.open is not None:
        document = open_document(arguments, (*MODEL_FLAGS, *TASK_FLAGS, "seed", "length"))
        training = _checked(msgspec.structs.replace(document.run.training, **given), arguments)
        text = document.text if arguments.text is None else arguments.text
        return replace(document, run=msgspec.structs.replace(document.run, training=training), text=text)
    chosen = chosen_task(arguments)
    task = make_task(chosen.spec)
    training = _checked(TrainingSpec(**{**task.default_training, **given}), arguments)
    run = RunSpec(model=model_spec(arguments, task), task=chosen.spec, training=training)
    network = initialise(run.model, task.input_size, task.output_size, run.training.seed)
    text = (chosen.example or task.example) if arguments.text is None else arguments.text
    return Document(run, text, network.weights)


def _checked(training: TrainingSpec, arguments: argparse.Namespace) -> TrainingSpec:
    """The training, unless a flag does nothing in it."""
    if arguments.truncate_every is not None and not training.truncate_length:
        raise SpecError(
            "--truncate-every does nothing here; give --truncate-length with it, of at least as many steps."
        )
    return training


def _trainer(document: Document) -> Trainer:
    """A trainer that spends nothing on pictures: no norms per time step, no snapshots, no undo."""
    task, training = make_task(document.run.task), document.run.training
    trainer = Trainer(document.network(), task, training, document.trainer_state, record=False)
    trainer.probe = False
    return trainer


def _train(trainer: Trainer, arguments: argparse.Namespace, interrupt: Interrupt) -> TrainingReport | None:
    """Step until done or interrupted; the last report, None where not one step was done."""
    report = None
    with ExitStack() as stack:
        log = stack.enter_context(StepLog(Path(arguments.log))) if arguments.log else None
        steps = arguments.steps or trainer.task.default_steps
        bar = stack.enter_context(ProgressBar(steps))
        for done in range(1, steps + 1):
            if interrupt.asked:
                break
            report = trainer.step()
            trainer.history.add(report.step, report.loss, report.gradient_norm, report.accuracy)
            bar.show(done, report.loss)
            if log:
                log.add(report)
    return report


def _result(document: Document, trainer: Trainer) -> Document:
    """The document to save: the trainer's copies, never live tensors."""
    return replace(document, weights=trainer.network().weights, trainer_state=trainer.state())


def _summary(trainer: Trainer, report: TrainingReport, steps_per_second: float, *, interrupted: bool) -> dict[str, Any]:
    """What the last line of stdout says; ``accuracy`` only where the task has one, ``held_out`` null where none is."""
    summary: dict[str, Any] = {
        "steps": trainer.steps_done,
        "loss": report.loss,
        "baseline": trainer.task.baseline,
    }
    if trainer.task.has_accuracy:
        summary["accuracy"] = report.accuracy
    held_out = held_out_score(trainer.network(), trainer.task, np.random.default_rng(HELD_OUT_SEED))
    summary |= {"metric": trainer.task.metric, "held_out": None if held_out is None else round(held_out, 6)}
    summary |= {"steps_per_second": round(steps_per_second, 1), "device": trainer.device}
    return summary | ({"interrupted": True} if interrupted else {})
