"""What follows the typed numbers: what the network says when it reads its own outputs, and what really follows.

Everything is in the units of what is typed.
"""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from rnnviz.engine.free_run import run_on
from rnnviz.engine.tasks.numbers import NumberTask
from rnnviz.service.messages.forecast import MOST_STEPS

if TYPE_CHECKING:
    from rnnviz.engine.sequence import EncodedSequence
    from rnnviz.engine.tasks.base import Task
    from rnnviz.engine.trace import Trace

    Array = np.ndarray[Any, np.dtype[Any]]

ON_STAGE = 24
"""Steps of the forecast that come with every trace, to be drawn behind its last step."""
LEAST, WEIGHTS_AT_ONCE = 4, 20_000_000
"""A large network goes fewer steps ahead with every trace, so that it takes no longer than the trace."""
_TRUTHS: WeakKeyDictionary[EncodedSequence, Array] = WeakKeyDictionary()
"""What follows a text is the same for every network, and looking it up in a long series takes its time."""


def runs_ahead(task: Task, unrolled: Trace) -> bool:
    """Whether the network can read its own outputs as the next inputs."""
    one_way = not unrolled.network.spec.bidirectional
    return isinstance(task, NumberTask) and task.ahead == 1 and len(unrolled) > 0 and one_way


def short_forecast(task: NumberTask, unrolled: Trace) -> Array:
    """The first outputs after the last step, in units; (0, K) where outputs are no inputs."""
    if not runs_ahead(task, unrolled):
        return np.zeros((0, unrolled.logits.shape[1]), unrolled.logits.dtype)
    steps = min(ON_STAGE, max(LEAST, WEIGHTS_AT_ONCE // unrolled.network.parameter_count))
    with np.errstate(over="ignore", invalid="ignore"):
        return task.in_units(np.array(list(islice(run_on(unrolled), steps))))


def truth_after(task: NumberTask, typed: EncodedSequence, steps: int) -> Array:
    """What really follows ``(steps, K)``, NaN from where the task knows no more; (0, K) where it knows nothing."""
    if typed not in _TRUTHS:
        _TRUTHS[typed] = task.continuation(typed, MOST_STEPS)
    known = _TRUTHS[typed][:steps]
    if not len(known):
        return known
    rest = np.full((steps - len(known), known.shape[1]), np.nan)
    return np.concatenate((known, rest))
