"""Tasks on numbers: what a batch holds, what a typed text becomes, and baselines against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnviz.engine.credit import credit_map
from rnnviz.engine.errors import SpecError
from rnnviz.engine.gradients import gradient_flow
from rnnviz.engine.network import initialise
from rnnviz.engine.spec import ModelSpec, TaskSpec
from rnnviz.engine.tasks import Batch, make_task
from rnnviz.engine.tasks.flip_flop import last_pulses
from rnnviz.engine.tasks.held_out import batch_probabilities, held_out_batch, held_out_score
from rnnviz.engine.tasks.names import TITLES
from rnnviz.engine.tasks.series import Series
from rnnviz.engine.tasks.series_data import mackey_glass, noisy_steps, read_column, sine_mixtures
from rnnviz.engine.tasks.typed_numbers import decimals, number_of
from rnnviz.engine.trace import trace

SIZES = {"adding": (2, 1), "series": (1, 1), "flip-flop": (3, 3)}
TASK_OF = {name: make_task(TaskSpec(name=name)) for name in SIZES}
EVERY = pytest.mark.parametrize("task", TASK_OF.values(), ids=TASK_OF)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def series(text: str | None = None, length: int = 0) -> Series:
    task = make_task(TaskSpec(name="series", text=text, length=length))
    assert isinstance(task, Series)
    return task


def same(first: Batch, second: Batch) -> bool:
    pairs = [(first.inputs, second.inputs), (first.wanted, second.wanted), (first.lengths, second.lengths)]
    return all(one is other or np.array_equal(one, other, equal_nan=True) for one, other in pairs)


def test_these_are_the_tasks_on_numbers() -> None:
    assert [name for name in TITLES if make_task(TaskSpec(name=name)).kind == "numbers"] == list(SIZES)


@EVERY
def test_the_example_is_known_has_a_loss_and_a_gradient(task) -> None:
    assert (task.input_size, task.output_size) == SIZES[task.name]
    encoded = task.encode(task.example)
    assert encoded.known.all()
    assert encoded.notes == ()
    run = trace(initialise(ModelSpec(hidden=4), task.input_size, task.output_size, 0), encoded)
    assert run.loss_steps
    assert all(np.isfinite(gradient).all() for gradient in gradient_flow(run).gradients.values())
    assert credit_map(run).log2.shape[1] == len(run)


@EVERY
def test_batches_have_the_promised_shapes(task) -> None:
    batch = task.batch(rng(), 40)
    assert batch.inputs is not None
    assert batch.wanted is not None
    assert batch.inputs.shape == (40, task.length, task.input_size)
    assert batch.wanted.shape == (40, task.length, task.output_size)
    assert (batch.ids == -1).all()
    assert np.isfinite(batch.inputs).all()
    np.testing.assert_array_equal(batch.targets == 0, np.isfinite(batch.wanted).all(axis=2))
    for row in range(40):
        steps = batch.row_length(row)
        assert (batch.targets[row, steps:] == -1).all()
        last = batch.targets[row, :steps]
        assert last[-1] == 0
        assert (last[:-1] == (-1 if task.pattern == "acceptor" else 0)).all()


@EVERY
def test_batches_repeat_with_the_seed_and_differ_without(task) -> None:
    first, again, other = (task.batch(rng(seed), 8) for seed in (5, 5, 6))
    assert same(first, again)
    assert not same(first, other)


@EVERY
def test_a_part_of_a_batch_is_those_sequences(task) -> None:
    batch = task.batch(rng(1), 6)
    part = batch.part(slice(2, 4))
    assert len(part) == 2
    np.testing.assert_array_equal(part.inputs, batch.inputs[2:4])
    np.testing.assert_array_equal(part.targets, batch.targets[2:4])
    assert [part.row_length(row) for row in range(2)] == [batch.row_length(row) for row in (2, 3)]


@EVERY
def test_the_score_is_the_squared_error_and_what_is_near_is_right(task) -> None:
    batch = held_out_batch(task, rng(1), 20)
    assert batch is not None
    perfect = np.nan_to_num(batch.wanted)
    assert task.score(perfect, batch) == 0
    assert task.right(perfect, batch).all()
    assert task.score(perfect + 0.5, batch) == pytest.approx(0.25)
    assert not task.right(perfect + 1.01 * task.tolerance, batch).any()
    # What is answered where nothing is wanted does not count.
    noise = np.where((batch.targets == 0)[..., None], perfect, 1e3)
    assert task.score(noise, batch) == 0
    assert task.right(noise, batch).all()


@EVERY
def test_held_out_outputs_are_those_of_the_trace(task) -> None:
    network = initialise(ModelSpec(cell="gru", hidden=3), task.input_size, task.output_size, 1)
    batch = task.batch(rng(2), 3)
    outputs = batch_probabilities(network, batch)
    tokens = task.encode(task.example)
    assert outputs.shape == batch.wanted.shape
    state = np.zeros(3)
    weights = {name: array.astype(float) for name, array in network.weights.items()}
    for step, x in enumerate(batch.inputs[0, : batch.row_length(0)]):  # the GRU's equations, written out once more
        gi = weights["weight_ih_l0"] @ x + weights["bias_ih_l0"]
        gh = weights["weight_hh_l0"] @ state + weights["bias_hh_l0"]
        r, z = (1 / (1 + np.exp(-gi[k : k + 3] - gh[k : k + 3])) for k in (0, 3))
        state = (1 - z) * np.tanh(gi[6:] + r * gh[6:]) + z * state
        expected = weights["readout.weight"] @ state + weights["readout.bias"]
        np.testing.assert_allclose(outputs[0, step], expected, atol=1e-5)
    score = held_out_score(network, task, rng(1), 20)
    assert score is not None
    assert score > 0.5 * task.baseline
    assert len(tokens) > 3


@pytest.mark.parametrize("name", SIZES)
@settings(max_examples=40, deadline=None)
@given(text=st.text(max_size=40) | st.text(alphabet="0123456789.-+*,; e\n", max_size=60))
def test_anything_typed_is_encoded(name: str, text: str) -> None:
    task = TASK_OF[name]
    encoded = task.encode(text)
    assert encoded.values is not None
    assert encoded.values.shape == (len(encoded), task.input_size)
    assert np.isfinite(encoded.values).all()
    assert encoded.known.all() or encoded.notes
    assert all(token and token.isprintable() for token in encoded.tokens)
    assert len(encoded) or not text or encoded.notes


def test_long_texts_and_large_numbers_are_cut_and_told() -> None:
    encoded = TASK_OF["series"].encode("1 " * 6000)
    assert len(encoded) == 5000
    assert "cut after 5,000 numbers" in encoded.notes[0]
    assert TASK_OF["series"].encode("1e300 2").values.max() == 1e6
    assert "beyond" in TASK_OF["series"].encode("1e300 2").notes[0]


# ---- adding ------------------------------------------------------------------------------------


def test_the_adding_baseline_is_the_variance_of_a_sum_of_two_uniforms() -> None:
    task = TASK_OF["adding"]
    # E (a + b − 1)² over the unit square, by the midpoint rule with its exact remainder: var = 2 (1/12).
    middles = (np.arange(1000) + 0.5) / 1000
    square = np.square(middles[:, None] + middles - 1).mean() + 2 / 12 / 1000**2
    assert task.baseline == pytest.approx(square, rel=1e-9) == 1 / 6
    sums = task.batch(rng(), 40_000)
    sums = sums.wanted[np.isfinite(sums.wanted)]
    errors = (sums - 1) ** 2
    assert errors.mean() == pytest.approx(1 / 6, abs=4 * errors.std() / math.sqrt(len(errors)))
    assert ((sums - 0.95) ** 2).mean() > errors.mean() < ((sums - 1.05) ** 2).mean()


@pytest.mark.parametrize("length", [1, 2, 7, 30])
def test_two_values_are_marked_one_in_each_half_and_their_sum_is_wanted_at_the_end(length: int) -> None:
    batch = make_task(TaskSpec(name="adding", length=length)).batch(rng(3), 200)
    for row in range(200):
        steps = batch.row_length(row)
        assert max(2, length) >= steps >= max(2, max(2, length) // 2)
        values, marks = batch.inputs[row, :steps].T
        places = np.flatnonzero(marks)
        assert len(places) == 2
        assert places[0] < steps // 2 <= places[1]
        assert ((values >= 0) & (values < 1)).all()
        assert batch.wanted[row, steps - 1, 0] == pytest.approx(values[places[0]] + values[places[1]])
        assert (batch.inputs[row, steps:] == 0).all()


@pytest.mark.parametrize("text", ["0.2 0.4* 0.1 0.3*", "0.2;0.4 *;0.1;0.3 *", "0.2, 0.4 *, 0.1\n0.3*"])
def test_a_star_marks_a_typed_number(text: str) -> None:
    encoded = TASK_OF["adding"].encode(text)
    assert encoded.tokens == ("0.2", "0.4 *", "0.1", "0.3 *")
    np.testing.assert_array_equal(encoded.values, [[0.2, 0], [0.4, 1], [0.1, 0], [0.3, 1]])
    assert encoded.wanted[-1, 0] == pytest.approx(0.7)
    np.testing.assert_array_equal(encoded.targets, [-1, -1, -1, 0])
    assert encoded.notes == ()


def test_another_number_of_marks_is_told() -> None:
    three = TASK_OF["adding"].encode("1* 2* 3*")
    assert three.wanted[-1, 0] == 6
    assert "3 numbers are marked" in three.notes[0]
    one = TASK_OF["adding"].encode("1* 2 3")
    assert one.notes == ("1 number is marked with *, in training always two; it alone is wanted.",)
    assert one.wanted[-1, 0] == 1
    none = TASK_OF["adding"].encode("1 2 x")
    assert (none.targets == -1).all()
    assert "no loss" in none.notes[0]
    assert "first 'x'" in none.notes[1]
    np.testing.assert_array_equal(none.known, [True, True, False])


# ---- series ------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [None, "steps", "mackey-glass", "\n".join(str(k * k % 389) for k in range(400))])
def test_every_answer_is_the_next_number_and_the_baseline_repeats_the_last(text: str | None) -> None:
    task = series(text, 20)
    batch = task.validation_batch(rng(4), 500)
    np.testing.assert_array_equal(batch.inputs[:, 1:], batch.wanted[:, :-1])
    repeated = np.square(batch.wanted - batch.inputs).mean()
    assert task.baseline == pytest.approx(repeated, rel=0.15)
    assert series(text, 20).baseline == task.baseline


@pytest.mark.parametrize(("text", "drawn", "closed"), [("sines", sine_mixtures, 0.05739), ("steps", noisy_steps, 0.1)])
def test_the_baseline_of_drawn_series_is_the_expected_one(text, drawn, closed) -> None:
    found = drawn(rng(8), 200_000, 6)
    squares = np.square(np.diff(found)).mean(axis=1)
    error = squares.std() / np.sqrt(len(squares))
    assert abs(squares.mean() - series(text).baseline) < 4 * error < 0.001
    assert series(text).baseline == pytest.approx(closed, abs=5e-6)


def test_what_is_counted_of_own_numbers_has_its_right_form() -> None:
    with pytest.raises(SpecError, match="has 1 number; give"):
        series("4\n")
    with pytest.raises(SpecError, match="has 2 numbers; give"):
        series("4\n5\n")


def test_a_mixture_of_two_sines_obeys_its_linear_recurrence() -> None:
    """Two sines of frequencies ω, φ: (1 − 2 cos ω L + L²)(1 − 2 cos φ L + L²) x = 0 with L one step back."""
    filters = [[1, -2 * np.cos(2 * np.pi / period), 1] for period in (10, 27)]
    for wave in sine_mixtures(rng(1), 5, 60):
        np.testing.assert_allclose(np.convolve(wave, np.convolve(*filters), mode="valid"), 0, atol=1e-12)
        assert 0.3 < np.abs(wave).max() < 1.4


def test_sines_are_read_with_noise_in_training_only() -> None:
    drawn = series(length=200).batch(rng(2), 200)
    noise = drawn.inputs[:, 1:] - drawn.wanted[:, :-1]
    assert noise.std() == pytest.approx(0.03, rel=0.02)


def test_noisy_steps_have_the_squared_differences_that_their_noise_and_jumps_make() -> None:
    x = noisy_steps(rng(2), 400, 500)
    # Twice the noise's variance, and at a jump the mean square of the difference of two U(−1, 1): 2/3.
    assert np.square(np.diff(x)).mean() == pytest.approx(2 * 0.2**2 + 0.03 * 2 / 3, rel=0.03)


def test_the_mackey_glass_series_solves_its_equation() -> None:
    """While the delayed value is still the constant c: x = F/γ + (c − F/γ) e^(−γt); later, against finer steps."""
    start = mackey_glass(6, transient=0.0)
    c, t = start[0], np.arange(6) * 3
    inflow = 0.2 * c / (1 + c**10)
    np.testing.assert_allclose(start, inflow / 0.1 + (c - inflow / 0.1) * np.exp(-0.1 * t), rtol=1e-7)
    coarse, fine = (mackey_glass(40, steps_per_unit=each, transient=0.0) for each in (2, 64))
    np.testing.assert_allclose(coarse, fine, atol=5e-3)
    assert np.ptp(fine) > 0.5
    x = mackey_glass(400)
    assert 0.2 < x.min() < 0.6
    assert 1.1 < x.max() < 1.5
    np.testing.assert_array_equal(x, mackey_glass(400))
    assert not np.array_equal(x, mackey_glass(400, 1))


def test_ones_own_column_is_scaled_and_its_end_held_out() -> None:
    numbers = rng(3).normal(50, 4, 300).round(3)
    task = series("\n".join(map(str, numbers)), 20)
    assert task.offset == pytest.approx(numbers[:270].mean())
    assert task.scale == pytest.approx(numbers[:270].std())
    scaled = (numbers - task.offset) / task.scale
    assert np.isin(task.batch(rng(), 200).inputs.round(9), scaled[:270].round(9)).all()
    assert np.isin(task.validation_batch(rng(), 200).inputs.round(9), scaled[270:].round(9)).all()
    typed = task.encode("50, 54")
    np.testing.assert_allclose(task.in_units(typed.values)[:, 0], [50, 54])
    np.testing.assert_allclose(task.in_units(typed.wanted[0]), [54])
    assert typed.tokens == ("50", "54")


def test_a_short_or_constant_series_is_learned_as_a_whole() -> None:
    task = series("1 2 3 4")
    assert task.validation_batch(rng(), 3) is None
    assert task.batch(rng(), 3).inputs.shape == (3, 3, 1)
    assert series("5 5 5 5").baseline == 0


def test_what_is_no_number_is_left_out_and_told() -> None:
    numbers, notes = read_column("day;level\n1;2.5\n2;oops\n\n3;−4\n7")
    np.testing.assert_array_equal(numbers, [2.5, -4, 7])
    assert "2 lines end with no number" in notes[0]
    assert "first line 1" in notes[0]
    assert "by their last one" in notes[1]
    with pytest.raises(SpecError, match="has 0 numbers; give a column of at least 3, or one of sines"):
        series("cosines")


# ---- flip-flop ---------------------------------------------------------------------------------


def test_the_answer_is_the_last_pulse_of_each_channel() -> None:
    batch = TASK_OF["flip-flop"].batch(rng(5), 50)
    memory = np.zeros((50, 3))
    for step in range(batch.inputs.shape[1]):
        now = batch.inputs[:, step]
        memory = np.where(now != 0, now, memory)
        np.testing.assert_array_equal(batch.wanted[:, step], memory)
    assert np.isin(batch.inputs, (-1, 0, 1)).all()
    assert (batch.inputs[:, 0] != 0).all()
    assert (batch.inputs[:, 1:] != 0).mean() == pytest.approx(0.1, abs=0.015)


def test_the_flip_flop_baseline_is_the_answers_variance() -> None:
    batch = TASK_OF["flip-flop"].batch(rng(6), 400)
    assert TASK_OF["flip-flop"].baseline == 1.0 == np.square(batch.wanted).mean()
    assert abs(batch.wanted.mean()) < 0.1


@pytest.mark.parametrize("text", ["+-+ 000 0+-", "1 -1 1; 0 0 0; 0 1 -1", "1,−1,1 000 0 1 -1"])
def test_pulses_are_typed_as_signs_or_numbers(text: str) -> None:
    encoded = TASK_OF["flip-flop"].encode(text)
    assert encoded.tokens == ("+−+", "000", "0+−")
    np.testing.assert_array_equal(encoded.values, [[1, -1, 1], [0, 0, 0], [0, 1, -1]])
    np.testing.assert_array_equal(encoded.wanted, [[1, -1, 1], [1, -1, 1], [1, 1, -1]])
    assert encoded.notes == ()


def test_a_line_that_had_no_pulse_yet_leaves_the_steps_without_loss() -> None:
    encoded = TASK_OF["flip-flop"].encode("+00 0+0 00- 0.2 0")
    np.testing.assert_array_equal(encoded.targets, [-1, -1, 0, 0])
    assert "2 of 3 numbers" in encoded.notes[0]
    assert encoded.tokens[-1] == "0.2 0 0"
    assert "nothing to remember" in TASK_OF["flip-flop"].encode("+00").notes[0]
    np.testing.assert_array_equal(last_pulses(np.array([[[0.4], [0.5], [-0.1]]])), [[[np.nan], [1], [1]]])


@pytest.mark.parametrize(
    ("word", "value", "places"),
    [
        ("0.25", 0.25, 2),
        ("−0,5", -0.5, 1),
        ("1e-5", 1e-5, 5),
        ("1.5e3", 1500.0, 0),
        ("7", 7.0, 0),
        ("2.50E-1", 0.25, 3),
    ],
)
def test_a_typed_number_and_how_exactly_it_is_given(word: str, value: float, places: int) -> None:
    assert number_of(word) == value
    assert decimals(word) == places


@pytest.mark.parametrize("word", ["", "1_0", "1e999", "nan", "1.2,3", "1,2,3", "hello", "1e"])
def test_what_is_no_number_is_none_and_has_no_exponent_to_stumble_over(word: str) -> None:
    assert number_of(word) is None
    assert decimals(word) >= 0
