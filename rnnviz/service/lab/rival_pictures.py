"""The picture of one model of a comparison: credit map, gradient, horizon, curve, and the band over other seeds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from rnnviz.engine.credit import coarse_rows, credit_map, credit_map_slices
from rnnviz.engine.gradients import memory_horizon
from rnnviz.engine.truncated_flow import truncated_credit
from rnnviz.engine.truncation import truncation_of
from rnnviz.service.chain_choice import chain_for
from rnnviz.service.messages import ComparedModel

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from rnnviz.engine.snapshots import SnapshotRing
    from rnnviz.engine.spec import RunSpec
    from rnnviz.engine.trace import Trace
    from rnnviz.service.messages import Compare

    Array = np.ndarray[Any, np.dtype[Any]]

CURVE_POINTS = 500


class Shown(NamedTuple):
    """One model as it was when a picture of all was begun."""

    run: RunSpec
    trace: Trace
    step: int
    target: int
    history: Mapping[str, Array]
    failure: str
    snapshots: SnapshotRing | None
    others: list[Trace]
    behind: int


def loss_step_of(unrolled: Trace, wanted: int) -> int:
    """The loss that is shown: the one wanted, else the last; 0 where the text has none."""
    steps = unrolled.loss_steps
    return wanted if wanted in steps else steps[-1] if steps else 0


def picture(each: Shown, command: Compare, loss_step: int, limit: int) -> Generator[None, None, ComparedModel]:
    """All that is shown of one model, with at most ``limit`` rows of its credit map; in slices."""
    network = each.trace.network
    layer = layer_of(each.trace, command)
    rows, log2, horizon = np.empty(0, np.int64), np.empty((0, len(each.trace)), np.float32), 0
    row = np.empty(0, np.float32)
    if loss_step:
        wanted = np.union1d(coarse_rows(len(each.trace), limit), [loss_step])
        credit = yield from credit_map_slices(each.trace, layer, "joint", wanted)
        if cut := truncation_of(each.run):
            credit = truncated_credit(credit, len(each.trace), cut)
        rows, log2 = credit.rows, credit.log2.astype(np.float32)
        exact = credit.log2[np.searchsorted(rows, loss_step)]
        row = exact.astype(np.float32)
        horizon = memory_horizon(exact, loss_step, command.threshold, reverse=layer.endswith("r"))
    steps, losses = _curve(each.history, each.step)
    band = _band(each, command, loss_step, row, horizon) if each.others and loss_step else {}
    return ComparedModel(
        model=each.run.model,
        training=each.run.training,
        parameter_count=network.parameter_count,
        training_step=each.step,
        target_step=each.target,
        loss=float(losses[-1]) if len(losses) else None,
        steps=steps,
        losses=losses,
        log2=row,
        horizon=horizon,
        rows=rows,
        credit=log2,
        failure=each.failure,
        seeds_behind=each.behind,
        **band,
    )


def _band(each: Shown, command: Compare, loss_step: int, row: Array, horizon: int) -> dict[str, Any]:
    """Smallest and largest share of the own start over all seeds, and the horizon of each."""
    rows, horizons = [row], [horizon]
    for other in each.others:
        log2, other_horizon = row_and_horizon(other, run=each.run, command=command, loss_step=loss_step)
        rows.append(log2)
        horizons.append(other_horizon)
    shares = np.stack([_share(log2, loss_step) for log2 in rows]).astype(np.float32)
    return {"lowest": shares.min(axis=0), "highest": shares.max(axis=0), "horizons": horizons}


def row_and_horizon(unrolled: Trace, *, run: RunSpec, command: Compare, loss_step: int) -> tuple[Array, int]:
    """Norms of one loss at every step, and its memory horizon; cut where the run is trained with a cut."""
    layer, cut = layer_of(unrolled, command), truncation_of(run)
    credit = credit_map(unrolled, layer, "joint", [loss_step])
    log2 = (credit if cut is None else truncated_credit(credit, len(unrolled), cut)).log2[0]
    return log2, memory_horizon(log2, loss_step, command.threshold, reverse=layer.endswith("r"))


def layer_of(unrolled: Trace, command: Compare) -> str:
    """The chain that is shown: the one wanted, else the nearest that this network has."""
    return chain_for(unrolled.network.spec, command.layer)


def _share(log2: Array, loss_step: int) -> Array:
    """log2 of what arrives as a share of the start; nothing where there is no start."""
    start = log2[loss_step - 1]
    return log2 - start if np.isfinite(start) else np.full_like(log2, -np.inf)


def _curve(history: Mapping[str, Array], until: int) -> tuple[Array, Array]:
    """Training steps and losses up to the one shown, at most CURVE_POINTS of them, the last always among them."""
    steps, losses = history.get("step", np.empty(0)), history.get("loss", np.empty(0))
    count = int(np.searchsorted(steps, until, side="right"))
    stride = max(1, -(-count // CURVE_POINTS))
    chosen = np.arange(count - 1, -1, -stride)[::-1]
    return steps[chosen], losses[chosen]
