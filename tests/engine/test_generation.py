"""Feeding back step by step gives what unrolling over the whole text gives, and drawing follows the distribution."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from rnnviz.engine.errors import SpecError
from rnnviz.engine.generation import Sampling, generate
from rnnviz.engine.network import initialise
from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.spec import ModelSpec
from rnnviz.engine.trace import trace

TOKENS = 7


def network(**changes):
    return initialise(ModelSpec(hidden=9, **changes), TOKENS, TOKENS, 1).astype(np.float64)


@pytest.mark.parametrize(
    "model", [{}, {"cell": "lstm"}, {"cell": "gru", "layers": 2}, {"cell": "lstm", "embedding": 3, "layers": 2}]
)
def test_every_step_is_that_of_the_trace_of_the_whole_text(model):
    net = network(**model)
    steps = list(islice(generate(net, [1, 2, 3], seed=5), 12))
    ids = np.array([1, 2, 3, *(step.token for step in steps)])
    nothing = np.full(len(ids), -1)
    whole = trace(net, EncodedSequence(tuple(map(str, ids)), ids, nothing, np.ones(len(ids), bool)))
    for row, step in enumerate(steps, 2):
        np.testing.assert_allclose(step.probabilities, whole.probabilities[row], rtol=1e-12)
        for layer in whole.layers:
            np.testing.assert_allclose(step.hidden[layer.name], layer.hidden[row], rtol=1e-12, atol=1e-15)


def test_the_seed_decides_and_greedy_takes_the_best():
    first, same, other = (
        [step.token for step in islice(generate(network(), [0], seed=seed), 40)] for seed in (1, 1, 2)
    )
    assert first == same != other
    for step in islice(generate(network(), [0], Sampling(temperature=0)), 10):
        assert step.probabilities[step.token] == 1


def test_temperature_and_top_k_shape_the_distribution():
    logits = np.array([0.0, 1.0, 3.0, 2.0])
    plain = np.exp(logits) / np.exp(logits).sum()
    np.testing.assert_allclose(Sampling().distribution(logits), plain, rtol=1e-12)
    np.testing.assert_allclose(
        Sampling(temperature=2).distribution(logits), plain**0.5 / (plain**0.5).sum(), rtol=1e-12
    )
    np.testing.assert_allclose(Sampling(top_k=2).distribution(logits), [0, 0, *plain[2:] / plain[2:].sum()], rtol=1e-12)
    assert Sampling(temperature=1e-3).distribution(logits)[2] == pytest.approx(1)


def test_what_is_drawn_follows_the_distribution():
    """Chi-squared of 4,000 first tokens against their probabilities: far below what chance exceeds once in 10,000."""
    net = network()
    expected = next(iter(generate(net, [3]))).probabilities
    counts = np.bincount([next(generate(net, [3], seed=seed)).token for seed in range(4000)], minlength=TOKENS)
    chi_squared = ((counts - 4000 * expected) ** 2 / (4000 * expected)).sum()
    assert chi_squared < 27.9  # 6 degrees of freedom, p = 1e-4


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: generate(network(), []), "at least one token"),
        (lambda: generate(network(bidirectional=True), [0]), "use one direction"),
        (lambda: generate(initialise(ModelSpec(), 3, 4, 0), [0]), "both are the same"),
        (lambda: Sampling(temperature=-1), "from 0"),
        (lambda: Sampling(top_k=-1), "or 0 for all"),
        (lambda: Sampling().distribution(np.array([np.nan, 0])), "not finite"),
    ],
)
def test_what_cannot_be_generated_is_refused(make, words):
    with pytest.raises(SpecError, match=words):
        make()
