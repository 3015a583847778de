"""The Elman cell (Elman 1990): ``h_t = φ(W_ih x_t + b_ih + W_hh h_{t−1} + b_hh)``."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.cells.base import Cell, CellRun, Factors, backward_rows, norm_from_square, quadratic_rows
from rnnviz.engine.operations import FUNCTION_SYMBOLS, Operation, Term

if TYPE_CHECKING:
    from rnnviz.engine.cells.base import FloatArray, VectorSweep
    from rnnviz.engine.network import LayerWeights
    from rnnviz.engine.trace import LayerTrace


def _activate(activation: str, preactivation: FloatArray, out: FloatArray) -> None:
    if activation == "tanh":
        np.tanh(preactivation, out=out)
    elif activation == "relu":
        np.maximum(preactivation, 0, out=out)
    elif activation == "sigmoid":
        np.multiply(preactivation, 0.5, out=out)
        np.tanh(out, out=out)
        out *= 0.5
        out += 0.5
    else:
        out[:] = preactivation


class Elman(Cell):
    """One layer of simple recurrent units.

    φ is tanh, relu, sigmoid or the identity. Derivative factor K = φ'(a): ``1 − h²``, ``[h > 0]``,
    ``h (1 − h)``, 1. Jacobian ``J_t = diag(K_t) W_hh``.
    """

    name = "elman"
    title = "Elman"
    gate_multiple = 1
    gates = ("preactivation",)

    def forward(
        self, input_part: FloatArray, weights: LayerWeights, h0: FloatArray, c0: FloatArray | None, activation: str
    ) -> CellRun:
        """Run the cell; the trace array ``preactivation`` is ``a_t``, before φ."""
        del c0
        recurrent = np.empty(input_part.shape, input_part.dtype)
        preactivation = input_part + (weights.bias_ih + weights.bias_hh)
        hidden = np.empty(input_part.shape, input_part.dtype)
        weight_hh, state = weights.hh, h0
        for recurrent_t, a_t, h_t in zip(recurrent, preactivation, hidden, strict=True):
            np.dot(weight_hh, state, recurrent_t)
            np.add(a_t, recurrent_t, a_t)
            if activation == "tanh":  # in line: a call per time step would cost a tenth of the trace
                np.tanh(a_t, h_t)
            else:
                _activate(activation, a_t, h_t)
            state = h_t
        return CellRun(hidden, None, {"preactivation": preactivation}, recurrent)

    def factors(self, layer: LayerTrace, weights: LayerWeights, activation: str) -> Factors:
        """``K_t`` of every step, from the hidden state alone."""
        del weights
        h = layer.in_order(layer.hidden)
        if activation == "tanh":
            local = (1 - h) * (1 + h)
        elif activation == "relu":
            local = (h > 0).astype(h.dtype)
        elif activation == "sigmoid":
            local = h * (1 - h)
        else:
            local = np.ones_like(h)
        return Factors(deltas=local[:, None, :])

    def sweep_step(
        self,
        factors: Factors,
        row: int,
        weight_hh: FloatArray,
        arriving: tuple[FloatArray, FloatArray],
        deltas: FloatArray,
        leaving: tuple[FloatArray, FloatArray],
    ) -> None:
        """``da_t = dh_t K_t``, ``dh_{t−1} = da_t W_hh``."""
        flat = deltas[:, 0]
        np.multiply(arriving[0], factors.deltas[row, 0], flat)
        np.dot(flat, weight_hh, leaving[0])

    def sweep_vector(
        self, factors: Factors, span: slice, weight_hh: FloatArray, arrays: VectorSweep, arriving: FloatArray
    ) -> None:
        """Two numpy calls a step, three where losses enter."""
        direct, hidden, deltas, _ = arrays
        backwards = factors.deltas[span, 0][::-1], deltas[::-1, 0]
        for total, place, entering, k_t, da_t in zip(*backward_rows(direct, hidden, arriving), *backwards, strict=True):
            np.multiply(total, k_t, da_t)
            np.dot(da_t, weight_hh, place)
            if entering is not None:
                np.add(place, entering, place)

    def step_matrices(self, factors: Factors, row: int, weight_hh: FloatArray) -> FloatArray:
        """``J_t`` itself."""
        return self.jacobian(factors, row, weight_hh)[None]

    def input_matrices(self, factors: Factors, row: int, weight_ih: FloatArray) -> FloatArray:
        """``diag(K_t) W_ih``."""
        return self.jacobian(factors, row, weight_ih)[None]

    def jacobian(self, factors: Factors, row: int, weight_hh: FloatArray) -> FloatArray:
        """``J_t = diag(K_t) W_hh``."""
        result: FloatArray = factors.deltas[row, 0][:, None] * weight_hh
        return result

    def jacobian_norms(self, factors: Factors, weight_hh: FloatArray) -> FloatArray:
        """``‖J_t‖²_F = Σ_i K_i² ‖W_i‖²`` for every t."""
        return norm_from_square(quadratic_rows([factors.deltas[:, 0]], [weight_hh]))

    def operations(self, layer: LayerTrace, weights: LayerWeights, activation: str, row: int) -> list[Operation]:
        """The pre-activation a and the hidden state h."""
        terms = (
            Term("W_{xh} x_t", layer.input_part[row], "input"),
            Term("W_{hh} h_{t-1}", layer.recurrent_part[row], "recurrent"),
            Term("b_h", weights.bias_ih + weights.bias_hh, "bias"),
        )
        total = "W_{xh} x_t + W_{hh} h_{t-1} + b_h"
        function = FUNCTION_SYMBOLS[activation]
        wrap = "{}" if activation == "identity" else function + "({})"
        return [
            Operation(
                key="a",
                title="Pre-activation",
                symbol="a_t",
                equation=f"a_t = {total}",
                pattern="{0} + {1} + {2}",
                kind="preactivation",
                function="",
                values=layer.gates["preactivation"][row],
                terms=terms,
            ),
            Operation(
                key="h",
                title="Hidden state",
                symbol="h_t",
                equation="h_t = " + wrap.format(total),
                pattern=wrap.format("{0} + {1} + {2}"),
                kind="hidden",
                function=function,
                values=layer.hidden[row],
                terms=terms,
            ),
        ]
