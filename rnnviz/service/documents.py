"""Session files on the engine's side: collect a document, put one in force, restore points for the window."""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from rnnviz.engine import checkpoint
from rnnviz.engine.checkpoint import Document
from rnnviz.engine.data.conversion import numbers_text, table_text
from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec, TrainingSpec
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
MAX_CORPUS = 20_000_000
TABLES = (".csv", ".tsv", ".conllu", ".conll")


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


def corpus_run(run: RunSpec, path: str) -> RunSpec:
    """``run`` on the user's own file at ``path``; SpecError says why not.

    A table or CoNLL-U file is learned by the task on show where that takes it (word-labels, series), else by
    sentiment or word-labels; any other text by words where the task is next-word, else by its characters.
    """
    file = Path(path)
    suffix, name = file.suffix.lower(), run.task.name
    if suffix in TABLES and name == "series":
        return _table_run(run, TaskSpec(name=name, text=numbers_text(file)[0], source=file.name))
    if suffix in TABLES:
        labelled = "word-labels" if suffix not in (".csv", ".tsv") or name == "word-labels" else "sentiment"
        text, _ = table_text(labelled, file)
        return _table_run(run, TaskSpec(name=labelled, text=text, source=file.name))
    text = _corpus(file)
    learned = name if name == "next-word" else "next-char"
    return RunSpec(model=run.model, task=TaskSpec(name=learned, text=text, source=file.name), training=run.training)


def _table_run(run: RunSpec, task: TaskSpec) -> RunSpec:
    """``run`` on a table; where another task was on show, with the network and training that learn this one."""
    if task.name == run.task.name:
        return RunSpec(model=run.model, task=task, training=run.training)
    chosen, kept = task_class(task.name), run.training
    training = TrainingSpec(seed=kept.seed, device=kept.device, **chosen.default_training)
    return RunSpec(model=ModelSpec(**chosen.default_model), task=task, training=training)


def _corpus(file: Path) -> str:
    try:
        size = file.stat().st_size
        if size > MAX_CORPUS:
            raise SpecError(f"{file.name} has {size / 1e6:,.0f} MB; give a text of at most {MAX_CORPUS / 1e6:,.0f} MB.")
        return file.read_text(encoding="utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError:
        raise SpecError(f"{file.name} is no UTF-8 text; save it as UTF-8 and open it again.") from None
    except OSError as error:
        raise SpecError(f"{file.name} could not be read: {error.strerror}.") from error
