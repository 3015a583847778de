"""The Jacobians of the recurrence and what they do to a gradient: singular values, exponents, radii.

The state s is h for the Elman cell and the GRU, and (h, c) for the LSTM; ``J_t = ∂s_t/∂s_{t−1}``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.backward import factors_of
from rnnviz.engine.cells import get_cell
from rnnviz.engine.errors import SpecError
from rnnviz.engine.segments import weights_at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from rnnviz.engine.cells.base import FloatArray
    from rnnviz.engine.network import Network
    from rnnviz.engine.trace import Trace

_STACK_FLOATS = 2_000_000
_LANCZOS_CHECK = 4
_TINY = 1e-300


def spectral_radius(matrix: FloatArray) -> float:
    """The largest absolute eigenvalue of a square matrix; NaN where an entry is not finite."""
    if matrix.ndim != 2 or matrix.shape[0] != matrix.shape[1]:
        raise SpecError(f"The matrix has the shape {matrix.shape}; give a square one.")
    return float(np.abs(np.linalg.eigvals(matrix)).max()) if np.isfinite(matrix).all() else float("nan")


def recurrent_radii(network: Network, layer: str = "l0") -> dict[str, float]:
    """The spectral radius of each gate's recurrent weights (H, H); one entry, ``h``, for the Elman cell."""
    cell = get_cell(network.spec.cell)
    names = cell.gates if cell.gate_multiple > 1 else ("h",)
    blocks = np.split(network.layer_weights(layer).hh, cell.gate_multiple)
    return {name: spectral_radius(block) for name, block in zip(names, blocks, strict=True)}


def jacobian(trace: Trace, layer: str, time_step: int) -> FloatArray:
    """``J_t``, (H, H) or (2H, 2H); in a reverse layer "before" means the step after t in the text."""
    trace.check_step(time_step)
    row = len(trace) - time_step if trace.layer(layer).reverse else time_step - 1
    weight_hh = weights_at(trace, layer, row).hh
    return get_cell(trace.network.spec.cell).jacobian(factors_of(trace, layer), row, weight_hh)


def singular_values(trace: Trace, layer: str, time_step: int) -> FloatArray:
    """All singular values of ``J_t``, falling: how much each direction of the gradient grows or shrinks.

    NaN where the Jacobian is not finite.
    """
    matrix = jacobian(trace, layer, time_step)
    if not np.isfinite(matrix).all():
        return np.full(len(matrix), np.nan, matrix.dtype)
    return np.linalg.svd(matrix, compute_uv=False)


def largest_singular(trace: Trace, layer: str = "l0", tolerance: float = 1e-6) -> NDArray[np.float64]:
    """The spectral norm ``‖J_t‖_2`` of every time step (T,), in the order of the text."""
    norms = [spectral_norms(stack, tolerance) for stack in _jacobian_stacks(trace, layer)]
    ordered = np.concatenate(norms) if norms else np.zeros(0)
    return ordered[::-1] if trace.layer(layer).reverse else ordered


def _jacobian_stacks(trace: Trace, layer: str) -> Iterator[NDArray[np.float64]]:
    """All Jacobians in processing order, a bounded number at a time (B, n, n)."""
    cell, factors = get_cell(trace.network.spec.cell), factors_of(trace, layer)
    side = trace.network.spec.hidden * (2 if cell.has_cell_state else 1)
    at_once = max(1, _STACK_FLOATS // side**2)
    for first in range(0, len(trace), at_once):
        rows = range(first, min(first + at_once, len(trace)))
        stack = [cell.jacobian(factors, row, weights_at(trace, layer, row).hh) for row in rows]
        yield np.stack(stack).astype(np.float64)


def spectral_norms(matrices: NDArray[np.float64], tolerance: float = 1e-6) -> NDArray[np.float64]:
    """The largest singular value of each matrix of a stack (B, n, n).

    Golub-Kahan-Lanczos bidiagonalisation with full re-orthogonalisation (Golub & Kahan 1965), stopped when
    the residual ``β_k |last component|`` of every matrix is below ``tolerance`` times its value. (Power iteration
    is several per cent off where the largest values lie close together.) A matrix that is not finite gives NaN.
    """
    finite = np.isfinite(matrices).all(axis=(1, 2))
    if not finite.all():
        norms = np.full(len(matrices), np.nan)
        norms[finite] = spectral_norms(matrices[finite], tolerance)
        return norms
    count, side = matrices.shape[:2]
    right = np.tile(np.random.default_rng(0).standard_normal(side), (count, 1))
    right = _unit(right)[0]
    lefts, rights = np.zeros((0, count, side)), right[None]
    bidiagonal = np.zeros((count, side + 1, side + 1))
    beta, values = np.zeros(count), np.zeros(count)
    for step in range(side):
        left = np.einsum("bij,bj->bi", matrices, rights[step])
        if step:
            left -= beta[:, None] * lefts[step - 1]
        left, bidiagonal[:, step, step] = _unit(_orthogonal(left, lefts))
        lefts = np.concatenate((lefts, left[None]))
        right = np.einsum("bij,bi->bj", matrices, left) - bidiagonal[:, step, step, None] * rights[step]
        right, beta = _unit(_orthogonal(right, rights))
        rights = np.concatenate((rights, right[None]))
        bidiagonal[:, step, step + 1] = beta
        if step % _LANCZOS_CHECK == _LANCZOS_CHECK - 1 or step == side - 1:
            outer, found, _ = np.linalg.svd(bidiagonal[:, : step + 1, : step + 1])
            values = found[:, 0]
            if (beta * np.abs(outer[:, step, 0]) <= tolerance * values).all():
                break
    return values


def _unit(vectors: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The vectors (B, n) at length 1, and their lengths; a zero vector stays zero."""
    lengths = np.linalg.norm(vectors, axis=1)
    return vectors / np.maximum(lengths, _TINY)[:, None], lengths


def _orthogonal(vectors: NDArray[np.float64], basis: NDArray[np.float64]) -> NDArray[np.float64]:
    """The vectors (B, n) without their parts along the basis (k, B, n); twice is enough (Kahan)."""
    for _ in range(2):
        vectors = vectors - np.einsum("kb,kbn->bn", np.einsum("kbn,bn->kb", basis, vectors), basis)
    return vectors


def lyapunov_exponents(trace: Trace, layer: str = "l0", count: int | None = None) -> NDArray[np.float64]:
    """The mean growth rates per step along the trace (natural log), falling; ``count`` of them, default all.

    QR method (Benettin et al. 1980): a frame is carried through the Jacobians and made orthogonal again at
    every step, ``λ_i = (1/T) Σ_t ln |R_t[i, i]|``. Above 0 neighbouring states separate; a gradient that
    grows forwards in time explodes backwards. Raises SpecError for an empty trace.
    """
    if not len(trace):
        raise SpecError("The sequence is empty; give at least one time step.")
    total, frame = np.zeros(0), np.zeros((0, 0))
    for stack in _jacobian_stacks(trace, layer):
        if not len(frame):
            frame = np.eye(stack.shape[1], _checked_count(count, stack.shape[1]))
            total = np.zeros(frame.shape[1])
        for matrix in stack:
            frame, upper = np.linalg.qr(matrix @ frame)
            with np.errstate(divide="ignore"):
                total += np.log(np.abs(np.diag(upper)))
    return np.sort(total / len(trace))[::-1]


def _checked_count(count: int | None, side: int) -> int:
    if count is not None and not 1 <= count <= side:
        raise SpecError(f"The number of exponents is {count}; give 1 to {side}.")
    return side if count is None else count
