"""Reading in parts, each from the states of the one before: what one trace of the whole sequence gives."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.advance import advance
from rnnviz.engine.network import initialise
from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.trace import trace

IDS = np.array([1, 2, 3, 0, 4, 2, 1])


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize("decoder", [False, True])
def test_parts_give_the_outputs_and_states_of_the_whole(cell: str, layers: int, decoder: bool) -> None:
    spec = ModelSpec(cell=cell, hidden=6, layers=layers, embedding=3, decoder=decoder)
    network = initialise(spec, 5, 5, 2).astype(np.float64)
    known = np.ones(len(IDS), np.bool_)
    whole = trace(network, EncodedSequence(tuple("abcdefg"), IDS, np.full(len(IDS), -1), known, switch=3 * decoder))
    state: dict = {}
    for begin, end in ((0, 3), (3, 4), (4, 7)):
        output = advance(network, network.encode(IDS[begin:end]), state, decoder=decoder and begin >= 3)
        np.testing.assert_allclose(output, whole.logits[end - 1], rtol=1e-12)
        assert list(state) == [layer.name for layer in whole.layers]
        for layer in whole.layers:
            hidden, cell_state = state[layer.name]
            np.testing.assert_allclose(hidden, layer.hidden[end - 1], rtol=1e-12)
            assert (cell_state is None) == (layer.cell is None) == (cell != "lstm")
            if layer.cell is not None:
                np.testing.assert_allclose(cell_state, layer.cell[end - 1], rtol=1e-12)
