"""What a run consists of, as frozen, validated values that serialise to JSON and to the wire.

A spec that exists is valid: every constructor (and so every decode from a file or a frame)
checks its ranges and raises :class:`SpecError` with one sentence.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from rnnviz.engine.errors import SpecError

if TYPE_CHECKING:
    from collections.abc import Iterable

CELL_NAMES = ("elman", "lstm", "gru")
ACTIVATIONS = ("tanh", "relu", "sigmoid", "identity")
INITIALISERS = ("default", "xavier", "orthogonal", "identity", "scaled")
WITH_RADIUS = ("orthogonal", "identity", "scaled")
"""The initialisers that take notice of ``ModelSpec.radius``."""
OPTIMISERS = ("adam", "sgd")
DEVICES = ("auto", "cpu", "cuda", "mps")

MAX_HIDDEN = 1024
MAX_LAYERS = 8
MAX_EMBEDDING = 512
MAX_RADIUS = 10.0
MAX_FORGET_BIAS = 20.0
MAX_BATCH = 1024
MAX_LENGTH = 5000
MAX_SEED = 2**31 - 1


def check_choice(name: str, value: str, allowed: Iterable[str]) -> None:
    """Raise SpecError unless ``value`` is one of ``allowed``."""
    choices = tuple(allowed)
    if value not in choices:
        raise SpecError(f"{name} is {value!r}; choose one of {', '.join(choices)}.")


def check_range(name: str, value: float, low: float, high: float) -> None:
    """Raise SpecError unless ``low <= value <= high`` (so NaN is refused too)."""
    if not (low <= value <= high) or math.isnan(value):
        raise SpecError(f"{name} is {value:g}; give a value from {low:g} to {high:g}.")


class ModelSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The network: cell kind, units, layers, directions, Elman activation, input encoding, first weights.

    ``embedding`` is the width of a learned embedding; 0 means one-hot input. ``initialiser`` decides the first
    weights (see :mod:`rnnviz.engine.initialisers`); ``radius`` is the spectral radius it gives every recurrent
    block (the default and xavier take no notice of it); ``forget_bias`` is the LSTM's effective forget bias at
    first, None leaves it as it is drawn. ``decoder``: a second chain with weights of its own begins at the last state
    of the first (Sutskever et al. 2014); tasks of the pattern encoder-decoder have it, no others.
    """

    cell: str = "elman"
    hidden: int = 8
    layers: int = 1
    bidirectional: bool = False
    activation: str = "tanh"
    embedding: int = 0
    initialiser: str = "default"
    radius: float = 1.0
    forget_bias: float | None = None
    decoder: bool = False

    def __post_init__(self) -> None:
        check_choice("The cell", self.cell, CELL_NAMES)
        check_choice("The activation", self.activation, ACTIVATIONS)
        check_range("The number of units", self.hidden, 1, MAX_HIDDEN)
        check_range("The number of layers", self.layers, 1, MAX_LAYERS)
        check_range("The embedding size", self.embedding, 0, MAX_EMBEDDING)
        check_choice("The initialiser", self.initialiser, INITIALISERS)
        check_range("The spectral radius", self.radius, 0.0, MAX_RADIUS)
        if self.decoder and self.bidirectional:
            raise SpecError(
                "A decoder reads its own outputs, whose end is not there yet; an encoder-decoder has one direction."
            )
        if self.forget_bias is not None:
            check_range("The forget bias", self.forget_bias, -MAX_FORGET_BIAS, MAX_FORGET_BIAS)


class TaskSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is learned. ``text`` is the user's own corpus (None: the task's shipped sample).

    ``length`` is the length of a training sequence; 0 means the task's own default.
    ``source`` names where ``text`` came from, for display only.
    """

    name: str = "next-char"
    text: str | None = None
    source: str = ""
    length: int = 0

    def __post_init__(self) -> None:
        check_range("The training length", self.length, 0, MAX_LENGTH)


class TrainingSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it is learned. ``clip`` is the largest global gradient norm; 0 switches clipping off.

    Clipping by norm (Pascanu et al. 2013): ``g <- g min(1, clip/‖g‖)`` with g all gradients together.
    Truncated BPTT (Williams & Peng 1990): forward k1 = ``truncate_every`` time steps, then back through the last
    k2 = ``truncate_length``; the loss of step τ reaches the steps ``t >= ⌈τ/k1⌉ k1 − k2 + 1``, the state before
    them counts as a constant. k2 = 0 switches it off.
    ``seed`` decides the initial weights and the order of the batches.
    """

    optimiser: str = "adam"
    learning_rate: float = 0.01
    batch_size: int = 32
    clip: float = 1.0
    seed: int = 0
    device: str = "cpu"
    truncate_every: int = 1
    truncate_length: int = 0

    def __post_init__(self) -> None:
        check_choice("The optimiser", self.optimiser, OPTIMISERS)
        check_choice("The device", self.device, DEVICES)
        check_range("The learning rate", self.learning_rate, 1e-6, 10.0)
        check_range("The batch size", self.batch_size, 1, MAX_BATCH)
        check_range("The clipping norm", self.clip, 0.0, 1e6)
        check_range("The seed", self.seed, 0, MAX_SEED)
        check_range("The number of steps between two cuts, k1,", self.truncate_every, 1, MAX_LENGTH)
        check_range("The number of steps to go back, k2,", self.truncate_length, 0, MAX_LENGTH)
        if 0 < self.truncate_length < self.truncate_every:
            raise SpecError(
                f"k1 is {self.truncate_every} and k2 is {self.truncate_length}; give k2 of at least k1, "
                "so that no loss is left out, or 0 for no cut."
            )


class RunSpec(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Model, task and training together: all that is needed to repeat a run."""

    model: ModelSpec = ModelSpec()
    task: TaskSpec = TaskSpec()
    training: TrainingSpec = TrainingSpec()
