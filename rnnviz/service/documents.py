"""Session files on the engine's side: collect a document, put one in force, restore points for the window."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from rnnviz.engine import checkpoint
from rnnviz.engine.checkpoint import Document
from rnnviz.engine.data.choice import DataChoice
from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import ModelSpec, RunSpec, TrainingSpec
from rnnviz.engine.tasks import task_class
from rnnviz.engine.temporary import sweep_temporary
from rnnviz.service.messages import Autosave, Opened, Saved

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from rnnviz.service.messages import Reply
    from rnnviz.service.training_loop import TrainingLoop
    from rnnviz.service.workbench import Workbench

AUTOSAVE_S = 1.0
AUTOSAVE_SHARE = 30.0
"""Restore points take at most one part in this many of the engine's time."""
MAX_AUTOSAVE = 64 * 1024 * 1024


class Documents:
    """Reads and writes the state of bench and training. Whatever fails leaves both as they were."""

    def __init__(self, *, bench: Workbench, training: TrainingLoop, send: Callable[[Reply], None]) -> None:
        self._bench = bench
        self._training = training
        self._send = send
        self._due = 0.0

    def collect(self, view: Mapping[str, Any]) -> Document:
        """Everything as it is now; copies, never live tensors."""
        state = self._training.saved_state()
        weights = self._training.live_network().weights if state is None else state.weights
        return Document(self._bench.run, self._bench.text, dict(weights), state, dict(view))

    def save(self, path: str, view: Mapping[str, Any]) -> Saved:
        """Write the session file, whole or not at all."""
        document = self.collect(view)
        sweep_temporary(Path(path).parent)
        checkpoint.save(path, document)
        return Saved(path=path, size=Path(path).stat().st_size)

    def load(self, path: str) -> Document:
        """Read a session file."""
        sweep_temporary(Path(path).parent)
        return checkpoint.load(path)

    def put_in_force(self, document: Document) -> None:
        """Continue from ``document``."""
        state = document.trainer_state
        self._bench.set_run(document.run, document.network(), state.step if state is not None else 0)
        self._bench.set_text(document.text)
        self._training.forget(state)

    def opened(self, document: Document, path: str, request: int) -> Opened:
        """What the window has to know of a document that is in force now."""
        return Opened(request=request, path=path, text=document.text, view=dict(document.view))

    def autosave(self, *, force: bool = False) -> None:
        """Give the window a restore point, at most one a second while training."""
        now = monotonic()
        if not force and now < self._due:
            return
        data = checkpoint.to_bytes(self.collect({}))
        if len(data) <= MAX_AUTOSAVE:
            self._send(Autosave(training_step=self._training.steps_done, document=data))
        self._due = monotonic() + max(AUTOSAVE_S, AUTOSAVE_SHARE * (monotonic() - now))


def corpus_run(run: RunSpec, path: str, task: str = "", choice: DataChoice | None = None) -> RunSpec:
    """``run`` on the user's own file at ``path``; SpecError says why not.

    Without a ``task``: the one on show where the file was made for it, else the likeliest. Where another task was on
    show, network and training are those that learn this one.
    """
    from rnnviz.service.own_data import forget, prepared

    found = prepared(path, task, choice or DataChoice(), run.task.name)
    if found.spec is None:
        raise SpecError(found.preview.refusal)
    forget()  # the run keeps the text; nothing is kept twice
    if found.spec.name == run.task.name:
        return RunSpec(model=run.model, task=found.spec, training=run.training)
    chosen, kept = task_class(found.spec.name), run.training
    training = TrainingSpec(seed=kept.seed, device=kept.device, **chosen.default_training)
    return RunSpec(model=ModelSpec(**chosen.default_model), task=found.spec, training=training)
