"""How the first weights are made: PyTorch's default, and what is done to it to keep a gradient alive.

Every initialiser starts from the default's numbers, so that it changes nothing but what it is about. In a gated cell
each gate has a recurrent block (H, H) of its own; what is said of W_hh holds for every block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from rnnviz.engine.cells import get_cell
from rnnviz.engine.errors import SpecError
from rnnviz.engine.spec import WITH_RADIUS

if TYPE_CHECKING:
    from rnnviz.engine.cells.base import FloatArray
    from rnnviz.engine.spec import ModelSpec

RECURRENT = "weight_hh"


def apply_initialiser(spec: ModelSpec, weights: dict[str, FloatArray], generator: np.random.Generator) -> None:
    """Turn the default's ``weights`` into those of ``spec.initialiser`` and set the LSTM's forget bias.

    With ρ = ``spec.radius``: xavier has U(−a, a), a = √(6 / (fan_in + fan_out)) and biases 0 (Glorot & Bengio
    2010); orthogonal W_hh = ρ Q with QᵀQ = I (Saxe et al. 2014); identity W_hh = ρ I and biases 0 (Le, Jaitly &
    Hinton 2015, IRNN); scaled is the default's W_hh with its spectral radius made ρ.
    """
    blocks = get_cell(spec.cell).gate_multiple
    for name, array in weights.items():
        if name.startswith(RECURRENT) and spec.initialiser in WITH_RADIUS:
            parts = [_recurrent_block(spec, part, generator) for part in np.split(array, blocks)]
            weights[name] = np.concatenate(parts).astype(array.dtype)
        elif spec.initialiser == "xavier" and "weight_" in name:
            weights[name] = _xavier(array, blocks, spec.hidden)
        elif spec.initialiser in ("xavier", "identity") and name.startswith("bias_"):
            weights[name] = np.zeros_like(array)
    if spec.cell == "lstm" and spec.forget_bias is not None:
        _set_forget_bias(weights, spec.hidden, spec.forget_bias)


def _recurrent_block(spec: ModelSpec, block: FloatArray, generator: np.random.Generator) -> FloatArray:
    """One gate's recurrent weights (H, H), in double precision."""
    if spec.initialiser == "identity":
        return spec.radius * np.eye(len(block))
    if spec.initialiser == "orthogonal":
        return spec.radius * orthogonal(len(block), generator)
    return with_radius(block, spec.radius)


def orthogonal(size: int, generator: np.random.Generator) -> FloatArray:
    """A random orthogonal matrix, uniform over all of them: QR of a Gaussian matrix with the signs of R put right."""
    q, r = np.linalg.qr(generator.standard_normal((size, size)))
    return np.asarray(q * np.where(np.diag(r) < 0, -1.0, 1.0))


def with_radius(block: FloatArray, radius: float) -> FloatArray:
    """``block · radius / ρ(block)`` in double precision; SpecError where all eigenvalues are 0."""
    wide = block.astype(np.float64)
    present = float(np.abs(np.linalg.eigvals(wide)).max())
    if not present > 0:
        raise SpecError("All eigenvalues of W_hh are 0, so no factor gives it another spectral radius.")
    return wide * (radius / present)


def _xavier(array: FloatArray, blocks: int, hidden: int) -> FloatArray:
    """U(−1/√H, 1/√H) numbers stretched to Glorot's limits, a gate at a time."""
    fan_out, fan_in = array.shape[0] // blocks, array.shape[1]
    limit = np.sqrt(6.0 / (fan_in + fan_out))
    return np.asarray(array * (limit * np.sqrt(hidden))).astype(array.dtype)


def _set_forget_bias(weights: dict[str, FloatArray], hidden: int, value: float) -> None:
    """PyTorch adds two bias vectors: ``b_ih = value`` and ``b_hh = 0`` in the forget gate's rows (i, f, g, o)."""
    forget = slice(hidden, 2 * hidden)
    for name in weights:
        if name.startswith("bias_"):
            weights[name][forget] = value if name.startswith("bias_ih") else 0
