"""Outputs fed back: teacher forcing, own outputs, where they end, and that their trace is that of what was read."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine.errors import SpecError
from rnnviz.engine.feedback import LONGEST, answered, feed_back, feeds_itself, prompt_length
from rnnviz.engine.feeding import Feeding
from rnnviz.engine.generation import generate
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.spec import ModelSpec, TaskSpec
from rnnviz.engine.tasks import Task, make_task
from rnnviz.engine.tasks.base import PATTERNS, check_fits, fitted
from rnnviz.engine.tasks.names import TITLES
from rnnviz.engine.trace import trace

OWN = Feeding(own=True)
TYPED = {"next-char": "hello", "a-n-b-n": "aaa", "generate": "song", "translation": "I have a cat"}


def network_of(task: Task, **changes: object) -> Network:
    spec = fitted(ModelSpec(**{"cell": "gru", "hidden": 12, **changes}), task)
    return initialise(spec, task.input_size, task.output_size, 3)


@pytest.fixture(params=TYPED)
def task(request: pytest.FixtureRequest) -> Task:
    return make_task(TaskSpec(name=request.param))


def test_what_is_fed_is_the_greedy_output_of_the_step_before(task: Task) -> None:
    network = network_of(task)
    read = feed_back(network, task, task.encode(TYPED[task.name]), OWN)
    ran = trace(network, read)
    assert read.fed is not None
    assert read.fed.any()
    for row in np.flatnonzero(read.fed):
        chosen = int(ran.logits[row - 1].argmax())
        assert task.feeds[chosen] == read.ids[row]
        assert read.tokens[row] == task.output_labels[chosen]
    last = int(ran.logits[-1].argmax())
    ended = task.end_class is not None and last == task.end_class
    assert ended or read.fed.sum() == (LONGEST if task.end_class is not None else OWN.count)


def test_the_text_itself_is_read_as_it_was_typed(task: Task) -> None:
    typed = task.encode(TYPED[task.name])
    read = feed_back(network_of(task), task, typed, OWN)
    begin = {"next-char": 5, "a-n-b-n": 3, "generate": 1, "translation": 5}[task.name]
    assert prompt_length(typed) == begin
    assert len(read) > begin, "something was written"
    assert read.tokens[:begin] == typed.tokens[:begin]
    np.testing.assert_array_equal(read.ids[:begin], typed.ids[:begin])
    kept = min(len(typed), len(read))
    np.testing.assert_array_equal(read.targets[:kept], typed.targets[:kept])
    assert (read.targets[kept:] == -1).all()
    assert read.switch == typed.switch


@pytest.mark.parametrize("name", ["generate", "translation"])
def test_wanted_outputs_are_read_unless_own_ones_are_asked_for(name: str) -> None:
    task = make_task(TaskSpec(name=name))
    network, typed = network_of(task), task.encode(task.example)
    assert feed_back(network, task, typed, Feeding()) is typed
    assert not feeds_itself(task, typed, Feeding())
    own = feed_back(network, task, typed, OWN)
    assert own.tokens != typed.tokens
    assert feeds_itself(task, task.encode(TYPED["generate"] if name == "generate" else "I fly"), Feeding())


@pytest.mark.parametrize(
    ("name", "text", "read"),
    [
        ("next-char", "hello", 5), ("next-char", "", 0), ("generate", "song: I stay", 1),
        ("translation", "I have a cat → Tengo", 5),
    ],
)  # fmt: skip
def test_what_is_wanted_is_not_part_of_the_prompt(name: str, text: str, read: int) -> None:
    assert prompt_length(make_task(TaskSpec(name=name)).encode(text)) == read


def test_a_text_alone_is_continued_in_next_char_only_when_asked_for() -> None:
    task = make_task(TaskSpec(name="next-char"))
    typed = task.encode("hello")
    assert feed_back(network_of(task), task, typed, Feeding()) is typed
    assert len(feed_back(network_of(task), task, typed, Feeding(own=True, count=7))) == 12


def test_drawn_outputs_repeat_with_the_seed_and_are_those_of_generate() -> None:
    task = make_task(TaskSpec(name="generate"))
    network, typed = network_of(task), task.encode("song")
    drawn = [
        feed_back(network, task, typed, Feeding(own=True, temperature=1.0, seed=seed)).tokens for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]
    steps = generate(network, typed.ids, seed=1, feeds=task.feeds)
    first = [task.output_labels[next(steps).token] for _ in range(3)]
    assert list(drawn[0][1:4]) == first


def test_what_cannot_be_fed_back_is_left_alone() -> None:
    for name in ("parity", "sentiment", "adding", "flip-flop"):
        task = make_task(TaskSpec(name=name))
        typed = task.encode(task.example)
        assert feed_back(network_of(task, embedding=0), task, typed, OWN) is typed
    task = make_task(TaskSpec(name="next-char"))
    assert feed_back(network_of(task), task, task.encode(""), OWN).tokens == ()


@pytest.mark.parametrize("switch", [-1, 3, 9])
def test_a_prompt_that_leaves_the_decoder_nothing_is_refused(switch: int) -> None:
    network = initialise(ModelSpec(hidden=4, decoder=True), 5, 5, 1)
    with pytest.raises(SpecError, match="at least one for the decoder"):
        generate(network, [1, 2, 3], switch=switch)


def test_a_network_that_reads_from_the_end_cannot_go_on() -> None:
    task = make_task(TaskSpec(name="next-char"))
    with pytest.raises(SpecError, match="one direction"):
        feed_back(network_of(task, bidirectional=True), task, task.encode("hello"), OWN)


@pytest.mark.parametrize("name", TITLES)
def test_every_task_says_where_its_outputs_exist(name: str) -> None:
    task = make_task(TaskSpec(name=name))
    assert task.pattern in PATTERNS
    typed = task.encode(task.example)
    there = answered(task.pattern, len(typed), typed.switch)
    assert there[np.asarray(typed.targets) >= 0].all()
    assert there.sum() == {"acceptor": 1, "encoder-decoder": len(typed) - typed.switch}.get(task.pattern, len(typed))
    assert (typed.fed is None or not typed.fed.any()) == (task.pattern in ("acceptor", "transducer"))
    if task.feeds is not None:
        assert len(task.feeds) == task.output_size
        assert max(task.feeds) < task.input_size


def test_a_decoder_belongs_to_the_tasks_that_need_one() -> None:
    parity, translation = (make_task(TaskSpec(name=name)) for name in ("parity", "translation"))
    check_fits(ModelSpec(decoder=True), translation)
    check_fits(ModelSpec(), parity)
    with pytest.raises(SpecError, match="has no decoder"):
        check_fits(ModelSpec(), translation)
    with pytest.raises(SpecError, match="has a decoder"):
        check_fits(ModelSpec(decoder=True), parity)
    with pytest.raises(SpecError, match="one direction"):
        ModelSpec(decoder=True, bidirectional=True)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"temperature": -1.0}, "temperature"), ({"count": 0}, "number of tokens"), ({"top_k": -2}, "top-k")],
)
def test_what_is_out_of_range_is_one_sentence(wrong: dict[str, float], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        Feeding(**wrong)
