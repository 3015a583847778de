"""Both sides of the gradient benchmarks make the same numbers: a fast wrong answer would win otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.bench import gradient
from rnnviz.bench.credit_map import sides
from rnnviz.bench.credit_map_limit import peak_bytes

CELLS = ("elman", "gru", "lstm")


@pytest.mark.parametrize("cell", CELLS)
def test_the_cell_loop_retains_the_gradients_that_the_sweep_gives(cell):
    ours, base = gradient.pair(cell, 12, 5, 0)
    hidden = base()[0][:, 0].numpy()
    assert hidden.shape == (11,)
    np.testing.assert_allclose(np.exp2(ours().layers[0].log2_hidden[:-1]), hidden, rtol=1e-4)


@pytest.mark.parametrize("cell", CELLS)
def test_both_autograd_maps_are_the_credit_map(cell):
    ours, graph = sides(cell, 9, 4, 0)
    lower = np.tril_indices(9)
    found = np.exp2(ours().log2)
    batched = graph.batched()[..., 0].numpy()
    np.testing.assert_allclose(found[lower], batched.T[lower], rtol=1e-4)
    for row, norms in enumerate(graph.passes()):
        assert norms.shape == (row + 1,)
        np.testing.assert_allclose(found[row, : row + 1], norms.numpy(), rtol=1e-4)


def test_the_peak_of_memory_counts_what_is_freed_again():
    assert 8e6 < peak_bytes(lambda: np.ones(1_000_000).sum()) < 9e6
