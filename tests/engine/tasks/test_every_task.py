"""What holds for every task on classes, whatever it teaches; the tasks on numbers are in test_number_tasks.py."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.engine.errors import SpecError
from rnnviz.engine.gradients import gradient_flow
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.sequence import EncodedSequence
from rnnviz.engine.spec import ModelSpec, TaskSpec
from rnnviz.engine.tasks import Batch, Task, make_task
from rnnviz.engine.tasks.held_out import batch_probabilities, held_out_batch, held_out_score
from rnnviz.engine.tasks.names import TITLES
from rnnviz.engine.trace import trace

EVERY_TASK = {name: make_task(TaskSpec(name=name)) for name in TITLES}
TASK_OF = {name: task for name, task in EVERY_TASK.items() if task.kind == "classes"}
WITH_DATA = ("next-char", "next-word", "sentiment", "word-labels", "generate", "translation")
EVERY = pytest.mark.parametrize("task", TASK_OF.values(), ids=TASK_OF)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def small_network(task: Task, seed: int, **fields: Any) -> Network:
    """An untrained network of three units that fits the task."""
    spec = ModelSpec(hidden=3, decoder=task.pattern == "encoder-decoder", **fields)
    return initialise(spec, task.input_size, task.output_size, seed)


def check_batch(task: Task, batch: Batch, size: int) -> None:
    """The shapes, the ranges, and that padding stands at the end and has no target."""
    assert batch.ids.shape == batch.targets.shape
    assert len(batch) == len(batch.ids) == size
    assert batch.ids.min() >= 0
    assert batch.ids.max() < task.input_size
    assert batch.targets.min() >= -1
    assert batch.targets.max() < task.output_size
    for row in range(size):
        steps = batch.row_length(row)
        assert 1 <= steps <= batch.ids.shape[1]
        assert (batch.targets[row, :steps] >= 0).any()
        assert (batch.targets[row, steps:] == -1).all()
        if task.pattern == "acceptor":
            assert (batch.targets[row, : steps - 1] == -1).all()
        elif task.pattern == "encoder-decoder":
            assert 0 < batch.switch < steps
            assert (batch.targets[row, : batch.switch] == -1).all()
        if task.end_class is not None:
            assert batch.targets[row, steps - 1] == task.end_class


@EVERY
def test_the_example_is_known_and_has_a_loss(task: Task) -> None:
    encoded = task.encode(task.example)
    assert encoded.known.all()
    assert (encoded.targets >= 0).any()
    assert encoded.notes == ()


@EVERY
def test_batches_have_the_promised_shapes(task: Task) -> None:
    check_batch(task, task.batch(rng(), 40), 40)


@EVERY
def test_batches_repeat_with_the_seed_and_differ_without(task: Task) -> None:
    first, again, other = (task.batch(rng(seed), 8) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first.ids, again.ids)
    np.testing.assert_array_equal(first.targets, again.targets)
    assert not np.array_equal(first.ids, other.ids)


@EVERY
def test_held_out_sequences_are_drawn_where_there_are_data(task: Task) -> None:
    batch = task.validation_batch(rng(), 30)
    assert (batch is not None) == (task.name in WITH_DATA) == (not task.makes_data)
    if batch is not None:
        check_batch(task, batch, 30)
        np.testing.assert_array_equal(batch.ids, task.validation_batch(rng(), 30).ids)


@EVERY
def test_an_untrained_network_is_scored_near_chance_and_a_perfect_one_perfectly(task: Task) -> None:
    batch = held_out_batch(task, rng(1), 20)
    assert batch is not None
    perfect = np.eye(task.output_size)[np.maximum(batch.targets, 0)]
    if task.name not in ("reber", "a-n-b-n"):  # their metric asks for all allowed signs, not for the one that came
        assert task.score(perfect, batch) == pytest.approx(0.0 if task.lower_is_better else 1.0)
        assert task.right(perfect, batch).all()
    wrong = np.roll(perfect, 1, axis=2)
    assert not task.right(wrong, batch).any()
    network = small_network(task, 0)
    score = held_out_score(network, task, rng(1), 20)
    assert score is not None
    if task.lower_is_better:
        assert score > 0.5 * task.score(np.full_like(perfect, 1 / task.output_size), batch)
    else:
        assert 0 <= score < 0.85


@EVERY
def test_batch_probabilities_are_those_of_the_trace(task: Task) -> None:
    network = small_network(task, 1, cell="gru")
    batch = task.batch(rng(2), 3)
    answers = batch_probabilities(network, batch)
    assert answers.shape == (*batch.ids.shape, task.output_size)
    for row in range(3):
        steps = batch.row_length(row)
        np.testing.assert_allclose(answers[row, :steps].sum(axis=1), 1, rtol=1e-5)
        assert (answers[row, steps:] == 0).all()
        sequence = EncodedSequence(
            ("",) * steps,
            batch.ids[row, :steps],
            batch.targets[row, :steps],
            np.ones(steps, np.bool_),
            switch=batch.switch,
        )
        np.testing.assert_array_equal(answers[row, :steps], trace(network, sequence).probabilities)


@pytest.mark.parametrize("embedding", [0, 3])
@EVERY
def test_a_text_of_unknown_signs_can_be_traced_and_differentiated(task: Task, embedding: int) -> None:
    encoded = task.encode("漢字 Ω 漢")
    assert not encoded.known.all()
    network = small_network(task, 0, embedding=embedding)
    traced = trace(network, encoded)
    assert np.isfinite(traced.logits).all()
    if traced.loss_steps:
        assert all(np.isfinite(gradient).all() for gradient in gradient_flow(traced).gradients.values())


@pytest.mark.parametrize("name", TASK_OF)
@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=40) | st.text(alphabet="abBTPSXVE>_01ACGT 2009.:→-=\t", max_size=40))
def test_anything_typed_is_encoded(name: str, text: str) -> None:
    task = TASK_OF[name]
    encoded = task.encode(text)
    assert len(encoded.tokens) == len(encoded.ids)
    assert (len(encoded) == 0) == (not text.strip())
    if len(encoded):
        assert encoded.ids.min() >= -1
        assert encoded.ids.max() < task.input_size
        assert encoded.targets.min() >= -1
        assert encoded.targets.max() < task.output_size
        assert 0 <= encoded.switch < len(encoded)
        assert (encoded.targets[: encoded.switch] == -1).all()


@pytest.mark.parametrize("name", [name for name, task in TASK_OF.items() if task.end_class is not None])
def test_what_is_fed_back_is_what_stood_there_in_the_data(name: str) -> None:
    task = TASK_OF[name]
    assert task.feeds is not None
    assert task.end_class is not None
    assert len(task.feeds) == task.output_size
    assert [index for index, fed in enumerate(task.feeds) if fed < 0] == [task.end_class]
    batch = task.batch(rng(3), 40)
    for row in range(40):
        steps = batch.row_length(row)
        wanted = batch.targets[row, batch.switch : steps - 1]
        assert [task.feeds[target] for target in wanted] == batch.ids[row, batch.switch + 1 : steps].tolist()
        assert task.vocabulary.tokens[batch.ids[row, steps - 1]] == task.output_labels[wanted[-1]]


@pytest.mark.parametrize("name", [name for name, task in EVERY_TASK.items() if task.makes_data and name != "dna"])
def test_a_task_that_makes_its_data_takes_no_text(name: str) -> None:
    with pytest.raises(SpecError, match="takes no text"):
        make_task(TaskSpec(name=name, text="abc"))
