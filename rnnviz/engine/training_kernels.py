"""Batched recurrent layers for training, in numpy: one forward pass, one reverse sweep, exact norms on the way.

Shapes: time-major, T time steps, B sequences, H units, k gates: projected input ``(T, B, kH)``, hidden ``(T+1, B, H)``
with row 0 the start. ``projected`` already holds ``W_ih x_t`` and all biases that can be added outside the
recurrence: for Elman and LSTM both, for the GRU ``b_ih`` only, since ``b_hn`` is multiplied by r. Gate order is
PyTorch's (LSTM i f g o, GRU r z n). A pass begins at zero, at a state that counts as constant
(truncated BPTT), or at the last state of another chain (a decoder), to which the gradient goes on.

The reverse sweep is back-propagation through time (Werbos 1990): ``dh_t = e_t + (what comes back from t+1)``, where
``e_t`` is the direct part. It visits ``dC/dh_t`` for every t anyway, so its norm costs almost nothing to keep.

Norms are log2 and never underflow: where nothing new arrives (``e_t = 0``), the running gradient is rescaled by an
exact power of two before float32 would lose it (0.5^120 is already below the smallest normal float32).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Mapping

Array = np.ndarray[Any, np.dtype[Any]]

RESCALE_EVERY = 8
SMALLEST = 2.0**-40


@dataclass
class Arriving:
    """The gradient at a state, ``dC/dh (B, H)`` and for the LSTM ``dC/dc``: stored values times ``2**-exponent``."""

    parts: tuple[Array, ...]
    exponent: int = 0


@dataclass
class Gradients:
    """What one sweep gives: gradients of the three inputs, and log2 norms of ``dC/dh_t`` per step and sequence.

    ``leaving`` is the gradient at the state before the first step.
    """

    projected: Array
    weight_hh: Array
    bias_hh: Array | None
    log2_norms: Array
    leaving: Arriving


class Kernel(Protocol):
    """A recurrent layer that can be run over a whole batch and swept back.

    ``start``: the state before the first step, h ``(B, H)`` and for the LSTM c; () for zeros. ``arriving``: the
    gradient that comes back to the last state from a chain that goes on after it; None where nothing does.
    """

    start: tuple[Array, ...]
    arriving: Arriving | None

    def forward(self, projected: Array, weight_hh: Array, bias_hh: Array | None) -> Array:
        """Run all T steps from ``start``; return the hidden states ``(T+1, B, H)``."""

    def states(self) -> tuple[Array, ...]:
        """Every state of the last forward pass, ``(T+1, B, H)`` each: h, and for the LSTM c."""

    def backward(self, direct: Array) -> Gradients:
        """Sweep ``direct = e_t (T, B, H)`` back through the last forward pass."""


class Rescaler:
    """Keeps a vanishing gradient representable: ``true value = stored value * 2**-exponent``."""

    def __init__(self, direct: Array, arriving: Arriving | None = None) -> None:
        self.exponents = np.zeros(len(direct), dtype=np.int64)
        self._arrives: Array = np.asarray(direct.any(axis=(1, 2)))
        self._exponent = 0 if arriving is None else arriving.exponent

    def leaving(self, *parts: Array) -> Arriving:
        """What is carried beyond the first step."""
        return Arriving(parts, self._exponent)

    def before(self, t: int, carried: tuple[Array, ...]) -> None:
        """Bring the carried gradients to the scale of step t, in place."""
        if self._exponent and self._arrives[t]:
            self._shift(carried, -self._exponent)
        elif t % RESCALE_EVERY == 0 and not self._arrives[t]:
            largest = max(float(np.abs(array).max()) for array in carried)
            if 0.0 < largest < SMALLEST:
                self._shift(carried, -int(np.frexp(largest)[1]))
        self.exponents[t] = self._exponent

    def _shift(self, carried: tuple[Array, ...], shift: int) -> None:
        for array in carried:
            np.ldexp(array, shift, out=array)
        self._exponent += shift

    def true_scale(self, array: Array) -> Array:
        """Return ``array (T, ...)`` in true units (float32 may underflow to 0 here, as the weight gradient does)."""
        if self.exponents.any():
            np.ldexp(array, -self.exponents[:, None, None], out=array)
        return array

    def log2_norms(self, *parts: Array) -> Array:
        """Return the log2 joint norm over the last axis of all parts, ``(T, B)`` float64; -inf where all is 0."""
        squares = sum(np.einsum("tbh,tbh->tb", part, part, dtype=np.float64) for part in parts)
        with np.errstate(divide="ignore"):
            return np.asarray(0.5 * np.log2(squares) - self.exponents[:, None])


def _weight_gradient(recurrent: Array, hidden: Array) -> Array:
    """Return ``sum_t G_t^T h_{t-1}`` for G ``(T, B, kH)``: one GEMM for all steps."""
    flat = recurrent.reshape(-1, recurrent.shape[-1])
    return np.asarray(flat.T @ hidden[:-1].reshape(flat.shape[0], -1))


def _carried(arriving: Arriving | None, like: Array, count: int) -> tuple[Array, ...]:
    """What comes back to the last state, to be written over: the given gradients, or zeros."""
    if arriving is None:
        return tuple(np.zeros_like(like) for _ in range(count))
    return tuple(part.copy() for part in arriving.parts)


def _sigmoid_of_half(array: Array) -> None:
    """Turn ``tanh(x/2)`` into ``sigma(x) = 0.5 tanh(x/2) + 0.5`` in place."""
    array *= 0.5
    array += 0.5


class ElmanKernel:
    """h_t = act(projected_t + W_hh h_{t-1}) (Elman 1990); J_t = diag(K_t) W_hh."""

    start: tuple[Array, ...] = ()
    arriving: Arriving | None = None

    def __init__(self, activation: str = "tanh") -> None:
        self.activation = activation

    def states(self) -> tuple[Array, ...]:
        """The hidden states of the last forward pass."""
        return (self._hidden,)

    def forward(self, projected: Array, weight_hh: Array, bias_hh: Array | None = None) -> Array:
        """Run all T steps from ``start``; return the hidden states ``(T+1, B, H)``."""
        steps, batch, units = projected.shape
        hidden = np.empty((steps + 1, batch, units), projected.dtype)
        hidden[0] = self.start[0] if self.start else 0.0
        transposed = weight_hh.T
        for t in range(steps):
            row = hidden[t + 1]
            np.matmul(hidden[t], transposed, out=row)
            row += projected[t]
            self._activate(row)
        self._weight_hh, self._hidden = weight_hh, hidden
        return hidden

    def _activate(self, row: Array) -> None:
        if self.activation == "tanh":
            np.tanh(row, out=row)
        elif self.activation == "relu":
            np.maximum(row, 0.0, out=row)
        elif self.activation == "sigmoid":
            row *= 0.5
            np.tanh(row, out=row)
            _sigmoid_of_half(row)

    def _factors(self, hidden: Array) -> Array:
        """Return K_t = act'(a_t) written through h_t, for all t."""
        if self.activation == "tanh":
            return np.asarray(1.0 - hidden * hidden)
        if self.activation == "relu":
            return (hidden > 0.0).astype(hidden.dtype)
        if self.activation == "sigmoid":
            return np.asarray(hidden * (1.0 - hidden))
        return np.ones_like(hidden)

    def backward(self, direct: Array) -> Gradients:
        """Sweep ``direct = e_t (T, B, H)`` back through the last forward pass."""
        hidden, weight_hh = self._hidden, self._weight_hh
        factors = self._factors(hidden[1:])
        total = np.empty_like(direct)
        recurrent = np.empty_like(direct)
        (back,) = _carried(self.arriving, direct[0], 1)
        scale = Rescaler(direct, self.arriving)
        for t in range(len(direct) - 1, -1, -1):
            scale.before(t, (back,))
            np.add(direct[t], back, out=total[t])
            np.multiply(total[t], factors[t], out=recurrent[t])
            np.matmul(recurrent[t], weight_hh, out=back)
        norms = scale.log2_norms(total)
        recurrent = scale.true_scale(recurrent)
        return Gradients(recurrent, _weight_gradient(recurrent, hidden), None, norms, scale.leaving(back))


class LstmKernel:
    """LSTM (Hochreiter & Schmidhuber 1997; forget gate Gers et al. 2000): c_t = f c_{t-1} + i g, h_t = o tanh c_t."""

    ORDER = (0, 1, 3, 2)
    """Inside, gates lie as i f o g: the three sigmoids are one block."""
    start: tuple[Array, ...] = ()
    arriving: Arriving | None = None

    def states(self) -> tuple[Array, ...]:
        """The hidden and cell states of the last forward pass."""
        return self._hidden, self._cells

    def forward(self, projected: Array, weight_hh: Array, bias_hh: Array | None = None) -> Array:
        """Run all T steps from ``start``; return the hidden states ``(T+1, B, H)``."""
        steps, batch, width = projected.shape
        units = width // 4
        # sigma(x) = 0.5 tanh(x/2) + 0.5: with the rows of i, f, o halved, one tanh serves all four gates.
        gates = self._blocks(projected.reshape(steps, batch, 4, units))
        blocks = weight_hh.reshape(4, units, units)[list(self.ORDER)].transpose(0, 2, 1).copy()
        blocks[:3] *= 0.5
        hidden, cells = (np.empty((steps + 1, batch, units), projected.dtype) for _ in range(2))
        hidden[0], cells[0] = self.start or (0.0, 0.0)
        tanh_cells = np.empty((steps, batch, units), projected.dtype)
        recurrent, written = np.empty_like(gates[0]), np.empty_like(hidden[0])
        for t in range(steps):
            gate, cell = gates[t], cells[t + 1]
            np.matmul(hidden[t], blocks, out=recurrent)
            gate += recurrent
            np.tanh(gate, out=gate)
            _sigmoid_of_half(gate[:3])
            i, f, o, g = gate
            np.multiply(f, cells[t], out=cell)
            np.multiply(i, g, out=written)
            cell += written
            np.tanh(cell, out=tanh_cells[t])
            np.multiply(o, tanh_cells[t], out=hidden[t + 1])
        self._weight_hh, self._hidden, self._cells, self._tanh_cells = weight_hh, hidden, cells, tanh_cells
        self._gates = gates
        return hidden

    def _blocks(self, projected: Array) -> Array:
        """Return ``(T, B, 4, H)`` as ``(T, 4, B, H)`` in our order, i, f, o halved: contiguous blocks are fastest."""
        steps, batch, _, units = projected.shape
        gates = np.empty((steps, 4, batch, units), projected.dtype)
        for place, gate in enumerate(self.ORDER):
            np.multiply(projected[:, :, gate], 1.0 if gate == 2 else 0.5, out=gates[:, place])
        return gates

    def _factors(self) -> tuple[Array, Array]:
        """Return K_i, K_f, K_g, K_o ``(T, B, 4, H)`` in PyTorch's order and Ac = o (1 - tanh^2 c) for all t."""
        i, f, o, g = (self._gates[:, k] for k in range(4))
        steps, batch, units = i.shape
        factors = np.empty((steps, batch, 4, units), i.dtype)
        np.multiply(g, i * (1.0 - i), out=factors[:, :, 0])
        np.multiply(self._cells[:-1], f * (1.0 - f), out=factors[:, :, 1])
        np.multiply(i, 1.0 - g * g, out=factors[:, :, 2])
        np.multiply(self._tanh_cells, o * (1.0 - o), out=factors[:, :, 3])
        return factors, o * (1.0 - self._tanh_cells * self._tanh_cells)

    def backward(self, direct: Array) -> Gradients:
        """Sweep ``direct = e_t (T, B, H)`` back through the last forward pass."""
        steps, batch, units = direct.shape
        weight_hh = self._weight_hh
        recurrent, to_cell = self._factors()
        total_h, total_c = np.empty_like(direct), np.empty_like(direct)
        back_h, back_c = _carried(self.arriving, direct[0], 2)
        scale = Rescaler(direct, self.arriving)
        for t in range(steps - 1, -1, -1):
            scale.before(t, (back_h, back_c))
            dh, dc, step = total_h[t], total_c[t], recurrent[t]
            np.add(direct[t], back_h, out=dh)
            np.multiply(dh, to_cell[t], out=dc)
            dc += back_c
            step[:, :3] *= dc[:, None]  # the factors turn into the gradient in place
            step[:, 3] *= dh
            np.matmul(step.reshape(batch, 4 * units), weight_hh, out=back_h)
            np.multiply(dc, self._gates[t, 1], out=back_c)
        norms = scale.log2_norms(total_h, total_c)
        flat = scale.true_scale(recurrent.reshape(steps, batch, 4 * units))
        return Gradients(flat, _weight_gradient(flat, self._hidden), None, norms, scale.leaving(back_h, back_c))


class GruKernel:
    """GRU (Cho et al. 2014, PyTorch's form): n = tanh(x_n + r (W_hn h_{t-1} + b_hn)), h_t = (1 - z) n + z h_{t-1}."""

    start: tuple[Array, ...] = ()
    arriving: Arriving | None = None

    def states(self) -> tuple[Array, ...]:
        """The hidden states of the last forward pass."""
        return (self._hidden,)

    def forward(self, projected: Array, weight_hh: Array, bias_hh: Array | None = None) -> Array:
        """Run all T steps from ``start``; return the hidden states ``(T+1, B, H)``."""
        steps, batch, width = projected.shape
        units = width // 3
        bias = np.zeros(width, projected.dtype) if bias_hh is None else bias_hh
        hidden = np.empty((steps + 1, batch, units), projected.dtype)
        hidden[0] = self.start[0] if self.start else 0.0
        gates = np.empty((steps, 3, batch, units), projected.dtype)
        for k in range(3):  # r and z halved, as in the LSTM; b_hn belongs to the recurrent part
            np.add(projected[:, :, k * units : (k + 1) * units], bias[k * units : (k + 1) * units], out=gates[:, k])
        gates[:, 2] = projected[:, :, 2 * units :]
        gates[:, :2] *= 0.5
        blocks = weight_hh.reshape(3, units, units).transpose(0, 2, 1).copy()
        blocks[:2] *= 0.5
        inner = np.empty((steps, batch, units), projected.dtype)
        recurrent, written = np.empty_like(gates[0]), np.empty_like(hidden[0])
        for t in range(steps):
            np.matmul(hidden[t], blocks, out=recurrent)
            both, n = gates[t, :2], gates[t, 2]
            both += recurrent[:2]
            np.tanh(both, out=both)
            _sigmoid_of_half(both)
            np.add(recurrent[2], bias[2 * units :], out=inner[t])
            np.multiply(both[0], inner[t], out=written)
            n += written
            np.tanh(n, out=n)
            row = hidden[t + 1]
            np.subtract(hidden[t], n, out=row)
            row *= both[1]
            row += n
        self._weight_hh, self._hidden, self._inner, self._gates = weight_hh, hidden, inner, gates
        return hidden

    def _factors(self) -> tuple[Array, Array]:
        """Return K_r, K_z, K_n ``(T, B, 3, H)`` and q = (1 - z)(1 - n^2) for all t."""
        r, z, n = (self._gates[:, k] for k in range(3))
        q = (1.0 - z) * (1.0 - n * n)
        k_n = q * r
        steps, batch, units = q.shape
        factors = np.empty((steps, batch, 3, units), q.dtype)
        np.multiply(k_n * self._inner, 1.0 - r, out=factors[:, :, 0])
        np.multiply(self._hidden[:-1] - n, z * (1.0 - z), out=factors[:, :, 1])
        factors[:, :, 2] = k_n
        return factors, q

    def backward(self, direct: Array) -> Gradients:
        """Sweep ``direct = e_t (T, B, H)`` back through the last forward pass."""
        steps, batch, units = direct.shape
        weight_hh = self._weight_hh
        recurrent, q = self._factors()
        total = np.empty_like(direct)
        (back,), kept = _carried(self.arriving, direct[0], 1), np.empty_like(direct[0])
        scale = Rescaler(direct, self.arriving)
        for t in range(steps - 1, -1, -1):
            scale.before(t, (back,))
            dh, step = total[t], recurrent[t]
            np.add(direct[t], back, out=dh)
            step *= dh[:, None]  # the factors turn into the gradient in place
            np.matmul(step.reshape(batch, 3 * units), weight_hh, out=back)
            np.multiply(dh, self._gates[t, 1], out=kept)
            back += kept
        norms = scale.log2_norms(total)
        flat = scale.true_scale(recurrent.reshape(steps, batch, 3 * units))
        weight_gradient, bias_gradient = _weight_gradient(flat, self._hidden), flat.sum(axis=(0, 1))
        np.multiply(scale.true_scale(total), q, out=flat[:, :, 2 * units :])  # no r on the input side
        return Gradients(flat, weight_gradient, bias_gradient, norms, scale.leaving(back))


def make_kernel(cell: str, activation: str) -> Kernel:
    """Return a fresh kernel for one layer and direction of a network."""
    kernels: Mapping[str, Kernel] = {"elman": ElmanKernel(activation), "lstm": LstmKernel(), "gru": GruKernel()}
    return kernels[cell]


def joint_log2(log2_norms: Array) -> Array:
    """Return the log2 norm over the batch, ``(T, B) -> (T,)``: 0.5 log2 sum_b 2^(2 l), safe from overflow."""
    peak = log2_norms.max(axis=1, keepdims=True)
    peak[~np.isfinite(peak)] = 0.0
    with np.errstate(divide="ignore"):
        return np.asarray(peak[:, 0] + 0.5 * np.log2(np.exp2(2.0 * (log2_norms - peak)).sum(axis=1)))
