"""A delay line remembers exactly as many tokens as it has blocks: the probe must find that edge."""

from __future__ import annotations

import numpy as np
import pytest

from rnnviz.engine import probe as engine_probe
from rnnviz.engine.errors import SpecError
from rnnviz.engine.network import Network, initialise
from rnnviz.engine.probe import probe
from rnnviz.engine.spec import ModelSpec, TaskSpec
from rnnviz.engine.tasks import make_task
from rnnviz.engine.tokens import UNKNOWN_TOKEN


def delay_line(task, blocks):
    """h_t = (x_t, x_{t-1}, ..., x_{t-blocks+1}): the state as a shift register, nothing else."""
    size = task.input_size
    hidden = blocks * size
    spec = ModelSpec(cell="elman", hidden=hidden, activation="identity")
    weights = {
        name: np.zeros_like(array) for name, array in initialise(spec, size, task.output_size, 0).weights.items()
    }
    weights["weight_ih_l0"][:size] = np.eye(size)
    weights["weight_hh_l0"][size:, :-size] = np.eye(hidden - size)
    return Network(spec, size, task.output_size, weights)


@pytest.mark.parametrize("blocks", [1, 3, 5])
def test_a_delay_line_is_read_out_exactly_as_far_as_it_reaches(blocks):
    task = make_task(TaskSpec(name="parity", length=40))
    result = probe(delay_line(task, blocks), task, range(8), sequences=400)
    inside, outside = result.accuracy[:blocks], result.accuracy[blocks:]
    assert (inside == 1).all()
    assert (np.abs(outside - 0.5) < 0.06).all()
    assert 0.45 < result.chance < 0.62


def test_a_distance_beyond_every_sequence_has_no_accuracy():
    task = make_task(TaskSpec(name="parity", length=6))
    result = probe(delay_line(task, 1), task, [0, 50], sequences=20)
    assert result.tokens[0] > 0
    assert result.tokens[1] == 0
    assert np.isnan(result.accuracy[1])


def test_it_is_deterministic_and_reads_both_directions():
    task = make_task(TaskSpec(name="next-char"))
    network = initialise(ModelSpec(cell="lstm", hidden=12, layers=2, bidirectional=True), task.input_size,
                         task.output_size, 3)  # fmt: skip
    first, second = (probe(network, task, [0, 1], sequences=16, seed=5) for _ in range(2))
    np.testing.assert_array_equal(first.accuracy, second.accuracy)
    lower = probe(network, task, [0], sequences=16, seed=5, layer="l0")
    assert lower.accuracy[0] != first.accuracy[0]


@pytest.mark.parametrize("chain", ["", "_decoder"])
def test_the_states_of_both_chains_are_read(chain):
    """A chain whose weights are 0 has states that know nothing of what was read: k = 0 is lost on its steps alone."""
    task = make_task(TaskSpec(name="translation"))
    spec = ModelSpec(cell="elman", hidden=48, decoder=True)
    network = initialise(spec, task.input_size, task.output_size, 1)
    names = [f"{kind}_l0{chain}" for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]
    weights = {name: np.zeros_like(array) if name in names else array for name, array in network.weights.items()}
    blank = Network(spec, task.input_size, task.output_size, weights)
    whole, part = (probe(each, task, [0], sequences=60).accuracy[0] for each in (network, blank))
    assert part < whole - 0.1


@pytest.mark.parametrize(("arguments", "word"), [({"sequences": 1}, "at least 2"), ({"distances": [-1]}, "from 0 on")])
def test_bad_questions_are_refused(arguments, word):
    task = make_task(TaskSpec(name="parity"))
    with pytest.raises(SpecError, match=word):
        probe(delay_line(task, 1), task, **({"distances": [0]} | arguments))


@pytest.fixture
def halves(monkeypatch):
    """What the probes of a test were fitted to and judged on: two lists of sequences as tuples of ids."""
    seen = []
    original = engine_probe._accuracy

    def watched(fitting, judging, *rest):
        seen[:] = [[tuple(ids.tolist()) for _, ids in half] for half in (fitting, judging)]
        return original(fitting, judging, *rest)

    monkeypatch.setattr(engine_probe, "_accuracy", watched)
    return seen


@pytest.mark.parametrize(
    "name", ["a-n-b-n", "reber", "parity", "generate", "word-labels", "next-char", "dna", "translation"]
)
def test_no_sequence_is_judged_that_was_fitted_to(name, halves):
    task = make_task(TaskSpec(name=name))
    network = initialise(ModelSpec(hidden=4, decoder=name == "translation"), task.input_size, task.output_size, 0)
    result = probe(network, task, [0], sequences=128)
    fitted, judged = halves
    assert not set(fitted) & set(judged)
    assert len(set(judged)) == len(judged) == result.judged
    assert len(set(fitted)) == len(fitted) == result.fitted
    # Of a^n b^n there are no more than ten strings of up to 20 signs.
    assert (result.fitted, result.judged) == ((5, 5) if name == "a-n-b-n" else (64, 64))
    again = probe(network, task, [0], sequences=128)
    np.testing.assert_array_equal(again.accuracy, result.accuracy)
    assert halves == [fitted, judged]


def test_the_probe_of_a_text_is_judged_on_the_part_that_is_held_out(halves):
    """Two different pieces of one text may share all but a word."""
    task = make_task(TaskSpec(name="next-word"))
    network = initialise(ModelSpec(hidden=4), task.input_size, task.output_size, 0)
    probe(network, task, [0], sequences=64)
    tens = [{row[at : at + 10] for row in half for at in range(len(row) - 9)} for half in halves]
    assert all(len(each) > 50 for each in tens)
    assert not tens[0] & tens[1]  # phrases of eight words do come again in the text


def test_a_sentence_with_dropped_words_is_not_another_one(halves):
    task = make_task(TaskSpec(name="word-labels"))
    network = initialise(ModelSpec(hidden=4), task.input_size, task.output_size, 0)
    probe(network, task, [0], sequences=128)
    assert all(len(half) == 64 for half in halves)
    unknown = task.vocabulary.tokens.index(UNKNOWN_TOKEN)
    assert any(unknown in row for row in task.batch(np.random.default_rng(0), 200).ids)
    assert not any(unknown in row for half in halves for row in half)


def test_with_one_sequence_nothing_is_judged():
    task = make_task(TaskSpec(name="a-n-b-n", length=2))
    network = initialise(ModelSpec(hidden=4), task.input_size, task.output_size, 0)
    result = probe(network, task, [0, 1])
    assert (result.fitted, result.judged, result.tokens.tolist()) == (1, 0, [0, 0])
    assert np.isnan(result.accuracy).all()
    assert result.chance == 0.5
