"""The pictures derived from the trace on show: gradients, detail, credit map, history."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.credit import coarse_rows, credit_map, credit_map_slices
from rnnviz.engine.gradients import gradient_flow, memory_horizon
from rnnviz.engine.trace import trace
from rnnviz.service import replies
from rnnviz.service.messages import Differentiate, HistoryMapped, Inspect, MapCredit

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Hashable

    from rnnviz.engine.network import Network
    from rnnviz.engine.sequence import EncodedSequence
    from rnnviz.engine.training import Trainer
    from rnnviz.service.messages import Reply
    from rnnviz.service.workbench import Workbench

FRAME_ROWS = 60
COARSE_ROWS = 100
FULL_ROWS = 1000


class Pictures:
    """Answers the requests of one slot each and remembers their parameters for the training frames."""

    def __init__(self, *, bench: Workbench, send: Callable[[Reply], None]) -> None:
        self._bench = bench
        self._send = send
        self.topics: frozenset[str] = frozenset()
        self._differentiate = Differentiate()
        self._inspect = Inspect(time_step=0)
        self._credit = MapCredit()
        self._history: dict[int, np.ndarray[Any, np.dtype[np.float32]]] = {}
        self._history_of: Hashable = None
        self._history_layer = "l0"

    def of_frame(self) -> dict[str, Reply | None]:
        """The trace and all subscribed pictures of the weights on show, all of one training step."""
        bench = self._bench
        found: dict[str, Reply | None] = {"unrolled": bench.unrolled()}
        if "gradients" in self.topics:
            found["differentiated"] = bench.differentiated(self._differentiate.loss_step, self._differentiate.threshold)
        if "detail" in self.topics:
            found["inspected"] = bench.inspected(self._inspect.time_step)
        if "credit" in self.topics and bench.length:
            rows = coarse_rows(bench.length, FRAME_ROWS)
            layer = self._credit.layer if self._credit.layer in bench.network.layer_names else "l0"
            credit = credit_map(bench.trace, layer, self._credit.part, rows.tolist())
            found["credit"] = self._mapped(credit, complete=len(rows) == bench.length)
        return found

    def _mapped(self, credit: Any, *, complete: bool) -> Reply:  # noqa: ANN401 a CreditMap
        bench = self._bench
        credit = bench.cut_credit(credit)
        return replies.credit_mapped(credit, length=bench.length, complete=complete, training_step=bench.training_step)

    def differentiate(self, command: Differentiate) -> Reply:
        """The gradient flow of one loss."""
        self._differentiate = command
        return self._bench.differentiated(command.loss_step, command.threshold)

    def inspect(self, command: Inspect) -> Reply | None:
        """The operations of one step; None where the text has no such step."""
        self._inspect = command
        return self._bench.inspected(command.time_step)

    def map_credit(self, command: MapCredit) -> Generator[None, None, None]:
        """The credit map: a coarse one soon, then all rows that a screen can show; in slices."""
        self._credit = command
        bench = self._bench
        shown, length, step, cut_credit = bench.trace, bench.length, bench.training_step, bench.cut_credit
        limits = (COARSE_ROWS, FULL_ROWS) if length > COARSE_ROWS else (FULL_ROWS,)
        for limit in limits:
            rows = coarse_rows(length, limit)
            credit = yield from credit_map_slices(shown, command.layer, command.part, rows)
            credit = cut_credit(credit)
            reply = replies.credit_mapped(credit, length=length, complete=limit == limits[-1], training_step=step)
            self._send(_answer(reply, command.request))
            yield

    def map_history(self, request: int, trainer: Trainer | None, layer: str = "l0") -> Generator[None, None, None]:
        """Gradient norms of the typed text at every saved training step, one step a slice; old rows are kept."""
        self._history_layer = layer if layer in self._bench.network.layer_names else "l0"
        if self._history_of != self._history_key:
            self.forget_history()
        bench, encoded = self._bench, self._bench.encoded  # own outputs may change while this is at work
        if trainer is None:
            steps: tuple[int, ...] = (bench.training_step,)
            self._history = {bench.training_step: self._history_row(bench.network, encoded)}
        else:
            steps = trainer.snapshots.steps
            self._history = {step: row for step, row in self._history.items() if step in steps}
        for step in steps:
            if step not in self._history and trainer is not None:
                kept, weights = trainer.snapshots.at(step)
                if kept == step:  # thinning may have dropped it while we were at work
                    self._history[step] = self._history_row(replace(bench.network, weights=weights), encoded)
                yield
        self._send(self._history_mapped(request, encoded))

    @property
    def _history_key(self) -> Hashable:
        """What a row of the history belongs to, beside its training step."""
        return self._bench.text, self._bench.cut, self._bench.encoded.ids.tobytes(), self._history_layer

    def _history_mapped(self, request: int, encoded: EncodedSequence) -> HistoryMapped:
        """The rows so far with the memory horizon of each."""
        threshold = self._differentiate.threshold
        rows = sorted(self._history.items())
        losses = (encoded.targets >= 0).nonzero()[0] + 1
        loss_step = int(losses[-1]) if len(losses) else 0
        reverse = self._history_layer.endswith("r")
        of_row = partial(memory_horizon, loss_step=loss_step, threshold=threshold, reverse=reverse)
        horizons = [of_row(row.astype(np.float64)) if loss_step else 0 for _, row in rows]
        return HistoryMapped(
            request=request,
            steps=np.array([step for step, _ in rows], np.int64),
            log2=np.stack([row for _, row in rows]) if rows else np.empty((0, len(encoded)), np.float32),
            horizons=np.array(horizons, np.int64),
            threshold=threshold,
            loss_step=loss_step,
            layer=self._history_layer,
        )

    def _history_row(self, network: Network, encoded: EncodedSequence) -> np.ndarray[Any, np.dtype[np.float32]]:
        unrolled = trace(network, encoded)
        if not unrolled.loss_steps:
            return np.full(len(unrolled), -np.inf, np.float32)
        flow = self._bench.cut_flow(gradient_flow(unrolled), unrolled).layer(self._history_layer)
        return flow.log2_total.astype(np.float32)

    def forget_history(self) -> None:
        """Another text or network: no row is good any more."""
        self._history = {}
        self._history_of = self._history_key


def _answer(reply: Reply, request: int) -> Reply:
    import msgspec

    return msgspec.structs.replace(reply, request=request)
