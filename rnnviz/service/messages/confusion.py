"""Which label is taken for which."""

from __future__ import annotations

import msgspec
import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.engine.spec import ModelSpec  # noqa: TC001  as above
from rnnviz.service.messages.base import Command, Reply


class CountConfusion(Command, frozen=True, kw_only=True):
    """Count what the network on show answers where each label is wanted (slot).

    ``wanted`` and ``answered`` choose a cell (output classes, −1: none) whose sequences come with the answer:
    of the training ones where ``training``, else of the held-out ones.
    """

    wanted: int = -1
    answered: int = -1
    training: bool = False


class ConfusionExample(msgspec.Struct, frozen=True, kw_only=True):
    """A sequence of the chosen cell: as it is typed, its tokens, and the step (1-based) of the answer."""

    text: str
    tokens: list[str]
    time_step: int


class ConfusionCounts(msgspec.Struct, frozen=True, kw_only=True):
    """The counts over ``sequences``: ``answers`` of which ``right``, ``most`` of them of the commonest label.

    ``table`` (L, L), rows are wanted, is empty where there are too many labels; ``pairs`` (K,) are the counts of the
    listed pairs and ``pair_totals`` (K,) how often their label was wanted.
    """

    sequences: int
    answers: int
    right: int
    most: int
    table: np.ndarray
    pairs: np.ndarray
    pair_totals: np.ndarray


class ConfusionCounted(Reply, frozen=True, kw_only=True):
    """Answer to CountConfusion, in the order of the task's output classes.

    ``held_out`` is None where nothing is held out; ``fresh``: its sequences are made anew, not kept apart. ``wanted``
    and ``answered`` (K,) are the classes of the most confused pairs. ``cell`` is the chosen one, (−1, −1) for none,
    and ``examples`` some of its sequences. ``labels`` are the names of all classes.
    """

    labels: list[str]
    wanted: np.ndarray
    answered: np.ndarray
    held_out: ConfusionCounts | None
    training: ConfusionCounts
    fresh: bool
    cell: tuple[int, int]
    cell_training: bool
    examples: list[ConfusionExample]
    task: str
    model: ModelSpec
    training_step: int
