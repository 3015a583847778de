"""From flags to a network and an encoded text: what ``trace``, ``gradients`` and ``train`` share."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from rnnviz.commands.arguments import TASK_FLAGS, given
from rnnviz.commands.checks import refuse_beside_open
from rnnviz.commands.data import chosen_task
from rnnviz.commands.output import say
from rnnviz.engine import checkpoint
from rnnviz.engine.errors import SpecError
from rnnviz.engine.feedback import feed_back
from rnnviz.engine.feeding import Feeding
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.spec import WITH_RADIUS, ModelSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.tasks.base import fitted

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

NO_TEXT = "There is no text; give at least one character after the command."


class Subject(NamedTuple):
    """A network and the text it reads."""

    network: Network
    encoded: EncodedSequence


def model_spec(arguments: argparse.Namespace, task: Task | None = None) -> ModelSpec:
    """The network that the flags describe; what would do nothing is refused.

    What is not given is as the network that learns ``task``, or (None) the small Elman network.
    """
    chosen = given(arguments, MODEL_FLAGS)
    spec = ModelSpec(**(_defaults(task, chosen) if task is not None else {}) | chosen)
    if getattr(arguments, "radius", None) is not None and spec.initialiser not in WITH_RADIUS:
        raise SpecError(f"--radius does nothing here; give --initialiser {', '.join(WITH_RADIUS)} with it.")
    if "activation" in chosen and spec.cell != "elman":
        raise SpecError(f"The cell {spec.cell} has activations of its own; give --activation with --cell elman only.")
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


def open_document(arguments: argparse.Namespace, refused: tuple[str, ...]) -> Document:
    """The session of ``--open``, which brings its own model and task: flags that contradict it are refused."""
    refuse_beside_open(arguments, refused)
    return checkpoint.load(Path(arguments.open))


def subject(arguments: argparse.Namespace) -> Subject:
    """The network (new from the seed, or opened) and the text encoded for it.

    Where no text is given it is the saved one, or the example of the task or the data that are named.
    """
    if arguments.open is not None:
        document = open_document(arguments, (*MODEL_FLAGS, *TASK_FLAGS, "seed"))
        network, task, saved_text = document.network(), make_task(document.run.task), document.text
    else:
        chosen = chosen_task(arguments)
        task = make_task(chosen.spec)
        saved_text = chosen.example or task.example if _names_task(arguments) else None
        spec = fitted(model_spec(arguments), task)
        if task.kind == "numbers" and spec.embedding:
            raise SpecError(f"The task {task.title!r} reads numbers, which have no embedding; leave out --embedding.")
        network = initialise(spec, task.input_size, task.output_size, seed=arguments.seed or 0)
    text = arguments.text if arguments.text is not None else saved_text
    if not text:
        raise SpecError(NO_TEXT)
    if arguments.text is None and arguments.open is None:
        say(f"No text is given, so the example of {arguments.data or arguments.task} is read: {text!r}.")
    return Subject(network, feed_back(network, task, task.encode(text), Feeding()))


def _names_task(arguments: argparse.Namespace) -> bool:
    """Whether the flags name a task or data, which have an example."""
    return arguments.task is not None or arguments.data is not None
