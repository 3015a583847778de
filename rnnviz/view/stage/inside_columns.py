"""From a cell's list of operations to columns of numbers with signs between them. No drawing here.

Generic over any cell: what combines states and gates ("{0} · {1} + {2} · {3}") becomes columns that
read across, what is computed from x_t, h_{t-1} and a bias hangs below its column as parts.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from rnnviz.view.layer_names import ahead

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from rnnviz.service.messages import OperationValue, TermValue

_FACTOR = re.compile(r"\(1 − \{(\d+)\}\)|\{(\d+)\}|([·+])")
_PARTS = {"input", "recurrent", "bias"}
_CAPTIONS = {
    "f_t": "keep: old memory through the forget gate",
    "i_t": "write: candidate through the input gate",
    "o_t": "show: memory through the output gate",
    "z_t": "keep: old state through the update gate",
    "1 − z_t": "write: candidate through the open rest",
}
_ROLES = {"input": "reads", "recurrent": "remembers", "bias": "its bias"}
_RESULTS = {"c_t": "new memory", "h_t": "hidden state", "a_t": "sum"}


@dataclass(frozen=True)
class Parts:
    """The sum below a gate: each part (H,), and how the recurrent part is gated ('' if it is not)."""

    function: str
    input: NDArray[np.float32]
    recurrent: NDArray[np.float32]
    bias: NDArray[np.float32]
    gated_by: str = ""

    @property
    def total(self) -> NDArray[np.float32]:
        """The pre-activation (H,)."""
        return np.asarray(self.input + self.recurrent + self.bias)


@dataclass(frozen=True)
class Column:
    """One vector: its symbol in math markup, the numbers, their kind, and the sign before it."""

    symbol: str
    values: NDArray[np.float32]
    kind: str
    sign: str = ""
    group: int = -1
    parts: Parts | None = None


@dataclass(frozen=True)
class Inside:
    """All columns of a cell at one step, and the captions of their groups by number.

    ``reverse``: the chain reads from the end.
    """

    columns: tuple[Column, ...]
    captions: tuple[str, ...]
    reverse: bool = False


def make_columns(operations: Sequence[OperationValue], *, reverse: bool = False) -> Inside:
    """The columns of a cell from its operations in order of computation.

    In a ``reverse`` chain the state that a step starts from is that of t + 1.
    """
    found = _Builder(operations).build()
    if not reverse:
        return found
    columns = tuple(replace(column, symbol=ahead(column.symbol)) for column in found.columns)
    return Inside(columns, tuple(map(ahead, found.captions)), reverse=True)


class _Builder:
    """Walks through the operations once."""

    def __init__(self, operations: Sequence[OperationValue]) -> None:
        self._operations = list(operations)
        self._by_symbol = {operation.symbol: operation for operation in operations}
        self._columns: list[Column] = []
        self._captions: list[str] = []

    def build(self) -> Inside:
        combining = [op for op in self._operations if not self._is_computed(op)]
        used = {term.symbol for op in combining for term in op.terms}
        for operation in self._operations:
            if self._is_computed(operation) and operation.symbol not in used:
                self._add(operation.symbol, operation.values, operation.kind, "", self._group(operation.title.lower()))
        for operation in combining:
            if self._is_unary(operation):
                group = self._group(_RESULTS.get(operation.symbol, ""))
                self._add(operation.symbol, operation.values, operation.kind, operation.function or "=", group)
            else:
                self._combine(operation)
        return Inside(tuple(self._columns), tuple(self._captions))

    def _is_computed(self, operation: OperationValue) -> bool:
        """Whether it comes straight from x_t, h_{t-1} and a bias, and others build on it."""
        has_parts = any(term.role in _PARTS for term in operation.terms)
        return has_parts and bool(operation.function) and not self._repeats(operation)

    def _repeats(self, operation: OperationValue) -> bool:
        """Whether an earlier operation has the same terms: then only the function is new (Elman's h after a)."""
        symbols = [term.symbol for term in operation.terms]
        earlier = self._operations[: self._operations.index(operation)]
        return any([term.symbol for term in other.terms] == symbols for other in earlier)

    def _is_unary(self, operation: OperationValue) -> bool:
        if not self._columns:
            return False
        alone = len(operation.terms) == 1 and operation.terms[0].symbol == self._columns[-1].symbol
        return alone or self._repeats(operation)

    def _combine(self, operation: OperationValue) -> None:
        products = self._products(operation)
        roles = {term.symbol: term.role for term in operation.terms}
        last = self._columns[-1].symbol if self._columns else ""
        first = True
        for factors in products:
            factors = _ordered(factors, last if first else "")
            name = next((_CAPTIONS[symbol] for symbol, _, _ in factors if symbol in _CAPTIONS), "")
            name = name or next((_ROLES[roles[symbol]] for symbol, _, _ in factors if roles.get(symbol) in _ROLES), "")
            group = self._group(name)
            for index, (symbol, values, kind) in enumerate(factors):
                if first and index == 0 and symbol == last:
                    self._columns[-1] = _regrouped(self._columns[-1], group)
                    continue
                sign = "⊙" if index else ("" if first else "+")
                self._add(symbol, values, kind, sign, group)
            first = False
        self._add(
            operation.symbol, operation.values, operation.kind, "=", self._group(_RESULTS.get(operation.symbol, ""))
        )

    def _products(self, operation: OperationValue) -> list[list[tuple[str, NDArray[np.float32], str]]]:
        products: list[list[tuple[str, NDArray[np.float32], str]]] = [[]]
        for rest, plain, sign in _FACTOR.findall(operation.pattern):
            if sign == "+":
                products.append([])
            elif rest:
                term = operation.terms[int(rest)]
                products[-1].append((f"1 − {term.symbol}", np.asarray(1.0 - term.values, np.float32), "gate"))
            elif plain:
                term = operation.terms[int(plain)]
                products[-1].append((term.symbol, term.values, self._kind(term, operation)))
        return products

    def _kind(self, term: TermValue, operation: OperationValue) -> str:
        if term.symbol in self._by_symbol:
            return self._by_symbol[term.symbol].kind
        if term.role in _PARTS:
            return "preactivation"
        return "cell" if operation.kind == "cell" else "hidden"

    def _group(self, caption: str) -> int:
        self._captions.append(caption)
        return len(self._captions) - 1

    def _add(self, symbol: str, values: NDArray[np.float32], kind: str, sign: str, group: int) -> None:
        operation = self._by_symbol.get(symbol)
        parts = make_parts(operation) if operation is not None and self._is_computed(operation) else None
        self._columns.append(Column(symbol, values, kind, sign, group, parts))


def _ordered(
    factors: list[tuple[str, NDArray[np.float32], str]], last: str
) -> list[tuple[str, NDArray[np.float32], str]]:  # fmt: skip
    """What stands there already comes first, else the old state: "c ⊙ f" as it is read from left to right."""
    return sorted(factors, key=lambda factor: (factor[0] != last, "t-1" not in factor[0]))


def _regrouped(column: Column, group: int) -> Column:
    return Column(column.symbol, column.values, column.kind, column.sign, group, column.parts)


def make_parts(operation: OperationValue) -> Parts:
    """The parts of a pre-activation. A gate inside the sum (GRU's r_t) multiplies what comes after it."""
    zero = np.zeros_like(operation.values)
    sums = {"input": zero, "recurrent": zero, "bias": zero}
    gate: TermValue | None = None
    for term in operation.terms:
        if term.role not in sums:
            gate = term
        elif gate is not None:
            sums["recurrent"] = sums["recurrent"] + gate.values * term.values
        else:
            sums[term.role] = sums[term.role] + term.values
    return Parts(operation.function, sums["input"], sums["recurrent"], sums["bias"], gate.symbol if gate else "")


def in_words(operations: Sequence[OperationValue], unit: int) -> list[str]:
    """What the unit does at this step, in sentences with percentages."""
    values = {op.key: float(op.values[unit]) for op in operations if unit < len(op.values)}
    if {"f", "i", "o"} <= values.keys():
        return [f"keeps {_percent(values['f'])} of its old memory", f"writes {_percent(values['i'])} of the candidate",
                f"shows {_percent(values['o'])} of the memory"]  # fmt: skip
    if {"r", "z"} <= values.keys():
        return [f"keeps {_percent(values['z'])} of its old state",
                f"takes {_percent(1 - values['z'])} of the candidate",
                f"lets {_percent(values['r'])} of the old state in"]  # fmt: skip
    if {"a", "h"} <= values.keys():
        function = next((op.function for op in operations if op.key == "h"), "tanh")
        return [
            f"sums to {values['a']:.2f}".replace("-", "−"),
            f"{function} makes it {values['h']:.2f}".replace("-", "−"),
        ]
    return []


def _percent(value: float) -> str:
    return f"{100 * value:.0f}\u2005%"
