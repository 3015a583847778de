"""How large a network is, which size makes two equally large, and one change of a setting made for several."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec

from rnnviz.engine.network import weight_shapes
from rnnviz.engine.spec import MAX_HIDDEN

if TYPE_CHECKING:
    from rnnviz.engine.spec import ModelSpec, TrainingSpec


def count_parameters(model: ModelSpec, input_size: int, output_size: int) -> int:
    """How many numbers training adjusts in such a network: the sizes of all its weights, added."""
    return sum(math.prod(shape) for shape in weight_shapes(model, input_size, output_size).values())


def matched_hidden(model: ModelSpec, input_size: int, output_size: int, parameters: int) -> int:
    """The number of units H for which ``model`` comes nearest to ``parameters`` numbers.

    ``argmin_H |N(H) − N*|`` over 1 ≤ H ≤ MAX_HIDDEN, the smaller H of two that are equally near. N grows with H
    (``N = H² + H·(D + 2) + V·(H + 1)`` for one Elman layer), so halving the interval finds it.
    """

    def count(hidden: int) -> int:
        return count_parameters(msgspec.structs.replace(model, hidden=hidden), input_size, output_size)

    low, high = 1, MAX_HIDDEN
    while low < high:  # the smallest H that is large enough, or the largest there is
        middle = (low + high) // 2
        low, high = (low, middle) if count(middle) >= parameters else (middle + 1, high)
    if low > 1 and parameters - count(low - 1) <= count(low) - parameters:
        return low - 1
    return low


def same_change(before: TrainingSpec, after: TrainingSpec, other: TrainingSpec) -> TrainingSpec:
    """``other`` with every setting that differs between ``before`` and ``after`` set as in ``after``."""
    names = before.__struct_fields__
    changes = {name: getattr(after, name) for name in names if getattr(before, name) != getattr(after, name)}
    return msgspec.structs.replace(other, **changes) if changes else other
