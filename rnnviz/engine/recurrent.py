"""The recurrent weights as such: their eigenvalues and singular values, gate by gate, and the dial that rescales them.

The Elman cell has one block W_hh (H, H), called ``h``; gated cells have one for each gate. A decoder has blocks of its
own, ``h'`` and so on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np

from rnnviz.engine.cells import get_cell
from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import weight_suffix
from rnnviz.engine.spec import MAX_RADIUS, check_range

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from rnnviz.engine.cells.base import FloatArray
    from rnnviz.engine.network import Network


@dataclass(frozen=True, eq=False)
class BlockSpectrum:
    """One gate's recurrent block: ``eigenvalues`` (H,) complex, ρ = ``radius``, σ_max = ``largest``."""

    eigenvalues: NDArray[np.complex128]
    radius: float
    largest: float


PRIME = "'"
"""Ends the name of a decoder's block."""

_NOTHING_TO_SCALE = (
    "All eigenvalues of W_hh are 0, so no factor gives it another spectral radius; "
    "train a little, or choose another initialiser in the Model tab."
)
_KEPT: WeakKeyDictionary[Network, dict[str, Mapping[str, BlockSpectrum]]] = WeakKeyDictionary()


def recurrent_blocks(network: Network, layer: str) -> dict[str, FloatArray]:
    """The recurrent weights (H, H) of each gate of one layer, views into ``weight_hh`` (and the decoder's)."""
    cell = get_cell(network.spec.cell)
    names = cell.gates if cell.gate_multiple > 1 else ("h",)
    found: dict[str, FloatArray] = {}
    for decoder in (False, True) if network.spec.decoder else (False,):
        blocks = np.split(network.layer_weights(layer, decoder=decoder).hh, cell.gate_multiple)
        found |= {name + PRIME * decoder: block for name, block in zip(names, blocks, strict=True)}
    return found


def recurrent_spectra(network: Network, layer: str = "l0") -> Mapping[str, BlockSpectrum]:
    """Eigenvalues and largest singular value of every gate's block; kept as long as the network lives."""
    kept = _KEPT.setdefault(network, {})
    if layer not in kept:
        blocks = recurrent_blocks(network, layer)
        kept[layer] = MappingProxyType({name: block_spectrum(block) for name, block in blocks.items()})
    return kept[layer]


def block_spectrum(block: FloatArray) -> BlockSpectrum:
    """``det(W − λ I) = 0`` for all λ, ρ = max |λ| and σ_max = ‖W‖_2 of a square block, in double precision."""
    wide = block.astype(np.float64)
    eigenvalues = np.linalg.eigvals(wide).astype(np.complex128)
    largest = float(np.linalg.svd(wide, compute_uv=False)[0])
    return BlockSpectrum(eigenvalues, float(np.abs(eigenvalues).max()), largest)


class SpectralDial:
    """Rescales the recurrent weights of one layer, always from the weights as they were when it was first touched.

    ``W = (ρ_target / ρ_base) · W_base`` for a gate's block, so turning to and fro never accumulates rounding. Weights
    that the dial has not made itself (training went on, another network) are a new base.
    """

    def __init__(self, layer: str = "l0") -> None:
        self.layer = layer
        self._base: dict[str, FloatArray] = {}
        self._radii: dict[str, float] = {}
        self._factors: dict[str, float] = {}
        self._made: dict[str, FloatArray] = {}

    def touched(self, network: Network) -> bool:
        """Whether the recurrent weights of ``network`` are what this dial has made of its base, and not the base."""
        if all(factor == 1.0 for factor in self._factors.values()):
            return False
        names = network.weights.keys()
        return all(name in names and np.array_equal(network.weights[name], made) for name, made in self._made.items())

    def base_radii(self, network: Network) -> dict[str, float]:
        """The spectral radius of each gate's block as it is without the dial."""
        if self.touched(network):
            return dict(self._radii)
        return {name: found.radius for name, found in recurrent_spectra(network, self.layer).items()}

    def turned(self, network: Network, radius: float, gate: str = "") -> Network:
        """``network`` with the spectral radius of one gate's block ('': of every block) at ``radius``."""
        check_range("The spectral radius", radius, 0.0, MAX_RADIUS)
        if not self.touched(network):
            self._radii = self.base_radii(network)
            self._base = recurrent_blocks(network, self.layer)
            self._factors = dict.fromkeys(self._base, 1.0)
        if gate and gate not in self._base:
            raise SpecError(f"There is no gate {gate!r}; choose one of {', '.join(self._base)}.")
        chosen = [gate] if gate else list(self._base)
        for name in chosen:
            if not self._radii[name] > 0:
                raise SpecError(_NOTHING_TO_SCALE)
        self._factors |= {name: radius / self._radii[name] for name in chosen}
        return self._with(network, self._factors)

    def back(self, network: Network) -> Network:
        """``network`` with the weights that the dial was first touched at; as it is where the dial was not touched."""
        if not self.touched(network):
            return network
        return self._with(network, dict.fromkeys(self._base, 1.0))

    def _with(self, network: Network, factors: dict[str, float]) -> Network:
        self._factors = factors
        self._made = {}
        for decoder in (False, True) if network.spec.decoder else (False,):
            own = [name for name in self._base if name.endswith(PRIME) == decoder]
            parts = [np.float64(factors[name]) * self._base[name] for name in own]
            name = f"weight_hh{weight_suffix(self.layer, decoder=decoder)}"
            self._made[name] = np.concatenate(parts).astype(network.dtype)
        return replace(network, weights=dict(network.weights) | self._made)
