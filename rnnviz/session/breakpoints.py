"""Breakpoints: conditions on a time step at which playing stops."""

from __future__ import annotations

import operator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

    from rnnviz.session.facts import SessionFacts

KINDS = ("loss", "unit", "gradient", "token")
OPERATORS: dict[str, Callable[[float, float], bool]] = {">": operator.gt, "<": operator.lt}


@dataclass(frozen=True)
class Breakpoint:
    """Stop where the loss, the size of a unit, the gradient norm or the token meets a condition.

    ``operator`` is ">" or "<" ("=" for a token); ``value`` a number, or the token; ``unit`` counts from 0.
    """

    kind: str
    operator: str
    value: float | str
    unit: int = 0

    def __str__(self) -> str:
        names = {"loss": "loss", "unit": f"|h| of unit {self.unit + 1}", "gradient": "gradient norm", "token": "token"}
        return f"{names[self.kind]} {self.operator} {self.value}"

    def holds(self, session: SessionFacts, time_step: int) -> bool:
        """Whether the condition is met at ``time_step`` (1-based); never where there is no number."""
        trace = session.trace
        if trace is None or not 1 <= time_step <= len(trace.tokens):
            return False
        if self.kind == "token":
            return trace.tokens[time_step - 1] == self.value
        number = self._number(session, time_step - 1)
        compare = OPERATORS.get(self.operator)
        return (
            number is not None and compare is not None and not np.isnan(number) and compare(number, float(self.value))
        )

    def _number(self, session: SessionFacts, row: int) -> float | None:
        trace, gradients = session.trace, session.gradients
        if trace is None:
            return None
        if self.kind == "loss":
            return float(trace.loss[row])
        if self.kind == "unit":
            layer = next((layer for layer in trace.layers if layer.name == session.layer), None)
            if layer is None or not 0 <= self.unit < layer.hidden.shape[1]:
                return None
            return abs(float(layer.hidden[row, self.unit]))
        flow = next((layer for layer in gradients.layers if layer.name == session.layer), None) if gradients else None
        if flow is None or row >= len(flow.log2_total):
            return None
        return float(np.exp2(np.minimum(flow.log2_total[row], 1023)))
