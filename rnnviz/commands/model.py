"""From flags to a network and an encoded text: what ``trace``, ``gradients`` and ``train`` share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rnnviz.engine import checkpoint
from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.spec import WITH_RADIUS, ModelSpec, TaskSpec
from rnnviz.engine.tasks import make_task

if TYPE_CHECKING:
    import argparse

    from rnnviz.engine.checkpoint import Document
    from rnnviz.engine.sequence import EncodedSequence

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
MAX_DATA_BYTES = 64 * 2**20


class Subject(NamedTuple):
    """A network and the text it reads."""

    network: Network
    encoded: EncodedSequence


def given(arguments: argparse.Namespace, names: tuple[str, ...]) -> dict[str, Any]:
    """The flags among ``names`` that the user set."""
    values = {name: getattr(arguments, name, None) for name in names}
    return {name: value for name, value in values.items() if value is not None and value is not False}


def model_spec(arguments: argparse.Namespace) -> ModelSpec:
    """The network that the flags describe; what is not given keeps its default, what would do nothing is refused."""
    spec = ModelSpec(**given(arguments, MODEL_FLAGS))
    if getattr(arguments, "radius", None) is not None and spec.initialiser not in WITH_RADIUS:
        raise SpecError(f"--radius does nothing here; give --initialiser {', '.join(WITH_RADIUS)} with it.")
    if spec.forget_bias is not None and spec.cell != "lstm":
        raise SpecError(f"The cell {spec.cell} has no forget gate; give --forget-bias with --cell lstm only.")
    return spec


def task_spec(arguments: argparse.Namespace) -> TaskSpec:
    """The task that the flags describe, with the user's own text where ``--data`` names one."""
    chosen: dict[str, Any] = {"name": arguments.task or "next-char", "length": getattr(arguments, "length", None) or 0}
    if arguments.data:
        if chosen["name"] != "next-char":
            raise SpecError(f"--data is for the task next-char; {chosen['name']} makes its own sequences.")
        chosen |= {"text": read_text(Path(arguments.data)), "source": Path(arguments.data).name}
    return TaskSpec(**chosen)


def read_text(path: Path) -> str:
    """A UTF-8 text file, refused in one sentence where it is too large or no text."""
    size = path.stat().st_size
    if size > MAX_DATA_BYTES:
        raise SpecError(f"{path} has {size:,} bytes; give a text of at most {MAX_DATA_BYTES:,} bytes.")
    try:
        return path.read_text(encoding="utf-8")
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
