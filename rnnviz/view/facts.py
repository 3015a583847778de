"""Small questions that several views ask of the session."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rnnviz.service.messages import LayerFlow
    from rnnviz.session.session import Session


def is_backward(session: Session) -> bool:
    """True while the gradient's sweep is on show."""
    return session.direction == "backward"


def unknown_words(session: Session) -> str:
    """The words ", 2 unknown" where the vocabulary lacks tokens of the text, else nothing."""
    trace = session.trace
    count = len(trace.known) - int(trace.known.sum()) if trace is not None else 0
    return f", {count:,} unknown" if count else ""


def layer_flow(session: Session) -> LayerFlow | None:
    """The gradient flow of the selected layer, None while there is none."""
    gradients = session.gradients
    if gradients is None:
        return None
    flows = {flow.name: flow for flow in gradients.layers}
    return flows.get(session.layer) or next(iter(flows.values()), None)


def log2_norm(session: Session, step: int) -> float:
    """log2 of the gradient norm of the chosen part at ``step``; NaN when it is not known."""
    flow = layer_flow(session)
    if flow is None:
        return math.nan
    rows = {"joint": flow.log2_total, "h": flow.log2_hidden, "c": flow.log2_cell}[session.part]
    if rows is None:
        rows = flow.log2_total
    return float(rows[step - 1]) if 1 <= step <= len(rows) else math.nan


def share_left(session: Session, step: int) -> float:
    """Gradient norm at ``step`` as a share of its start at the chosen loss; NaN when it is not known."""
    start = log2_norm(session, session.effective_loss_step)
    here = log2_norm(session, step)
    if math.isnan(here) or not math.isfinite(start):
        return math.nan
    return 2.0 ** (here - start)


def percent(share: float) -> str:
    """A share as people say it: "4 %", "0.1 %", "below 0.01 %"."""
    value = 100 * share
    if math.isnan(value):
        return "\u2013"
    if value >= 9.95:
        text = f"{value:.0f}"
    elif value >= 0.095:
        text = f"{value:.1f}".removesuffix(".0")
    elif value >= 0.0095:
        text = f"{value:.2f}"
    else:
        return "below 0.01\u2005%"
    return f"{text}\u2005%"
