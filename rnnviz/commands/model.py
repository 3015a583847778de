"""From flags to a network and an encoded text: what ``trace``, ``gradients`` and ``train`` share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rnnviz.engine import checkpoint
from rnnviz.engine.data.conversion import LABEL_COLUMNS, numbers_text, table_text
from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.spec import WITH_RADIUS, ModelSpec, TaskSpec
from rnnviz.engine.tasks import make_task

if TYPE_CHECKING:
    import argparse

    from rnnviz.engine.checkpoint import Document
    from rnnviz.engine.sequence import EncodedSequence
    from rnnviz.engine.tasks.base import Task

MODEL_FLAGS = (
    "cell",
    "hidden",
    "layers",
    "bidirectional",
    "activation",
    "embedding",
    "initialiser",
    "radius",
    "forget_bias",
)
TASK_FLAGS = ("task", "data")
TEXT_TASKS = ("next-char", "next-word")
MAX_DATA_BYTES = 64 * 2**20


class Subject(NamedTuple):
    """A network and the text it reads."""

    network: Network
    encoded: EncodedSequence


def given(arguments: argparse.Namespace, names: tuple[str, ...]) -> dict[str, Any]:
    """The flags among ``names`` that the user set."""
    values = {name: getattr(arguments, name, None) for name in names}
    return {name: value for name, value in values.items() if value is not None and value is not False}


def model_spec(arguments: argparse.Namespace, task: Task | None = None) -> ModelSpec:
    """The network that the flags describe; what would do nothing is refused.

    What is not given is as the network that learns ``task``, or (None) the small Elman network.
    """
    chosen = given(arguments, MODEL_FLAGS)
    spec = ModelSpec(**(_defaults(task, chosen) if task is not None else {}) | chosen)
    if getattr(arguments, "radius", None) is not None and spec.initialiser not in WITH_RADIUS:
        raise SpecError(f"--radius does nothing here; give --initialiser {', '.join(WITH_RADIUS)} with it.")
    if spec.forget_bias is not None and spec.cell != "lstm":
        raise SpecError(f"The cell {spec.cell} has no forget gate; give --forget-bias with --cell lstm only.")
    return spec


def _defaults(task: Task, chosen: dict[str, Any]) -> dict[str, Any]:
    """The fields of the task's own network, less what another cell has no use for; an activation asks for Elman."""
    own = dict(task.default_model)
    if "cell" not in chosen and "activation" in chosen:
        own["cell"] = "elman"
    cell = chosen.get("cell", own.get("cell", "elman"))
    useless = {"forget_bias"} if cell != "lstm" else set()
    return {name: value for name, value in own.items() if name not in useless}


def task_spec(arguments: argparse.Namespace) -> TaskSpec:
    """The task that the flags describe, with the user's own data where ``--data`` names a file."""
    chosen: dict[str, Any] = {"name": arguments.task or "next-char", "length": getattr(arguments, "length", None) or 0}
    if arguments.data:
        path = Path(arguments.data)
        chosen |= {"text": own_data(chosen["name"], path), "source": path.name}
    return TaskSpec(**chosen)


def own_data(task: str, path: Path) -> str:
    """The user's own file as ``task`` takes it; what was not understood is said on stderr, line by line."""
    if task in TEXT_TASKS:
        return read_text(path)
    if task == "series":
        text, notes = numbers_text(path)
    elif task in LABEL_COLUMNS:
        text, notes = table_text(task, path)
    else:
        names = ", ".join((*TEXT_TASKS, *LABEL_COLUMNS, "series"))
        raise SpecError(f"--data is for the tasks {names}; {task} makes its own sequences.")
    for note in notes:
        print(f"rnnviz: {note}", file=sys.stderr)
    return text


def read_text(path: Path) -> str:
    """A UTF-8 text file, refused in one sentence where it is too large or no text."""
    size = path.stat().st_size
    if size > MAX_DATA_BYTES:
        raise SpecError(f"{path} has {size:,} bytes; give a text of at most {MAX_DATA_BYTES:,} bytes.")
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise SpecError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8.") from None


def open_document(arguments: argparse.Namespace, refused: tuple[str, ...]) -> Document:
    """The session of ``--open``, which brings its own model and task: flags that contradict it are refused."""
    clash = given(arguments, refused)
    if clash:
        flags = ", ".join("--" + name.replace("_", "-") for name in clash)
        raise SpecError(f"--open brings its own model and task; leave out {flags}.")
    return checkpoint.load(Path(arguments.open))


def subject(arguments: argparse.Namespace) -> Subject:
    """The network (new from the seed, or opened) and the text encoded for it."""
    if arguments.open:
        document = open_document(arguments, (*MODEL_FLAGS, *TASK_FLAGS, "seed"))
        network, task, saved_text = document.network(), make_task(document.run.task), document.text
    else:
        task, saved_text = make_task(task_spec(arguments)), None
        network = initialise(model_spec(arguments), task.input_size, task.output_size, seed=arguments.seed or 0)
    text = arguments.text if arguments.text is not None else saved_text
    if not text:
        raise SpecError("There is no text; give at least one character after the command.")
    return Subject(network, task.encode(text))
