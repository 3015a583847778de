"""A look-up is the product with a one-hot vector, and the nearest tokens are those of the closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest

from rnnviz.engine.embedding import nearest, similarities, token_table
from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import EMBEDDING, Network, initialise
from rnnviz.engine.spec import ModelSpec


def embedded(table):
    """A network with this embedding."""
    table = np.asarray(table, np.float64)
    made = initialise(ModelSpec(hidden=3, embedding=table.shape[1]), len(table), 2, 0).astype(np.float64)
    return Network(made.spec, made.input_size, made.output_size, {**made.weights, EMBEDDING: table})


@pytest.mark.parametrize("model", [{}, {"cell": "lstm"}, {"cell": "gru", "embedding": 4}, {"bidirectional": True}])
def test_a_row_is_the_product_of_the_one_hot_vector_and_the_weights(model):
    network = initialise(ModelSpec(hidden=5, **model), 7, 7, 3).astype(np.float64)
    table = token_table(network)
    one_hot = np.eye(7)
    if network.spec.embedding:
        np.testing.assert_array_equal(one_hot @ network.weights[EMBEDDING], table)
        np.testing.assert_array_equal(network.encode(np.arange(7)), table)
    else:
        np.testing.assert_array_equal(network.encode(np.arange(7)) @ network.weights["weight_ih_l0"].T, table)


def test_directions_at_known_angles():
    angles = [0.0, 30.0, 75.0, 180.0, 90.0]
    lengths = [1.0, 5.0, 0.01, 2.0, 1e200]  # a cosine knows no lengths, however large
    table = [
        [n * math.cos(math.radians(a)), n * math.sin(math.radians(a))] for n, a in zip(lengths, angles, strict=True)
    ]
    ids, cosines = nearest(embedded(table), 0, 3)
    assert ids.tolist() == [1, 2, 4]
    np.testing.assert_allclose(cosines, [math.sqrt(3) / 2, math.cos(math.radians(75)), 0], atol=1e-15)
    assert similarities(embedded(table), 0)[3] == pytest.approx(-1, abs=1e-15)
    ids, _ = nearest(embedded(table), 1, 99)
    assert ids.tolist() == [0, 2, 4, 3]  # 30°, 45°, 60°, 150°


def test_equal_rows_keep_the_order_of_the_vocabulary_and_zero_has_no_direction():
    ids, cosines = nearest(embedded([[0, 0], [1, 1], [2, 2], [3, 3]]), 2, 3)
    assert ids.tolist() == [1, 3, 0]
    np.testing.assert_allclose(cosines, [1, 1, 0], rtol=1e-15)
    assert similarities(embedded([[0, 0], [1, 1]]), 0).tolist() == [0, 0]


def test_what_is_not_there_is_refused():
    network = embedded([[1, 0], [0, 1]])
    for token in (-1, 2):
        with pytest.raises(SpecError, match="0 to 1"):
            similarities(network, token)
    with pytest.raises(SpecError, match="0 or more"):
        nearest(network, 0, -1)


@pytest.mark.parametrize("embedding", [0, 3])
def test_a_decoder_has_a_table_of_its_own_unless_both_share_an_embedding(embedding):
    network = initialise(ModelSpec(hidden=4, decoder=True, embedding=embedding), 6, 5, seed=1)
    encoder, decoder = token_table(network), token_table(network, decoder=True)
    expected = network.weights["embedding.weight"] if embedding else network.weights["weight_ih_l0_decoder"].T
    np.testing.assert_array_equal(decoder, expected)
    assert np.array_equal(encoder, decoder) is bool(embedding)
    cosines = similarities(network, 2, decoder=True)
    rows = np.asarray(expected, np.float64)
    plain = rows @ rows[2] / (np.linalg.norm(rows, axis=1) * np.linalg.norm(rows[2]))
    np.testing.assert_allclose(cosines, plain, atol=1e-6)
