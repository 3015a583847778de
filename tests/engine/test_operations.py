"""The inspector's lines: putting the terms through the pattern must give the values shown."""

from __future__ import annotations

import re

import numpy as np
import pytest

from rnnviz.engine.trace import step_detail, trace
from tests.engine.oracle import make_network, make_sequence

SPECS = [
    {"cell": "elman", "activation": "tanh"},
    {"cell": "elman", "activation": "relu"},
    {"cell": "elman", "activation": "sigmoid"},
    {"cell": "elman", "activation": "identity"},
    {"cell": "lstm"},
    {"cell": "gru"},
]
ORDER = {"elman": ["a", "h"], "lstm": ["f", "i", "o", "g", "c", "tanh_c", "h"], "gru": ["r", "z", "n", "h"]}
FUNCTIONS = {"σ": lambda x: 1 / (1 + np.exp(-x)), "tanh": np.tanh, "relu": lambda x: np.maximum(x, 0)}


def evaluate(pattern: str, terms) -> np.ndarray:
    """The pattern as arithmetic: its operators are Python's but for · and −."""
    expression = re.sub(r"\{(\d)\}", r"v[\1]", pattern).replace("·", "*").replace("−", "-").replace("σ", "sigma")
    names = {"sigma": FUNCTIONS["σ"], "tanh": FUNCTIONS["tanh"], "relu": FUNCTIONS["relu"]}
    return eval(expression, {"__builtins__": {}}, names | {"v": [term.values for term in terms]})


@pytest.fixture(params=SPECS, ids=str)
def traced(request: pytest.FixtureRequest):
    return trace(make_network(hidden=5, layers=2, bidirectional=True, gain=1.5, **request.param), make_sequence(6))


def test_every_line_adds_up(traced):
    for time_step in (1, 3, 6):
        for operations in step_detail(traced, time_step).layers.values():
            for operation in operations:
                found = evaluate(operation.pattern, operation.terms)
                np.testing.assert_allclose(found, operation.values, atol=1e-12, err_msg=operation.key)


def test_lines_come_in_the_order_of_computation_with_symbols_that_belong_together(traced):
    for operations in step_detail(traced, 2).layers.values():
        assert [operation.key for operation in operations] == ORDER[traced.network.spec.cell]
        for operation in operations:
            assert operation.equation.startswith(operation.symbol.split()[0])
            assert operation.pattern.count("{") >= len(operation.terms)
            for term in operation.terms:
                assert term.symbol.replace("tanh c_t", "tanh(c_t)") in operation.equation
                assert term.values.shape == (5,)


def test_kinds_bound_the_values(traced):
    bounds = {"gate": (0, 1), "signed": (-1, 1)}
    for operations in step_detail(traced, 4).layers.values():
        for operation in operations:
            low, high = bounds.get(operation.kind, (-np.inf, np.inf))
            assert np.all((operation.values >= low) & (operation.values <= high))


def test_numbers_are_slices_of_the_trace(traced):
    detail = step_detail(traced, 5)
    for name, operations in detail.layers.items():
        layer = traced.layer(name)
        shown = {operation.key: operation.values for operation in operations}
        assert np.shares_memory(shown["h"], layer.hidden)
        for gate, key in (("f", "f"), ("z", "z"), ("preactivation", "a")):
            if gate in layer.gates:
                assert np.shares_memory(shown[key], layer.gates[gate])
