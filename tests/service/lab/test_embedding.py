"""The table of tokens through the real engine process."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.embedding import nearest, token_table
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.service import messages as wire


def ask(engine, run, text="hello", **fields):
    engine.send(wire.SetRun(run=run), wire.Unroll(text=text), wire.LookUp(request=9, **fields))
    return engine.wait((wire.LookedUp, wire.Refused), lambda reply: reply.request == 9)


@pytest.mark.parametrize(
    ("model", "parts"),
    [({}, []), ({"cell": "lstm"}, list("ifgo")), ({"cell": "gru"}, list("rzn")), ({"cell": "gru", "embedding": 4}, [])],
)
def test_the_row_of_the_token_at_the_cursor_and_its_neighbours(engine, model, parts):
    run = RunSpec(model=ModelSpec(hidden=6, **model))
    reply = ask(engine, run, time_step=2)
    task = make_task(run.task)
    network = initialise(run.model, task.input_size, task.output_size, run.training.seed)
    assert reply.tokens == list(task.vocabulary.tokens)
    assert reply.tokens[reply.token] == "e"
    np.testing.assert_array_equal(reply.table, token_table(network))
    np.testing.assert_array_equal(reply.row, token_table(network)[reply.token])
    ids, cosines = nearest(network, reply.token, 5)
    assert (reply.parts, reply.embedded) == (parts, "embedding" in model)
    assert reply.nearest.tolist() == ids.tolist()
    np.testing.assert_array_equal(reply.cosines, cosines)
    assert reply.limit == pytest.approx(0.8 * np.abs(token_table(network)).max())


def test_a_chosen_token_comes_before_the_cursor(engine):
    reply = ask(engine, RunSpec(), time_step=2, token=5)
    assert reply.token == 5
    assert "0 to 18" in ask(engine, RunSpec(), token=19).sentence


def test_there_may_be_no_token(engine):
    for reply in (
        ask(engine, RunSpec(), time_step=0),
        ask(engine, RunSpec(task=TaskSpec(name="dna")), "GX", time_step=2),
    ):
        assert reply.token == -1
        assert not reply.row.any()
        assert len(reply.nearest) == 0
    assert "numbers" in ask(engine, RunSpec(task=TaskSpec(name="series")), "0.1").sentence


def test_a_wide_table_comes_as_means_of_blocks(engine):
    run = RunSpec(model=ModelSpec(cell="lstm", hidden=128))
    reply = ask(engine, run, time_step=1)
    task = make_task(run.task)
    table = token_table(initialise(run.model, task.input_size, task.output_size, run.training.seed))
    assert len(reply.row) == 512
    np.testing.assert_allclose(reply.table, table.reshape(len(table), 256, 2).mean(axis=2), rtol=1e-5, atol=1e-7)
