"""The continuation through the real engine process: the draws, how they are written, what is refused."""

from __future__ import annotations

from itertools import islice

import numpy as np
import pytest

from rnnviz.engine.feeding import Feeding
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
    typed = task.encode(text)
    begin = int(typed.fed.argmax()) if typed.fed is not None and typed.fed.any() else len(typed)
    drawing = generate(network, typed.ids[:begin], sampling, seed=seed, feeds=task.feeds, switch=typed.switch)
    return task, list(islice(drawing, count))


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
    if task == "next-word":
        assert "  " not in text + "".join(reply.pieces)


@pytest.mark.parametrize("text", ["song", "song:", "song: "])
def test_behind_a_label_the_drawn_text_stands_after_a_colon(engine, text):
    run = RunSpec(task=TaskSpec(name="generate"), model=ModelSpec(cell="gru", hidden=8, embedding=4))
    reply = ask(engine, run, text, count=20, seed=3)
    made, steps = expected(run, text, 20, Sampling(), 3)
    drawn = [step.token for step in steps]
    assert reply.tokens == [made.output_labels[token] for token in drawn]
    whole = made.encode(text + "".join(reply.pieces))
    ended = drawn[-1] == made.end_class
    signs = [made.feeds[token] for token in (drawn[:-1] if ended else drawn)]
    while signs and made.vocabulary.tokens[signs[0]] == " ":
        del signs[0]  # a text does not begin with a blank
    assert whole.ids[1:].tolist() == signs
    assert (reply.pieces[-1] == "") == ended == reply.ended


@pytest.mark.parametrize("text", ["song: I stay", "song: I stay out too late"])
def test_a_wanted_text_is_not_read_and_nothing_can_be_put_behind_it(engine, text):
    run = RunSpec(task=TaskSpec(name="generate"), model=ModelSpec(cell="gru", hidden=8, embedding=4))
    reply = ask(engine, run, text, count=10)
    assert reply.tokens == ask(engine, run, "song", count=10).tokens
    assert reply.pieces == []


@pytest.mark.parametrize("text", ["Do you have a pet?", "Do you have a pet? → ¿Tienes", "we sing"])
def test_a_translation_is_drawn_by_the_decoder_and_is_no_continuation(engine, text):
    model = ModelSpec(cell="lstm", hidden=8, embedding=4, decoder=True)
    run = RunSpec(task=TaskSpec(name="translation"), model=model)
    reply = ask(engine, run, text, count=70, seed=1)
    made, steps = expected(run, text, 70, Sampling(), 1)
    assert reply.tokens == [made.output_labels[step.token] for step in steps]
    assert reply.pieces == []
    assert reply.ended == (reply.tokens[-1] == "<end>") == (len(reply.tokens) < 70)


def test_own_outputs_on_the_stage_are_not_read_as_if_they_were_typed(engine):
    engine.send(wire.SetRun(run=RunSpec()), wire.Unroll(text="hello", feeding=Feeding(own=True, count=6)))
    engine.send(wire.Generate(request=9, count=6, temperature=0.0))
    reply = engine.wait((wire.Generated, wire.Refused), lambda reply: reply.request == 9)
    trace = next(each for each in engine.passed if isinstance(each, wire.Unrolled) and len(each.tokens) == 11)
    assert reply.tokens == trace.tokens[5:], "greedy in both"


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
