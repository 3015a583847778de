"""The LSTM cell (Hochreiter & Schmidhuber 1997, with the forget gate of Gers, Schmidhuber & Cummins 2000)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.cells.base import (
    Cell,
    CellRun,
    Factors,
    backward_rows,
    folded,
    multiply_into,
    norm_from_square,
    quadratic_rows,
)
from rnnviz.engine.operations import Operation, Term

if TYPE_CHECKING:
    from rnnviz.engine.cells.base import FloatArray, VectorSweep
    from rnnviz.engine.network import LayerWeights
    from rnnviz.engine.operations import Kind
    from rnnviz.engine.trace import LayerTrace

_GATE_TITLES = {"i": "Input gate", "f": "Forget gate", "g": "Candidate", "o": "Output gate"}


class Lstm(Cell):
    """One layer of long short-term memory units.

    ``i, f, o = σ(...)``, ``g = tanh(...)``, ``c_t = f c_{t−1} + i g``, ``h_t = o tanh c_t``, each gate of
    ``W_ih x_t + b_ih + W_hh h_{t−1} + b_hh`` with the rows stacked in the order i, f, g, o.
    """

    name = "lstm"
    title = "LSTM"
    gate_multiple = 4
    gates = ("i", "f", "g", "o")
    has_cell_state = True

    def forward(
        self, input_part: FloatArray, weights: LayerWeights, h0: FloatArray, c0: FloatArray | None, activation: str
    ) -> CellRun:
        """Run the cell over all steps.

        Each step works in one row ``[i f g o c_{t−1}]``: the sigmoid rows are halved beforehand so that one
        tanh serves all gates: ``σ(x) = ½ tanh(x/2) + ½``.
        """
        del activation
        steps, width = input_part.shape
        size, dtype = width // 4, input_part.dtype
        scale = np.repeat(np.array([0.5, 0.5, 1, 0.5], dtype), size)
        offset = np.repeat(np.array([0.5, 0.5, 0, 0.5], dtype), size)
        rows = np.empty((steps + 1, 5, size), dtype)
        flat = rows.reshape(steps + 1, 5 * size)[:-1, :width]
        np.add(input_part, weights.bias_ih + weights.bias_hh, flat)
        np.multiply(flat, scale, flat)
        rows[0, 4] = 0 if c0 is None else c0
        recurrent = np.empty((steps, width), dtype)
        hidden = np.empty((steps, size), dtype)
        _run((weights.hh * scale[:, None]).T.copy(), (scale, offset), (recurrent, rows, hidden), h0)
        np.multiply(recurrent, 1 / scale, recurrent)
        gates = {gate: rows[:-1, k] for k, gate in enumerate(self.gates)}
        return CellRun(hidden, rows[1:, 4], gates, recurrent)

    def factors(self, layer: LayerTrace, weights: LayerWeights, activation: str) -> Factors:
        """``K_i = g i(1−i)``, ``K_f = c_{t−1} f(1−f)``, ``K_g = i(1−g²)``, ``K_o = tanh(c) o(1−o)``."""
        del weights, activation
        i, f, g, o = (layer.in_order(layer.gates[gate]) for gate in self.gates)
        squashed = np.tanh(layer.in_order(layer.cell_state))
        deltas = np.empty((len(i), 4, i.shape[1]), i.dtype)
        k_i, k_f, k_g, k_o = (deltas[:, gate] for gate in range(4))
        multiply_into(np.subtract(1, i, k_i), i, g)
        multiply_into(np.subtract(1, f, k_f), f, layer.in_order(layer.previous_cell))
        multiply_into(np.subtract(1, g, k_g), 1 + g, i)
        multiply_into(np.subtract(1, o, k_o), o, squashed)
        return Factors(deltas, output=multiply_into(1 - squashed, 1 + squashed, o), carry=f)

    def sweep_step(
        self,
        factors: Factors,
        row: int,
        weight_hh: FloatArray,
        arriving: tuple[FloatArray, FloatArray],
        deltas: FloatArray,
        leaving: tuple[FloatArray, FloatArray],
    ) -> None:
        """``dc = dc_t + dh_t Ac``; ``da = [dc K_i, dc K_f, dc K_g, dh K_o]``; leaving ``da W_hh`` and ``dc f``."""
        dh, dc = arriving
        inside = leaving[1]
        np.multiply(dh, factors.output[row], inside)
        np.add(inside, dc, inside)
        np.multiply(inside[:, None], factors.deltas[row, :3], deltas[:, :3])
        np.multiply(dh, factors.deltas[row, 3], deltas[:, 3])
        np.dot(deltas.reshape(len(dh), -1), weight_hh, leaving[0])
        np.multiply(inside, factors.carry[row], inside)

    def sweep_vector(
        self, factors: Factors, span: slice, weight_hh: FloatArray, arrays: VectorSweep, arriving: FloatArray
    ) -> None:
        """Six numpy calls a step, seven where losses enter."""
        weight_hh = np.asfortranarray(weight_hh)  # a vector times its columns: 1.6 in place of 2.3 us at H = 64
        direct, hidden, deltas, cells = arrays
        flat = deltas.reshape(len(deltas), -1)
        inner, outer = (deltas[:, :3], factors.deltas[span, :3]), (deltas[:, 3], factors.deltas[span, 3])
        rows = (factors.output[span], factors.carry[span], *inner, *outer, flat, cells[1:], cells[:-1])
        backwards = (array[::-1] for array in rows)
        steps = zip(*backward_rows(direct, hidden, arriving), *backwards, strict=True)
        for total, place, entering, ac_t, f_t, da_ifg, k_ifg, da_o, k_o, flat_t, dc_t, inside in steps:
            np.multiply(total, ac_t, inside)
            np.add(inside, dc_t, inside)
            np.multiply(inside, k_ifg, da_ifg)
            np.multiply(total, k_o, da_o)
            np.dot(flat_t, weight_hh, place)
            np.multiply(inside, f_t, inside)
            if entering is not None:
                np.add(place, entering, place)

    def gather(self, factors: Factors, row: int, state: FloatArray, scratch: FloatArray) -> None:
        """``[dh, dc]`` becomes ``[dh, dc + dh Ac]``."""
        dh, dc = state
        np.multiply(dh, factors.output[row], scratch)
        np.add(dc, scratch, dc)

    def step_matrices(self, factors: Factors, row: int, weight_hh: FloatArray) -> FloatArray:
        """``diag(K_o) W_o`` and M (see :meth:`jacobian`): 2H columns in place of those of i, f, g, o."""
        size = factors.output.shape[1]
        result = np.empty((2, size, weight_hh.shape[1]), weight_hh.dtype)
        np.multiply(factors.deltas[row, 3][:, None], weight_hh[3 * size :], result[0])
        folded(factors.deltas[row, :3], weight_hh[: 3 * size], result[1])
        return result

    def input_matrices(self, factors: Factors, row: int, weight_ih: FloatArray) -> FloatArray:
        """The same of the input weights."""
        return self.step_matrices(factors, row, weight_ih)

    def local_deltas(self, factors: Factors, totals: FloatArray) -> FloatArray:
        """``[dh Ac K_i, dh Ac K_f, dh Ac K_g, dh K_o]``: nothing arrives by the cell state."""
        arriving = np.stack((totals * factors.output[:, None],) * 3 + (totals,), axis=2)
        return (arriving * factors.deltas[:, None]).reshape(*totals.shape[:2], -1)

    def jacobian(self, factors: Factors, row: int, weight_hh: FloatArray) -> FloatArray:
        """``[[diag(Ac) M + diag(K_o) W_o, diag(Ac f)], [M, diag(f)]]`` with ``M = Σ_{k∈i,f,g} diag(K_k) W_k``."""
        k_i, k_f, k_g, k_o = factors.deltas[row][:, :, None]
        w_i, w_f, w_g, w_o = np.split(weight_hh, 4)
        inner = k_i * w_i + k_f * w_f + k_g * w_g
        output, carry = factors.output[row], factors.carry[row]
        upper = output[:, None] * inner + k_o * w_o
        return np.block([[upper, np.diag(output * carry)], [inner, np.diag(carry)]])

    def jacobian_norms(self, factors: Factors, weight_hh: FloatArray) -> FloatArray:
        """The norm on the joint state (h, c), summed over the four blocks of :meth:`jacobian`."""
        blocks = np.split(weight_hh, 4)
        inner = [factors.deltas[:, gate] for gate in range(3)]
        upper = [factors.output * part for part in inner]
        square = quadratic_rows(inner, blocks[:3])
        square += quadratic_rows([*upper, factors.deltas[:, 3]], blocks)
        square += np.einsum("th,th->t", factors.carry**2, 1 + factors.output**2)
        return norm_from_square(square)

    def operations(self, layer: LayerTrace, weights: LayerWeights, activation: str, row: int) -> list[Operation]:
        """The gates f, i, o, the candidate g, the cell state c, tanh c and the hidden state h."""
        del activation
        gates = [self._gate(layer, weights, gate, row) for gate in ("f", "i", "o", "g")]
        squashed = np.tanh(layer.cell_state[row])
        cell = self._cell_state(layer, row)
        return [*gates, cell, self._squashed(cell, squashed), self._hidden(layer, squashed, row)]

    def _cell_state(self, layer: LayerTrace, row: int) -> Operation:
        return Operation(
            key="c",
            title="Cell state",
            symbol="c_t",
            equation="c_t = f_t · c_{t-1} + i_t · g_t",
            pattern="{0} · {1} + {2} · {3}",
            kind="cell",
            function="",
            values=layer.cell_state[row],
            terms=(
                Term("f_t", layer.gates["f"][row], "gate"),
                Term("c_{t-1}", layer.previous_cell[row], "state"),
                Term("i_t", layer.gates["i"][row], "gate"),
                Term("g_t", layer.gates["g"][row], "gate"),
            ),
        )

    def _squashed(self, cell: Operation, squashed: FloatArray) -> Operation:
        return Operation(
            key="tanh_c",
            title="Squashed cell state",
            symbol="tanh c_t",
            equation="tanh(c_t)",
            pattern="tanh({0})",
            kind="signed",
            function="tanh",
            values=squashed,
            terms=(Term("c_t", cell.values, "state"),),
        )

    def _hidden(self, layer: LayerTrace, squashed: FloatArray, row: int) -> Operation:
        return Operation(
            key="h",
            title="Hidden state",
            symbol="h_t",
            equation="h_t = o_t · tanh(c_t)",
            pattern="{0} · {1}",
            kind="hidden",
            function="",
            values=layer.hidden[row],
            terms=(Term("o_t", layer.gates["o"][row], "gate"), Term("tanh c_t", squashed, "state")),
        )

    def _gate(self, layer: LayerTrace, weights: LayerWeights, gate: str, row: int) -> Operation:
        size = layer.hidden.shape[1]
        block = slice(self.gates.index(gate) * size, (self.gates.index(gate) + 1) * size)
        function = "tanh" if gate == "g" else "σ"
        kind: Kind = "signed" if gate == "g" else "gate"
        return Operation(
            key=gate,
            title=_GATE_TITLES[gate],
            symbol=f"{gate}_t",
            equation=f"{gate}_t = {function}(W_{{x{gate}}} x_t + W_{{h{gate}}} h_{{t-1}} + b_{gate})",
            pattern=f"{function}({{0}} + {{1}} + {{2}})",
            kind=kind,
            function="tanh" if gate == "g" else "σ",
            values=layer.gates[gate][row],
            terms=(
                Term(f"W_{{x{gate}}} x_t", layer.input_part[row, block], "input"),
                Term(f"W_{{h{gate}}} h_{{t-1}}", layer.recurrent_part[row, block], "recurrent"),
                Term(f"b_{gate}", (weights.bias_ih + weights.bias_hh)[block], "bias"),
            ),
        )


def _run(
    transposed_hh: FloatArray,
    sigmoid: tuple[FloatArray, FloatArray],
    arrays: tuple[FloatArray, FloatArray, FloatArray],
    h0: FloatArray,
) -> None:
    """The loop over time: nine numpy calls a step; each row turns from input into gates in place."""
    recurrent, rows, hidden = arrays
    scale, offset = sigmoid
    size = hidden.shape[1]
    state, both, squashed = h0, np.empty((2, size), hidden.dtype), np.empty(size, hidden.dtype)
    entering, kept = both
    before = rows[:-1]
    flat = before.reshape(len(before), 5 * size)[:, : 4 * size]
    columns = (recurrent, flat, before[:, :2], before[:, 2::2], before[:, 3], rows[1:, 4], hidden)
    for r_t, u_t, i_and_f, g_and_before, o_t, c_t, h_t in zip(*columns, strict=True):
        np.dot(state, transposed_hh, r_t)
        np.add(u_t, r_t, u_t)
        np.tanh(u_t, u_t)
        np.multiply(u_t, scale, u_t)
        np.add(u_t, offset, u_t)
        np.multiply(i_and_f, g_and_before, both)
        np.add(kept, entering, c_t)
        np.tanh(c_t, squashed)
        np.multiply(o_t, squashed, h_t)
        state = h_t
