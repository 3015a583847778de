"""From flags to a network and an encoded text: what ``trace``, ``gradients`` and ``train`` share."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rnnviz.engine import checkpoint
from rnnviz.engine.data import DataChoice, parse_columns
from rnnviz.engine.data.preview import task_data
from rnnviz.engine.errors import SpecError
from rnnviz.engine.feedback import feed_back
from rnnviz.engine.feeding import Feeding
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.spec import WITH_RADIUS, ModelSpec, TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.tasks.base import fitted
from rnnviz.engine.tasks.series_kinds import is_series_kind

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
DATA_FLAGS = ("columns", "header", "encoding")
TASK_FLAGS = ("task", "data", *DATA_FLAGS)


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
    """The task that the flags describe, with the user's own data where ``--data`` names a file (or a kind of series).

    What was not understood of the file is said on stderr, line by line.
    """
    name, length = arguments.task or "next-char", getattr(arguments, "length", None) or 0
    if not arguments.data:
        if given(arguments, DATA_FLAGS):
            raise SpecError("--columns, --header and --encoding are about a file of your own; give it with --data.")
        return TaskSpec(name=name, length=length)
    if name == "series" and is_series_kind(arguments.data):
        return TaskSpec(name=name, text=arguments.data, length=length)
    columns = parse_columns(arguments.columns) if getattr(arguments, "columns", None) else {}
    header = {"yes": True, "no": False}.get(getattr(arguments, "header", None) or "")
    encoding = getattr(arguments, "encoding", None) or ""
    choice = DataChoice(columns=columns, header=header, encoding=encoding)
    spec, notes = task_data(Path(arguments.data), name, choice, length)
    for note in notes:
        print(f"rnnviz: {note}", file=sys.stderr)
    return spec


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
        spec = fitted(model_spec(arguments), task)
        network = initialise(spec, task.input_size, task.output_size, seed=arguments.seed or 0)
    text = arguments.text if arguments.text is not None else saved_text
    if not text:
        raise SpecError("There is no text; give at least one character after the command.")
    return Subject(network, feed_back(network, task, task.encode(text), Feeding()))
