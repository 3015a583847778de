"""Small questions that several views ask of the session."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from rnnviz.view.look import number
from rnnviz.view.scales import percent_text

if TYPE_CHECKING:
    from rnnviz.service.messages import LayerFlow, Unrolled
    from rnnviz.session.session import Session


def is_backward(session: Session) -> bool:
    """True while the gradient's sweep is on show."""
    return session.direction == "backward"


def unknown_words(session: Session) -> str:
    """The words ", 2 unknown" where the vocabulary lacks tokens of the text, else nothing."""
    trace = session.trace
    count = len(trace.known) - int(trace.known.sum()) if trace is not None else 0
    return f", {count:,} unknown" if count else ""


def held_out_words(session: Session) -> str:
    """The words "held out 98 %", the task's metric on sequences kept apart or drawn afresh; '' while unknown."""
    score, task = session.training.held_out, session.task
    if score is None or task is None:
        return ""
    return f"held out {number(score, 3) if task.lower_is_better else percent_text(score)}"


def score_words(session: Session) -> str:
    """The same metric of the newest batch and held out: "training 94 %, held out 91 %"; '' while it is unknown."""
    held_out, record, task = held_out_words(session), session.training, session.task
    if not held_out or task is None:
        return ""
    metric, batch = task.metric.removeprefix("held-out "), ""
    if metric == "accuracy" and record.accuracy is not None:
        batch = percent_text(record.accuracy)
    elif metric.startswith("loss") or metric == "squared error":
        batch = number(record.loss, 3) if record.loss is not None else ""
    return f"training {batch}, {held_out}" if batch else held_out


def chains_of(trace: Unrolled | None) -> tuple[str, ...]:
    """The names of the chains of a trace, the lowest first; none without a trace."""
    return tuple(layer.name for layer in trace.layers) if trace is not None else ()


def chosen_chain(session: Session) -> str:
    """The chain that is selected; the lowest one where the network on show has no such chain."""
    names = chains_of(session.trace)
    return session.layer if session.layer in names or not names else names[0]


def layer_flow(session: Session) -> LayerFlow | None:
    """The gradient flow of the selected layer, None while there is none."""
    gradients = session.gradients
    if gradients is None:
        return None
    flows = gradients.layers
    return next((flow for flow in flows if flow.name == session.layer), flows[0] if flows else None)


def shown_part(session: Session, flow: LayerFlow | None) -> str:
    """The part of the state whose gradient is shown: "joint", "h" or "c"; without a cell state all are h."""
    return session.part if flow is not None and flow.log2_cell is not None else "h"


def gradient_symbol(part: str, step: int | str, loss: int | str) -> str:
    """Markup of the norm that ``part`` stands for: ``‖∂C_{13} / ∂(h_t, c_t)‖``, or of h or c alone."""
    state = {"h": f"h_{{{step}}}", "c": f"c_{{{step}}}"}.get(part, f"(h_{{{step}}}, c_{{{step}}})")
    return f"‖∂C_{{{loss}}} / ∂{state}‖"


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
