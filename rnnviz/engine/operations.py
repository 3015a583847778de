"""What a cell computes at one time step, piece by piece, for the inspector.

``symbol`` and ``equation`` use a tiny markup: ``_x`` or ``_{...}`` is a subscript, ``^`` a superscript.
``pattern`` is a format string over the terms, with the same operators.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from rnnviz.engine.cells.base import FloatArray

Role: TypeAlias = Literal["input", "recurrent", "bias", "state", "gate"]
Kind: TypeAlias = Literal["gate", "signed", "cell", "hidden", "preactivation"]
Function: TypeAlias = Literal["σ", "tanh", "relu", "identity", ""]

FUNCTION_SYMBOLS: dict[str, Function] = {"tanh": "tanh", "relu": "relu", "sigmoid": "σ", "identity": "identity"}


@dataclass(frozen=True, eq=False)
class Term:
    """One operand: its symbol, its values (H,), and where it comes from."""

    symbol: str
    values: FloatArray
    role: Role


@dataclass(frozen=True, eq=False)
class Operation:
    """One line of the cell's equations with its numbers.

    ``kind`` says how to colour ``values`` (H,): a gate lies in 0..1, signed in −1..1, cell is unbounded.
    ``function`` is the non-linearity applied last, empty where there is none.
    """

    key: str
    title: str
    symbol: str
    equation: str
    pattern: str
    kind: Kind
    function: Function
    values: FloatArray
    terms: tuple[Term, ...]
