"""The gated recurrent unit (Cho et al. 2014) in PyTorch's form, with the reset gate after ``W_hn``."""

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
    from rnnviz.engine.trace import LayerTrace

_GATE_TITLES = {"r": "Reset gate", "z": "Update gate"}


class Gru(Cell):
    """One layer of gated recurrent units.

    ``r, z = σ(W_i x_t + b_i + W_h h_{t−1} + b_h)``, ``n = tanh(W_in x_t + b_in + r (W_hn h_{t−1} + b_hn))``,
    ``h_t = (1 − z) n + z h_{t−1}``, with the rows stacked in the order r, z, n.
    """

    name = "gru"
    title = "GRU"
    gate_multiple = 3
    gates = ("r", "z", "n")
    same_deltas = False

    def forward(
        self, input_part: FloatArray, weights: LayerWeights, h0: FloatArray, c0: FloatArray | None, activation: str
    ) -> CellRun:
        """Run the cell over all steps; the rows of r and z are halved beforehand, so ``σ`` is a tanh too."""
        del c0, activation
        steps, width = input_part.shape
        size, dtype = width // 3, input_part.dtype
        scale = np.repeat(np.array([0.5, 0.5, 1], dtype), size)
        bias = weights.bias_ih + np.concatenate((weights.bias_hh[: 2 * size], np.zeros(size, dtype)))
        rows = input_part + bias
        np.multiply(rows, scale, rows)
        recurrent = np.empty((steps, width), dtype)
        hidden = np.empty((steps, size), dtype)
        _run((weights.hh * scale[:, None]).T.copy(), weights.bias_hh[2 * size :], (rows, recurrent, hidden), h0)
        gates = {gate: rows[:, size * k : size * (k + 1)] for k, gate in enumerate(self.gates)}
        np.multiply(recurrent, 1 / scale, recurrent)
        return CellRun(hidden, None, gates, recurrent)

    def factors(self, layer: LayerTrace, weights: LayerWeights, activation: str) -> Factors:
        """With ``q = (1−z)(1−n²)``: ``K_r = q hn r(1−r)``, ``K_z = (h_{t−1}−n) z(1−z)``, ``K_n = q r``."""
        del activation
        r, z, n = (layer.in_order(layer.gates[gate]) for gate in self.gates)
        size = n.shape[1]
        recurrent_candidate = layer.in_order(layer.recurrent_part)[:, 2 * size :] + weights.bias_hh[2 * size :]
        q = multiply_into(1 - z, 1 - n, 1 + n)
        deltas = np.empty((len(r), 3, size), r.dtype)
        k_r, k_z, k_n = (deltas[:, gate] for gate in range(3))
        np.multiply(q, r, k_n)
        multiply_into(np.subtract(1, r, k_r), k_n, recurrent_candidate)
        multiply_into(np.subtract(1, z, k_z), z, layer.in_order(layer.previous_hidden) - n)
        return Factors(deltas, carry=z, input_candidate=q)

    def sweep_step(
        self,
        factors: Factors,
        row: int,
        weight_hh: FloatArray,
        arriving: tuple[FloatArray, FloatArray],
        deltas: FloatArray,
        leaving: tuple[FloatArray, FloatArray],
    ) -> None:
        """``G_t = [dh K_r, dh K_z, dh K_n]``, ``dh_{t−1} = dh_t z + G_t W_hh``."""
        dh = arriving[0]
        direct = leaving[1]  # a GRU has no cell state, so its place is free
        np.multiply(dh[:, None], factors.deltas[row], deltas)
        np.dot(deltas.reshape(len(dh), -1), weight_hh, leaving[0])
        np.multiply(dh, factors.carry[row], direct)
        np.add(leaving[0], direct, leaving[0])

    def sweep_vector(
        self, factors: Factors, span: slice, weight_hh: FloatArray, arrays: VectorSweep, arriving: FloatArray
    ) -> None:
        """Five numpy calls a step."""
        direct, hidden, deltas, cells = arrays
        rows = (factors.deltas[span], factors.carry[span], deltas, deltas.reshape(len(deltas), -1))
        backwards = (array[::-1] for array in rows)
        carried = cells[0]  # a GRU has no cell state, so its place is free
        steps = zip(*backward_rows(direct, hidden, arriving), *backwards, strict=True)
        for total, place, entering, k_t, z_t, da_t, flat_t in steps:
            np.multiply(total, k_t, da_t)
            np.multiply(total, z_t, carried)
            np.dot(flat_t, weight_hh, place)
            np.add(place, carried, place)
            if entering is not None:
                np.add(place, entering, place)

    def input_deltas(self, factors: Factors, totals: FloatArray, deltas: FloatArray) -> FloatArray:
        """On the input side the candidate's part is ``dh q``, without the reset gate."""
        size = totals.shape[-1]
        result, local = deltas.copy(), factors.input_candidate[:, None]
        reached = True if np.isfinite(local).all() else totals != 0  # a step after the loss: 0, not 0 times NaN
        np.multiply(totals, local, result[..., 2 * size :], where=reached)
        return result

    def step_matrices(self, factors: Factors, row: int, weight_hh: FloatArray) -> FloatArray:
        """``J_t`` itself."""
        return self.jacobian(factors, row, weight_hh)[None]

    def input_matrices(self, factors: Factors, row: int, weight_ih: FloatArray) -> FloatArray:
        """``diag(K_r) W_ir + diag(K_z) W_iz + diag(q) W_in``."""
        return folded(np.vstack((factors.deltas[row, :2], factors.input_candidate[row])), weight_ih)[None]

    def jacobian(self, factors: Factors, row: int, weight_hh: FloatArray) -> FloatArray:
        """``J_t = diag(z) + Σ_k diag(K_k) W_k``."""
        result = folded(factors.deltas[row], weight_hh)
        result.reshape(-1)[:: len(result) + 1] += factors.carry[row]
        return result

    def jacobian_norms(self, factors: Factors, weight_hh: FloatArray) -> FloatArray:
        """``‖J‖²_F = ‖Σ_k diag(K_k) W_k‖² + 2 Σ_i z_i Σ_k K_k[i] W_k[i,i] + Σ_i z_i²``."""
        blocks = np.split(weight_hh, 3)
        coefficients = [factors.deltas[:, gate] for gate in range(3)]
        diagonal = sum(k * np.diag(block) for k, block in zip(coefficients, blocks, strict=True))
        z = factors.carry
        return norm_from_square(
            quadratic_rows(coefficients, blocks) + np.einsum("th,th->t", z, 2 * diagonal) + np.einsum("th,th->t", z, z)
        )

    def operations(self, layer: LayerTrace, weights: LayerWeights, activation: str, row: int) -> list[Operation]:
        """The gates r and z, the candidate n and the hidden state h."""
        del activation
        gates = [self._gate(layer, weights, gate, row) for gate in ("r", "z")]
        candidate = self._candidate(layer, weights, row)
        z = layer.gates["z"][row]
        hidden = Operation(
            key="h",
            title="Hidden state",
            symbol="h_t",
            equation="h_t = (1 − z_t) · n_t + z_t · h_{t-1}",
            pattern="(1 − {0}) · {1} + {0} · {2}",
            kind="hidden",
            function="",
            values=layer.hidden[row],
            terms=(
                Term("z_t", z, "gate"),
                Term("n_t", candidate.values, "gate"),
                Term("h_{t-1}", layer.previous_hidden[row], "state"),
            ),
        )
        return [*gates, candidate, hidden]

    def _gate(self, layer: LayerTrace, weights: LayerWeights, gate: str, row: int) -> Operation:
        size = layer.hidden.shape[1]
        block = slice(self.gates.index(gate) * size, (self.gates.index(gate) + 1) * size)
        return Operation(
            key=gate,
            title=_GATE_TITLES[gate],
            symbol=f"{gate}_t",
            equation=f"{gate}_t = σ(W_{{x{gate}}} x_t + W_{{h{gate}}} h_{{t-1}} + b_{gate})",
            pattern="σ({0} + {1} + {2})",
            kind="gate",
            function="σ",
            values=layer.gates[gate][row],
            terms=(
                Term(f"W_{{x{gate}}} x_t", layer.input_part[row, block], "input"),
                Term(f"W_{{h{gate}}} h_{{t-1}}", layer.recurrent_part[row, block], "recurrent"),
                Term(f"b_{gate}", (weights.bias_ih + weights.bias_hh)[block], "bias"),
            ),
        )

    def _candidate(self, layer: LayerTrace, weights: LayerWeights, row: int) -> Operation:
        block = slice(2 * layer.hidden.shape[1], None)
        return Operation(
            key="n",
            title="Candidate",
            symbol="n_t",
            equation="n_t = tanh(W_{xn} x_t + b_{xn} + r_t · (W_{hn} h_{t-1} + b_{hn}))",
            pattern="tanh({0} + {1} + {2} · ({3} + {4}))",
            kind="signed",
            function="tanh",
            values=layer.gates["n"][row],
            terms=(
                Term("W_{xn} x_t", layer.input_part[row, block], "input"),
                Term("b_{xn}", weights.bias_ih[block], "bias"),
                Term("r_t", layer.gates["r"][row], "gate"),
                Term("W_{hn} h_{t-1}", layer.recurrent_part[row, block], "recurrent"),
                Term("b_{hn}", weights.bias_hh[block], "bias"),
            ),
        )


def _run(
    transposed_hh: FloatArray, bias_n: FloatArray, arrays: tuple[FloatArray, FloatArray, FloatArray], h0: FloatArray
) -> None:
    """The loop over time: twelve numpy calls a step; each row ``[r z n]`` turns from input into gates in place."""
    rows, recurrent, hidden = arrays
    size = hidden.shape[1]
    both, last = slice(None, 2 * size), slice(2 * size, None)
    half, state, scratch = hidden.dtype.type(0.5), h0, np.empty(size, hidden.dtype)
    columns = (
        recurrent,
        recurrent[:, both],
        recurrent[:, last],
        rows[:, both],
        rows[:, :size],
        rows[:, size : both.stop],
    )
    for p_t, p_rz, p_n, rz_t, r_t, z_t, n_t, h_t in zip(*columns, rows[:, last], hidden, strict=True):
        np.dot(state, transposed_hh, p_t)
        np.add(rz_t, p_rz, rz_t)
        np.tanh(rz_t, rz_t)
        np.multiply(rz_t, half, rz_t)
        np.add(rz_t, half, rz_t)
        np.add(p_n, bias_n, scratch)
        np.multiply(r_t, scratch, scratch)
        np.add(n_t, scratch, n_t)
        np.tanh(n_t, n_t)
        np.subtract(state, n_t, scratch)
        np.multiply(z_t, scratch, scratch)
        np.add(n_t, scratch, h_t)
        state = h_t
