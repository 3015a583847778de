"""The recurrent matrix: its eigenvalues, and the dial that rescales it."""

from __future__ import annotations

import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.service.messages.base import Command, Reply


class MapSpectrum(Command, frozen=True, kw_only=True):
    """Eigenvalues and singular values of the recurrent weights of ``layer`` (slot)."""

    layer: str = "l0"


class SpectrumMapped(Reply, frozen=True, kw_only=True):
    """Answer to MapSpectrum: ``real`` and ``imaginary`` (H,) of each gate's block of W_hh ("h": the Elman cell's).

    ``radius`` ρ and ``largest`` σ_max of each block; ``base_radius`` ρ without the dial; ``touched``: whether the
    dial has changed these weights, so that it can bring them back.
    """

    layer: str
    real: dict[str, np.ndarray]
    imaginary: dict[str, np.ndarray]
    radius: dict[str, float]
    largest: dict[str, float]
    base_radius: dict[str, float]
    touched: bool
    training_step: int


class Rescale(Command, frozen=True, kw_only=True):
    """Multiply the recurrent weights of ``layer`` so that their spectral radius becomes ``radius`` (slot).

    ``gate``: that gate's block alone; '': every block. Always from the weights as they were when the dial was first
    touched; ``reset`` brings those back.
    """

    layer: str = "l0"
    gate: str = ""
    radius: float = 1.0
    reset: bool = False
