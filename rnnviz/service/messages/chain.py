"""The chain of factors between one loss and one earlier step."""

from __future__ import annotations

import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.service.messages.base import Command, Reply


class TraceChain(Command, frozen=True, kw_only=True):
    """The factors dh_k/dh_{k-1} from ``loss_step`` (0: the last loss) back to ``time_step`` (0: all the way) (slot).

    Steps that the present text does not have count as 0.
    """

    layer: str = "l0"
    loss_step: int = 0
    time_step: int = 0


class Chained(Reply, frozen=True, kw_only=True):
    """Answer to TraceChain; ``steps`` (K,) are the time steps k of the factors, from the loss step down.

    All norms are log2; arrays that begin at the loss have one entry more than factors, the first is 0. ``log2_gain``
    (K,) is ‖J_k‖_F/√n; ``log2_measured`` (K+1,) what is left of the gradient inside this layer, ``log2_total``
    (K+1,) the same with what comes down from the layers above; ``log2_largest`` (S,) σ_max of the S factors
    nearest to the loss, ``log2_spectra`` (S, n) all their singular values (no rows where n is too large),
    ``log2_product`` (S+1,) the spectral norm of their product. ``radius`` and ``largest`` are ρ and σ_max of each
    gate's recurrent block; ``max_slope`` and ``mean_slope`` those of the activation (NaN for gated cells);
    ``log2_carry`` (K+1,) the path of the carry gate (LSTM f, GRU z), None for the Elman cell.
    """

    layer: str
    loss_step: int
    time_step: int
    size: int
    steps: np.ndarray
    log2_gain: np.ndarray
    log2_measured: np.ndarray
    log2_total: np.ndarray
    log2_largest: np.ndarray
    log2_spectra: np.ndarray
    log2_product: np.ndarray
    radius: dict[str, float]
    largest: dict[str, float]
    max_slope: float
    mean_slope: float
    log2_carry: np.ndarray | None
    training_step: int
