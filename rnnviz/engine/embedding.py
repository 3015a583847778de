"""What a token is to a network: one row of a table, and its nearest tokens.

A one-hot vector times a matrix is a look-up: ``x W = W[k]`` where only ``x_k`` is 1. With an embedding the table is the
embedding itself; without one it is ``W_xhᵀ``: the first matrix already gives every token a vector of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import EMBEDDING

if TYPE_CHECKING:
    from rnnviz.engine.network import Network

    Array = np.ndarray[Any, np.dtype[Any]]


def token_table(network: Network, *, decoder: bool = False) -> Array:
    """The table (V, D) whose row is what a token gives: the embedding (V, E), or W_xhᵀ (V, gates · H) of layer l0.

    A decoder has a W_xh of its own, and shares the embedding.
    """
    if network.spec.embedding:
        return network.weights[EMBEDDING]
    return network.layer_weights("l0", decoder=decoder).ih.T


def similarities(network: Network, token: int, *, decoder: bool = False) -> Array:
    """The cosine of every token's row with that of ``token``: ``cos(a, b) = a · b / (‖a‖ ‖b‖)``, (V,) float64.

    A row of zeros has no direction; its cosine counts as 0. Raises SpecError.
    """
    table = token_table(network, decoder=decoder)
    if not 0 <= token < len(table):
        raise SpecError(f"The token is {token}; give an id from 0 to {len(table) - 1}.")
    # By its largest entry first, so that no square overflows or vanishes.
    largest = np.abs(table).max(axis=1, keepdims=True)
    scaled = np.divide(table, largest, out=np.zeros_like(table), where=largest > 0)
    norms = np.linalg.norm(scaled, axis=1)
    products = norms * norms[token]
    cosines = np.divide(scaled @ scaled[token], products, out=np.zeros_like(products), where=products > 0)
    inside: Array = np.clip(cosines, -1.0, 1.0).astype(np.float64)
    return inside


def nearest(network: Network, token: int, count: int, *, decoder: bool = False) -> tuple[Array, Array]:
    """The ids (K,) of the ``count`` tokens nearest to ``token`` by cosine, without itself, and the cosines (K,)."""
    if count < 0:
        raise SpecError(f"The number of nearest tokens is {count}; give 0 or more.")
    cosines = similarities(network, token, decoder=decoder)
    order = np.argsort(-cosines, kind="stable")
    found = order[order != token][:count]
    return found, cosines[found]
