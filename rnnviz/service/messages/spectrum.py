"""The recurrent matrix: its eigenvalues, and the dial that rescales it."""

from __future__ import annotations

import numpy as np  # noqa: TC002  msgspec resolves the annotations when a frame is decoded

from rnnviz.service.messages.base import Command, Reply


class MapSpectrum(Command, frozen=True, kw_only=True):
    """Eigenvalues and singular values of the recurrent weights of ``layer`` (slot)."""

    layer: str = "l0"


class SpectrumMapped(Reply, frozen=True, kw_only=True):
    """Answer to MapSpectrum: ``real`` and ``imaginary`` (H,) of each gate's block of W_hh."""

    layer: str
    real: dict[str, np.ndarray]
    imaginary: dict[str, np.ndarray]
    training_step: int


class Rescale(Command, frozen=True, kw_only=True):
    """Multiply the recurrent weights of ``layer`` so that their spectral radius becomes ``radius`` (slot)."""

    layer: str = "l0"
    radius: float = 1.0
