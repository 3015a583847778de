"""The continuation through the real engine process: the draws, how they are written, what is refused."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from rnnviz.engine.generation import Sampling, generate
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, RunSpec, TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.service import messages as wire


def ask(engine, run, text, **fields):
    engine.send(wire.SetRun(run=run), wire.Unroll(text=text), wire.Generate(request=9, **fields))
    return engine.wait((wire.Generated, wire.Refused), lambda reply: reply.request == 9)


def expected(run, text, count, sampling, seed):
    task = make_task(run.task)
    network = initialise(run.model, task.input_size, task.output_size, run.training.seed)
    return task, list(islice(generate(network, task.encode(text).ids, sampling, seed=seed), count))


def test_tokens_and_their_distributions_are_the_engines(engine):
    run = RunSpec(model=ModelSpec(cell="lstm", hidden=6))
    reply = ask(engine, run, "hello", count=30, temperature=1.5, top_k=7, seed=4)
    task, steps = expected(run, "hello", 30, Sampling(1.5, 7), 4)
    assert reply.tokens == [task.output_labels[step.token] for step in steps]
    assert (reply.text, reply.temperature, reply.top_k, reply.seed) == ("hello", 1.5, 7, 4)
    assert len(set(reply.drawn.tolist())) > 1
    assert max(reply.drawn) == 5, "one was drawn that is not among the five best"
    for row, step in enumerate(steps):
        names, shares = reply.labels[row], reply.probabilities[row]
        assert names[reply.drawn[row]] == reply.tokens[row]
        np.testing.assert_array_equal(shares[:5], np.sort(step.probabilities)[::-1][:5])
        assert shares[reply.drawn[row]] == step.probabilities[step.token]
        assert len(names) == np.isfinite(shares).sum() <= 6


def test_more_tokens_begin_with_the_same(engine):
    few, many = (ask(engine, RunSpec(), "hello", count=count) for count in (3, 20))
    assert many.tokens[:3] == few.tokens
    np.testing.assert_array_equal(many.probabilities[:3, :5], few.probabilities[:, :5])
    greedy = ask(engine, RunSpec(), "hello", count=5, temperature=0.0)
    assert greedy.probabilities[:, 0].tolist() == [1.0] * 5
    assert greedy.drawn.tolist() == [0] * 5


@pytest.mark.parametrize(
    ("task", "text"),
    [("next-char", "hello"), ("next-word", "The old man"), ("next-word", "The old "), ("reber", "BT")],
)
def test_what_is_written_behind_the_text_is_read_as_the_same_tokens(engine, task, text):
    run = RunSpec(task=TaskSpec(name=task))
    reply = ask(engine, run, text, count=25, seed=2)
    made, steps = expected(run, text, 25, Sampling(), 2)
    whole = made.encode(text + "".join(reply.pieces))
    typed = len(made.encode(text).ids)
    assert whole.ids[typed:].tolist() == [step.token for step in steps]
    assert "  " not in text + "".join(reply.pieces) or task == "next-char"


@pytest.mark.parametrize(
    ("run", "text", "words"),
    [
        (RunSpec(task=TaskSpec(name="parity")), "101", "no next token"),
        (RunSpec(task=TaskSpec(name="word-labels")), "I like apples", "other signs"),
        (RunSpec(task=TaskSpec(name="series")), "0.1 0.2", "numbers"),
        (RunSpec(model=ModelSpec(bidirectional=True)), "hello", "bidirectional"),
        (RunSpec(), "", "at least one"),
    ],
)
def test_what_cannot_go_on_is_said(engine, run, text, words):
    reply = ask(engine, run, text)
    assert words in reply.sentence


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"temperature": -1.0}, "temperature"), ({"top_k": -1}, "top-k"), ({"count": 0}, "1 to 1000")],
)
def test_impossible_settings_are_refused(engine, fields, words):
    assert words in ask(engine, RunSpec(), "hello", **fields).sentence
