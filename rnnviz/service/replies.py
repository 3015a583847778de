"""Engine values as wire structs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from zlib import crc32

import numpy as np

from rnnviz.engine.feedback import answered
from rnnviz.engine.gradients import memory_horizon
from rnnviz.engine.tasks.numbers import NumberTask
from rnnviz.engine.trace import step_detail
from rnnviz.service.forecast import short_forecast, truth_after
from rnnviz.service.messages import (
    CreditMapped,
    Differentiated,
    Inspected,
    LayerArrays,
    LayerFlow,
    OperationValue,
    RealValues,
    RunChanged,
    TaskReport,
    TermValue,
    Unrolled,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rnnviz.engine.credit import CreditMap
    from rnnviz.engine.gradients import GradientFlow, LayerGradient
    from rnnviz.engine.network import Network
    from rnnviz.engine.operations import Operation
    from rnnviz.engine.sequence import EncodedSequence
    from rnnviz.engine.spec import RunSpec
    from rnnviz.engine.tasks.base import Task
    from rnnviz.engine.trace import Trace

    Array = np.ndarray[Any, np.dtype[Any]]

THUMBNAIL = 64
TOP = 3


def task_report(task: Task) -> TaskReport:
    """The task as the window shows it."""
    return TaskReport(
        name=task.name,
        title=task.title,
        sentence=task.sentence,
        pattern=task.pattern,
        example=task.example,
        baseline=float(task.baseline),
        baseline_label=task.baseline_label,
        has_accuracy=task.has_accuracy,
        input_tokens=list(task.vocabulary.tokens),
        output_labels=list(task.output_labels),
        required_memory=task.required_memory,
        notes=list(task.notes),
        feeds_back=task.feeds is not None,
        kind=task.kind,
        metric=task.metric,
        lower_is_better=task.lower_is_better,
    )


def run_changed(run: RunSpec, task: Task, network: Network, *, training_step: int, fresh: bool) -> RunChanged:
    """The network in force."""
    return RunChanged(
        run=run,
        task=task_report(task),
        parameters={name: list(array.shape) for name, array in network.weights.items()},
        parameter_count=network.parameter_count,
        training_step=training_step,
        fresh=fresh,
    )


class Shown(NamedTuple):
    """What the trace on show was made of: the text, what the task made of it, and what the network then read."""

    text: str
    typed: EncodedSequence
    read: EncodedSequence
    task: Task
    own: bool


def unrolled(shown: Shown, trace: Trace, *, training_step: int, viewing: bool) -> Unrolled:
    """The trace of the typed text, with the three most probable outputs of every step."""
    task, read, labels = shown.task, shown.read, shown.task.output_labels
    probabilities = trace.probabilities
    best = np.argsort(-probabilities, axis=1, kind="stable")[:, :TOP]
    targets = trace.targets
    wanted = targets >= 0
    target_probabilities = np.full(len(targets), np.nan, np.float32)
    target_probabilities[wanted] = probabilities[wanted.nonzero()[0], targets[wanted]]
    fed = np.zeros(len(trace), np.bool_) if read.fed is None else read.fed
    return Unrolled(
        text=shown.text,
        tokens=list(trace.tokens),
        known=read.known,
        notes=list(read.notes),
        targets=targets,
        target_labels=[labels[target] if target >= 0 else "" for target in targets.tolist()],
        loss=trace.loss,
        layers=[
            LayerArrays(name=layer.name, hidden=layer.hidden, cell=layer.cell, gates=dict(layer.gates))
            for layer in trace.layers
        ],
        top_labels=[[labels[index] for index in row] for row in best.tolist()],
        top_probabilities=np.take_along_axis(probabilities, best, axis=1),
        target_probabilities=target_probabilities,
        thumbnails=thumbnails(trace.network.weights),
        training_step=training_step,
        checksum=checksum(shown.text, trace),
        viewing_snapshot=viewing,
        answered=answered(task.pattern, len(trace), read.switch),
        fed=fed,
        own=shown.own,
        written=int((~fed).sum()) if shown.own else len(read),
        switch=read.switch,
        real=_real_values(shown, trace),
    )


def checksum(text: str, trace: Trace) -> int:
    """A 32-bit number that another text, state or logit changes: CRC-32 of the text, all h_t and the logits."""
    mark = crc32(text.encode())
    for array in (*(layer.hidden for layer in trace.layers), trace.logits):
        mark = crc32(array.tobytes(), mark)
    return mark


def _real_values(shown: Shown, trace: Trace) -> RealValues | None:
    """The numbers of a real-valued sequence, with a short forecast; None where it is one of tokens."""
    task, read = shown.task, shown.read
    if read.values is None or trace.wanted is None or not isinstance(task, NumberTask):
        return None
    forecast = short_forecast(task, trace)
    truth = truth_after(task, read, len(forecast)) if len(forecast) else forecast
    values, wanted, outputs = (task.in_units(each) for each in (read.values, trace.wanted, trace.logits))
    return RealValues(
        values=values, wanted=wanted, outputs=outputs, forecast=forecast, truth=truth, ahead=task.ahead,
        scale=task.scale,
    )  # fmt: skip


def thumbnails(weights: Mapping[str, Array]) -> dict[str, Array]:
    """W_xh, W_hh and W_hy of the first layer, at most 64 x 64 (means of blocks); W'_xh and W'_hh of a decoder."""
    names = {"W_xh": "weight_ih_l0", "W_hh": "weight_hh_l0", "W_hy": "readout.weight"}
    names |= {"W'_xh": "weight_ih_l0_decoder", "W'_hh": "weight_hh_l0_decoder"}
    return {symbol: block_means(weights[name]) for symbol, name in names.items() if name in weights}


def block_means(matrix: Array, limit: int = THUMBNAIL) -> Array:
    """``matrix`` made smaller than ``limit`` both ways, each entry the mean of a block."""
    for axis in (0, 1):
        size = matrix.shape[axis]
        if size > limit:
            starts = np.arange(limit) * size // limit
            counts = np.diff(np.append(starts, size))
            sums = np.add.reduceat(matrix, starts, axis=axis)
            matrix = sums / (counts[:, None] if axis == 0 else counts[None, :])
    return np.ascontiguousarray(matrix, np.float32)


def inspected(trace: Trace, time_step: int, labels: tuple[str, ...], training_step: int) -> Inspected:
    """Every operation of one time step; the numbers are slices of the trace."""
    detail = step_detail(trace, time_step)
    target = -1 if detail.target is None else detail.target
    return Inspected(
        time_step=time_step,
        token=trace.tokens[time_step - 1],
        layers={name: [_operation(entry) for entry in entries] for name, entries in detail.layers.items()},
        probabilities=detail.probabilities,
        output_labels=list(labels),
        target=target,
        target_label=labels[target] if target >= 0 else "",
        loss=None if detail.target is None else float(detail.loss),
        training_step=training_step,
    )


def _operation(entry: Operation) -> OperationValue:
    return OperationValue(
        key=entry.key,
        title=entry.title,
        symbol=entry.symbol,
        equation=entry.equation,
        pattern=entry.pattern,
        kind=entry.kind,
        function=entry.function,
        values=entry.values,
        terms=[TermValue(symbol=term.symbol, role=term.role, values=term.values) for term in entry.terms],
    )


def differentiated(flow: GradientFlow | None, threshold: float, training_step: int) -> Differentiated:
    """The gradient flow of one loss; None where the text has no loss."""
    if flow is None:
        return Differentiated(loss_step=0, threshold=threshold, layers=[], training_step=training_step)
    layers = [_layer_flow(layer, flow.loss_step, threshold) for layer in flow.layers]
    return Differentiated(loss_step=flow.loss_step, threshold=threshold, layers=layers, training_step=training_step)


def _layer_flow(layer: LayerGradient, loss_step: int, threshold: float) -> LayerFlow:
    rows = {"joint": layer.log2_total, "h": layer.log2_hidden, "c": layer.log2_cell}
    reverse = layer.name.endswith("r")
    return LayerFlow(
        name=layer.name,
        log2_total=layer.log2_total,
        log2_hidden=layer.log2_hidden,
        log2_cell=layer.log2_cell,
        log2_direct=layer.log2_direct,
        log2_summed=layer.log2_summed,
        log2_summed_hidden=layer.log2_summed_hidden,
        log2_summed_cell=layer.log2_summed_cell,
        log2_jacobian=_log2(layer.jacobian_norm),
        log2_gain=layer.log2_gain,
        log2_product=layer.log2_product,
        log2_weight=_log2(layer.weight_contribution),
        horizons={
            part: memory_horizon(row, loss_step, threshold, reverse=reverse)
            for part, row in rows.items()
            if row is not None
        },
    )


def _log2(norms: Array) -> Array:
    with np.errstate(divide="ignore"):
        return np.log2(norms)


def credit_mapped(credit: CreditMap, *, length: int, complete: bool, training_step: int) -> CreditMapped:
    """The credit map, its rows named by their loss step."""
    return CreditMapped(
        layer=credit.layer,
        part=credit.part,
        rows=credit.rows,
        log2=credit.log2.astype(np.float32),
        length=length,
        complete=complete,
        training_step=training_step,
    )
