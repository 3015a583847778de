"""The engine's loop: the commands that wait, a slice of long work, a training step, and again.

No command waits for longer than one slice and one step. The loop sleeps only when there is nothing to do.
"""

from __future__ import annotations

import logging
import os
from functools import partial
from threading import Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

import msgspec

import rnnviz
from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import RunSpec
from rnnviz.engine.training_errors import DeviceLost
from rnnviz.service import messages as wire
from rnnviz.service.devices import device_reports, measured
from rnnviz.service.held_out import HeldOutScore
from rnnviz.service.jobs import Jobs
from rnnviz.service.lab import EXPERIMENTS, Laboratory
from rnnviz.service.lab.rivals import Rivals
from rnnviz.service.pictures import Pictures
from rnnviz.service.training_loop import TrainingLoop
from rnnviz.service.wire import FrameTooLarge
from rnnviz.service.workbench import Workbench

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from rnnviz.service.documents import Documents
    from rnnviz.service.inbox import Inbox
    from rnnviz.service.lab import Experiment

TORCH_AFTER_S = 0.1
TORCH_AT_LATEST_S = 1.0
"""torch is imported when the window has had its first pictures and asks for nothing, but not later than this."""
WINDOW_PATIENCE_S = 0.05
LOST_DEVICE = 3

log = logging.getLogger(__name__)


class Host:
    """Answers the commands of ``inbox`` through ``send``, and trains in between."""

    def __init__(self, *, inbox: Inbox, send: Callable[[wire.Reply], None]) -> None:
        self._inbox = inbox
        self._send = send
        self._bench = Workbench(RunSpec())
        self._pictures = Pictures(bench=self._bench, send=send)
        self._training = TrainingLoop(bench=self._bench, pictures=self._pictures, send=send)
        self._held_out = HeldOutScore(bench=self._bench, training=self._training, send=send)
        self._rivals = Rivals(bench=self._bench, training=self._training)
        self._laboratory = Laboratory(bench=self._bench, training=self._training, rivals=self._rivals)
        self._documents_made: Documents | None = None
        self._jobs = Jobs(ended=self._job_ended)
        self._running = True
        self._exit_code = 0
        self._torch: Thread | None = None
        self._torch_ready = False
        self._train_when_ready: wire.Train | None = None
        self._handlers: dict[type[wire.Message], Callable[[Any], None]] = {
            wire.SetRun: self._set_run,
            wire.SetTraining: self._set_training,
            wire.Unroll: self._unroll,
            wire.Inspect: self._inspect,
            wire.Differentiate: self._differentiate,
            wire.MapCredit: self._map_credit,
            wire.MapHistory: self._map_history,
            wire.Subscribe: self._subscribe,
            wire.Train: self._train,
            wire.Pause: self._pause,
            wire.Reset: self._reset,
            wire.Undo: self._undo,
            wire.ViewTrainingStep: self._view,
            wire.MeasureDevices: self._measure,
            wire.Save: self._save,
            wire.Open: self._open,
            wire.OpenCorpus: self._open_corpus,
            wire.Restore: self._restore,
            wire.Acknowledge: self._acknowledge,
            wire.Stop: self._stop,
        }
        for experiment in EXPERIMENTS:
            self._handlers[experiment.command] = partial(self._experiment, experiment)

    # ------------------------------------------------------------------ the loop

    def run(self) -> int:
        """Serve until told to stop; the exit code of the process."""
        self._send(wire.Ready(version=rnnviz.__version__, process=os.getpid()))
        torch_deadline = monotonic() + TORCH_AT_LATEST_S
        while self._running:
            item = self._inbox.take(self._patience())
            if item is None or monotonic() > torch_deadline:
                self._load_torch()
            while item is not None:
                # All that waits goes first: slots keep it short, and a keystroke is never behind a big map.
                self._handle(item)
                item = self._inbox.take(0) if self._running else None
            self._jobs_advance()
            self._training_advance()
            self._held_out_advance()
            self._rivals_advance()
        return self._exit_code

    def _patience(self) -> float | None:
        if self._jobs or self._held_out.behind or (self._rivals.behind and self._torch_ready):
            return 0
        if self._training.active:
            return WINDOW_PATIENCE_S if self._training.waiting else 0
        return None if self._torch is not None else TORCH_AFTER_S

    def _jobs_advance(self) -> None:
        try:
            self._jobs.advance()
        except Exception as error:  # noqa: BLE001 a job that fails must not end the engine
            self._refuse("", 0, error)

    def _training_advance(self) -> None:
        if not self._training.active:
            return
        try:
            self._training.advance()
            self._documents.autosave(force=not self._training.active)
        except DeviceLost as error:
            # Nothing on that device can be read any more: the window restores its last restore point.
            log.error("%s", error)
            self._running, self._exit_code = False, LOST_DEVICE
        except Exception as error:  # noqa: BLE001 a step that fails pauses training, it does not end the engine
            self._training.pause(_sentence("Training", error))

    def _held_out_advance(self) -> None:
        try:
            self._held_out.advance()
        except Exception:  # a number that cannot be had must not end the engine
            log.exception("the held-out score failed")
            self._held_out.skip()

    def _rivals_advance(self) -> None:
        if not (self._rivals.behind and self._torch_ready):
            return
        try:
            self._rivals.advance()
        except Exception as error:  # noqa: BLE001 a model that cannot be trained must not end the engine
            self._rivals.forget()
            self._refuse("Compare", 0, error)

    def _job_ended(self, request: int) -> None:
        self._send(wire.Superseded(request=request))

    def _handle(self, item: wire.Command | wire.Reply) -> None:
        if isinstance(item, wire.Reply):
            self._from_thread(item)
            return
        try:
            self._handlers[type(item)](item)
        except FrameTooLarge as error:
            self._refuse(type(item).__name__, item.request, error)
        except Exception as error:  # noqa: BLE001 one bad command must not end the engine
            self._refuse(type(item).__name__, item.request, error)

    def _refuse(self, command: str, request: int, error: Exception) -> None:
        self._send(wire.Refused(request=request, command=command, sentence=_sentence(command or "The work", error)))

    def _answer(self, command: wire.Command, reply: wire.Reply) -> None:
        self._send(msgspec.structs.replace(reply, request=command.request))

    # ------------------------------------------------------------------ text and pictures

    def _unroll(self, command: wire.Unroll) -> None:
        if (command.text, command.feeding) != (self._bench.text, self._bench.feeding):
            self._jobs.clear()
        self._bench.set_text(command.text, command.feeding)
        self._answer(command, self._bench.unrolled())

    def _inspect(self, command: wire.Inspect) -> None:
        self._answer(command, self._pictures.inspect(command) or wire.Superseded())

    def _differentiate(self, command: wire.Differentiate) -> None:
        self._answer(command, self._pictures.differentiate(command))

    def _map_credit(self, command: wire.MapCredit) -> None:
        if not self._bench.length:
            self._answer(command, wire.Superseded())
            return
        self._bench.network.check_layer(command.layer)
        self._jobs.start("credit", command.request, self._pictures.map_credit(command))

    def _map_history(self, command: wire.MapHistory) -> None:
        work = self._pictures.map_history(command.request, self._training.started, command.layer)
        self._jobs.start("history", command.request, work)

    def _subscribe(self, command: wire.Subscribe) -> None:
        self._pictures.topics = frozenset(command.topics)

    # ------------------------------------------------------------------ the gradient laboratory

    def _experiment(self, experiment: Experiment, command: wire.Command) -> None:
        answer = experiment.answer(self._laboratory, command)
        if isinstance(answer, wire.Reply):
            self._answer(command, answer)
            if experiment.changes:
                self._pictures.forget_history()
                self._documents.autosave(force=True)
            return
        self._jobs.start(experiment.topic, command.request, self._experiment_job(command, answer))

    def _experiment_job(
        self, command: wire.Command, work: Generator[None, None, wire.Reply]
    ) -> Generator[None, None, None]:
        try:
            reply = yield from work
        except Exception as error:  # noqa: BLE001 an experiment that fails must not end the engine
            self._refuse(type(command).__name__, command.request, error)
        else:
            self._answer(command, reply)

    # ------------------------------------------------------------------ model and training

    def _set_run(self, command: wire.SetRun) -> None:
        self._replace_run(command.run, command.request)

    def _replace_run(self, run: RunSpec, request: int) -> None:
        try:
            self._bench.set_run(run)
        except SpecError:
            self._send(self._bench.run_changed(fresh=False, training_step=self._training.steps_done))
            raise
        self._training.forget()
        self._in_force(request)

    def _in_force(self, request: int) -> None:
        """Tell the window about another network, and give it a restore point."""
        self._jobs.clear()
        self._pictures.forget_history()
        self._training.settle()
        self._send(msgspec.structs.replace(self._bench.run_changed(fresh=True), request=request))
        if self._training.steps_done:
            self._send(self._training.history())
        self._documents.autosave(force=True)

    def _set_training(self, command: wire.SetTraining) -> None:
        bench = self._bench
        try:
            self._training.set_spec(command.training)
        except SpecError:
            self._send(bench.run_changed(fresh=False, training_step=self._training.steps_done))
            raise
        bench.run = msgspec.structs.replace(bench.run, training=command.training)
        self._answer(command, bench.run_changed(fresh=False, training_step=self._training.steps_done))

    def _train(self, command: wire.Train) -> None:
        if not self._torch_ready:
            self._train_when_ready = command
            self._load_torch()
            return
        if self._bench.viewing:
            self._training.view(None)
        self._training.begin(command.steps)

    def _pause(self, command: wire.Pause) -> None:
        del command
        self._train_when_ready = None
        if self._training.active:
            self._training.pause()
            self._documents.autosave(force=True)

    def _reset(self, command: wire.Reset) -> None:
        self._replace_run(self._bench.run, command.request)

    def _undo(self, command: wire.Undo) -> None:
        self._training.undo(command.steps)
        self._pictures.forget_history()
        self._answer(command, self._training.history())
        self._training.settle()
        self._documents.autosave(force=True)

    def _view(self, command: wire.ViewTrainingStep) -> None:
        self._training.pause()
        self._training.view(command.step)

    def _acknowledge(self, command: wire.Acknowledge) -> None:
        self._training.acknowledge(command.frame)

    # ------------------------------------------------------------------ files

    @property
    def _documents(self) -> Documents:
        """Made at its first use: the file format is not needed for the first picture."""
        if self._documents_made is None:
            from rnnviz.service.documents import Documents

            self._documents_made = Documents(bench=self._bench, training=self._training, send=self._send)
        return self._documents_made

    def _save(self, command: wire.Save) -> None:
        self._answer(command, self._documents.save(command.path, command.view))

    def _open(self, command: wire.Open) -> None:
        document = self._documents.load(command.path)
        self._documents.put_in_force(document)
        self._in_force(command.request)
        self._send(self._documents.opened(document, command.path, command.request))

    def _restore(self, command: wire.Restore) -> None:
        from rnnviz.engine.checkpoint import from_bytes

        document = from_bytes(command.document)
        self._documents.put_in_force(document)
        self._in_force(command.request)
        if command.view:
            self._send(self._documents.opened(document, "", command.request))

    def _open_corpus(self, command: wire.OpenCorpus) -> None:
        from rnnviz.service.documents import corpus_run

        run = corpus_run(self._bench.run, command.path, command.task, command.choice)
        self._replace_run(run, command.request)

    def _stop(self, command: wire.Stop) -> None:
        del command
        self._running = False

    # ------------------------------------------------------------------ helper threads

    def _load_torch(self) -> None:
        """Import torch beside the loop, so that nobody who types has to wait for it."""
        if self._torch is None:
            self._torch = Thread(target=self._import_torch, name="rnnviz-torch", daemon=True)
            self._torch.start()

    def _import_torch(self) -> None:
        try:
            self._inbox.put(device_reports())
        except Exception as error:  # noqa: BLE001 whatever torch raises, the analysis goes on without training
            sentence = f"PyTorch cannot be loaded, so training is not possible: {error}"
            self._inbox.put(wire.Refused(command="Train", sentence=sentence))

    def _measure(self, command: wire.MeasureDevices) -> None:
        self._training.pause()
        network, bench = self._training.live_network(), self._bench

        def work() -> None:
            self._inbox.put(measured(network, bench.task, bench.run.training, command.request))

        Thread(target=work, name="rnnviz-measure", daemon=True).start()

    def _from_thread(self, reply: wire.Reply) -> None:
        """What a helper thread has found out goes to the window from here: only one thread writes frames."""
        self._send(reply)
        if isinstance(reply, wire.TorchReady):
            self._torch_ready = True
            if self._train_when_ready is not None:
                waiting, self._train_when_ready = self._train_when_ready, None
                self._handle(waiting)


def _sentence(what: str, error: Exception) -> str:
    """What the user reads: our own sentences as they are, anything else named as a fault of the program."""
    if isinstance(error, SpecError | FrameTooLarge):
        return str(error)
    if isinstance(error, MemoryError):
        return f"{what} needs more memory than there is; use a shorter text or fewer units."
    log.exception("%s failed", what)
    return f"{what} failed ({type(error).__name__}: {error}); nothing was changed. This is a fault of rnnviz."
