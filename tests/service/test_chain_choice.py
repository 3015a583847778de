"""Which chain stands for the selected one in another network, and which way its losses reach."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.credit import credit_map
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.trace import trace
from rnnviz.service.chain_choice import chain_for, way_of
from tests.engine.oracle import make_network, make_sequence


@pytest.mark.parametrize(
    ("layers", "both", "wanted", "found"),
    [(2, True, "l1r", "l1r"), (2, True, "l1", "l1"), (1, True, "l1r", "l0r"), (2, False, "l1r", "l1"),
     (1, False, "l1r", "l0"), (3, False, "l2", "l2")],
)  # fmt: skip
def test_a_network_without_the_chain_shows_its_nearest(layers, both, wanted, found):
    assert chain_for(ModelSpec(layers=layers, bidirectional=both), wanted) == found


@pytest.mark.parametrize(("layers", "both"), [(1, False), (2, False), (1, True), (3, True)])
def test_the_way_is_where_the_credit_map_has_numbers(layers, both):
    network = make_network(cell="gru", hidden=4, layers=layers, bidirectional=both, gain=1.3)
    traced = trace(network, make_sequence(7))
    for name in network.layer_names:
        reached = np.isfinite(credit_map(traced, name).log2)
        before, behind = np.tril(reached, -1).any(), np.triu(reached, 1).any()
        assert way_of(network.spec, name) == {(True, False): "left", (False, True): "right"}.get(
            (before, behind), "both"
        )
