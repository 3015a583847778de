"""The one limit of the c map: stage, inside view and tracks ask here, so that a colour means one number everywhere."""

from __future__ import annotations

from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from rnnviz.view.scales import GrowingLevel

if TYPE_CHECKING:
    from rnnviz.service.messages import Unrolled
    from rnnviz.session.session import Session

LEAST_LEVEL = 2.0  # the c map starts at ±2 (visual.md, section 2)
SHARE = 90.0
_LEVELS: WeakKeyDictionary[Session, GrowingLevel] = WeakKeyDictionary()
_EXTENTS: WeakKeyDictionary[Session, tuple[Unrolled | None, float]] = WeakKeyDictionary()


def cell_level(session: Session) -> float:
    """±limit of c for the present network: the 90th percentile of |c| rounded up to 1, 2, 5, 10 ..., at least 2.

    Never smaller while stepping and training; in rare, round steps larger, so that colours keep their meaning.
    The largest tenth saturates and carries the notch: with the 99th percentile one cell that counts
    (c = 6 where most are near 1) leaves the map nearly white.
    """
    level = _LEVELS.setdefault(session, GrowingLevel(LEAST_LEVEL))
    trace = session.trace
    seen, extent = _EXTENTS.get(session, (None, 0.0))
    if trace is not None and seen is not trace:
        extent = cell_extent(trace)  # sorts every value: once a trace, not once a paint
        _EXTENTS[session] = (trace, extent)
    return level.fit(session.run.model, extent if trace is not None else 0.0)


def cell_extent(trace: Unrolled) -> float:
    """The 90th percentile of |c| over all layers of the trace; 0 without a cell state."""
    cells = [np.abs(layer.cell).ravel() for layer in trace.layers if layer.cell is not None]
    joined = np.concatenate(cells) if cells else np.zeros(0)
    finite = joined[np.isfinite(joined)]
    return float(np.percentile(finite, SHARE)) if finite.size else 0.0
