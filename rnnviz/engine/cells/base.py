"""What every recurrent cell offers to the trace, the gradients and the inspector."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rnnviz.engine.network import LayerWeights
    from rnnviz.engine.operations import Operation
    from rnnviz.engine.trace import LayerTrace

FloatArray: TypeAlias = NDArray[np.floating[Any]]
VectorSweep: TypeAlias = tuple[FloatArray, FloatArray, FloatArray, FloatArray]
"""``(direct, hidden, deltas, cells)`` of one loss, see :meth:`Cell.sweep_vector`."""


def _empty() -> FloatArray:
    return np.empty((0, 0), np.float32)


@dataclass(frozen=True, eq=False)
class CellRun:
    """All values of one layer, in the order the cell processed them; every array has T rows."""

    hidden: FloatArray
    cell: FloatArray | None
    gates: Mapping[str, FloatArray]
    recurrent_part: FloatArray


@dataclass(frozen=True, eq=False)
class Factors:
    """The local derivatives of one layer, for all time steps at once, in processing order.

    Attributes:
        deltas: (T, k, H), the K of each gate: ``da_t = K_t * (what arrives at the gate's output)``.
        output: (T, H), the LSTM's ``Ac = o (1 − tanh² c)``; empty for the other cells.
        carry: (T, H), what passes to the step before without a weight (LSTM ``f``, GRU ``z``); empty for Elman.
        input_candidate: (T, H), the GRU's ``q``, which replaces ``K_n`` on the input side; empty for the others.
    """

    deltas: FloatArray
    output: FloatArray = field(default_factory=_empty)
    carry: FloatArray = field(default_factory=_empty)
    input_candidate: FloatArray = field(default_factory=_empty)

    def part(self, rows: slice) -> Factors:
        """The factors of some steps only."""
        return Factors(*(array[rows] if array.size else array for array in self._arrays()))

    def followed_by(self, *others: Factors) -> Factors:
        """The factors of consecutive parts of one chain as those of the whole."""
        columns = zip(self._arrays(), *(each._arrays() for each in others), strict=True)  # noqa: SLF001 of its own class
        return Factors(*(np.concatenate(column) if column[0].size else column[0] for column in columns))

    def _arrays(self) -> tuple[FloatArray, ...]:
        return self.deltas, self.output, self.carry, self.input_candidate


class Cell(ABC):
    """One kind of recurrent cell in PyTorch's parametrisation.

    ``k = gate_multiple`` blocks of H rows are stacked in each weight; ``gates`` names the arrays of a trace.
    ``same_deltas`` says whether ``da_t`` is the same on the input side and on the recurrent side.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    gate_multiple: ClassVar[int]
    gates: ClassVar[tuple[str, ...]]
    has_cell_state: ClassVar[bool] = False
    same_deltas: ClassVar[bool] = True

    @abstractmethod
    def forward(
        self, input_part: FloatArray, weights: LayerWeights, h0: FloatArray, c0: FloatArray | None, activation: str
    ) -> CellRun:
        """Run the cell over ``input_part = x W_ihᵀ`` (T, kH), biases not included."""

    @abstractmethod
    def factors(self, layer: LayerTrace, weights: LayerWeights, activation: str) -> Factors:
        """The local derivatives of every time step of a traced layer, in processing order."""

    @abstractmethod
    def sweep_step(
        self,
        factors: Factors,
        row: int,
        weight_hh: FloatArray,
        arriving: tuple[FloatArray, FloatArray],
        deltas: FloatArray,
        leaving: tuple[FloatArray, FloatArray],
    ) -> None:
        """Take a block of R gradients one step back in time.

        ``arriving`` is ``(dh_t, dc_t)``, the total gradients leaving step t by h and by c, each (R, H).
        Writes ``da_t`` into ``deltas`` (R, k, H) and ``(dh_{t−1}, dc_{t−1})``, what reaches the step before,
        into ``leaving``. Cells without a cell state ignore ``dc`` and may use its place as scratch.
        """

    @abstractmethod
    def sweep_vector(
        self, factors: Factors, span: slice, weight_hh: FloatArray, arrays: VectorSweep, arriving: FloatArray
    ) -> None:
        """Take one gradient back through the steps of ``span`` = low..high−1, the last first.

        The same as :meth:`sweep_step` on one row, without its cost for each call. ``arrays`` has one entry a
        step: ``(direct (n, H), hidden (n, H), deltas (n, k, H), cells (n+1, H))``; the last row of ``cells`` and
        ``arriving`` (H,) are what comes from step ``high``. Fills the others; ``arriving`` becomes what leaves.
        """

    def gather(self, factors: Factors, row: int, state: FloatArray, scratch: FloatArray) -> None:
        """Make the totals ``[dh]`` (1, R, H), ``[dh, dc]`` (2, R, H) what the matrices below are multiplied with.

        ``scratch`` (R, H) may be overwritten.
        """
        del factors, row, state, scratch

    @abstractmethod
    def step_matrices(self, factors: Factors, row: int, weight_hh: FloatArray) -> FloatArray:
        """The matrices (1 or 2, H, H) that take the rows of a gathered block to ``dh_{t−1}``; their products add up.

        With more rows than units it is cheaper to fold the factors into the weights once than to make ``da_t``
        of every row: the sum is over H (2H) columns in place of kH.
        """

    @abstractmethod
    def input_matrices(self, factors: Factors, row: int, weight_ih: FloatArray) -> FloatArray:
        """The same to ``dx_t``: (1 or 2, H, D)."""

    @abstractmethod
    def jacobian(self, factors: Factors, row: int, weight_hh: FloatArray) -> FloatArray:
        """The matrix ∂(state t)/∂(state t−1): (H, H), for the LSTM (2H, 2H) on the joint state (h, c)."""

    @abstractmethod
    def jacobian_norms(self, factors: Factors, weight_hh: FloatArray) -> FloatArray:
        """The Frobenius norm of the Jacobian of every time step (T,), in closed form."""

    @abstractmethod
    def operations(self, layer: LayerTrace, weights: LayerWeights, activation: str, row: int) -> list[Operation]:
        """What the cell computes at one time step, in order, with all numbers taken from the trace."""

    def local_deltas(self, factors: Factors, totals: FloatArray) -> FloatArray:
        """``da_t`` (T, R, kH) if ``dh_t`` (T, R, H) is all that arrives at each step: one step's own loss."""
        return (totals[:, :, None] * factors.deltas[:, None]).reshape(*totals.shape[:2], -1)

    def input_deltas(self, factors: Factors, totals: FloatArray, deltas: FloatArray) -> FloatArray:
        """The gradient at the input side of the pre-activations (T, R, kH).

        It is ``deltas`` itself but for the GRU, whose candidate has the reset gate on the recurrent side only.
        """
        del factors, totals
        return deltas


def previous_rows(states: FloatArray, first: FloatArray) -> FloatArray:
    """The state before each step: ``first`` and then all rows but the last."""
    return np.concatenate((first[None], states[:-1])) if len(states) else states


def backward_rows(
    direct: FloatArray, hidden: FloatArray, arriving: FloatArray
) -> tuple[FloatArray, list[FloatArray], Sequence[FloatArray | None]]:
    """What :meth:`Cell.sweep_vector` walks over, the last step first: totals, and what becomes of each.

    The total of the last step is made here. Each later entry names the place of ``dh_{t−1}`` and the direct part to
    be added there: None at the lowest step, and at every step where no loss enters at all.
    """
    np.add(arriving, direct[-1], hidden[-1])
    places = [*hidden[-2::-1], arriving] if len(hidden) > 1 else [arriving]
    entering: list[FloatArray | None] = [None] * len(places)
    if direct[:-1].any():
        entering[:-1] = direct[-2::-1]
    return hidden[::-1], places, entering


def multiply_into(product: FloatArray, *others: FloatArray) -> FloatArray:
    """``product`` times all others, in its own place: a long sequence pays for every fresh array."""
    for other in others:
        np.multiply(product, other, product)
    return product


def folded(coefficients: FloatArray, weight: FloatArray, out: FloatArray | None = None) -> FloatArray:
    """``Σ_k diag(a_k) W_k`` (H, N): coefficients a_k (k, H), the blocks W_k stacked in ``weight`` (kH, N)."""
    result: FloatArray = np.einsum("kh,khn->hn", coefficients, weight.reshape(*coefficients.shape, -1), out=out)
    return result


def quadratic_rows(coefficients: Sequence[FloatArray], blocks: Sequence[FloatArray]) -> FloatArray:
    """``‖Σ_k diag(a_k) W_k‖²_F`` for all t: coefficients a_k (T, H), blocks W_k (H, H), result (T,).

    Row i of the sum has the squared norm ``Σ_{k,l} a_k[i] a_l[i] ⟨W_k[i], W_l[i]⟩``: no matrix is built.
    """
    total = np.zeros(len(coefficients[0]), coefficients[0].dtype)
    for first, (a, block) in enumerate(zip(coefficients, blocks, strict=True)):
        for second in range(first + 1):
            gram = np.einsum("ij,ij->i", block, blocks[second])
            total += (1 if first == second else 2) * ((a * coefficients[second]) @ gram)
    return total


def norm_from_square(square: FloatArray) -> FloatArray:
    """The root of a square that rounding may have pushed below zero."""
    return np.sqrt(np.maximum(square, 0))
