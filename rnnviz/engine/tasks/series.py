"""A series of numbers: at every time step, predict the next one."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from rnnviz.engine.errors import SpecError
from rnnviz.engine.tasks.apart import ALL_REPEATED, LEAST_COMPARED, new_windows
from rnnviz.engine.tasks.numbers import (
    NumberTask,
    number_batch,
    number_sequence,
    read_numbers,
    shown,
    typed_words,
)
from rnnviz.engine.tasks.series_data import (
    DELAYS,
    TAU,
    mackey_glass,
    noisy_steps,
    place_in,
    read_column,
    sine_mixtures,
    sines_after,
    sines_repeated,
    sines_through,
    steps_repeated,
)
from rnnviz.engine.tasks.series_kinds import CHAOTIC, SERIES, named_series, series_kind
from rnnviz.engine.tasks.typed_numbers import LARGEST_LEARNED, decimals, number_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from rnnviz.engine.sequence import EncodedSequence
    from rnnviz.engine.spec import TaskSpec
    from rnnviz.engine.tasks.base import Batch, Floats, Ids

DRAWN: dict[str, Callable[[np.random.Generator, int, int], Floats]] = {"sines": sine_mixtures, "steps": noisy_steps}
REPEATED = {"sines": sines_repeated, "steps": steps_repeated}
CHAOTIC_NUMBERS = 3000
HELD_OUT_FROM = 200
"""Numbers; a shorter series of the user's own is learned as a whole."""
JUDGED = 500
READING_NOISE = 0.03
"""Of the sines in training: a network that never met an error goes astray as soon as it reads its own predictions."""
EXAMPLE_LENGTH = 24
REMEMBERED, REMEMBERED_LENGTH = 64, 700
"""Of the noisy steps so many examples, with what follows them, can be told from their first numbers."""
DIGITS = 2
"""Decimals of an example, where the numbers are of the size of 1."""


class Series(NumberTask):
    """Predict the next number of a series; the baseline repeats the last one.

    Its squared error is the expected one where there is a closed form (sines, steps), else measured on held-out data.

    ``TaskSpec.text`` chooses the series: nothing or ``sines`` (two sines of fixed periods, every sequence drawn afresh
    and, in training, read with a little noise), ``steps`` (noisy steps, drawn afresh), ``mackey-glass`` (one chaotic
    series; ``mackey-glass 30`` has another delay τ), or the user's own column of numbers. Of a single series the last
    tenth is held out (of the user's own those windows that stand nowhere before it), and the network reads it with mean
    0 and standard deviation 1 (:attr:`offset`, :attr:`scale`); losses are in these units.

    Measured over 5 seeds, held-out squared error of the default after 1,500 steps (9 s) against the baseline: sines
    0.0015 to 0.0017 (0.057), Mackey-Glass 0.0040 to 0.0042 (0.183), noisy steps 0.070 to 0.071 (0.100, most of it
    noise that nobody can predict). Running freely, the sines' error after 30 steps is 0.02 to 0.07 (standard deviation
    of the sines: 0.5); trained without noise it was 0.08 to 0.19 (2 seeds). Over 24 held-out sequences and 3 seeds,
    half of the forecasts stay within 0.4 standard deviations of the truth for 48 to 200 steps (sines, 200 is the end),
    46 to 65 steps (Mackey-Glass, so 140 to 195 time units; error after 90 units 0.12 to 0.23 standard deviations) and
    1 to 2 steps (noisy steps, which nobody can foresee).
    """

    name = "series"
    title = "Time series"
    sentence = "The network reads a series of numbers and predicts, at every step, the next one."
    pattern = "transducer"
    example = "0.00 0.41 0.70 0.80 0.69 0.46 0.20 0.02 0.00 0.14 0.36 0.57 0.65 0.53 0.24 -0.17 -0.57 -0.84 -0.91 -0.77"
    default_length = 60
    default_model: ClassVar[Mapping[str, Any]] = {"cell": "gru", "hidden": 24}
    default_steps = 1500
    channels = ("x",)
    outputs = ("next x",)
    tolerance = 0.1
    ahead = 1

    def __init__(self, spec: TaskSpec) -> None:
        super().__init__(spec)
        self.baseline_label = "last value"
        self._learned: Floats | None = None
        self._held_out: Floats | None = None
        self._starts: Ids | None = None
        kind = series_kind(spec.text)
        self._draw = DRAWN.get(kind)
        if self._draw is None:
            made = mackey_glass(CHAOTIC_NUMBERS, tau=delay_of(spec.text)) if kind == CHAOTIC else None
            self._take(self._own(spec.text or "") if made is None else made, own=made is None)
        self.baseline = REPEATED[kind]() if kind in REPEATED else self._repeated()
        if self._draw is not sine_mixtures:
            vars(self)["example"] = self.another_example(0)  # each series has its own, unlike other tasks

    def _own(self, text: str) -> Floats:
        numbers, self.notes = read_column(text)
        if len(numbers) < 3:
            names = ", ".join(SERIES)
            many = "1 number" if len(numbers) == 1 else f"{len(numbers)} numbers"
            raise SpecError(f"The series to learn has {many}; give a column of at least 3, or one of {names}.")
        if (largest := float(np.abs(numbers).max())) > LARGEST_LEARNED:
            raise SpecError(f"The series holds {largest:.3g}; give numbers up to ±{LARGEST_LEARNED:g}.")
        return numbers

    def _take(self, series: Floats, *, own: bool) -> None:
        """Split a single series and bring it to mean 0 and standard deviation 1 (of the part that is learned)."""
        kept = len(series) - (len(series) // 10 if len(series) >= HELD_OUT_FROM else 0)
        if own and kept < len(series):
            starts = new_windows(series[:kept], series[kept:-1], self.length)
            if len(starts):
                self._starts = starts
            else:
                kept, self.notes = len(series), (*self.notes, ALL_REPEATED.format("series"))
        self.offset, self.scale = float(series[:kept].mean()), float(series[:kept].std()) or 1.0
        scaled = (series - self.offset) / self.scale
        self._learned, self._held_out = scaled[:kept], scaled[kept:] if kept < len(series) else None

    def _repeated(self) -> float:
        """The squared error of repeating the last number, on held-out data (its own where nothing is held out)."""
        rng = np.random.default_rng(0)
        batch = self.validation_batch(rng, JUDGED) or self.batch(rng, JUDGED)
        return self.score(np.asarray(batch.inputs), batch)

    def encode(self, text: str) -> EncodedSequence:
        """Each step's answer is the next number; the last has none, since nothing typed follows it."""
        words, notes = typed_words(text)
        found = read_numbers(words, self.offset, self.scale)
        values = (found.values[:, None] - self.offset) / self.scale
        wanted = np.full_like(values, np.nan)
        wanted[:-1] = values[1:]
        tokens = [shown(word) for word in words]
        return number_sequence(tokens, values, wanted, found.known, (*notes, *found.notes))

    def continuation(self, encoded: EncodedSequence, steps: int) -> Floats:
        """The same sines further on, or what follows in the one series; nothing where other numbers are typed."""
        none = np.zeros((0, 1))
        if encoded.values is None or not encoded.known.all():
            return none
        typed = self.in_units(encoded.values)[:, 0]
        tolerance = 0.51 * 10.0 ** -max(map(decimals, encoded.tokens), default=0)
        if self._draw is sine_mixtures:
            found = sines_through(typed, 1.5 * tolerance)
            return none if found is None else sines_after(found, len(typed), steps)[:, None]
        for series in self._known_series():
            place = place_in(series, typed, tolerance + 1e-9 * self.scale)
            if place is not None:
                return np.asarray(series[place + len(typed) :][:steps, None])
        return none

    def _known_series(self) -> Sequence[Floats]:
        """The one series in its own units, or the examples of the noisy steps."""
        return _remembered() if self._learned is None else (self._whole,)

    @cached_property
    def _whole(self) -> Floats:
        assert self._learned is not None
        parts = (self._learned,) if self._held_out is None else (self._learned, self._held_out)
        return self.in_units(np.concatenate(parts))

    @cached_property
    def spread(self) -> float:
        """The standard deviation of the series in its own units: an error of this size says nothing."""
        if self._draw is None:
            return self.scale
        return float(self._draw(np.random.default_rng(1), JUDGED, self.length).std())

    def trials(self, rng: np.random.Generator, count: int, ahead: int) -> Floats:
        """Different sequences ``(count, length + ahead)`` to read and predict.

        They are fewer or shorter where little is held out. A place counts where some training window in it is new.
        Raises SpecError where nothing is held out.
        """
        length = self.length + ahead
        if self._draw is not None:
            return self._draw(rng, count, length)
        if self._held_out is None:
            raise SpecError(
                "Nothing is held out of this series, so forecasts cannot be judged; give at least "
                f"{HELD_OUT_FROM} numbers, whose end does not repeat the rest."
            )
        length = min(length, len(self._held_out))
        places = np.arange(len(self._held_out) - length + 1)
        if self._starts is not None:
            reach = max(0, length - max(self.length, LEAST_COMPARED))
            ends = np.searchsorted(self._starts, places + reach, side="right")
            places = places[np.searchsorted(self._starts, places) < ends]
        starts = rng.permutation(places)[:count]
        return np.asarray(self._held_out[starts[:, None] + np.arange(length)])

    def another_example(self, seed: int) -> str:
        """Fresh sines or steps, or a piece of the one series, every other one from its held-out end."""
        rng = np.random.default_rng([seed, 13])
        if self._draw is sine_mixtures:
            return _written(sine_mixtures(rng, 1, EXAMPLE_LENGTH)[0], DIGITS)
        if self._learned is None:
            return _written(_remembered()[seed % REMEMBERED][:EXAMPLE_LENGTH], DIGITS)
        whole = self._whole
        length = max(2, min(EXAMPLE_LENGTH, len(whole) // 2))
        roomy = self._held_out is not None and len(self._held_out) >= 4 * length
        first = len(self._learned) if roomy and seed % 2 == 0 else 0
        start = int(rng.integers(first, max(first + 1, len(whole) - 2 * length)))
        digits = max(0, DIGITS - int(np.floor(np.log10(max(self.scale, 1e-9)) + 0.5)))
        return _written(whole[start : start + length], min(digits, 9))

    def batch(self, rng: np.random.Generator, size: int) -> Batch:
        """Draw sequences of ``length`` numbers, or windows at random places of the one series."""
        drawn = self._windows(self._learned, rng, size)
        if self._draw is not sine_mixtures or drawn.inputs is None:
            return drawn
        return replace(drawn, inputs=drawn.inputs + READING_NOISE * rng.standard_normal(drawn.inputs.shape))

    def validation_batch(self, rng: np.random.Generator, size: int) -> Batch | None:
        """Draw fresh sequences, or windows of the held-out end; None where there is none."""
        if self._draw is None and self._held_out is None:
            return None
        return self._windows(self._held_out, rng, size, self._starts)

    def _windows(self, series: Floats | None, rng: np.random.Generator, size: int, allowed: Ids | None = None) -> Batch:
        """Windows of ``series`` (from the ``allowed`` places), or drawn sequences where there is none."""
        if series is None:
            assert self._draw is not None
            found = self._draw(rng, size, self.length + 1)
        else:
            length = min(self.length, len(series) - 1)
            starts = rng.integers(0, len(series) - length if allowed is None else len(allowed), size=size)
            starts = starts if allowed is None else allowed[starts]
            found = series[starts[:, None] + np.arange(length + 1)]
        return number_batch(found[:, :-1, None], found[:, 1:, None])


@lru_cache(maxsize=1)
def _remembered() -> tuple[Floats, ...]:
    """The examples of the noisy steps, as long as any forecast looks ahead."""
    return tuple(
        noisy_steps(np.random.default_rng([seed, 14]), 1, REMEMBERED_LENGTH)[0].round(DIGITS)
        for seed in range(REMEMBERED)
    )


def delay_of(text: str | None) -> float:
    """The delay τ of ``mackey-glass`` or ``mackey-glass 30``; SpecError where that is none."""
    _, rest = named_series(text)
    delay = number_of(rest) if rest else TAU
    if delay is None or not DELAYS[0] <= delay <= DELAYS[1]:
        low, high = DELAYS
        raise SpecError(f"The delay of the Mackey-Glass series is {rest!r}; give {low} to {high}, such as 17.")
    return delay


def _written(values: Floats, digits: int) -> str:
    return " ".join(f"{value:.{digits}f}" for value in values)
