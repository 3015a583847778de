"""Columns of the inside view: any cell's operations read across, and the numbers still add up."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.trace import trace
from rnnviz.service.replies import inspected
from rnnviz.view.stage.inside_columns import in_words, make_columns


def operations(cell):
    task = make_task(TaskSpec(name="next-char"))
    spec = ModelSpec(cell=cell, hidden=6)
    network = initialise(spec, len(task.vocabulary), len(task.output_labels), 1)
    run = trace(network, task.encode("hello world"))
    return inspected(run, 5, tuple(task.output_labels), 0).layers["l0"]


def signs(content):
    return [(column.sign, column.symbol) for column in content.columns]


def test_lstm_reads_from_old_memory_to_hidden_state():
    content = make_columns(operations("lstm"))
    assert signs(content) == [
        ("", "c_{t-1}"), ("⊙", "f_t"), ("+", "i_t"), ("⊙", "g_t"), ("=", "c_t"), ("tanh", "tanh c_t"), ("⊙", "o_t"),
        ("=", "h_t"),
    ]  # fmt: skip
    assert [column.symbol for column in content.columns if column.parts] == ["f_t", "i_t", "g_t", "o_t"]
    assert content.captions[content.columns[0].group].startswith("keep")


def test_gru_shows_its_reset_gate_beside_the_blend():
    content = make_columns(operations("gru"))
    assert signs(content) == [
        ("", "r_t"), ("", "1 − z_t"), ("⊙", "n_t"), ("+", "h_{t-1}"), ("⊙", "z_t"), ("=", "h_t"),
    ]  # fmt: skip


def test_elman_shows_its_sum_and_its_function():
    content = make_columns(operations("elman"))
    assert [sign for sign, _ in signs(content)] == ["", "+", "+", "=", "tanh"]
    assert content.columns[-1].symbol == "h_t"


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_the_columns_compute_what_they_show(cell):
    columns = make_columns(operations(cell)).columns
    sums, product, previous = None, None, None
    for column in columns:
        if column.sign == "tanh":
            np.testing.assert_allclose(np.tanh(previous), column.values, atol=1e-6)
            sums, product = None, column.values
        elif column.sign == "=":
            result = product if sums is None else sums + product
            np.testing.assert_allclose(result, column.values, atol=1e-6)
            sums, product = None, column.values
        elif column.sign == "⊙":
            product = product * column.values
        elif column.sign == "+":
            sums = product if sums is None else sums + product
            product = column.values
        else:
            sums, product = None, column.values
        previous = column.values


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_parts_below_a_gate_sum_to_its_preactivation(cell):
    for column in make_columns(operations(cell)).columns:
        if column.parts is None:
            continue
        total = column.parts.total.astype(np.float64)
        value = np.tanh(total) if column.parts.function == "tanh" else 1 / (1 + np.exp(-total))
        np.testing.assert_allclose(value, column.values, atol=1e-5)


def test_words_give_the_gates_in_percent():
    listed = operations("lstm")
    forget = next(op for op in listed if op.key == "f")
    assert f"{100 * forget.values[2]:.0f}" in in_words(listed, 2)[0]
    assert len(in_words(operations("gru"), 0)) == 3
    assert len(in_words(operations("elman"), 0)) == 2


@pytest.mark.parametrize("cell", ["elman", "lstm", "gru"])
def test_a_chain_that_reads_from_the_end_starts_from_the_step_after(cell):
    made = operations(cell)
    forward, reverse = make_columns(made), make_columns(made, reverse=True)
    assert reverse.reverse
    assert [column.symbol for column in reverse.columns] == [
        column.symbol.replace("t-1", "t+1") for column in forward.columns
    ]
    assert all("t-1" not in text for text in (*reverse.captions, *(column.symbol for column in reverse.columns)))
    for one, other in zip(forward.columns, reverse.columns, strict=True):
        np.testing.assert_array_equal(one.values, other.values)
